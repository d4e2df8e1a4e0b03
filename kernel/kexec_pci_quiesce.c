// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quiesce PCI in the crashing kernel, just before machine_kexec().
 *
 * The other CPUs are stopped, interrupts are off, the local APICs and the
 * timers are dead, and whatever brought the kernel down may have brought its
 * data structures down too.  So: no lock, no allocation, no printk, no list, no
 * pci_dev.  All that is known about the machine comes from an image made while
 * it was healthy; the image is validated before it is believed.
 *
 * Every loop has a bound, every loop over config space looks at the deadline,
 * every config access may fault without consequence.  Whatever goes wrong, the
 * caller jumps.  Steps are noinline, so that a backtrace says which one it was.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

/* Should the control block be corrupted: 5 GHz errs towards waiting longer. */
#define ASSUMED_TSC_KHZ		5000000

/* Time kept back for giving back and telling: 1/8 of the deadline. */
#define GIVE_BACK_SHIFT		3

/*
 * Linux gives pending transactions 0 + 100 + 200 + 400 ms per function
 * (pci_wait_for_pending_transaction()); here all share one wait.
 */
#define DRAIN_MS		100
#define DRAIN_POLL_US		100
#define DRAIN_MAX_POLLS		(DRAIN_MS * 1000 / DRAIN_POLL_US)

/* What makes a root port turn an error message into a system error. */
#define RTCTL_SYSTEM_ERROR	(PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE | \
				 PCI_EXP_RTCTL_SEFEE)
#define DEVCTL_REPORTING	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | \
				 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE)
#define AER_ROOT_INTERRUPTS	(PCI_ERR_ROOT_CMD_COR_EN |	\
				 PCI_ERR_ROOT_CMD_NONFATAL_EN |	\
				 PCI_ERR_ROOT_CMD_FATAL_EN)

/* Discard Timer Status is RW1C and shares Bridge Control: write it 0. */
#define BRIDGE_CONTROL_RW1C	0x0400

/* kexec_quiesce_masked.written: controls that were changed. */
#define MASKED_COMMAND		0x01
#define MASKED_BRIDGE_CONTROL	0x02
#define MASKED_DEVCTL		0x04
#define MASKED_RTCTL		0x08

struct kexec_quiesce_ctl kexec_quiesce_ctl;
struct kexec_quiesce_run kexec_quiesce_crash_run;

/* Told into when no image can be believed.  Within one page, so contiguous. */
struct kexec_quiesce_record kexec_quiesce_spare __aligned(256);

/* === Time === */

/**
 * kexec_quiesce_late() - whether a point in time has passed
 * @run: the run
 * @until: TSC, from @run
 *
 * Context: crash path.
 * Return: true if it has.
 */
__quiesce bool kexec_quiesce_late(const struct kexec_quiesce_run *run,
				  u64 until)
{
	/* A clock that jumped backwards must not give us forever. */
	return kexec_quiesce_arch_clock() - run->start >= until - run->start;
}

static __quiesce void begin_step(struct kexec_quiesce_run *run,
				 enum kexec_quiesce_step step)
{
	run->record->step = step;
	run->record->tsc[step] = kexec_quiesce_arch_clock();
}

static __quiesce void set_deadline(struct kexec_quiesce_run *run)
{
	u32 ms = READ_ONCE(kexec_quiesce_ctl.deadline_ms);
	u64 ticks;

	if (ms < KEXEC_QUIESCE_MIN_DEADLINE_MS)
		ms = KEXEC_QUIESCE_MIN_DEADLINE_MS;
	if (ms > KEXEC_QUIESCE_MAX_DEADLINE_MS)
		ms = KEXEC_QUIESCE_MAX_DEADLINE_MS;

	run->tsc_khz = READ_ONCE(kexec_quiesce_ctl.tsc_khz) ?: ASSUMED_TSC_KHZ;
	ticks = (u64)ms * run->tsc_khz;
	run->start = kexec_quiesce_arch_clock();
	run->until = run->start + ticks;
	run->work_until = run->until - (ticks >> GIVE_BACK_SHIFT);
}

/* === Config space === */

static __always_inline const struct kexec_quiesce_window *
window_of(const struct kexec_quiesce_run *run,
	  const struct kexec_quiesce_func *func)
{
	return func->window < run->nr_windows ? &run->windows[func->window] :
						NULL;
}

/**
 * kexec_quiesce_read() - read a register of a function
 * @run: the run, for windows and counts
 * @func: the function
 * @reg: register
 * @size: 2 or 4 bytes
 *
 * Context: crash path.
 * Return: the value; all ones if the function, or its window, is not there.
 */
__quiesce u32 kexec_quiesce_read(struct kexec_quiesce_run *run,
				 const struct kexec_quiesce_func *func, u16 reg,
				 unsigned int size)
{
	const struct kexec_quiesce_window *window = window_of(run, func);
	u32 value = size == 2 ? ALL_ONES_16 : ~0U;

	if (!window)
		return value;
	run->record->reads++;
	if (!kexec_quiesce_arch_read(window, func->bus, func->devfn, reg, size,
				     &value))
		run->record->faults++;
	return value;
}

static __quiesce void write_config(struct kexec_quiesce_run *run,
				   const struct kexec_quiesce_func *func,
				   u16 reg, unsigned int size, u32 value)
{
	const struct kexec_quiesce_window *window = window_of(run, func);

	if (!window || run->dry)
		return;
	run->record->writes++;
	if (!kexec_quiesce_arch_write(window, func->bus, func->devfn, reg, size,
				      value))
		run->record->faults++;
}

/*
 * Clear and set bits of a 16-bit control register, and say what was there.
 * @rw1c bits are always written 0: a status bit read as 1 would be cleared, and
 * with it the evidence of the crash.
 */
static __quiesce bool change(struct kexec_quiesce_run *run,
			     const struct kexec_quiesce_func *func, u16 reg,
			     u16 clear, u16 set, u16 rw1c, u16 *before)
{
	u16 value = kexec_quiesce_read(run, func, reg, 2);
	u16 wanted = (value & ~(clear | rw1c)) | set;

	*before = value & ~rw1c;
	if (value == ALL_ONES_16 || wanted == *before)
		return false;
	write_config(run, func, reg, 2, wanted);
	return true;
}

/* === Step 1: mask error reporting, and the interrupts of ports === */

/*
 * An error message goes upstream only through ports whose Bridge Control
 * forwards it (PCIe 7.5.1.3.10), so masking ports silences all that is below
 * them; what sits on a root bus by itself is masked itself.
 */
static __always_inline bool wants_mask(const struct kexec_quiesce_func *func)
{
	if (func->flags & (KEXEC_QUIESCE_F_EXCLUDE_USER |
			   KEXEC_QUIESCE_F_EXCLUDE_CLASS |
			   KEXEC_QUIESCE_F_GATED_ABOVE))
		return false;
	return func->flags & KEXEC_QUIESCE_F_BRIDGE ||
	       (func->flags & KEXEC_QUIESCE_F_ROOT_BUS && func->pcie_cap);
}

/*
 * These enables are set again by pciehp, the AER, DPC and PME services when
 * they probe in the capture kernel, so they are not given back.  Owned by
 * firmware, they are not ours to write.
 */
static __quiesce void mask_port_interrupts(struct kexec_quiesce_run *run,
					   const struct kexec_quiesce_func *func)
{
	u16 before;
	u32 command;

	if (func->flags & KEXEC_QUIESCE_F_HP_NATIVE)
		change(run, func, func->pcie_cap + PCI_EXP_SLTCTL,
		       PCI_EXP_SLTCTL_HPIE, 0, 0, &before);
	if (func->flags & KEXEC_QUIESCE_F_DPC_NATIVE && func->dpc_cap)
		change(run, func, func->dpc_cap + PCI_EXP_DPC_CTL,
		       PCI_EXP_DPC_CTL_INT_EN, 0, 0, &before);
	if (!(func->flags & KEXEC_QUIESCE_F_AER_NATIVE) || !func->aer_cap ||
	    func->port_type != PCI_EXP_TYPE_ROOT_PORT)
		return;
	command = kexec_quiesce_read(run, func,
				     func->aer_cap + PCI_ERR_ROOT_COMMAND, 4);
	if (command != ~0U && command & AER_ROOT_INTERRUPTS)
		write_config(run, func, func->aer_cap + PCI_ERR_ROOT_COMMAND, 4,
			     command & ~AER_ROOT_INTERRUPTS);
}

static __quiesce void mask_port(struct kexec_quiesce_run *run,
				const struct kexec_quiesce_func *func,
				struct kexec_quiesce_masked *masked)
{
	u16 rtctl = RTCTL_SYSTEM_ERROR;

	/* INTx Disable stays: pci_enable_device() clears it again. */
	if (change(run, func, PCI_COMMAND, PCI_COMMAND_SERR,
		   PCI_COMMAND_INTX_DISABLE, 0, &masked->command) &&
	    masked->command & PCI_COMMAND_SERR)
		masked->written |= MASKED_COMMAND;
	if (change(run, func, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR, 0,
		   BRIDGE_CONTROL_RW1C, &masked->bridge_control))
		masked->written |= MASKED_BRIDGE_CONTROL;
	if (!func->pcie_cap)
		return;
	if (func->flags & KEXEC_QUIESCE_F_PME_NATIVE)
		rtctl |= PCI_EXP_RTCTL_PMEIE;
	if (func->port_type == PCI_EXP_TYPE_ROOT_PORT &&
	    change(run, func, func->pcie_cap + PCI_EXP_RTCTL, rtctl, 0, 0,
		   &masked->rtctl) &&
	    masked->rtctl & RTCTL_SYSTEM_ERROR)
		masked->written |= MASKED_RTCTL;
	mask_port_interrupts(run, func);
}

static noinline __quiesce void mask_errors(struct kexec_quiesce_run *run)
{
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct kexec_quiesce_func *func = &run->funcs[i];
		struct kexec_quiesce_masked *masked = &run->masked[i];

		if (kexec_quiesce_late(run, run->work_until))
			return;
		if (!wants_mask(func))
			continue;
		if (func->flags & KEXEC_QUIESCE_F_BRIDGE)
			mask_port(run, func, masked);
		if (func->pcie_cap &&
		    change(run, func, func->pcie_cap + PCI_EXP_DEVCTL,
			   DEVCTL_REPORTING, 0, 0, &masked->devctl))
			masked->written |= MASKED_DEVCTL;
		if (masked->written)
			entry_of(run, i)->done |= KEXEC_QUIESCE_DID_MASK;
	}
}

/* === Step 2: bus mastering off === */

/* Whether a function is not ours to gate, and why. */
static __quiesce bool passed_over(const struct kexec_quiesce_run *run,
				  const struct kexec_quiesce_func *func,
				  struct kexec_quiesce_entry *entry)
{
	if (func->flags & KEXEC_QUIESCE_F_EXCLUDE_USER)
		tell(entry, KEXEC_QUIESCE_EXCLUDED, KEXEC_QUIESCE_BY_USER);
	else if (func->flags & KEXEC_QUIESCE_F_EXCLUDE_CLASS)
		tell(entry, KEXEC_QUIESCE_EXCLUDED, KEXEC_QUIESCE_BY_CLASS);
	else if (func->flags & KEXEC_QUIESCE_F_GATED_ABOVE)
		tell(entry, KEXEC_QUIESCE_UNTOUCHED, KEXEC_QUIESCE_BY_GATE);
	else if (func->flags & KEXEC_QUIESCE_F_BRIDGE)
		tell(entry, KEXEC_QUIESCE_UNTOUCHED, KEXEC_QUIESCE_BY_BRIDGE);
	else if (!window_of(run, func))
		tell(entry, KEXEC_QUIESCE_UNTOUCHED, KEXEC_QUIESCE_BY_WINDOW);
	else
		return false;
	return true;
}

/*
 * One write closes the gate for memory writes, MSIs among them, and for INTx,
 * which BME does not govern (PCIe 7.5.1.1.3).  MSI Enable is left alone: with
 * it off a device falls back to INTx (fda78d7a0ead).  Memory and I/O decode
 * stay on: Xen wrote 0 and lost machines.
 */
static __quiesce void gate(struct kexec_quiesce_run *run,
			   const struct kexec_quiesce_func *func,
			   struct kexec_quiesce_entry *entry, u16 command)
{
	u16 wanted = (command & ~PCI_COMMAND_MASTER) | PCI_COMMAND_INTX_DISABLE;
	u16 after;

	write_config(run, func, PCI_COMMAND, 2, wanted);
	/*
	 * The answer to a read may not pass posted writes (PCIe 2.4.1): it
	 * pushes what is still in the fabric out, and shows who refused.
	 */
	after = kexec_quiesce_read(run, func, PCI_COMMAND, 2);
	if (run->dry && after != ALL_ONES_16)
		after = wanted;

	entry->command_after = after;
	entry->done |= KEXEC_QUIESCE_DID_GATE;
	if (after == ALL_ONES_16)
		tell(entry, KEXEC_QUIESCE_REFUSED, KEXEC_QUIESCE_BY_VANISHING);
	else if (after & PCI_COMMAND_MASTER)
		tell(entry, KEXEC_QUIESCE_REFUSED, KEXEC_QUIESCE_BY_BME);
	else
		tell(entry, KEXEC_QUIESCE_QUIET, KEXEC_QUIESCE_BY_PLAN);
	if (after != ALL_ONES_16 && after & PCI_COMMAND_INTX_DISABLE)
		entry->done |= KEXEC_QUIESCE_DID_INTX;
}

static __quiesce void silence(struct kexec_quiesce_run *run,
			      const struct kexec_quiesce_func *func,
			      struct kexec_quiesce_entry *entry)
{
	u32 faults = run->record->faults;
	u16 command = kexec_quiesce_read(run, func, PCI_COMMAND, 2);
	bool intx = func->flags & KEXEC_QUIESCE_F_INTX &&
		    !(command & PCI_COMMAND_INTX_DISABLE);

	entry->command_before = command;
	entry->command_after = command;
	if (run->record->faults != faults) {
		tell(entry, KEXEC_QUIESCE_UNTOUCHED, KEXEC_QUIESCE_BY_WINDOW);
		return;
	}
	if (command == ALL_ONES_16) {
		tell(entry, KEXEC_QUIESCE_ABSENT,
		     func->flags & KEXEC_QUIESCE_F_OFFLINE ?
			     KEXEC_QUIESCE_BY_PLAN :
			     KEXEC_QUIESCE_BY_VANISHING);
		return;
	}
	entry->done |= KEXEC_QUIESCE_DID_READ;
	if (command & PCI_COMMAND_MASTER || intx)
		gate(run, func, entry, command);
	else
		tell(entry, KEXEC_QUIESCE_ALREADY_QUIET, KEXEC_QUIESCE_BY_PLAN);
}

static noinline __quiesce void stop_masters(struct kexec_quiesce_run *run)
{
	u64 before, now;
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct kexec_quiesce_func *func = &run->funcs[i];
		struct kexec_quiesce_entry *entry = entry_of(run, i);

		if (passed_over(run, func, entry))
			continue;
		before = kexec_quiesce_arch_clock();
		if (before - run->start >= run->work_until - run->start)
			continue;
		silence(run, func, entry);
		now = kexec_quiesce_arch_clock();
		entry->ticks = now - before;
	}
}

/* === Step 3: drain === */

/* Non-posted requests that were under way when the gate closed. */
static __quiesce bool pending(struct kexec_quiesce_run *run,
			      const struct kexec_quiesce_func *func,
			      struct kexec_quiesce_entry *entry)
{
	u16 status = kexec_quiesce_read(run, func,
					func->pcie_cap + PCI_EXP_DEVSTA, 2);

	if (status == ALL_ONES_16) {
		tell(entry, KEXEC_QUIESCE_REFUSED, KEXEC_QUIESCE_BY_VANISHING);
		return false;
	}
	if (!(status & PCI_EXP_DEVSTA_TRPND)) {
		tell(entry, KEXEC_QUIESCE_QUIET, KEXEC_QUIESCE_BY_PLAN);
		return false;
	}
	tell(entry, KEXEC_QUIESCE_REFUSED, KEXEC_QUIESCE_BY_PENDING);
	entry->done |= KEXEC_QUIESCE_DID_DRAIN;
	return true;
}

/*
 * Poll what was gated; later, only what is still pending.  How much is?  What
 * there was no time to ask must not pass for quiet.
 */
static __quiesce u32 poll_pending(struct kexec_quiesce_run *run, u64 until,
				  enum kexec_quiesce_reason which)
{
	u32 i, left = 0;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct kexec_quiesce_func *func = &run->funcs[i];
		struct kexec_quiesce_entry *entry = entry_of(run, i);

		if (!func->pcie_cap || entry->reason != which ||
		    !(entry->done & KEXEC_QUIESCE_DID_GATE))
			continue;
		if (kexec_quiesce_late(run, until)) {
			left++;
			if (which == KEXEC_QUIESCE_BY_PLAN)
				tell(entry, KEXEC_QUIESCE_REFUSED,
				     KEXEC_QUIESCE_BY_DEADLINE);
			continue;
		}
		left += pending(run, func, entry);
	}
	return left;
}

static __quiesce void pause_us(struct kexec_quiesce_run *run, u32 us, u64 until)
{
	u64 start = kexec_quiesce_arch_clock();
	u64 ticks = (u64)us * run->tsc_khz / 1000;

	/* ticks bounds the loop: relax takes one at the least. */
	for (; ticks; ticks--) {
		if (kexec_quiesce_late(run, until) ||
		    kexec_quiesce_arch_clock() - start >=
			    (u64)us * run->tsc_khz / 1000)
			return;
		kexec_quiesce_arch_relax();
	}
}

static noinline __quiesce void drain(struct kexec_quiesce_run *run)
{
	u64 until = kexec_quiesce_arch_clock() + (u64)DRAIN_MS * run->tsc_khz;
	u32 left, polls;

	if (until - run->start > run->work_until - run->start)
		until = run->work_until;

	left = poll_pending(run, run->work_until, KEXEC_QUIESCE_BY_PLAN);
	for (polls = 0; left && polls < DRAIN_MAX_POLLS; polls++) {
		if (run->dry || kexec_quiesce_late(run, until))
			return;
		pause_us(run, DRAIN_POLL_US, until);
		left = poll_pending(run, until, KEXEC_QUIESCE_BY_PENDING);
	}
}

/* === Step 6: give error reporting back === */

/* As found, but for the interrupts of ports. */
static __quiesce void give_back(struct kexec_quiesce_run *run,
				const struct kexec_quiesce_func *func,
				const struct kexec_quiesce_masked *masked,
				struct kexec_quiesce_entry *entry)
{
	if (masked->written & MASKED_DEVCTL)
		write_config(run, func, func->pcie_cap + PCI_EXP_DEVCTL, 2,
			     masked->devctl);
	if (masked->written & MASKED_RTCTL)
		write_config(run, func, func->pcie_cap + PCI_EXP_RTCTL, 2,
			     func->flags & KEXEC_QUIESCE_F_PME_NATIVE ?
				     masked->rtctl & ~PCI_EXP_RTCTL_PMEIE :
				     masked->rtctl);
	if (masked->written & MASKED_BRIDGE_CONTROL)
		write_config(run, func, PCI_BRIDGE_CONTROL, 2,
			     masked->bridge_control);
	if (masked->written & MASKED_COMMAND)
		write_config(run, func, PCI_COMMAND, 2,
			     masked->command | PCI_COMMAND_INTX_DISABLE);
	entry->done |= KEXEC_QUIESCE_DID_UNMASK;
}

/* Parents first, the order in which errors would travel the other way. */
static noinline __quiesce void unmask_errors(struct kexec_quiesce_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i > 0; i--) {
		const struct kexec_quiesce_func *func = &run->funcs[i - 1];
		struct kexec_quiesce_masked *masked = &run->masked[i - 1];

		if (!masked->written)
			continue;
		if (kexec_quiesce_late(run, run->until))
			return;
		give_back(run, func, masked, entry_of(run, i - 1));
		/* The write is posted: make sure that it has arrived. */
		kexec_quiesce_read(run, func, PCI_COMMAND, 2);
		masked->written = 0;
	}
}

/* === The routine === */

static __quiesce void use_image(struct kexec_quiesce_run *run,
				const struct kexec_quiesce_image *image)
{
	run->windows = (const void *)image + image->windows_offset;
	run->nr_windows = image->nr_windows;
	run->funcs = (const void *)image + image->funcs_offset;
	run->record = (void *)(unsigned long)image->record_virt;
	run->record_phys = image->record_phys;
	run->masked = (void *)run->record + image->record_bytes;
}

static __quiesce bool validate(struct kexec_quiesce_run *run,
			       unsigned int policy)
{
	enum kexec_quiesce_source source;
	const struct kexec_quiesce_image *image = kexec_quiesce_pick_image(run, &source);
	u32 nr;

	if (!image)
		return false;
	nr = image->nr_funcs;
	use_image(run, image);
	kexec_quiesce_begin_record(run, policy);
	kexec_quiesce_tell_origin(run->record, image, source);
	if (source == KEXEC_QUIESCE_FROM_RAW) {
		struct kexec_quiesce_func *scratch =
			(void *)(unsigned long)image->scratch_virt;

		run->funcs = scratch;
		nr = kexec_quiesce_walk(run, scratch, image->scratch_funcs);
	}
	kexec_quiesce_begin_entries(run, nr);
	return true;
}

static __quiesce void do_steps(struct kexec_quiesce_run *run)
{
	begin_step(run, KEXEC_QUIESCE_STEP_MASK);
	mask_errors(run);
	/* Endpoints before ports: HPE's 2019 capture kernels died of the reverse. */
	begin_step(run, KEXEC_QUIESCE_STEP_BUSMASTER);
	stop_masters(run);
	begin_step(run, KEXEC_QUIESCE_STEP_DRAIN);
	drain(run);
	/* What policies escalate and reset add belongs into these two. */
	begin_step(run, KEXEC_QUIESCE_STEP_RESET);
	begin_step(run, KEXEC_QUIESCE_STEP_HEADERS);
	begin_step(run, KEXEC_QUIESCE_STEP_UNMASK);
	unmask_errors(run);
}

/**
 * kexec_quiesce_run() - stop every PCI function that can be stopped
 * @run: empty but for @run->dry; the crash path has one of its own
 *
 * @run->record then points to the record; NULL if the policy is off.
 *
 * Context: crash path: the other CPUs stopped, interrupts off, called at most
 * once. Takes no lock, allocates nothing, prints nothing. With @run->dry also
 * in process context, under kexec_quiesce_lock().
 */
__quiesce void kexec_quiesce_run(struct kexec_quiesce_run *run)
{
	unsigned int policy = READ_ONCE(kexec_quiesce_ctl.policy);

	if (policy == KEXEC_QUIESCE_OFF)
		return;
	if (policy > KEXEC_QUIESCE_BUSMASTER)
		policy = KEXEC_QUIESCE_BUSMASTER;

	set_deadline(run);
	run->record = &kexec_quiesce_spare;
	run->record_phys = kexec_quiesce_ctl.spare_phys;
	kexec_quiesce_begin_record(run, policy);
	if (!validate(run, policy)) {
		kexec_quiesce_finish(run, KEXEC_QUIESCE_SKIPPED);
		return;
	}
	do_steps(run);
	kexec_quiesce_finish(run, KEXEC_QUIESCE_CLEAN);
}

/**
 * kexec_quiesce_abort() - give back and tell after a fault inside the routine
 * @run: the run that kexec_quiesce_run() did not come back from
 *
 * Context: crash path, as kexec_quiesce_run().
 */
__quiesce void kexec_quiesce_abort(struct kexec_quiesce_run *run)
{
	if (!run->record)
		return;
	unmask_errors(run);
	kexec_quiesce_finish(run, KEXEC_QUIESCE_ABORTED);
}

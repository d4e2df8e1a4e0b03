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
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

/* Should the control block be corrupted: 5 GHz errs towards waiting longer. */
#define ASSUMED_TSC_KHZ		5000000
#define MIN_TSC_KHZ		100000
#define MAX_TSC_KHZ		10000000

/* Time kept back for giving back and telling: 1/8 of the deadline. */
#define GIVE_BACK_SHIFT		3

/*
 * A config read takes about 1 us; one that times out, 50 us to 50 ms and more
 * (PCIe 7.5.3.16, Completion Timeout Value).
 */
#define SLOW_US			1000

#define STATUS_HARDWIRED	(PCI_STATUS_CAP_LIST | PCI_STATUS_66MHZ | \
				 PCI_STATUS_UDF | PCI_STATUS_FAST_BACK | \
				 PCI_STATUS_DEVSEL_MASK)

struct pciq_ctl pciq_ctl;
struct pciq_run pciq_crash_run;

/* Told into when no image can be believed.  Within one page, so contiguous. */
struct pciq_record pciq_spare __aligned(256);

/* === Time === */

/**
 * pciq_late() - whether a point in time has passed
 * @run: the run
 * @until: TSC, from @run
 *
 * Context: crash path.
 * Return: true if it has.
 */
__quiesce bool pciq_late(const struct pciq_run *run,
			 u64 until)
{
	/* A clock that jumped backwards must not give us forever. */
	return pciq_arch_clock() - run->start >= until - run->start;
}

static __quiesce void begin_step(struct pciq_run *run,
				 enum pciq_step step)
{
	run->record->step = step;
	run->record->tsc[step] = pciq_arch_clock();
}

static __quiesce void set_deadline(struct pciq_run *run)
{
	u32 ms = READ_ONCE(pciq_ctl.deadline_ms);
	u64 ticks;

	if (ms < PCIQ_MIN_DEADLINE_MS)
		ms = PCIQ_MIN_DEADLINE_MS;
	if (ms > PCIQ_MAX_DEADLINE_MS)
		ms = PCIQ_MAX_DEADLINE_MS;

	run->tsc_khz = READ_ONCE(pciq_ctl.tsc_khz);
	if (run->tsc_khz < MIN_TSC_KHZ || run->tsc_khz > MAX_TSC_KHZ)
		run->tsc_khz = ASSUMED_TSC_KHZ;
	ticks = (u64)ms * run->tsc_khz;
	run->start = pciq_arch_clock();
	run->until = run->start + ticks;
	run->work_until = run->until - (ticks >> GIVE_BACK_SHIFT);
}

/* === Config space === */

static __always_inline const struct pciq_window *
window_of(const struct pciq_run *run,
	  const struct pciq_func *func)
{
	if (func->window >= run->nr_windows ||
	    run->doubted[func->window / 32] & 1U << func->window % 32)
		return NULL;
	return &run->windows[func->window];
}

/**
 * pciq_read() - read a register of a function
 * @run: the run, for windows and counts
 * @func: the function
 * @reg: register
 * @size: 2 or 4 bytes
 *
 * Context: crash path.
 * Return: the value; all ones if the function, or its window, is not there.
 */
__quiesce u32 pciq_read(struct pciq_run *run,
			const struct pciq_func *func, u16 reg,
			unsigned int size)
{
	const struct pciq_window *window = window_of(run, func);
	u32 value = size == 2 ? ALL_ONES_16 : ~0U;

	if (!window)
		return value;
	run->record->reads++;
	if (!pciq_arch_read(window, func->bus, func->devfn, reg, size,
			    &value))
		run->record->faults++;
	else if (value == (size == 2 ? ALL_ONES_16 : ~0U))
		run->record->unanswered++;
	return value;
}

/**
 * pciq_write() - write a register of a function
 * @run: the run, for windows and counts
 * @func: the function
 * @reg: register
 * @size: 2 or 4 bytes
 * @value: what
 *
 * Context: crash path.
 * Return: whether it was written: a store that faults was never made.
 */
__quiesce bool pciq_write(struct pciq_run *run,
			  const struct pciq_func *func,
			  u16 reg, unsigned int size, u32 value)
{
	const struct pciq_window *window = window_of(run, func);

	if (!window)
		return false;
	run->record->writes++;
	if (pciq_arch_write(window, func->bus, func->devfn, reg, size,
			    value))
		return true;
	run->record->faults++;
	return false;
}

/**
 * pciq_change() - clear and set bits of a 16-bit control register
 * @run: the run, for windows and counts
 * @func: the function
 * @reg: register
 * @clear: bits to clear
 * @set: bits to set
 * @rw1c: bits that are always written 0: a status bit read as 1 would be
 *	cleared, and with it the evidence of the crash
 * @before: what was there, less @rw1c
 *
 * Context: crash path.
 * Return: whether something was written.
 */
__quiesce bool pciq_change(struct pciq_run *run,
			   const struct pciq_func *func,
			   u16 reg, u16 clear, u16 set, u16 rw1c,
			   u16 *before)
{
	u16 value = pciq_read(run, func, reg, 2);
	u16 wanted = (value & ~(clear | rw1c)) | set;

	*before = value & ~rw1c;
	if (value == ALL_ONES_16 || wanted == *before)
		return false;
	pciq_write(run, func, reg, 2, wanted);
	return true;
}

/* === Step 2: bus mastering off === */

/**
 * pciq_passed_over() - whether a function is not to be written, and why
 * @run: the run; the reason goes into the record
 * @i: index of the function
 *
 * What became of a port is in the record already, see kexec_pci_errors.c.
 *
 * Context: any, including the crash path.
 * Return: true if so.
 */
__quiesce bool pciq_passed_over(const struct pciq_run *run,
				u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_entry *entry = entry_of(run, i);

	if (func->flags & PCIQ_F_EXCLUDE_USER)
		tell(entry, PCIQ_EXCLUDED, PCIQ_BY_USER);
	else if (func->flags & PCIQ_F_EXCLUDE_CLASS &&
		 func->flags & PCIQ_F_INTX_USED)
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_INTX);
	else if (func->flags & PCIQ_F_EXCLUDE_CLASS)
		tell(entry, PCIQ_EXCLUDED, PCIQ_BY_CLASS);
	else if (run->work[i].state & STATE_ASLEEP)
		tell(entry, PCIQ_ABSENT, PCIQ_BY_SLEEP);
	else if (func->flags & PCIQ_F_UNREAD)
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_SLEEP);
	else if (!window_of(run, func))
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_WINDOW);
	else if (func->flags & PCIQ_F_PEER)
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_PEER);
	else
		return func->flags & PCIQ_F_BRIDGE;
	return true;
}

/**
 * pciq_tell_gated() - what becomes of a function whose BME is off
 * @func: the function
 * @entry: its entry
 * @command: its Command register
 * @outcome: if BME is all that matters
 *
 * BME governs neither INTx (PCIe 7.5.1.1.3) nor CXL.cache.
 *
 * Context: any, including the crash path.
 */
__quiesce void pciq_tell_gated(const struct pciq_func *func,
			       struct pciq_entry *entry,
			       u16 command,
			       enum pciq_outcome outcome)
{
	bool silent = command & PCI_COMMAND_INTX_DISABLE &&
		      !(func->flags & PCIQ_F_INTX_BROKEN);

	if (func->flags & PCIQ_F_CXL_CACHE)
		tell(entry, PCIQ_REFUSED, PCIQ_BY_CACHE);
	else if (func->flags & PCIQ_F_INTX_USED && !silent)
		tell(entry, PCIQ_REFUSED, PCIQ_BY_INTX);
	else
		tell(entry, outcome, PCIQ_BY_PLAN);
}

/*
 * One write closes the gate for memory writes, MSIs among them, and for INTx,
 * which BME does not govern (PCIe 7.5.1.1.3).  MSI Enable is left alone: with
 * it off a device falls back to INTx (fda78d7a0ead).  Memory and I/O decode
 * stay on: Xen wrote 0 and lost machines.
 */
static __quiesce void gate(struct pciq_run *run,
			   const struct pciq_func *func,
			   struct pciq_entry *entry, u16 command)
{
	u16 wanted = command & ~PCI_COMMAND_MASTER, after;

	if (func->flags & PCIQ_F_INTX)
		wanted |= PCI_COMMAND_INTX_DISABLE;
	pciq_write(run, func, PCI_COMMAND, 2, wanted);
	/*
	 * The answer to a read may not pass posted writes (PCIe 2.4.1): it
	 * pushes what is still in the fabric out, and shows who refused.
	 */
	after = pciq_read(run, func, PCI_COMMAND, 2);

	entry->command_after = after;
	entry->done |= PCIQ_DID_GATE;
	if (after == ALL_ONES_16) {
		tell(entry, PCIQ_REFUSED, PCIQ_BY_VANISHING);
		return;
	}
	if (after & PCI_COMMAND_INTX_DISABLE)
		entry->done |= PCIQ_DID_INTX;
	if (after & PCI_COMMAND_MASTER)
		tell(entry, PCIQ_REFUSED, PCIQ_BY_BME);
	else
		pciq_tell_gated(func, entry, after,
				PCIQ_QUIET);
}

/*
 * Whether a page of the window shows something else than the function whose it is.
 * After a stray write to a page table it may: memory that reads back quiet whatever
 * the function does, and is not ours to write to.  Status comes with Command, and
 * has bits that are hardwired (PCI 6.2.3, PCIe 7.5.1.1.4): they must be what they
 * were.
 */
static __quiesce bool is_memory(const struct pciq_func *func,
				u32 status_command)
{
	u16 hardwired = func->status & STATUS_HARDWIRED;
	u16 status = status_command >> 16;

	if (status_command == ~0U)
		return false;
	if (hardwired)
		return (status & STATUS_HARDWIRED) != hardwired;
	/* Not awake at capture, or found by a walk: it is in a list. */
	return func->pcie_cap && !(status & PCI_STATUS_CAP_LIST);
}

static __quiesce void silence(struct pciq_run *run,
			      const struct pciq_func *func,
			      struct pciq_entry *entry)
{
	u32 faults = run->record->faults;
	u32 word = pciq_read(run, func, PCI_COMMAND, 4);
	u16 command;
	bool intx;

	/* One answer may be wrong. */
	if (is_memory(func, word))
		word = pciq_read(run, func, PCI_COMMAND, 4);
	if (run->record->faults != faults || is_memory(func, word)) {
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_WINDOW);
		return;
	}
	command = word;
	intx = func->flags & PCIQ_F_INTX_USED &&
	       !(command & PCI_COMMAND_INTX_DISABLE);
	entry->command_before = command;
	entry->command_after = command;
	if (command == ALL_ONES_16) {
		tell_silent(func, entry);
		return;
	}
	entry->done |= PCIQ_DID_READ;
	if (command & PCI_COMMAND_MASTER &&
	    func->flags & PCIQ_F_FIRMWARE_BME)
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_FIRMWARE);
	else if (command & PCI_COMMAND_MASTER || intx)
		gate(run, func, entry, command);
	else
		pciq_tell_gated(func, entry, command,
				PCIQ_ALREADY_QUIET);
}

/* On the link, or in the device, of one that did not respond. */
static __quiesce bool is_beside_slow(const struct pciq_run *run, u32 i)
{
	u32 port = pciq_port_of(run, i);
	const struct pciq_func *func = &run->funcs[i], *slow;

	if (port != PCIQ_NONE)
		return run->work[port].state & STATE_SLOW;
	if (run->slow >= run->nr_funcs)
		return false;
	slow = &run->funcs[run->slow];
	return slow->domain == func->domain && slow->bus == func->bus &&
	       slow->devfn >> 3 == func->devfn >> 3;
}

static __quiesce void stop_master(struct pciq_run *run, u32 i)
{
	struct pciq_entry *entry = entry_of(run, i);
	u32 port = pciq_port_of(run, i);
	u64 before = pciq_arch_clock(), ticks;

	if (before - run->start >= run->work_until - run->start)
		return;
	silence(run, &run->funcs[i], entry);
	ticks = pciq_arch_clock() - before;
	entry->ticks = ticks > U32_MAX ? U32_MAX : ticks;
	if (entry->command_after != ALL_ONES_16 ||
	    ticks < (u64)SLOW_US * run->tsc_khz / 1000)
		return;
	if (port != PCIQ_NONE)
		run->work[port].state |= STATE_SLOW;
	else
		run->slow = i;
}

/*
 * What is beside a function that is slow and does not respond is likely to be
 * so, too: it waits until all others are stopped.
 */
static noinline __quiesce void stop_masters(struct pciq_run *run)
{
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		if (pciq_passed_over(run, i))
			continue;
		if (is_beside_slow(run, i))
			run->work[i].state |= STATE_DEFERRED;
		else
			stop_master(run, i);
	}
	for (i = 0; i < run->nr_funcs; i++) {
		if (run->work[i].state & STATE_DEFERRED)
			stop_master(run, i);
	}
}

/**
 * pciq_pause() - let time pass
 * @run: the run, for its clock
 * @us: microseconds
 * @until: TSC by which to be back whatever is left, from @run
 *
 * Context: crash path.
 */
__quiesce void pciq_pause(struct pciq_run *run, u32 us,
			  u64 until)
{
	u64 start = pciq_arch_clock();
	u64 ticks = (u64)us * run->tsc_khz / 1000;

	/* ticks bounds the loop: relax takes one at the least. */
	for (; ticks; ticks--) {
		if (pciq_late(run, until) ||
		    pciq_arch_clock() - start >=
			    (u64)us * run->tsc_khz / 1000)
			return;
		pciq_arch_relax();
	}
}

/* === The routine === */

static __quiesce void use_image(struct pciq_run *run,
				const struct pciq_image *image)
{
	run->image = image;
	run->windows = (const void *)image + image->windows_offset;
	run->nr_windows = image->nr_windows;
	run->funcs = (const void *)image + image->funcs_offset;
	run->record = (void *)(unsigned long)image->record_virt;
	run->record_phys = image->record_phys;
	run->work = (void *)run->record + image->record_bytes;
}

/* Whether functions have come that the image was made too early for. */
static __quiesce bool is_stale(enum pciq_source source)
{
	const struct pciq_ctl *ctl = &pciq_ctl;
	unsigned int slot = READ_ONCE(ctl->newest) & 1;

	if (source == PCIQ_FROM_OTHER)
		slot = !slot;
	return READ_ONCE(ctl->arrivals_known[slot]) !=
	       atomic_read(&ctl->arrivals);
}

static __quiesce bool validate(struct pciq_run *run,
			       unsigned int policy)
{
	enum pciq_source source;
	const struct pciq_image *image = pciq_pick_image(run, &source);
	u32 nr;

	if (!image)
		return false;
	nr = image->nr_funcs;
	use_image(run, image);
	pciq_begin_record(run, policy);
	pciq_tell_origin(run->record, image, source);
	if (source == PCIQ_FROM_RAW) {
		struct pciq_func *scratch =
			(void *)(unsigned long)image->scratch_virt;

		nr = pciq_walk(run, scratch, image->scratch_funcs);
	} else {
		run->incomplete = is_stale(source);
	}
	pciq_begin_entries(run, nr);
	/* A walk has no other IDs than those that it has just read. */
	if (source != PCIQ_FROM_RAW)
		pciq_look_at_ports(run);
	return true;
}

/* What one config access takes on this machine, so far. */
static __quiesce u64 access_ticks(const struct pciq_run *run)
{
	const struct pciq_record *record = run->record;
	u64 ticks = pciq_arch_clock() -
		    record->tsc[PCIQ_STEP_MASK];

	return ticks / (record->reads + record->writes + 1);
}

static __quiesce void do_steps(struct pciq_run *run,
			       unsigned int policy)
{
	begin_step(run, PCIQ_STEP_MASK);
	pciq_mask_errors(run);
	/* Endpoints before ports: HPE's 2019 capture kernels died of the reverse. */
	begin_step(run, PCIQ_STEP_BUSMASTER);
	stop_masters(run);
	run->access_ticks = access_ticks(run);
	begin_step(run, PCIQ_STEP_DRAIN);
	if (policy >= PCIQ_ESCALATE)
		pciq_choose_resets(run, policy);
	begin_step(run, PCIQ_STEP_RESET);
	if (policy >= PCIQ_ESCALATE)
		pciq_reset_links(run);
	begin_step(run, PCIQ_STEP_HEADERS);
	if (policy >= PCIQ_ESCALATE) {
		pciq_bring_back(run);
		pciq_contain(run);
	}
	begin_step(run, PCIQ_STEP_UNMASK);
	pciq_unmask_errors(run);
}

/**
 * pciq_run() - stop every PCI function that can be stopped
 * @run: whatever is in it is not looked at: it is cleared
 *
 * @run->record then points to the record; NULL if the policy is off.
 *
 * Context: crash path: the other CPUs stopped, interrupts off, called at most
 * once. Takes no lock, allocates nothing, prints nothing.
 */
__quiesce void pciq_run(struct pciq_run *run)
{
	unsigned int policy = READ_ONCE(pciq_ctl.policy);

	pciq_clear(run, sizeof(*run));
	run->slow = PCIQ_NONE;
	if (policy == PCIQ_OFF)
		return;
	/* A corrupted control block: nothing drastic then. */
	if (policy >= PCIQ_NR_POLICIES)
		policy = PCIQ_BUSMASTER;
	/*
	 * Another machine check while MCIP is set shuts the processor down (SDM
	 * volume 3, "IA32_MCG_STATUS MSR"), and a reset may provoke one.
	 */
	if (policy > PCIQ_BUSMASTER &&
	    pciq_arch_machine_check())
		policy = PCIQ_BUSMASTER;

	set_deadline(run);
	run->record = &pciq_spare;
	run->record_phys = pciq_ctl.spare_phys;
	pciq_begin_record(run, policy);
	if (!validate(run, policy)) {
		pciq_finish(run, PCIQ_SKIPPED);
		return;
	}
	do_steps(run, policy);
	pciq_finish(run, PCIQ_CLEAN);
}

/*
 * An oops that prints itself to a serial line takes seconds.  They are not ours:
 * what was reset must come back, and errors must be given back.
 */
static __quiesce void renew_deadline(struct pciq_run *run)
{
	u64 ticks = run->until - run->start;
	u64 spent = pciq_arch_clock() - run->start;

	run->until = run->start + spent + ticks;
	run->work_until = run->until - (ticks >> GIVE_BACK_SHIFT);
}

/**
 * pciq_recover() - end what resets are under way after a fault
 * @run: the run that pciq_run() did not come back from
 *
 * Apart from pciq_abort(), which must not be lost to a second fault.
 * Not after a machine check: see pciq_abort().
 *
 * Context: crash path, as pciq_run().
 */
__quiesce void pciq_recover(struct pciq_run *run)
{
	if (!run->record || pciq_arch_machine_check())
		return;
	renew_deadline(run);
	/* So do the waits. */
	run->reset_end = 0;
	pciq_release_links(run);
	pciq_bring_back(run);
}

/**
 * pciq_abort() - give back and tell after a fault inside the routine
 * @run: the run that pciq_run() did not come back from
 *
 * A second machine check while MCIP is set shuts the processor down (SDM volume 3,
 * "IA32_MCG_STATUS MSR"), and the first may be the answer to a config access.  So
 * after one, links are released, or what is below them would be lost to the
 * capture kernel; error reporting stays masked, and what was reset is left to the
 * capture kernel to configure.
 *
 * Context: crash path, as pciq_run().
 */
__quiesce void pciq_abort(struct pciq_run *run)
{
	if (!run->record)
		return;
	/* Again: a second fault may have hit pciq_recover(). */
	pciq_release_links(run);
	if (!pciq_arch_machine_check())
		pciq_unmask_errors(run);
	pciq_finish(run, PCIQ_ABORTED);
}

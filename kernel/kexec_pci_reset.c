// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset what refuses, or under policy "reset" all that may be, and bring it
 * back.
 *
 * All links at once: one assert, one wait, one release, one loop that polls
 * until everything has answered.  The cost is that of the slowest link, however
 * many there are; Linux, and Indoh's patches of 2012, take them one by one.
 * What may be reset was decided at capture, see kexec_pci_plan.c.
 *
 * The functions are reached in two orders: upwards, children before parents, to
 * collect what is wanted; downwards, to know what a reset takes with it and to
 * restore ports before what is below them.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

/* Trst is 1 ms (PCIe 4.2.5.11); twice that, as pci_reset_secondary_bus(). */
#define ASSERT_US		2000

/*
 * A device may take 1 s from the end of its reset until it answers (PCIe
 * 6.6.1).  What does not by then is broken, or is not waited for.
 */
#define ANSWER_MS		1000
#define POLL_US			1000
#define POLLS_PER_MS		(1000 / POLL_US)

/* A read of a port may be wrong once, when its link goes down or comes up. */
#define PORT_TRIES		3

/* What one function takes at most until it is restored; time to spare for all. */
#define RESTORE_ACCESSES	40
#define SPARE_MS		20

/*
 * Linux gives pending transactions 0 + 100 + 200 + 400 ms per function
 * (pci_wait_for_pending_transaction()); here all share one wait.
 */
#define DRAIN_MS		100
#define DRAIN_POLL_US		100
#define DRAIN_MAX_POLLS		(DRAIN_MS * 1000 / DRAIN_POLL_US)

#define DPC_TRIGGERS		(PCI_EXP_DPC_CTL_EN_FATAL | \
				 PCI_EXP_DPC_CTL_EN_NONFATAL)
#define SLOT_EVENTS		(PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC | \
				 PCI_EXP_SLTSTA_CC)

/* === What is to be reset === */

/* What is pending, or does not respond, cannot write memory for that. */
static __quiesce bool refused(const struct pciq_entry *entry)
{
	return entry->reason == PCIQ_BY_BME;
}

static __quiesce bool is_wanted(const struct pciq_run *run, u32 i,
				unsigned int policy)
{
	const struct pciq_func *func = &run->funcs[i];

	if (run->work[i].state & STATE_ASLEEP)
		return false;
	if (refused(entry_of(run, i)))
		return true;
	if (policy != PCIQ_RESET)
		return func->flags & PCIQ_F_RESET_USER &&
		       func->reset != PCIQ_RESET_NONE;
	return func->flags & PCIQ_F_BRIDGE ?
		       func->reset == PCIQ_RESET_LINK :
		       func->plan[PCIQ_RESET] ==
			       PCIQ_PLAN_RESET;
}

/**
 * pciq_port_of() - the port whose link a function is on
 * @run: the run
 * @i: index of the function; of a VF, the port is that of its PF
 *
 * Context: crash path.
 * Return: index of the port, PCIQ_NONE if there is none.
 */
__quiesce u32 pciq_port_of(const struct pciq_run *run, u32 i)
{
	u32 parent = parent_of(run, i);

	if (parent != PCIQ_NONE &&
	    run->funcs[i].flags & PCIQ_F_VF)
		parent = parent_of(run, parent);
	if (parent != PCIQ_NONE &&
	    !(run->funcs[parent].flags & PCIQ_F_BRIDGE))
		parent = PCIQ_NONE;
	return parent;
}

/* Upwards, in memory only. */
static __quiesce bool collect_wanted(struct pciq_run *run,
				     unsigned int policy)
{
	bool any = false;
	u32 i, port;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct pciq_func *func = &run->funcs[i];

		if (!is_wanted(run, i, policy))
			continue;
		any = true;
		run->work[i].state |= STATE_WANTED;
		/* Under policy "reset" a port asks for its own link. */
		port = func->flags & PCIQ_F_BRIDGE ? i :
			pciq_port_of(run, i);
		if (func->reset == PCIQ_RESET_FLR)
			run->work[i].state |= STATE_FLR;
		else if (func->reset == PCIQ_RESET_LINK &&
			 port != PCIQ_NONE &&
			 run->funcs[port].reset == PCIQ_RESET_LINK)
			run->work[port].state |= STATE_LINK;
		else
			entry_of(run, i)->forbidden = func->forbidden;
	}
	return any;
}

/* Whether the reset of something above takes the function with it. */
static __quiesce bool is_covered(const struct pciq_run *run, u32 i)
{
	u32 parent = parent_of(run, i);
	u16 above;

	if (parent == PCIQ_NONE)
		return false;
	above = run->work[parent].state;
	return above & STATE_COVERED ||
	       above & (run->funcs[i].flags & PCIQ_F_VF ? STATE_FLR :
								   STATE_LINK);
}

/* A link that is down cannot carry a reset, nor anything else upwards. */
static __quiesce bool link_is_down(struct pciq_run *run,
				   const struct pciq_func *port)
{
	u16 status;

	if (!port->pcie_cap || !(port->flags & PCIQ_F_LINK_STATUS))
		return false;
	status = pciq_read(run, port,
			   port->pcie_cap + PCI_EXP_LNKSTA, 2);
	return status == ALL_ONES_16 || !(status & PCI_EXP_LNKSTA_DLLLA);
}

/* Nothing is reset after all: why. */
static __quiesce void forbid_all(struct pciq_run *run,
				 enum pciq_forbidden why)
{
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		struct pciq_work *work = &run->work[i];

		if (work->state & STATE_WANTED && !entry_of(run, i)->forbidden)
			entry_of(run, i)->forbidden = why;
		work->state &= ~STATE_RESET;
	}
}

/*
 * From the end of the reset until it, or of a port what is below it, may be
 * asked: links in a row add up.  Until the function itself may be asked is what
 * the run has to wait: nobody waits for an empty port.
 */
static __quiesce void add_settle(struct pciq_run *run, u32 i)
{
	struct pciq_work *work = &run->work[i];
	u32 ms = run->funcs[i].settle_ms, wait = ms;

	if (work->state & STATE_COVERED) {
		wait = run->work[parent_of(run, i)].settle_ms;
		ms += wait;
	}
	work->settle_ms = ms > U16_MAX ? U16_MAX : ms;
	if (work->state & STATE_GONE && wait > run->settle_ms)
		run->settle_ms = wait;
}

/*
 * Downwards: the topmost link of those wanted, and what it takes with it.  How
 * many functions are that?
 */
static __quiesce u32 choose(struct pciq_run *run)
{
	u32 i, nr = 0;

	run->settle_ms = 0;
	for (i = run->nr_funcs; i-- > 0;) {
		struct pciq_work *work = &run->work[i];

		if (is_covered(run, i)) {
			work->state &= ~(STATE_LINK | STATE_FLR);
			work->state |= STATE_COVERED;
			work->sltsta = 0;
			entry_of(run, i)->forbidden = PCIQ_ALLOWED;
		} else if (work->state & STATE_LINK &&
			   !pciq_late(run, run->work_until) &&
			   link_is_down(run, &run->funcs[i])) {
			work->state &= ~STATE_LINK;
		}
		nr += !!(work->state & STATE_GONE);
		add_settle(run, i);
	}
	return nr;
}

/* The reset did not begin: neither for it, nor for what is below. */
static __quiesce void give_up(struct pciq_run *run, u32 i,
			      enum pciq_forbidden why)
{
	run->work[i].state &= ~(STATE_LINK | STATE_FLR);
	entry_of(run, i)->forbidden = why;
}

/*
 * What a restore would write must be what is there: addresses may have moved since
 * they were saved, or were saved in the middle of a reset.  What sleeps cannot be
 * compared.
 */
static __quiesce bool is_as_saved(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	bool bridge = func->flags & PCIQ_F_BRIDGE;
	u32 last = bridge ? PCI_PRIMARY_BUS / 4 : PCI_INTERRUPT_LINE / 4;
	const u32 *header = run->saved[i].header;
	u32 k, value;

	if (run->work[i].state & STATE_ASLEEP)
		return false;
	if (func->flags & PCIQ_F_VF)
		return true;
	for (k = PCI_BASE_ADDRESS_0 / 4; k <= last; k++) {
		if (k == PCI_CARDBUS_CIS / 4)
			k = PCI_INTERRUPT_LINE / 4;
		value = pciq_read(run, func, k * 4, 4);
		if (value != ~0U && value != header[k])
			return false;
	}
	return true;
}

/* Whether a reset that is called for would take the function with it. */
static __quiesce bool is_at_stake(const struct pciq_run *run, u32 i)
{
	for (; i != PCIQ_NONE; i = parent_of(run, i)) {
		if (run->work[i].state & (STATE_LINK | STATE_FLR))
			return true;
	}
	return false;
}

/* One function that is not as it was saved protects every link above it. */
static __quiesce void compare_saved(struct pciq_run *run)
{
	u32 i, above;

	for (i = 0; i < run->nr_funcs; i++) {
		if (pciq_late(run, run->work_until))
			return;
		if (!is_at_stake(run, i) || is_as_saved(run, i))
			continue;
		for (above = i; above != PCIQ_NONE;
		     above = parent_of(run, above)) {
			if (run->work[above].state & (STATE_LINK | STATE_FLR))
				give_up(run, above, PCIQ_NOT_CURRENT);
		}
	}
}

/* Wanted, but by a link that is not as it was saved, or is down. */
static __quiesce void tell_not_reset(struct pciq_run *run)
{
	u32 i, port;

	for (i = 0; i < run->nr_funcs; i++) {
		struct pciq_entry *entry = entry_of(run, i);
		u16 state = run->work[i].state;

		if (!(state & STATE_WANTED) ||
		    state & (STATE_GONE | STATE_LINK) || entry->forbidden)
			continue;
		port = pciq_port_of(run, i);
		entry->forbidden = PCIQ_NOT_UP;
		if (port != PCIQ_NONE && entry_of(run, port)->forbidden)
			entry->forbidden = entry_of(run, port)->forbidden;
	}
}

/* === The reset === */

/*
 * Containment by DPC would keep the link down (PCIe 6.2.11).  Firmware that owns
 * it does not end it before the capture kernel is up.
 */
static __quiesce bool hold_dpc(struct pciq_run *run,
			       const struct pciq_func *port,
			       struct pciq_work *work)
{
	bool native = port->flags & PCIQ_F_DPC_NATIVE;
	u16 control;

	if (!port->dpc_cap)
		return true;
	control = pciq_read(run, port,
			    port->dpc_cap + PCI_EXP_DPC_CTL, 2);
	if (control == ALL_ONES_16 || !(control & DPC_TRIGGERS))
		return true;
	if (!native)
		return false;
	work->dpc_status = pciq_read(run, port, port->dpc_cap +
				     PCI_EXP_DPC_STATUS, 2);
	work->dpc_ctl = control;
	work->state |= STATE_DPC;
	pciq_write(run, port, port->dpc_cap + PCI_EXP_DPC_CTL, 2,
		   control & ~DPC_TRIGGERS);
	return true;
}

static __quiesce void hold_slot(struct pciq_run *run,
				const struct pciq_func *port,
				struct pciq_work *work)
{
	if (port->pcie_cap && port->flags & PCIQ_F_HP_NATIVE)
		work->sltsta = pciq_read(run, port, port->pcie_cap +
					 PCI_EXP_SLTSTA, 2);
}

/* Unless it shows that the write did not stick, it may have. */
static __quiesce bool may_be_asserted(struct pciq_run *run,
				      const struct pciq_func *port)
{
	bool shown = false;
	unsigned int tries;
	u16 control;

	for (tries = 0; tries < PORT_TRIES; tries++) {
		control = pciq_read(run, port, PCI_BRIDGE_CONTROL, 2);
		if (control == ALL_ONES_16)
			continue;
		if (control & PCI_BRIDGE_CTL_BUS_RESET)
			return true;
		shown = true;
	}
	return !shown;
}

/* Why nothing below has been reset, PCIQ_ALLOWED if it has. */
static __quiesce enum pciq_forbidden
assert_link(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	u16 control;

	/* Not reached, so its interrupts and errors are not off. */
	if (entry_of(run, i)->reason == PCIQ_BY_WINDOW)
		return PCIQ_NOT_TAKEN;
	control = pciq_read(run, port, PCI_BRIDGE_CONTROL, 2);
	if (control == ALL_ONES_16)
		return PCIQ_NOT_TAKEN;
	if (control & PCI_BRIDGE_CTL_BUS_RESET)
		return PCIQ_NOT_HELD;
	if (!hold_dpc(run, port, work))
		return PCIQ_NOT_FIRMWARE;
	hold_slot(run, port, work);
	work->reset_control = control & ~BRIDGE_CONTROL_RW1C;
	/* Before the write: after a fault in between it must be released. */
	work->state |= STATE_ASSERTED;
	entry_of(run, i)->done |= PCIQ_DID_ASSERT;
	if (pciq_write(run, port, PCI_BRIDGE_CONTROL, 2,
		       work->reset_control |
		       PCI_BRIDGE_CTL_BUS_RESET) &&
	    may_be_asserted(run, port))
		return PCIQ_ALLOWED;
	return PCIQ_NOT_TAKEN;
}

/* Bus mastering went off with the gate, and pending requests were drained. */
static __quiesce enum pciq_forbidden
start_flr(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	u16 reg = func->pcie_cap + PCI_EXP_DEVCTL;
	u16 control;

	/* That is memory, see is_memory() in kexec_pci_quiesce.c. */
	if (entry_of(run, i)->reason == PCIQ_BY_WINDOW)
		return PCIQ_NOT_TAKEN;
	control = pciq_read(run, func, reg, 2);
	if (control == ALL_ONES_16)
		return PCIQ_NOT_TAKEN;
	/* Before the write: after an oops in between it must be restored. */
	entry_of(run, i)->done |= PCIQ_DID_FLR;
	if (pciq_write(run, func, reg, 2,
		       control | PCI_EXP_DEVCTL_BCR_FLR))
		return PCIQ_ALLOWED;
	entry_of(run, i)->done &= ~PCIQ_DID_FLR;
	return PCIQ_NOT_TAKEN;
}

/* What is not covered any more, as the link above is not reset after all. */
static __quiesce void uncover(struct pciq_run *run, u32 i)
{
	struct pciq_work *work = &run->work[i];

	if (!(work->state & STATE_COVERED) || is_covered(run, i))
		return;
	work->state &= ~STATE_COVERED;
	entry_of(run, i)->forbidden =
		entry_of(run, parent_of(run, i))->forbidden;
}

static __quiesce void assert_all(struct pciq_run *run)
{
	enum pciq_forbidden why;
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		struct pciq_work *work = &run->work[i];

		uncover(run, i);
		if (!(work->state & (STATE_LINK | STATE_FLR)))
			continue;
		if (pciq_late(run, run->work_until))
			why = PCIQ_NOT_TIME;
		else
			why = work->state & STATE_LINK ? assert_link(run, i) :
							 start_flr(run, i);
		if (why)
			give_up(run, i, why);
	}
}

/* Without a doubt about what is there: a read that lied would leave it set. */
static __quiesce void release_link(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	unsigned int tries;
	u16 control;

	for (tries = 0; tries < PORT_TRIES; tries++) {
		pciq_write(run, port, PCI_BRIDGE_CONTROL, 2,
			   work->reset_control);
		/* Posted: the wait begins when it has arrived. */
		control = pciq_read(run, port, PCI_BRIDGE_CONTROL, 2);
		if (control != ALL_ONES_16 &&
		    !(control & PCI_BRIDGE_CTL_BUS_RESET))
			break;
	}
	work->state &= ~STATE_ASSERTED;
	work->state |= STATE_RELEASED;
}

/* What a fault kept from being reset is not to be brought back either. */
static __quiesce void forget_not_reset(struct pciq_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		struct pciq_work *work = &run->work[i];

		if (!(work->state & STATE_RELEASED))
			work->state &= ~STATE_LINK;
		if (!(entry_of(run, i)->done & PCIQ_DID_FLR))
			work->state &= ~STATE_FLR;
		if (work->state & STATE_COVERED && !is_covered(run, i))
			work->state &= ~STATE_COVERED;
	}
}

/* From now on the waits count. */
static __quiesce void start_waits(struct pciq_run *run)
{
	u32 i;

	run->reset_end = pciq_arch_clock();
	for (i = 0; i < run->nr_funcs; i++)
		run->work[i].ready_at = run->reset_end +
			(u64)run->funcs[i].settle_ms * run->tsc_khz;
}

/* What the record tells in its header. */
static __quiesce void count_resets(struct pciq_run *run)
{
	u32 i;

	run->record->links_reset = 0;
	run->record->functions_reset = 0;
	for (i = 0; i < run->nr_funcs; i++) {
		u16 state = run->work[i].state;

		run->record->links_reset += !!(state & STATE_LINK);
		run->record->functions_reset += !!(state & STATE_FLR);
	}
}

/**
 * pciq_release_links() - end every Secondary Bus Reset
 * @run: the run
 *
 * The one loop over config space that does not look at the deadline: a link left
 * in reset would lose the dump, a late jump does not. At most three writes and
 * reads for each link that was asserted.
 *
 * Context: crash path, also after a fault inside it.
 */
__quiesce void pciq_release_links(struct pciq_run *run)
{
	u16 any = 0;
	u32 i;

	for (i = 0; i < run->nr_funcs; i++)
		any |= run->work[i].state & STATE_ASSERTED;
	/* Not cut short by the deadline either: too short a reset may be none. */
	if (any)
		pciq_pause(run, ASSERT_US, pciq_arch_clock() +
			   2 * ASSERT_US * (u64)run->tsc_khz / 1000);
	for (i = 0; i < run->nr_funcs; i++) {
		if (run->work[i].state & STATE_ASSERTED)
			release_link(run, i);
	}
	forget_not_reset(run);
	count_resets(run);
	if (any || !run->reset_end)
		start_waits(run);
}

/* === Before the reset === */

/* PTM dialogues that a reset interrupts leave some devices unusable. */
static __quiesce void change_ptm(struct pciq_run *run, u32 i,
				 u16 clear, u16 set)
{
	const struct pciq_func *func = &run->funcs[i];
	u16 before;

	if (pciq_change(run, func, func->ptm_cap + PCI_PTM_CTRL, clear,
			set, 0, &before))
		run->work[i].state ^= STATE_PTM;
}

/* How many functions that are about to be reset have transactions pending? */
static __quiesce u32 poll_pending(struct pciq_run *run, u64 until)
{
	u32 i, left = 0;
	u16 status;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct pciq_func *func = &run->funcs[i];

		if (!(run->work[i].state & STATE_GONE) || !func->pcie_cap ||
		    func->flags & PCIQ_F_BRIDGE)
			continue;
		if (pciq_late(run, until))
			return 0;
		status = pciq_read(run, func, func->pcie_cap +
				   PCI_EXP_DEVSTA, 2);
		if (status == ALL_ONES_16 || !(status & PCI_EXP_DEVSTA_TRPND))
			continue;
		entry_of(run, i)->done |= PCIQ_DID_DRAIN;
		left++;
	}
	return left;
}

/* Completions for what has been reset may be taken for somebody else's. */
static __quiesce void drain(struct pciq_run *run)
{
	u64 until = pciq_arch_clock() + (u64)DRAIN_MS * run->tsc_khz;
	u32 polls;

	if (until - run->start > run->work_until - run->start)
		until = run->work_until;
	for (polls = 0; polls < DRAIN_MAX_POLLS; polls++) {
		if (!poll_pending(run, until) || pciq_late(run, until))
			return;
		pciq_pause(run, DRAIN_POLL_US, until);
	}
}

static __quiesce void prepare(struct pciq_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		if (run->work[i].state & STATE_GONE && run->funcs[i].ptm_cap &&
		    !pciq_late(run, run->work_until))
			change_ptm(run, i, PCI_PTM_CTRL_ENABLE, 0);
	}
	drain(run);
}

/* What a reset and all that follows it take. */
static __quiesce bool is_time_left(struct pciq_run *run, u32 nr)
{
	u64 needed = (u64)(run->settle_ms + DRAIN_MS + SPARE_MS) *
			     run->tsc_khz +
		     nr * RESTORE_ACCESSES * run->access_ticks;

	return pciq_arch_clock() - run->start + needed <
	       run->work_until - run->start;
}

/**
 * pciq_choose_resets() - what is reset, and may be
 * @run: the run, with what refused
 * @policy: PCIQ_ESCALATE or PCIQ_RESET
 *
 * Context: crash path.
 */
noinline __quiesce void
pciq_choose_resets(struct pciq_run *run, unsigned int policy)
{
	if (!collect_wanted(run, policy))
		return;
	/* What came since would be reset with its link, and not be restored. */
	if (run->incomplete) {
		forbid_all(run, PCIQ_NOT_SAVED);
		return;
	}
	run->saved = pciq_saved_headers(run);
	if (!run->saved) {
		/* Not even looked at, or looked at and not believed. */
		forbid_all(run, pciq_late(run, run->work_until) ?
					PCIQ_NOT_TIME :
					PCIQ_NOT_HEADERS);
		return;
	}
	compare_saved(run);
	if (!is_time_left(run, choose(run))) {
		forbid_all(run, PCIQ_NOT_TIME);
		return;
	}
	tell_not_reset(run);
	prepare(run);
}

/**
 * pciq_reset_links() - reset what was chosen
 * @run: the run
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_reset_links(struct pciq_run *run)
{
	if (!run->saved)
		return;
	assert_all(run);
	pciq_release_links(run);
}

/* === Afterwards === */

/* Whether what is directly below a port may be asked yet. */
static __quiesce bool below_is_ready(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	struct pciq_work *work = &run->work[i];

	if (work->state & STATE_COVERED && !(work->state & STATE_BACK))
		return false;
	if (port->flags & PCIQ_F_FAST_LINK &&
	    !(work->state & STATE_LINK_SEEN)) {
		if (link_is_down(run, port))
			return false;
		work->state |= STATE_LINK_SEEN;
		work->ready_at = pciq_arch_clock() +
				 (u64)port->settle_ms * run->tsc_khz;
	}
	return !(work->state & STATE_ASSERTED) &&
	       pciq_late(run, work->ready_at);
}

/* The link below a port that was itself reset goes through the same. */
static __quiesce void begin_below(struct pciq_run *run, u32 i)
{
	run->work[i].ready_at = pciq_arch_clock() +
				(u64)run->funcs[i].settle_ms * run->tsc_khz;
}

static __quiesce bool is_ready(struct pciq_run *run, u32 i)
{
	u32 parent = parent_of(run, i);

	if (run->work[i].state & STATE_FLR)
		return pciq_late(run, run->work[i].ready_at);
	if (parent == PCIQ_NONE)
		return false;
	/* VFs go with their PF; its driver makes them anew. */
	if (run->funcs[i].flags & PCIQ_F_VF)
		return run->work[parent].state & STATE_BACK;
	return below_is_ready(run, parent);
}

#define KEPT	1U
#define LOST	2U

/*
 * Whether it still has addresses that it had, and whether it has lost any.  Bits that
 * say what kind of address it is are read-only, and tell nothing; the upper half of
 * a 64-bit one (PCIe 7.5.1.2.1) has none.
 */
static __quiesce u32 addresses(struct pciq_run *run, u32 i)
{
	const u32 *header = run->saved[i].header;
	bool upper = false;
	u32 k, address, value, found = 0;

	for (k = PCI_BASE_ADDRESS_0 / 4; k <= PCI_BASE_ADDRESS_5 / 4; k++) {
		address = upper ? header[k] :
				  header[k] & PCI_BASE_ADDRESS_MEM_MASK;
		upper = !upper &&
			(header[k] & (PCI_BASE_ADDRESS_SPACE |
				      PCI_BASE_ADDRESS_MEM_TYPE_MASK)) ==
				PCI_BASE_ADDRESS_MEM_TYPE_64;
		if (!address)
			continue;
		value = pciq_read(run, &run->funcs[i], k * 4, 4);
		found |= value == header[k] ? KEPT : LOST;
	}
	return found;
}

/*
 * What a reset clears: Command (PCIe 7.5.1.1.3), or the bus numbers of a bridge
 * (7.5.1.3.1 to 3).  All ones are no answer.
 */
static __quiesce u32 what_was_left(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	u32 value;

	if (func->flags & PCIQ_F_BRIDGE)
		return pciq_read(run, func, PCI_PRIMARY_BUS, 4);
	value = pciq_read(run, func, PCI_COMMAND, 2);
	return value == ALL_ONES_16 ? ~0U : value;
}

/*
 * What still has what it had, or what the gate wrote, was not reset, whatever the
 * port above, or FLR, pretends; nor what has anything, if it did not answer then.
 * Unless its BME is stuck, and is all that is set: then the addresses tell.  They
 * do also if Command had nothing to lose, or has what nobody wrote.
 */
static __quiesce bool was_not_reset(struct pciq_run *run, u32 i,
				    u32 left)
{
	u32 buses = run->saved[i].header[PCI_PRIMARY_BUS / 4];
	u16 gated = entry_of(run, i)->command_after;

	if (run->funcs[i].flags & PCIQ_F_BRIDGE)
		return buses && left == buses;
	if (!left && gated)
		return false;
	if (left && (left == gated || gated == ALL_ONES_16))
		return left != PCI_COMMAND_MASTER || !(addresses(run, i) & LOST);
	return addresses(run, i) == KEPT;
}

/* It is as it was before: gated, or a refuser, as which it may show only now. */
static __quiesce void take_back(struct pciq_run *run, u32 i, u32 left)
{
	struct pciq_entry *entry = entry_of(run, i);

	run->work[i].state &= ~STATE_GONE;
	entry->forbidden = PCIQ_NOT_TAKEN;
	if (left & PCI_COMMAND_MASTER && pciq_is_quiet(entry)) {
		entry->command_after = left;
		tell(entry, PCIQ_REFUSED, PCIQ_BY_BME);
	}
}

/* Whether a covered VF has lost its PF's word for its own reset. */
static __quiesce bool pf_was_not_reset(const struct pciq_run *run,
				       u32 i)
{
	u32 parent = parent_of(run, i);

	return run->funcs[i].flags & PCIQ_F_VF &&
	       run->work[i].state & STATE_COVERED &&
	       parent != PCIQ_NONE &&
	       !(run->work[parent].state & STATE_GONE);
}

/* False: a fault has cut it short, and it may be begun again. */
static __quiesce bool restore(struct pciq_run *run, u32 i)
{
	u32 faults = run->record->faults;

	pciq_restore(run, i);
	return run->record->faults == faults;
}

static __quiesce bool came_back(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	struct pciq_entry *entry = entry_of(run, i);
	u32 left;
	u64 now;

	if (pf_was_not_reset(run, i)) {
		take_back(run, i, 0);
		return true;
	}
	if (!is_ready(run, i))
		return false;
	if (func->flags & PCIQ_F_VF && work->state & STATE_COVERED) {
		/* No longer there, if its PF was reset. */
		entry->command_after =
			pciq_read(run, func, PCI_COMMAND, 2);
	} else if (func->flags & PCIQ_F_VF) {
		if (!restore(run, i))
			return false;
	} else {
		/* All ones, RRS (ID 0001) and a lie are "not yet" alike. */
		if (pciq_read(run, func, PCI_VENDOR_ID, 4) !=
		    run->saved[i].header[0])
			return false;
		left = what_was_left(run, i);
		if (left == ~0U)
			return false;
		/* If a fault ended it half way, what is there is ours. */
		if (!(work->state & STATE_RESTORING) &&
		    was_not_reset(run, i, left)) {
			take_back(run, i, left);
			return true;
		}
		work->state |= STATE_RESTORING;
		if (!restore(run, i))
			return false;
		begin_below(run, i);
	}
	now = pciq_arch_clock();
	entry->back_us = (now - run->reset_end) * 1000 / run->tsc_khz ?: 1;
	work->state |= STATE_BACK;
	return true;
}

/* Downwards, so that one pass restores a port and what is below it. */
static __quiesce u32 poll_answers(struct pciq_run *run, u64 until)
{
	u32 i, left = 0;

	for (i = run->nr_funcs; i-- > 0;) {
		u16 state = run->work[i].state;

		if (!(state & STATE_GONE) || state & STATE_BACK)
			continue;
		if (pciq_late(run, until))
			return left + 1;
		left += !came_back(run, i);
	}
	return left;
}

/* Events that the reset caused; what was there before it is evidence. */
static __quiesce void clear_slot_events(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	u16 events;

	if (!port->pcie_cap || !(port->flags & PCIQ_F_HP_NATIVE))
		return;
	events = pciq_read(run, port, port->pcie_cap +
			   PCI_EXP_SLTSTA, 2);
	events &= events == ALL_ONES_16 ? 0 : SLOT_EVENTS;
	events &= ~work->sltsta;
	if (events)
		pciq_write(run, port, port->pcie_cap +
			   PCI_EXP_SLTSTA, 2, events);
}

/* Likewise, and switch it on again: also if a fault came before the reset. */
static __quiesce void give_dpc_back(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	u16 events;

	events = pciq_read(run, port, port->dpc_cap +
			   PCI_EXP_DPC_STATUS, 2);
	events &= events == ALL_ONES_16 ? 0 : PCI_EXP_DPC_STATUS_TRIGGER |
					      PCI_EXP_DPC_STATUS_INTERRUPT;
	events &= ~work->dpc_status;
	if (events)
		pciq_write(run, port, port->dpc_cap +
			   PCI_EXP_DPC_STATUS, 2, events);
	pciq_write(run, port, port->dpc_cap + PCI_EXP_DPC_CTL, 2,
		   work->dpc_ctl);
	work->state &= ~STATE_DPC;
}

static __quiesce void finish_resets(struct pciq_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		const struct pciq_func *port = &run->funcs[i];
		u16 state = run->work[i].state;

		if (pciq_late(run, run->until))
			return;
		/* Not reset after all. */
		if (state & STATE_PTM && !(state & STATE_GONE))
			change_ptm(run, i, 0, PCI_PTM_CTRL_ENABLE);
		if (!(port->flags & PCIQ_F_BRIDGE) ||
		    !(state & (STATE_RELEASED | STATE_BACK | STATE_DPC)))
			continue;
		if (state & (STATE_RELEASED | STATE_BACK))
			clear_slot_events(run, i);
		if (state & STATE_DPC)
			give_dpc_back(run, i);
	}
}

static __quiesce void restore_ports(struct pciq_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		if (!(run->work[i].state & STATE_RELEASED))
			continue;
		if (pciq_late(run, run->work_until))
			return;
		pciq_restore_port(run, i);
	}
}

/* A reset of the PF clears VF Enable (SR-IOV 9.2.1.2): all ones are right. */
static __quiesce bool vf_is_gone(const struct pciq_run *run, u32 i)
{
	return run->funcs[i].flags & PCIQ_F_VF &&
	       run->work[i].state & STATE_COVERED &&
	       entry_of(run, i)->command_after == ALL_ONES_16;
}

/* What has become of a function that a reset took with it. */
static __quiesce void judge(struct pciq_run *run, u32 i)
{
	struct pciq_entry *entry = entry_of(run, i);
	u16 state = run->work[i].state;
	enum pciq_reason why = entry->reason;

	entry->done |= PCIQ_DID_RESET;
	if (run->funcs[i].flags & PCIQ_F_BRIDGE) {
		/* No master: whatever its BME reads. */
		if (state & STATE_BACK)
			tell(entry, PCIQ_WAS_RESET,
			     PCIQ_BY_BRIDGE);
		else if (why == PCIQ_BY_BRIDGE)
			tell(entry, PCIQ_REFUSED, why);
		return;
	}
	if (!refused(entry))
		why = state & STATE_WANTED ? PCIQ_BY_PLAN :
					     PCIQ_BY_LINK;
	if (!(state & STATE_BACK))
		tell(entry, PCIQ_REFUSED, PCIQ_BY_SILENCE);
	else if (vf_is_gone(run, i))
		tell(entry, PCIQ_WAS_RESET, why);
	else if (entry->command_after == ALL_ONES_16)
		tell(entry, PCIQ_REFUSED, PCIQ_BY_SILENCE);
	else if (entry->command_after & PCI_COMMAND_MASTER)
		tell(entry, PCIQ_REFUSED, PCIQ_BY_BME);
	else
		tell(entry, PCIQ_WAS_RESET, why);
}

static __quiesce void judge_all(struct pciq_run *run)
{
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		if (!(run->work[i].state & STATE_GONE))
			continue;
		/* Not asked is not quiet. */
		if (pciq_late(run, run->until))
			run->work[i].state &= ~STATE_BACK;
		judge(run, i);
	}
}

/**
 * pciq_bring_back() - wait for what was reset, and configure it
 * @run: the run, its links released
 *
 * Context: crash path, also after a fault inside it.
 */
noinline __quiesce void pciq_bring_back(struct pciq_run *run)
{
	u32 polls, left;
	u64 until;

	if (!run->saved)
		return;
	polls = (run->settle_ms + ANSWER_MS) * POLLS_PER_MS;
	until = run->reset_end +
		(u64)(run->settle_ms + ANSWER_MS) * run->tsc_khz;
	if (until - run->start > run->work_until - run->start)
		until = run->work_until;
	restore_ports(run);
	left = poll_answers(run, until);
	for (; left && polls; polls--) {
		if (pciq_late(run, until))
			break;
		pciq_pause(run, POLL_US, until);
		left = poll_answers(run, until);
	}
	finish_resets(run);
	judge_all(run);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset functions that refused, or that are to be reset in any case, and
 * restore what they lost.
 *
 * All links at once: assert, wait, release, poll until all are ready.  That
 * takes as long as the slowest link.  What may be reset was decided when the
 * snapshot was taken, see drivers/pci/quiesce/plan.c.
 */
#include "kexec_pci_internal.h"

/*
 * Trst is 1 ms (PCIe r6.0, sec 6.6.1); twice that, as
 * pci_reset_secondary_bus().
 */
#define PCIQ_ASSERT_US		2000

/* Until a function responds without RRS (PCIe r6.0, sec 6.6.1). */
#define PCIQ_READY_TIMEOUT_MS	1000
#define PCIQ_POLL_US		1000

#define PCIQ_DRAIN_POLL_US	100

/* Not one with transactions pending, nor one that does not respond. */
static __quiesce bool pciq_is_wanted(const struct pciq_run *run, u32 i)
{
	u16 state = run->work[i].state;

	return state & PCIQ_STATE_PRESENT && !(state & PCIQ_STATE_LOW_POWER) &&
	       (pciq_entry(run, i)->reason == PCIQ_BY_BME ||
		run->resets[i].cause & 1U << run->policy);
}

/* The reset does not take place. */
static __quiesce void pciq_give_up(struct pciq_run *run, u32 i,
				   enum pciq_no_reset why)
{
	run->work[i].state &= ~PCIQ_STATE_CHOSEN;
	pciq_entry(run, i)->no_reset = why;
}

/* Of each function that is wanted: by FLR, or by which link? */
static __quiesce void pciq_choose(struct pciq_run *run)
{
	u64 ticks = (u64)run->snapshot->reset_ms * run->tsc_khz;
	bool late = pciq_arch_clock() - run->start + ticks >=
		    run->work_until - run->start;
	u32 i, port;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct pciq_reset *reset = &run->resets[i];

		if (!pciq_is_wanted(run, i))
			continue;
		port = pciq_is_bridge(run, i) ? i : pciq_port(run, i);
		if (reset->method == PCIQ_RESET_NONE)
			pciq_entry(run, i)->no_reset = reset->no_reset;
		/* Functions that were added since could not be restored. */
		else if (late || run->record->incomplete)
			pciq_entry(run, i)->no_reset = late ? PCIQ_NOT_TIME :
							      PCIQ_NOT_SAVED;
		else if (reset->method == PCIQ_RESET_FLR)
			run->work[i].state |= PCIQ_STATE_FLR;
		else
			run->work[port].state |= PCIQ_STATE_LINK;
	}
}

/* What is reset with the link above, or with its PF. */
static __quiesce void pciq_cover(struct pciq_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		u32 parent = run->resets[i].parent;
		u16 above = parent == PCIQ_NONE ? 0 : run->work[parent].state;
		u16 *state = &run->work[i].state;

		*state &= ~PCIQ_STATE_RESET;
		if (above & (PCIQ_STATE_LINK | PCIQ_STATE_RESET))
			*state &= ~PCIQ_STATE_CHOSEN;
		else if (!(*state & PCIQ_STATE_FLR))
			continue;
		*state |= PCIQ_STATE_RESET;
	}
}

/*
 * What sleeps cannot be compared, nor what responded and does not any more.
 * What is gone has nothing to lose, but is not what a reset is written to.
 */
static __quiesce bool pciq_is_as_saved(struct pciq_run *run, u32 i)
{
	u32 k = run->resets[i].first, end = k + run->resets[i].nr, value;
	u16 state = run->work[i].state;

	if (state & PCIQ_STATE_LOW_POWER ||
	    (state & PCIQ_STATE_CHOSEN && !(state & PCIQ_STATE_PRESENT)))
		return false;
	for (; k < end; k++) {
		value = run->restores[k].value;
		if (run->restores[k].compare)
			value = pciq_read(run, i, run->restores[k].reg, 4);
		if (value != run->restores[k].value &&
		    (value != ~0U || state & PCIQ_STATE_PRESENT))
			return false;
	}
	return true;
}

/* The function itself, or the nearest above, whose reset would reset it. */
static __quiesce u32 pciq_chosen_above(const struct pciq_run *run, u32 i)
{
	while (i != PCIQ_NONE && !(run->work[i].state & PCIQ_STATE_CHOSEN))
		i = run->resets[i].parent;
	return i;
}

/*
 * Addresses may have changed since they were saved: to restore them would move
 * what works.  One function protects all links above it.
 */
static __quiesce void pciq_compare_saved(struct pciq_run *run)
{
	u32 i, above;

	for (i = 0; i < run->nr_funcs; i++) {
		if (pciq_expired(run, run->work_until))
			return;
		above = pciq_chosen_above(run, i);
		if (above == PCIQ_NONE || pciq_is_as_saved(run, i))
			continue;
		for (; above != PCIQ_NONE; above = pciq_chosen_above(run, i))
			pciq_give_up(run, above, PCIQ_NOT_CURRENT);
	}
}

/* A completion for what was reset may be taken for that of another request. */
static __quiesce void pciq_drain(struct pciq_run *run)
{
	u64 until = pciq_arch_clock() + (u64)PCIQ_DRAIN_MS * run->tsc_khz;
	u32 i = 0;

	while (i < run->nr_funcs && !pciq_expired(run, until) &&
	       !pciq_expired(run, run->work_until)) {
		u16 reg = run->resets[i].pending_reg, status = 0;

		if (run->work[i].state & PCIQ_STATE_RESET && reg)
			status = pciq_read(run, i, reg, 2);
		if (status == PCIQ_NO_RESPONSE_16 ||
		    !(status & run->resets[i].pending_bit)) {
			i++;
			continue;
		}
		pciq_entry(run, i)->done |= PCIQ_DID_DRAIN;
		pciq_delay(run, PCIQ_DRAIN_POLL_US, run->work_until);
	}
}

/* Whether it has an effect, the functions show later. */
static __quiesce void pciq_assert(struct pciq_run *run, u32 i)
{
	bool link = run->work[i].state & PCIQ_STATE_LINK;
	u16 reg = link ? PCI_BRIDGE_CONTROL : run->resets[i].flr_reg;
	u16 bit = link ? PCI_BRIDGE_CTL_BUS_RESET : run->resets[i].flr_bit;
	u16 control = pciq_read(run, i, reg, 2);

	if (control == PCIQ_NO_RESPONSE_16 || control & bit) {
		pciq_give_up(run, i, control == PCIQ_NO_RESPONSE_16 ?
				     PCIQ_NOT_TAKEN : PCIQ_NOT_HELD);
		return;
	}
	/* Before the write: after a fault it is released. */
	if (link) {
		control &= ~PCIQ_BRIDGE_CTL_DTS;
		run->work[i].control = control;
		run->work[i].state |= PCIQ_STATE_ASSERTED;
	}
	pciq_entry(run, i)->done |= link ? PCIQ_DID_ASSERT : PCIQ_DID_FLR;
	run->record->links_reset += link;
	run->record->functions_reset += !link;
	pciq_write(run, i, reg, 2, control | bit);
}

/* As long as what is reset can still become ready. */
static __quiesce void pciq_assert_all(struct pciq_run *run)
{
	u64 ticks = (u64)run->snapshot->reset_ms * run->tsc_khz;
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		if (!(run->work[i].state & PCIQ_STATE_CHOSEN))
			continue;
		if (pciq_expired(run, run->work_until - ticks))
			pciq_give_up(run, i, PCIQ_NOT_TIME);
		else
			pciq_assert(run, i);
	}
}

/**
 * pciq_release_links() - end every Secondary Bus Reset
 * @run: the run
 *
 * Whatever the deadline: a link left in reset would lose the dump, a late start
 * of the crash kernel does not; and too short a reset may be none.
 *
 * Context: crash path, also after a fault.
 */
__quiesce void pciq_release_links(struct pciq_run *run)
{
	u32 i;

	pciq_delay(run, PCIQ_ASSERT_US, run->start - 1);
	for (i = 0; i < run->nr_funcs; i++) {
		struct pciq_work *work = &run->work[i];

		/* A fault came before it was reset. */
		if (!(pciq_entry(run, i)->done &
		      (PCIQ_DID_ASSERT | PCIQ_DID_FLR)))
			work->state &= ~PCIQ_STATE_CHOSEN;
		if (!(work->state & PCIQ_STATE_ASSERTED))
			continue;
		/* Twice, should one be lost; and posted, until it is read. */
		pciq_write(run, i, PCI_BRIDGE_CONTROL, 2, work->control);
		pciq_write(run, i, PCI_BRIDGE_CONTROL, 2, work->control);
		pciq_read(run, i, PCI_BRIDGE_CONTROL, 2);
		work->state &= ~PCIQ_STATE_ASSERTED;
	}
	run->reset_end = max(pciq_arch_clock(), run->start);
}

/*
 * Whether a function may be read after a reset.  The time counts from its end,
 * from when the port above was ready itself, or from Link Active.
 */
static __quiesce bool pciq_may_be_read(struct pciq_run *run, u32 i)
{
	bool flr = run->work[i].state & PCIQ_STATE_FLR;
	u32 above = flr ? i : run->resets[i].parent;
	const struct pciq_reset *reset = &run->resets[above];
	struct pciq_work *work = &run->work[above];

	if (!flr && pciq_is_in_reset(work))
		return false;
	if (!flr && reset->link & PCIQ_LINK_FAST &&
	    !(work->state & PCIQ_STATE_LINK_UP)) {
		u16 status = pciq_read(run, above,
				       reset->pcie_cap + PCI_EXP_LNKSTA, 2);

		if (status == PCIQ_NO_RESPONSE_16 ||
		    !(status & PCI_EXP_LNKSTA_DLLLA))
			return false;
		work->state |= PCIQ_STATE_LINK_UP;
		work->since = pciq_arch_clock();
	}
	/* pciq_recover() may have set the start of @run to a later time. */
	return pciq_arch_clock() - (work->since ?: run->reset_end) >=
	       (u64)reset->settle_ms * run->tsc_khz;
}

/* A function that was not reset after all gets what it has. */
static __quiesce bool pciq_restore(struct pciq_run *run, u32 i)
{
	u32 k = run->resets[i].first, end = k + run->resets[i].nr, value;
	struct pciq_entry *entry = pciq_entry(run, i);
	u16 command = entry->command_before, now;
	u32 faults = run->record->faults;

	for (; k < end; k++) {
		const struct pciq_restore *restore = &run->restores[k];

		value = restore->value;
		now = restore->keep ? pciq_read(run, i, restore->reg, 2) : 0;
		if (now != PCIQ_NO_RESPONSE_16)
			value |= now & restore->keep;
		pciq_write(run, i, restore->reg, restore->size, value);
	}
	if (run->record->faults != faults)
		return false;
	if (command == PCIQ_NO_RESPONSE_16)
		command = run->resets[i].command;
	command &= ~PCI_COMMAND_MASTER;
	pciq_write(run, i, PCI_COMMAND, 2, command | PCI_COMMAND_INTX_DISABLE);
	entry->command_after = pciq_read(run, i, PCI_COMMAND, 2);
	return run->record->faults == faults;
}

/* Whether it needs no more polls. */
static __quiesce bool pciq_make_ready(struct pciq_run *run, u32 i)
{
	struct pciq_entry *entry = pciq_entry(run, i);
	struct pciq_work *work = &run->work[i];
	u32 id, witness = run->resets[i].witness, found = 0;

	if (!pciq_may_be_read(run, i) || !pciq_responds(run, i, &id))
		return false;
	if (witness != PCIQ_NONE && !(work->state & PCIQ_STATE_RESTORING))
		found = pciq_read(run, i, run->restores[witness].reg, 4);
	/* All ones are no response, and show nothing. */
	if (found == ~0U)
		return false;
	/*
	 * A reset clears both: there was none, whatever the port says.  A
	 * hypervisor may keep addresses.  Command may have been 0 before.
	 */
	if (found && found == run->restores[witness].value &&
	    (!entry->command_after || pciq_read(run, i, PCI_COMMAND, 2))) {
		work->state &= ~PCIQ_STATE_RESET;
		entry->no_reset = PCIQ_NOT_TAKEN;
		return true;
	}
	work->state |= PCIQ_STATE_RESTORING;
	if (!pciq_restore(run, i))
		return false;
	entry->done |= PCIQ_DID_RESTORE;
	work->since = pciq_arch_clock();
	entry->ready_us = (work->since - run->reset_end) * 1000 / run->tsc_khz ?: 1;
	work->state |= PCIQ_STATE_READY;
	return true;
}

/* Parents first: one pass restores a port and what is below it. */
static __quiesce bool pciq_poll_ready(struct pciq_run *run, u64 until)
{
	bool all = true;
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		if (!pciq_is_in_reset(&run->work[i]) ||
		    !(run->work[i].state & PCIQ_STATE_PRESENT) ||
		    pciq_goes_with_pf(run, i))
			continue;
		if (pciq_expired(run, until))
			return false;
		all &= pciq_make_ready(run, i);
	}
	return all;
}

static __quiesce void pciq_judge_reset(struct pciq_run *run, u32 i)
{
	u32 what = pciq_goes_with_pf(run, i) ? run->resets[i].parent : i;
	struct pciq_entry *entry = pciq_entry(run, i);
	enum pciq_reason why = entry->reason;
	u16 state = run->work[what].state;

	if (!(state & PCIQ_STATE_RESET))
		return;
	entry->done |= PCIQ_DID_RESET;
	entry->no_reset = PCIQ_MAY_RESET;
	if (!(run->work[i].state & PCIQ_STATE_PRESENT))
		return;
	/* All ones if it is gone. */
	if (what != i && state & PCIQ_STATE_READY)
		entry->command_after = pciq_read(run, i, PCI_COMMAND, 2);
	if (why != PCIQ_BY_BRIDGE && why != PCIQ_BY_BME)
		why = pciq_is_wanted(run, i) ? PCIQ_BY_PLAN : PCIQ_BY_LINK;
	if (!(state & PCIQ_STATE_READY))
		pciq_set_outcome(entry, PCIQ_REFUSED, why == PCIQ_BY_BRIDGE ?
				 why : PCIQ_BY_NOT_READY);
	else if (why != PCIQ_BY_BRIDGE && entry->command_after &
		 PCI_COMMAND_MASTER && (what == i || entry->command_after !=
					PCIQ_NO_RESPONSE_16))
		pciq_set_outcome(entry, PCIQ_REFUSED, PCIQ_BY_BME);
	else
		pciq_set_outcome(entry, PCIQ_WAS_RESET, why);
}

/**
 * pciq_wait_ready() - wait for what was reset, and restore it
 * @run: the run, its links released
 *
 * Context: crash path, also after a fault.
 */
noinline __quiesce void pciq_wait_ready(struct pciq_run *run)
{
	u32 i, ms = run->snapshot->reset_ms + PCIQ_READY_TIMEOUT_MS;
	/* Also if the resets took all the time: half of what is reserved. */
	u64 until = min(run->reset_end + (u64)ms * run->tsc_khz,
			(run->work_until + run->until) / 2);

	pciq_cover(run);
	while (!pciq_poll_ready(run, until) && !pciq_expired(run, until))
		pciq_delay(run, PCIQ_POLL_US, until);
	for (i = 0; i < run->nr_funcs; i++)
		pciq_judge_reset(run, i);
}

/**
 * pciq_reset_refused() - reset what refused, and what the policy names
 * @run: the run, with resets
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_reset_refused(struct pciq_run *run)
{
	pciq_begin_step(run, PCIQ_STEP_RESET);
	pciq_choose(run);
	pciq_compare_saved(run);
	pciq_cover(run);
	pciq_apply_ops(run, &run->snapshot->reset_ops,
		       PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_RESET);
	pciq_drain(run);
	pciq_assert_all(run);
	pciq_release_links(run);
	pciq_begin_step(run, PCIQ_STEP_READY);
	pciq_wait_ready(run);
}

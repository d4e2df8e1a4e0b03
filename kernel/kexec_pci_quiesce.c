// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quiesce PCI functions in the crashing kernel before the crash kernel starts.
 *
 * Runs once, on the crashing CPU, with the other CPUs stopped and interrupts
 * disabled.  Locks may be held and kernel data may be corrupt, so this code
 * takes no locks, does not allocate or print, and does not use struct pci_dev.
 * It works from a checksummed snapshot taken by drivers/pci/quiesce/, and only
 * decides whether a function is still the same and whether it stopped.
 *
 * Config accesses may fault.  Every loop is bounded by the snapshot and by the
 * deadline.  Steps are noinline: a backtrace shows which one it was.
 */
#include <linux/mm.h>
#include <linux/xxhash.h>

#include "kexec_pci_internal.h"

/* 1/8 of the deadline is reserved for restoring and for the record. */
#define PCIQ_RESERVE_SHIFT	3

/*
 * A config read takes about 1 us; one that times out, 50 us to 50 ms and more
 * (PCIe r6.0, sec 7.5.3.16, Completion Timeout Value).
 */
#define PCIQ_SLOW_US		1000

/*
 * Vendor ID of a function that is not ready, other bytes 1 (PCIe r6.0, sec
 * 2.3.2).
 */
#define PCIQ_ID_RRS		0xffff0001

/* 16,384 functions, 256 windows, 8 operations for each port. */
#define PCIQ_MAX_HOT_BYTES	(4U << 20)

struct pciq_ctl pciq_ctl;
struct pciq_run pciq_crash_run;

/* Read-only after boot, or loading: the one pointer that is trusted. */
struct pciq_memory pciq_memory __ro_after_init;

/* === Time === */

/**
 * pciq_expired() - whether a point in time has passed
 * @run: the run
 * @until: TSC, after the start of @run
 *
 * Context: crash path.
 * Return: true if it has, or if the TSC was set back.
 */
__quiesce bool pciq_expired(const struct pciq_run *run, u64 until)
{
	return pciq_arch_clock() - run->start >= until - run->start;
}

/**
 * pciq_delay() - let time pass
 * @run: the run
 * @us: microseconds
 * @until: TSC by which to return in any case
 *
 * Context: crash path.
 */
__quiesce void pciq_delay(const struct pciq_run *run, u32 us, u64 until)
{
	u64 start = pciq_arch_clock(), ticks = (u64)us * run->tsc_khz / 1000;

	while (pciq_arch_clock() - start < ticks && !pciq_expired(run, until))
		pciq_arch_relax();
}

/**
 * pciq_begin_step() - note in the record that a step begins
 * @run: the run
 * @step: the step
 *
 * Context: crash path.
 */
__quiesce void pciq_begin_step(struct pciq_run *run, enum pciq_step step)
{
	run->record->step = step;
	run->record->tsc[step] = pciq_arch_clock();
}

/**
 * pciq_set_deadline() - start the clock
 * @run: the run
 *
 * Context: crash path.
 */
__quiesce void pciq_set_deadline(struct pciq_run *run)
{
	u64 ticks = (u64)pciq_memory.deadline_ms * pciq_memory.tsc_khz;

	run->tsc_khz = pciq_memory.tsc_khz;
	run->start = pciq_arch_clock();
	run->until = run->start + ticks;
	run->work_until = run->until - (ticks >> PCIQ_RESERVE_SHIFT);
}

/* === Config space === */

/**
 * pciq_read() - read a register
 * @run: the run
 * @i: index of the function
 * @reg: offset of the register
 * @size: 2 or 4 bytes
 *
 * Context: crash path.
 * Return: the value; all ones if there is no response.
 */
__quiesce u32 pciq_read(struct pciq_run *run, u32 i, u16 reg, unsigned int size)
{
	const struct pciq_func *func = &run->funcs[i];
	u32 value;

	run->record->reads++;
	if (!pciq_arch_read(&run->windows[func->window], func->entry.bus,
			    func->entry.devfn, reg, size, &value))
		run->record->faults++;
	else if (value == (size == 2 ? PCIQ_NO_RESPONSE_16 : ~0U))
		run->record->unanswered++;
	return value;
}

/**
 * pciq_write() - write a register
 * @run: the run
 * @i: index of the function
 * @reg: offset of the register
 * @size: 2 or 4 bytes
 * @value: what to write
 *
 * Context: crash path.
 */
__quiesce void pciq_write(struct pciq_run *run, u32 i, u16 reg,
			  unsigned int size, u32 value)
{
	const struct pciq_func *func = &run->funcs[i];

	run->record->writes++;
	if (!pciq_arch_write(&run->windows[func->window], func->entry.bus,
			     func->entry.devfn, reg, size, value))
		run->record->faults++;
}

/* === The snapshot === */

/**
 * pciq_is_valid() - whether memory is what it was when its checksum was made
 * @run: the run
 * @start: of the memory
 * @bytes: its size, not 0
 * @sum: xxh64, seed 0
 *
 * Context: crash path.
 * Return: true if so.
 */
__quiesce bool pciq_is_valid(const struct pciq_run *run, const void *start,
			     u32 bytes, u64 sum)
{
	u32 offset;

	for (offset = 0; offset < bytes; offset += PAGE_SIZE) {
		if (pciq_expired(run, run->work_until) ||
		    !pciq_arch_probe(start + offset))
			return false;
	}
	return pciq_arch_probe(start + bytes - 1) &&
	       xxh64(start, bytes, 0) == sum;
}

/* What is behind the checksum is as drivers/pci/quiesce/ wrote it. */
static __quiesce bool
pciq_snapshot_is_valid(const struct pciq_run *run,
		       const struct pciq_snapshot *snapshot)
{
	u32 summed = offsetofend(struct pciq_snapshot, hot_sum);

	/* The header is within a page. */
	return snapshot && pciq_arch_probe(snapshot) &&
	       snapshot->hot_bytes > sizeof(*snapshot) &&
	       snapshot->hot_bytes <= PCIQ_MAX_HOT_BYTES &&
	       pciq_is_valid(run, (const void *)snapshot + summed,
			     snapshot->hot_bytes - summed, snapshot->hot_sum);
}

static __quiesce enum pciq_source pciq_choose_snapshot(struct pciq_run *run)
{
	u32 newest = READ_ONCE(pciq_ctl.newest) & 1, i;
	const u32 slots[] = { newest, !newest, PCIQ_SLOT_WINDOWS };

	for (i = 0; i < ARRAY_SIZE(slots) - !PCIQ_CAN_SCAN; i++) {
		run->snapshot = READ_ONCE(pciq_ctl.slot[slots[i]]);
		if (pciq_snapshot_is_valid(run, run->snapshot))
			return PCIQ_FROM_NEWEST + i;
	}
	return PCIQ_FROM_NONE;
}

/* === The record === */

/**
 * pciq_begin_entries() - copy the prepared entries into the record
 * @run: the run, with functions
 * @nr: functions
 *
 * Context: crash path.
 */
__quiesce void pciq_begin_entries(struct pciq_run *run, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		*pciq_entry(run, i) = run->funcs[i].entry;
		run->work[i].since = 0;
		run->work[i].to_undo = 0;
		run->work[i].state = 0;
	}
	run->record->nr_entries = nr;
	run->record->total_bytes += nr * sizeof(struct pciq_entry);
	/* Last: pciq_abort() finds no stale state. */
	run->nr_funcs = nr;
}

/* The verdict is what the entries allow. */
static __quiesce void pciq_count(struct pciq_run *run,
				 enum pciq_verdict verdict)
{
	static const u8 duration[PCIQ_NR_OUTCOMES] = {
		[PCIQ_QUIET] = PCIQ_HELD,
		[PCIQ_ALREADY_QUIET] = PCIQ_LASTS,
		[PCIQ_WAS_RESET] = PCIQ_LASTS,
		[PCIQ_WAS_CONTAINED] = PCIQ_HELD,
	};
	struct pciq_record *record = run->record;
	u32 i, stopped;

	for (i = 0; i < PCIQ_NR_OUTCOMES; i++)
		WRITE_ONCE(record->counts[i], 0);
	record->total = 0;
	record->quiet = 0;
	record->held = 0;
	for (i = 0; i < record->nr_entries; i++) {
		struct pciq_entry *entry = pciq_entry(run, i);
		u32 outcome = entry->outcome & PCIQ_OUTCOME_MASK;

		record->counts[outcome]++;
		/*
		 * Out of scope: not to be stopped, or not there before either.
		 */
		if (entry->reason == PCIQ_BY_BRIDGE ||
		    entry->reason == PCIQ_BY_CLASS ||
		    (outcome == PCIQ_ABSENT &&
		     entry->reason != PCIQ_BY_NO_RESPONSE))
			continue;
		entry->duration = duration[outcome];
		record->total++;
		record->held += duration[outcome] == PCIQ_HELD;
		record->quiet += duration[outcome] != PCIQ_NOT_QUIET &&
				 outcome != PCIQ_WAS_CONTAINED;
	}
	stopped = record->quiet + record->counts[PCIQ_WAS_CONTAINED] -
		  record->ports_contained;
	record->verdict = verdict;
	if (verdict != PCIQ_CLEAN)
		return;
	if (record->total && record->reads == record->unanswered + record->faults)
		record->verdict = PCIQ_SKIPPED;
	/* A scan sees neither drivers nor a VF that does not respond. */
	else if (stopped != record->total || record->faults ||
		 record->incomplete || record->source == PCIQ_FROM_SCAN)
		record->verdict = PCIQ_PARTIAL;
	else if (record->quiet != record->total)
		record->verdict = PCIQ_CONTAINED;
}

/**
 * pciq_finish() - complete the record
 * @run: the run
 * @verdict: the best that it can be
 *
 * Context: any, including the crash path.
 */
noinline __quiesce void pciq_finish(struct pciq_run *run,
				    enum pciq_verdict verdict)
{
	struct pciq_record *record = run->record;
	u32 summed = offsetofend(struct pciq_record, checksum);
	u64 now = pciq_arch_clock();

	pciq_count(run, verdict);
	record->tsc[PCIQ_STEP_DONE] = now;
	record->microseconds = (now - record->tsc[PCIQ_STEP_VALIDATE]) * 1000 /
			       run->tsc_khz;
	/* After a fault, @step shows where it was. */
	if (verdict != PCIQ_ABORTED)
		record->step = PCIQ_STEP_DONE;
	record->checksum = xxh64((void *)record + summed,
				 record->total_bytes - summed, 0);
}

/* === Operations === */

static __quiesce void pciq_apply_op(struct pciq_run *run,
				    const struct pciq_op *op)
{
	struct pciq_work *work = &run->work[op->func];
	u16 value = 0, wanted;

	/* A register of nothing but enables need not be read. */
	if (op->clear != U16_MAX)
		value = pciq_read(run, op->func, op->reg, 2);
	if (value == PCIQ_NO_RESPONSE_16) {
		work->state &= ~PCIQ_STATE_PRESENT;
		if (!op->when)
			pciq_set_outcome(pciq_entry(run, op->func),
					 PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE);
		return;
	}
	/* Of Bridge Control: what is found in reset stays so. */
	if (value & op->never & PCI_BRIDGE_CTL_BUS_RESET)
		return;
	value &= ~op->never;
	wanted = (value & ~op->clear) | op->set;
	if (op->when && (wanted != value || op->events)) {
		/* Before the write: after a fault it is undone. */
		if (!(work->to_undo & 1U << op->slot))
			work->undo[op->slot] = value;
		work->to_undo |= 1U << op->slot;
		pciq_entry(run, op->func)->done |= PCIQ_DID_MASK;
	}
	if (wanted != value || op->clear == U16_MAX)
		pciq_write(run, op->func, op->reg, 2, wanted);
}

/**
 * pciq_apply_ops() - carry out the operations that are due
 * @run: the run
 * @part: the table
 * @due: PCIQ_WHEN_*, 0 = those of every crash
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_apply_ops(struct pciq_run *run,
				       const struct pciq_part *part, u8 due)
{
	const struct pciq_op *op = pciq_table(run->snapshot, part);
	const struct pciq_op *end = op + part->nr;

	for (; op < end; op++) {
		u16 state = run->work[op->func].state;

		if (!(state & PCIQ_STATE_PRESENT) ||
		    (due && !(op->when & due & state)))
			continue;
		if (!pciq_expired(run, run->work_until))
			pciq_apply_op(run, op);
		else if (!due)
			pciq_set_outcome(pciq_entry(run, op->func),
					 PCIQ_UNTOUCHED, PCIQ_BY_DEADLINE);
	}
}

/**
 * pciq_undo_ops() - undo the operations that were due before a reset
 * @run: the run, with resets
 *
 * Not of a port that contains, which would report what it blocks, nor of what
 * did not become ready.
 *
 * Context: crash path, also after a fault.
 */
noinline __quiesce void pciq_undo_ops(struct pciq_run *run)
{
	const struct pciq_part *part = &run->snapshot->reset_ops;
	const struct pciq_op *ops = pciq_table(run->snapshot, part);
	u32 k;

	for (k = part->nr; k-- > 0;) {
		const struct pciq_op *op = &ops[k];
		struct pciq_work *work = &run->work[op->func];
		u16 bits = op->clear | op->set, value;

		if (!(work->to_undo & 1U << op->slot) ||
		    work->state & PCIQ_STATE_CONTAINED || pciq_is_in_reset(work))
			continue;
		if (pciq_expired(run, run->until))
			return;
		value = pciq_read(run, op->func, op->reg, 2);
		if (value == PCIQ_NO_RESPONSE_16 ||
		    value & op->never & PCI_BRIDGE_CTL_BUS_RESET)
			continue;
		if (op->events)
			value &= op->events & ~work->undo[op->slot];
		else
			value = (value & ~(bits | op->never)) |
				(work->undo[op->slot] & bits);
		pciq_write(run, op->func, op->reg, 2, value);
		work->to_undo &= ~(1U << op->slot);
		pciq_entry(run, op->func)->done |= PCIQ_DID_UNMASK;
	}
}

/* === Disable === */

/**
 * pciq_responds() - whether a function shows its identity
 * @run: the run
 * @i: index of the function
 * @id: what it shows
 *
 * Vendor and Device ID, where a function that is not ready is seen at once
 * (PCIe r6.0, sec 2.3.2).  A VF has none of its own (sec 9.3.4.1.1): Class Code
 * and Revision ID.
 *
 * Context: crash path.
 * Return: true if it is the one in the snapshot.
 */
__quiesce bool pciq_responds(struct pciq_run *run, u32 i, u32 *id)
{
	const struct pciq_entry *entry = &run->funcs[i].entry;

	if (entry->flags & PCIQ_F_VF) {
		*id = pciq_read(run, i, PCI_CLASS_REVISION, 4);
		return *id == entry->class_revision;
	}
	*id = pciq_read(run, i, PCI_VENDOR_ID, 4);
	return *id == (entry->vendor | (u32)entry->device << 16);
}

/*
 * A page table that was written to may show another function, or memory, which
 * would read back quiet whatever the function does.
 */
static __quiesce bool pciq_identify(struct pciq_run *run, u32 i)
{
	struct pciq_entry *entry = pciq_entry(run, i);
	u32 id;

	if (pciq_responds(run, i, &id)) {
		entry->done |= PCIQ_DID_READ;
		run->work[i].state |= PCIQ_STATE_PRESENT;
		return true;
	}
	if (id != ~0U && id != PCIQ_ID_RRS)
		pciq_set_outcome(entry, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY);
	else
		pciq_set_outcome(entry, PCIQ_ABSENT,
				 entry->flags & PCIQ_F_OFFLINE ?
					 PCIQ_BY_PLAN : PCIQ_BY_NO_RESPONSE);
	return false;
}

/**
 * pciq_judge() - what becomes of a function, from its Command register
 * @func: the function
 * @entry: its entry, with Command as last read
 *
 * Context: any, including the crash path.
 */
__quiesce void pciq_judge(const struct pciq_func *func,
			  struct pciq_entry *entry)
{
	u16 command = entry->command_after;

	if (command == PCIQ_NO_RESPONSE_16)
		pciq_set_outcome(entry, PCIQ_REFUSED, PCIQ_BY_NO_RESPONSE);
	else if (command & PCI_COMMAND_MASTER)
		pciq_set_outcome(entry, PCIQ_REFUSED, PCIQ_BY_BME);
	else if (func->remains)
		pciq_set_outcome(entry, PCIQ_REFUSED, func->remains);
	/* BME does not govern INTx (PCIe r6.0, sec 7.5.1.1.3). */
	else if (func->entry.flags & PCIQ_F_INTX_USED &&
		 !(command & PCI_COMMAND_INTX_DISABLE))
		pciq_set_outcome(entry, PCIQ_REFUSED, PCIQ_BY_INTX);
	else
		pciq_set_outcome(entry, entry->done & PCIQ_DID_DISABLE ?
					PCIQ_QUIET : PCIQ_ALREADY_QUIET,
				 PCIQ_BY_PLAN);
}

/*
 * One write stops memory writes, MSIs among them, and INTx.  MSI Enable stays
 * as it is: with it off a function falls back to INTx (fda78d7a0ead).  Memory
 * and I/O decode stay on: Xen wrote 0 and lost machines.
 */
static __quiesce void pciq_disable_function(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_entry *entry = pciq_entry(run, i);
	u16 command = pciq_read(run, i, PCI_COMMAND, 2);
	u16 wanted = command & ~PCI_COMMAND_MASTER;

	entry->command_before = command;
	entry->command_after = command;
	if (func->entry.flags & PCIQ_F_INTX_USED)
		wanted |= PCI_COMMAND_INTX_DISABLE;
	if (command != PCIQ_NO_RESPONSE_16 && wanted != command) {
		if (func->entry.flags & PCIQ_F_INTX)
			wanted |= PCI_COMMAND_INTX_DISABLE;
		pciq_write(run, i, PCI_COMMAND, 2, wanted);
		/*
		 * A completion does not pass posted writes (PCIe r6.0, sec
		 * 2.4.1): what is still in the fabric arrives before it.
		 */
		entry->command_after = pciq_read(run, i, PCI_COMMAND, 2);
		entry->done |= PCIQ_DID_DISABLE;
	}
	pciq_judge(func, entry);
}

static __quiesce void pciq_disable_in_time(struct pciq_run *run, u32 i)
{
	struct pciq_entry *entry = pciq_entry(run, i);
	u64 start = pciq_arch_clock(), ticks;
	u32 k;

	if (start - run->start >= run->work_until - run->start)
		return;
	if (pciq_identify(run, i))
		pciq_disable_function(run, i);
	ticks = pciq_arch_clock() - start;
	entry->ticks = min_t(u64, ticks, U32_MAX);
	if (entry->command_after != PCIQ_NO_RESPONSE_16 ||
	    ticks < (u64)PCIQ_SLOW_US * run->tsc_khz / 1000)
		return;
	for (k = 0; k < run->nr_funcs; k++) {
		if (pciq_entry(run, k)->domain == entry->domain &&
		    pciq_entry(run, k)->bus == entry->bus)
			pciq_defer(run, k);
	}
}

/*
 * Linux puts a port into a low-power state when all that is below it sleeps,
 * and what has no power must not be read: such a request may hang
 * (6e0eda3c3898).  So ports are read first, and all ones are no power state.
 */
static __quiesce void pciq_look_at_port(struct pciq_run *run, u32 i)
{
	u8 pm_cap = run->funcs[i].pm_cap;
	u16 control = 0;

	if (!pciq_identify(run, i)) {
		pciq_defer(run, i);
		return;
	}
	pciq_set_outcome(pciq_entry(run, i), PCIQ_UNTOUCHED, PCIQ_BY_BRIDGE);
	if (pm_cap)
		control = pciq_read(run, i, pm_cap + PCI_PM_CTRL, 2);
	/* Once more: a wrong answer would leave all that is below alone. */
	if (control & PCI_PM_CTRL_STATE_MASK)
		control = pciq_read(run, i, pm_cap + PCI_PM_CTRL, 2);
	if (control != PCIQ_NO_RESPONSE_16 && control & PCI_PM_CTRL_STATE_MASK)
		run->work[i].state |= PCIQ_STATE_LOW_POWER;
}

/*
 * Parents first: what is below a port depends on it.  Ports below one that does
 * not respond, which may be slow, are left for the second @pass.
 */
static __quiesce void pciq_look_at_ports(struct pciq_run *run, u32 pass)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		struct pciq_entry *entry = pciq_entry(run, i);
		u32 port = pciq_port(run, i);
		u16 above = port == PCIQ_NONE ? 0 : run->work[port].state;

		run->work[i].state |= above & PCIQ_STATE_INHERITED;
		if (entry->reason != PCIQ_BY_DEADLINE)
			continue;
		if (above & PCIQ_STATE_LOW_POWER)
			pciq_set_outcome(entry, PCIQ_ABSENT, PCIQ_BY_POWER);
		else if (pciq_is_bridge(run, i) &&
			 (pass || !(above & PCIQ_STATE_DEFERRED)) &&
			 !pciq_expired(run, run->work_until))
			pciq_look_at_port(run, i);
	}
}

/**
 * pciq_disable_functions() - stop every function but ports
 * @run: the run
 *
 * What is on the bus of a function that is slow and does not respond is likely
 * to be so, too, and may take the time of all others: it is left for a second
 * pass.
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_disable_functions(struct pciq_run *run)
{
	u32 pass, i;

	for (pass = 0; pass <= run->deferred; pass++) {
		pciq_look_at_ports(run, pass);
		for (i = 0; i < run->nr_funcs; i++) {
			if (pciq_is_bridge(run, i) ||
			    pciq_entry(run, i)->reason != PCIQ_BY_DEADLINE ||
			    (!pass && run->work[i].state & PCIQ_STATE_DEFERRED))
				continue;
			pciq_disable_in_time(run, i);
		}
	}
}

/**
 * pciq_begin() - clear the state, start the clock, choose a snapshot
 * @run: the run; its content is not looked at
 *
 * Context: crash path.
 * Return: false if there is nothing to do: policy "off", or no valid snapshot.
 */
__quiesce bool pciq_begin(struct pciq_run *run)
{
	unsigned int policy = READ_ONCE(pciq_ctl.policy);
	enum pciq_source source;

	*run = (struct pciq_run) { };
	if (policy == PCIQ_OFF || !pciq_memory.record)
		return false;
	/*
	 * Nothing drastic if pciq_ctl is corrupt; nor in a machine check:
	 * another one while MCIP is set shuts the processor down (Intel SDM
	 * volume 3, IA32_MCG_STATUS), and a reset may provoke it.
	 */
	if (policy >= PCIQ_NR_POLICIES || pciq_arch_machine_check())
		policy = PCIQ_BUSMASTER;

	pciq_set_deadline(run);
	/* Nothing in it is trusted from before. */
	run->policy = policy;
	run->record = pciq_memory.record;
	run->work = pciq_memory.work;
	*run->record = pciq_memory.blank;
	run->record->policy = policy;
	run->record->tsc[PCIQ_STEP_VALIDATE] = run->start;
	source = pciq_choose_snapshot(run);
	if (source == PCIQ_FROM_NONE) {
		pciq_finish(run, PCIQ_SKIPPED);
		return false;
	}
	*run->record = run->snapshot->record;
	run->record->source = source;
	run->record->policy = policy;
	run->record->tsc[PCIQ_STEP_VALIDATE] = run->start;
	run->windows = pciq_table(run->snapshot, &run->snapshot->windows);
	run->funcs = pciq_table(run->snapshot, &run->snapshot->funcs);
	run->record->incomplete = run->snapshot->arrivals !=
				  (u32)atomic_read(&pciq_ctl.arrivals);
	pciq_begin_entries(run, run->snapshot->funcs.nr);
	return true;
}

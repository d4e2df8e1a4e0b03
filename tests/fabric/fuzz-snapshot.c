// SPDX-License-Identifier: GPL-2.0-only
/*
 * A libFuzzer target: the engine, and a snapshot that nobody took.
 *
 * An input is a struct fuzz_plan and the bytes of a snapshot.  As nearly all
 * inputs would be refused for their sums, these can be made right.  Then the
 * engine trusts what is in it, so what the healthy side guarantees is made so
 * first: tables are where they are said to be, and indices are of what is there.
 * Registers, bits, times, flags, and what is above what, are as they come.
 *
 * Findings: whatever ASan or UBSan finds, an access that is not through a
 * published window, a snapshot that was written to, work after the deadline, a
 * record that kexec-quiesce does not understand.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include <sanitizer/asan_interface.h>

#include <linux/mm.h>
#include <linux/xxhash.h>

#include "fuzz.h"
#include "fuzz-machine.h"
#include "quiesce.h"
/* The tool has its own. */
#undef ARRAY_SIZE
#include "record.h"

/* Further than any snapshot that the engine does not refuse at once. */
#define APART		(32U << 20)

static struct fuzz_snapshot published[PCIQ_NR_SLOTS];
static u8 *originals[PCIQ_NR_SLOTS];

/* === What is made right === */

/* As many as there are said to be, and as fit. */
static void fit(struct pciq_part *part, u32 *at, u32 end, u32 each, u32 most)
{
	u32 room;

	part->offset = ALIGN(*at, 8);
	room = part->offset < end ? (end - part->offset) / each : 0;
	part->nr = min(min(part->nr, most), room);
	if (part->nr)
		*at = part->offset + part->nr * each;
	else
		part->offset = *at;
}

/* Each function takes room in both parts. */
static void fix_layout(struct pciq_snapshot *snapshot, u32 bytes, bool windows)
{
	u32 at = sizeof(*snapshot), most = windows ? 0 : PCIQ_MAX_FUNCS;
	u32 end = bytes & ~7U;

	fit(&snapshot->windows, &at, end, sizeof(struct pciq_window),
	    PCIQ_MAX_WINDOWS);
	most = min_t(u32, most, (end - min(at, end)) /
		     (sizeof(struct pciq_func) + sizeof(struct pciq_reset) + 8));
	fit(&snapshot->funcs, &at, end, sizeof(struct pciq_func), most);
	end -= snapshot->funcs.nr * (sizeof(struct pciq_reset) + 8);
	fit(&snapshot->ops, &at, end, sizeof(struct pciq_op), U16_MAX);
	snapshot->hot_bytes = ALIGN(at, 8);
	at = snapshot->hot_bytes;
	end = bytes;
	snapshot->resets.nr = snapshot->funcs.nr;
	fit(&snapshot->resets, &at, end, sizeof(struct pciq_reset), U16_MAX);
	fit(&snapshot->restores, &at, end, sizeof(struct pciq_restore), U16_MAX);
	fit(&snapshot->reset_ops, &at, end, sizeof(struct pciq_op), U16_MAX);
	snapshot->total_bytes = at;
}

/* As it is before a crash. */
static void fix_entry(struct pciq_entry *entry, u32 i, u32 nr)
{
	entry->outcome = entry->outcome % 2 ? PCIQ_EXCLUDED : PCIQ_UNTOUCHED;
	entry->reason %= PCIQ_NR_REASONS;
	entry->command_before = U16_MAX;
	entry->command_after = U16_MAX;
	entry->done = 0;
	entry->no_reset = PCIQ_MAY_RESET;
	entry->duration = PCIQ_NOT_QUIET;
	entry->ticks = 0;
	entry->ready_us = 0;
	/* Children first. */
	if (entry->port && (entry->port - 1 <= i || entry->port > nr))
		entry->port = 0;
}

static void fix_funcs(struct pciq_snapshot *snapshot)
{
	struct pciq_func *funcs = (void *)pciq_table(snapshot,
						     &snapshot->funcs);
	u32 nr = snapshot->funcs.nr, i;

	for (i = 0; i < nr; i++)
		fix_entry(&funcs[i].entry, i, nr);
	for (i = 0; i < nr; i++) {
		struct pciq_entry *entry = &funcs[i].entry;

		funcs[i].remains %= PCIQ_NR_REASONS;
		if (entry->port && !(funcs[entry->port - 1].entry.flags &
				     PCIQ_F_BRIDGE))
			entry->port = 0;
		if (funcs[i].window < snapshot->windows.nr)
			continue;
		/* Not one that would be used. */
		funcs[i].window = PCIQ_NO_WINDOW;
		if (entry->reason == PCIQ_BY_DEADLINE)
			entry->reason = PCIQ_BY_WINDOW;
	}
}

static void fix_resets(struct pciq_snapshot *snapshot)
{
	struct pciq_func *funcs = (void *)pciq_table(snapshot,
						     &snapshot->funcs);
	struct pciq_reset *resets = (void *)pciq_table(snapshot,
						       &snapshot->resets);
	u32 nr = snapshot->funcs.nr, restores = snapshot->restores.nr, i;

	snapshot->always = 0;
	for (i = 0; i < nr; i++) {
		struct pciq_reset *reset = &resets[i];

		if (reset->parent <= i || reset->parent >= nr)
			reset->parent = PCIQ_NONE;
		/* A VF has a PF. */
		if (reset->parent == PCIQ_NONE)
			funcs[i].entry.flags &= ~PCIQ_F_VF;
		reset->first = restores ? reset->first % restores : 0;
		reset->nr = min_t(u32, reset->nr % (PCIQ_RESTORES_PER_FUNC + 1),
				  restores - reset->first);
		if (reset->witness < reset->first ||
		    reset->witness >= reset->first + reset->nr)
			reset->witness = PCIQ_NONE;
		reset->pcie_cap &= 0xfc;
		reset->flr_reg &= 0xfe;
		reset->pending_reg &= 0xfe;
		/* What cannot be reached protects what is above it. */
		if (funcs[i].window == PCIQ_NO_WINDOW) {
			reset->method = PCIQ_RESET_NONE;
			reset->nr = 0;
			reset->witness = PCIQ_NONE;
			reset->pcie_cap = 0;
			reset->pending_reg = 0;
		}
		reset->settle_ms %= 2048;
		reset->method %= PCIQ_NR_RESETS;
		reset->no_reset %= PCIQ_NR_NO_RESETS;
		snapshot->always |= reset->cause;
	}
	/* By the link above only if that may be reset. */
	for (i = 0; i < nr; i++) {
		u32 port = funcs[i].entry.port;

		if (resets[i].method == PCIQ_RESET_LINK &&
		    !(funcs[i].entry.flags & PCIQ_F_BRIDGE) &&
		    (!port || resets[port - 1].method != PCIQ_RESET_LINK))
			resets[i].method = PCIQ_RESET_NONE;
	}
}

static void fix_restores(struct pciq_snapshot *snapshot)
{
	struct pciq_restore *restores =
		(void *)pciq_table(snapshot, &snapshot->restores);
	u32 i;

	for (i = 0; i < snapshot->restores.nr; i++) {
		restores[i].size = restores[i].size % 2 ? 2 : 4;
		restores[i].reg &= 0xffc;
		/* Of 16 bits. */
		if (restores[i].size == 4)
			restores[i].keep = 0;
		restores[i].keep &= 0xffff;
	}
}

static void fix_ops(struct pciq_snapshot *snapshot, struct pciq_part *part,
		    u8 when)
{
	struct pciq_op *ops = (void *)pciq_table(snapshot, part);
	u32 i;

	if (!snapshot->funcs.nr)
		part->nr = 0;
	for (i = 0; i < part->nr; i++) {
		ops[i].func %= snapshot->funcs.nr;
		ops[i].reg &= 0xffe;
		ops[i].slot %= PCIQ_MAX_UNDO;
		ops[i].when &= when;
	}
}

static void fix_record(struct pciq_snapshot *snapshot)
{
	u32 generation = snapshot->record.generation;

	snapshot->record = pciq_memory.blank;
	snapshot->record.generation = generation;
}

static void fix_sums(struct pciq_snapshot *snapshot)
{
	u32 summed = offsetofend(struct pciq_snapshot, hot_sum);

	snapshot->cold_sum = xxh64((u8 *)snapshot + snapshot->hot_bytes,
				   snapshot->total_bytes - snapshot->hot_bytes,
				   0);
	snapshot->hot_sum = xxh64((u8 *)snapshot + summed,
				  snapshot->hot_bytes - summed, 0);
}

static void forge(struct pciq_snapshot *snapshot, u32 bytes, bool windows)
{
	fix_layout(snapshot, bytes, windows);
	fix_funcs(snapshot);
	fix_resets(snapshot);
	fix_restores(snapshot);
	fix_ops(snapshot, &snapshot->ops, 0);
	fix_ops(snapshot, &snapshot->reset_ops, PCIQ_WHEN_LINK_RESET |
		PCIQ_WHEN_RESET | PCIQ_WHEN_CONTAIN);
	fix_record(snapshot);
	fix_sums(snapshot);
}

/* === Publishing === */

/*
 * Far from each other: one that claims to go on for megabytes must not end in
 * another, as what is between them is not mapped.  The engine probes page by page,
 * and snapshots here are shorter than pages.
 */
static void *place_of(unsigned int slot)
{
	static u8 *places;

	if (!places) {
		places = mmap(NULL, (size_t)PCIQ_NR_SLOTS * APART,
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (places == MAP_FAILED)
			abort();
		ASAN_POISON_MEMORY_REGION(places, (size_t)APART *
					  PCIQ_NR_SLOTS);
	}
	return places + (size_t)slot * APART;
}

static void hide(struct fuzz_snapshot *snapshot, u8 page)
{
	u32 left;

	if (!page || page * PAGE_SIZE >= snapshot->bytes)
		return;
	snapshot->hidden = page * PAGE_SIZE;
	left = snapshot->bytes - snapshot->hidden;
	ASAN_POISON_MEMORY_REGION(snapshot->at + snapshot->hidden,
				  left < PAGE_SIZE ? left : PAGE_SIZE);
}

static void publish(const struct fuzz_plan *plan, unsigned int slot,
		    const u8 *bytes, u32 nr)
{
	struct pciq_snapshot *snapshot = place_of(slot);

	/* A header is within a page, and a page is there or not. */
	if (nr < sizeof(*snapshot))
		return;
	/* To the byte: what is read beyond is found. */
	ASAN_UNPOISON_MEMORY_REGION(snapshot, nr);
	memcpy(snapshot, bytes, nr);
	if (plan->forged & 1U << slot && nr >= sizeof(*snapshot) + 16)
		forge(snapshot, nr, slot == PCIQ_SLOT_WINDOWS);
	originals[slot] = malloc(nr);
	memcpy(originals[slot], snapshot, nr);
	published[slot] = (struct fuzz_snapshot) {
		.at = (u8 *)snapshot, .bytes = nr,
	};
	hide(&published[slot], plan->hidden);
	pciq_ctl.slot[slot] = snapshot;
}

static void withdraw(unsigned int slot)
{
	struct fuzz_snapshot *snapshot = &published[slot];

	if (!snapshot->at)
		return;
	ASAN_UNPOISON_MEMORY_REGION(snapshot->at, snapshot->bytes);
	if (memcmp(snapshot->at, originals[slot], snapshot->bytes))
		finding("a snapshot was written to");
	ASAN_POISON_MEMORY_REGION(snapshot->at, snapshot->bytes);
	free(originals[slot]);
	originals[slot] = NULL;
	memset(snapshot, 0, sizeof(*snapshot));
	pciq_ctl.slot[slot] = NULL;
}

static void set_numbers(const struct fuzz_plan *plan)
{
	struct pciq_ctl *ctl = &pciq_ctl;

	memset(ctl, 0, sizeof(*ctl));
	ctl->newest = plan->newest;
	ctl->policy = plan->policy;
	ctl->exclude.nr = plan->matches;
	ctl->exclude.match[0].type = plan->seed % 3;
	ctl->exclude.match[0].class = plan->deep;
	ctl->exclude.match[0].vendor = plan->seed >> 16;
}

/* Read-only, so it is as the healthy side made it. */
static void make_memory(const struct fuzz_plan *plan)
{
	struct pciq_memory *memory = &pciq_memory;

	memory->deadline_ms = machine_deadline_ms(plan);
	memory->tsc_khz = machine_khz(plan);
	memory->blank = (struct pciq_record) {
		.magic = PCIQ_RECORD_MAGIC,
		.version = PCIQ_RECORD_VERSION,
		.header_size = sizeof(struct pciq_record),
		.entry_size = sizeof(struct pciq_entry),
		.total_bytes = sizeof(struct pciq_record),
		.verdict = PCIQ_ABORTED,
		.build = PCIQ_BUILD,
		.tsc_khz = memory->tsc_khz,
		.deadline_ms = memory->deadline_ms,
	};
}

/* To the byte again: room for what is in the snapshots, or a bit more. */
static void make_room(const struct fuzz_plan *plan)
{
	struct pciq_memory *memory = &pciq_memory;
	u32 room = 1 + plan->room % 512, i;

	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		const struct pciq_snapshot *snapshot = pciq_ctl.slot[i];

		if (snapshot && snapshot->funcs.nr <= PCIQ_MAX_FUNCS)
			room = max(room, snapshot->funcs.nr);
	}
	memory->room = room;
	memory->record = malloc(sizeof(struct pciq_record) +
				room * sizeof(struct pciq_entry));
	memory->work = malloc(room * sizeof(struct pciq_work));
	memory->scan = malloc(room * sizeof(struct pciq_func));
	/* Nothing of it may matter. */
	memset(memory->work, plan->spoil, room * sizeof(struct pciq_work));
}

static void free_room(void)
{
	free(pciq_memory.record);
	free(pciq_memory.work);
	free(pciq_memory.scan);
}

/* === The record === */

static void check_entry(const struct pciq_entry *entry, u32 i)
{
	if (entry->outcome >= PCIQ_NR_OUTCOMES ||
	    entry->reason >= PCIQ_NR_REASONS)
		finding("entry %u has outcome %u, reason %u", i,
			entry->outcome, entry->reason);
}

static void check_record(const struct pciq_run *run)
{
	const struct pciq_record *head = run->record;
	struct complaint why;
	struct record record;
	u32 i, sum = 0;

	if (!head) {
		if (pciq_ctl.policy != PCIQ_OFF)
			finding("no record");
		return;
	}
	if (!record_parse(&record, head, head->total_bytes, &why))
		finding("%s", why.text);
	if (!record.checksum_ok)
		finding("the checksum is wrong");
	if (!head->verdict || head->verdict >= PCIQ_NR_VERDICTS)
		finding("verdict %u", head->verdict);
	for (i = 0; i < head->nr_entries; i++) {
		struct pciq_entry entry = record_entry(&record, i);

		check_entry(&entry, i);
	}
	for (i = 0; i < PCIQ_NR_OUTCOMES; i++)
		sum += head->counts[i];
	if (sum != head->nr_entries || head->quiet > head->total ||
	    head->total > head->nr_entries)
		finding("%u entries, %u counted, %u quiet of %u",
			head->nr_entries, sum, head->quiet, head->total);
}

static void crash(const struct fuzz_plan *plan)
{
	struct pciq_run run;
	bool done;

	memset(&run, plan->spoil, sizeof(run));

	machine_begin(plan, published, &run);
	done = machine_enter(pciq_run, &run);
	if (!done) {
		machine_enter(pciq_recover, &run);
		done = machine_enter(pciq_abort, &run);
	}
	/* An oops in the last stage as well is not promised to be survived. */
	if (done)
		check_record(&run);
	machine_end();
}

/**
 * LLVMFuzzerTestOneInput() - one input
 * @data: the input
 * @size: its length
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_plan plan;
	unsigned int slot;

	if (size < sizeof(plan) || size > APART)
		return -1;
	memcpy(&plan, data, sizeof(plan));
	set_numbers(&plan);
	make_memory(&plan);
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		if (plan.slots & 1U << slot)
			publish(&plan, slot, data + sizeof(plan),
				size - sizeof(plan));
	make_room(&plan);
	crash(&plan);
	free_room();
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		withdraw(slot);
	return 0;
}

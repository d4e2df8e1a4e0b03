// SPDX-License-Identifier: GPL-2.0-only
/* Faults: what the routine works from: its snapshots, and where it finds them. */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "inject.h"

#define GARBAGE		0x5a

/* Snapshots are read-only where the module sees them; their pages are not. */
static u8 *alias(const struct pciq_snapshot *snapshot, size_t offset)
{
	const void *at = (const void *)snapshot + offset;

	return (u8 *)page_address(vmalloc_to_page(at)) + offset_in_page(at);
}

static void flip(const struct pciq_snapshot *snapshot)
{
	*alias(snapshot, snapshot->hot_bytes - sizeof(u64)) ^= 0x10;
}

/* The last page of what has a sum: if there is but one, behind its header. */
static void garble_page(const struct pciq_snapshot *snapshot)
{
	size_t start = round_down(snapshot->hot_bytes - 1, PAGE_SIZE);
	size_t length = snapshot->hot_bytes - start;

	if (!start) {
		start = sizeof(*snapshot);
		length -= start;
	}
	memset(alias(snapshot, start), GARBAGE, length);
}

/* One function less than there is room for: sums and sizes no longer agree. */
static void truncate(const struct pciq_snapshot *snapshot)
{
	struct pciq_snapshot *writable = (void *)alias(snapshot, 0);

	writable->funcs.nr--;
	writable->hot_bytes -= sizeof(struct pciq_func);
}

/* Only what a reset calls for. */
static void flip_resets(const struct pciq_snapshot *snapshot)
{
	*alias(snapshot, snapshot->total_bytes - sizeof(u64)) ^= 0x10;
}

static const struct {
	const char *name;
	void (*spoil)(const struct pciq_snapshot *snapshot);
} ways[] = {
	{ "bit", flip },
	{ "page", garble_page },
	{ "truncate", truncate },
	{ "resets", flip_resets },
};

static int spoil(const struct inject_args *args, unsigned int slots)
{
	const char *how = inject_arg(args, "how") ?: "bit";
	unsigned int way, slot;

	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		if (!strcmp(ways[way].name, how))
			break;
	}
	if (way == ARRAY_SIZE(ways))
		return -EINVAL;
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++) {
		const struct pciq_snapshot *snapshot = inject_slot(slot);

		if (snapshot && slots & BIT(slot))
			ways[way].spoil(snapshot);
	}
	return 0;
}

static int newest(const struct inject_args *args)
{
	const struct pciq_ctl *ctl = inject_find_ours("pciq_ctl");

	return ctl ? spoil(args, BIT(ctl->newest)) : -ENOENT;
}

static int both(const struct inject_args *args)
{
	return spoil(args, BIT(PCIQ_SLOT_A) | BIT(PCIQ_SLOT_B));
}

/* The third has no functions to lose: a bit of its windows then. */
static int all(const struct inject_args *args)
{
	const struct pciq_snapshot *windows = inject_slot(PCIQ_SLOT_WINDOWS);

	if (windows)
		flip(windows);
	return both(args);
}

/* Not even canonical: a load from there is #GP, not a page fault. */
static int pointers(const struct inject_args *args)
{
	struct pciq_ctl *ctl = inject_find_ours("pciq_ctl");

	if (!ctl)
		return -ENOENT;
	ctl->slot[0] = (void *)0x5a5a5a5a5a5a5a5aUL;
	ctl->slot[1] = (void *)0xffff800000001000UL;
	ctl->newest = 77;
	return 0;
}

static int control(const struct inject_args *args)
{
	struct pciq_ctl *ctl = inject_find_ours("pciq_ctl");

	if (!ctl)
		return -ENOENT;
	memset(ctl, GARBAGE, sizeof(*ctl));
	return 0;
}

#define HOW	"how=bit|page|truncate|resets"

static const struct inject_row rows[] = {
	{ "newest", HOW, "newest snapshot corrupted", newest, .late = true },
	{ "both", HOW, "both snapshots corrupted", both, .late = true },
	{ "all", HOW, "both snapshots and the windows corrupted", all, .late = true },
	{ "pointers", NULL, "pointers to both snapshots wild", pointers, .late = true },
	{ "control", NULL, "our control block overwritten", control, .late = true },
};

INJECT_FAMILY(snapshot);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make a snapshot of what the machine is: describe all functions, plan, and put
 * the tables into one block of memory.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/xxhash.h>

#include "quiesce.h"

static u32 pciq_add_part(struct pciq_part *part, u32 offset, u32 nr, u32 size)
{
	part->offset = ALIGN(offset, 8);
	part->nr = nr;
	return part->offset + nr * size;
}

static void pciq_copy_part(struct pciq_snapshot *snapshot,
			   const struct pciq_part *part, const void *from,
			   u32 size)
{
	/* Of the windows alone, other tables are not only empty but NULL. */
	if (part->nr)
		memcpy((void *)snapshot + part->offset, from, part->nr * size);
}

/**
 * pciq_new_snapshot() - a snapshot with its tables, but for the functions
 * @nr: functions that there is to be room for
 * @tables: the tables
 *
 * Context: process.
 * Return: the snapshot, to be freed by kvfree(); NULL without memory.
 */
struct pciq_snapshot *pciq_new_snapshot(u32 nr,
					const struct pciq_tables *tables)
{
	struct pciq_snapshot head = { .magic = PCIQ_SNAPSHOT_MAGIC }, *snapshot;
	u32 end = sizeof(head);

	end = pciq_add_part(&head.windows, end, tables->nr_windows,
			    sizeof(struct pciq_window));
	end = pciq_add_part(&head.funcs, end, nr, sizeof(struct pciq_func));
	end = pciq_add_part(&head.ops, end, tables->nr_ops,
			    sizeof(struct pciq_op));
	head.hot_bytes = ALIGN(end, 8);
	end = pciq_add_part(&head.resets, head.hot_bytes, nr,
			    sizeof(struct pciq_reset));
	end = pciq_add_part(&head.restores, end, tables->nr_restores,
			    sizeof(struct pciq_restore));
	end = pciq_add_part(&head.reset_ops, end, tables->nr_reset_ops,
			    sizeof(struct pciq_op));
	head.total_bytes = end;
	head.version = PCIQ_SNAPSHOT_VERSION;
	head.header_size = sizeof(head);
	head.record = pciq_memory.blank;

	snapshot = kvzalloc(end, GFP_KERNEL);
	if (!snapshot)
		return NULL;
	*snapshot = head;
	pciq_copy_part(snapshot, &head.windows, tables->windows,
		       sizeof(struct pciq_window));
	pciq_copy_part(snapshot, &head.ops, tables->ops,
		       sizeof(struct pciq_op));
	pciq_copy_part(snapshot, &head.restores, tables->restores,
		       sizeof(struct pciq_restore));
	pciq_copy_part(snapshot, &head.reset_ops, tables->reset_ops,
		       sizeof(struct pciq_op));
	return snapshot;
}

static void pciq_fill_snapshot(struct pciq_snapshot *snapshot,
			       const struct pciq_desc *descs)
{
	struct pciq_reset *resets = (void *)snapshot + snapshot->resets.offset;
	struct pciq_func *funcs = (void *)snapshot + snapshot->funcs.offset;
	u32 i;

	for (i = 0; i < snapshot->funcs.nr; i++) {
		funcs[i] = descs[i].func;
		resets[i] = descs[i].reset;
		snapshot->always |= resets[i].cause;
	}
	snapshot->reset_ms = pciq_longest_reset(descs, snapshot->funcs.nr);
}

/**
 * pciq_seal() - fill in the checksums of a snapshot
 * @snapshot: the snapshot, complete
 *
 * Context: any.
 */
void pciq_seal(struct pciq_snapshot *snapshot)
{
	u32 summed = offsetofend(struct pciq_snapshot, hot_sum);

	snapshot->cold_sum = xxh64((void *)snapshot + snapshot->hot_bytes,
				   snapshot->total_bytes - snapshot->hot_bytes,
				   0);
	snapshot->hot_sum = xxh64((void *)snapshot + summed,
				  snapshot->hot_bytes - summed, 0);
}

static void pciq_free_tables(struct pciq_tables *tables)
{
	kvfree(tables->ops);
	kvfree(tables->reset_ops);
	kvfree(tables->restores);
}

static int pciq_alloc_tables(struct pciq_tables *tables, u32 nr)
{
	u32 ops = (nr + 1) * PCIQ_OPS_PER_FUNC;

	tables->ops = kvcalloc(ops, sizeof(*tables->ops), GFP_KERNEL);
	tables->reset_ops = kvcalloc(ops, sizeof(*tables->reset_ops),
				     GFP_KERNEL);
	tables->restores = kvcalloc((nr + 1) * PCIQ_RESTORES_PER_FUNC,
				    sizeof(*tables->restores), GFP_KERNEL);
	if (tables->ops && tables->reset_ops && tables->restores)
		return 0;
	return -ENOMEM;
}

/* Is there a function that was being reset? */
static int pciq_describe_all(struct pciq_desc *descs, u32 nr,
			     struct pciq_tables *tables, bool *again)
{
	u32 i;
	int err;

	for (i = 0; i < nr; i++) {
		pciq_describe(&descs[i], tables->windows,
			      tables->nr_windows);
		*again |= descs[i].is_in_reset;
	}
	err = pciq_link_parents(descs, nr);
	if (err)
		return err;
	pciq_plan(descs, nr);
	for (i = 0; i < nr; i++) {
		pciq_add_ops(tables, &descs[i], i);
		pciq_add_restores(tables, &descs[i]);
	}
	return 0;
}

/**
 * pciq_build_snapshot() - describe the machine as it is now
 * @windows: config windows
 * @nr: that many
 * @snapshot: filled in: to be sealed by pciq_seal(), and freed by kvfree()
 * @again: set if a function was being reset, and is to be described later
 *
 * Context: process; under pci_lock_rescan_remove().
 * Return: 0, -ENOMEM, or -E2BIG for more functions than there is room for.
 */
int pciq_build_snapshot(const struct pciq_window *windows, u32 nr,
			struct pciq_snapshot **snapshot, bool *again)
{
	struct pciq_tables tables = { .windows = windows, .nr_windows = nr };
	struct pciq_desc *descs;
	u32 nr_funcs = 0;
	int err;

	err = pciq_collect(&descs, &nr_funcs);
	if (err)
		return err;
	err = pciq_alloc_tables(&tables, nr_funcs) ?:
	      pciq_describe_all(descs, nr_funcs, &tables, again);
	if (err)
		goto out;
	*snapshot = pciq_new_snapshot(nr_funcs, &tables);
	if (*snapshot)
		pciq_fill_snapshot(*snapshot, descs);
	else
		err = -ENOMEM;
out:
	pciq_free_tables(&tables);
	pciq_drop(descs, nr_funcs);
	return err;
}

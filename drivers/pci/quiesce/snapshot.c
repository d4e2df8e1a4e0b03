// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take snapshots of the machine while it is healthy, and publish them.
 *
 * Two take turns: the one not in use is rewritten and then published with a
 * single store, so that whatever the writer was doing when the machine died,
 * the other is whole.  A third has the windows only, for a scan should both be
 * corrupt.  All are mapped read-only.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "quiesce.h"

/* A flood of hotplug events makes one snapshot, this long after the first. */
#define PCIQ_COALESCE_MS	50

/* A function was being reset: it is described later. */
#define PCIQ_RETRY_MS		1000

/* So many functions can be hot-added, or found by a scan. */
#define PCIQ_MIN_ROOM		4096

/**
 * struct pciq_mapping - the memory of one snapshot
 * @pages: its pages, written through the direct map
 * @nr_pages: that many
 * @map: the same pages, read-only
 */
struct pciq_mapping {
	struct page **pages;
	unsigned int nr_pages;
	void *map;
};

/* Protects all below, and makes those who take snapshots take turns. */
static DEFINE_MUTEX(pciq_snapshot_lock);
static struct pciq_mapping pciq_mappings[PCIQ_NR_SLOTS];
static struct pciq_window pciq_windows[PCIQ_MAX_WINDOWS];
static int pciq_nr_windows;
static u32 pciq_generation;

/* === Memory === */

/**
 * pciq_make_memory() - memory for the crash path to write to
 * @nr: functions that there are
 *
 * Its address does not change from now on: in-tree it is in VMCOREINFO.
 *
 * Context: process, before the crash path is armed.
 * Return: 0 or -ENOMEM.
 */
int pciq_make_memory(u32 nr)
{
	u32 room = clamp_t(u32, roundup_pow_of_two(2 * nr), PCIQ_MIN_ROOM,
			   PCIQ_MAX_FUNCS);
	size_t bytes = PAGE_ALIGN(sizeof(struct pciq_record) +
				  room * sizeof(struct pciq_entry));
	struct pciq_memory *memory = &pciq_memory;
	struct pciq_record *record;

	record = alloc_pages_exact(bytes, GFP_KERNEL | __GFP_ZERO);
	memory->scan = vzalloc(array_size(room, sizeof(*memory->scan)));
	memory->work = vzalloc(array_size(room, sizeof(*memory->work)));
	if (!record || !memory->scan || !memory->work) {
		vfree(memory->work);
		vfree(memory->scan);
		if (record)
			free_pages_exact(record, bytes);
		return -ENOMEM;
	}
	memory->blank = (struct pciq_record) {
		.magic = PCIQ_RECORD_MAGIC,
		.version = PCIQ_RECORD_VERSION,
		.header_size = sizeof(struct pciq_record),
		.entry_size = sizeof(struct pciq_entry),
		.total_bytes = sizeof(struct pciq_record),
		/* So it is if the crash path does not return. */
		.verdict = PCIQ_ABORTED,
		.build = PCIQ_BUILD,
		.tsc_khz = memory->tsc_khz,
		.deadline_ms = memory->deadline_ms,
	};
	strscpy((char *)memory->blank.release, init_utsname()->release,
		sizeof(memory->blank.release));
	/* What a dump shows if the crash path never ran. */
	*record = memory->blank;
	record->verdict = PCIQ_NO_VERDICT;
	memory->room = room;
	memory->record_phys = virt_to_phys(record);
	memory->record = record;
	return 0;
}

/**
 * pciq_free_memory() - undo pciq_make_memory()
 *
 * Context: process; the crash path can no longer run.
 */
void pciq_free_memory(void)
{
	size_t bytes = PAGE_ALIGN(sizeof(struct pciq_record) +
				  pciq_memory.room * sizeof(struct pciq_entry));

	free_pages_exact(pciq_memory.record, bytes);
	vfree(pciq_memory.work);
	vfree(pciq_memory.scan);
}

static void pciq_free_mapping(struct pciq_mapping *mapping)
{
	vunmap(mapping->map);
	mapping->map = NULL;
	while (mapping->nr_pages)
		__free_page(mapping->pages[--mapping->nr_pages]);
	kvfree(mapping->pages);
	mapping->pages = NULL;
}

static int pciq_size_mapping(struct pciq_mapping *mapping, u32 bytes)
{
	unsigned int nr = DIV_ROUND_UP(bytes, PAGE_SIZE);

	if (mapping->nr_pages == nr)
		return 0;
	pciq_free_mapping(mapping);
	mapping->pages = kvcalloc(nr, sizeof(*mapping->pages), GFP_KERNEL);
	if (!mapping->pages)
		return -ENOMEM;
	for (; mapping->nr_pages < nr; mapping->nr_pages++) {
		mapping->pages[mapping->nr_pages] = alloc_page(GFP_KERNEL);
		if (!mapping->pages[mapping->nr_pages])
			goto err_free;
	}
	mapping->map = vmap(mapping->pages, nr, VM_MAP, PAGE_KERNEL_RO);
	if (mapping->map)
		return 0;
err_free:
	pciq_free_mapping(mapping);
	return -ENOMEM;
}

/* === Publishing === */

/* From here to the store at the end the crash path has one snapshot less. */
static int pciq_publish(enum pciq_slot slot, struct pciq_snapshot *snapshot)
{
	struct pciq_mapping *mapping = &pciq_mappings[slot];
	unsigned int i;
	int err;

	WRITE_ONCE(pciq_ctl.slot[slot], NULL);
	err = pciq_size_mapping(mapping, snapshot->total_bytes);
	if (err)
		return err;
	snapshot->record.generation = pciq_generation;
	snapshot->record.taken_at = ktime_get_real_seconds();
	pciq_seal(snapshot);
	for (i = 0; i < mapping->nr_pages; i++)
		memcpy(page_address(mapping->pages[i]),
		       (void *)snapshot + i * PAGE_SIZE,
		       min_t(size_t, PAGE_SIZE,
			     snapshot->total_bytes - i * PAGE_SIZE));

	/* The crash path may run on another CPU: content before pointer. */
	smp_store_release(&pciq_ctl.slot[slot], mapping->map);
	return 0;
}

static int pciq_publish_windows(void)
{
	const struct pciq_tables tables = {
		.windows = pciq_windows,
		.nr_windows = pciq_nr_windows,
	};
	struct pciq_snapshot *snapshot = pciq_new_snapshot(0, &tables);
	int err;

	WRITE_ONCE(pciq_ctl.slot[PCIQ_SLOT_WINDOWS], NULL);
	if (!snapshot)
		return -ENOMEM;
	err = pciq_publish(PCIQ_SLOT_WINDOWS, snapshot);
	kvfree(snapshot);
	return err;
}

/* === Taking a snapshot === */

static int pciq_take_locked(bool *again)
{
	unsigned int next = !pciq_ctl.newest;
	int arrivals = atomic_read(&pciq_ctl.arrivals), err;
	struct pciq_snapshot *snapshot = NULL;
	ktime_t start = ktime_get();

	pciq_nr_windows = pciq_arch_windows(pciq_windows, pciq_nr_windows,
					    PCIQ_MAX_WINDOWS);
	err = pciq_build_snapshot(pciq_windows, pciq_nr_windows, &snapshot,
				  again);
	if (err)
		return err;
	pciq_generation++;
	snapshot->arrivals = arrivals;
	snapshot->took_us = ktime_us_delta(ktime_get(), start);
	err = pciq_publish(next, snapshot);
	kvfree(snapshot);
	if (err)
		return err;
	/* The one store that publishes: the snapshot is whole by now. */
	smp_store_release(&pciq_ctl.newest, next);
	if (pciq_publish_windows())
		pr_warn("no memory for the config windows, should both snapshots be corrupt\n");
	return 0;
}

static void pciq_retake(struct work_struct *work);
static DECLARE_DELAYED_WORK(pciq_retake_work, pciq_retake);

/*
 * Freezable: not in the middle of a suspend.  And not the system's own queue,
 * which a driver's .remove() may flush while it holds the lock that a snapshot
 * takes.
 */
static void pciq_retake_in(unsigned int ms)
{
	/* Does not move one that is already due. */
	queue_delayed_work(system_freezable_wq, &pciq_retake_work,
			   msecs_to_jiffies(ms));
}

/**
 * pciq_take_snapshot() - describe the machine as it is now, and publish that
 *
 * On error the crash path keeps at least the snapshot that was the newest.
 * Functions that were being reset are described once more, later.
 *
 * Context: process; may sleep. Takes pci_lock_rescan_remove().
 * Return: 0, -ENOMEM, or -E2BIG for more functions than there is room for.
 */
int pciq_take_snapshot(void)
{
	bool again = false;
	int err;

	mutex_lock(&pciq_snapshot_lock);
	pci_lock_rescan_remove();
	err = pciq_take_locked(&again);
	pci_unlock_rescan_remove();
	mutex_unlock(&pciq_snapshot_lock);
	if (!err && again)
		pciq_retake_in(PCIQ_RETRY_MS);
	return err;
}

static void pciq_retake(struct work_struct *work)
{
	int err = pciq_take_snapshot();

	/* Before the first one there is nothing that stays in use. */
	if (err && pciq_newest())
		pr_warn("snapshot after a PCI change failed (%d): generation %u stays in use\n",
			err, pciq_newest()->record.generation);
}

static int pciq_pci_changed(struct notifier_block *nb, unsigned long action,
			    void *data)
{
	/*
	 * It is in the kernel's list by now, where whoever takes a snapshot and
	 * reads this count will look.
	 */
	if (action == BUS_NOTIFY_ADD_DEVICE)
		atomic_inc(&pciq_ctl.arrivals);
	switch (action) {
	case BUS_NOTIFY_ADD_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
	case BUS_NOTIFY_BOUND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		pciq_retake_in(PCIQ_COALESCE_MS);
	}
	return NOTIFY_DONE;
}

/* Firmware and drivers have set all up anew. */
static int pciq_pm_changed(struct notifier_block *nb, unsigned long action,
			   void *data)
{
	switch (action) {
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		pciq_retake_in(PCIQ_COALESCE_MS);
	}
	return NOTIFY_DONE;
}

static struct notifier_block pciq_pm_notifier = {
	.notifier_call = pciq_pm_changed,
};

static struct notifier_block pciq_pci_notifier = {
	.notifier_call = pciq_pci_changed,
};

/**
 * pciq_watch() - take a snapshot when functions, drivers or power change
 *
 * Context: process.
 * Return: 0 or an errno.
 */
int pciq_watch(void)
{
	int err = bus_register_notifier(&pci_bus_type, &pciq_pci_notifier);

	if (err)
		return err;
	err = register_pm_notifier(&pciq_pm_notifier);
	if (err)
		bus_unregister_notifier(&pci_bus_type, &pciq_pci_notifier);
	return err;
}

/**
 * pciq_unwatch() - undo pciq_watch()
 *
 * Context: process; waits for a snapshot under way.
 */
void pciq_unwatch(void)
{
	unregister_pm_notifier(&pciq_pm_notifier);
	bus_unregister_notifier(&pci_bus_type, &pciq_pci_notifier);
	cancel_delayed_work_sync(&pciq_retake_work);
}

/**
 * pciq_release() - free all snapshots and windows
 *
 * Context: process; the crash path can no longer run.
 */
void pciq_release(void)
{
	unsigned int i;

	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		WRITE_ONCE(pciq_ctl.slot[i], NULL);
		pciq_free_mapping(&pciq_mappings[i]);
	}
	pciq_arch_release(pciq_windows, pciq_nr_windows);
	pciq_nr_windows = 0;
}

/**
 * pciq_newest() - the snapshot that the crash path would use
 *
 * Context: process, under pciq_lock() if it is read from.
 * Return: the snapshot, NULL if there is none.
 */
const struct pciq_snapshot *pciq_newest(void)
{
	return pciq_ctl.slot[pciq_ctl.newest];
}

/**
 * pciq_lock() - no snapshot is taken from now on
 *
 * Context: process; may sleep.
 */
void pciq_lock(void)
{
	mutex_lock(&pciq_snapshot_lock);
}

/**
 * pciq_unlock() - undo pciq_lock()
 *
 * Context: process.
 */
void pciq_unlock(void)
{
	mutex_unlock(&pciq_snapshot_lock);
}

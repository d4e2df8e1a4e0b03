// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a crash would find now, as a record: on a healthy machine, through the
 * kernel's own config accessors, and nothing is written.
 *
 * What sleeps is not read.  Nor is anything reset or contained in here: a
 * function that would refuse shows that only when it is written to.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "kexec_pci_internal.h"

/*
 * Nothing above it, nor itself, is in a state in which it cannot be read.  A VF has
 * the power of its PF.
 */
static bool is_awake(struct pci_dev *dev)
{
	struct pci_dev *bridge;

	if (pci_physfn(dev)->current_state == PCI_D3cold)
		return false;
	for (bridge = pci_upstream_bridge(dev); bridge;
	     bridge = pci_upstream_bridge(bridge)) {
		if (bridge->current_state != PCI_D0)
			return false;
	}
	return true;
}

/* What it would be gated to, had it been written. */
static void look_at(struct pciq_run *run, u32 i, struct pci_dev *dev)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_entry *entry = entry_of(run, i);
	u16 command, after;

	pci_read_config_word(dev, PCI_COMMAND, &command);
	run->record->reads++;
	if (command == ALL_ONES_16) {
		run->record->unanswered++;
		tell_silent(func, entry);
		return;
	}
	entry->done |= PCIQ_DID_READ;
	entry->command_before = command;
	entry->command_after = command;
	if (func->flags & PCIQ_F_BRIDGE) {
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_BRIDGE);
		return;
	}
	if (command & PCI_COMMAND_MASTER &&
	    func->flags & PCIQ_F_FIRMWARE_BME) {
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_FIRMWARE);
		return;
	}
	after = command & ~PCI_COMMAND_MASTER;
	if (func->flags & PCIQ_F_INTX_USED)
		after |= PCI_COMMAND_INTX_DISABLE;
	entry->command_after = after;
	pciq_tell_gated(func, entry, after,
			after == command ? PCIQ_ALREADY_QUIET :
						    PCIQ_QUIET);
}

static void look_for(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pci_dev *dev = pci_get_domain_bus_and_slot(func->domain, func->bus,
							  func->devfn);

	if (!dev) {
		tell(entry_of(run, i), PCIQ_ABSENT,
		     PCIQ_BY_VANISHING);
		return;
	}
	/* Neither it, nor what is above it, begins to suspend meanwhile. */
	pm_runtime_get_noresume(&dev->dev);
	pm_runtime_barrier(&dev->dev);
	if (!is_awake(dev))
		run->work[i].state |= STATE_ASLEEP;
	if ((func->flags & PCIQ_F_BRIDGE &&
	     !(run->work[i].state & STATE_ASLEEP)) ||
	    !pciq_passed_over(run, i))
		look_at(run, i, dev);
	pm_runtime_put_noidle(&dev->dev);
	pci_dev_put(dev);
}

static void look_at_all(struct pciq_run *run,
			const struct pciq_image *image)
{
	struct pciq_record *record = run->record;
	unsigned int step;
	u32 i;

	pciq_begin_record(run, pciq_ctl.policy);
	pciq_tell_origin(record, image, PCIQ_FROM_NEWEST);
	pciq_begin_entries(run, image->nr_funcs);
	for (step = PCIQ_STEP_MASK;
	     step <= PCIQ_STEP_BUSMASTER; step++)
		record->tsc[step] = pciq_arch_clock();
	for (i = 0; i < run->nr_funcs; i++)
		look_for(run, i);
	for (; step < PCIQ_STEP_DONE; step++)
		record->tsc[step] = pciq_arch_clock();
	pciq_finish(run, PCIQ_CLEAN);
}

/**
 * pciq_dry_run() - the record that a crash would leave now
 * @bytes: its length
 *
 * Context: process; may sleep. Under pciq_lock().
 * Return: the record, to be given to kvfree(); -ENODATA if nothing is armed,
 *	-ENOMEM.
 */
void *pciq_dry_run(size_t *bytes)
{
	const struct pciq_image *image = pciq_newest();
	struct pciq_run run = { .slow = PCIQ_NONE };

	if (!image || pciq_ctl.policy == PCIQ_OFF)
		return ERR_PTR(-ENODATA);
	run.image = image;
	run.windows = (const void *)image + image->windows_offset;
	run.nr_windows = image->nr_windows;
	run.funcs = (const void *)image + image->funcs_offset;
	run.tsc_khz = pciq_ctl.tsc_khz;
	run.start = pciq_arch_clock();
	run.until = run.start +
		    (u64)pciq_ctl.deadline_ms * run.tsc_khz;
	run.work = kvcalloc(image->nr_funcs + 1, sizeof(*run.work), GFP_KERNEL);
	run.record = kvzalloc(image->record_bytes, GFP_KERNEL);
	if (run.work && run.record)
		look_at_all(&run, image);
	kvfree(run.work);
	*bytes = run.record_bytes;
	if (*bytes)
		return run.record;
	kvfree(run.record);
	return ERR_PTR(-ENOMEM);
}

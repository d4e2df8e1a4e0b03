// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a crash would find now, as a record: on a healthy machine, through the
 * kernel's own config accessors, and nothing is written.
 *
 * What sleeps is not read, nothing is reset or contained: a function that
 * refuses shows that only when it is written to.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/xxhash.h>

#include "quiesce.h"

/*
 * Nothing above it, nor itself, is in a state in which it cannot be read.  A VF
 * has the power of its PF.
 */
static bool pciq_is_awake(struct pci_dev *dev)
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

/* As if what would be written had been. */
static void pciq_look_at(struct pciq_record *record,
			 const struct pciq_func *func,
			 struct pciq_entry *entry, struct pci_dev *dev)
{
	u16 command, after;

	pci_read_config_word(dev, PCI_COMMAND, &command);
	record->reads++;
	if (command == U16_MAX) {
		record->unanswered++;
		entry->outcome = PCIQ_ABSENT;
		entry->reason = entry->flags & PCIQ_F_OFFLINE ?
					PCIQ_BY_PLAN : PCIQ_BY_NO_RESPONSE;
		return;
	}
	entry->done |= PCIQ_DID_READ;
	entry->command_before = command;
	entry->command_after = command;
	if (entry->flags & PCIQ_F_BRIDGE) {
		entry->reason = PCIQ_BY_BRIDGE;
		return;
	}
	after = command & ~PCI_COMMAND_MASTER;
	if (entry->flags & PCIQ_F_INTX_USED)
		after |= PCI_COMMAND_INTX_DISABLE;
	entry->command_after = after;
	if (after != command)
		entry->done |= PCIQ_DID_DISABLE;
	pciq_judge(func, entry);
}

static void pciq_look_for(struct pciq_record *record,
			  const struct pciq_func *func,
			  struct pciq_entry *entry)
{
	struct pci_dev *dev = pci_get_domain_bus_and_slot(entry->domain,
							  entry->bus,
							  entry->devfn);

	if (!dev) {
		entry->outcome = PCIQ_ABSENT;
		entry->reason = PCIQ_BY_NO_RESPONSE;
		return;
	}
	/* Neither it, nor what is above it, begins to suspend meanwhile. */
	pm_runtime_get_noresume(&dev->dev);
	pm_runtime_barrier(&dev->dev);
	if (pciq_is_awake(dev)) {
		pciq_look_at(record, func, entry, dev);
	} else {
		entry->outcome = PCIQ_ABSENT;
		entry->reason = PCIQ_BY_POWER;
	}
	pm_runtime_put_noidle(&dev->dev);
	pci_dev_put(dev);
}

static void pciq_look_at_all(struct pciq_record *record,
			     const struct pciq_snapshot *snapshot)
{
	const struct pciq_func *funcs = pciq_table(snapshot, &snapshot->funcs);
	struct pciq_entry *entries = (void *)(record + 1);
	u32 i;

	*record = snapshot->record;
	record->source = PCIQ_FROM_NEWEST;
	record->nr_entries = snapshot->funcs.nr;
	record->total_bytes += record->nr_entries * sizeof(struct pciq_entry);
	record->tsc[PCIQ_STEP_VALIDATE] = pciq_arch_clock();
	record->tsc[PCIQ_STEP_DISABLE] = record->tsc[PCIQ_STEP_VALIDATE];
	for (i = 0; i < record->nr_entries; i++) {
		entries[i] = funcs[i].entry;
		if (entries[i].reason == PCIQ_BY_DEADLINE)
			pciq_look_for(record, &funcs[i], &entries[i]);
	}
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
	const struct pciq_snapshot *snapshot = pciq_newest();
	struct pciq_run run = { };

	if (!snapshot || pciq_ctl.policy == PCIQ_OFF)
		return ERR_PTR(-ENODATA);
	*bytes = sizeof(struct pciq_record) +
		 snapshot->funcs.nr * sizeof(struct pciq_entry);
	run.record = kvzalloc(*bytes, GFP_KERNEL);
	if (!run.record)
		return ERR_PTR(-ENOMEM);
	pciq_look_at_all(run.record, snapshot);
	run.tsc_khz = pciq_memory.tsc_khz;
	run.record->policy = pciq_ctl.policy;
	pciq_finish(&run, PCIQ_CLEAN);
	return run.record;
}

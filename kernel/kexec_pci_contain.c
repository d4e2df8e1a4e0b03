// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contain what cannot be stopped otherwise: clear Bus Master Enable of the port
 * above, which then forwards no requests (PCIe r6.0, sec 7.5.1.1.3).
 *
 * The port handles them as Unsupported Requests and would report that; on some
 * servers the report is an NMI (bugzilla.redhat.com 1774802).  So its error
 * reporting is switched off before, and stays off.
 */
#include "kexec_pci_internal.h"

/**
 * pciq_may_master() - whether a function may do so, as far as a port can block
 * it
 * @entry: its entry
 *
 * Context: crash path.
 * Return: false also for INTx and CXL.cache, which pass a port.
 */
__quiesce bool pciq_may_master(const struct pciq_entry *entry)
{
	if (entry->outcome != PCIQ_REFUSED && entry->outcome != PCIQ_ABSENT)
		return false;
	return entry->reason == PCIQ_BY_BME ||
	       entry->reason == PCIQ_BY_NO_RESPONSE ||
	       entry->reason == PCIQ_BY_NOT_READY;
}

static __quiesce bool pciq_close_port(struct pciq_run *run, u32 i)
{
	struct pciq_entry *entry = pciq_entry(run, i);
	struct pciq_work *work = &run->work[i];
	u16 command;

	if (work->state & PCIQ_STATE_CONTAINED)
		return true;
	/* One that is not ready after a reset forwards nothing either way. */
	if (!(work->state & PCIQ_STATE_PRESENT) || pciq_is_in_reset(work))
		return false;
	work->state |= PCIQ_STATE_CLOSING;
	pciq_apply_ops(run, &run->snapshot->reset_ops, PCIQ_WHEN_CONTAIN);
	work->state &= ~PCIQ_STATE_CLOSING;
	command = pciq_read(run, i, PCI_COMMAND, 2);
	if (command == PCIQ_NO_RESPONSE_16)
		return false;
	entry->command_before = command;
	pciq_write(run, i, PCI_COMMAND, 2, command & ~PCI_COMMAND_MASTER);
	entry->command_after = pciq_read(run, i, PCI_COMMAND, 2);
	if (entry->command_after & PCI_COMMAND_MASTER)
		return false;
	work->state |= PCIQ_STATE_CONTAINED;
	pciq_set_outcome(entry, PCIQ_WAS_CONTAINED, PCIQ_BY_BRIDGE);
	entry->done |= PCIQ_DID_CONTAIN;
	run->record->ports_contained++;
	return true;
}

/**
 * pciq_contain() - close the nearest port above each function that may master
 * @run: the run, with resets
 *
 * A port whose Bus Master Enable reads back 1 leaves it to the next above.
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_contain(struct pciq_run *run)
{
	u32 i, port;

	for (i = 0; i < run->nr_funcs; i++) {
		struct pciq_entry *entry = pciq_entry(run, i);

		if (!pciq_may_master(entry))
			continue;
		for (port = pciq_port(run, i); port != PCIQ_NONE;
		     port = pciq_port(run, port)) {
			if (pciq_expired(run, run->work_until))
				return;
			if (!pciq_close_port(run, port))
				continue;
			entry->outcome = PCIQ_WAS_CONTAINED;
			break;
		}
	}
}

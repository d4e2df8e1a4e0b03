// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last means against a function that neither obeys nor may be reset, or was
 * in vain: the port above it forwards no more requests (PCIe 7.5.1.1.3).
 *
 * The port then answers them as unsupported and would report that; on some
 * servers the report is an NMI (bugzilla.redhat.com 1774802).  So what was masked
 * at a port that contains stays masked, and the record shows it.  The port driver
 * of the capture kernel opens it again when it probes; with pcie_ports=compat it
 * stays closed until a driver enables something below it.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

/* What the port above can stop: neither INTx nor CXL.cache. */
static __quiesce bool refuses(const struct pciq_entry *entry)
{
	if (entry->outcome != PCIQ_REFUSED &&
	    entry->outcome != PCIQ_ABSENT)
		return false;
	return entry->reason == PCIQ_BY_BME ||
	       entry->reason == PCIQ_BY_VANISHING ||
	       entry->reason == PCIQ_BY_SILENCE;
}

/* Not what the operator excluded: its port is his as well. */
static __quiesce bool close_port(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	struct pciq_entry *entry = entry_of(run, i);
	u16 before, after;

	if (work->state & STATE_CONTAINED)
		return true;
	/* Did not come back: it forwards nothing, and is not to be asked. */
	if (work->state & STATE_GONE && !(work->state & STATE_BACK))
		return false;
	/* It is another one now, or was not reached. */
	if (entry->reason == PCIQ_BY_WINDOW)
		return false;
	if (!(port->flags & PCIQ_F_BRIDGE) ||
	    port->flags & PCIQ_F_EXCLUDE_USER)
		return false;
	before = pciq_read(run, port, PCI_COMMAND, 2);
	if (before == ALL_ONES_16)
		return false;
	/* First: after a fault in between it must not be given back. */
	work->control[PCIQ_CONTROL_COMMAND] &= ~PCI_COMMAND_MASTER;
	if (before & PCI_COMMAND_MASTER)
		pciq_write(run, port, PCI_COMMAND, 2,
			   before & ~PCI_COMMAND_MASTER);
	after = pciq_read(run, port, PCI_COMMAND, 2);
	entry->command_before = before;
	entry->command_after = after;
	if (after == ALL_ONES_16 || after & PCI_COMMAND_MASTER)
		return false;

	tell(entry, PCIQ_WAS_CONTAINED, PCIQ_BY_BRIDGE);
	entry->done |= PCIQ_DID_CONTAIN;
	work->state |= STATE_CONTAINED;
	work->written = 0;
	run->record->ports_contained++;
	return true;
}

/* The nearest port above that obeys: one that did not come back cannot. */
static __quiesce bool close_above(struct pciq_run *run, u32 i)
{
	u32 port = pciq_port_of(run, i);

	/* Ends: a parent has the greater index, see parent_of(). */
	for (; port != PCIQ_NONE; port = parent_of(run, port)) {
		if (pciq_late(run, run->work_until))
			return false;
		if (close_port(run, port))
			return true;
	}
	return false;
}

/**
 * pciq_contain() - close the port above whatever still refuses
 * @run: the run, after drain and resets
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_contain(struct pciq_run *run)
{
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		struct pciq_entry *entry = entry_of(run, i);

		if (entry->reason == PCIQ_BY_BRIDGE || !refuses(entry))
			continue;
		if (pciq_late(run, run->work_until))
			return;
		if (close_above(run, i))
			entry->outcome = PCIQ_WAS_CONTAINED;
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scan config space for functions, if no snapshot is valid but that of the
 * windows.
 *
 * Every function number of every bus is read, not only those behind a function
 * 0 with the multi-function bit: VFs and ARI functions do not follow that rule.
 */
#include <linux/pci_ids.h>

#include "kexec_pci_internal.h"

/* So many capabilities fit between 40h and ffh. */
#define PCIQ_MAX_CAPS	48

/* The list may be damaged, or a circle. */
static __quiesce u8 pciq_find_pm(struct pciq_run *run)
{
	u16 status = pciq_read(run, 0, PCI_STATUS, 2), header;
	u8 pos = pciq_read(run, 0, PCI_CAPABILITY_LIST, 2) & 0xfc;
	u32 n;

	if (status == PCIQ_NO_RESPONSE_16 || !(status & PCI_STATUS_CAP_LIST))
		return 0;
	for (n = 0; n < PCIQ_MAX_CAPS && pos >= PCI_STD_HEADER_SIZEOF; n++) {
		header = pciq_read(run, 0, pos, 2);
		if ((header & 0xff) == PCI_CAP_ID_PM)
			return pos;
		pos = header >> 8 & 0xfc;
	}
	return 0;
}

/*
 * A VF shows neither ID nor pin (PCIe r6.0, sec 9.3.4.1).  Whether a driver
 * uses INTx is not known, so it may.
 */
static __quiesce void pciq_scan_function(struct pciq_run *run,
					 struct pciq_func *func)
{
	u32 id = pciq_read(run, 0, PCI_VENDOR_ID, 4);
	u16 pin = pciq_read(run, 0, PCI_INTERRUPT_LINE, 2);
	u16 type = pciq_read(run, 0, PCI_HEADER_TYPE, 2);
	struct pciq_entry *entry = &func->entry;
	u32 class = entry->class_revision >> 8;

	entry->vendor = id;
	entry->device = id >> 16;
	if (id == ~0U)
		entry->flags |= PCIQ_F_VF;
	else if (pin >> 8)
		entry->flags |= PCIQ_F_INTX | PCIQ_F_INTX_USED;
	if (class >> 16 == PCI_BASE_CLASS_BRIDGE &&
	    (type == PCIQ_NO_RESPONSE_16 ||
	     (type & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE)) {
		entry->flags |= PCIQ_F_BRIDGE;
		func->pm_cap = pciq_find_pm(run);
	}
	if (pciq_class_excluded(class))
		pciq_set_outcome(entry, PCIQ_EXCLUDED, PCIQ_BY_CLASS);
	if (pciq_matches(&pciq_ctl.exclude, entry))
		pciq_set_outcome(entry, PCIQ_EXCLUDED, PCIQ_BY_USER);
}

/*
 * What is below a port in a low-power state has no power, and must not be read.
 * Bridges number what is below them higher than themselves.
 */
static __quiesce void pciq_skip_asleep(struct pciq_run *run,
				       const struct pciq_func *func,
				       u32 *asleep)
{
	u32 buses, bus;
	u16 control;

	if (!func->pm_cap)
		return;
	control = pciq_read(run, 0, func->pm_cap + PCI_PM_CTRL, 2);
	if (control == PCIQ_NO_RESPONSE_16 ||
	    !(control & PCI_PM_CTRL_STATE_MASK))
		return;
	buses = pciq_read(run, 0, PCI_PRIMARY_BUS, 4);
	bus = max(buses >> 8 & 0xff, func->entry.bus + 1U);
	for (; bus <= (buses >> 16 & 0xff); bus++)
		asleep[bus / 32] |= 1U << bus % 32;
}

/* Fills the room from its end: ports come behind what is below them. */
static __quiesce u32 pciq_scan_bus(struct pciq_run *run, u16 window, u8 bus,
				   u32 nr, u32 *asleep)
{
	u32 devfn;

	for (devfn = 0; devfn < 256; devfn++) {
		struct pciq_func *func =
			&pciq_memory.scan[pciq_memory.room - nr - 1];

		if (nr == pciq_memory.room ||
		    pciq_expired(run, run->work_until)) {
			run->record->incomplete = true;
			break;
		}
		*func = (struct pciq_func) {
			.entry = {
				.domain = run->windows[window].domain,
				.bus = bus,
				.devfn = devfn,
				.reason = PCIQ_BY_DEADLINE,
				.command_before = PCIQ_NO_RESPONSE_16,
				.command_after = PCIQ_NO_RESPONSE_16,
				.flags = PCIQ_F_SCAN,
			},
			.window = window,
		};
		run->funcs = func;
		/* Of a VF the Vendor ID reads as all ones; this does not. */
		func->entry.class_revision =
			pciq_read(run, 0, PCI_CLASS_REVISION, 4);
		if (func->entry.class_revision == ~0U)
			continue;
		pciq_scan_function(run, func);
		pciq_skip_asleep(run, func, asleep);
		nr++;
	}
	return nr;
}

/**
 * pciq_scan() - find functions without any knowledge but the windows
 * @run: the run, with windows
 *
 * Nothing was saved, so nothing can be reset.
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_scan(struct pciq_run *run)
{
	u32 i, k, bus, nr = 0, asleep[256 / 32];

	run->record->incomplete = false;
	for (i = 0; i < run->snapshot->windows.nr; i++) {
		const struct pciq_window *window = &run->windows[i];

		for (k = 0; k < ARRAY_SIZE(asleep); k++)
			WRITE_ONCE(asleep[k], 0);
		for (bus = window->bus_start; bus <= window->bus_end; bus++) {
			if (!(asleep[bus / 32] & 1U << bus % 32) &&
			    !run->record->incomplete)
				nr = pciq_scan_bus(run, i, bus, nr, asleep);
		}
	}
	run->funcs = pciq_memory.scan + pciq_memory.room - nr;
	pciq_begin_entries(run, nr);
}

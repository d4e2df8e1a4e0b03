// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last resort: no image of the machine can be believed, but the config
 * windows can.  Walk them, as the kernel did at boot, and make a list of
 * functions in memory that was set aside for it.
 *
 * Every function number of every bus is asked, not only those behind a function
 * 0 that says multifunction: VFs and ARI functions do not follow that rule, and
 * 65,536 reads fit into the deadline.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

/* At most 48 capabilities fit between 0x40 and 0xff. */
#define MAX_CAPABILITIES	48

/* Header Type without its multifunction bit. */
#define HEADER_TYPE		0x7f

/*
 * Vendor ID is no proof of absence: a VF's reads as all ones (SR-IOV 9.3.4.1.1).
 * Class and revision of nothing are all ones too, and of a VF are not.
 */
static __quiesce bool find_function(struct pciq_run *run,
				    struct pciq_func *func)
{
	u32 class = pciq_read(run, func, PCI_CLASS_REVISION, 4);

	func->class = class >> 8;
	return class != ~0U;
}

static __quiesce void find_capabilities(struct pciq_run *run,
					struct pciq_func *func)
{
	u16 status = pciq_read(run, func, PCI_STATUS, 2);
	u16 position, header;
	unsigned int i;

	if (!(status & PCI_STATUS_CAP_LIST))
		return;
	position = pciq_read(run, func, PCI_CAPABILITY_LIST, 2) & 0xfc;
	for (i = 0; i < MAX_CAPABILITIES && position >= 0x40; i++) {
		/* Then walk_bus() is late as well, and says that it is. */
		if (pciq_late(run, run->work_until))
			return;
		header = pciq_read(run, func, position, 2);
		if ((header & 0xff) == PCI_CAP_ID_EXP)
			func->pcie_cap = position;
		if ((header & 0xff) == PCI_CAP_ID_PM)
			func->pm_cap = position;
		position = header >> 8 & 0xfc;
	}
}

static __quiesce void describe(struct pciq_run *run,
			       struct pciq_func *func)
{
	u32 id = pciq_read(run, func, PCI_VENDOR_ID, 4);
	u32 pin = pciq_read(run, func, PCI_INTERRUPT_LINE, 2);
	u32 type = pciq_read(run, func, PCI_CACHE_LINE_SIZE, 4);
	u16 flags;

	func->vendor = id;
	func->device = id >> 16;
	func->flags = PCIQ_F_RAW;
	if (pin >> 8 && pin != ALL_ONES_16)
		func->flags |= PCIQ_F_INTX;
	/* If the header type cannot be read, the class decides. */
	if (func->class >> 8 == 0x0604 &&
	    (type == ~0U ||
	     (type >> 16 & HEADER_TYPE) == PCI_HEADER_TYPE_BRIDGE))
		func->flags |= PCIQ_F_BRIDGE;
	if (pciq_class_excluded(func->class))
		func->flags |= PCIQ_F_EXCLUDE_CLASS;
	else if (func->flags & PCIQ_F_INTX)		/* By a driver, perhaps. */
		func->flags |= PCIQ_F_INTX_USED;
	if (pciq_matches(&pciq_ctl.exclude, func))
		func->flags |= PCIQ_F_EXCLUDE_USER;
	find_capabilities(run, func);
	if (!func->pcie_cap)
		return;
	flags = pciq_read(run, func, func->pcie_cap + PCI_EXP_FLAGS, 2);
	func->port_type = flags >> 4 & 0xf;
	/* Without its type, what its registers mean is not known. */
	if (flags == ALL_ONES_16)
		func->pcie_cap = 0;
}

/* Field by field: the compiler must not call memset() for us. */
static __quiesce void blank(struct pciq_func *func, u32 domain,
			    u16 window, u8 bus, u8 devfn)
{
	func->domain = domain;
	func->window = window;
	func->bus = bus;
	func->devfn = devfn;
	func->parent = PCIQ_NONE;
	func->flags = 0;
	func->pcie_cap = 0;
	func->aer_cap = 0;
	func->dpc_cap = 0;
	func->pcix_cap = 0;
	func->ptm_cap = 0;
	func->pm_cap = 0;
	func->msi_cap = 0;
	func->msix_cap = 0;
	func->port_type = 0;
	/* Nothing was saved that could be given back after a reset. */
	func->reset = PCIQ_RESET_NONE;
	func->forbidden = PCIQ_NOT_SAVED;
	func->settle_ms = 0;
	/* One answer may be wrong: none is to be held against a function. */
	func->status = 0;
}

/*
 * What a port in a low-power state has below it has no power, and is not to be
 * asked.  Bridges number what is below them higher than themselves.
 */
static __quiesce void note_sleep(struct pciq_run *run,
				 const struct pciq_func *func,
				 u32 *asleep)
{
	u32 buses, bus;
	u16 control;

	if (!(func->flags & PCIQ_F_BRIDGE) || !func->pm_cap)
		return;
	control = pciq_read(run, func, func->pm_cap + PCI_PM_CTRL, 2);
	buses = pciq_read(run, func, PCI_PRIMARY_BUS, 4);
	if (control == ALL_ONES_16 || !(control & PCI_PM_CTRL_STATE_MASK))
		return;
	for (bus = buses >> 8 & 0xff; bus > func->bus && bus <= (buses >> 16 & 0xff);
	     bus++)
		asleep[bus / 32] |= 1U << bus % 32;
}

/* The room is filled from its end: @nr functions are in it. */
static __quiesce u32 walk_bus(struct pciq_run *run, u16 window,
			      u8 bus, struct pciq_func *end, u32 nr,
			      u32 max, u32 *asleep)
{
	u32 domain = run->windows[window].domain;
	struct pciq_func func;
	unsigned int devfn;

	for (devfn = 0; devfn < 256; devfn++) {
		if (pciq_late(run, run->work_until)) {
			run->incomplete = true;
			return nr;
		}
		blank(&func, domain, window, bus, devfn);
		if (!find_function(run, &func))
			continue;
		if (nr == max) {
			run->incomplete = true;
			return nr;
		}
		describe(run, &func);
		note_sleep(run, &func, asleep);
		nr++;
		end[-(long)nr] = func;
	}
	return nr;
}

/**
 * pciq_walk() - find functions without any knowledge but the windows
 * @run: the run, with windows; @run->funcs is set
 * @room: room for the functions found
 * @max: that many
 *
 * Ports come before what is below them, and are put behind it in the list.  Sets
 * @run->incomplete if the room or the time did not suffice.
 *
 * Context: crash path.
 * Return: how many were found.
 */
__quiesce u32 pciq_walk(struct pciq_run *run,
			struct pciq_func *room, u32 max)
{
	u32 i, k, nr = 0, asleep[256 / 32];
	unsigned int bus;

	for (i = 0; i < run->nr_windows && !run->incomplete; i++) {
		const struct pciq_window *window = &run->windows[i];

		for (k = 0; k < ARRAY_SIZE(asleep); k++)
			WRITE_ONCE(asleep[k], 0);
		for (bus = window->bus_start;
		     bus <= window->bus_end && !run->incomplete; bus++) {
			if (!(asleep[bus / 32] & 1U << bus % 32))
				nr = walk_bus(run, i, bus, room + max, nr, max,
					      asleep);
		}
	}
	run->funcs = room + max - nr;
	return nr;
}

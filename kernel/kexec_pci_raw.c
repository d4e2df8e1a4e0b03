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
static __quiesce bool find_function(struct kexec_quiesce_run *run,
				    struct kexec_quiesce_func *func)
{
	u32 class = kexec_quiesce_read(run, func, PCI_CLASS_REVISION, 4);

	func->class = class >> 8;
	return class != ~0U;
}

static __quiesce u16 find_pcie_cap(struct kexec_quiesce_run *run,
				   const struct kexec_quiesce_func *func)
{
	u16 status = kexec_quiesce_read(run, func, PCI_STATUS, 2);
	u16 position, header;
	unsigned int i;

	if (!(status & PCI_STATUS_CAP_LIST))
		return 0;
	position = kexec_quiesce_read(run, func, PCI_CAPABILITY_LIST, 2) & 0xfc;
	for (i = 0; i < MAX_CAPABILITIES && position >= 0x40; i++) {
		/* Then walk_bus() is late as well, and says that it is. */
		if (kexec_quiesce_late(run, run->work_until))
			return 0;
		header = kexec_quiesce_read(run, func, position, 2);
		if ((header & 0xff) == PCI_CAP_ID_EXP)
			return position;
		position = header >> 8 & 0xfc;
	}
	return 0;
}

static __quiesce void describe(struct kexec_quiesce_run *run,
			       struct kexec_quiesce_func *func)
{
	u32 id = kexec_quiesce_read(run, func, PCI_VENDOR_ID, 4);
	u32 pin = kexec_quiesce_read(run, func, PCI_INTERRUPT_LINE, 2);
	u32 type = kexec_quiesce_read(run, func, PCI_CACHE_LINE_SIZE, 4);
	u16 flags;

	func->vendor = id;
	func->device = id >> 16;
	func->flags = KEXEC_QUIESCE_F_RAW;
	if (pin >> 8)
		func->flags |= KEXEC_QUIESCE_F_INTX;
	/* If the header type cannot be read, the class decides. */
	if (func->class >> 8 == 0x0604 &&
	    (type == ~0U ||
	     (type >> 16 & HEADER_TYPE) == PCI_HEADER_TYPE_BRIDGE))
		func->flags |= KEXEC_QUIESCE_F_BRIDGE;
	if (kexec_quiesce_class_excluded(func->class))
		func->flags |= KEXEC_QUIESCE_F_EXCLUDE_CLASS;
	if (kexec_quiesce_matches(&kexec_quiesce_ctl.exclude, func))
		func->flags |= KEXEC_QUIESCE_F_EXCLUDE_USER;
	func->pcie_cap = find_pcie_cap(run, func);
	if (!func->pcie_cap)
		return;
	flags = kexec_quiesce_read(run, func, func->pcie_cap + PCI_EXP_FLAGS, 2);
	func->port_type = flags >> 4 & 0xf;
	/* Without its type, what its registers mean is not known. */
	if (flags == ALL_ONES_16)
		func->pcie_cap = 0;
}

/* Field by field: the compiler must not call memset() for us. */
static __quiesce void blank(struct kexec_quiesce_func *func, u32 domain,
			    u16 window, u8 bus, u8 devfn)
{
	func->domain = domain;
	func->window = window;
	func->bus = bus;
	func->devfn = devfn;
	func->parent = KEXEC_QUIESCE_NONE;
	func->flags = 0;
	func->pcie_cap = 0;
	func->aer_cap = 0;
	func->dpc_cap = 0;
	func->pcix_cap = 0;
	func->port_type = 0;
	/* Nothing was saved that could be given back after a reset. */
	func->reset = KEXEC_QUIESCE_RESET_NONE;
	func->forbidden = KEXEC_QUIESCE_NOT_SAVED;
	func->settle_ms = 0;
	/* One answer may be wrong: none is to be held against a function. */
	func->status = 0;
}

static __quiesce u32 walk_bus(struct kexec_quiesce_run *run, u16 window,
			      u8 bus, struct kexec_quiesce_func *funcs,
			      u32 nr, u32 max)
{
	u32 domain = run->windows[window].domain;
	struct kexec_quiesce_func func;
	unsigned int devfn;

	for (devfn = 0; devfn < 256; devfn++) {
		if (kexec_quiesce_late(run, run->work_until)) {
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
		funcs[nr++] = func;
	}
	return nr;
}

/**
 * kexec_quiesce_walk() - find functions without any knowledge but the windows
 * @run: the run, with windows
 * @funcs: room for the functions found
 * @max: that many
 *
 * From the highest bus to the lowest: bridges number what is below them higher
 * than themselves, so children come before parents. Sets @run->incomplete if
 * the room or the time did not suffice.
 *
 * Context: crash path.
 * Return: how many were found.
 */
__quiesce u32 kexec_quiesce_walk(struct kexec_quiesce_run *run,
				 struct kexec_quiesce_func *funcs, u32 max)
{
	u32 i, nr = 0;
	int bus;

	for (i = 0; i < run->nr_windows && !run->incomplete; i++) {
		const struct kexec_quiesce_window *window = &run->windows[i];

		for (bus = window->bus_end;
		     bus >= window->bus_start && !run->incomplete; bus--)
			nr = walk_bus(run, i, bus, funcs, nr, max);
	}
	return nr;
}

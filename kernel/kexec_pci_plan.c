// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be reset, and how.
 *
 * Decided while the machine is healthy, from nothing but the list of functions,
 * so that the crash path has no decision left but whether.  A Secondary Bus
 * Reset takes everything below the port with it: one function that must not be
 * reset protects every link above it, as pci_bus_resettable() has it.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_ids.h>
#include <linux/pci_regs.h>

/* PCIe 6.6.2: 100 ms from FLR until a function may be asked. */
#define FLR_MS			100

#define ANY_DEVICE		0xffff
#define NO_FLR			0xffff

/*
 * What drivers/pci/quirks.c, pci_dev_reset_methods[], knows about FLR: some
 * NVMe controllers need 250 ms more; others need their registers, which are
 * out of reach here, to be written first.  Two functions of AMD's Starship and
 * Matisse hang in FLR, as their neighbours that quirk_no_flr() names
 * (20240908221028.870055-1-me@wesleyac.com, not merged).
 */
static const struct {
	u16 vendor;
	u16 device;
	u16 more_ms;
} flr_quirks[] = {
	{ PCI_VENDOR_ID_INTEL, 0x0953, 250 },
	{ PCI_VENDOR_ID_INTEL, 0x0a54, 250 },
	{ PCI_VENDOR_ID_SOLIDIGM, 0xf1ac, 250 },
	{ PCI_VENDOR_ID_SAMSUNG, 0xa804, NO_FLR },
	{ PCI_VENDOR_ID_HUAWEI, 0x375e, NO_FLR },
	{ PCI_VENDOR_ID_CHELSIO, ANY_DEVICE, NO_FLR },
	{ PCI_VENDOR_ID_AMD, 0x1485, NO_FLR },
	{ PCI_VENDOR_ID_AMD, 0x1486, NO_FLR },
};

/*
 * Storage controllers whose firmware boots for tens of seconds after a reset,
 * while the poll here ends after one.  The dump may go to one of them.  RAID and
 * SAS by class; those of the MPT family (drivers/message/fusion) are plain SCSI.
 */
static const u16 slow_lsi[] = {
	0x0030, 0x0031, 0x0032, 0x0033, 0x0040, 0x0041, 0x0050, 0x0054, 0x0056,
	0x0058, 0x0059, 0x005a, 0x005c, 0x005e, 0x0062,
};

static bool is_slow_storage(const struct pciq_func *func)
{
	unsigned int i;

	if (func->class >> 8 == PCI_CLASS_STORAGE_RAID ||
	    func->class >> 8 == PCI_CLASS_STORAGE_SAS)
		return true;
	if (func->vendor != PCI_VENDOR_ID_LSI_LOGIC)
		return false;
	for (i = 0; i < ARRAY_SIZE(slow_lsi); i++) {
		if (func->device == slow_lsi[i])
			return true;
	}
	return false;
}

static u16 flr_quirk(const struct pciq_func *func)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flr_quirks); i++) {
		if (flr_quirks[i].vendor == func->vendor &&
		    (flr_quirks[i].device == ANY_DEVICE ||
		     flr_quirks[i].device == func->device))
			return flr_quirks[i].more_ms;
	}
	return 0;
}

/* Why the function itself must not be reset, by any means. */
static u8 own_reason(const struct pciq_func *func)
{
	if (func->flags & PCIQ_F_NORESET_USER)
		return PCIQ_NOT_USER;
	if (func->flags & (PCIQ_F_EXCLUDE_USER |
			   PCIQ_F_EXCLUDE_CLASS))
		return PCIQ_NOT_EXCLUDED;
	/* Left alone for other reasons: a reset would clear BME. */
	if (func->flags & (PCIQ_F_PEER |
			   PCIQ_F_FIRMWARE_BME))
		return PCIQ_NOT_EXCLUDED;
	if (func->flags & PCIQ_F_VMD)
		return PCIQ_NOT_VMD;
	if (func->flags & PCIQ_F_HELD)
		return PCIQ_NOT_HELD;
	if (func->flags & PCIQ_F_SLOW_STORAGE &&
	    !(func->flags & PCIQ_F_RESET_USER))
		return PCIQ_NOT_STORAGE;
	if (func->flags & PCIQ_F_DISPLAY)
		return PCIQ_NOT_DISPLAY;
	if (func->flags & PCIQ_F_CXL)
		return PCIQ_NOT_CXL;
	if (func->flags & (PCIQ_F_OFFLINE | PCIQ_F_UNREAD |
			   PCIQ_F_UNSAVED) ||
	    func->window == PCIQ_NO_WINDOW)
		return PCIQ_NOT_SAVED;
	return PCIQ_ALLOWED;
}

static bool is_bridge(const struct pciq_func *func)
{
	return func->flags & PCIQ_F_BRIDGE;
}

static struct pciq_func *parent_of(struct pciq_func *funcs,
				   u32 nr, u32 i)
{
	u32 parent = funcs[i].parent;

	return parent > i && parent < nr ? &funcs[parent] : NULL;
}

/*
 * Children come first: when a port's turn comes, what is below it has told it
 * its reasons already.  The first reason stays.
 */
static void collect_reasons(struct pciq_func *funcs, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pciq_func *func = &funcs[i];
		struct pciq_func *parent = parent_of(funcs, nr, i);
		u8 own = own_reason(func);

		if (own)
			func->forbidden = own;
		else if (!func->forbidden &&
			 func->flags & PCIQ_F_NO_BUS_RESET)
			func->forbidden = PCIQ_NOT_QUIRK;
		if (!parent)
			continue;
		/* Tentative: something is below it. */
		parent->reset = PCIQ_RESET_LINK;
		/* NO_BUS_RESET is the one that leaves FLR: the weakest. */
		if (!parent->forbidden ||
		    (parent->forbidden == PCIQ_NOT_QUIRK &&
		     func->forbidden))
			parent->forbidden = func->forbidden;
	}
}

static void plan_port(struct pciq_func *port)
{
	if (port->reset != PCIQ_RESET_LINK && !port->forbidden)
		port->forbidden = PCIQ_NOT_EMPTY;
	if (!port->forbidden)
		port->forbidden = port->no_link;
	port->reset = port->forbidden ? PCIQ_RESET_NONE :
					PCIQ_RESET_LINK;
}

/*
 * By the link above if that may be, else alone.  What forbids the link for the
 * sake of the link, NO_BUS_RESET, does not forbid FLR.
 */
static void plan_function(struct pciq_func *func,
			  const struct pciq_func *port)
{
	u8 own = func->forbidden;
	u16 quirk = flr_quirk(func);

	func->reset = PCIQ_RESET_NONE;
	if (port && port->reset == PCIQ_RESET_LINK) {
		func->reset = PCIQ_RESET_LINK;
		func->forbidden = PCIQ_ALLOWED;
		return;
	}
	if (!func->forbidden)
		func->forbidden = port ? port->forbidden :
					 PCIQ_NOT_BELOW;
	if ((own && own != PCIQ_NOT_QUIRK) ||
	    !(func->flags & PCIQ_F_HAS_FLR))
		return;
	if (func->flags & PCIQ_F_NO_FLR || quirk == NO_FLR) {
		if (func->forbidden == PCIQ_NOT_BELOW)
			func->forbidden = PCIQ_NOT_FLR;
		return;
	}
	func->reset = PCIQ_RESET_FLR;
	func->settle_ms = FLR_MS + quirk;
}

/* The port whose link a function is on; of a VF, that of its PF. */
static struct pciq_func *port_of(struct pciq_func *funcs,
				 u32 nr, u32 i)
{
	struct pciq_func *parent = parent_of(funcs, nr, i);

	if (parent && funcs[i].flags & PCIQ_F_VF)
		parent = parent_of(funcs, nr, parent - funcs);
	return parent && is_bridge(parent) ? parent : NULL;
}

static u8 plan_gate(const struct pciq_func *func)
{
	if (func->flags & (PCIQ_F_EXCLUDE_CLASS |
			   PCIQ_F_EXCLUDE_USER |
			   PCIQ_F_UNREAD |
			   PCIQ_F_PEER |
			   PCIQ_F_FIRMWARE_BME) ||
	    func->window == PCIQ_NO_WINDOW)
		return PCIQ_PLAN_LEAVE;
	return is_bridge(func) ? PCIQ_PLAN_MASK :
				 PCIQ_PLAN_GATE;
}

static void plan_policies(struct pciq_func *funcs, u32 nr, u32 i)
{
	struct pciq_func *func = &funcs[i];
	struct pciq_func *port = port_of(funcs, nr, i);
	u8 gate = plan_gate(func);
	bool reset = port && port->reset == PCIQ_RESET_LINK;

	if (!is_bridge(func) && func->reset != PCIQ_RESET_NONE)
		reset = true;
	func->plan[PCIQ_BUSMASTER] = gate;
	func->plan[PCIQ_ESCALATE] = gate;
	func->plan[PCIQ_RESET] =
		reset && gate != PCIQ_PLAN_LEAVE ?
			PCIQ_PLAN_RESET : gate;
	if (!(func->flags & PCIQ_F_RESET_USER) || is_bridge(func))
		return;
	func->plan[PCIQ_ESCALATE] = func->plan[PCIQ_RESET];
	if (port && func->reset == PCIQ_RESET_LINK)
		port->flags |= PCIQ_F_RESET_USER;
}

/* Downwards: all that is on a link that reset= names, or a function on it. */
static void plan_named_links(struct pciq_func *funcs, u32 nr)
{
	u32 i;

	for (i = nr; i-- > 0;) {
		struct pciq_func *func = &funcs[i];
		const struct pciq_func *port = port_of(funcs, nr, i);

		if (!port || !(port->flags & PCIQ_F_RESET_USER) ||
		    port->reset != PCIQ_RESET_LINK)
			continue;
		func->plan[PCIQ_ESCALATE] =
			func->plan[PCIQ_RESET];
		if (is_bridge(func))
			func->flags |= PCIQ_F_RESET_USER;
	}
}

/**
 * pciq_plan() - decide for each function what may reset it
 * @funcs: functions, children first, with flags, window, parent and, of ports,
 *	settle_ms; reset, forbidden and plan are filled in
 * @nr: that many
 *
 * Context: process.
 */
void pciq_plan(struct pciq_func *funcs, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		funcs[i].reset = PCIQ_RESET_NONE;
		funcs[i].forbidden = PCIQ_ALLOWED;
		if (is_slow_storage(&funcs[i]))
			funcs[i].flags |= PCIQ_F_SLOW_STORAGE;
	}
	collect_reasons(funcs, nr);
	for (i = 0; i < nr; i++) {
		if (is_bridge(&funcs[i]))
			plan_port(&funcs[i]);
	}
	for (i = 0; i < nr; i++) {
		if (!is_bridge(&funcs[i]))
			plan_function(&funcs[i], port_of(funcs, nr, i));
	}
	for (i = 0; i < nr; i++)
		plan_policies(funcs, nr, i);
	plan_named_links(funcs, nr);
}

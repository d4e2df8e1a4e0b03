// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be reset, and how.
 *
 * A Secondary Bus Reset resets everything below the port: one function that
 * must not be reset protects every link above it, as pci_bus_resettable() has
 * it.
 */
#include <linux/kernel.h>
#include <linux/pci_ids.h>
#include <linux/pci_regs.h>

#include "quiesce.h"

/* From FLR until a function may be read (PCIe r6.0, sec 6.6.2). */
#define PCIQ_FLR_MS		100

/* What restoring takes: of each function, and to spare. */
#define PCIQ_RESTORE_US		50
#define PCIQ_SPARE_MS		20

#define PCIQ_ANY_DEVICE		0xffff
#define PCIQ_BROKEN_FLR		0xffff

/*
 * What the kernel knows about FLR without a flag in struct pci_dev: the entries
 * of pci_dev_reset_methods[] in drivers/pci/quirks.c, each with its function,
 * and what is not merged.  FLR is broken if more is to be written than the crash
 * path writes: registers behind a BAR, or BME and MSI-X Enable during the FLR.
 *
 * Three entries have no row: Ivy Bridge graphics are a display, which is never
 * reset, and VFs of the 82599 show no FLR, so they are reset with their PF only.
 *
 * Secondary Bus Reset needs no such table: all that is merged sets
 * PCI_DEV_FLAGS_NO_BUS_RESET.  Of the rest, Nvidia's T4 (10de:1eb8) is a
 * display, and the kernel has taken back its entry of LSI's FW643 (11c1:5901).
 */
static const struct {
	u16 vendor;
	u16 device;
	u16 more_ms;
} pciq_flr_quirks[] = {
	/* delay_250ms_after_flr(): DC P3700 and P4500, Solidigm P44 Pro */
	{ PCI_VENDOR_ID_INTEL, 0x0953, 250 },
	{ PCI_VENDOR_ID_INTEL, 0x0a54, 250 },
	{ PCI_VENDOR_ID_SOLIDIGM, 0xf1ac, 250 },
	/* nvme_disable_and_flr(): SM961 and PM961 */
	{ PCI_VENDOR_ID_SAMSUNG, 0xa804, PCIQ_BROKEN_FLR },
	/* reset_hinic_vf_dev() */
	{ PCI_VENDOR_ID_HUAWEI, 0x375e, PCIQ_BROKEN_FLR },
	/* reset_chelsio_generic_dev() */
	{ PCI_VENDOR_ID_CHELSIO, PCIQ_ANY_DEVICE, PCIQ_BROKEN_FLR },
	/* 20240908221028.870055-1-me@wesleyac.com, not merged: hang in FLR */
	{ PCI_VENDOR_ID_AMD, 0x1485, PCIQ_BROKEN_FLR },
	{ PCI_VENDOR_ID_AMD, 0x1486, PCIQ_BROKEN_FLR },
};

/*
 * Storage controllers whose firmware boots for tens of seconds after a reset,
 * and the dump may be saved to one of them.  RAID and SAS by class; those of
 * the MPT family (drivers/message/fusion) are plain SCSI.
 */
static const u16 pciq_slow_lsi[] = {
	0x0030, 0x0031, 0x0032, 0x0033, 0x0040, 0x0041, 0x0050, 0x0054, 0x0056,
	0x0058, 0x0059, 0x005a, 0x005c, 0x005e, 0x0062,
};

static bool pciq_is_slow_storage(const struct pciq_entry *entry)
{
	u16 class = entry->class_revision >> 16;
	unsigned int i;

	if (class == PCI_CLASS_STORAGE_RAID || class == PCI_CLASS_STORAGE_SAS)
		return true;
	if (entry->vendor != PCI_VENDOR_ID_LSI_LOGIC)
		return false;
	for (i = 0; i < ARRAY_SIZE(pciq_slow_lsi); i++) {
		if (entry->device == pciq_slow_lsi[i])
			return true;
	}
	return false;
}

static u16 pciq_flr_quirk(const struct pciq_entry *entry)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pciq_flr_quirks); i++) {
		if (pciq_flr_quirks[i].vendor == entry->vendor &&
		    (pciq_flr_quirks[i].device == PCIQ_ANY_DEVICE ||
		     pciq_flr_quirks[i].device == entry->device))
			return pciq_flr_quirks[i].more_ms;
	}
	return 0;
}

/* Why the function itself must not be reset at all. */
static u8 pciq_own_reason(const struct pciq_desc *desc)
{
	u32 flags = desc->func.entry.flags;

	if (flags & PCIQ_F_NORESET_USER)
		return PCIQ_NOT_USER;
	/* A reset would clear BME of those that are left alone. */
	if (flags & (PCIQ_F_EXCLUDE_USER | PCIQ_F_EXCLUDE_CLASS | PCIQ_F_PEER |
		     PCIQ_F_FIRMWARE_BME))
		return PCIQ_NOT_EXCLUDED;
	if (flags & PCIQ_F_VMD)
		return PCIQ_NOT_VMD;
	if (flags & PCIQ_F_HELD)
		return PCIQ_NOT_HELD;
	if (flags & PCIQ_F_SLOW_STORAGE && !(flags & PCIQ_F_RESET_USER))
		return PCIQ_NOT_STORAGE;
	if (flags & PCIQ_F_DISPLAY)
		return PCIQ_NOT_DISPLAY;
	if (flags & PCIQ_F_CXL)
		return PCIQ_NOT_CXL;
	if (flags & (PCIQ_F_OFFLINE | PCIQ_F_UNREAD | PCIQ_F_UNSAVED) ||
	    desc->func.window == PCIQ_NO_WINDOW)
		return PCIQ_NOT_SAVED;
	return PCIQ_MAY_RESET;
}

static bool pciq_is_port(const struct pciq_desc *desc)
{
	return desc->func.entry.flags & PCIQ_F_BRIDGE;
}

static struct pciq_desc *pciq_port_of(struct pciq_desc *descs, u32 i)
{
	u32 port = descs[i].func.entry.port;

	return port ? &descs[port - 1] : NULL;
}

/*
 * Children come first: when it is a port's turn, it has the reasons of what is
 * below it.  The first stays, but NO_BUS_RESET, which permits FLR, is the
 * weakest.
 */
static void pciq_collect_reasons(struct pciq_desc *descs, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pciq_reset *reset = &descs[i].reset, *parent;
		u8 own = pciq_own_reason(&descs[i]);

		if (own)
			reset->no_reset = own;
		else if (!reset->no_reset &&
			 descs[i].func.entry.flags & PCIQ_F_NO_BUS_RESET)
			reset->no_reset = PCIQ_NOT_QUIRK;
		if (reset->parent == PCIQ_NONE)
			continue;
		parent = &descs[reset->parent].reset;
		/* For now: something is below it. */
		parent->method = PCIQ_RESET_LINK;
		if (!parent->no_reset ||
		    (parent->no_reset == PCIQ_NOT_QUIRK && reset->no_reset))
			parent->no_reset = reset->no_reset;
	}
}

static void pciq_plan_port(struct pciq_desc *port)
{
	struct pciq_reset *reset = &port->reset;

	if (reset->method != PCIQ_RESET_LINK && !reset->no_reset)
		reset->no_reset = PCIQ_NOT_EMPTY;
	if (!reset->no_reset)
		reset->no_reset = port->no_link;
	reset->method = reset->no_reset ? PCIQ_RESET_NONE : PCIQ_RESET_LINK;
}

/*
 * By the link above if that may be, else alone.  What protects the link for the
 * sake of the link, NO_BUS_RESET, does not forbid FLR.
 */
static void pciq_plan_function(struct pciq_desc *desc,
			       const struct pciq_desc *port)
{
	u16 quirk = pciq_flr_quirk(&desc->func.entry);
	struct pciq_reset *reset = &desc->reset;
	u32 flags = desc->func.entry.flags;
	u8 own = reset->no_reset;

	reset->method = PCIQ_RESET_NONE;
	if (port && port->reset.method == PCIQ_RESET_LINK) {
		reset->method = PCIQ_RESET_LINK;
		reset->no_reset = PCIQ_MAY_RESET;
		return;
	}
	if (!reset->no_reset)
		reset->no_reset = port ? port->reset.no_reset :
					 PCIQ_NOT_BELOW;
	if ((own && own != PCIQ_NOT_QUIRK) || !(flags & PCIQ_F_HAS_FLR))
		return;
	if (flags & PCIQ_F_NO_FLR || quirk == PCIQ_BROKEN_FLR) {
		if (reset->no_reset == PCIQ_NOT_BELOW)
			reset->no_reset = PCIQ_NOT_FLR;
		return;
	}
	reset->method = PCIQ_RESET_FLR;
	reset->settle_ms = PCIQ_FLR_MS + quirk;
}

static u8 pciq_plan_disable(const struct pciq_desc *desc)
{
	if (desc->func.entry.reason != PCIQ_BY_DEADLINE)
		return PCIQ_PLAN_LEAVE;
	return pciq_is_port(desc) ? PCIQ_PLAN_PORT : PCIQ_PLAN_DISABLE;
}

static void pciq_plan_policies(struct pciq_desc *descs, u32 i)
{
	struct pciq_desc *desc = &descs[i], *port = pciq_port_of(descs, i);
	struct pciq_reset *reset = &desc->reset;
	u8 plan = pciq_plan_disable(desc);

	reset->plan[PCIQ_BUSMASTER] = plan;
	reset->plan[PCIQ_ESCALATE] = plan;
	reset->plan[PCIQ_RESET] = plan;
	if (plan == PCIQ_PLAN_LEAVE || reset->method == PCIQ_RESET_NONE)
		return;
	reset->plan[PCIQ_RESET] = PCIQ_PLAN_RESET;
	reset->cause = 1U << PCIQ_RESET;
	if (!(desc->func.entry.flags & PCIQ_F_RESET_USER))
		return;
	reset->plan[PCIQ_ESCALATE] = PCIQ_PLAN_RESET;
	reset->cause |= 1U << PCIQ_ESCALATE;
	/* Whatever is on the link is reset with it. */
	if (!pciq_is_port(desc) && reset->method == PCIQ_RESET_LINK)
		port->func.entry.flags |= PCIQ_F_RESET_USER;
}

/* Downwards: all that is on a link that reset= names, or a function on it. */
static void pciq_plan_named_links(struct pciq_desc *descs, u32 nr)
{
	u32 i;

	for (i = nr; i-- > 0;) {
		const struct pciq_desc *port = pciq_port_of(descs, i);
		struct pciq_desc *desc = &descs[i];

		if (!port || port->reset.plan[PCIQ_ESCALATE] != PCIQ_PLAN_RESET)
			continue;
		if (pciq_is_port(desc))
			desc->func.entry.flags |= PCIQ_F_RESET_USER;
		desc->reset.plan[PCIQ_ESCALATE] = desc->reset.plan[PCIQ_RESET];
	}
}

/**
 * pciq_plan() - decide for each function what may reset it
 * @descs: functions, described, children first; reset.method, reset.no_reset
 *	and reset.plan are filled in
 * @nr: that many
 *
 * Context: process.
 */
void pciq_plan(struct pciq_desc *descs, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (pciq_is_slow_storage(&descs[i].func.entry))
			descs[i].func.entry.flags |= PCIQ_F_SLOW_STORAGE;
	}
	pciq_collect_reasons(descs, nr);
	for (i = 0; i < nr; i++) {
		if (pciq_is_port(&descs[i]))
			pciq_plan_port(&descs[i]);
	}
	for (i = 0; i < nr; i++) {
		if (!pciq_is_port(&descs[i]))
			pciq_plan_function(&descs[i], pciq_port_of(descs, i));
	}
	for (i = 0; i < nr; i++)
		pciq_plan_policies(descs, i);
	pciq_plan_named_links(descs, nr);
}

/**
 * pciq_longest_reset() - what resets take at most, if all are made
 * @descs: functions, planned
 * @nr: that many
 *
 * Context: process.
 * Return: milliseconds.
 */
u16 pciq_longest_reset(const struct pciq_desc *descs, u32 nr)
{
	u32 longest = 0, ms, i, above;

	for (i = 0; i < nr; i++) {
		ms = 0;
		if (descs[i].reset.method == PCIQ_RESET_FLR)
			ms = descs[i].reset.settle_ms;
		/* Links in a row add up. */
		for (above = descs[i].reset.parent; above != PCIQ_NONE;
		     above = descs[above].reset.parent) {
			if (descs[above].reset.method == PCIQ_RESET_LINK)
				ms += descs[above].reset.settle_ms;
		}
		longest = max(longest, ms);
	}
	longest += PCIQ_DRAIN_MS + PCIQ_SPARE_MS + nr * PCIQ_RESTORE_US / 1000;
	return min_t(u32, longest, U16_MAX);
}

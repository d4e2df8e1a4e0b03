// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine from its config space, as lspci prints it: where a function is comes
 * from the bus numbers of bridges, what it does from its capabilities, and what
 * runs on it from what the kernel had enabled.
 */
#include <stdlib.h>

#include "fabric.h"
#include "load.h"
#include "machine/buses.h"
#include "machine/quirks.h"

#define UNKNOWN_ID		0xfffe

static const struct lspci *source;
static struct load_report report;

/* === Building it === */

static void find_type(struct function *f)
{
	u16 at = bits_next_capability(f, 0), nr;

	f->type = CONVENTIONAL;
	for (nr = 0; at && nr < BITS_MAX_CAPS; nr++) {
		u16 flags = config_get(f->now, at + PCI_EXP_FLAGS, 2);

		if (f->now[at] == PCI_CAP_ID_EXP) {
			f->type = (flags & PCI_EXP_FLAGS_TYPE) >> 4;
			f->pcie_version = flags & PCI_EXP_FLAGS_VERS;
			return;
		}
		at = bits_next_capability(f, at);
	}
}

/*
 * A dump has no sizes.  An address is a multiple of the size, so bits below its
 * lowest are hardwired, or might as well be.  Above 4 GiB, those are all of the
 * lower half.
 */
static u32 size_bar(struct function *f, u32 reg, u32 nr)
{
	u32 value = config_get(f->now, reg, 4);
	bool io = value & PCI_BASE_ADDRESS_SPACE_IO;
	bool wide = nr > 1 && !io &&
		    (value & PCI_BASE_ADDRESS_MEM_TYPE_MASK) ==
			    PCI_BASE_ADDRESS_MEM_TYPE_64;
	u64 address = value & (io ? PCI_BASE_ADDRESS_IO_MASK :
				    PCI_BASE_ADDRESS_MEM_MASK), writable;

	if (wide)
		address |= (u64)config_get(f->now, reg + 4, 4) << 32;
	writable = address ? ~((address & -address) - 1) : 0;
	config_put(f->writable, reg, 4, writable);
	if (wide)
		config_put(f->writable, reg + 4, 4, writable >> 32);
	return wide ? 2 : 1;
}

static void size_bars(struct function *f)
{
	u32 nr = f->header == PCI_HEADER_TYPE_NORMAL ? 6 :
		 f->header == PCI_HEADER_TYPE_BRIDGE ? 2 : 1, i;

	for (i = 0; i < nr;)
		i += size_bar(f, PCI_BASE_ADDRESS_0 + 4 * i, nr - i);
	for (i = 0; i < nr; i++) {
		u32 reg = PCI_BASE_ADDRESS_0 + 4 * i;

		config_put(f->initial, reg, 4, config_get(f->now, reg, 4) &
			   ~config_get(f->writable, reg, 4));
	}
}

/* What the model computes when it is read, and what the machine did long ago. */
static void set_link(struct function *f)
{
	u16 at = f->pcie + PCI_EXP_LNKSTA;
	u32 lnkcap = config_get(f->now, f->pcie + PCI_EXP_LNKCAP, 4);
	u16 lnksta = config_get(f->now, at, 2);

	if (!f->pcie)
		return;
	f->now[f->pcie + PCI_EXP_DEVSTA] &= ~PCI_EXP_DEVSTA_TRPND;
	if (!bits_is_downstream(f) || !(lnkcap & PCI_EXP_LNKCAP_DLLLARC))
		return;
	config_put(f->now, at, 2, lnksta & ~PCI_EXP_LNKSTA_DLLLA);
	config_put(f->initial, at, 2, config_get(f->initial, at, 2) &
					      ~PCI_EXP_LNKSTA_DLLLA);
	f->fast = (lnkcap & PCI_EXP_LNKCAP_SLS) > PCI_EXP_LNKCAP_SLS_5_0GB;
	f->link.down = !(lnksta & PCI_EXP_LNKSTA_DLLLA);
}

/*
 * Bus Master Enable shows that a driver has called pci_set_master(), except
 * where it is hardwired, or where firmware sets it, and nothing masters.
 */
static void set_driver(struct function *f)
{
	bool master = f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;

	f->idle = is_excluded_class(f->class);
	f->driver = master && !f->idle && !f->bridge;
	f->made_master = f->driver;
	f->uses_intx = f->driver && f->initial[PCI_INTERRUPT_PIN] &&
		       !config_msi_is_on(f) && !config_msix_is_on(f) &&
		       !(config_get(f->now, PCI_COMMAND, 2) &
			 PCI_COMMAND_INTX_DISABLE);
	f->excluded = is_left_alone(f);
}

static void set_config(struct function *f, const struct lspci_function *from)
{
	u32 quirks;

	memcpy(f->now, from->config, min_t(u32, from->len, SPACE));
	f->header = buses_header(from);
	f->bridge = f->header == PCI_HEADER_TYPE_BRIDGE;
	f->vendor = config_get(f->now, PCI_VENDOR_ID, 2);
	f->device = config_get(f->now, PCI_DEVICE_ID, 2);
	f->class = config_get(f->now, PCI_CLASS_REVISION, 4) >> 8;
	quirks = quirks_of(f->vendor, f->device, f->now[PCI_REVISION_ID]);
	if (quirks & QUIRK_NO_BUS_RESET)
		f->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	if (quirks & QUIRK_NO_FLR)
		f->dev_flags |= PCI_DEV_FLAGS_NO_FLR_RESET;
	f->intx_broken = quirks & QUIRK_BROKEN_INTX;
	if (buses_silent(from)) {
		/* The kernel knows its ID, and it is not all ones. */
		f->vendor = UNKNOWN_ID;
		f->device = UNKNOWN_ID;
		f->class = 0;
		f->dead = true;
		f->offline = true;
		f->type = CONVENTIONAL;
		report.silent++;
		return;
	}
	find_type(f);
	f->is_short = !report.extended;
	bits_of(f);
	size_bars(f);
	set_link(f);
	set_driver(f);
	report.headers += from->len < PCI_CFG_SPACE_SIZE;
}

static struct function *built(const struct lspci_function *f)
{
	return f ? build_find(f->domain, f->bus, f->devfn) : NULL;
}

static void build_bus(struct host *host, struct function *parent, u8 bus);

/* Depth first, each bus whole, as the kernel scans. */
static void build_below(struct host *host, u8 bus)
{
	const struct lspci_function *f;
	u8 below;
	u32 i;

	for (i = 0; i < source->nr; i++) {
		f = &source->functions[i];
		below = f->config[PCI_SECONDARY_BUS];
		if (f->domain == host->domain && f->bus == bus &&
		    buses_bridge(source, host->domain, below) == f)
			build_bus(host, built(f), below);
	}
}

static void build_bus(struct host *host, struct function *parent, u8 bus)
{
	const struct lspci_function *from;
	struct function *f;
	u32 i;

	for (i = 0; i < source->nr; i++) {
		from = &source->functions[i];
		if (from->domain != host->domain || from->bus != bus)
			continue;
		f = build_blank(host, parent, bus, from->devfn);
		set_config(f, from);
		build_times(f);
	}
	build_below(host, bus);
}

static void build_segment(u32 domain)
{
	struct function *vmd = built(buses_vmd(source, domain));
	struct host *host = NULL;
	u32 bus;

	for (bus = 0; bus < 256; bus++) {
		enum bus_kind kind = buses_kind(source, domain, bus);

		if (kind == BUS_LOST && host) {
			report.lost_buses++;
			build_bus(host, built(buses_lost_bridge(source, domain,
								bus)), bus);
		}
		if (kind != BUS_ROOT || fabric.nr_hosts == MAX_HOSTS)
			continue;
		if (host)
			host->last = bus - 1;
		host = build_host(domain, bus, 255, PCIQ_ECAM, true);
		host->vmd = vmd;
		build_bus(host, NULL, bus);
	}
}

/**
 * load_machine() - build a machine
 * @machine: its config space
 *
 * Return: what the text does not say of it.
 */
struct load_report load_machine(const struct lspci *machine)
{
	u32 i;

	source = machine;
	report = (struct load_report) { 0 };
	for (i = 0; i < machine->nr; i++)
		report.extended |= machine->functions[i].len > PCI_CFG_SPACE_SIZE;
	for (i = 0; i < machine->nr; i++)
		if (!i || machine->functions[i].domain !=
				  machine->functions[i - 1].domain)
			build_segment(machine->functions[i].domain);
	return report;
}

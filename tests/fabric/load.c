// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine from its config space, as lspci prints it: where a function is comes
 * from the bus numbers of bridges, what it does from its capabilities, and what
 * runs on it from what the kernel had enabled.
 */
#include <stdlib.h>

#include "fabric.h"
#include "load.h"
#include "lspci.h"

#define CLASS_RAID		0x0104
#define UNKNOWN_ID		0xfffe
/* Linux numbers the segments of a VMD from here on (drivers/pci/controller/vmd.c). */
#define VMD_FIRST_DOMAIN	0x10000

static const struct lspci *source;
static struct load_report report;

/* === Reading a function before it is built === */

static u8 byte(const struct lspci_function *f, u16 reg)
{
	return f->config[reg];
}

static bool is_silent(const struct lspci_function *f)
{
	return config_get(f->config, PCI_VENDOR_ID, 4) == ~0U &&
	       byte(f, PCI_HEADER_TYPE) == 0xff;
}

static u8 header_of(const struct lspci_function *f)
{
	return is_silent(f) ? PCI_HEADER_TYPE_NORMAL :
			      byte(f, PCI_HEADER_TYPE) & PCI_HEADER_TYPE_MASK;
}

/* Not one that firmware has left without numbers. */
static bool leads_to(const struct lspci_function *bridge, u32 domain, u8 bus)
{
	u8 header = header_of(bridge);

	return (header == PCI_HEADER_TYPE_BRIDGE ||
		header == PCI_HEADER_TYPE_CARDBUS) &&
	       bridge->domain == domain &&
	       byte(bridge, PCI_SECONDARY_BUS) > bridge->bus &&
	       byte(bridge, PCI_SECONDARY_BUS) <= bus &&
	       byte(bridge, PCI_SUBORDINATE_BUS) >= bus;
}

/* The innermost bridge above a bus; NULL for a root bus. */
static const struct lspci_function *bridge_above(u32 domain, u8 bus)
{
	const struct lspci_function *f, *found = NULL;
	u32 i;

	for (i = 0; i < source->nr; i++) {
		f = &source->functions[i];
		if (leads_to(f, domain, bus) &&
		    (!found || byte(f, PCI_SECONDARY_BUS) >
				       byte(found, PCI_SECONDARY_BUS)))
			found = f;
	}
	return found;
}

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
 * lowest are hardwired, or might as well be.
 */
static void size_bars(struct function *f)
{
	u32 nr = f->header == PCI_HEADER_TYPE_NORMAL ? 6 :
		 f->header == PCI_HEADER_TYPE_BRIDGE ? 2 : 1, i;

	for (i = 0; i < nr; i++) {
		u32 reg = PCI_BASE_ADDRESS_0 + 4 * i;
		u32 value = config_get(f->now, reg, 4);
		bool io = value & PCI_BASE_ADDRESS_SPACE_IO;
		u32 address = value & (io ? PCI_BASE_ADDRESS_IO_MASK :
					    PCI_BASE_ADDRESS_MEM_MASK);

		if (!address)
			continue;
		config_put(f->writable, reg, 4, ~((address & -address) - 1));
		if (io || (value & PCI_BASE_ADDRESS_MEM_TYPE_MASK) !=
				  PCI_BASE_ADDRESS_MEM_TYPE_64)
			continue;
		config_put(f->writable, reg + 4, 4, ~0U);
		i++;
	}
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
	f->header = header_of(from);
	f->bridge = f->header == PCI_HEADER_TYPE_BRIDGE;
	f->vendor = config_get(f->now, PCI_VENDOR_ID, 2);
	f->device = config_get(f->now, PCI_DEVICE_ID, 2);
	f->class = config_get(f->now, PCI_CLASS_REVISION, 4) >> 8;
	quirks = load_quirks(f->vendor, f->device, f->now[PCI_REVISION_ID]);
	f->dev_flags = quirks;
	f->intx_broken = quirks & LOAD_BROKEN_INTX;
	if (is_silent(from)) {
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

static void build_bus(struct host *host, struct function *parent, u8 bus);

/* Depth first, each bus whole, as the kernel scans. */
static void build_below(struct host *host, u8 bus)
{
	const struct lspci_function *f;
	u32 i;

	for (i = 0; i < source->nr; i++) {
		f = &source->functions[i];
		if (f->domain == host->domain && f->bus == bus &&
		    header_of(f) != PCI_HEADER_TYPE_NORMAL &&
		    byte(f, PCI_SECONDARY_BUS) > bus &&
		    bridge_above(host->domain, byte(f, PCI_SECONDARY_BUS)) == f)
			build_bus(host, build_find(host->domain, bus, f->devfn),
				  byte(f, PCI_SECONDARY_BUS));
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

enum bus { NO_BUS, ROOT_BUS, LOST_BUS, OTHER_BUS };

/*
 * A bridge that has lost its bus numbers, with its power, leads nowhere; and what
 * is below it is silent.
 */
static enum bus what_bus(u32 domain, u8 bus)
{
	enum bus what = NO_BUS;
	u32 i;

	for (i = 0; i < source->nr; i++) {
		const struct lspci_function *f = &source->functions[i];

		if (f->domain != domain || f->bus != bus)
			continue;
		if (bridge_above(domain, bus))
			return OTHER_BUS;
		if (!is_silent(f))
			return ROOT_BUS;
		what = LOST_BUS;
	}
	return what;
}

/* The last bridge without numbers before a bus; NULL if there is none. */
static struct function *lost_bridge(const struct host *host, u8 bus)
{
	struct function *found = NULL;
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (f->host == host && f->bridge && !f->child && f->bus < bus &&
		    !f->now[PCI_SECONDARY_BUS])
			found = f;
	}
	return found;
}

/* The first VMD that has no segment yet: their order is that of the kernel. */
static struct function *find_vmd(u32 domain)
{
	u32 i;

	if (domain < VMD_FIRST_DOMAIN)
		return NULL;
	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (f->vendor == PCI_VENDOR_ID_INTEL &&
		    f->class >> 8 == CLASS_RAID && !is_vmd_endpoint(f))
			return f;
	}
	return NULL;
}

static void build_segment(u32 domain)
{
	struct function *vmd = find_vmd(domain);
	struct host *host = NULL;
	u32 bus;

	for (bus = 0; bus < 256; bus++) {
		enum bus what = what_bus(domain, bus);

		if (what == LOST_BUS && host) {
			report.lost_buses++;
			build_bus(host, lost_bridge(host, bus), bus);
		}
		if (what != ROOT_BUS || fabric.nr_hosts == MAX_HOSTS)
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

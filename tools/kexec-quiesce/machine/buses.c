// SPDX-License-Identifier: GPL-2.0-only
/* Which bridge leads to which bus, from the bus numbers of bridges. */
#include <stddef.h>

#include <linux/pci_regs.h>

#include "machine/buses.h"

#define CLASS_RAID	0x0104
#define VENDOR_INTEL	0x8086

static __u32 get(const struct lspci_function *f, unsigned int reg,
		 unsigned int size)
{
	__u32 value = 0;

	while (size--)
		value = value << 8 | f->config[reg + size];
	return value;
}

/**
 * buses_silent() - whether a function responded when it was read
 * @f: the function
 *
 * Return: true if all was ones.
 */
bool buses_silent(const struct lspci_function *f)
{
	return get(f, PCI_VENDOR_ID, 4) == ~0U &&
	       f->config[PCI_HEADER_TYPE] == 0xff;
}

/**
 * buses_header() - the header type of a function
 * @f: the function
 *
 * Return: PCI_HEADER_TYPE_*; of one that was silent, PCI_HEADER_TYPE_NORMAL.
 */
__u8 buses_header(const struct lspci_function *f)
{
	return buses_silent(f) ? PCI_HEADER_TYPE_NORMAL :
				 f->config[PCI_HEADER_TYPE] & 0x7f;
}

static bool has_buses(const struct lspci_function *f)
{
	return buses_header(f) == PCI_HEADER_TYPE_BRIDGE ||
	       buses_header(f) == PCI_HEADER_TYPE_CARDBUS;
}

/* Not one that firmware has left without numbers. */
static bool leads_to(const struct lspci_function *f, __u32 domain, __u8 bus)
{
	return has_buses(f) && f->domain == domain &&
	       f->config[PCI_SECONDARY_BUS] > f->bus &&
	       f->config[PCI_SECONDARY_BUS] <= bus &&
	       f->config[PCI_SUBORDINATE_BUS] >= bus;
}

/**
 * buses_bridge() - the innermost bridge that leads to a bus
 * @machine: the machine
 * @domain: PCI segment
 * @bus: bus number
 *
 * Return: the bridge, NULL if there is none.
 */
const struct lspci_function *buses_bridge(const struct lspci *machine,
					  __u32 domain, __u8 bus)
{
	const struct lspci_function *f, *found = NULL;
	unsigned int i;

	for (i = 0; i < machine->nr; i++) {
		f = &machine->functions[i];
		if (leads_to(f, domain, bus) &&
		    (!found || f->config[PCI_SECONDARY_BUS] >
				       found->config[PCI_SECONDARY_BUS]))
			found = f;
	}
	return found;
}

/**
 * buses_kind() - what leads to a bus
 * @machine: the machine
 * @domain: PCI segment
 * @bus: bus number
 *
 * A bridge that has lost its bus numbers, with its power, leads nowhere; and what
 * is below it is silent.
 *
 * Return: enum bus_kind.
 */
enum bus_kind buses_kind(const struct lspci *machine, __u32 domain, __u8 bus)
{
	enum bus_kind kind = BUS_EMPTY;
	unsigned int i;

	for (i = 0; i < machine->nr; i++) {
		const struct lspci_function *f = &machine->functions[i];

		if (f->domain != domain || f->bus != bus)
			continue;
		if (buses_bridge(machine, domain, bus))
			return BUS_BELOW;
		if (!buses_silent(f))
			return BUS_ROOT;
		kind = BUS_LOST;
	}
	return kind;
}

/**
 * buses_lost_bridge() - the bridge that may have led to a lost bus
 * @machine: the machine
 * @domain: PCI segment
 * @bus: bus number
 *
 * Return: the last one before the bus that has no numbers, NULL if there is none.
 */
const struct lspci_function *buses_lost_bridge(const struct lspci *machine,
					       __u32 domain, __u8 bus)
{
	const struct lspci_function *found = NULL;
	unsigned int i;

	for (i = 0; i < machine->nr; i++) {
		const struct lspci_function *f = &machine->functions[i];

		if (f->domain == domain && f->bus < bus &&
		    buses_header(f) == PCI_HEADER_TYPE_BRIDGE &&
		    !f->config[PCI_SECONDARY_BUS])
			found = f;
	}
	return found;
}

/* Segments of VMDs before this one. */
static unsigned int count_vmds(const struct lspci *machine, __u32 domain)
{
	unsigned int i, nr = 0;

	for (i = 0; i < machine->nr; i++) {
		__u32 this = machine->functions[i].domain;

		nr += this >= BUSES_VMD_DOMAIN && this < domain &&
		      (!i || machine->functions[i - 1].domain != this);
	}
	return nr;
}

/**
 * buses_vmd() - the VMD endpoint that a segment is behind
 * @machine: the machine
 * @domain: PCI segment
 *
 * Return: the endpoint: they have the order of their segments; NULL if it is not
 * behind one.
 */
const struct lspci_function *buses_vmd(const struct lspci *machine,
				       __u32 domain)
{
	unsigned int i, skip;

	if (domain < BUSES_VMD_DOMAIN)
		return NULL;
	skip = count_vmds(machine, domain);
	for (i = 0; i < machine->nr; i++) {
		const struct lspci_function *f = &machine->functions[i];

		if (f->domain < BUSES_VMD_DOMAIN &&
		    get(f, PCI_VENDOR_ID, 2) == VENDOR_INTEL &&
		    get(f, PCI_CLASS_DEVICE, 2) == CLASS_RAID && !skip--)
			return f;
	}
	return NULL;
}

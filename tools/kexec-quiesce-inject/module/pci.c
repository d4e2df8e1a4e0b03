// SPDX-License-Identifier: GPL-2.0-only
/* Faults: the kernel's own PCI data, as a wild writer leaves it behind. */
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "inject.h"

#define GARBAGE		0x5a
#define WILD		((void *)0x5a5a5a5a5a5a5a5aUL)

/*
 * Every bus is reached from the root buses, before anything is broken.  No lock:
 * this is the context that dies.
 */
static void each_bus(struct list_head *buses, void (*act)(struct pci_bus *bus))
{
	struct pci_bus *bus, *next;

	list_for_each_entry_safe(bus, next, buses, node) {
		each_bus(&bus->children, act);
		act(bus);
	}
}

static void break_members(struct pci_bus *bus)
{
	struct pci_dev *dev, *next;

	list_for_each_entry_safe(dev, next, &bus->devices, bus_list)
		memset(dev, GARBAGE, offsetof(struct pci_dev, dev));
	memset(&bus->node, GARBAGE, sizeof(bus->node));
	memset(&bus->devices, GARBAGE, sizeof(bus->devices));
	memset(&bus->children, GARBAGE, sizeof(bus->children));
}

static void break_ops(struct pci_bus *bus)
{
	bus->ops = WILD;
	bus->sysdata = WILD;
}

static void break_all(struct pci_bus *bus)
{
	break_members(bus);
	break_ops(bus);
}

static struct list_head *root_buses(void)
{
	return inject_find("pci_root_buses");
}

static int lists(const struct inject_args *args)
{
	struct list_head *head = root_buses();

	if (!head)
		return -ENOENT;
	each_bus(head, break_all);
	memset(head, GARBAGE, sizeof(*head));
	return 0;
}

static int ops(const struct inject_args *args)
{
	struct list_head *head = root_buses();

	if (!head)
		return -ENOENT;
	each_bus(head, break_ops);
	return 0;
}

static int roots(const struct inject_args *args)
{
	struct list_head *head = root_buses();

	if (!head)
		return -ENOENT;
	memset(head, GARBAGE, sizeof(*head));
	return 0;
}

/* Looked up now, or the bus lists would have to be whole later. */
static int device(const struct inject_args *args)
{
	struct pci_dev *dev = inject_device_at(args);

	if (!dev)
		return -ENODEV;
	memset(dev, GARBAGE, offsetof(struct pci_dev, dev));
	return 0;
}

static const struct inject_row rows[] = {
	{ "lists", NULL, "every pci_dev, the lists of every bus, the root bus list overwritten",
	  lists, .late = true },
	{ "ops", NULL, "config accessors and their data wild on every bus",
	  ops, .late = true },
	{ "roots", NULL, "root bus list overwritten", roots, .late = true },
	{ "pci-dev", "device=ADDRESS", "one pci_dev overwritten", device },
};

INJECT_FAMILY(pci);

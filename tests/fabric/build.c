// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machines, function by function.
 */
#include <stdlib.h>

#include "fabric.h"

/* After a reset: link training, and until a function answers (6.6.1: 100 ms). */
#define TRAIN_MAX_US	20000
#define BOOT_MAX_US	70000
#define SWITCH_BOOT_US	500

static struct function **new_bus(void)
{
	return calloc(256, sizeof(struct function *));
}

static void forget_hosts(void)
{
	u32 bus;

	while (fabric.nr_hosts) {
		struct host *host = fabric.hosts[--fabric.nr_hosts];

		for (bus = 0; bus < 256; bus++)
			free(host->by_bus[bus]);
		free(host);
	}
}

/**
 * build_reset() - begin a machine
 * @seed: whatever happens by chance comes from it
 */
void build_reset(u64 seed)
{
	struct function **functions = fabric.functions;
	u32 room = fabric.room;

	forget_hosts();
	memory_hide(NULL);
	memset(&fabric, 0, sizeof(fabric));
	fabric.functions = functions;
	fabric.room = room;
	fabric.random.state = seed;
	fabric.now = 1000000000ULL * random_range(&fabric.random, 1, 1000000);
	fabric.tsc_khz = random_range(&fabric.random, 1000000, 5000000);
	fabric.access_ns = random_range(&fabric.random, 200, 2000);
	fabric.relax_ns = 1000ULL * random_range(&fabric.random, 10, 200);
	fabric.delay_ns = 1000ULL * random_log(&fabric.random, 10000000);
	fabric.strict_time = true;
	fabric.vmd_gates = true;
	memset(&pciq_ctl, 0, sizeof(pciq_ctl));
	if (!pciq_memory.record && pciq_make_memory(1))
		abort();
	memory_keep();
	pciq_memory.tsc_khz = fabric.tsc_khz;
	pciq_memory.deadline_ms = 60000;
}

/**
 * build_host() - add a host bridge
 * @domain: PCI segment
 * @first: the root bus
 * @last: last bus below it
 * @window: enum pciq_window_type, 0 = none
 * @native: the operating system owns AER, DPC, hotplug and PME
 *
 * Return: the host bridge.
 */
struct host *build_host(u32 domain, u8 first, u8 last, u8 window, bool native)
{
	struct host *host = calloc(1, sizeof(*host));

	host->domain = domain;
	host->first = first;
	host->last = last;
	host->window = window;
	host->bridge.native_aer = native;
	host->bridge.native_dpc = native;
	host->bridge.native_pme = native;
	host->bridge.native_pcie_hotplug = native;
	fabric.hosts[fabric.nr_hosts++] = host;
	return host;
}

static struct function *new_function(void)
{
	struct function *f;

	if (fabric.nr == fabric.room) {
		fabric.room = fabric.room ? 2 * fabric.room : 64;
		fabric.functions = realloc(fabric.functions, fabric.room *
					   sizeof(*fabric.functions));
		memset(fabric.functions + fabric.nr, 0,
		       (fabric.room - fabric.nr) * sizeof(*fabric.functions));
	}
	f = fabric.functions[fabric.nr];
	if (!f) {
		f = malloc(sizeof(*f));
		fabric.functions[fabric.nr] = f;
	}
	memset(f, 0, sizeof(*f));
	f->index = fabric.nr++;
	return f;
}

static void place(struct function *f, struct host *host, u8 bus, u8 devfn)
{
	f->host = host;
	f->bus = bus;
	f->devfn = devfn;
	if (!host->by_bus[bus])
		host->by_bus[bus] = new_bus();
	host->by_bus[bus][devfn] = f;
}

/**
 * build_blank() - add a function without a config space
 * @host: its host bridge
 * @parent: the bridge above, NULL on the root bus
 * @bus: bus number
 * @devfn: device << 3 | function
 *
 * Return: the function.
 */
struct function *build_blank(struct host *host, struct function *parent, u8 bus,
			     u8 devfn)
{
	struct function *f = new_function(), **end;

	place(f, host, bus, devfn);
	f->parent = parent;
	if (parent) {
		for (end = &parent->child; *end; end = &(*end)->sibling)
			;
		*end = f;
	}
	return f;
}

/**
 * build_times() - what it takes after a reset, by chance
 * @f: the function, laid out
 */
void build_times(struct function *f)
{
	bool internal = f->type == TYPE_DOWNSTREAM;

	f->boot_ns = NS_PER_US *
		random_below(&fabric.random,
			     internal ? SWITCH_BOOT_US : BOOT_MAX_US);
	if (f->bridge && f->type != TYPE_UPSTREAM)
		f->link.train_ns = NS_PER_US *
			random_range(&fabric.random, 100, TRAIN_MAX_US);
}

/**
 * build_function() - add a function
 * @host: its host bridge
 * @parent: the bridge above, NULL on the root bus
 * @bus: bus number
 * @devfn: device << 3 | function
 * @shape: what kind it is
 *
 * Return: the function.
 */
struct function *build_function(struct host *host, struct function *parent,
				u8 bus, u8 devfn, const struct shape *shape)
{
	struct function *f = build_blank(host, parent, bus, devfn);

	layout_function(f, shape);
	build_times(f);
	return f;
}

/**
 * build_vf() - add a virtual function
 * @pf: its PF
 * @bus: bus number, at or below the secondary bus of the bridge above
 * @devfn: ARI function number
 * @shape: what kind it is
 *
 * Return: the function.
 */
struct function *build_vf(struct function *pf, u8 bus, u8 devfn,
			  const struct shape *shape)
{
	struct function *vf = new_function(), **end;

	place(vf, pf->host, bus, devfn);
	vf->parent = pf->parent;
	vf->pf = pf;
	layout_function(vf, shape);
	for (end = &pf->vf; *end; end = &(*end)->sibling)
		;
	*end = vf;
	config_put(pf->now, pf->sriov + PCI_SRIOV_CTRL, 2, PCI_SRIOV_CTRL_VFE |
		   PCI_SRIOV_CTRL_MSE);
	return vf;
}

/**
 * build_buses() - set the bus numbers of a bridge
 * @bridge: the bridge
 * @secondary: bus directly below
 * @subordinate: last bus below
 */
void build_buses(struct function *bridge, u8 secondary, u8 subordinate)
{
	bridge->now[PCI_PRIMARY_BUS] = bridge->bus;
	bridge->now[PCI_SECONDARY_BUS] = secondary;
	bridge->now[PCI_SUBORDINATE_BUS] = subordinate;
}

/**
 * build_command() - set and clear bits of Command
 * @f: the function
 * @set: bits to set, of those that it has
 * @clear: bits to clear
 */
void build_command(struct function *f, u16 set, u16 clear)
{
	u16 command = config_get(f->now, PCI_COMMAND, 2);

	set &= config_get(f->writable, PCI_COMMAND, 2);
	config_put(f->now, PCI_COMMAND, 2, (command | set) & ~clear);
}

/**
 * build_healthy() - all functions are there: let the kernel find them
 */
void build_healthy(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++)
		if (!fabric.functions[i]->unfound)
			pci_attach(fabric.functions[i]);
}

/**
 * build_crash() - from now on the engine is at work
 */
void build_crash(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		f->active = !f->bridge && !f->idle && !f->asleep &&
			    f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;
		behaviour_begin(f);
		memcpy(f->before, f->now, SPACE);
	}
	oracle_begin();
	fabric.start = fabric.now;
	fabric.crashed = true;
}

/**
 * build_find() - function by address
 * @domain: PCI segment
 * @bus: bus number
 * @devfn: device and function
 *
 * Return: the function, NULL if there is none.
 */
struct function *build_find(u32 domain, u8 bus, u8 devfn)
{
	u32 i;

	for (i = 0; i < fabric.nr_hosts; i++) {
		struct host *host = fabric.hosts[i];

		if (host->domain == domain && bus >= host->first &&
		    bus <= host->last && host->by_bus[bus])
			return host->by_bus[bus][devfn];
	}
	return NULL;
}

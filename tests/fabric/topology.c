// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machines at random: segments, root buses, switches in switches, bridges to
 * conventional PCI, SR-IOV, VMD.
 */
#include "fabric.h"

#define VMD_DOMAIN		0x10000
#define VMD_FIRST_BUS		0xe0
#define MAX_DEPTH		14
#define MAX_VFS			64

#define CLASS_HOST_BRIDGE	0x060000
#define CLASS_ISA_BRIDGE	0x060100
#define CLASS_PCI_BRIDGE	0x060400
#define CLASS_VMD		0x010400

/* A bus in the making. */
struct place {
	struct host *host;
	struct function *parent;
	u8 bus;
	u32 depth;
};

static u32 wanted;		/* functions */
static u32 next_bus;		/* of the host bridge under construction */

static bool chance(u32 percent)
{
	return random_chance(&fabric.random, percent);
}

static u32 below(u32 n)
{
	return random_below(&fabric.random, n);
}

static bool enough(void)
{
	return fabric.nr >= wanted;
}

static const u32 endpoint_classes[] = {
	0x020000, 0x020000, 0x020000, 0x010802, 0x010802, 0x010700, 0x0c0330,
	0x040300, 0x030000, 0x030200, 0x120000, 0x0c0400, 0x070002, 0x080501,
	0x088000, 0x050210, 0x050000, 0x068000, 0x028000, 0x058000, 0x080100,
	0x010000, 0x010400,
};

/* Some that kernel/kexec_pci_plan.c has to know. */
static const struct { u16 vendor, device; } ids[] = {
	{ 0x8086, 0x0953 }, { 0x8086, 0x0a54 }, { 0x025e, 0xf1ac },
	{ 0x144d, 0xa804 }, { 0x19e5, 0x375e }, { 0x1425, 0x6001 },
	{ 0x8086, 0x10d3 }, { 0x15b3, 0x1017 }, { 0x1af4, 0x1041 },
};

static void choose_id(struct shape *shape)
{
	u32 i = below(ARRAY_SIZE(ids));

	if (chance(75))
		i = ARRAY_SIZE(ids) - 1 - below(3);
	shape->vendor = ids[i].vendor;
	shape->device = ids[i].device;
}

static struct shape endpoint_shape(u8 type)
{
	struct shape shape = {
		.class = endpoint_classes[below(ARRAY_SIZE(endpoint_classes))],
		.type = type,
		.pcie_version = chance(10) ? 1 : 2,
		.pin = below(5),
		.flr = chance(50),
		.aer = chance(50),
		.pcix = type == CONVENTIONAL && chance(40),
		.af = type == CONVENTIONAL && chance(50) ? below(4) : 0,
		.no_intx_disable = type == CONVENTIONAL && chance(15),
	};

	choose_id(&shape);
	if (shape.class >> 8 == 0x0502 || chance(2))
		shape.cxl = true;
	shape.cxl_cache = shape.cxl && chance(40);
	shape.ptm = type == TYPE_ENDPOINT && chance(15);
	return shape;
}

static struct shape bridge_shape(u8 type)
{
	struct shape shape = {
		.vendor = 0x1b36,
		.device = 0x000c + type % 16,
		.class = CLASS_PCI_BRIDGE,
		.type = type,
		.bridge = true,
		.pcie_version = 2,
		.pin = below(2),
		.speed = 1 + below(5),
		.aer = chance(60),
	};

	/* Host bridge, semi-transparent: what it is, its header type says. */
	if (chance(4))
		shape.class = chance(50) ? CLASS_HOST_BRIDGE : 0x060940;
	if (type == TYPE_ROOT_PORT || type == TYPE_DOWNSTREAM) {
		/* Mandatory above 5 GT/s and for hotplug (7.5.3.6). */
		shape.link_active = shape.speed > 2 || chance(50);
		shape.slot = chance(50);
		shape.hotplug = shape.slot && shape.link_active && chance(60);
		shape.dpc = chance(40);
	} else if (type == CONVENTIONAL) {
		shape.pcix = chance(30);
	}
	return shape;
}

/* Bus Master Enable may be set in these, by firmware or hardwired: none masters. */
static bool has_no_engine(u32 class)
{
	return class == CLASS_HOST_BRIDGE || class == CLASS_ISA_BRIDGE ||
	       class == 0x080020 || class == 0x080600 || class == 0x080700;
}

/* DMA controllers, switch management, NTBs: a driver makes masters of some. */
static bool is_often_idle(u32 class)
{
	return class >> 16 == 5 || class == 0x068000 || class == 0x080100;
}

/* Who has enabled bus mastering, and who interrupts how. */
static void set_up_driver(struct function *f)
{
	bool master = f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;

	f->idle = has_no_engine(f->class) ||
		  (is_often_idle(f->class) && chance(70));
	f->driver = !f->idle && chance(85);
	f->user_driver = f->driver && chance(3);
	f->needs_bme = f->driver && !f->user_driver && !f->pf && master &&
		       ((f->class >> 16 == 1 && f->class != 0x010802) ||
			f->class == 0x080501) && chance(15);
	f->made_master = f->driver && master && !f->needs_bme && !f->user_driver;
	f->uses_intx = f->driver && f->initial[PCI_INTERRUPT_PIN] && !f->pf &&
		       !config_msi_is_on(f) && chance(70);
	f->intx_broken = chance(3);
	f->idle |= is_left_alone(f);
	f->spared = f->needs_bme || ((f->made_master || f->user_driver) &&
				     f->class >> 8 == 0x0680);
	if (f->ptm && f->host->window == PCIQ_ECAM && chance(30))
		f->set |= 1U << PTM_HANGS;
}

static void set_up(struct function *f)
{
	if (f->bridge)
		build_command(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY, 0);
	build_command(f, chance(f->bridge ? 95 : 80) ? PCI_COMMAND_MASTER : 0,
		      chance(10) ? PCI_COMMAND_MASTER : 0);
	f->d3cold_delay = chance(4) ? 250 : chance(2) ? 1200 : 100;
	if (chance(4))
		f->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	if (chance(5))
		f->dev_flags |= PCI_DEV_FLAGS_NO_FLR_RESET;
	if (!f->bridge)
		set_up_driver(f);
	else if ((f->type == TYPE_ROOT_PORT || f->type == TYPE_DOWNSTREAM) &&
		 chance(10))
		f->set |= 1U << BANDWIDTH_BLOCKS;
}

static struct function *add(const struct place *at, u8 devfn,
			    const struct shape *shape)
{
	struct function *f = build_function(at->host, at->parent, at->bus,
					    devfn, shape);

	set_up(f);
	return f;
}

/* Buses below bridges are numbered in the order in which they are found. */
static bool take_bus(const struct place *at, struct function *bridge,
		     struct place *inside)
{
	if (next_bus > at->host->last)
		return false;
	*inside = (struct place) {
		.host = at->host,
		.parent = bridge,
		.bus = next_bus++,
		.depth = at->depth + 1,
	};
	return true;
}

static void fill_link(const struct place *at);
static void fill_conventional(const struct place *at);

static void add_bridge(const struct place *at, u8 devfn, u8 type,
		       void (*fill)(const struct place *at))
{
	struct shape shape = bridge_shape(type);
	struct function *bridge;
	struct place inside;

	if (next_bus > at->host->last)
		return;
	bridge = add(at, devfn, &shape);
	take_bus(at, bridge, &inside);
	fill(&inside);
	build_buses(bridge, inside.bus, next_bus - 1);
}

static void add_vfs(const struct place *at, struct function *pf)
{
	struct shape shape = {
		.vendor = pf->vendor, .device = pf->device + 1,
		.class = pf->class, .type = TYPE_ENDPOINT,
		.vf = true, .flr = true,
	};
	u32 nr = 1 + below(chance(10) ? MAX_VFS : 6), i, devfn;
	u8 bus = at->bus;
	struct function *vf;

	devfn = pf->devfn + 8 + below(64);
	if (chance(30) && next_bus <= at->host->last) {
		bus = next_bus++;	/* First VF Offset leads to the next */
		devfn = below(4);
	}
	for (i = 0; i < nr && devfn < 256 && !enough(); i++, devfn++) {
		if (at->host->by_bus[bus] && at->host->by_bus[bus][devfn])
			continue;
		vf = build_vf(pf, bus, devfn, &shape);
		build_command(vf, chance(85) ? PCI_COMMAND_MASTER : 0,
			      chance(10) ? PCI_COMMAND_MASTER : 0);
		set_up_driver(vf);
		if (chance(3))
			vf->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	}
}

static void add_device(const struct place *at, u8 slot, u8 type)
{
	u32 functions = chance(25) ? 1 + below(8) : 1, i;
	bool sriov = type == TYPE_ENDPOINT && chance(15);

	for (i = 0; i < functions && !enough(); i++) {
		struct shape shape = endpoint_shape(type);
		struct function *f;

		shape.sriov = sriov;
		f = add(at, slot << 3 | i, &shape);
		if (sriov)
			add_vfs(at, f);
	}
}

/* Function numbers beyond 7, on a bus with one device (ARI, 6.13). */
static void add_ari_device(const struct place *at)
{
	u32 functions = 2 + below(40), i;

	for (i = 0; i < functions && !enough(); i++) {
		struct shape shape = endpoint_shape(TYPE_ENDPOINT);

		add(at, i, &shape);
	}
}

static void fill_switch(const struct place *at)
{
	u32 ports = 1 + below(chance(20) ? 32 : 5), i;

	for (i = 0; i < ports && !enough(); i++)
		add_bridge(at, i << 3, TYPE_DOWNSTREAM, fill_link);
}

static void fill_conventional(const struct place *at)
{
	u32 devices = 1 + below(4), i;

	for (i = 0; i < devices && !enough(); i++) {
		if (at->depth < MAX_DEPTH && chance(15))
			add_bridge(at, i << 3, CONVENTIONAL, fill_conventional);
		else
			add_device(at, i, CONVENTIONAL);
	}
}

/* One device at the other end (2.2.6.2), whatever it is. */
static void fill_link(const struct place *at)
{
	u32 what = below(100);

	if (enough() || what < 8)
		return;
	if (what < 35 && at->depth < MAX_DEPTH) {
		add_bridge(at, 0, TYPE_UPSTREAM, fill_switch);
		if (chance(10))
			add_device(at, 1, TYPE_ENDPOINT);
	} else if (what < 45 && at->depth < MAX_DEPTH) {
		add_bridge(at, 0, TYPE_PCI_BRIDGE, fill_conventional);
	} else if (what < 50) {
		add_ari_device(at);
	} else {
		add_device(at, 0, TYPE_ENDPOINT);
	}
}

/* Children in a segment of their own, behind a window in a BAR of the VMD. */
static void add_vmd(const struct place *at, u8 devfn)
{
	struct shape shape = { .vendor = 0x8086, .device = 0x201d,
			       .class = CLASS_VMD, .type = TYPE_RC_END };
	u32 saved_bus = next_bus, ports = 1 + below(3), i;
	struct place inside = { .bus = VMD_FIRST_BUS };

	if (fabric.nr_hosts == MAX_HOSTS)
		return;
	inside.host = build_host(VMD_DOMAIN + fabric.nr_hosts, VMD_FIRST_BUS,
				 0xff, PCIQ_ECAM, chance(50));
	inside.host->vmd = add(at, devfn, &shape);
	next_bus = VMD_FIRST_BUS + 1;
	for (i = 0; i < ports && !enough(); i++)
		add_bridge(&inside, i << 3, TYPE_ROOT_PORT, fill_link);
	next_bus = saved_bus;
}

static void add_left_alone(const struct place *at, u8 devfn)
{
	static const u32 classes[] = {
		CLASS_HOST_BRIDGE, CLASS_ISA_BRIDGE, 0x080020, 0x080600,
		0x080700, 0x050000, 0x058000,
	};
	struct shape shape = {
		.vendor = 0x8086, .device = 0x1237,
		.class = classes[below(ARRAY_SIZE(classes))],
		.type = chance(50) ? CONVENTIONAL : TYPE_RC_END,
	};

	if (shape.class == 0x080700)
		shape.type = PCI_EXP_TYPE_RC_EC;
	add(at, devfn, &shape);
}

static void fill_root(const struct place *at)
{
	u32 slot, what;

	for (slot = 0; slot < 32 && !enough(); slot++) {
		what = below(100);
		if (what < 10)
			add_left_alone(at, slot << 3);
		else if (what < 12)
			add_vmd(at, slot << 3);
		else if (what < 30)
			add_device(at, slot, TYPE_RC_END);
		else if (what < 35)
			add_device(at, slot, CONVENTIONAL);
		else if (what < 40)
			add_bridge(at, slot << 3, CONVENTIONAL,
				   fill_conventional);
		else
			add_bridge(at, slot << 3, TYPE_ROOT_PORT, fill_link);
	}
}

/* Power resources of its own: nothing that answers shows whether it has power. */
static void put_to_sleep(struct function *f)
{
	struct function *vf;

	f->asleep = true;
	f->own_power = true;
	for (vf = f->vf; vf; vf = vf->sibling)
		put_to_sleep(vf);
}

static void set_power(struct function *port, bool on)
{
	struct function *f, *vf;

	if (port->pm) {
		port->now[port->pm + PCI_PM_CTRL] &= ~PCI_PM_CTRL_STATE_MASK;
		port->now[port->pm + PCI_PM_CTRL] |= on ? PCI_D0 : PCI_D3hot;
	}
	for (f = port->child; f; f = f->sibling) {
		f->asleep = !on;
		for (vf = f->vf; vf; vf = vf->sibling)
			vf->asleep = !on;
		if (f->bridge)
			set_power(f, on);
	}
}

/**
 * topology_sleep_below() - a port goes to D3hot, and takes the power from below
 * @port: the port; nothing happens without Power Management
 */
void topology_sleep_below(struct function *port)
{
	if (port->pm)
		set_power(port, false);
}

/**
 * topology_wake_below() - undo topology_sleep_below()
 * @port: the port
 */
void topology_wake_below(struct function *port)
{
	set_power(port, true);
}

/**
 * topology_note_offline() - what the healthy kernel finds it cannot read
 */
void topology_note_offline(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++)
		fabric.functions[i]->offline |= fabric.functions[i]->asleep;
}

static void pull_out(struct function *f)
{
	struct function *vf, *child;

	f->dead = true;
	f->offline = true;
	for (vf = f->vf; vf; vf = vf->sibling)
		pull_out(vf);
	for (child = f->child; child; child = child->sibling)
		pull_out(child);
}

/* Not there when the machine is captured. */
static void lose_some(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (f->pf || f->asleep || f->dead)
			continue;
		if (f->bridge && f->child && chance(3))
			topology_sleep_below(f);
		else if (!f->bridge && random_below(&fabric.random, 1000) < 6)
			put_to_sleep(f);
		else if (random_below(&fabric.random, 1000) < 5)
			pull_out(f);
		else if (f->bridge && !f->child && chance(2))
			f->now[PCI_BRIDGE_CONTROL] |= PCI_BRIDGE_CTL_BUS_RESET;
	}
	topology_note_offline();
}

static u8 choose_window(u32 domain)
{
	if (!domain && chance(4))
		return PCIQ_CF8;
	return chance(2) ? 0 : PCIQ_ECAM;
}

/**
 * topology_random() - a machine with about so many functions
 * @nr: functions
 */
void topology_random(u32 nr)
{
	bool some_lost = chance(40);
	u32 domain = 0, first = 0, last, used;
	struct place at = { 0 };

	wanted = nr;
	while (!enough() && fabric.nr_hosts < MAX_HOSTS) {
		last = chance(60) ? 255 : first + below(256 - first);
		at.host = build_host(domain, first, last, choose_window(domain),
				     chance(70));
		at.bus = first;
		next_bus = first + 1;
		fill_root(&at);
		/* A walk of 256 buses costs more than all the rest of a case. */
		used = next_bus - 1 + below(3);
		if (chance(90) && used < last)
			at.host->last = used;
		first = last + 1;
		if (first > 255 || chance(30)) {
			domain += 1 + below(3);
			first = 0;
		}
	}
	if (some_lost)
		lose_some();
}

// SPDX-License-Identifier: GPL-2.0-only
/* The healthy side: what an image says, and that there always is one. */
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "unit.h"

static u32 index_of(const struct function *f)
{
	const struct pciq_image *image = pciq_newest();

	return unit_func(f) - (const struct pciq_func *)
				      ((const u8 *)image + image->funcs_offset);
}

static const struct pciq_saved *saved(const struct function *f)
{
	const struct pciq_image *image = pciq_newest();

	return (const struct pciq_saved *)((const u8 *)image +
				image->saved_offset) + index_of(f);
}

static void expect_flag(const struct function *f, u32 flag, bool set)
{
	expect_number(unit_func(f)->flags & flag, set ? flag : 0);
}

/* Children before parents, VFs before PFs: whatever the addresses are. */
static void test_order(void **state)
{
	struct function *pf_port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(pf_port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);
	struct function *port = unit_bridge(NULL, 0x10, &root_port, 2, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 3, 4);
	struct function *down = unit_bridge(up, 0, &downstream_port, 4, 4);
	struct function *f = unit_add(down, 0, &endpoint);
	const struct { struct function *f, *parent; u8 depth; } places[] = {
		{ f, down, 3 }, { vf, pf, 2 }, { down, up, 2 },
		{ pf, pf_port, 1 }, { up, port, 1 }, { pf_port, NULL, 0 },
		{ port, NULL, 0 },
	};
	u32 i;

	(void)state;
	unit_capture();
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		const struct pciq_func *func = unit_func(places[i].f);

		expect_number(index_of(places[i].f), i);
		expect_number(func->depth, places[i].depth);
		expect_number(func->parent, places[i].parent ?
			      index_of(places[i].parent) : PCIQ_NONE);
		expect_number(func->class, places[i].f->class);
		expect_number(func->vendor, places[i].f->vendor);
		expect_number(func->device, places[i].f->device);
		expect_number(func->pcie_cap, places[i].f->pcie);
		expect_number(func->aer_cap, places[i].f->aer);
		expect_number(func->dpc_cap, places[i].f->dpc);
		expect_number(func->port_type, places[i].f->type);
	}
}

static void test_flags(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);
	struct function *pci = unit_add(NULL, 0x20, &conventional);

	(void)state;
	unit_capture();
	expect_number(unit_func(port)->flags, PCIQ_F_BRIDGE |
		      PCIQ_F_AER_NATIVE | PCIQ_F_DPC_NATIVE |
		      PCIQ_F_HP_NATIVE | PCIQ_F_PME_NATIVE |
		      PCIQ_F_ROOT_BUS | PCIQ_F_INTX |
		      PCIQ_F_LINK_STATUS | PCIQ_F_FAST_LINK);
	expect_flag(pf, PCIQ_F_PF, true);
	expect_flag(pf, PCIQ_F_VF, false);
	expect_flag(pf, PCIQ_F_HAS_FLR, true);
	expect_flag(pf, PCIQ_F_INTX, true);
	expect_flag(pf, PCIQ_F_ROOT_BUS, false);
	expect_flag(vf, PCIQ_F_VF, true);
	expect_flag(vf, PCIQ_F_PF, false);
	expect_flag(vf, PCIQ_F_INTX, false);
	expect_flag(pci, PCIQ_F_INTX, true);
	expect_flag(pci, PCIQ_F_HAS_FLR, false);
	expect_flag(pci, PCIQ_F_ROOT_BUS, true);
}

static void test_settle(void **state)
{
	static const struct {
		const char *name;
		const struct shape *shape;
		u16 d3cold_delay;
		u16 settle_ms;
	} ports[] = {
		{ "root port", &root_port, 100, 100 },
		{ "downstream port", &downstream_port, 100, 100 },
		{ "upstream port", &upstream_port, 100, 0 },
		{ "conventional", &pci_bridge, 100, 1100 },
		{ "PCIe to PCI", &pcie_to_pci, 100, 1100 },
		{ "firmware wants more", &root_port, 250, 250 },
		{ "firmware wants too much", &root_port, 1200, 100 },
		{ "inside a switch", &upstream_port, 250, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		struct function *port, *f;

		unit.row = ports[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, ports[i].shape, 1, 1);
		f = unit_add(port, 0, &endpoint);
		f->d3cold_delay = ports[i].d3cold_delay;
		unit_capture();
		expect_number(unit_func(port)->settle_ms, ports[i].settle_ms);
	}
}

/* Believed only if it is reported and is there: QEMU's is not. */
static void test_link_status(void **state)
{
	static const struct {
		const char *name;
		u8 speed;
		bool reported;
		bool active;
		bool status;
		bool fast;
	} links[] = {
		{ "8 GT/s", 3, true, true, true, true },
		{ "5 GT/s", 2, true, true, true, false },
		{ "not reported", 3, false, true, false, false },
		{ "reported, never seen", 3, true, false, false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(links); i++) {
		struct shape shape = root_port;
		struct function *port;

		unit.row = links[i].name;
		unit_begin();
		shape.speed = links[i].speed;
		shape.link_active = links[i].reported;
		port = unit_bridge(NULL, 8, &shape, 1, 1);
		port->link.down = !links[i].active;
		unit_capture();
		expect_flag(port, PCIQ_F_LINK_STATUS, links[i].status);
		expect_flag(port, PCIQ_F_FAST_LINK, links[i].fast);
	}
}

static void test_saved(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *x;
	struct shape pcix = conventional;
	u32 i;

	(void)state;
	pcix.pcix = true;
	x = unit_add(NULL, 0x20, &pcix);
	unit_set(f, PCI_BASE_ADDRESS_0, 4, 0xfe000000);
	unit_set(f, f->pcie + PCI_EXP_DEVCTL, 2, 0x5937);
	unit_set(f, f->pcie + PCI_EXP_DEVCTL2, 2, 0x0409);
	unit_set(f, f->pcie + PCI_EXP_LNKCTL, 2, 0x0143);
	unit_set(f, f->pcie + PCI_EXP_LNKCTL2, 2, 0x0043);
	unit_set(port, port->pcie + PCI_EXP_SLTCTL, 2, 0x1039);
	unit_set(port, port->pcie + PCI_EXP_RTCTL, 2, 0x001f);
	unit_set(x, x->pcix + PCI_X_CMD, 2, 0x002e);
	unit_capture();
	for (i = 0; i < 16; i++)
		expect_number(saved(f)->header[i], unit_get(f, 4 * i, 4));
	expect_number(saved(f)->devctl, 0x5937);
	expect_number(saved(f)->devctl2, 0x0409);
	expect_number(saved(f)->lnkctl, 0x0143);
	expect_number(saved(f)->lnkctl2, 0x0043);
	expect_number(saved(port)->sltctl, 0x1039);
	expect_number(saved(port)->rtctl, 0x001f);
	expect_number(saved(x)->pcix_cmd, 0x002e);
	expect_number(unit_func(f)->command, COMMAND);
}

/* Config reads of what has no power may hang: not one is made. */
static void test_asleep(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);
	struct pciq_saved nothing = { 0 };

	(void)state;
	f->asleep = true;
	f->offline = true;
	unit_capture();
	expect_flag(f, PCIQ_F_OFFLINE, true);
	expect_flag(f, PCIQ_F_HAS_FLR, false);
	expect_number(unit_func(f)->command, 0xffff);
	assert_memory_equal(saved(f), &nothing, sizeof(nothing));
}

/* A window that shows something else than the kernel sees is none. */
static void test_window_that_lies(void **state)
{
	struct function *seen = unit_add(NULL, 0x18, &integrated);
	struct function *f = unit_add(NULL, 0x20, &integrated);

	(void)state;
	unit.host->by_bus[0][0x20] = NULL;
	unit_capture();
	expect_number(unit_func(seen)->window, 0);
	expect_number(unit_func(f)->window, PCIQ_NO_WINDOW);
	expect_number(unit_func(f)->plan[PCIQ_RESET],
		      PCIQ_PLAN_LEAVE);
	unit.host->by_bus[0][0x20] = f;
}

/* The image not in use is rewritten; the other one stays as it is. */
static void test_images_take_turns(void **state)
{
	const struct pciq_image *before;
	unsigned int newest, i;
	u32 generation;
	u8 copy[4096];

	(void)state;
	unit_add(NULL, 0x18, &integrated);
	unit_capture();
	for (i = 0; i < 4; i++) {
		newest = pciq_ctl.newest;
		before = pciq_newest();
		generation = before->generation;
		assert_true(before->total_bytes <= sizeof(copy));
		memcpy(copy, before, before->total_bytes);
		assert_int_equal(pciq_capture(), 0);
		expect_number(pciq_ctl.newest, !newest);
		expect_number(pciq_newest()->generation,
			      generation + 1);
		assert_ptr_equal(pciq_ctl.slot[newest], before);
		assert_memory_equal(copy, before, before->total_bytes);
	}
}

/* Whichever allocation fails: what was newest is, and is whole. */
static void test_out_of_memory(void **state)
{
	const struct pciq_image *before;
	struct function *port, *f;
	u32 allocation, nr;
	int err = -1;

	(void)state;
	for (allocation = 1; err; allocation++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		unit_capture();
		before = pciq_newest();
		/* More functions than fit into what there is. */
		for (nr = 1; nr < 200; nr++)
			unit_add(port, nr, &endpoint);
		build_healthy();
		memory_fail_at(allocation);
		err = pciq_capture();
		memory_fail_at(0);
		if (!err)
			break;
		assert_ptr_equal(pciq_newest(), before);
		unit.quirks = true;	/* the others are not in there */
		unit_crash();
		unit_go();
		expect_told(f, QUIET, BY_PLAN);
		expect_number(unit.head->source, PCIQ_FROM_NEWEST);
	}
	assert_true(allocation > 5);
	expect_number(pciq_newest()->nr_funcs, 201);
}

/* A capture that has not been made yet, or failed, is one that knows less. */
static void test_arrival(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint), *late;
	unsigned int captures;

	(void)state;
	pciq_watch();
	for (captures = 0; captures < 3; captures++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		unit_capture();
		late = unit_add(port, 1, &endpoint);
		pci_arrive(late);
		if (captures)
			assert_int_equal(pciq_capture(), 0);
		if (captures == 2) {
			/* The other image is the older one, and is used. */
			pciq_ctl.slot[pciq_ctl.newest] = NULL;
		} else {
			late->uncaptured = !captures;
		}
		unit_crash();
		if (captures == 2)
			fabric.source = PCIQ_FROM_OTHER;
		unit_go();
		expect_told(f, QUIET, BY_PLAN);
		expect_number(unit.head->incomplete, captures != 1);
		if (captures == 1)
			expect_verdict(CLEAN, 2, 2);
		else
			expect_verdict(PARTIAL, 1, 1);
	}
	pciq_unwatch();
}

/* What goes, or gets a driver, is nobody new. */
static void test_other_changes(void **state)
{
	static const unsigned long changes[] = {
		BUS_NOTIFY_REMOVED_DEVICE, BUS_NOTIFY_BOUND_DRIVER,
		BUS_NOTIFY_UNBOUND_DRIVER,
	};
	struct function *f = unit_add(NULL, 0x18, &integrated);
	u32 i;

	(void)state;
	pciq_watch();
	unit_capture();
	for (i = 0; i < ARRAY_SIZE(changes); i++)
		pci_bus_type.block->notifier_call(pci_bus_type.block,
						  changes[i], &f->dev);
	unit_crash();
	unit_go();
	expect_number(unit.head->incomplete, 0);
	expect_verdict(CLEAN, 1, 1);
	pciq_unwatch();
}

static void do_queued_work(void)
{
	assert_non_null(queued_work);
	queued_work->work.func(&queued_work->work);
}

/* What a restore would write may be another after each of these. */
static void test_recaptured(void **state)
{
	static const struct {
		const char *name;
		unsigned long action;
		bool power;
	} events[] = {
		{ "driver bound", BUS_NOTIFY_BOUND_DRIVER, false },
		{ "driver unbound", BUS_NOTIFY_UNBOUND_DRIVER, false },
		{ "resume", PM_POST_SUSPEND, true },
		{ "hibernation failed", PM_POST_HIBERNATION, true },
		{ "resume from hibernation", PM_POST_RESTORE, true },
	};
	const struct pciq_image *image;
	const struct pciq_saved *saved;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		struct notifier_block *block;
		struct function *f;

		unit.row = events[i].name;
		unit_begin();
		f = unit_add(NULL, 0x18, &integrated);
		pciq_watch();
		unit_capture();
		unit_set(f, PCI_BASE_ADDRESS_0, 4, 0xfe000000 + (i << 16));
		queued_work = NULL;
		block = events[i].power ? pm_block : pci_bus_type.block;
		block->notifier_call(block, events[i].action, &f->dev);
		do_queued_work();
		image = pciq_newest();
		saved = (const void *)image + image->saved_offset;
		expect_number(saved->header[PCI_BASE_ADDRESS_0 / 4],
			      0xfe000000 + (i << 16));
		pciq_unwatch();
	}
}

/* Of what was being reset: once more, when it is over. */
static void test_captured_later(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	f->dev.block_cfg_access = true;
	queued_work = NULL;
	unit_capture();
	expect_number(unit_func(f)->flags & PCIQ_F_UNSAVED,
		      PCIQ_F_UNSAVED);
	f->dev.block_cfg_access = false;
	do_queued_work();
	expect_number(unit_func(f)->flags & PCIQ_F_UNSAVED, 0);
	expect_number(unit_func(f)->command, COMMAND);
}

const struct CMUnitTest capture_tests[] = {
	UNIT(test_recaptured),
	UNIT(test_captured_later),
	UNIT(test_order),
	UNIT(test_flags),
	UNIT(test_settle),
	UNIT(test_link_status),
	UNIT(test_saved),
	UNIT(test_asleep),
	UNIT(test_window_that_lies),
	UNIT(test_images_take_turns),
	UNIT(test_out_of_memory),
	UNIT(test_arrival),
	UNIT(test_other_changes),
};

const size_t nr_capture_tests = ARRAY_SIZE(capture_tests);

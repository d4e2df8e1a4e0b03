// SPDX-License-Identifier: GPL-2.0-only
/* The healthy side: what a snapshot says, and that there always is one. */
#include <linux/mm.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>
#include <linux/xxhash.h>

#include "unit.h"

static void expect_flag(const struct function *f, u32 flag, bool set)
{
	expect_number(unit_func(f)->entry.flags & flag, set ? flag : 0);
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
	const struct { struct function *f, *parent, *port; } places[] = {
		{ f, down, down }, { vf, pf, pf_port }, { down, up, up },
		{ pf, pf_port, pf_port }, { up, port, port },
		{ pf_port, NULL, NULL }, { port, NULL, NULL },
	};
	u32 i;

	(void)state;
	unit_snapshot();
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		const struct pciq_entry *entry = &unit_func(places[i].f)->entry;
		const struct pciq_reset *reset = unit_plan(places[i].f);

		expect_number(unit_index(places[i].f), i);
		expect_number(reset->parent, places[i].parent ?
			      unit_index(places[i].parent) : PCIQ_NONE);
		expect_number(entry->port, places[i].port ?
			      unit_index(places[i].port) + 1 : 0);
		expect_number(entry->class_revision, places[i].f->class << 8 | 1);
		expect_number(entry->vendor, places[i].f->vendor);
		expect_number(entry->device, places[i].f->device);
		expect_number(entry->command_before, 0xffff);
		expect_number(entry->command_after, 0xffff);
		expect_number(entry->outcome, PCIQ_UNTOUCHED);
		expect_number(entry->reason, PCIQ_BY_DEADLINE);
		expect_number(entry->done, 0);
		expect_number(reset->pcie_cap, places[i].f->pcie);
		expect_number(reset->command,
			      unit_get(places[i].f, PCI_COMMAND, 2));
		expect_number(unit_func(places[i].f)->window, 0);
	}
	/* Where what is below may be without power. */
	expect_number(unit_func(port)->pm_cap, port->pm);
	expect_number(unit_func(down)->pm_cap, down->pm);
	expect_number(unit_func(f)->pm_cap, 0);
	expect_number(unit_func(pf)->pm_cap, 0);
}

/* At the same depth by address: segment, bus, device, function. */
static void test_order_of_addresses(void **state)
{
	struct function *a[4];
	u32 i;

	(void)state;
	a[2] = unit_add(NULL, 0x18, &integrated);
	a[1] = unit_add(NULL, 0x11, &integrated);
	a[0] = unit_add(NULL, 0x10, &integrated);
	unit.host = build_host(2, 0, 0xff, PCIQ_ECAM, true);
	a[3] = unit_add(NULL, 0x08, &integrated);
	unit_snapshot();
	for (i = 0; i < ARRAY_SIZE(a); i++)
		expect_number(unit_index(a[i]), i);
	expect_number(unit_func(a[3])->entry.domain, 2);
	expect_number(unit_func(a[3])->window, 1);
}

static void test_flags(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);
	struct function *pci = unit_add(NULL, 0x20, &conventional);

	(void)state;
	unit_snapshot();
	expect_number(unit_func(port)->entry.flags, PCIQ_F_BRIDGE |
		      PCIQ_F_ROOT_BUS | PCIQ_F_INTX);
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
	expect_flag(pci, PCIQ_F_INTX_USED, true);
}

/* Flags of a function by itself, one by one. */
static void test_one_flag_each(void **state)
{
	enum { CLASS, QUIRK, FLR, LIST, INTX };
	static const struct {
		const char *name;
		int what;
		u32 value;
		u32 flag;
	} rows[] = {
		{ "display", CLASS, 0x030000, PCIQ_F_DISPLAY },
		{ "3D controller", CLASS, 0x030200, PCIQ_F_DISPLAY },
		{ "RAID", CLASS, 0x010400, PCIQ_F_SLOW_STORAGE },
		{ "memory", CLASS, 0x050000, PCIQ_F_EXCLUDE_CLASS },
		{ "CXL memory", CLASS, 0x050210, PCIQ_F_CXL |
		  PCIQ_F_EXCLUDE_CLASS },
		{ "NO_BUS_RESET", QUIRK, PCI_DEV_FLAGS_NO_BUS_RESET,
		  PCIQ_F_NO_BUS_RESET },
		{ "NO_FLR", QUIRK, PCI_DEV_FLAGS_NO_FLR_RESET, PCIQ_F_NO_FLR },
		{ "FLR", FLR, 0, PCIQ_F_HAS_FLR },
		{ "exclude=", LIST, 0, PCIQ_F_EXCLUDE_USER },
		{ "noreset=", LIST, 1, PCIQ_F_NORESET_USER },
		{ "reset=", LIST, 2, PCIQ_F_RESET_USER },
		{ "broken INTx", INTX, 0, PCIQ_F_INTX_BROKEN },
		{ "nothing", CLASS, 0x020000, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = integrated;
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		shape.class = rows[i].what == CLASS ? rows[i].value : 0x020000;
		shape.flr = rows[i].what == FLR;
		f = unit_add(NULL, 0x18, &shape);
		f->dev_flags = rows[i].what == QUIRK ? rows[i].value : 0;
		f->intx_broken = rows[i].what == INTX;
		if (rows[i].what == LIST && rows[i].value == 0)
			unit_exclude(f);
		if (rows[i].what == LIST && rows[i].value == 1)
			unit_noreset(f);
		if (rows[i].what == LIST && rows[i].value == 2)
			unit_reset(f);
		unit_snapshot();
		expect_number(unit_func(f)->entry.flags &
			      ~(PCIQ_F_INTX | PCIQ_F_INTX_USED |
				PCIQ_F_ROOT_BUS), rows[i].flag);
	}
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
		{ "firmware wants less", &root_port, 10, 100 },
		{ "firmware wants most", &root_port, 1100, 1100 },
		{ "firmware wants too much", &root_port, 1101, 100 },
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
		unit_snapshot();
		expect_number(unit_plan(port)->settle_ms, ports[i].settle_ms);
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
		bool fast;
	} links[] = {
		{ "16 GT/s", 4, true, true, true },
		{ "8 GT/s", 3, true, true, true },
		{ "5 GT/s", 2, true, true, false },
		{ "not reported", 3, false, true, false },
		{ "reported, never seen", 3, true, false, false },
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
		unit_snapshot();
		expect_number(unit_plan(port)->link,
			      links[i].fast ? PCIQ_LINK_FAST : 0);
	}
}

/* Config reads of what has no power may hang: not one is made. */
static void test_asleep(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	pf->asleep = true;
	pf->offline = true;
	vf->asleep = true;
	vf->offline = true;
	unit_snapshot();
	expect_number(pf->healthy_reads + vf->healthy_reads, 0);
	expect_flag(pf, PCIQ_F_OFFLINE, true);
	expect_flag(pf, PCIQ_F_HAS_FLR, false);
	expect_flag(vf, PCIQ_F_OFFLINE, true);
	expect_number(unit_plan(pf)->nr, 0);
	expect_number(unit_plan(pf)->no_reset, PCIQ_NOT_SAVED);
}

/* The kernel lists it, and all reads return all ones. */
static void test_no_response(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	f->dead = true;
	f->offline = true;
	unit_snapshot();
	expect_flag(f, PCIQ_F_OFFLINE, true);
	expect_flag(f, PCIQ_F_UNREAD, false);
	expect_number(unit_func(f)->entry.vendor, f->vendor);
	expect_number(unit_func(f)->entry.device, f->device);
	expect_number(unit_func(f)->entry.class_revision, f->class << 8 | 1);
	expect_number(unit_plan(f)->no_reset, PCIQ_NOT_SAVED);
}

/* A window that shows something else than the kernel sees is none. */
static void test_window_that_lies(void **state)
{
	struct function *seen = unit_add(NULL, 0x18, &integrated);
	struct function *f = unit_add(NULL, 0x20, &integrated);

	(void)state;
	unit.host->by_bus[0][0x20] = NULL;
	unit_snapshot();
	expect_number(unit_func(seen)->window, 0);
	expect_number(unit_func(f)->window, PCIQ_NO_WINDOW);
	expect_number(unit_func(f)->entry.reason, PCIQ_BY_WINDOW);
	expect_number(unit_plan(f)->plan[PCIQ_RESET], PCIQ_PLAN_LEAVE);
	unit.host->by_bus[0][0x20] = f;
}

/* The bus that the window begins and ends with, and none beside it. */
static void test_range_of_window(void **state)
{
	struct function *first, *last, *other;

	(void)state;
	unit.host->window = 0;
	unit.host = build_host(1, 0x40, 0x41, PCIQ_ECAM, true);
	first = unit_add(NULL, 0x18, &integrated);
	last = unit_add(unit_bridge(NULL, 8, &root_port, 0x41, 0x41), 0,
			&endpoint);
	unit.host = build_host(1, 0x42, 0xff, 0, true);
	other = unit_add(NULL, 0x18, &integrated);
	unit_snapshot();
	expect_number(unit_func(first)->window, 0);
	expect_number(unit_func(last)->window, 0);
	expect_number(unit_func(other)->window, PCIQ_NO_WINDOW);
}

/* The snapshot not in use is rewritten; the other one stays as it is. */
static void test_snapshots_take_turns(void **state)
{
	const struct pciq_snapshot *before;
	unsigned int newest, i;
	u32 generation;
	u8 copy[8192];

	(void)state;
	unit_add(NULL, 0x18, &integrated);
	unit_snapshot();
	for (i = 0; i < 4; i++) {
		newest = pciq_ctl.newest;
		before = pciq_newest();
		generation = before->record.generation;
		assert_true(before->total_bytes <= sizeof(copy));
		memcpy(copy, before, before->total_bytes);
		assert_int_equal(pciq_take_snapshot(), 0);
		expect_number(pciq_ctl.newest, !newest);
		expect_number(pciq_newest()->record.generation,
			      generation + 1);
		assert_ptr_equal(pciq_ctl.slot[newest], before);
		assert_memory_equal(copy, before, before->total_bytes);
	}
}

/* Whichever allocation fails: what was newest is, and is whole. */
static void test_out_of_memory(void **state)
{
	const struct pciq_snapshot *before, *other;
	struct function *port, *f;
	u32 allocation, nr;
	int err = -1;

	(void)state;
	for (allocation = 1; err; allocation++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		unit_snapshot();
		before = pciq_newest();
		/* More functions than fit into what there is. */
		for (nr = 1; nr < 200; nr++)
			unit_add(port, nr, &endpoint);
		build_healthy();
		memory_fail_at(allocation);
		err = pciq_take_snapshot();
		memory_fail_at(0);
		if (!err)
			break;
		assert_ptr_equal(pciq_newest(), before);
		/* Nor is the other one what was freed. */
		other = pciq_ctl.slot[!pciq_ctl.newest];
		assert_true(!other || memory_writable(other));
		unit.quirks = true;	/* the others are not in there */
		unit_crash();
		unit_go();
		expect_recorded(f, QUIET, BY_PLAN);
		expect_number(unit.head->source, PCIQ_FROM_NEWEST);
	}
	assert_true(allocation > 5);
	expect_number(pciq_newest()->funcs.nr, 201);
}

/* How many allocations of a snapshot succeed before it is published. */
static u32 allocations(u32 functions)
{
	struct function *port;
	u32 nr;

	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	for (nr = 0; nr < functions; nr++)
		unit_add(port, nr, &endpoint);
	unit_snapshot();
	for (nr = 1;; nr++) {
		int err;

		memory_fail_at(nr);
		err = pciq_take_snapshot();
		memory_fail_at(0);
		if (!err)
			return nr;
	}
}

/* As long as its size is the same, it stays where it is: no page is needed. */
static void test_pages_stay(void **state)
{
	(void)state;
	expect_number(allocations(250), allocations(1));
}

/* A snapshot that has not been taken yet, or failed, is one that knows less. */
static void test_arrival(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint), *late;
	unsigned int taken;

	(void)state;
	pciq_watch();
	for (taken = 0; taken < 3; taken++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		unit_snapshot();
		late = unit_add(port, 1, &endpoint);
		pci_arrive(late);
		if (taken)
			assert_int_equal(pciq_take_snapshot(), 0);
		if (taken == 2) {
			/* The other snapshot is the older one, and is used. */
			pciq_ctl.slot[pciq_ctl.newest] = NULL;
		} else {
			late->uncaptured = !taken;
		}
		unit_crash();
		if (taken == 2)
			fabric.source = PCIQ_FROM_OTHER;
		unit_go();
		expect_recorded(f, QUIET, BY_PLAN);
		expect_number(unit.head->incomplete, taken != 1);
		if (taken == 1)
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
	unit_snapshot();
	for (i = 0; i < ARRAY_SIZE(changes); i++)
		pci_bus_type.block->notifier_call(pci_bus_type.block,
						  changes[i], &f->dev);
	unit_crash();
	unit_go();
	expect_number(unit.head->incomplete, 0);
	expect_verdict(CLEAN, 1, 1);
	pciq_unwatch();
}

/* What a reset would lose. */
static const struct pciq_restore *saved_register(const struct function *f, u16 reg)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	const struct pciq_restore *restore = pciq_table(snapshot,
							&snapshot->restores);
	const struct pciq_reset *reset = unit_plan(f);
	u32 i;

	for (i = reset->first; i < reset->first + reset->nr; i++)
		if (restore[i].reg == reg)
			return &restore[i];
	fail_msg("%s: register %03x would not be restored", function_name(f),
		 reg);
	return NULL;
}

static void do_queued_work(void)
{
	assert_non_null(queued_work);
	queued_work->work.func(&queued_work->work);
}

/* What a restore would write may be another after each of these. */
static void test_taken_again(void **state)
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
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		struct notifier_block *block;
		struct function *f;

		unit.row = events[i].name;
		unit_begin();
		f = unit_add(NULL, 0x18, &integrated);
		pciq_watch();
		unit_snapshot();
		unit_set(f, PCI_BASE_ADDRESS_0, 4, 0xfe000000 + (i << 16));
		queued_work = NULL;
		block = events[i].power ? pm_block : pci_bus_type.block;
		block->notifier_call(block, events[i].action, &f->dev);
		do_queued_work();
		expect_number(saved_register(f, PCI_BASE_ADDRESS_0)->value,
			      0xfe000000 + (i << 16));
		pciq_unwatch();
	}
}

/* Of what was being reset: once more, when it is over. */
static void test_taken_later(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	f->dev.block_cfg_access = true;
	queued_work = NULL;
	unit_snapshot();
	expect_flag(f, PCIQ_F_UNSAVED, true);
	expect_number(unit_plan(f)->nr, 0);
	f->dev.block_cfg_access = false;
	do_queued_work();
	expect_flag(f, PCIQ_F_UNSAVED, false);
	expect_number(unit_plan(f)->command, COMMAND);
	assert_true(unit_plan(f)->nr > 0);
}

/* The index is stored last: until then the crash path has the one before. */
static void test_slots(void **state)
{
	const struct pciq_snapshot *windows;
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_snapshot();
	assert_non_null(pciq_ctl.slot[PCIQ_SLOT_A]);
	assert_non_null(pciq_ctl.slot[PCIQ_SLOT_B]);
	windows = pciq_ctl.slot[PCIQ_SLOT_WINDOWS];
	assert_non_null(windows);
	expect_number(windows->funcs.nr, 0);
	expect_number(windows->ops.nr, 0);
	expect_number(windows->resets.nr, 0);
	expect_number(windows->windows.nr, 1);
	expect_number(unit_func(f)->entry.devfn, 0x18);
}

/* Both sums, and where each table is. */
static void test_layout(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	const struct pciq_snapshot *snapshot;
	const struct pciq_part *parts;
	u32 summed = offsetofend(struct pciq_snapshot, hot_sum), i;
	static const u32 sizes[] = {
		sizeof(struct pciq_window), sizeof(struct pciq_func),
		sizeof(struct pciq_op), sizeof(struct pciq_reset),
		sizeof(struct pciq_restore), sizeof(struct pciq_op),
	};

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_snapshot();
	snapshot = pciq_newest();
	assert_memory_equal(snapshot->magic, "KPCIQSNP", 8);
	expect_number(snapshot->version, 3);
	expect_number(snapshot->header_size, sizeof(*snapshot));
	expect_number(snapshot->hot_sum,
		      xxh64((const u8 *)snapshot + summed,
			    snapshot->hot_bytes - summed, 0));
	expect_number(snapshot->cold_sum,
		      xxh64((const u8 *)snapshot + snapshot->hot_bytes,
			    snapshot->total_bytes - snapshot->hot_bytes, 0));
	parts = &snapshot->windows;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 low = i < 3 ? sizeof(*snapshot) : snapshot->hot_bytes;
		u32 high = i < 3 ? snapshot->hot_bytes : snapshot->total_bytes;

		expect_number(parts[i].offset % 8, 0);
		expect_between(parts[i].offset, low, high);
		expect_between(parts[i].offset + parts[i].nr * sizes[i], low,
			       high);
		if (i && i != 3)
			assert_true(parts[i].offset >= parts[i - 1].offset +
				    parts[i - 1].nr * sizes[i - 1]);
	}
	expect_number(snapshot->funcs.nr, 2);
	expect_number(snapshot->resets.nr, 2);
	assert_true(snapshot->ops.nr > 0);
	assert_true(snapshot->reset_ops.nr > 0);
	assert_true(snapshot->restores.nr > 0);
}

/* Room for the crash path: twice what there is, at least 4096, at most 16384. */
static void test_room(void **state)
{
	static const struct { u32 nr, room; } rows[] = {
		{ 0, 4096 }, { 1, 4096 }, { 2048, 4096 }, { 2049, 8192 },
		{ 4097, 16384 }, { 16384, 16384 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		pciq_free_memory();
		assert_int_equal(pciq_make_memory(rows[i].nr), 0);
		expect_number(pciq_memory.room, rows[i].room);
		/* All of it can be written to: ASan looks. */
		memset(pciq_memory.record, 0, sizeof(struct pciq_record) +
		       rows[i].room * sizeof(struct pciq_entry));
		memset(pciq_memory.work, 0,
		       rows[i].room * sizeof(struct pciq_work));
		memset(pciq_memory.scan, 0,
		       rows[i].room * sizeof(struct pciq_func));
		expect_number(pciq_memory.record_phys,
			      virt_to_phys(pciq_memory.record));
	}
}

/* Whichever allocation fails: nothing is left of the others. */
static void test_no_memory(void **state)
{
	u32 allocation, before;
	int err;

	(void)state;
	pciq_free_memory();
	before = memory_in_use();
	for (allocation = 1; allocation <= 3; allocation++) {
		memory_fail_at(allocation);
		err = pciq_make_memory(1);
		memory_fail_at(0);
		assert_int_equal(err, -ENOMEM);
		expect_number(memory_in_use(), before);
	}
	assert_int_equal(pciq_make_memory(1), 0);
}

/* More functions than there is room for: no snapshot, and the last one stays. */
static void test_too_many(void **state)
{
	const struct pciq_snapshot *before;
	u32 nr;

	(void)state;
	for (nr = 0; nr < 5; nr++)
		unit_add(NULL, 8 * nr, &integrated);
	unit_snapshot();
	before = pciq_newest();
	pciq_memory.room = 4;
	assert_int_equal(pciq_take_snapshot(), -E2BIG);
	assert_ptr_equal(pciq_newest(), before);
	pciq_memory.room = 5;
	assert_int_equal(pciq_take_snapshot(), 0);
	expect_number(pciq_newest()->funcs.nr, 5);
}

/* What was added while it was taken may be in it or not: so it counts as new. */
static void test_arrivals(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	pciq_watch();
	unit_snapshot();
	expect_number(pciq_newest()->arrivals,
		      (u32)atomic_read(&pciq_ctl.arrivals));
	pci_bus_type.block->notifier_call(pci_bus_type.block,
					  BUS_NOTIFY_ADD_DEVICE, &f->dev);
	expect_number((u32)atomic_read(&pciq_ctl.arrivals),
		      pciq_newest()->arrivals + 1);
	assert_non_null(queued_work);
	pciq_unwatch();
}

const struct CMUnitTest snapshot_tests[] = {
	UNIT(test_order),
	UNIT(test_order_of_addresses),
	UNIT(test_flags),
	UNIT(test_one_flag_each),
	UNIT(test_settle),
	UNIT(test_link_status),
	UNIT(test_asleep),
	UNIT(test_no_response),
	UNIT(test_window_that_lies),
	UNIT(test_range_of_window),
	UNIT(test_snapshots_take_turns),
	UNIT(test_out_of_memory),
	UNIT(test_pages_stay),
	UNIT(test_arrival),
	UNIT(test_other_changes),
	UNIT(test_taken_again),
	UNIT(test_taken_later),
	UNIT(test_slots),
	UNIT(test_layout),
	UNIT(test_room),
	UNIT(test_no_memory),
	UNIT(test_too_many),
	UNIT(test_arrivals),
};

const size_t nr_snapshot_tests = ARRAY_SIZE(snapshot_tests);

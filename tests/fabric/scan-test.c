// SPDX-License-Identifier: GPL-2.0-only
/* No snapshot is valid but that of the windows: config space is scanned. */
#include "unit.h"

/* So many functions fit, for this test. */
#define ROOM		256U

static void scan(unsigned int policy)
{
	pciq_ctl.policy = policy;
	pciq_ctl.slot[PCIQ_SLOT_A] = NULL;
	pciq_ctl.slot[PCIQ_SLOT_B] = NULL;
	unit_crash();
	fabric.source = PCIQ_FROM_SCAN;
	fabric.raw = true;
	fabric.headers_good = false;
	unit_go();
	if (unit.head->source != PCIQ_FROM_SCAN)
		fail_msg("nothing was scanned");
}

static u32 flags_of(const struct function *f)
{
	return unit_entry(f)->flags;
}

/* Ports behind what is below them; also what is not behind a function 0. */
static void test_finds(void **state)
{
	struct shape no_pin = conventional;
	struct function *port, *f, *pf, *vf, *hidden, *isa;
	const struct pciq_entry *entry;

	(void)state;
	unit.host->last = 2;
	no_pin.pin = 0;
	port = unit_bridge(NULL, 8, &root_port, 1, 1);
	f = unit_add(port, 0, &endpoint);
	pf = unit_add(unit_bridge(NULL, 0x10, &root_port, 2, 2), 0, &physical);
	vf = unit_vf(pf, 0x43);
	hidden = unit_add(NULL, 0x1b, &no_pin);
	unit_set(hidden, PCI_STATUS, 2, 0);	/* has no capability */
	no_pin.class = 0x060100;
	isa = unit_add(NULL, 0xf8, &no_pin);
	unit_snapshot();
	scan(PCIQ_ESCALATE);

	expect_number(unit.head->nr_entries, 7);
	entry = (const void *)(unit.head + 1);
	assert_ptr_equal(unit_entry(vf), &entry[0]);
	assert_ptr_equal(unit_entry(pf), &entry[1]);
	assert_ptr_equal(unit_entry(f), &entry[2]);
	assert_ptr_equal(unit_entry(port), &entry[6]);
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_recorded(vf, QUIET, BY_PLAN);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_recorded(hidden, QUIET, BY_PLAN);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
	expect_recorded(isa, EXCLUDED, BY_CLASS);
	expect_number(flags_of(port), PCIQ_F_SCAN |
		      PCIQ_F_BRIDGE | PCIQ_F_INTX |
		      PCIQ_F_INTX_USED);
	expect_number(flags_of(f), PCIQ_F_SCAN | PCIQ_F_INTX |
		      PCIQ_F_INTX_USED);
	expect_number(flags_of(hidden), PCIQ_F_SCAN);
	expect_number(flags_of(vf), PCIQ_F_SCAN | PCIQ_F_VF);
	expect_number(flags_of(isa), PCIQ_F_SCAN);
	expect_number(unit_entry(f)->vendor, f->vendor);
	expect_number(unit_entry(f)->device, f->device);
	expect_number(unit_entry(f)->class_revision, f->class << 8 | 1);
	expect_number(unit_entry(vf)->vendor, 0xffff);
	expect_number(unit_entry(f)->port, 0);
	expect_none(ALL_WRITES_OF(isa));
	/* All are quiet; whether these are all, a scan cannot know. */
	expect_verdict(PARTIAL, 4, 4);
}

/* Neither what is above nor what a reset would lose is known. */
static void test_refuser(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);

	(void)state;
	unit.host->last = 1;
	f->set = 1U << STUCK_UNTIL_RESET;
	unit_snapshot();
	scan(PCIQ_RESET);
	expect_none(ALL(RESET));
	expect_none(ALL(CONTAIN));
	expect_recorded(f, REFUSED, BY_BME);
	expect_verdict(PARTIAL, 0, 1);
}

/* Ports are left alone: their interrupts may be firmware's. */
static void test_ports(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	u16 cap = port->pcie;

	(void)state;
	unit.host->last = 1;
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	unit_set(port, cap + PCI_EXP_SLTCTL, 2, PCI_EXP_SLTCTL_HPIE);
	unit_set(port, cap + PCI_EXP_RTCTL, 2, 0x001f);
	unit_set(port, port->aer + PCI_ERR_ROOT_COMMAND, 4, 7);
	unit_snapshot();
	scan(PCIQ_BUSMASTER);
	expect(ALL_WRITES, W2(f, PCI_COMMAND, DISABLED));
	expect_recorded(f, QUIET, BY_PLAN);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
}

/* What says that it is a bridge: its class, of whatever bridge, and its header. */
static void test_bridges(void **state)
{
	static const struct {
		const char *name;
		u32 class;
		u8 header;
		bool bridge;
	} rows[] = {
		{ "bridge", 0x060400, 1, true },
		{ "subtractive decode", 0x060401, 1, true },
		{ "of several functions", 0x060400, 0x81, true },
		{ "class, and no header", 0x060400, 0, false },
		{ "host bridge, and header", 0x060000, 1, true },
		{ "header, and no class", 0x020000, 1, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		f = unit_add(NULL, 0x18, &conventional);
		unit.host->last = 0;
		unit_snapshot();
		config_put(f->now, PCI_CLASS_REVISION, 4, rows[i].class << 8);
		config_put(f->now, PCI_HEADER_TYPE, 1, rows[i].header);
		unit.quirks = true;	/* it is none, for the model */
		scan(PCIQ_BUSMASTER);
		expect_number(!!(flags_of(f) & PCIQ_F_BRIDGE), rows[i].bridge);
		expect_number(unit_count(ALL_WRITES_OF(f)), !rows[i].bridge);
	}
}

/* Each window, in its segment. */
static void test_windows(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional), *g, *h;

	(void)state;
	unit.host->last = 0;
	unit.host = build_host(3, 0x40, 0x41, PCIQ_ECAM, true);
	g = unit_add(NULL, 0x18, &conventional);
	h = unit_add(unit_bridge(NULL, 8, &slow_root_port, 0x41, 0x41), 0,
		     &endpoint);
	unit_snapshot();
	scan(PCIQ_BUSMASTER);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_recorded(g, QUIET, BY_PLAN);
	expect_recorded(h, QUIET, BY_PLAN);
	expect_number(unit.head->nr_entries, 4);
	expect_number(unit.head->incomplete, 0);
}

/* Arrived since the last snapshot: that one is not used, and it is found. */
static void test_arrived(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional), *late;

	(void)state;
	unit.host->last = 0;
	pciq_watch();
	unit_snapshot();
	late = unit_add(NULL, 0x20, &conventional);
	pci_arrive(late);
	late->uncaptured = false;
	scan(PCIQ_BUSMASTER);
	pciq_unwatch();
	expect_recorded(f, QUIET, BY_PLAN);
	expect_recorded(late, QUIET, BY_PLAN);
	expect_number(unit.head->incomplete, 0);
}

static void test_exclude(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *other = unit_add(port, 1, &endpoint);

	(void)state;
	unit.host->last = 1;
	unit_exclude(f);
	unit_snapshot();
	scan(PCIQ_ESCALATE);
	expect_recorded(f, EXCLUDED, BY_USER);
	expect_none(ALL(RESET));
	expect_none(ALL_WRITES_OF(f));
	expect_recorded(other, QUIET, BY_PLAN);
	expect_verdict(PARTIAL, 1, 2);
}

/* A VF hides its ID: any in the list may be its own. */
static void test_exclude_by_id(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);
	char bad[16];

	(void)state;
	unit.host->last = 1;
	if (pciq_parse_list("1234:5678", &pciq_ctl.exclude,
			    bad, sizeof(bad)))
		fail_msg("not a list");
	unit_snapshot();
	scan(PCIQ_ESCALATE);
	expect_recorded(vf, EXCLUDED, BY_USER);
	expect_recorded(pf, QUIET, BY_PLAN);
}

static void test_no_room(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	u32 i;

	(void)state;
	unit.host->last = 2;
	unit_snapshot();
	/* They have come after that. */
	for (i = 0; i < ROOM + 2; i++)
		build_function(unit.host, port, 1 + i / 256, i % 256,
			       &conventional);
	unit.quirks = true;
	pciq_memory.room = ROOM;
	scan(PCIQ_BUSMASTER);
	expect_number(unit.head->nr_entries, ROOM);
	expect_number(unit.head->incomplete, 1);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* A list of capabilities that bites its tail, or leads nowhere. */
static void test_capabilities_without_end(void **state)
{
	static const struct {
		const char *name;
		u8 first;
		u16 header;
		u32 least, most;
	} rows[] = {
		{ "circle", 0x40, 0x4009, 48, 60 },
		{ "end", 0x40, 0x0009, 1, 10 },
		{ "into the header", 0x40, 0x1009, 1, 10 },
		{ "begins in the header", 0x10, 0x4009, 1, 10 },
		{ "none", 0x00, 0x4009, 1, 10 },
	};
	size_t i;
	u32 k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *port;

		unit.row = rows[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
		unit.host->last = 0;
		unit_snapshot();
		port->now[PCI_CAPABILITY_LIST] = rows[i].first;
		config_put(port->now, 0x40, 2, rows[i].header);
		scan(PCIQ_BUSMASTER);
		expect_between(unit_count(OF(VALIDATE, port)), rows[i].least,
			       rows[i].most);
		/* A BAR is no capability. */
		for (k = 0; k < unit.nr; k++)
			assert_int_not_equal(unit.log[k].reg, 0x10);
		expect_recorded(port, UNTOUCHED, BY_BRIDGE);
	}
}

static void test_no_time(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	/* 65,536 reads of 1 us each do not fit. */
	unit_set_time(40);
	unit_snapshot();
	unit.quirks = true;
	scan(PCIQ_BUSMASTER);
	expect_number(unit.head->nr_entries, 1);
	expect_recorded(f, UNTOUCHED, BY_DEADLINE);
	expect_between(unit.head->microseconds, 35000, 35100);
	expect_number(unit.head->incomplete, 1);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* What has no power below a port is not read: not even by a scan. */
static void test_sleeper(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);
	struct function *other = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit.host->last = 3;
	unit_snapshot();
	topology_sleep_below(port);
	scan(PCIQ_ESCALATE);
	expect_number(up->accesses + down->accesses + f->accesses, 0);
	expect_number(unit.head->nr_entries, 2);
	expect_recorded(other, QUIET, BY_PLAN);
}

/* What is beside it has power; and a port without a list has no such state. */
static void test_beside_sleeper(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 2);
	struct function *other = unit_bridge(NULL, 0x10, &root_port, 3, 3);
	struct function *none = unit_bridge(NULL, 0x18, &root_port, 4, 4);
	struct function *a = unit_add(port, 0, &endpoint);
	struct function *b = unit_add(other, 0, &endpoint);
	struct function *c = unit_add(none, 0, &endpoint);
	u32 i;

	(void)state;
	unit.host->last = 4;
	unit_snapshot();
	topology_sleep_below(port);
	unit_set(none, none->pm + PCI_PM_CTRL, 2, 0);
	unit_crash();
	config_put(none->now, PCI_STATUS, 2, 0);
	scan(PCIQ_BUSMASTER);
	expect_number(a->accesses, 0);
	expect_recorded(b, QUIET, BY_PLAN);
	expect_recorded(c, QUIET, BY_PLAN);
	/* What would be in the list is not looked at. */
	for (i = 0; i < unit.nr; i++)
		if (unit.log[i].f == none)
			assert_true(unit.log[i].reg < PCI_STD_HEADER_SIZEOF);
}

const struct CMUnitTest scan_tests[] = {
	UNIT(test_finds),
	UNIT(test_refuser),
	UNIT(test_ports),
	UNIT(test_bridges),
	UNIT(test_windows),
	UNIT(test_arrived),
	UNIT(test_exclude),
	UNIT(test_exclude_by_id),
	UNIT(test_no_room),
	UNIT(test_capabilities_without_end),
	UNIT(test_no_time),
	UNIT(test_sleeper),
	UNIT(test_beside_sleeper),
};

const size_t nr_scan_tests = ARRAY_SIZE(scan_tests);

// SPDX-License-Identifier: GPL-2.0-only
/* The last resort: no image is whole, and the windows are walked. */
#include "unit.h"

/* At least so many functions fit; see kexec_pci_snapshot.c. */
#define ROOM		256U

static void walk(unsigned int policy)
{
	pciq_ctl.policy = policy;
	pciq_ctl.slot[PCIQ_SLOT_A] = NULL;
	pciq_ctl.slot[PCIQ_SLOT_B] = NULL;
	unit_crash();
	fabric.source = PCIQ_FROM_RAW;
	fabric.raw = true;
	fabric.headers_good = false;
	unit_go();
	if (unit.head->source != PCIQ_FROM_RAW)
		fail_msg("the windows were not walked");
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
	unit_capture();
	walk(PCIQ_ESCALATE);

	expect_number(unit.head->nr_entries, 7);
	entry = (const void *)(unit.head + 1);
	assert_ptr_equal(unit_entry(vf), &entry[0]);
	assert_ptr_equal(unit_entry(pf), &entry[1]);
	assert_ptr_equal(unit_entry(f), &entry[2]);
	assert_ptr_equal(unit_entry(port), &entry[6]);
	expect_told(pf, QUIET, BY_PLAN);
	expect_told(vf, QUIET, BY_PLAN);
	expect_told(f, QUIET, BY_PLAN);
	expect_told(hidden, QUIET, BY_PLAN);
	expect_told(port, UNTOUCHED, BY_BRIDGE);
	expect_told(isa, EXCLUDED, BY_CLASS);
	expect_number(flags_of(port), PCIQ_F_RAW |
		      PCIQ_F_BRIDGE | PCIQ_F_INTX |
		      PCIQ_F_INTX_USED);
	expect_number(flags_of(f), PCIQ_F_RAW | PCIQ_F_INTX |
		      PCIQ_F_INTX_USED);
	expect_number(flags_of(hidden), PCIQ_F_RAW);
	expect_number(flags_of(isa),
		      PCIQ_F_RAW | PCIQ_F_EXCLUDE_CLASS);
	expect_number(unit_entry(f)->vendor, f->vendor);
	expect_number(unit_entry(f)->device, f->device);
	expect_number(unit_entry(f)->class, f->class);
	expect_none(WRITES_OF(BUSMASTER, isa));
	/* All are quiet; whether these are all, a walk cannot know. */
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
	unit_capture();
	walk(PCIQ_RESET);
	expect_none(ALL(RESET));
	expect_none(ALL(HEADERS));
	expect_told(f, REFUSED, BY_BME);
	expect_number(unit_entry(f)->forbidden, PCIQ_NOT_SAVED);
	expect_verdict(PARTIAL, 0, 1);
}

/* Masks errors; interrupts of ports may be firmware's. */
static void test_steps(void **state)
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
	unit_capture();
	walk(PCIQ_BUSMASTER);
	expect(WRITES_OF(MASK, port), W2(port, PCI_COMMAND, 0x0406),
	       W2(port, PCI_BRIDGE_CONTROL, 0),
	       W2(port, cap + PCI_EXP_RTCTL, 0x0018));
	expect(WRITES_OF(UNMASK, port), W2(port, cap + PCI_EXP_RTCTL, 0x001f),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR));
	expect_told(f, QUIET, BY_PLAN);
}

static void test_exclude(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *other = unit_add(port, 1, &endpoint);

	(void)state;
	unit.host->last = 1;
	unit_exclude(f);
	unit_capture();
	walk(PCIQ_ESCALATE);
	expect_told(f, EXCLUDED, BY_USER);
	expect_none(ALL(RESET));
	expect_none(WRITES_OF(BUSMASTER, f));
	expect_told(other, QUIET, BY_PLAN);
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
	unit_capture();
	walk(PCIQ_ESCALATE);
	expect_told(vf, EXCLUDED, BY_USER);
	expect_told(pf, QUIET, BY_PLAN);
}

static void test_no_room(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	u32 i;

	(void)state;
	unit.host->last = 2;
	unit_capture();
	/* They have come after that. */
	for (i = 0; i < ROOM + 2; i++)
		build_function(unit.host, port, 1 + i / 256, i % 256,
			       &conventional);
	unit.quirks = true;
	walk(PCIQ_BUSMASTER);
	expect_number(unit.head->nr_entries, ROOM);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* A list of capabilities that bites its tail. */
static void test_capabilities_without_end(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);
	u32 reads;

	(void)state;
	unit.host->last = 0;
	unit_capture();
	f->now[PCI_CAPABILITY_LIST] = 0x40;
	f->initial[0x40] = 0x09;
	config_put(f->now, 0x40, 2, 0x4009);
	walk(PCIQ_BUSMASTER);
	reads = unit_count(OF(VALIDATE, f));
	expect_between(reads, 48, 60);
	expect_told(f, QUIET, BY_PLAN);
}

static void test_no_time(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	/* 65,536 reads of 1 us each do not fit. */
	pciq_ctl.deadline_ms = 40;
	unit_capture();
	unit.quirks = true;
	walk(PCIQ_BUSMASTER);
	expect_number(unit.head->nr_entries, 1);
	expect_told(f, UNTOUCHED, BY_DEADLINE);
	expect_between(unit.head->microseconds, 35000, 35100);
	expect_number(unit.head->verdict, PCIQ_SKIPPED);
}

/* What has no power below a port is not asked: not even by a walk. */
static void test_sleeper(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);
	struct function *other = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit.host->last = 3;
	unit_capture();
	topology_sleep_below(port);
	walk(PCIQ_ESCALATE);
	expect_number(up->accesses + down->accesses + f->accesses, 0);
	expect_number(unit.head->nr_entries, 2);
	expect_told(other, QUIET, BY_PLAN);
}

const struct CMUnitTest walk_tests[] = {
	UNIT(test_sleeper),
	UNIT(test_finds),
	UNIT(test_refuser),
	UNIT(test_steps),
	UNIT(test_exclude),
	UNIT(test_exclude_by_id),
	UNIT(test_no_room),
	UNIT(test_capabilities_without_end),
	UNIT(test_no_time),
};

const size_t nr_walk_tests = ARRAY_SIZE(walk_tests);

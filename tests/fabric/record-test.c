// SPDX-License-Identifier: GPL-2.0-only
/* Step "done": the verdict, and the numbers that it comes from. */
#include <linux/utsname.h>
#include <linux/xxhash.h>

#include "unit.h"

enum what {
	NOTHING, OBEYING, OFF, REFUSER, REFUSER_BESIDE_DISPLAY, ALONE, EXCLUDED,
	LEFT_ALONE, ASLEEP, GONE, PENDING, FAULTING
};

static void add(enum what what, struct function *port, u8 devfn)
{
	struct shape shape = endpoint;
	struct function *f;

	if (what == NOTHING)
		return;
	if (what == ALONE) {
		unit_add(NULL, 0xf8, &integrated)->set = 1U << STUCK;
		return;
	}
	if (what == LEFT_ALONE)
		shape.class = 0x050000;
	f = unit_add(port, devfn, &shape);
	if (what == OFF)
		unit_set(f, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	if (what == REFUSER || what == REFUSER_BESIDE_DISPLAY)
		f->set = 1U << STUCK_UNTIL_RESET;
	if (what == PENDING)
		f->set = 1U << PENDS_FOREVER;
	if (what == GONE)
		f->set = 1U << DEAD;
	if (what == FAULTING)
		f->set = 1U << FAULTS_ONCE;
	f->at = 4;	/* as it is read back */
	if (what == EXCLUDED)
		unit_exclude(f);
	f->idle = is_left_alone(f);
	f->asleep = what == ASLEEP;
	f->own_power = f->asleep;
	f->offline = f->asleep;
	shape.class = 0x030000;
	if (what == REFUSER_BESIDE_DISPLAY)
		unit_add(port, devfn + 1, &shape);
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *name;
		enum what what[2];
		unsigned int policy;
		u8 verdict;
		u32 quiet;
		u32 total;
	} verdicts[] = {
		{ "nothing to stop", { NOTHING, NOTHING },
		  PCIQ_ESCALATE, PCIQ_CLEAN, 0, 0 },
		{ "all obey", { OBEYING, OFF },
		  PCIQ_ESCALATE, PCIQ_CLEAN, 2, 2 },
		{ "all reset", { OBEYING, OBEYING },
		  PCIQ_RESET, PCIQ_CLEAN, 2, 2 },
		{ "one refuses, and is reset", { OBEYING, REFUSER },
		  PCIQ_ESCALATE, PCIQ_CLEAN, 2, 2 },
		{ "one refuses, and is not", { OBEYING, REFUSER },
		  PCIQ_BUSMASTER, PCIQ_PARTIAL, 1, 2 },
		{ "one is cut off", { OBEYING, REFUSER_BESIDE_DISPLAY },
		  PCIQ_ESCALATE, PCIQ_CONTAINED, 2, 3 },
		{ "one is cut off, and another refuses",
		  { ALONE, REFUSER_BESIDE_DISPLAY },
		  PCIQ_ESCALATE, PCIQ_PARTIAL, 1, 3 },
		{ "one pends", { OBEYING, PENDING },
		  PCIQ_ESCALATE, PCIQ_CLEAN, 2, 2 },
		{ "one is excluded", { OBEYING, EXCLUDED },
		  PCIQ_ESCALATE, PCIQ_PARTIAL, 1, 2 },
		{ "one is of a class left alone", { OBEYING, LEFT_ALONE },
		  PCIQ_ESCALATE, PCIQ_CLEAN, 1, 1 },
		{ "one may be asleep", { OBEYING, ASLEEP },
		  PCIQ_ESCALATE, PCIQ_PARTIAL, 1, 2 },
		{ "one has gone", { OBEYING, GONE },
		  PCIQ_BUSMASTER, PCIQ_PARTIAL, 1, 2 },
		{ "one has gone, and is cut off", { OBEYING, GONE },
		  PCIQ_ESCALATE, PCIQ_CONTAINED, 1, 2 },
		{ "one access faults", { OBEYING, FAULTING },
		  PCIQ_BUSMASTER, PCIQ_PARTIAL, 1, 2 },
		{ "one access faults, and it is cut off",
		  { OBEYING, FAULTING },
		  PCIQ_ESCALATE, PCIQ_PARTIAL, 1, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		struct function *port;

		unit.row = verdicts[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		add(verdicts[i].what[0], port, 0);
		add(verdicts[i].what[1], port, 1);
		unit_run(verdicts[i].policy);
		unit_expect_verdict(verdicts[i].verdict, verdicts[i].quiet,
				    verdicts[i].total, __FILE__, __LINE__);
	}
}

/* Not even the port responds. */
static void test_nobody_responds(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);

	(void)state;
	unit_add(port, 0, &endpoint)->set = 1U << DEAD;
	port->set = 1U << DEAD;
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit.head->unanswered, unit.head->reads);
	expect_none(ALL_WRITES);
	expect_verdict(SKIPPED, 0, 2);
}

/* The window is gone: each access faults. */
static void test_window_faults(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit.host->faults_at = 1;
	unit_run(PCIQ_RESET);
	expect_none(ALL_WRITES);
	expect_number(unit.head->faults, unit.head->reads);
	expect_number(unit.head->unanswered, 0);
	expect_recorded(f, ABSENT, BY_NO_RESPONSE);
	expect_verdict(SKIPPED, 0, 2);
}

/* Any fault at all: what was written is not known. All is quiet here. */
static void test_any_fault(void **state)
{
	struct function *port, *f;
	u32 at, faults = 0;

	(void)state;
	for (at = 1; at < 20; at++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		port->set = 1U << FAULTS_ONCE;
		port->at = at;
		unit_run(PCIQ_BUSMASTER);
		faults += unit.head->faults;
		expect_recorded(f, QUIET, BY_PLAN);
		expect_number(unit.head->verdict, unit.head->faults ?
			      PCIQ_PARTIAL : PCIQ_CLEAN);
	}
	assert_true(faults >= 3);
}

static void test_counts(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *rciep;
	u32 i, writes = 0;

	(void)state;
	add(OBEYING, port, 0);
	add(OFF, port, 1);
	add(EXCLUDED, port, 2);
	add(ALONE, port, 3);
	rciep = unit_add(NULL, 0x20, &integrated);
	rciep->set = 1U << FAULTS_ONCE;
	rciep->at = 1;		/* its identity */
	add(GONE, port, 4);
	unit_run(PCIQ_BUSMASTER);
	for (i = 0; i < unit.nr; i++)
		writes += unit.log[i].write;
	expect_number(unit.head->writes, writes);
	expect_number(unit.head->reads, unit.nr - writes);
	expect_number(unit.head->faults, 1);
	expect_number(unit.head->unanswered, 1);
	expect_number(unit.head->counts[PCIQ_QUIET], 1);
	expect_number(unit.head->counts[PCIQ_ALREADY_QUIET], 1);
	expect_number(unit.head->counts[PCIQ_EXCLUDED], 1);
	expect_number(unit.head->counts[PCIQ_REFUSED], 1);
	expect_number(unit.head->counts[PCIQ_ABSENT], 2);
	expect_number(unit.head->counts[PCIQ_UNTOUCHED], 1);
	expect_number(unit.head->counts[PCIQ_WAS_RESET], 0);
	expect_number(unit.head->counts[PCIQ_WAS_CONTAINED], 0);
	expect_number(unit.head->nr_entries, 7);
	expect_number(unit.head->held, 1);
	expect_verdict(PARTIAL, 2, 6);
}

/* By BME alone, or for longer: of each, and of how many. */
static void test_duration(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *other = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);
	struct function *held = unit_add(port, 0, &endpoint);
	struct function *off = unit_add(port, 1, &endpoint);
	struct function *reset = unit_add(other, 0, &endpoint);
	struct function *refuses = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_set(off, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	reset->set = 1U << STUCK_UNTIL_RESET;
	refuses->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_number(unit_entry(held)->duration, PCIQ_HELD);
	expect_number(unit_entry(off)->duration, PCIQ_LASTS);
	expect_number(unit_entry(reset)->duration, PCIQ_LASTS);
	expect_number(unit_entry(refuses)->duration, PCIQ_NOT_QUIET);
	expect_number(unit_entry(port)->duration, PCIQ_NOT_QUIET);
	expect_number(unit.head->held, 1);
	expect_verdict(PARTIAL, 3, 4);
}

static u64 checksum(const struct pciq_record *head)
{
	u32 summed = offsetofend(struct pciq_record, checksum);

	return xxh64((const u8 *)head + summed, head->total_bytes - summed, 0);
}

static void test_header(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	const struct pciq_record *head;
	unsigned int step;

	(void)state;
	unit_run(PCIQ_RESET);
	head = unit.head;
	assert_ptr_equal(head, pciq_memory.record);
	assert_memory_equal(head->magic, "KPCIQREC", 8);
	expect_number(head->version, 2);
	expect_number(head->header_size, sizeof(*head));
	expect_number(head->entry_size, sizeof(struct pciq_entry));
	expect_number(head->total_bytes, sizeof(*head) +
		      2 * sizeof(struct pciq_entry));
	expect_number(head->nr_entries, 2);
	expect_number(head->checksum, checksum(head));
	expect_number(head->reserved, 0);
	expect_number(head->policy, PCIQ_RESET);
	expect_number(head->source, PCIQ_FROM_NEWEST);
	expect_number(head->step, PCIQ_STEP_DONE);
	expect_number(head->deadline_ms, 10000);
	expect_number(head->tsc_khz, 1000000);
	expect_number(head->generation, pciq_newest()->record.generation);
	expect_number(head->taken_at, pciq_newest()->record.taken_at);
	assert_true(head->taken_at > 1700000000);
	assert_string_equal((const char *)head->release,
			    init_utsname()->release);
	assert_string_equal((const char *)head->build, PCIQ_BUILD);
	for (step = 1; step < PCIQ_NR_STEPS; step++)
		assert_true(head->tsc[step] > head->tsc[step - 1]);
	expect_number(head->microseconds,
		      (head->tsc[STEP(DONE)] - head->tsc[0]) / 1000);
	expect_number(head->incomplete, 0);
	/* Of a function its port, by number of entry, from 1. */
	expect_number(unit_entry(f)->port, 2);
	expect_number(unit_entry(port)->port, 0);
}

/* A step that did not begin has no time. */
static void test_steps(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	assert_true(unit.head->tsc[STEP(VALIDATE)]);
	assert_true(unit.head->tsc[STEP(DISABLE)] >
		    unit.head->tsc[STEP(VALIDATE)]);
	assert_true(unit.head->tsc[STEP(PORTS)] > unit.head->tsc[STEP(DISABLE)]);
	expect_number(unit.head->tsc[STEP(RESET)], 0);
	expect_number(unit.head->tsc[STEP(READY)], 0);
	expect_number(unit.head->tsc[STEP(CONTAIN)], 0);
	expect_number(unit.head->tsc[STEP(UNDO)], 0);
	assert_true(unit.head->tsc[STEP(DONE)] > unit.head->tsc[STEP(PORTS)]);
	expect_recorded(f, QUIET, BY_PLAN);
}

/* Name of the driver: as much of it as fits, with or without a NUL. */
static void test_driver(void **state)
{
	static struct pci_driver long_name = { .name = "a_driver_of_a_long_name" };
	static struct pci_driver twelve = { .name = "twelve_chars" };
	struct function *some = unit_add(NULL, 0x18, &integrated);
	struct function *none = unit_add(NULL, 0x20, &integrated);
	struct function *longer = unit_add(NULL, 0x28, &integrated);
	struct function *exact = unit_add(NULL, 0x30, &integrated);
	static const u8 nothing[12];

	(void)state;
	none->driver = false;
	none->made_master = false;
	unit_snapshot();
	longer->dev.driver = &long_name;
	exact->dev.driver = &twelve;
	if (pciq_take_snapshot())
		fail_msg("no snapshot");
	unit_crash();
	unit_go();
	assert_memory_equal(unit_entry(some)->driver, "some\0\0\0\0\0\0\0", 12);
	assert_memory_equal(unit_entry(none)->driver, nothing, 12);
	assert_memory_equal(unit_entry(longer)->driver, "a_driver_of_", 12);
	assert_memory_equal(unit_entry(exact)->driver, "twelve_chars", 12);
}

/* What a dump shows if the crash path never ran. */
static void test_never_ran(void **state)
{
	const struct pciq_record *head = pciq_memory.record;

	(void)state;
	unit_add(NULL, 0x18, &integrated);
	unit_snapshot();
	assert_memory_equal(head->magic, "KPCIQREC", 8);
	expect_number(head->version, 2);
	expect_number(head->header_size, sizeof(*head));
	expect_number(head->entry_size, sizeof(struct pciq_entry));
	expect_number(head->total_bytes, sizeof(*head));
	expect_number(head->nr_entries, 0);
	expect_number(head->verdict, PCIQ_NO_VERDICT);
	expect_number(head->source, PCIQ_FROM_NONE);
	expect_number(head->tsc_khz, 1000000);
	expect_number(head->deadline_ms, 10000);
	expect_number(head->tsc[STEP(VALIDATE)], 0);
	assert_string_equal((const char *)head->release,
			    init_utsname()->release);
	assert_string_equal((const char *)head->build, PCIQ_BUILD);
	/* No checksum: nobody got to the end. */
	assert_int_not_equal(head->checksum, checksum(head));
}

/* Each snapshot has its number. */
static void test_generation(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);
	u32 before;

	(void)state;
	unit_snapshot();
	before = pciq_newest()->record.generation;
	if (pciq_take_snapshot())
		fail_msg("no snapshot");
	unit_crash();
	unit_go();
	expect_number(unit.head->generation, before + 1);
	expect_recorded(f, QUIET, BY_PLAN);
}

/* What was there before the run is not taken for what it did. */
static void test_nothing_stays(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);
	struct pciq_record *record = pciq_memory.record;

	(void)state;
	unit_snapshot();
	memset(record, 0xa5, sizeof(*record) +
	       pciq_memory.room * sizeof(struct pciq_entry));
	memset(pciq_memory.work, 0xa5,
	       pciq_memory.room * sizeof(struct pciq_work));
	memset(pciq_memory.scan, 0xa5,
	       pciq_memory.room * sizeof(struct pciq_func));
	unit_crash();
	unit_go();
	expect_recorded(f, QUIET, BY_PLAN);
	expect_number(unit_entry(f)->done, PCIQ_DID_READ | PCIQ_DID_DISABLE);
	expect_number(unit_entry(f)->no_reset, 0);
	expect_number(unit_entry(f)->ready_us, 0);
	expect_number(unit.head->reserved, 0);
	expect_number(unit.head->counts[PCIQ_QUIET], 1);
	expect_number(unit.head->links_reset, 0);
	expect_number(unit.head->checksum, checksum(unit.head));
	expect_verdict(CLEAN, 1, 1);
}

const struct CMUnitTest record_tests[] = {
	UNIT(test_verdicts),
	UNIT(test_nobody_responds),
	UNIT(test_window_faults),
	UNIT(test_any_fault),
	UNIT(test_counts),
	UNIT(test_duration),
	UNIT(test_header),
	UNIT(test_steps),
	UNIT(test_driver),
	UNIT(test_never_ran),
	UNIT(test_generation),
	UNIT(test_nothing_stays),
};

const size_t nr_record_tests = ARRAY_SIZE(record_tests);

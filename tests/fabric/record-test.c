// SPDX-License-Identifier: GPL-2.0-only
/* Step "done": the verdict, and the numbers that it comes from. */
#include "unit.h"

enum what {
	NOTHING, OBEYING, OFF, REFUSER, REFUSER_BESIDE_DISPLAY, ALONE, EXCLUDED,
	LEFT_ALONE, ASLEEP, GONE, PENDING
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
		{ "nothing to silence", { NOTHING, NOTHING },
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
		{ "nobody answers", { GONE, GONE },
		  PCIQ_BUSMASTER, PCIQ_SKIPPED, 0, 2 },
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

/* The window is gone: not even a port answers. */
static void test_window_faults(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit.host->faults_at = 1;
	unit_run(PCIQ_RESET);
	expect_none(WRITES(MASK));
	expect_none(WRITES(BUSMASTER));
	expect_number(unit.head->faults, unit.head->reads);
	expect_told(f, UNTOUCHED, BY_WINDOW);
	expect_verdict(SKIPPED, 0, 2);
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
	rciep->at = 1;
	unit_run(PCIQ_ESCALATE);
	for (i = 0; i < unit.nr; i++)
		writes += unit.log[i].write;
	expect_number(unit.head->writes, writes);
	expect_number(unit.head->reads, unit.nr - writes);
	expect_number(unit.head->faults, 1);
	expect_number(unit.head->counts[PCIQ_QUIET], 2);
	expect_number(unit.head->counts[PCIQ_ALREADY_QUIET], 1);
	expect_number(unit.head->counts[PCIQ_EXCLUDED], 1);
	expect_number(unit.head->counts[PCIQ_REFUSED], 1);
	expect_number(unit.head->counts[PCIQ_UNTOUCHED], 1);
	expect_number(unit.head->nr_entries, 6);
	expect_verdict(PARTIAL, 3, 5);
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
	assert_memory_equal(head->magic, PCIQ_RECORD_MAGIC, 8);
	expect_number(head->version, PCIQ_VERSION);
	expect_number(head->header_size, sizeof(*head));
	expect_number(head->entry_size, sizeof(struct pciq_entry));
	expect_number(head->total_bytes, sizeof(*head) +
		      2 * sizeof(struct pciq_entry));
	expect_number(unit.run.record_bytes, head->total_bytes);
	expect_number(head->policy, PCIQ_RESET);
	expect_number(head->source, PCIQ_FROM_NEWEST);
	expect_number(head->step, PCIQ_STEP_DONE);
	expect_number(head->deadline_ms, 10000);
	expect_number(head->tsc_khz, 1000000);
	expect_number(head->generation, pciq_newest()->generation);
	for (step = 1; step < PCIQ_NR_STEPS; step++)
		assert_true(head->tsc[step] > head->tsc[step - 1]);
	expect_number(head->microseconds,
		      (head->tsc[STEP(DONE)] - head->tsc[0]) / 1000);
	/* Of a function its port, by number of entry, from 1. */
	expect_number(unit_entry(f)->port, 2);
	expect_number(unit_entry(port)->port, 0);
}

/* What was there before the run is not taken for what it did. */
static void test_nothing_stays(void **state)
{
	const struct pciq_image *image;
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_capture();
	image = pciq_newest();
	memset((void *)(unsigned long)image->record_virt, 0xa5,
	       image->record_bytes + sizeof(struct pciq_work));
	unit_crash();
	unit_go();
	expect_told(f, QUIET, BY_PLAN);
	expect_number(unit_entry(f)->done, PCIQ_DID_READ |
		      PCIQ_DID_GATE | PCIQ_DID_INTX);
	expect_number(unit_entry(f)->forbidden, 0);
	expect_number(unit_entry(f)->reserved, 0);
	expect_number(unit_entry(f)->back_us, 0);
	expect_number(unit.head->reserved, 0);
	expect_number(unit.head->counts[PCIQ_QUIET], 1);
}

const struct CMUnitTest record_tests[] = {
	UNIT(test_verdicts),
	UNIT(test_window_faults),
	UNIT(test_counts),
	UNIT(test_header),
	UNIT(test_nothing_stays),
};

const size_t nr_record_tests = ARRAY_SIZE(record_tests);

// SPDX-License-Identifier: GPL-2.0-only
/* What time there is, and what is left out when it expires. */
#include "kexec_pci_internal.h"
#include "unit.h"

/* Not from what lies in memory that anybody writes to. */
static void test_from_memory(void **state)
{
	static const struct {
		u32 ms;
		u32 khz;
	} times[] = { { 1, 1000000 }, { 2000, 2400000 }, { 10000, 5000000 } };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		u64 ticks = (u64)times[i].ms * times[i].khz;

		unit_begin();
		fabric.tsc_khz = times[i].khz;
		unit_set_time(times[i].ms);
		unit_add(NULL, 0x18, &integrated);
		unit_run(PCIQ_BUSMASTER);
		expect_number(unit.head->deadline_ms, times[i].ms);
		expect_number(unit.head->tsc_khz, times[i].khz);
		expect_number(unit.run.until - unit.run.start, ticks);
		/* The last eighth is for restoring. */
		expect_number(unit.run.until - unit.run.work_until, ticks / 8);
	}
}

/* Of 8 ms, 7 for the steps. */
static void test_disabling_ends(void **state)
{
	struct function *port, *f[40];
	u32 i, late = 0;

	(void)state;
	fabric.access_ns = 100000;
	unit_set_time(8);
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		f[i] = unit_add(port, i, &conventional);
	unit_run(PCIQ_ESCALATE);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		bool reached = f[i]->accesses;

		/* In order: who was not reached has nobody reached behind. */
		assert_true(!late || !reached);
		if (reached) {
			expect_recorded(f[i], QUIET, BY_PLAN);
			expect_number(f[i]->accesses, 4);
		} else {
			expect_recorded(f[i], UNTOUCHED, BY_DEADLINE);
			late++;
		}
	}
	expect_between(late, 20, 30);
	expect_between(unit.head->tsc[STEP(PORTS)] - unit.run.start,
		       7 * NS_PER_MS, 7 * NS_PER_MS + 400000);
	expect_none(ALL(PORTS));
	expect_recorded(port, UNTOUCHED, BY_DEADLINE);
	assert_true(unit.log[unit.nr - 1].at < unit.run.until);
	expect_verdict(PARTIAL, 40 - late, 41);
}

/* Ports, too: one after the other, until it expires. */
static void test_ports_end(void **state)
{
	struct function *ports[20];
	u32 i, late = 0;

	(void)state;
	fabric.access_ns = 100000;
	unit_set_time(4);
	for (i = 0; i < ARRAY_SIZE(ports); i++)
		ports[i] = unit_bridge(NULL, 8 * (i + 1), &slow_root_port,
				       i + 1, i + 1);
	unit_run(PCIQ_BUSMASTER);
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		bool written = unit_count(WRITES_OF(PORTS, ports[i]));

		late += !written;
		if (written)
			expect_recorded(ports[i], UNTOUCHED, BY_BRIDGE);
		else
			expect_recorded(ports[i], UNTOUCHED, BY_DEADLINE);
	}
	expect_between(late, 4, 16);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* What was reset has half of the eighth that is reserved, and no more. */
static void test_wait_is_cut_short(void **state)
{
	struct function *port, *f;

	(void)state;
	unit_set_time(400);
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	f = unit_add(port, 0, &endpoint);
	f->set = 1U << NEVER_BACK;
	unit_run(PCIQ_RESET);
	expect_between(unit.head->tsc[STEP(CONTAIN)] - unit.run.start,
		       375 * NS_PER_MS, 377 * NS_PER_MS);
	expect_number(unit_entry(f)->reason, PCIQ_BY_NOT_READY);
}

/* Then no port is closed any more, and errors are reported again. */
static void test_no_time_to_contain(void **state)
{
	struct function *port, *f;

	(void)state;
	unit_set_time(400);
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	f = unit_add(port, 0, &endpoint);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	f->set = 1U << NEVER_BACK;
	unit_run(PCIQ_RESET);
	expect_none(ALL(CONTAIN));
	expect_recorded(f, REFUSED, BY_NOT_READY);
	expect(WRITES(UNDO), W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR));
	expect_number(unit_entry(port)->done & PCIQ_DID_UNMASK,
		      PCIQ_DID_UNMASK);
}

static void test_expired(void **state)
{
	struct pciq_run run = { .start = 1000000, .until = 2000000 };

	(void)state;
	fabric.now = 1500000;
	assert_false(pciq_expired(&run, run.until));
	fabric.now = 1999900;
	assert_false(pciq_expired(&run, run.until));
	fabric.now = 2000000;
	assert_true(pciq_expired(&run, run.until));
	/* It jumped backwards: that is not forever, that is expired. */
	fabric.now = 900000;
	assert_true(pciq_expired(&run, run.until));
}

/* And if that is while links are in reset, there is no more to wait for. */
static void test_set_back_in_reset(void **state)
{
	struct pciq_run run = { .tsc_khz = 1000000 };

	(void)state;
	run.start = fabric.now + 7000 * NS_PER_MS;
	run.until = run.start + 10000 * NS_PER_MS;
	pciq_release_links(&run);
	assert_true(pciq_expired(&run, run.reset_end + 1000 * NS_PER_MS));
}

static void test_delay(void **state)
{
	struct pciq_run run = { .tsc_khz = 1000000 };
	u64 start = fabric.now;

	(void)state;
	run.start = start;
	pciq_delay(&run, 1000, start + 10 * NS_PER_MS);
	expect_between(fabric.now - start, NS_PER_MS,
		       NS_PER_MS + RELAX_NS + 100);
	start = fabric.now;
	pciq_delay(&run, 1000, start + NS_PER_MS / 2);
	expect_between(fabric.now - start, NS_PER_MS / 2,
		       NS_PER_MS / 2 + RELAX_NS + 100);
}

/*
 * The one thing that is done however late it is: a link is released, after the
 * time that a reset takes.
 */
static u64 asserted_at, released_at;

static void expire(const struct access *access)
{
	if (access->reg != PCI_BRIDGE_CONTROL || !access->write)
		return;
	if (!(access->value & PCI_BRIDGE_CTL_BUS_RESET)) {
		released_at = access->at;
		return;
	}
	asserted_at = access->at;
	/* It is the last that there is time for. */
	fabric.now = fabric.deadline - ACCESS_NS;
}

static void test_links_are_released(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	u64 late;

	(void)state;
	unit.on_access = expire;
	unit.quirks = true;	/* time does not pass like that */
	asserted_at = 0;
	released_at = 0;
	unit_run(PCIQ_RESET);
	assert_true(asserted_at > 0);
	late = released_at - fabric.deadline;
	expect_between(late, 2 * NS_PER_MS, 2 * NS_PER_MS + 100000);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0);
	expect_none(OF(READY, f));
	expect_recorded(f, REFUSED, BY_NOT_READY);
}

/* Of several links those for which there is none are not reset. */
static void test_no_time_to_assert(void **state)
{
	struct function *a = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *b = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);
	struct function *f, *g;

	(void)state;
	f = unit_add(a, 0, &endpoint);
	g = unit_add(b, 0, &endpoint);
	unit.on_access = expire;
	unit.quirks = true;
	unit_run(PCIQ_RESET);
	expect_number(unit.head->links_reset, 1);
	expect_number(a->asserts + b->asserts, 1);
	expect_number(unit_entry(a->asserts ? b : a)->no_reset, PCIQ_NOT_TIME);
	expect_number(unit_entry(a->asserts ? b : a)->done & PCIQ_DID_ASSERT, 0);
	expect_number(unit_entry(a->asserts ? g : f)->done & PCIQ_DID_RESET, 0);
	expect_recorded(a->asserts ? g : f, QUIET, BY_PLAN);
}

const struct CMUnitTest deadline_tests[] = {
	UNIT(test_from_memory),
	UNIT(test_disabling_ends),
	UNIT(test_ports_end),
	UNIT(test_wait_is_cut_short),
	UNIT(test_no_time_to_contain),
	UNIT(test_expired),
	UNIT(test_set_back_in_reset),
	UNIT(test_delay),
	UNIT(test_links_are_released),
	UNIT(test_no_time_to_assert),
};

const size_t nr_deadline_tests = ARRAY_SIZE(deadline_tests);

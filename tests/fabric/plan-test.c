// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a policy resets whether or not it refuses: all that may be, or what reset=
 * names; and what that takes at most.
 */
#include "unit.h"

#define ALWAYS(policy)	(1U << PCIQ_##policy)

static u32 always(void)
{
	return pciq_newest()->always;
}

/* Nothing is to be reset in any case: then nothing is even looked at. */
static void test_nothing_to_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *root = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_noreset(f);
	unit_run(PCIQ_RESET);
	expect_number(always(), 0);
	expect_number(unit.head->tsc[STEP(RESET)], 0);
	expect_none(ALL(RESET));
	expect_recorded(f, QUIET, BY_PLAN);
	expect_recorded(root, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 2, 2);
}

/* Policy "reset": all that may be, and no other policy. */
static void test_policy_reset(void **state)
{
	unsigned int policy;

	(void)state;
	for (policy = PCIQ_BUSMASTER; policy < PCIQ_NR_POLICIES; policy++) {
		bool resets = policy == PCIQ_RESET;
		struct function *port, *f, *flr, *root;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		flr = unit_add(NULL, 0x18, &integrated_with_flr);
		root = unit_add(NULL, 0x20, &integrated);
		unit_run(policy);
		expect_number(always(), ALWAYS(RESET));
		expect_number(unit_plan(port)->cause, ALWAYS(RESET));
		expect_number(unit_plan(f)->cause, ALWAYS(RESET));
		expect_number(unit_plan(flr)->cause, ALWAYS(RESET));
		expect_number(unit_plan(root)->cause, 0);
		expect_number(port->asserts, resets);
		expect_number(flr->flrs, resets);
		expect_number(!!unit.head->tsc[STEP(RESET)], resets);
		expect_number(unit_entry(f)->outcome, resets ? PCIQ_WAS_RESET :
							       PCIQ_QUIET);
		expect_recorded(root, QUIET, BY_PLAN);
		expect_verdict(CLEAN, 3, 3);
	}
}

/* An empty port is no reason, nor one whose link must not be reset. */
static void test_ports_without_cause(void **state)
{
	struct function *empty = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *quirk = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);
	struct function *f = unit_add(quirk, 0, &endpoint);

	(void)state;
	quirk->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_run(PCIQ_RESET);
	expect_number(always(), 0);
	expect_number(unit_plan(empty)->cause, 0);
	expect_number(unit_plan(quirk)->cause, 0);
	expect_number(unit_plan(f)->cause, 0);
	expect_number(unit_plan(f)->no_reset, PCIQ_NOT_QUIRK);
	expect_number(empty->asserts + quirk->asserts, 0);
}

/* reset=: what it names, and what goes with that; under the default policy, too. */
static void test_named(void **state)
{
	static const struct {
		const char *name;
		unsigned int policy;
		bool noreset, exclude;
		bool resets;
	} rows[] = {
		{ "busmaster", PCIQ_BUSMASTER },
		{ "escalate", PCIQ_ESCALATE, .resets = true },
		{ "reset", PCIQ_RESET, .resets = true },
		{ "noreset= wins", PCIQ_RESET, .noreset = true },
		{ "exclude= wins", PCIQ_RESET, .exclude = true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool may = !rows[i].noreset && !rows[i].exclude;
		struct function *port, *named, *beside;

		unit.row = rows[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		named = unit_add(port, 0, &endpoint);
		beside = unit_add(port, 1, &endpoint);
		unit_reset(named);
		if (rows[i].noreset)
			unit_noreset(named);
		if (rows[i].exclude)
			unit_exclude(named);
		unit_run(rows[i].policy);
		expect_number(always(), may ? ALWAYS(ESCALATE) | ALWAYS(RESET) :
					      0);
		expect_number(port->asserts, rows[i].resets);
		expect_number(!!unit.head->tsc[STEP(RESET)], rows[i].resets);
		/* The link is reset by its port, whatever the function does. */
		expect_number(unit_func(port)->entry.flags & PCIQ_F_RESET_USER,
			      may ? PCIQ_F_RESET_USER : 0);
		expect_number(unit_plan(beside)->cause & ALWAYS(ESCALATE), 0);
		expect_number(unit_entry(beside)->outcome, rows[i].resets ?
			      PCIQ_WAS_RESET : PCIQ_QUIET);
	}
}

/* Of a port: all that is below it, however deep. */
static void test_named_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);
	struct function *const all[] = { port, up, down, f };
	u32 i;

	(void)state;
	unit_reset(port);
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 1);
	expect_number(down->asserts + up->asserts, 0);
	for (i = 0; i < ARRAY_SIZE(all); i++)
		expect_number(unit_plan(all[i])->plan[PCIQ_ESCALATE],
			      PCIQ_PLAN_RESET);
	expect_number(unit_func(down)->entry.flags & PCIQ_F_RESET_USER,
		      PCIQ_F_RESET_USER);
	expect_recorded(up, WAS_RESET, BY_BRIDGE);
	expect_recorded(f, WAS_RESET, BY_LINK);
	expect_verdict(CLEAN, 1, 1);
}

/* Without a port above: by itself, and nothing else. */
static void test_named_alone(void **state)
{
	struct function *named = unit_add(NULL, 0x18, &integrated_with_flr);
	struct function *other = unit_add(NULL, 0x20, &integrated_with_flr);

	(void)state;
	unit_reset(named);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(named, WAS_RESET, BY_PLAN);
	expect_recorded(other, QUIET, BY_PLAN);
	expect_number(other->flrs, 0);
}

/* It cannot be reset at all: that is recorded, and nothing is done. */
static void test_named_for_nothing(void **state)
{
	struct function *named = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_reset(named);
	unit_run(PCIQ_ESCALATE);
	expect_number(always(), 0);
	expect_number(unit_plan(named)->cause, 0);
	expect_recorded(named, QUIET, BY_PLAN);
	expect_number(unit.head->tsc[STEP(RESET)], 0);
}

/* What is named and does not respond is reset with its link all the same. */
static void test_named_does_not_respond(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *named = unit_add(port, 0, &endpoint);

	(void)state;
	unit_reset(named);
	named->set = 1U << DEAD;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 1);
	expect_recorded(named, WAS_CONTAINED, BY_NO_RESPONSE);
}

/* Waits of a link, of FLR; links in a row; and for each function 50 us. */
static void test_how_long(void **state)
{
	enum { NOTHING, LINK, FLR, SLOW_FLR, ROW, CONVENTIONAL_BUS, FIRMWARE,
	       MANY, FORBIDDEN };
	static const struct {
		const char *name;
		int what;
		u16 ms;
	} rows[] = {
		{ "nothing", NOTHING, 0 },
		{ "a link", LINK, 100 },
		{ "FLR", FLR, 100 },
		{ "FLR of a slow SSD", SLOW_FLR, 350 },
		{ "links in a row", ROW, 200 },
		{ "conventional PCI", CONVENTIONAL_BUS, 1100 },
		{ "as firmware has it", FIRMWARE, 250 },
		{ "many functions", MANY, 100 + 10 },
		{ "a link that is not reset", FORBIDDEN, 0 },
	};
	size_t i;
	u32 k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = integrated_with_flr;
		struct function *port, *f;

		unit.row = rows[i].name;
		unit_begin();
		if (rows[i].what == SLOW_FLR)
			shape.device = 0x0953;
		if (rows[i].what == FLR || rows[i].what == SLOW_FLR) {
			unit_add(NULL, 0x18, &shape);
		} else if (rows[i].what == CONVENTIONAL_BUS) {
			port = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
			unit_add(port, 0, &conventional);
		} else if (rows[i].what != NOTHING) {
			port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
			if (rows[i].what == ROW)
				port = unit_bridge(unit_bridge(port, 0,
							       &upstream_port,
							       2, 3), 0,
						   &downstream_port, 3, 3);
			f = unit_add(port, 0, &endpoint);
			if (rows[i].what == FIRMWARE)
				f->d3cold_delay = 250;
			if (rows[i].what == FORBIDDEN)
				unit_noreset(f);
			for (k = 1; rows[i].what == MANY && k < 200; k++)
				unit_add(port, k, &endpoint);
		}
		unit_snapshot();
		/* And 100 ms for what is pending, and 20 to spare. */
		expect_number(pciq_newest()->reset_ms, rows[i].ms + 120);
	}
}

/* The first of several reasons, from what the operator says to what it is. */
static void test_which_reason(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct shape shape = endpoint;
	struct function *f;

	(void)state;
	shape.class = 0x030000;
	f = unit_add(port, 0, &shape);
	f->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_noreset(f);
	unit_snapshot();
	expect_number(unit_plan(f)->no_reset, PCIQ_NOT_USER);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_USER);
	pciq_ctl.noreset.nr = 0;
	unit_snapshot();
	expect_number(unit_plan(f)->no_reset, PCIQ_NOT_DISPLAY);
}

/* What is left alone for another reason protects its link as well. */
static void test_left_alone(void **state)
{
	static const struct {
		const char *name;
		u32 class;
		bool made_master;
	} rows[] = {
		{ "firmware has made it a master", 0x010000, false },
		{ "another machine masters through it", 0x068000, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = endpoint_with_flr;
		struct function *port, *f, *refuser;

		unit.row = rows[i].name;
		unit_begin();
		shape.class = rows[i].class;
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &shape);
		f->driver = true;
		f->made_master = rows[i].made_master;
		f->needs_bme = !rows[i].made_master;
		f->spared = true;
		refuser = unit_add(port, 1, &endpoint);
		refuser->set = 1U << STUCK_UNTIL_RESET;
		unit_run(PCIQ_RESET);
		expect_number(f->accesses, 0);
		expect_number(port->asserts, 0);
		expect_number(unit_plan(f)->method, PCIQ_RESET_NONE);
		expect_number(unit_plan(f)->no_reset, PCIQ_NOT_EXCLUDED);
		expect_number(unit_plan(port)->no_reset, PCIQ_NOT_EXCLUDED);
		expect_recorded(refuser, WAS_CONTAINED, BY_BME);
	}
}

const struct CMUnitTest plan_tests[] = {
	UNIT(test_nothing_to_reset),
	UNIT(test_policy_reset),
	UNIT(test_ports_without_cause),
	UNIT(test_named),
	UNIT(test_named_port),
	UNIT(test_named_alone),
	UNIT(test_named_for_nothing),
	UNIT(test_named_does_not_respond),
	UNIT(test_how_long),
	UNIT(test_which_reason),
	UNIT(test_left_alone),
};

const size_t nr_plan_tests = ARRAY_SIZE(plan_tests);

// SPDX-License-Identifier: GPL-2.0-only
/* Step "validate": a window is used if a function shows through it what it was. */
#include "unit.h"

/* Whether a window is used is known before the first write, from these reads. */
#define R_ID(f)		R4(f, PCI_VENDOR_ID)

/* Does a port have below it what has no power?  It has to be what it was. */
#define R_POWER		R2(port, port->pm + PCI_PM_CTRL)

/* The root bus first: nothing can go wrong on the way there. */
static void test_one_vouches(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_BUSMASTER);
	expect(ALL(VALIDATE), R_ID(port), R_POWER);
	expect_told(f, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

/* It takes each write and reads back quiet: all zeros, or what was there. */
static void test_plain_memory(void **state)
{
	static const u8 fills[] = { 0, 0x5a, 0xf0 };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(fills); i++) {
		struct function *port, *f;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		memset(unit.host->page, fills[i], sizeof(unit.host->page));
		unit.host->remapped = true;
		unit_run(PCIQ_RESET);
		expect_told(f, UNTOUCHED, BY_WINDOW);
		expect_number(unit.head->writes, 0);
		/* Each was asked twice: one answer may be wrong. */
		expect_number(unit.head->reads, 4);
		expect_verdict(SKIPPED, 0, 2);
	}
}

/* Half of it looks like what is not ready yet; such a function has all ones there. */
static void test_almost_not_ready(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	unit_set(f, PCI_STATUS, 2, 0);	/* which would tell as well */
	unit.host->page[0] = 0x01;
	unit.host->remapped = true;
	unit_run(PCIQ_BUSMASTER);
	expect_told(f, UNTOUCHED, BY_WINDOW);
	expect_number(unit.head->writes, 0);
}

/* As if nothing were there: that is told of each. */
static void test_all_ones(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	memset(unit.host->page, 0xff, sizeof(unit.host->page));
	unit.host->remapped = true;
	unit.quirks = true;	/* the model knows that it did not vanish */
	unit_run(PCIQ_ESCALATE);
	expect_told(f, ABSENT, BY_VANISHING);
	expect_verdict(SKIPPED, 0, 1);
}

/* The other windows are used. */
static void test_one_of_two(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated), *g;
	struct host *first = unit.host;

	(void)state;
	unit.host = build_host(1, 0, 0xff, PCIQ_ECAM, true);
	g = unit_add(NULL, 0x18, &integrated);
	first->remapped = true;
	unit_run(PCIQ_BUSMASTER);
	expect_told(f, UNTOUCHED, BY_WINDOW);
	expect_told(g, QUIET, BY_PLAN);
	expect_verdict(PARTIAL, 1, 2);
}

/* Who is silent, or wrong once, says nothing about the window. */
static void test_next_is_asked(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *dead = unit_add(NULL, 0x10, &integrated);
	struct function *liar = unit_add(NULL, 0x18, &integrated);

	(void)state;
	dead->set = 1U << DEAD;
	liar->set = 1U << LIES_ONCE;
	liar->at = 1;
	liar->lie = 1;
	unit_run(PCIQ_BUSMASTER);
	expect(ALL(VALIDATE), R_ID(liar), R_ID(liar), R_ID(port), R_POWER);
	expect_told(f, QUIET, BY_PLAN);
	expect_told(liar, QUIET, BY_PLAN);

	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	f = unit_add(port, 0, &endpoint);
	dead = unit_add(NULL, 0x18, &integrated);
	dead->set = 1U << DEAD;
	unit_run(PCIQ_BUSMASTER);
	expect(ALL(VALIDATE), R_ID(dead), R_ID(port), R_POWER);
	expect_told(f, QUIET, BY_PLAN);
	expect_verdict(PARTIAL, 1, 2);
}

/* Another function is there now: the window is the same. */
static void test_one_has_changed(void **state)
{
	struct function *f = unit_add(NULL, 0x10, &integrated);
	struct function *other = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_capture();
	config_put(other->now, PCI_DEVICE_ID, 2, 0x1234);
	unit_crash();
	unit_go();
	expect(ALL(VALIDATE), R_ID(other), R_ID(other), R_ID(f));
	expect_told(f, QUIET, BY_PLAN);
	expect_told(other, QUIET, BY_PLAN);
}

/* What must not be touched is not asked, not even for that. */
static void test_excluded_is_not_asked(void **state)
{
	struct function *f = unit_add(NULL, 0x10, &integrated);
	struct function *excluded = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_exclude(excluded);
	unit_run(PCIQ_BUSMASTER);
	expect(ALL(VALIDATE), R_ID(f));
	expect_number(excluded->accesses, 0);
	expect_told(f, QUIET, BY_PLAN);
}

/* A VF has no ID to show; that it shows another one is held against the window. */
static void test_only_a_vf(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	unit_exclude(port);
	unit_exclude(pf);
	unit_run(PCIQ_BUSMASTER);
	expect(ALL(VALIDATE), R_ID(vf));
	expect_told(vf, QUIET, BY_PLAN);

	unit_begin();
	port = unit_bridge(NULL, 8, &root_port, 1, 1);
	pf = unit_add(port, 0, &physical);
	vf = unit_vf(pf, 8);
	unit_exclude(port);
	unit_exclude(pf);
	unit.host->remapped = true;
	unit_run(PCIQ_BUSMASTER);
	expect_told(vf, UNTOUCHED, BY_WINDOW);
}

/*
 * One page only, and the window is vouched for by another function: neither is it
 * written to nor believed quiet, whatever stands for Command.
 */
static void page_of(const struct shape *shape, u32 shown)
{
	struct function *port, *f, *other;

	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	other = unit_add(port, 1, &physical);
	f = shape->vf ? unit_vf(other, 9) : unit_add(port, 0, shape);
	config_put(unit.host->page, PCI_COMMAND, 4, shown);
	f->remapped = true;
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit_entry(f)->done, 0);
	expect_number(unit_entry(f)->command_before, 0xffff);
	expect_told(f, UNTOUCHED, BY_WINDOW);
	expect_told(other, QUIET, BY_PLAN);
	expect_verdict(PARTIAL, 1, 2);
}

static void test_one_page(void **state)
{
	static const u32 shown[] = { 0, 0x00000400, 0x00000007, 0xffef0006,
				     0xffff0006 };
	static const struct shape *const shapes[] = { &endpoint, &conventional,
						      &virtual };
	u32 i, k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(shapes); k++)
		for (i = 0; i < ARRAY_SIZE(shown); i++)
			page_of(shapes[k], shown[i]);
}

/* Any of what is hardwired tells. */
static void test_page_without_list(void **state)
{
	static const u16 bits[] = { PCI_STATUS_66MHZ, PCI_STATUS_UDF,
				    PCI_STATUS_FAST_BACK,
				    PCI_STATUS_DEVSEL_MEDIUM,
				    PCI_STATUS_DEVSEL_SLOW };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		struct function *f;

		unit_begin();
		f = unit_add(NULL, 0x10, &conventional);
		unit_add(NULL, 0x18, &integrated);
		unit_set(f, PCI_STATUS, 2, bits[i]);
		f->remapped = true;
		unit_run(PCIQ_BUSMASTER);
		expect_told(f, UNTOUCHED, BY_WINDOW);
		expect_verdict(PARTIAL, 1, 2);
	}
}

/* Asleep at capture, its Status was not known; its Express capability was. */
static void test_page_of_sleeper(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	topology_sleep_below(port);
	f->offline = true;
	unit_capture();
	topology_wake_below(port);
	unit_crash();
	f->remapped = true;
	unit_go();
	expect_told(f, UNTOUCHED, BY_WINDOW);
	expect_verdict(SKIPPED, 0, 1);
}

/* Nor is it reset through that page; nothing is to be restored there either. */
static void test_flr_of_page(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);

	(void)state;
	unit_add(port, 1, &endpoint);
	f->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	f->remapped = true;
	unit_run(PCIQ_RESET);
	expect_told(f, UNTOUCHED, BY_WINDOW);
	expect_number(unit_entry(f)->forbidden, PCIQ_NOT_CURRENT);
	expect_number(unit.head->functions_reset, 0);
}

/* As if it had no capabilities, once: that is no reason to let it go on. */
static void test_status_is_wrong_once(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << LIES_ONCE;
	f->at = 1;
	f->lie = PCI_STATUS_CAP_LIST << 16;
	unit_run(PCIQ_BUSMASTER);
	expect(OF(BUSMASTER, f), R4(f, PCI_COMMAND), R4(f, PCI_COMMAND),
	       W2(f, PCI_COMMAND, unit_entry(f)->command_after),
	       R2(f, PCI_COMMAND));
	expect_told(f, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

const struct CMUnitTest window_tests[] = {
	UNIT(test_one_vouches),
	UNIT(test_plain_memory),
	UNIT(test_almost_not_ready),
	UNIT(test_all_ones),
	UNIT(test_one_of_two),
	UNIT(test_next_is_asked),
	UNIT(test_one_has_changed),
	UNIT(test_excluded_is_not_asked),
	UNIT(test_only_a_vf),
	UNIT(test_one_page),
	UNIT(test_page_without_list),
	UNIT(test_page_of_sleeper),
	UNIT(test_flr_of_page),
	UNIT(test_status_is_wrong_once),
};

const size_t nr_window_tests = ARRAY_SIZE(window_tests);

// SPDX-License-Identifier: GPL-2.0-only
/* The last means: the port above a refuser forwards nothing any more. */
#include "unit.h"

/* A neighbour that must not be reset leaves nothing but containment. */
static struct function *add_display(struct function *port, u8 devfn)
{
	struct shape shape = endpoint;

	shape.class = 0x030000;
	return unit_add(port, devfn, &shape);
}

static struct function *add_refuser(struct function *port, u8 devfn)
{
	struct function *f = unit_add(port, devfn, &endpoint);

	f->set = 1U << STUCK_UNTIL_RESET;
	return f;
}

static void test_port_is_closed(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0);
	struct function *display = add_display(port, 1);

	(void)state;
	unit_set(port, PCI_COMMAND, 2, 0x0107);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(RESET));
	expect(ALL(HEADERS), R2(port, PCI_COMMAND),
	       W2(port, PCI_COMMAND, 0x0403), R2(port, PCI_COMMAND));
	/* It now answers what comes from below as unsupported: not reported. */
	expect_none(ALL(UNMASK));
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0);
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_told(port, WAS_CONTAINED, BY_BRIDGE);
	expect_told(display, QUIET, BY_PLAN);
	expect_number(unit_entry(f)->forbidden, PCIQ_NOT_DISPLAY);
	expect_number(unit_entry(port)->done, PCIQ_DID_CONTAIN |
		      PCIQ_DID_MASK);
	expect_number(unit_entry(port)->command_before, 0x0407);
	expect_number(unit_entry(port)->command_after, 0x0403);
	expect_number(unit.head->ports_contained, 1);
	expect_verdict(CONTAINED, 1, 2);
}

/* What reads back closed is memory: the next port has to. */
static void test_page_of_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = add_refuser(down, 0);

	(void)state;
	add_display(down, 1);
	config_put(unit.host->page, PCI_COMMAND, 2,
		   PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	down->remapped = true;
	unit_run(PCIQ_ESCALATE);
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_told(down, UNTOUCHED, BY_WINDOW);
	expect_told(up, WAS_CONTAINED, BY_BRIDGE);
	/* Whether that port may interrupt is not known. */
	expect_verdict(PARTIAL, 1, 3);
}

static void test_once_for_all(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *a = add_refuser(port, 0), *b = add_refuser(port, 1);

	(void)state;
	add_display(port, 2);
	unit_run(PCIQ_ESCALATE);
	expect_number(unit_count(OF(HEADERS, port)), 3);
	expect_told(a, WAS_CONTAINED, BY_BME);
	expect_told(b, WAS_CONTAINED, BY_BME);
	expect_number(unit.head->ports_contained, 1);
	expect_verdict(CONTAINED, 1, 3);
}

/* The nearest port above, and no other. */
static void test_nearest(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = add_refuser(down, 0);

	(void)state;
	add_display(down, 1);
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(HEADERS), W2(down, PCI_COMMAND, GATED));
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_told(up, UNTOUCHED, BY_BRIDGE);
	expect_told(port, UNTOUCHED, BY_BRIDGE);
}

static void test_next_one_up(void **state)
{
	static const struct {
		const char *name;
		u32 set;
		bool excluded;
	} why[] = {
		{ "keeps its BME", 1U << STUCK, false },
		{ "excluded by the operator", 0, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(why); i++) {
		struct function *port, *up, *down, *f;

		unit.row = why[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
		up = unit_bridge(port, 0, &upstream_port, 2, 3);
		down = unit_bridge(up, 0, &downstream_port, 3, 3);
		f = add_refuser(down, 0);
		add_display(down, 1);
		down->set = why[i].set;
		if (why[i].excluded)
			unit_exclude(down);
		unit_run(PCIQ_ESCALATE);
		if (why[i].excluded)
			expect_none(OF(HEADERS, down));
		expect_number(unit_get(up, PCI_COMMAND, 2), GATED);
		expect_number(unit_get(port, PCI_COMMAND, 2) &
			      PCI_COMMAND_MASTER, PCI_COMMAND_MASTER);
		expect_told(f, WAS_CONTAINED, BY_BME);
		expect_told(up, WAS_CONTAINED, BY_BRIDGE);
		expect_number(unit.head->ports_contained, 1);
	}
}

/* No port obeys: it is said that something may still write. */
static void test_no_port_obeys(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0);

	(void)state;
	add_display(port, 1);
	port->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_told(f, REFUSED, BY_BME);
	expect_number(unit.head->ports_contained, 0);
	expect_verdict(PARTIAL, 1, 2);
}

/* What was reset, and is quiet, has its port open. */
static void test_not_after_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_none(WRITES_OF(HEADERS, port));
	expect_told(f, WAS_RESET, BY_BME);
	expect_number(unit.head->ports_contained, 0);
}

/* A port that did not come back forwards nothing, and is not asked. */
static void test_port_is_lost(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);

	(void)state;
	up->set = 1U << NEVER_BACK;
	unit_run(PCIQ_RESET);
	expect_none(OF(HEADERS, down));
	expect_none(WRITES_OF(HEADERS, up));
	expect_told(f, WAS_CONTAINED, BY_SILENCE);
	expect_told(port, WAS_CONTAINED, BY_BRIDGE);
	expect_told(up, REFUSED, BY_BRIDGE);
	expect_verdict(CONTAINED, 0, 1);
}

static void test_vanished(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	add_display(port, 1);
	f->set = 1U << MUTE;	/* and goes on mastering */
	f->at = 1;
	unit_run(PCIQ_ESCALATE);
	expect_told(f, WAS_CONTAINED, BY_VANISHING);
	assert_false(dma_masters(f));
	expect_verdict(CONTAINED, 1, 2);
}

/* Of a VF, the port is the one of its PF. */
static void test_vf(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	vf->dev_flags = PCI_DEV_FLAGS_NO_FLR_RESET;
	vf->set = 1U << STUCK;
	add_display(port, 1);
	unit_run(PCIQ_ESCALATE);
	expect_told(vf, WAS_CONTAINED, BY_BME);
	expect_told(port, WAS_CONTAINED, BY_BRIDGE);
	expect_told(pf, QUIET, BY_PLAN);
}

const struct CMUnitTest contain_tests[] = {
	UNIT(test_port_is_closed),
	UNIT(test_page_of_port),
	UNIT(test_once_for_all),
	UNIT(test_nearest),
	UNIT(test_next_one_up),
	UNIT(test_no_port_obeys),
	UNIT(test_not_after_reset),
	UNIT(test_port_is_lost),
	UNIT(test_vanished),
	UNIT(test_vf),
};

const size_t nr_contain_tests = ARRAY_SIZE(contain_tests);

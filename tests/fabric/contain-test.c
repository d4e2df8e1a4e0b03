// SPDX-License-Identifier: GPL-2.0-only
/* Step "contain": the port above a refuser forwards nothing any more. */
#include "unit.h"

/* A neighbor that must not be reset leaves nothing but containment. */
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
	expect_none(WRITES(RESET));
	expect_set(WRITES(CONTAIN), W2(port, PCI_COMMAND, 0x0007),
		   W2(port, PCI_BRIDGE_CONTROL, 0),
		   W2(port, PCI_COMMAND, 0x0003));
	/* It now handles what comes from below as unsupported: not reported. */
	expect_none(ALL(UNDO));
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_recorded(port, WAS_CONTAINED, BY_BRIDGE);
	expect_recorded(display, QUIET, BY_PLAN);
	expect_number(unit_entry(f)->no_reset, PCIQ_NOT_DISPLAY);
	expect_number(unit_entry(f)->duration, PCIQ_HELD);
	expect_number(unit_entry(port)->done, PCIQ_DID_READ | PCIQ_DID_CONTAIN |
		      PCIQ_DID_MASK);
	expect_number(unit_entry(port)->duration, PCIQ_NOT_QUIET);
	expect_number(unit_entry(port)->command_before, 0x0007);
	expect_number(unit_entry(port)->command_after, 0x0003);
	expect_number(unit.head->ports_contained, 1);
	expect_verdict(CONTAINED, 1, 2);
}

/* What would read back closed is memory: the next port has to. */
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
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_recorded(down, UNTOUCHED, BY_IDENTITY);
	expect_recorded(up, WAS_CONTAINED, BY_BRIDGE);
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
	expect_number(unit_count(WRITES_OF(CONTAIN, port)), 1);
	expect_recorded(a, WAS_CONTAINED, BY_BME);
	expect_recorded(b, WAS_CONTAINED, BY_BME);
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
	expect(WRITES(CONTAIN), W2(down, PCI_COMMAND, PCI_COMMAND_MEMORY));
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_recorded(up, UNTOUCHED, BY_BRIDGE);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
}

static u32 times_read(const struct function *f, u16 reg)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += unit.log[i].f == f && unit.log[i].reg == reg &&
		      !unit.log[i].write && unit.log[i].at <
				unit.head->tsc[STEP(UNDO)];
	return nr;
}

static void test_next_one_up(void **state)
{
	static const struct {
		const char *name;
		u32 set;
		bool excluded;
	} why[] = {
		{ "keeps its BME", 1U << STUCK, false },
		{ "does not respond", 1U << MUTE, false },
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
		down->at = 4;	/* identity, power state, and the first of a mask */
		if (why[i].excluded)
			unit_exclude(down);
		unit_run(PCIQ_ESCALATE);
		if (why[i].excluded)
			expect_none(ALL_OF(down));
		expect_number(unit_get(up, PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
		expect_number(unit_get(port, PCI_COMMAND, 2) &
			      PCI_COMMAND_MASTER, PCI_COMMAND_MASTER);
		expect_recorded(f, WAS_CONTAINED, BY_BME);
		expect_recorded(up, WAS_CONTAINED, BY_BRIDGE);
		expect_number(unit.head->ports_contained, 1);
		/* Once it is the turn of the next, this one is left alone. */
		expect_between(times_read(down, PCI_COMMAND), 0, 3);
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
	expect_recorded(f, REFUSED, BY_BME);
	expect_number(unit.head->ports_contained, 0);
	expect_verdict(PARTIAL, 1, 2);
}

/* What was reset, and is quiet, needs none. */
static void test_not_after_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(CONTAIN));
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_number(unit.head->ports_contained, 0);
}

/* A port that is not ready again forwards nothing, and is not read. */
static void test_port_is_lost(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);

	(void)state;
	up->set = 1U << NEVER_BACK;
	unit_run(PCIQ_RESET);
	expect_none(OF(READY, down));
	expect_none(WRITES_OF(READY, up));
	expect_none(OF(CONTAIN, down));
	expect_none(OF(CONTAIN, up));
	expect_recorded(f, WAS_CONTAINED, BY_NOT_READY);
	expect_recorded(port, WAS_CONTAINED, BY_BRIDGE);
	expect_recorded(up, REFUSED, BY_BRIDGE);
	expect_verdict(CONTAINED, 0, 1);
}

static void test_no_response(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	add_display(port, 1);
	f->set = 1U << MUTE;	/* and goes on mastering */
	f->at = 1;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_CONTAINED, BY_NO_RESPONSE);
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
	expect_recorded(vf, WAS_CONTAINED, BY_BME);
	expect_recorded(port, WAS_CONTAINED, BY_BRIDGE);
	expect_recorded(pf, QUIET, BY_PLAN);
}

/* It is not the port of a function that it stops: INTx passes, and CXL.cache. */
static void test_what_passes(void **state)
{
	static const struct {
		const char *name;
		bool no_intx_disable, cache;
		u8 reason;
	} rows[] = {
		{ "INTx", true, false, PCIQ_BY_INTX },
		{ "CXL.cache", false, true, PCIQ_BY_CACHE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = endpoint;
		struct function *port, *f;

		unit.row = rows[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		shape.no_intx_disable = rows[i].no_intx_disable;
		shape.cxl = rows[i].cache;
		shape.cxl_cache = rows[i].cache;
		f = unit_add(port, 0, &shape);
		unit_run(PCIQ_ESCALATE);
		expect_none(ALL(CONTAIN));
		expect_number(unit_entry(f)->outcome, PCIQ_REFUSED);
		expect_number(unit_entry(f)->reason, rows[i].reason);
		expect_number(unit_get(port, PCI_COMMAND, 2) &
			      PCI_COMMAND_MASTER, PCI_COMMAND_MASTER);
		expect_verdict(PARTIAL, 0, 1);
	}
}

/* Another card in its place, or memory: nobody knows what it does there. */
static void test_another_function(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *refuser = add_refuser(port, 1);

	(void)state;
	add_display(port, 2);
	unit_snapshot();
	config_put(f->now, PCI_DEVICE_ID, 2, 0x1234);
	unit_crash();
	unit.quirks = true;	/* the model knows of no other card */
	unit_go();
	expect_none(ALL_WRITES_OF(f));
	expect_recorded(f, UNTOUCHED, BY_IDENTITY);
	expect_recorded(refuser, WAS_CONTAINED, BY_BME);
	expect_verdict(PARTIAL, 1, 3);
}

/* One that was found closed is closed as well. */
static void test_found_closed(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0);

	(void)state;
	add_display(port, 1);
	unit_set(port, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_recorded(port, WAS_CONTAINED, BY_BRIDGE);
	expect_verdict(CONTAINED, 1, 2);
}

/* On a root bus there is no port. */
static void test_no_port(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	f->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, REFUSED, BY_BME);
	expect_none(WRITES(CONTAIN));
	expect_verdict(PARTIAL, 0, 1);
}

/* A port that does not respond is below another one, too. */
static void test_port_does_not_respond(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);

	(void)state;
	up->set = 1U << DEAD;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_recorded(up, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_recorded(port, WAS_CONTAINED, BY_BRIDGE);
	expect_number(unit.head->ports_contained, 1);
	expect_number(unit.head->verdict, PCIQ_CONTAINED);
}

/* A CardBus bridge is no port of ours: the nearest port above it contains. */
static void test_below_cardbus(void **state)
{
	struct shape shape = { .vendor = 0x1217, .device = 0x7136,
			       .class = 0x060700, .type = CONVENTIONAL };
	struct function *port = unit_bridge(NULL, 8, &pci_bridge, 1, 2);
	struct function *cardbus = unit_add(port, 0, &shape), *f;

	(void)state;
	cardbus->header = PCI_HEADER_TYPE_CARDBUS;
	cardbus->excluded = true;
	build_buses(cardbus, 2, 2);
	f = unit_add(cardbus, 0, &conventional);
	f->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_recorded(port, WAS_CONTAINED, BY_BRIDGE);
}

const struct CMUnitTest contain_tests[] = {
	UNIT(test_below_cardbus),
	UNIT(test_port_is_closed),
	UNIT(test_page_of_port),
	UNIT(test_once_for_all),
	UNIT(test_nearest),
	UNIT(test_next_one_up),
	UNIT(test_no_port_obeys),
	UNIT(test_not_after_reset),
	UNIT(test_port_is_lost),
	UNIT(test_no_response),
	UNIT(test_vf),
	UNIT(test_what_passes),
	UNIT(test_another_function),
	UNIT(test_found_closed),
	UNIT(test_no_port),
	UNIT(test_port_does_not_respond),
};

const size_t nr_contain_tests = ARRAY_SIZE(contain_tests);

// SPDX-License-Identifier: GPL-2.0-only
/* The parser of the snapshot, and the plan that kexec-quiesce shows. */
#include <xxhash.h>

#include "unit.h"

#include "explain/means.h"
#include "explain/plan.h"
#include "explain/registers.h"
#include "read/snapshot.h"

#define NR 3

struct sample {
	struct pciq_snapshot head;
	struct pciq_window window;
	struct pciq_func func[NR];
	struct pciq_op op;
	__u16 unused;
	struct pciq_reset reset[NR];
	struct pciq_restore restore[2];
	struct pciq_op reset_op;
	__u16 unused2;
};

#define PART(type, field, count) \
	{ .offset = offsetof(type, field), .nr = (count) }

static void make_sums(void *snapshot)
{
	struct pciq_snapshot *head = snapshot;
	unsigned char *bytes = snapshot;
	const size_t from = offsetof(struct pciq_snapshot, cold_sum);

	head->cold_sum = XXH64(bytes + head->hot_bytes,
			       head->total_bytes - head->hot_bytes, 0);
	head->hot_sum = XXH64(bytes + from, head->hot_bytes - from, 0);
}

static struct sample make_sample(void)
{
	struct sample s = {
		.head = {
			.magic = { 'K', 'P', 'C', 'I', 'Q', 'S', 'N', 'P' },
			.version = PCIQ_SNAPSHOT_VERSION,
			.header_size = sizeof(s.head),
			.hot_bytes = offsetof(struct sample, reset),
			.total_bytes = sizeof(s),
			.windows = PART(struct sample, window, 1),
			.funcs = PART(struct sample, func, NR),
			.ops = PART(struct sample, op, 1),
			.resets = PART(struct sample, reset, NR),
			.restores = PART(struct sample, restore, 2),
			.reset_ops = PART(struct sample, reset_op, 1),
		},
		.func[1] = { .window = PCIQ_NO_WINDOW },
		.op = { .func = 2 },
		.reset = {
			{ .parent = 2, .nr = 2 },
			{ .parent = 2, .first = 2 },
			{ .parent = PCIQ_NONE, .first = 1, .nr = 1 },
		},
		.restore = { { .size = 2 }, { .size = 4 } },
	};

	return s;
}

static bool parse_sample(const void *data, size_t len, struct complaint *why)
{
	unsigned char *copy = malloc(len ? len : 1);
	struct snapshot snap;
	bool ok;

	if (len)
		memcpy(copy, data, len);
	ok = snapshot_parse(&snap, copy, len, why);
	if (ok && snap.head.windows.nr)
		snapshot_window(&snap, snap.head.windows.nr - 1);
	free(copy);
	return ok;
}

/* A damaged snapshot whose checksums are right. */
static void expect(struct sample s, const char *message)
{
	struct complaint why = { "" };

	make_sums(&s);
	assert_false(parse_sample(&s, sizeof(s), &why));
	if (!strstr(why.text, message))
		print_error("%s\n", why.text);
	assert_non_null(strstr(why.text, message));
}

static void test_sizes(void **state)
{
	struct sample s = make_sample();
	struct complaint why;
	size_t len;

	(void)state;
	make_sums(&s);
	assert_true(parse_sample(&s, sizeof(s), &why));
	for (len = 0; len < sizeof(s); len++)
		assert_false(parse_sample(&s, len, &why));
	s.head.header_size--;
	expect(s, "header of 375 bytes, 376 expected");
	s = make_sample();
	s.head.version = 1;
	expect(s, "snapshot version 1, this tool knows 3");
}

/* The parts lie in the two halves of the snapshot, and there is one of all. */
static void test_parts(void **state)
{
	struct sample s = make_sample();

	(void)state;
	s.head.funcs.nr = 0x05000000;	/* more than 2^32 bytes */
	s.head.resets.nr = 0x05000000;
	expect(s, "functions at");
	s = make_sample();
	s.head.windows.nr = 0x0b000000;
	expect(s, "windows at");
	s = make_sample();
	s.head.windows.offset = 0;
	expect(s, "windows at 0 do not fit");
	s = make_sample();
	s.head.ops.offset = UINT32_MAX;
	expect(s, "operations at");
	s = make_sample();
	s.head.resets.offset = s.head.hot_bytes - 4;
	expect(s, "3 resets at");
	s = make_sample();
	s.head.restores.offset = s.head.total_bytes - 23;
	expect(s, "2 registers at");
	s = make_sample();
	s.head.reset_ops.nr = 2;
	expect(s, "2 operations at");
	s = make_sample();
	s.head.resets.nr = NR - 1;
	expect(s, "2 resets for 3 functions");
}

static void expect_damaged(const struct sample *s, const char *message)
{
	struct complaint why = { "" };

	assert_false(parse_sample(s, sizeof(*s), &why));
	assert_non_null(strstr(why.text, message));
}

static void test_sums(void **state)
{
	struct sample s = make_sample();

	(void)state;
	make_sums(&s);
	s.func[2].entry.bus ^= 1;
	expect_damaged(&s, "checksum of its first part is wrong");
	s.func[2].entry.bus ^= 1;
	s.restore[1].value ^= 1;
	expect_damaged(&s, "checksum of its second part is wrong");
	s.restore[1].value ^= 1;
	s.head.took_us ^= 1;
	expect_damaged(&s, "checksum of its first part is wrong");
	s = make_sample();
	make_sums(&s);
	s.head.hot_bytes = sizeof(s.head) - 1;
	expect_damaged(&s, "a first part of 375 bytes");
	s.head.hot_bytes = s.head.total_bytes + 1;
	expect_damaged(&s, "a first part of");
}

static void test_links(void **state)
{
	struct sample s = make_sample();

	(void)state;
	s.reset[2].parent = 2;
	expect(s, "function 2 has parent 2 of 3");
	s.reset[2].parent = 0;
	expect(s, "function 2 has parent 0 of 3");
	s.reset[2].parent = 3;
	expect(s, "function 2 has parent 3 of 3");
	s = make_sample();
	s.func[1].window = 1;
	expect(s, "function 1 has window 1 of 1");
	s = make_sample();
	s.reset[0].nr = 3;
	expect(s, "function 0 has registers up to 3 of 2");
	s = make_sample();
	s.reset[1].first = UINT32_MAX;
	s.reset[1].nr = 2;
	expect(s, "function 1 has registers up to 4294967297 of 2");
	s = make_sample();
	s.op.func = 3;
	expect(s, "operation 0 is of function 3 of 3");
	s = make_sample();
	s.reset_op.func = UINT16_MAX;
	expect(s, "operation 0 is of function 65535 of 3");
	s = make_sample();
	s.restore[1].size = 1;
	expect(s, "register 1 has 1 bytes");
}

static void test_mutations(void **state)
{
	struct complaint why;
	__u32 x = 362436069U;
	struct sample s;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		s = make_sample();
		for (k = next_random(&x) % 4; k; k--)
			((unsigned char *)&s)[12 + next_random(&x) % 84] =
				next_random(&x);
		if (s.head.total_bytes <= sizeof(s) &&
		    s.head.hot_bytes <= s.head.total_bytes &&
		    s.head.hot_bytes >= sizeof(s.head))
			make_sums(&s);
		parse_sample(&s, next_random(&x) % (sizeof(s) + 1), &why);
	}
}

/*
 * 00:02.0 - 01:00.0 - 02:00.0, .1 (its VF), and on 00:03.0, which the operator
 * excluded, a display.
 */
enum { VF, PF, VGA, SWITCH, LOST, PORT, NR_TREE };

struct tree {
	struct pciq_snapshot head;
	struct pciq_window window;
	struct pciq_func func[NR_TREE];
	struct pciq_op op[2];
	struct pciq_reset reset[NR_TREE];
	struct pciq_restore restore[2];
	struct pciq_op reset_op[3];
};

static const struct tree tree = {
	.head = {
		.magic = { 'K', 'P', 'C', 'I', 'Q', 'S', 'N', 'P' },
		.version = PCIQ_SNAPSHOT_VERSION,
		.header_size = sizeof(tree.head),
		.hot_bytes = offsetof(struct tree, reset),
		.total_bytes = sizeof(tree),
		.windows = PART(struct tree, window, 1),
		.funcs = PART(struct tree, func, NR_TREE),
		.ops = PART(struct tree, op, 2),
		.resets = PART(struct tree, reset, NR_TREE),
		.restores = PART(struct tree, restore, 2),
		.reset_ops = PART(struct tree, reset_op, 3),
	},
	.func = {
		[VF].entry = { .bus = 2, .devfn = 1, .flags = PCIQ_F_VF },
		[PF].entry = { .bus = 2 },
		[VGA].entry = { .bus = 3, .flags = PCIQ_F_INTX },
		[SWITCH].entry = { .bus = 1, .flags = PCIQ_F_BRIDGE },
		[LOST].entry = { .devfn = 0x18,
				 .flags = PCIQ_F_BRIDGE |
					  PCIQ_F_EXCLUDE_USER },
		[PORT].entry = { .devfn = 0x10, .flags = PCIQ_F_BRIDGE },
	},
	.op = {
		{ .func = SWITCH, .reg = 0x4a, .clear = 1 },
		{ .func = PORT, .reg = 0x12c, .clear = 0xffff },
	},
	.reset = {
		[VF] = { .parent = PF, .plan = { 0, 2, 2, 3 },
			 .method = PCIQ_RESET_LINK, .command = 0x0004 },
		[PF] = { .parent = SWITCH, .plan = { 0, 2, 2, 3 },
			 .method = PCIQ_RESET_LINK, .nr = 2,
			 .command = 0x0106 },
		[VGA] = { .parent = LOST, .plan = { 0, 2, 2, 2 },
			  .no_reset = PCIQ_NOT_DISPLAY, .pcie_cap = 0x40,
			  .flr_reg = 0x48, .flr_bit = 0x8000 },
		[SWITCH] = { .parent = PORT, .plan = { 0, 1, 1, 3 },
			     .method = PCIQ_RESET_LINK, .pcie_cap = 0x54,
			     .command = 0x0507 },
		[LOST] = { .parent = PCIQ_NONE,
			   .no_reset = PCIQ_NOT_EXCLUDED },
		[PORT] = { .parent = PCIQ_NONE, .plan = { 0, 1, 1, 3 },
			   .method = PCIQ_RESET_LINK, .pcie_cap = 0x54 },
	},
	.restore = {
		{ .reg = 0x10, .size = 4, .compare = 1, .value = 0xfe000000,
		  .keep = 0xf },
		{ .reg = 0x3c, .size = 2, .value = 0x010b },
	},
	.reset_op = {
		{ .func = PF, .reg = 0x48, .clear = 0xf, .never = 0x8000,
		  .when = PCIQ_WHEN_RESET },
		{ .func = PORT, .reg = 0x3e, .clear = 2, .never = 0x440,
		  .when = PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_CONTAIN },
		{ .func = PORT, .reg = 0x6e, .events = 0x108,
		  .when = PCIQ_WHEN_LINK_RESET, .slot = 1 },
	},
};

/* Of a tree that was changed: @snap refers to it. */
static struct snapshot parsed(struct tree *s)
{
	struct complaint why;
	struct snapshot snap;

	make_sums(s);
	assert_true(snapshot_parse(&snap, s, sizeof(*s), &why));
	return snap;
}

static void test_means(void **state)
{
	const unsigned int escalate = PCIQ_ESCALATE;
	const unsigned int reset = PCIQ_RESET;
	const unsigned int none = PCIQ_NONE;
	struct tree s = tree;
	struct snapshot snap = parsed(&s);
	struct tally n;

	(void)state;
	/* One that refuses has its own link reset, policy reset the topmost. */
	assert_int_equal(means_of(&snap, PF, escalate).link, SWITCH);
	assert_int_equal(means_of(&snap, VF, escalate).link, SWITCH);
	assert_int_equal(means_of(&snap, PF, reset).link, PORT);
	assert_int_equal(means_of(&snap, VF, reset).link, PORT);
	assert_int_equal(means_of(&snap, SWITCH, reset).link, PORT);
	assert_int_equal(means_of(&snap, PORT, reset).link, none);
	assert_int_equal(means_of(&snap, VGA, reset).link, none);
	assert_int_equal(means_of(&snap, VF, escalate).contain, SWITCH);
	assert_int_equal(means_of(&snap, VGA, escalate).contain, none);

	n = means_tally(&snap, escalate);
	assert_int_equal(n.disabled, 3);
	assert_int_equal(n.or_link, 2);
	assert_int_equal(n.or_nothing, 1);
	assert_int_equal(n.by_link + n.by_flr + n.links, 0);
	n = means_tally(&snap, reset);
	assert_int_equal(n.disabled, 1);
	assert_int_equal(n.by_link, 2);
	assert_int_equal(n.links, 1);
}

/* The port next to it is the operator's: the one above that is closed. */
static void test_means_contain(void **state)
{
	struct tree s = tree;
	struct snapshot snap = parsed(&s);

	(void)state;
	s.func[SWITCH].entry.flags |= PCIQ_F_EXCLUDE_USER;
	assert_int_equal(means_of(&snap, VF, 2).contain, PORT);
	s.func[PORT].window = PCIQ_NO_WINDOW;
	assert_int_equal(means_of(&snap, VF, 2).contain,
			 PCIQ_NONE);
	/* A bridge of another kind is no port that could be closed, or reset. */
	s = tree;
	s.func[SWITCH].entry.flags = 0;
	assert_int_equal(means_of(&snap, VF, 2).contain, PCIQ_NONE);
	assert_int_equal(means_of(&snap, VF, 2).link, PCIQ_NONE);
}

static void expect_plan(const struct tree *s, unsigned int i,
			unsigned int policy, const char *why,
			const char *mark, const char *note)
{
	char buf[WHY_LEN], short_buf[MARK_LEN];
	struct tree copy = *s;
	struct plan plan = { .policy = policy, .snap = parsed(&copy) };

	assert_string_equal(plan_why(&plan, i, buf), why);
	assert_string_equal(plan_mark(&plan, i, short_buf), mark);
	assert_string_equal(plan_note(&plan, i, buf), note);
}

static void test_why(void **state)
{
	struct tree s = tree;

	(void)state;
	expect_plan(&s, PF, 0, "policy is off", "leave", "policy is off");
	expect_plan(&s, PF, 1,
		    "bus mastering off until pci_set_master(); could be reset by link of 0000:01:00.0",
		    "disable", "");
	expect_plan(&s, PF, 2,
		    "disabled; if it refuses: reset by link of 0000:01:00.0",
		    "disable>link", "");
	expect_plan(&s, PF, 3, "reset by link of 0000:00:02.0", "reset:link",
		    "");
	expect_plan(&s, VGA, 1,
		    "bus mastering off until pci_set_master(); cannot be reset (display)",
		    "disable", "");
	expect_plan(&s, VGA, 2,
		    "disabled; if it refuses: nothing stops it (display)",
		    "disable>nothing", "link: display");
	s.func[LOST].entry.flags = PCIQ_F_BRIDGE;
	expect_plan(&s, VGA, 2,
		    "disabled; if it refuses: contained at 0000:00:03.0 (display)",
		    "disable>contain", "link: display");
	expect_plan(&s, VGA, 3,
		    "only disabled, cannot be reset (display); if it refuses: contained at 0000:00:03.0",
		    "disable>contain", "link: display");
	s.reset[VGA].method = PCIQ_RESET_FLR;
	expect_plan(&s, VGA, 2, "disabled; if it refuses: FLR (link: display)",
		    "disable>flr", "link: display");
	s.reset[VGA].plan[3] = PCIQ_PLAN_RESET;
	expect_plan(&s, VGA, 3, "reset by FLR (link: display)", "reset:flr",
		    "link: display");
	/* Neither a reset nor a reason for none: no kernel says so. */
	s.reset[VGA].method = PCIQ_RESET_NONE;
	s.reset[VGA].no_reset = PCIQ_MAY_RESET;
	expect_plan(&s, VGA, 1, "bus mastering off until pci_set_master()", "disable", "");
	s.reset[VGA].plan[2] = PCIQ_PLAN_LEAVE;
	expect_plan(&s, VGA, 2, "no plan for it",
		    "leave", "no plan for it");
	/* Values that have no name. */
	s.reset[PF].method = 9;
	s.reset[PF].no_reset = 99;
	s.reset[PF].plan[3] = 9;
	expect_plan(&s, PF, 2,
		    "disabled; if it refuses: contained at 0000:01:00.0 (unknown(99))",
		    "disable>contain", "link: unknown(99)");
	expect_plan(&s, PF, 3, "", "unknown(9)", "link: unknown(99)");
}

static void test_why_ports(void **state)
{
	struct tree s = tree;

	(void)state;
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts off; its link can be reset",
		    "port", "can reset its link");
	expect_plan(&s, SWITCH, 3,
		    "a port: interrupts off; reset by link of 0000:00:02.0",
		    "reset:link", "");
	expect_plan(&s, PORT, 3,
		    "a port: interrupts off; its link is reset",
		    "port", "resets its link");
	expect_plan(&s, LOST, 3, "excluded by exclude=", "leave",
		    "excluded by exclude=");
	s.reset[PORT].method = PCIQ_RESET_NONE;
	s.reset[PORT].no_reset = PCIQ_NOT_EMPTY;
	s.reset[PORT].plan[PCIQ_RESET] = PCIQ_PLAN_PORT;
	expect_plan(&s, PORT, 1,
		    "a port: interrupts off; its link cannot be reset (empty)",
		    "port", "");
	expect_plan(&s, PORT, 3,
		    "a port: interrupts off; its link cannot be reset (empty)",
		    "port", "link: empty");
}

/* Flags that limit a plan, or explain why there is none. */
static const struct {
	unsigned int flags;
	unsigned int plan;
	const char *why;
	const char *mark;
	const char *note;
} flagged[] = {
	{ PCIQ_F_EXCLUDE_CLASS, PCIQ_PLAN_LEAVE,
	  "a class that no driver has made a bus master", "leave",
	  "a class that no driver has made a bus master" },
	{ PCIQ_F_EXCLUDE_CLASS | PCIQ_F_INTX_USED,
	  PCIQ_PLAN_LEAVE,
	  "left alone for its class, its driver uses INTx", "leave",
	  "left alone for its class, its driver uses INTx" },
	{ PCIQ_F_PEER | PCIQ_F_EXCLUDE_CLASS,
	  PCIQ_PLAN_LEAVE,
	  "left alone: another machine masters through it", "leave",
	  "left alone: another machine masters through it" },
	{ PCIQ_F_FIRMWARE_BME, PCIQ_PLAN_LEAVE,
	  "left alone: only firmware enabled bus mastering", "leave",
	  "left alone: only firmware enabled bus mastering" },
	{ PCIQ_F_UNREAD | PCIQ_F_OFFLINE,
	  PCIQ_PLAN_LEAVE,
	  "never read: it was in D3cold at the snapshot", "leave",
	  "never read: it was in D3cold at the snapshot" },
	{ PCIQ_F_FIRMWARE_BME | PCIQ_F_EXCLUDE_USER,
	  PCIQ_PLAN_LEAVE, "excluded by exclude=", "leave",
	  "excluded by exclude=" },
	{ PCIQ_F_OFFLINE, PCIQ_PLAN_DISABLE,
	  "disabled; if it refuses: reset by link of 0000:01:00.0; no power or no response at the snapshot",
	  "disable>link", "no power or no response at the snapshot" },
	{ PCIQ_F_CXL_CACHE, PCIQ_PLAN_DISABLE,
	  "disabled; if it refuses: reset by link of 0000:01:00.0; CXL.cache does not depend on BME",
	  "disable>link", "CXL.cache does not depend on BME" },
	{ PCIQ_F_INTX | PCIQ_F_INTX_USED |
	  PCIQ_F_INTX_BROKEN, PCIQ_PLAN_DISABLE,
	  "disabled; if it refuses: reset by link of 0000:01:00.0; INTx Disable has no effect",
	  "disable>link", "INTx Disable has no effect" },
	/* No driver or MSI in use, or no pin. */
	{ PCIQ_F_INTX | PCIQ_F_INTX_BROKEN,
	  PCIQ_PLAN_DISABLE,
	  "disabled; if it refuses: reset by link of 0000:01:00.0", "disable>link",
	  "" },
	{ PCIQ_F_INTX_USED | PCIQ_F_INTX_BROKEN,
	  PCIQ_PLAN_DISABLE,
	  "disabled; if it refuses: reset by link of 0000:01:00.0", "disable>link",
	  "" },
	{ PCIQ_F_SLOW_STORAGE | PCIQ_F_RESET_USER,
	  PCIQ_PLAN_RESET, "reset by link of 0000:01:00.0",
	  "reset:link", "" },
	{ PCIQ_F_RESET_USER | PCIQ_F_CXL_CACHE,
	  PCIQ_PLAN_RESET,
	  "reset by link of 0000:01:00.0; CXL.cache does not depend on BME",
	  "reset:link", "CXL.cache does not depend on BME" },
};

static void test_why_flags(void **state)
{
	struct tree s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(flagged); i++) {
		s = tree;
		s.func[PF].entry.flags |= flagged[i].flags;
		s.reset[PF].plan[2] = flagged[i].plan;
		expect_plan(&s, PF, 2, flagged[i].why, flagged[i].mark,
			    flagged[i].note);
	}
	/* Blocked resets are named with their reason. */
	s = tree;
	s.reset[PF].method = PCIQ_RESET_NONE;
	s.reset[PF].no_reset = PCIQ_NOT_STORAGE;
	expect_plan(&s, PF, 2,
		    "disabled; if it refuses: contained at 0000:01:00.0 (slow-storage)",
		    "disable>contain", "link: slow-storage");
	s.func[SWITCH].entry.flags |= PCIQ_F_HELD;
	s.reset[SWITCH].method = PCIQ_RESET_NONE;
	s.reset[SWITCH].no_reset = PCIQ_NOT_HELD;
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts off; its link cannot be reset (held-in-reset)",
		    "port", "link: held-in-reset");
}

/* reset= resets under escalate, too: the links of the ports that it marks. */
static void test_reset_user(void **state)
{
	struct tree s = tree;
	struct snapshot snap = parsed(&s);
	struct tally n;

	(void)state;
	s.reset[PF].plan[2] = PCIQ_PLAN_RESET;
	s.reset[VF].plan[2] = PCIQ_PLAN_RESET;
	s.reset[SWITCH].plan[2] = PCIQ_PLAN_RESET;
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.by_link, 2);
	assert_int_equal(n.links, 1);
	assert_int_equal(n.disabled, 1);
	assert_int_equal(means_of(&snap, VF, 2).link, SWITCH);
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts off; its link is reset",
		    "port", "resets its link");
	expect_plan(&s, PORT, 2,
		    "a port: interrupts off; its link can be reset",
		    "port", "can reset its link");
	/* Of links one below the other the topmost, with all below it. */
	s.reset[PORT].plan[2] = PCIQ_PLAN_RESET;
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.links, 1);
	assert_int_equal(means_of(&snap, VF, 2).link, PORT);
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts off; reset by link of 0000:00:02.0",
		    "reset:link", "");
	s.reset[PORT].plan[2] = PCIQ_PLAN_PORT;
	/* Each by a link of its own, or by FLR. */
	s.reset[VGA].plan[2] = PCIQ_PLAN_RESET;
	s.reset[VGA].method = PCIQ_RESET_LINK;
	s.reset[LOST].method = PCIQ_RESET_LINK;
	s.reset[LOST].plan[2] = PCIQ_PLAN_RESET;
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.by_link, 3);
	assert_int_equal(n.links, 2);
	s.reset[VGA].method = PCIQ_RESET_FLR;
	s.reset[LOST].plan[2] = PCIQ_PLAN_PORT;
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.by_link, 2);
	assert_int_equal(n.by_flr, 1);
	assert_int_equal(n.links, 1);
	n = means_tally(&snap, PCIQ_BUSMASTER);
	assert_int_equal(n.links, 0);
}

static void expect_missed(unsigned int flags, unsigned int window,
			  const char *reason)
{
	struct function func = {
		.entry.flags = flags,
		.window = window,
	};

	if (reason)
		assert_string_equal(func_missed(&func), reason);
	else
		assert_null(func_missed(&func));
}

static void test_missed(void **state)
{
	const unsigned int intx = PCIQ_F_INTX |
				  PCIQ_F_INTX_USED;

	(void)state;
	expect_missed(0, 0, NULL);
	expect_missed(PCIQ_F_EXCLUDE_CLASS, 0xffff, NULL);
	expect_missed(PCIQ_F_EXCLUDE_CLASS | PCIQ_F_INTX, 0,
		      NULL);
	expect_missed(PCIQ_F_EXCLUDE_CLASS | intx, 0,
		      "left alone for its class, its driver uses INTx");
	expect_missed(PCIQ_F_EXCLUDE_CLASS | PCIQ_F_PEER, 0,
		      "another machine masters through it");
	expect_missed(PCIQ_F_EXCLUDE_USER, 0, "excluded by exclude=");
	expect_missed(0, 0xffff, "no config window reaches it");
	expect_missed(PCIQ_F_VMD, 0, NULL);
	expect_missed(PCIQ_F_VMD, 0xffff,
		      "no config window reaches it");
	expect_missed(PCIQ_F_FIRMWARE_BME, 0,
		      "only firmware enabled bus mastering");
	expect_missed(PCIQ_F_UNREAD | PCIQ_F_OFFLINE, 0,
		      "in D3cold at the snapshot: never read");
	expect_missed(PCIQ_F_OFFLINE, 0, NULL);
	expect_missed(PCIQ_F_CXL_CACHE, 0,
		      "CXL.cache does not depend on BME");
	expect_missed(intx, 0, NULL);
	expect_missed(intx | PCIQ_F_INTX_BROKEN, 0,
		      "INTx Disable has no effect");
}

struct changes {
	const char *const *want;
	unsigned int nr;
};

/* "3 0010.4 clear set never events", and what is remarked. */
static void check_change(const struct change *change, void *data)
{
	struct changes *left = data;
	char got[80];

	snprintf(got, sizeof(got), "%u %02x.%u %x %x %x %x%s%s", change->func,
		 change->reg, change->size, change->clear, change->set,
		 change->never, change->events,
		 change->compare ? " compare" : "",
		 change->requested ? " requested" : "");
	assert_true(left->nr);
	assert_string_equal(got, *left->want);
	left->want++;
	left->nr--;
}

static void expect_changes(const struct tree *s, unsigned int policy,
			   enum moment moment, const char *const *want,
			   unsigned int nr)
{
	struct tree copy = *s;
	struct plan plan = { .policy = policy, .snap = parsed(&copy) };
	struct changes left = { want, nr };

	changes_at(&plan, moment, check_change, &left);
	assert_int_equal(left.nr, 0);
}

#define CHANGES(s, policy, moment, ...) do {				\
	static const char *const wanted[] = { __VA_ARGS__ };		\
									\
	expect_changes(s, policy, moment, wanted, ARRAY_SIZE(wanted));	\
} while (0)

static void test_changes(void **state)
{
	const unsigned int policy = PCIQ_ESCALATE;
	enum moment moment;

	(void)state;
	for (moment = 0; moment < NR_MOMENTS; moment++) {
		expect_changes(&tree, PCIQ_OFF, moment, NULL, 0);
		if (moment != AT_ANY_CRASH)
			expect_changes(&tree, PCIQ_BUSMASTER, moment, NULL, 0);
	}
	CHANGES(&tree, PCIQ_BUSMASTER, AT_ANY_CRASH, "0 04.2 4 0 0 0",
		"1 04.2 4 0 0 0", "2 04.2 4 400 0 0", "3 4a.2 1 0 0 0",
		"5 12c.2 ffff 0 0 0");
	CHANGES(&tree, policy, AT_LINK_RESET_PREPARE, "5 3e.2 2 0 440 0",
		"5 6e.2 0 0 0 108");
	CHANGES(&tree, policy, AT_RESET_PREPARE, "1 48.2 f 0 8000 0");
	CHANGES(&tree, policy, AT_CONTAIN_PREPARE, "5 3e.2 2 0 440 0");
	CHANGES(&tree, policy, AT_LINK_RESET, "5 3e.2 0 40 400 0",
		"3 3e.2 0 40 400 0");
	CHANGES(&tree, policy, AT_LINK_RELEASE, "3 3e.2 40 0 400 0",
		"5 3e.2 40 0 400 0");
	expect_changes(&tree, policy, AT_FLR, NULL, 0);
	/* The bits to keep are as they are found; bus mastering stays off. */
	CHANGES(&tree, policy, AT_RESTORE, "3 04.2 ffff 503 0 0",
		"1 10.4 fffffff0 fe000000 0 0 compare",
		"1 3c.2 ffff 10b 0 0", "1 04.2 ffff 502 0 0");
	CHANGES(&tree, policy, AT_CONTAIN, "3 04.2 4 0 0 0", "5 04.2 4 0 0 0");
}

static void test_changes_requested(void **state)
{
	struct tree s = tree;

	(void)state;
	/* The lower one only if the upper one is not reset after all. */
	CHANGES(&s, PCIQ_RESET, AT_LINK_RESET, "5 3e.2 0 40 400 0 requested",
		"3 3e.2 0 40 400 0");
	s.reset[VGA].method = PCIQ_RESET_FLR;
	CHANGES(&s, PCIQ_RESET, AT_FLR, "2 48.2 0 8000 0 0");
	s.reset[VGA].plan[PCIQ_RESET] = PCIQ_PLAN_RESET;
	CHANGES(&s, PCIQ_RESET, AT_FLR, "2 48.2 0 8000 0 0 requested");
	/* By the Advanced Features capability. */
	s.reset[VGA].flr_reg = 0x9c;
	s.reset[VGA].flr_bit = 0x0001;
	CHANGES(&s, PCIQ_RESET, AT_FLR, "2 9c.2 0 1 0 0 requested");
	/* Reset by itself, below a port that is not. */
	CHANGES(&s, PCIQ_ESCALATE, AT_RESTORE, "3 04.2 ffff 503 0 0",
		"2 04.2 ffff 400 0 0", "1 10.4 fffffff0 fe000000 0 0 compare",
		"1 3c.2 ffff 10b 0 0", "1 04.2 ffff 502 0 0");
	/* A VF is gone with a reset of its PF, and has maybe FLR of its own. */
	s.reset[PORT].method = PCIQ_RESET_NONE;
	s.reset[SWITCH].method = PCIQ_RESET_NONE;
	s.reset[VGA].method = PCIQ_RESET_NONE;
	s.reset[PF].method = PCIQ_RESET_FLR;
	s.reset[PF].nr = 0;
	CHANGES(&s, PCIQ_ESCALATE, AT_RESTORE, "1 04.2 ffff 502 0 0");
	s.reset[VF].method = PCIQ_RESET_FLR;
	CHANGES(&s, PCIQ_ESCALATE, AT_RESTORE, "1 04.2 ffff 502 0 0",
		"0 04.2 ffff 400 0 0");
	/* Left alone, out of reach, or with nothing below. */
	s.func[PORT].window = PCIQ_NO_WINDOW;
	s.reset[SWITCH].no_reset = PCIQ_NOT_EMPTY;
	expect_changes(&s, PCIQ_ESCALATE, AT_CONTAIN, NULL, 0);
}

static void test_register_names(void **state)
{
	struct function port = {
		.entry.flags = PCIQ_F_BRIDGE,
		.reset.pcie_cap = 0x54,
	};
	struct function func = { .reset.flr_reg = 0x9c };
	char buf[REGISTER_NAME_LEN];

	(void)state;
	assert_string_equal(register_name(&port, 0x04, buf), "COMMAND");
	assert_string_equal(register_name(&port, 0x3e, buf), "BRIDGE_CONTROL");
	assert_string_equal(register_name(&port, 0x18, buf), "PRIMARY_BUS");
	assert_string_equal(register_name(&port, 0x53, buf), "");
	assert_string_equal(register_name(&port, 0x54, buf), "CAP_EXP+0");
	assert_string_equal(register_name(&port, 0x8e, buf), "CAP_EXP+3a");
	assert_string_equal(register_name(&port, 0x90, buf), "");
	assert_string_equal(register_name(&func, 0x3e, buf), "");
	assert_string_equal(register_name(&func, 0x18, buf), "BASE_ADDRESS_2");
	assert_string_equal(register_name(&func, 0x08, buf), "");
	assert_string_equal(register_name(&func, 0x9c, buf), "CAP_AF+4");
	assert_string_equal(register_name(&func, 0x9e, buf), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_means),
		cmocka_unit_test(test_means_contain),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_why_ports),
		cmocka_unit_test(test_why_flags),
		cmocka_unit_test(test_reset_user),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_changes_requested),
		cmocka_unit_test(test_register_names),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}

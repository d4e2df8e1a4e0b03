// SPDX-License-Identifier: GPL-2.0-only
/* The parser of the snapshot, and the plan that kexec-quiesce shows. */
#include "unit.h"

#include "explain/means.h"
#include "explain/plan.h"
#include "read/snapshot.h"

#define NR 3

struct image {
	struct pciq_image head;
	struct pciq_window window;
	struct pciq_func func[NR];
};

static struct image sample_image(void)
{
	struct image s = {
		.head = {
			.magic = "KPCIQSN",
			.version = 1,
			.header_size = sizeof(s.head),
			.func_size = sizeof(s.func[0]),
			.total_bytes = sizeof(s),
			.nr_windows = 1,
			.nr_funcs = NR,
			.windows_offset = offsetof(struct image, window),
			.funcs_offset = offsetof(struct image, func),
		},
		.func = {
			{ .parent = 2 },
			{ .parent = 2, .window = PCIQ_NO_WINDOW },
			{ .parent = PCIQ_NONE },
		},
	};

	s.head.magic[7] = 'P';
	return s;
}

static bool parse_image(const void *data, size_t len, struct complaint *why)
{
	unsigned char *copy = malloc(len ? len : 1);
	struct snapshot snap;
	bool ok;

	if (len)
		memcpy(copy, data, len);
	ok = snapshot_parse(&snap, copy, len, why);
	if (ok && snap.head.nr_windows)
		snapshot_window(&snap, snap.head.nr_windows - 1);
	free(copy);
	return ok;
}

static void expect_image(const struct image *s, const char *message)
{
	struct complaint why = { "" };

	assert_false(parse_image(s, sizeof(*s), &why));
	assert_non_null(strstr(why.text, message));
}

static void test_image_sizes(void **state)
{
	struct image s = sample_image();
	struct complaint why;
	size_t len;

	(void)state;
	assert_true(parse_image(&s, sizeof(s), &why));
	for (len = 0; len < sizeof(s); len++)
		assert_false(parse_image(&s, len, &why));
	s.head.nr_funcs = 0x04000000;	/* 2^32 bytes */
	expect_image(&s, "functions at");
	s = sample_image();
	s.head.nr_windows = 0x08000000;
	expect_image(&s, "windows at");
	s = sample_image();
	s.head.funcs_offset = UINT32_MAX;
	expect_image(&s, "functions at");
	s = sample_image();
	s.head.windows_offset = 0;
	expect_image(&s, "windows at");
	s = sample_image();
	s.head.func_size = 63;
	expect_image(&s, "functions of 63 bytes");
}

static void test_image_links(void **state)
{
	struct image s = sample_image();

	(void)state;
	s.func[2].parent = 2;
	expect_image(&s, "function 2 has parent 2 of 3");
	s.func[2].parent = 0;
	expect_image(&s, "function 2 has parent 0 of 3");
	s.func[2].parent = 3;
	expect_image(&s, "function 2 has parent 3 of 3");
	s = sample_image();
	s.func[1].window = 1;
	expect_image(&s, "function 1 has window 1 of 1");
}

static void test_image_mutations(void **state)
{
	struct complaint why;
	__u32 x = 362436069U;
	struct image s;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		s = sample_image();
		for (k = next_random(&x) % 4; k; k--)
			((unsigned char *)&s)[8 + next_random(&x) % 64] =
				next_random(&x);
		parse_image(&s, next_random(&x) % (sizeof(s) + 1), &why);
	}
}

/* Behind the header and behind each function there may be more. */
static void test_image_longer(void **state)
{
	const size_t size = sizeof(struct pciq_func) + 8;
	struct image s = sample_image();
	struct complaint why;
	struct snapshot snap;
	unsigned char *buf;
	size_t head, len;
	unsigned int i;

	(void)state;
	head = sizeof(s.head) + 8;
	len = head + sizeof(s.window) + NR * size;
	buf = malloc(len);
	memset(buf, 0xee, len);
	s.head.header_size = head;
	s.head.func_size = size;
	s.head.windows_offset = head;
	s.head.funcs_offset = head + sizeof(s.window);
	s.head.total_bytes = len;
	memcpy(buf, &s.head, sizeof(s.head));
	memcpy(buf + head, &s.window, sizeof(s.window));
	for (i = 0; i < NR; i++) {
		s.func[i].settle_ms = 100 + i;
		memcpy(buf + s.head.funcs_offset + i * size, &s.func[i],
		       sizeof(s.func[i]));
	}
	assert_true(snapshot_parse(&snap, buf, len, &why));
	for (i = 0; i < NR; i++)
		assert_int_equal(snapshot_func(&snap, i).settle_ms, 100 + i);
	free(buf);
}

/*
 * 00:02.0 - 01:00.0 - 02:00.0, .1 (its VF), and on 00:03.0, which the operator
 * excluded, a display.
 */
enum { VF, PF, VGA, SWITCH, LOST, PORT, NR_TREE };

struct tree_image {
	struct pciq_image head;
	struct pciq_window window;
	struct pciq_func func[NR_TREE];
};

static const struct tree_image tree_image = {
	.head = {
		.magic = { 'K', 'P', 'C', 'I', 'Q', 'S', 'N', 'P' },
		.version = 1,
		.header_size = sizeof(tree_image.head),
		.func_size = sizeof(tree_image.func[0]),
		.total_bytes = sizeof(tree_image),
		.nr_windows = 1,
		.nr_funcs = NR_TREE,
		.windows_offset = offsetof(struct tree_image, window),
		.funcs_offset = offsetof(struct tree_image, func),
	},
	.func = {
		[VF] = { .bus = 2, .devfn = 1, .parent = PF,
			 .flags = PCIQ_F_VF, .plan = { 0, 2, 2, 3 },
			 .reset = PCIQ_RESET_LINK },
		[PF] = { .bus = 2, .parent = SWITCH, .plan = { 0, 2, 2, 3 },
			 .reset = PCIQ_RESET_LINK },
		[VGA] = { .bus = 3, .parent = LOST, .plan = { 0, 2, 2, 2 },
			  .forbidden = PCIQ_NOT_DISPLAY },
		[SWITCH] = { .bus = 1, .parent = PORT,
			     .flags = PCIQ_F_BRIDGE,
			     .plan = { 0, 1, 1, 3 },
			     .reset = PCIQ_RESET_LINK },
		[LOST] = { .devfn = 0x18, .parent = PCIQ_NONE,
			   .flags = PCIQ_F_BRIDGE |
				    PCIQ_F_EXCLUDE_USER,
			   .forbidden = PCIQ_NOT_EXCLUDED },
		[PORT] = { .devfn = 0x10, .parent = PCIQ_NONE,
			   .flags = PCIQ_F_BRIDGE,
			   .plan = { 0, 1, 1, 1 },
			   .reset = PCIQ_RESET_LINK },
	},
};

static void test_means(void **state)
{
	const unsigned int escalate = PCIQ_ESCALATE;
	const unsigned int reset = PCIQ_RESET;
	const unsigned int none = PCIQ_NONE;
	struct complaint why;
	struct snapshot snap;
	struct tally n;

	(void)state;
	assert_true(snapshot_parse(&snap, &tree_image, sizeof(tree_image),
				   &why));
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
	assert_int_equal(n.gated, 3);
	assert_int_equal(n.or_link, 2);
	assert_int_equal(n.or_nothing, 1);
	assert_int_equal(n.by_link + n.by_flr + n.links, 0);
	n = means_tally(&snap, reset);
	assert_int_equal(n.gated, 1);
	assert_int_equal(n.by_link, 2);
	assert_int_equal(n.links, 1);
}

/* The port next to it is the operator's: the one above that is closed. */
static void test_means_contain(void **state)
{
	struct tree_image s = tree_image;
	struct complaint why;
	struct snapshot snap;

	(void)state;
	s.func[SWITCH].flags |= PCIQ_F_EXCLUDE_USER;
	assert_true(snapshot_parse(&snap, &s, sizeof(s), &why));
	assert_int_equal(means_of(&snap, VF, 2).contain, PORT);
	s.func[PORT].window = PCIQ_NO_WINDOW;
	assert_int_equal(means_of(&snap, VF, 2).contain,
			 PCIQ_NONE);
	/* A bridge of another kind is no port that could be closed, or reset. */
	s = tree_image;
	s.func[SWITCH].flags = 0;
	assert_int_equal(means_of(&snap, VF, 2).contain, PCIQ_NONE);
	assert_int_equal(means_of(&snap, VF, 2).link, PCIQ_NONE);
}

static void expect_plan(const struct tree_image *s, unsigned int i,
			unsigned int policy, const char *why,
			const char *mark, const char *note)
{
	char buf[WHY_LEN], short_buf[MARK_LEN];
	struct plan plan = { .policy = policy };
	struct complaint complaint;

	assert_true(snapshot_parse(&plan.snap, s, sizeof(*s), &complaint));
	assert_string_equal(plan_why(&plan, i, buf), why);
	assert_string_equal(plan_mark(&plan, i, short_buf), mark);
	assert_string_equal(plan_note(&plan, i, buf), note);
}

static void test_why(void **state)
{
	struct tree_image s = tree_image;

	(void)state;
	expect_plan(&s, PF, 0, "policy is off", "leave", "policy is off");
	expect_plan(&s, PF, 1,
		    "bus mastering off until pci_set_master(); could be reset by link of 0000:01:00.0",
		    "gate", "");
	expect_plan(&s, PF, 2,
		    "gated; if it refuses: reset by link of 0000:01:00.0",
		    "gate>link", "");
	expect_plan(&s, PF, 3, "reset by link of 0000:00:02.0", "reset:link",
		    "");
	expect_plan(&s, VGA, 1,
		    "bus mastering off until pci_set_master(); cannot be reset (display)",
		    "gate", "");
	expect_plan(&s, VGA, 2,
		    "gated; if it refuses: nothing stops it (display)",
		    "gate>nothing", "link: display");
	s.func[LOST].flags = PCIQ_F_BRIDGE;
	expect_plan(&s, VGA, 2,
		    "gated; if it refuses: contained at 0000:00:03.0 (display)",
		    "gate>contain", "link: display");
	expect_plan(&s, VGA, 3,
		    "only gated, cannot be reset (display); if it refuses: contained at 0000:00:03.0",
		    "gate>contain", "link: display");
	s.func[VGA].reset = PCIQ_RESET_FLR;
	expect_plan(&s, VGA, 2, "gated; if it refuses: FLR (link: display)",
		    "gate>flr", "link: display");
	s.func[VGA].plan[3] = PCIQ_PLAN_RESET;
	expect_plan(&s, VGA, 3, "reset by FLR (link: display)", "reset:flr",
		    "link: display");
	/* An older module knows no resets, and does not say why not. */
	s.func[VGA].reset = PCIQ_RESET_NONE;
	s.func[VGA].forbidden = PCIQ_ALLOWED;
	expect_plan(&s, VGA, 1, "bus mastering off until pci_set_master()", "gate", "");
	s.func[VGA].plan[2] = PCIQ_PLAN_LEAVE;
	expect_plan(&s, VGA, 2, "the module that is loaded has no plan for it",
		    "leave", "the module that is loaded has no plan for it");
	/* A newer one may know more of everything. */
	s.func[PF].reset = 9;
	s.func[PF].forbidden = 99;
	s.func[PF].plan[3] = 9;
	expect_plan(&s, PF, 2,
		    "gated; if it refuses: contained at 0000:01:00.0 (unknown(99))",
		    "gate>contain", "link: unknown(99)");
	expect_plan(&s, PF, 3, "", "unknown(9)", "link: unknown(99)");
}

static void test_why_ports(void **state)
{
	struct tree_image s = tree_image;

	(void)state;
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts and error reporting off; its link can be reset",
		    "mask", "can reset its link");
	expect_plan(&s, SWITCH, 3, "reset by link of 0000:00:02.0",
		    "reset:link", "");
	expect_plan(&s, PORT, 3,
		    "a port: interrupts and error reporting off; its link is reset",
		    "mask", "resets its link");
	expect_plan(&s, LOST, 3, "excluded by exclude=", "leave",
		    "excluded by exclude=");
	s.func[PORT].reset = PCIQ_RESET_NONE;
	s.func[PORT].forbidden = PCIQ_NOT_EMPTY;
	expect_plan(&s, PORT, 1,
		    "a port: interrupts and error reporting off; its link cannot be reset (empty)",
		    "mask", "");
	expect_plan(&s, PORT, 3,
		    "a port: interrupts and error reporting off; its link cannot be reset (empty)",
		    "mask", "link: empty");
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
	{ PCIQ_F_OFFLINE, PCIQ_PLAN_GATE,
	  "gated; if it refuses: reset by link of 0000:01:00.0; no power or no response at the snapshot",
	  "gate>link", "no power or no response at the snapshot" },
	{ PCIQ_F_CXL_CACHE, PCIQ_PLAN_GATE,
	  "gated; if it refuses: reset by link of 0000:01:00.0; CXL.cache does not depend on BME",
	  "gate>link", "CXL.cache does not depend on BME" },
	{ PCIQ_F_INTX | PCIQ_F_INTX_USED |
	  PCIQ_F_INTX_BROKEN, PCIQ_PLAN_GATE,
	  "gated; if it refuses: reset by link of 0000:01:00.0; INTx Disable has no effect",
	  "gate>link", "INTx Disable has no effect" },
	/* No driver or MSI in use, or no pin. */
	{ PCIQ_F_INTX | PCIQ_F_INTX_BROKEN,
	  PCIQ_PLAN_GATE,
	  "gated; if it refuses: reset by link of 0000:01:00.0", "gate>link",
	  "" },
	{ PCIQ_F_INTX_USED | PCIQ_F_INTX_BROKEN,
	  PCIQ_PLAN_GATE,
	  "gated; if it refuses: reset by link of 0000:01:00.0", "gate>link",
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
	struct tree_image s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(flagged); i++) {
		s = tree_image;
		s.func[PF].flags |= flagged[i].flags;
		s.func[PF].plan[2] = flagged[i].plan;
		expect_plan(&s, PF, 2, flagged[i].why, flagged[i].mark,
			    flagged[i].note);
	}
	/* Blocked resets are named with their reason. */
	s = tree_image;
	s.func[PF].reset = PCIQ_RESET_NONE;
	s.func[PF].forbidden = PCIQ_NOT_STORAGE;
	expect_plan(&s, PF, 2,
		    "gated; if it refuses: contained at 0000:01:00.0 (slow-storage)",
		    "gate>contain", "link: slow-storage");
	s.func[SWITCH].flags |= PCIQ_F_HELD;
	s.func[SWITCH].reset = PCIQ_RESET_NONE;
	s.func[SWITCH].forbidden = PCIQ_NOT_HELD;
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts and error reporting off; its link cannot be reset (held-in-reset)",
		    "mask", "link: held-in-reset");
}

/* reset= resets under escalate, too: the links of the ports that it marks. */
static void test_reset_user(void **state)
{
	struct tree_image s = tree_image;
	struct complaint why;
	struct snapshot snap;
	struct tally n;

	(void)state;
	s.func[PF].plan[2] = PCIQ_PLAN_RESET;
	s.func[VF].plan[2] = PCIQ_PLAN_RESET;
	s.func[SWITCH].flags |= PCIQ_F_RESET_USER;
	assert_true(snapshot_parse(&snap, &s, sizeof(s), &why));
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.by_link, 2);
	assert_int_equal(n.links, 1);
	assert_int_equal(n.gated, 1);
	assert_int_equal(means_of(&snap, VF, 2).link, SWITCH);
	expect_plan(&s, SWITCH, 2,
		    "a port: interrupts and error reporting off; its link is reset",
		    "mask", "resets its link");
	expect_plan(&s, PORT, 2,
		    "a port: interrupts and error reporting off; its link can be reset",
		    "mask", "can reset its link");
	/* Of links one below the other the topmost, with all below it. */
	s.func[PORT].flags |= PCIQ_F_RESET_USER;
	s.func[SWITCH].plan[2] = PCIQ_PLAN_RESET;
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.links, 1);
	assert_int_equal(means_of(&snap, VF, 2).link, PORT);
	expect_plan(&s, SWITCH, 2, "reset by link of 0000:00:02.0",
		    "reset:link", "");
	s.func[PORT].flags &= ~PCIQ_F_RESET_USER;
	/* Each by a link of its own, or by FLR. */
	s.func[VGA].plan[2] = PCIQ_PLAN_RESET;
	s.func[VGA].reset = PCIQ_RESET_LINK;
	s.func[LOST].reset = PCIQ_RESET_LINK;
	s.func[LOST].flags |= PCIQ_F_RESET_USER;
	n = means_tally(&snap, PCIQ_ESCALATE);
	assert_int_equal(n.by_link, 3);
	assert_int_equal(n.links, 2);
	s.func[VGA].reset = PCIQ_RESET_FLR;
	s.func[LOST].flags &= ~PCIQ_F_RESET_USER;
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
	struct pciq_func func = { .flags = flags, .window = window };

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image_sizes),
		cmocka_unit_test(test_image_links),
		cmocka_unit_test(test_image_mutations),
		cmocka_unit_test(test_image_longer),
		cmocka_unit_test(test_means),
		cmocka_unit_test(test_means_contain),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_why_ports),
		cmocka_unit_test(test_why_flags),
		cmocka_unit_test(test_reset_user),
		cmocka_unit_test(test_missed),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}

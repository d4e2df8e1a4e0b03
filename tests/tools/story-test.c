// SPDX-License-Identifier: GPL-2.0-only
/* The explanations of kexec-quiesce report for functions that refused. */
#include "unit.h"

#include "explain/story.h"
#include "read/record.h"

#define DISABLED	(PCIQ_DID_READ | PCIQ_DID_DISABLE)
#define RESET	(DISABLED | PCIQ_DID_RESET)
#define READY	(RESET | PCIQ_DID_RESTORE)

#define BME	"refused (BME read back set)"
#define LINK	"link of 0000:00:02.0 reset"
#define MAY	": may still write memory"
#define CLOSED	": contained at 0000:00:1c.0"

#define NR 5

struct sample {
	struct pciq_record head;
	struct pciq_entry entry[NR];
};

static struct pciq_entry port(__u8 devfn, unsigned int done,
			      unsigned int above)
{
	return (struct pciq_entry) {
		.devfn = devfn,
		.reason = PCIQ_BY_BRIDGE,
		.done = done,
		.flags = PCIQ_F_BRIDGE,
		.port = above,
	};
}

/*
 * A function, the port above, whose link was reset, and the one above that, which
 * was closed.  The last two are of another link, and would be nearer by number.
 */
static struct sample sample_record(void)
{
	return (struct sample) {
		.head = {
			.magic = { 'K', 'P', 'C', 'I', 'Q', 'R', 'E', 'C' },
			.version = PCIQ_RECORD_VERSION,
			.header_size = sizeof(struct pciq_record),
			.entry_size = sizeof(struct pciq_entry),
			.total_bytes = sizeof(struct sample),
			.nr_entries = NR,
		},
		.entry = {
			{ .bus = 2, .port = 2 },
			port(0x10, PCIQ_DID_ASSERT, 3),
			port(0xe0, PCIQ_DID_CONTAIN, 0),
			port(0x08, PCIQ_DID_ASSERT, 0),
			port(0xf0, PCIQ_DID_CONTAIN, 0),
		},
	};
}

static struct record sample_parsed(const struct sample *s)
{
	struct complaint why;
	struct record rec;

	assert_true(record_parse(&rec, s, sizeof(*s), &why));
	return rec;
}

/* Of function 0 of the sample. */
static const struct {
	const char *want;	/* NULL: nothing to explain */
	struct pciq_entry entry;
} tales[] = {
	{ NULL, { .outcome = PCIQ_QUIET, .done = DISABLED } },
	{ NULL, { .outcome = PCIQ_EXCLUDED,
		  .reason = PCIQ_BY_USER } },
	{ NULL, { .outcome = PCIQ_WAS_RESET, .done = READY,
		  .reason = PCIQ_BY_LINK, .ready_us = 1 } },
	{ NULL, { .outcome = PCIQ_WAS_CONTAINED,
		  .reason = PCIQ_BY_BRIDGE,
		  .flags = PCIQ_F_BRIDGE } },
	{ NULL, { .outcome = PCIQ_ABSENT } },
	{ BME MAY,
	  { .outcome = PCIQ_REFUSED, .done = DISABLED,
	    .reason = PCIQ_BY_BME } },
	{ BME ", " LINK ", ready after 103 ms, restored: quiet",
	  { .outcome = PCIQ_WAS_RESET, .done = READY,
	    .reason = PCIQ_BY_BME, .ready_us = 103999 } },
	{ BME ", FLR, ready after 1.5 ms, restored: quiet",
	  { .outcome = PCIQ_WAS_RESET,
	    .done = READY | PCIQ_DID_FLR,
	    .reason = PCIQ_BY_BME, .ready_us = 1500 } },
	{ "no response (reads as all ones), " LINK ", ready after 10 ms, restored: quiet",
	  { .outcome = PCIQ_WAS_RESET, .done = READY,
	    .reason = PCIQ_BY_NO_RESPONSE, .ready_us = 10000 } },
	{ BME ", reset with its PF: quiet",
	  { .outcome = PCIQ_WAS_RESET, .done = RESET,
	    .reason = PCIQ_BY_BME, .ready_us = 5,
	    .flags = PCIQ_F_VF } },
	{ BME ", reset blocked (display)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = DISABLED,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_DISPLAY } },
	{ BME ", not reset (no-time)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = DISABLED,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_TIME } },
	{ BME ", " LINK ", no response" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = RESET,
	    .reason = PCIQ_BY_NOT_READY, .command_after = 0x507 } },
	{ LINK ", no response" MAY,
	  { .outcome = PCIQ_REFUSED, .done = RESET,
	    .reason = PCIQ_BY_NOT_READY, .command_after = 0x503 } },
	{ "no response (reads as all ones), " LINK ", no response" MAY,
	  { .outcome = PCIQ_REFUSED, .done = RESET,
	    .reason = PCIQ_BY_NOT_READY, .command_after = 0xffff } },
	{ LINK ", ready after 103 ms, restored, BME set again" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = READY,
	    .reason = PCIQ_BY_BME, .ready_us = 103000 } },
	{ LINK ", ready after 103 ms, restored, then no response" MAY,
	  { .outcome = PCIQ_REFUSED, .done = READY,
	    .reason = PCIQ_BY_NOT_READY, .ready_us = 103000,
	    .command_after = 0xffff } },
	{ LINK ", ready after 103 ms, restored, not read again (no time)" MAY,
	  { .outcome = PCIQ_REFUSED, .done = READY,
	    .reason = PCIQ_BY_NOT_READY, .ready_us = 103000,
	    .command_after = 0x503 } },
	{ "no response (reads as all ones)" MAY,
	  { .outcome = PCIQ_ABSENT,
	    .reason = PCIQ_BY_NO_RESPONSE } },
	{ BME ", not reset (no-effect)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED,
	    .done = DISABLED | PCIQ_DID_FLR,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_TAKEN } },
	{ "refused (INTx Disable has no effect): may still interrupt",
	  { .outcome = PCIQ_REFUSED, .done = DISABLED,
	    .reason = PCIQ_BY_INTX, .command_after = 0x403 } },
	{ LINK ", ready after 103 ms, restored, INTx Disable has no effect: may still interrupt",
	  { .outcome = PCIQ_REFUSED, .done = READY,
	    .reason = PCIQ_BY_INTX, .ready_us = 103000,
	    .command_after = 0x403 } },
	{ "refused (CXL.cache does not depend on BME)" MAY,
	  { .outcome = PCIQ_REFUSED, .done = DISABLED,
	    .reason = PCIQ_BY_CACHE, .command_after = 0x402 } },
	{ "no response (reads as all ones)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED,
	    .reason = PCIQ_BY_NO_RESPONSE, .command_after = 0xffff } },
	{ BME ", transactions were pending, FLR, ready after 100 ms, restored: quiet",
	  { .outcome = PCIQ_WAS_RESET,
	    .done = READY | PCIQ_DID_FLR | PCIQ_DID_DRAIN,
	    .reason = PCIQ_BY_BME, .ready_us = 100000 } },
	{ BME ", reset blocked (slow-storage)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = DISABLED,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_STORAGE } },
	{ BME ", reset blocked (firmware-dpc)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = DISABLED,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_FIRMWARE } },
	{ BME ", reset blocked (held-in-reset)" MAY,
	  { .outcome = PCIQ_REFUSED, .done = DISABLED,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_HELD } },
	{ BME ", not reset (changed)" CLOSED,
	  { .outcome = PCIQ_WAS_CONTAINED, .done = DISABLED,
	    .reason = PCIQ_BY_BME,
	    .no_reset = PCIQ_NOT_CURRENT } },
	/* The reason is in the table. */
	{ NULL, { .reason = PCIQ_BY_FIRMWARE,
		  .command_before = 0xffff } },
	{ NULL, { .reason = PCIQ_BY_PEER,
		  .command_before = 0xffff } },
	{ NULL, { .reason = PCIQ_BY_POWER,
		  .command_before = 0xffff } },
	{ NULL, { .outcome = PCIQ_ABSENT,
		  .reason = PCIQ_BY_POWER } },
	{ NULL, { .outcome = PCIQ_ABSENT,
		  .reason = PCIQ_BY_POWER,
		  .flags = PCIQ_F_BRIDGE } },
	{ "not reset (no-time): left alone",
	  { .outcome = PCIQ_EXCLUDED,
	    .reason = PCIQ_BY_CLASS,
	    .no_reset = PCIQ_NOT_TIME } },
	{ "not reset (no-time): disabled",
	  { .outcome = PCIQ_QUIET, .done = DISABLED,
	    .no_reset = PCIQ_NOT_TIME } },
	{ "not reset (changed): found quiet",
	  { .outcome = PCIQ_ALREADY_QUIET,
	    .no_reset = PCIQ_NOT_CURRENT } },
	{ NULL, { .reason = PCIQ_BY_BRIDGE,
		  .no_reset = PCIQ_NOT_TIME,
		  .flags = PCIQ_F_BRIDGE } },
	{ NULL, { .reason = PCIQ_BY_BRIDGE,
		  .no_reset = PCIQ_NOT_TAKEN,
		  .flags = PCIQ_F_BRIDGE } },
	{ "a port, link below not reset (no-effect)",
	  { .outcome = PCIQ_WAS_CONTAINED,
	    .reason = PCIQ_BY_BRIDGE,
	    .done = PCIQ_DID_ASSERT | PCIQ_DID_CONTAIN,
	    .no_reset = PCIQ_NOT_TAKEN,
	    .flags = PCIQ_F_BRIDGE } },
	{ LINK ", no response: a port, no response from below it",
	  { .outcome = PCIQ_REFUSED,
	    .reason = PCIQ_BY_BRIDGE,
	    .done = PCIQ_DID_RESET,
	    .flags = PCIQ_F_BRIDGE } },
};

static void test_stories(void **state)
{
	struct sample s = sample_record();
	struct record rec = sample_parsed(&s);
	char story[STORY_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(tales); i++) {
		s.entry[0] = tales[i].entry;
		s.entry[0].port = 2;
		assert_int_equal(story_worthy(&s.entry[0]), !!tales[i].want);
		if (tales[i].want)
			assert_string_equal(story_of(&rec, 0, story),
					    tales[i].want);
	}
}

/* Reset, not ready, so contained: names both ports, or "the" and "a" port. */
static void expect_ports(const struct record *rec, const char *reset,
			 const char *closed)
{
	char story[STORY_LEN], want[STORY_LEN];

	snprintf(want, sizeof(want),
		 "%s reset, no response: contained at %s", reset, closed);
	assert_string_equal(story_of(rec, 0, story), want);
}

static struct sample not_ready_sample(void)
{
	struct sample s = sample_record();

	s.entry[0].outcome = PCIQ_WAS_CONTAINED;
	s.entry[0].reason = PCIQ_BY_NOT_READY;
	s.entry[0].done = RESET;
	return s;
}

static void test_story_nearest(void **state)
{
	struct sample s = not_ready_sample();
	struct record rec = sample_parsed(&s);

	(void)state;
	expect_ports(&rec, "link of 0000:00:02.0", "0000:00:1c.0");
	/* The one above, too: the nearer is named. */
	s.entry[1].done |= PCIQ_DID_CONTAIN;
	s.entry[2].done |= PCIQ_DID_ASSERT;
	expect_ports(&rec, "link of 0000:00:02.0", "0000:00:02.0");
	/* It was written, but nothing came of it. */
	s.entry[1].no_reset = PCIQ_NOT_TAKEN;
	expect_ports(&rec, "link of 0000:00:1c.0", "0000:00:02.0");
	s.entry[1].done = 0;
	expect_ports(&rec, "link of 0000:00:1c.0", "0000:00:1c.0");
	s.entry[2].domain = 0x10000;
	expect_ports(&rec, "link of 10000:00:1c.0", "10000:00:1c.0");
	s.entry[0].port = 5;
	expect_ports(&rec, "the link above", "0000:00:1e.0");
}

/* Damaged: nothing is guessed. */
static void test_story_unknown(void **state)
{
	static const __u32 wrong[] = { 0, 1, NR + 1, 1000000, UINT32_MAX };
	struct sample s = not_ready_sample();
	struct record rec = sample_parsed(&s);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		s.entry[0].port = wrong[i];
		expect_ports(&rec, "the link above", "a port above");
	}
	s.entry[0].port = 2;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		s.entry[1].port = wrong[i];
		expect_ports(&rec, "link of 0000:00:02.0", "a port above");
	}
	/* In a circle. */
	s.entry[1].done = 0;
	s.entry[1].port = 3;
	s.entry[2].done = 0;
	s.entry[2].port = 2;
	expect_ports(&rec, "the link above", "a port above");
	/* Through something that is no port. */
	s = not_ready_sample();
	s.entry[1].flags = 0;
	expect_ports(&rec, "the link above", "a port above");
}

static struct pciq_entry *long_chain(struct record *rec,
				     unsigned int nr)
{
	struct pciq_entry *entry = calloc(nr, sizeof(*entry));
	unsigned int i;

	for (i = 0; i < nr; i++)
		entry[i] = port(0x10, 0, i + 2);
	entry[0] = not_ready_sample().entry[0];
	entry[nr - 1].done = PCIQ_DID_ASSERT |
			     PCIQ_DID_CONTAIN;
	memset(rec, 0, sizeof(*rec));
	rec->head.nr_entries = nr;
	rec->head.entry_size = sizeof(*entry);
	rec->entries = (unsigned char *)entry;
	return entry;
}

/* There are 256 buses: a chain that a damaged record promises is not followed. */
static void test_story_long_chain(void **state)
{
	struct pciq_entry *entry;
	struct record rec;

	(void)state;
	entry = long_chain(&rec, 257);
	expect_ports(&rec, "link of 0000:00:02.0", "0000:00:02.0");
	free(entry);
	entry = long_chain(&rec, 258);
	expect_ports(&rec, "the link above", "a port above");
	free(entry);
}

static void expect_kinds(const struct pciq_entry *entry, bool reset,
			 bool closed)
{
	assert_int_equal(story_link_reset(entry), reset);
	assert_int_equal(story_port_closed(entry), closed);
}

static void test_story_port_kinds(void **state)
{
	struct pciq_entry e = port(0, PCIQ_DID_ASSERT, 0);

	(void)state;
	expect_kinds(&e, true, false);
	e.done |= PCIQ_DID_CONTAIN;
	expect_kinds(&e, true, true);
	e.no_reset = PCIQ_NOT_TAKEN;
	expect_kinds(&e, false, true);
	e.done = PCIQ_DID_RESET;
	expect_kinds(&e, false, false);
	e.done = PCIQ_DID_ASSERT | PCIQ_DID_CONTAIN;
	e.no_reset = PCIQ_MAY_RESET;
	e.flags = 0;
	expect_kinds(&e, false, false);
}

/* Ports are not counted. */
static void test_story_count(void **state)
{
	struct sample s = sample_record();
	struct record rec = sample_parsed(&s);
	struct stopped n;

	(void)state;
	s.entry[0].outcome = PCIQ_QUIET;
	s.entry[1].outcome = PCIQ_WAS_RESET;
	s.entry[2].outcome = PCIQ_WAS_CONTAINED;
	n = story_count(&rec);
	assert_int_equal(n.disabled, 1);
	assert_int_equal(n.reset + n.contained + n.not_stopped + n.left, 0);
	s.entry[1].flags = 0;
	s.entry[1].reason = PCIQ_BY_LINK;
	n = story_count(&rec);
	assert_int_equal(n.disabled, 1);
	assert_int_equal(n.reset, 1);
	assert_int_equal(n.found_quiet + n.contained + n.not_stopped + n.left,
			 0);
	/* It cannot write memory, but it is not stopped. */
	s.entry[0].outcome = PCIQ_REFUSED;
	s.entry[0].reason = PCIQ_BY_INTX;
	s.entry[1].outcome = PCIQ_ABSENT;
	s.entry[1].reason = PCIQ_BY_POWER;
	n = story_count(&rec);
	assert_int_equal(n.not_stopped, 1);
	assert_int_equal(n.left, 1);
	assert_int_equal(n.disabled + n.reset + n.found_quiet + n.contained, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_story_nearest),
		cmocka_unit_test(test_story_unknown),
		cmocka_unit_test(test_story_long_chain),
		cmocka_unit_test(test_story_port_kinds),
		cmocka_unit_test(test_story_count),
	};

	return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}

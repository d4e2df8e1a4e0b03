// SPDX-License-Identifier: GPL-2.0-only
/* The parsers of kexec-quiesce: every limit, and nothing read beyond it. */
#include <math.h>

#include <linux/kexec_quiesce_snapshot.h>
#include <linux/pci_regs.h>
#include <xxhash.h>

#include "unit.h"

#include "base/json.h"
#include "base/text.h"
#include "explain/names.h"
#include "read/noteline.h"
#include "read/record.h"

#define NR 4	/* so that the sample has no padding */
#define RECORD_BYTES (sizeof(struct pciq_record) +		\
		      NR * sizeof(struct pciq_entry))

struct sample {
	struct pciq_record head;
	struct pciq_entry entry[NR];
};

static struct sample sample_record(void)
{
	struct sample s = {
		.head = {
			.magic = "KPCIQRE",
			.version = PCIQ_RECORD_VERSION,
			.header_size = sizeof(s.head),
			.entry_size = sizeof(s.entry[0]),
			.total_bytes = RECORD_BYTES,
			.nr_entries = NR,
			.verdict = PCIQ_CLEAN,
			.tsc_khz = 1000000,
			.release = "6.1.0-test",
			.tsc = { 1000, 3000, 3000, 6000 },
		},
	};
	unsigned int i;

	s.head.magic[7] = 'C';
	for (i = 0; i < NR; i++)
		s.entry[i].devfn = i;
	return s;
}

/* In memory of exactly that size, so that a sanitizer sees one byte too far. */
static bool parse_copy(const void *data, size_t len, struct complaint *why)
{
	struct record rec;
	unsigned char *copy = malloc(len ? len : 1);
	unsigned int i, sum = 0;
	bool ok;

	if (len)
		memcpy(copy, data, len);
	ok = record_parse(&rec, copy, len, why);
	for (i = 0; ok && i < rec.head.nr_entries; i++)
		sum += record_entry(&rec, i).devfn +
		       (record_port(&rec, i) != NO_ENTRY);
	free(copy);
	return ok && sum != UINT32_MAX;
}

static void expect(const struct sample *s, const char *message)
{
	struct complaint why = { "" };

	assert_false(parse_copy(s, sizeof(*s), &why));
	assert_non_null(strstr(why.text, message));
}

static void test_good(void **state)
{
	struct sample s = sample_record();
	struct complaint why;
	struct record rec;

	(void)state;
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_int_equal(record_entry(&rec, 2).devfn, 2);
	assert_string_equal((char *)rec.head.release, "6.1.0-test");
}

static void test_unaligned(void **state)
{
	unsigned char buf[RECORD_BYTES + 1];
	struct sample s = sample_record();
	struct complaint why;
	struct record rec;

	(void)state;
	memcpy(buf + 1, &s, sizeof(s));
	assert_true(record_parse(&rec, buf + 1, sizeof(s), &why));
	assert_int_equal(record_entry(&rec, 1).devfn, 1);
}

static void test_every_length(void **state)
{
	struct sample s = sample_record();
	struct complaint why;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(s); len++) {
		assert_false(parse_copy(&s, len, &why));
		assert_non_null(strstr(why.text, "truncated record"));
	}
	assert_true(parse_copy(&s, len, &why));
}

static void test_identity(void **state)
{
	struct sample s = sample_record();

	(void)state;
	s.head.magic[7] = 'X';
	expect(&s, "wrong magic: a record begins with KPCIQREC");
	memset(s.head.magic, 0, sizeof(s.head.magic));
	expect(&s, "wrong magic: zeros");
	s = sample_record();
	s.head.version = 3;
	expect(&s, "record version 3, this tool knows 2: use the kexec-quiesce of its module");
	s.head.version = 1;
	expect(&s, "record version 1, this tool knows 2");
}

static void test_sizes(void **state)
{
	struct sample s = sample_record();

	(void)state;
	s.head.header_size = sizeof(s.head) - 1;
	expect(&s, "header of 279 bytes, at least 280");
	s.head.header_size = sizeof(s.head) + 1;
	expect(&s, "4 entries need 489 bytes");
	s = sample_record();
	s.head.entry_size = sizeof(s.entry[0]) - 1;
	expect(&s, "entries of 51 bytes, at least 52");
	s = sample_record();
	s.head.nr_entries = NR + 1;
	expect(&s, "5 entries need 540 bytes");
	s.head.nr_entries = UINT32_MAX;
	s.head.entry_size = UINT16_MAX;
	expect(&s, "4294967295 entries need");
	s = sample_record();
	s.head.total_bytes++;
	expect(&s, "truncated record: it says 489 bytes, there is room for 488");
}

/* Sizes whose product wraps in 32 bits to something that would fit. */
static void test_wrap(void **state)
{
	struct sample s = sample_record();

	(void)state;
	s.head.entry_size = 0x8000;
	s.head.nr_entries = 0x20000;
	expect(&s, "131072 entries need 4294967576 bytes");
}

/* Behind the header and behind each entry there may be more. */
static void test_longer(void **state)
{
	const size_t head = sizeof(struct pciq_record) + 8;
	const size_t size = sizeof(struct pciq_entry) + 8;
	const size_t len = head + NR * size;
	struct sample s = sample_record();
	unsigned char *buf = malloc(len);
	struct complaint why;
	struct record rec;
	unsigned int i;

	(void)state;
	memset(buf, 0xee, len);
	s.head.header_size = head;
	s.head.entry_size = size;
	s.head.total_bytes = len;
	memcpy(buf, &s.head, sizeof(s.head));
	for (i = 0; i < NR; i++) {
		s.entry[i].ready_us = 100 + i;
		memcpy(buf + head + i * size, &s.entry[i], sizeof(s.entry[i]));
	}
	assert_true(record_parse(&rec, buf, len, &why));
	for (i = 0; i < NR; i++)
		assert_int_equal(record_entry(&rec, i).ready_us, 100 + i);
	free(buf);
}

/* Of all that is behind it, and of nothing else. */
static void test_checksum(void **state)
{
	struct sample s = sample_record();
	const size_t from = offsetof(struct sample, head.total_bytes);
	unsigned char buf[sizeof(s) + 1];
	struct complaint why;
	struct record rec;
	size_t i;

	(void)state;
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_false(rec.checksum_ok);
	s.head.checksum = XXH64((unsigned char *)&s + from, sizeof(s) - from,
				0);
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_true(rec.checksum_ok);
	/* What is behind the record is not in it. */
	memcpy(buf, &s, sizeof(s));
	buf[sizeof(s)] = 0xee;
	assert_true(record_parse(&rec, buf, sizeof(buf), &why));
	assert_true(rec.checksum_ok);
	for (i = offsetof(struct sample, head.policy); i < sizeof(s); i++) {
		buf[i] ^= 1;
		assert_true(record_parse(&rec, buf, sizeof(buf), &why));
		assert_false(rec.checksum_ok);
		buf[i] ^= 1;
	}
}

/* Cut off in the record, so not terminated there. */
static void test_driver(void **state)
{
	struct pciq_entry e;
	char buf[DRIVER_LEN];

	(void)state;
	memcpy(e.driver, "snd_hda_intel", sizeof(e.driver));
	assert_string_equal(entry_driver(&e, buf), "snd_hda_inte");
	e.driver[3] = '\033';
	assert_string_equal(entry_driver(&e, buf), "snd?hda_inte");
	e.driver[0] = '\0';
	assert_string_equal(entry_driver(&e, buf), "");
}

/* Only to a port, and only to one that comes later. */
static void test_port(void **state)
{
	struct sample s = sample_record();
	struct complaint why;
	struct record rec;

	(void)state;
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_int_equal(record_port(&rec, 0), NO_ENTRY);
	s.entry[0].port = 2;
	assert_int_equal(record_port(&rec, 0), NO_ENTRY);
	s.entry[1].flags = PCIQ_F_BRIDGE;
	assert_int_equal(record_port(&rec, 0), 1);
	s.entry[1].port = 3;
	s.entry[2].flags = PCIQ_F_BRIDGE;
	assert_int_equal(record_port(&rec, 1), 2);
	s.entry[0].port = 3;
	assert_int_equal(record_port(&rec, 0), 2);
	s.entry[1].port = 2;	/* itself */
	assert_int_equal(record_port(&rec, 1), NO_ENTRY);
	s.entry[2].port = 2;	/* what is below it */
	assert_int_equal(record_port(&rec, 2), NO_ENTRY);
	s.entry[2].port = NR + 1;
	assert_int_equal(record_port(&rec, 2), NO_ENTRY);
	s.entry[0].port = UINT32_MAX;
	assert_int_equal(record_port(&rec, 0), NO_ENTRY);
}

static void test_release(void **state)
{
	struct sample s = sample_record();
	struct complaint why;
	struct record rec;

	(void)state;
	memset(s.head.release, 'a', sizeof(s.head.release));
	s.head.release[1] = '\033';
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_int_equal(strlen((char *)rec.head.release), 63);
	assert_int_equal(rec.head.release[1], '?');
	memset(s.head.build, 'b', sizeof(s.head.build));
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_int_equal(strlen((char *)rec.head.build), 15);
}

static void test_head_alone(void **state)
{
	struct sample s = sample_record();
	struct complaint why;
	struct record rec;

	(void)state;
	assert_true(record_parse_head(&rec, &s, sizeof(s.head), sizeof(s),
				      &why));
	assert_null(rec.entries);
	assert_false(record_parse_head(&rec, &s, sizeof(s.head) - 1,
				       sizeof(s), &why));
	assert_non_null(strstr(why.text, "279 bytes, its header alone has 280"));
	assert_false(record_parse_head(&rec, &s, sizeof(s.head),
				       sizeof(s) - 1, &why));
}

static void test_times(void **state)
{
	struct sample s = sample_record();
	struct complaint why;
	struct record rec;

	(void)state;
	assert_true(record_parse(&rec, &s, sizeof(s), &why));
	assert_true(record_step_at(&rec, 1) == 2.0);
	assert_true(record_step_took(&rec, 0) == 2.0);
	assert_true(record_step_took(&rec, 1) == 0.0);
	assert_true(isnan(record_step_took(&rec, 3)));
	assert_true(isnan(record_step_at(&rec, 4)));
	/* What did not begin in between takes no time. */
	rec.head.tsc[PCIQ_STEP_DONE] = 9000;
	assert_true(record_step_took(&rec, 3) == 3.0);
	assert_true(isnan(record_step_took(&rec, 4)));
	rec.head.tsc[1] = 500;
	assert_true(isnan(record_step_at(&rec, 1)));
	assert_true(isnan(record_step_took(&rec, 0)));
	rec.head.tsc_khz = 0;
	assert_true(isnan(record_ticks_us(&rec, 5)));
}

static void test_commands(void **state)
{
	struct pciq_entry e = { .command_before = 0xffff };

	(void)state;
	assert_false(entry_command_known(&e, e.command_before));
	assert_true(entry_command_known(&e, 0x0507));
	e.done = PCIQ_DID_READ;
	assert_true(entry_command_known(&e, e.command_before));
}

#define FN	0
#define PORT	PCIQ_F_BRIDGE
#define ON	(PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY)
#define OFF	PCI_COMMAND_MEMORY
#define NEVER	0xffff

/* Per outcome and reason: may it still write memory, may it still interrupt. */
static const struct {
	unsigned int outcome;
	unsigned int reason;
	unsigned int flags;
	unsigned int before;
	bool master;
	bool interrupt;
} judged[] = {
	{ PCIQ_REFUSED, PCIQ_BY_BME, FN, ON, true, false },
	{ PCIQ_REFUSED, PCIQ_BY_NOT_READY, FN, ON, true, false },
	{ PCIQ_REFUSED, PCIQ_BY_CACHE, FN, OFF, true, false },
	{ PCIQ_REFUSED, PCIQ_BY_INTX, FN, OFF, false, true },
	{ PCIQ_UNTOUCHED, PCIQ_BY_INTX, FN, NEVER, false, true },
	{ PCIQ_WAS_RESET, PCIQ_BY_INTX, FN, ON, false, false },
	{ PCIQ_QUIET, PCIQ_BY_USER, FN, ON, false, false },
	{ PCIQ_EXCLUDED, PCIQ_BY_USER, FN, NEVER, true, false },
	{ PCIQ_EXCLUDED, PCIQ_BY_USER, FN, OFF, false, false },
	{ PCIQ_EXCLUDED, PCIQ_BY_USER, FN, ON, true, false },
	{ PCIQ_EXCLUDED, PCIQ_BY_CLASS, FN, ON, false, false },
	{ PCIQ_EXCLUDED, PCIQ_BY_PEER, FN, NEVER, true, false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_PEER, FN, NEVER, true, false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_FIRMWARE, FN, NEVER, true,
	  false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_POWER, FN, NEVER, true,
	  false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_DEADLINE, FN, NEVER, true,
	  false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_WINDOW, FN, NEVER, true,
	  false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY, FN, NEVER, true,
	  false },
	{ PCIQ_ABSENT, PCIQ_BY_PLAN, FN, NEVER, false, false },
	{ PCIQ_ABSENT, PCIQ_BY_POWER, FN, NEVER, false, false },
	{ PCIQ_ABSENT, PCIQ_BY_WINDOW, FN, NEVER, true, false },
	{ PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE, FN, NEVER, true,
	  false },
	{ PCIQ_WAS_CONTAINED, PCIQ_BY_NO_RESPONSE, FN, NEVER,
	  false, false },
	{ PCIQ_UNTOUCHED, PCIQ_BY_BRIDGE, PORT, ON, false,
	  false },
	{ PCIQ_REFUSED, PCIQ_BY_BRIDGE, FN, ON, false, false },
	{ PCIQ_WAS_CONTAINED, PCIQ_BY_BRIDGE, PORT, ON, false,
	  false },
	{ PCIQ_EXCLUDED, PCIQ_BY_USER, PORT, NEVER, false,
	  true },
	{ PCIQ_UNTOUCHED, PCIQ_BY_DEADLINE, PORT, NEVER, false,
	  true },
	{ PCIQ_UNTOUCHED, PCIQ_BY_WINDOW, PORT, NEVER, false,
	  true },
	{ PCIQ_ABSENT, PCIQ_BY_PLAN, PORT, NEVER, false,
	  false },
	{ PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE, PORT, NEVER, false,
	  true },
	{ PCIQ_ABSENT, PCIQ_BY_POWER, PORT, NEVER, false,
	  false },
};

static void test_may_master(void **state)
{
	struct pciq_entry e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(judged); i++) {
		e = (struct pciq_entry) {
			.outcome = judged[i].outcome,
			.reason = judged[i].reason,
			.flags = judged[i].flags,
			.command_before = judged[i].before,
		};
		assert_int_equal(entry_may_master(&e), judged[i].master);
		assert_int_equal(entry_may_interrupt(&e), judged[i].interrupt);
	}
}

static void test_mutations(void **state)
{
	struct sample s;
	struct complaint why;
	__u32 x = 2463534242U;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		s = sample_record();
		for (k = 0; k < NR; k++)
			s.entry[k].port = next_random(&x) >> i % 32;
		for (k = next_random(&x) % 4; k; k--)
			((unsigned char *)&s)[8 + next_random(&x) % 40] =
				next_random(&x);
		parse_copy(&s, next_random(&x) % (sizeof(s) + 1), &why);
	}
}

static void test_text(void **state)
{
	char buf[8];
	struct text text = text_begin(buf, sizeof(buf));

	(void)state;
	assert_string_equal(buf, "");
	text_add(&text, "%s", "abcd");
	text_add(&text, "%d", 567);
	assert_string_equal(buf, "abcd567");
	text_add(&text, "%s", "x");
	assert_string_equal(buf, "abcd567");
	text = text_begin(buf, sizeof(buf));
	text_add(&text, "%s", "0123456789");
	text_add(&text, "%s", "0123456789");
	assert_string_equal(buf, "0123456");
	assert_int_equal(text.used, 7);
}

static void test_note(void **state)
{
	struct complaint why;
	__u64 phys;
	size_t bytes;

	(void)state;
	assert_true(note_find_record("A=1\nKEXEC_PCI_QUIESCE(record)=0xAbc,280",
				     &phys, &bytes, &why));
	assert_int_equal(phys, 0xabc);
	assert_int_equal(bytes, 280);
	assert_false(note_find_record("", &phys, &bytes, &why));
	assert_non_null(strstr(why.text, "no record"));
	assert_false(note_find_record("KEXEC_PCI_QUIESCE(record)=", &phys,
				      &bytes, &why));
	assert_false(note_find_record("KEXEC_PCI_QUIESCE(record)=0x0x12,300\n",
				      &phys, &bytes, &why));
	assert_false(note_find_record("KEXEC_PCI_QUIESCE(record)=0x,300\n",
				      &phys, &bytes, &why));
	assert_false(note_find_record("KEXEC_PCI_QUIESCE(record)=0x1, 300\n",
				      &phys, &bytes, &why));
	assert_non_null(strstr(why.text, "malformed line"));
}

static void test_names(void **state)
{
	char buf[NAME_LEN], list[20];

	(void)state;
	assert_string_equal(name_of(&verdict_names, 5, buf), "aborted");
	assert_string_equal(name_of(&verdict_names, 7, buf), "unknown(7)");
	assert_string_equal(name_of(&reason_names, UINT32_MAX, buf),
			    "unknown(4294967295)");
	assert_int_equal(value_of(&policy_names, "reset"), 3);
	assert_int_equal(value_of(&policy_names, "nonsense"), -1);
	assert_string_equal(name_of(&reason_names, PCIQ_BY_LINK, buf),
			    "shared-link");
	assert_string_equal(name_of(&reset_names, PCIQ_RESET_FLR, buf),
			    "flr");
	assert_string_equal(name_of(&no_reset_names, PCIQ_NOT_DISPLAY,
				    buf), "display");
	assert_string_equal(name_of(&no_reset_names, PCIQ_NOT_TAKEN,
				    buf), "no-effect");
	assert_string_equal(name_of(&no_reset_names, 200, buf),
			    "unknown(200)");
	join_bits(&done_names, PCIQ_DID_FLR |
		  PCIQ_DID_CONTAIN, list, sizeof(list));
	assert_string_equal(list, "flr,contain");
	join_bits(&done_names, 0x7, list, sizeof(list));
	assert_string_equal(list, "read,disable,mask");
	join_bits(&done_names, 0xffffffff, list, sizeof(list));
	assert_string_equal(list, "read,disable,mask");
}

static void expect_json(const char *value, const char *quoted)
{
	char *text = NULL, want[128];
	struct json j;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	json_start(&j, f);
	json_string(&j, "k", value);
	json_finish(&j);
	fclose(f);
	snprintf(want, sizeof(want), "{\n  \"k\": %s\n}\n", quoted);
	assert_string_equal(text, want);
	free(text);
}

static void test_json_strings(void **state)
{
	(void)state;
	expect_json("plain", "\"plain\"");
	expect_json(NULL, "null");
	expect_json("a\"b\\c/", "\"a\\\"b\\\\c/\"");
	expect_json("\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\\u007f\"");
	expect_json("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	expect_json("\xff\xc0\xaf", "\"\\ufffd\\ufffd\\ufffd\"");
	expect_json("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	expect_json("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	expect_json("\xe2\x82", "\"\\ufffd\\ufffd\"");
}

static void test_json_nesting(void **state)
{
	static const char want[] =
		"{\n"
		"  \"a\": [],\n"
		"  \"b\": [\n"
		"    {\"x\": 1.500, \"y\": null, \"z\": true},\n"
		"    18446744073709551615\n"
		"  ]\n"
		"}\n";
	char *text = NULL;
	struct json j;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	json_start(&j, f);
	json_open(&j, "a", '[');
	json_close(&j, ']');
	json_open(&j, "b", '[');
	json_open(&j, NULL, '{');
	json_us(&j, "x", 1.5);
	json_us(&j, "y", NAN);
	json_bool(&j, "z", true);
	json_close(&j, '}');
	json_uint(&j, NULL, UINT64_MAX);
	json_close(&j, ']');
	json_finish(&j);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_unaligned),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_longer),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_driver),
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_head_alone),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_may_master),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_json_nesting),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}

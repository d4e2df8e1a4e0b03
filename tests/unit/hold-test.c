// SPDX-License-Identifier: GPL-2.0-only
/*
 * module/hold/record.c against dumps that are whole, cut short, and damaged: it
 * gives the record as it was written, or a reason, and never reads beyond what it
 * has.  Arguments: a dump with a record, one without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/slab.h>

#include "hold.h"

#define CHANGES	20000

struct file {
	u8 *bytes;
	size_t size;
};

static struct file whole, without, *now;
static struct pciq_record *good;
static size_t good_bytes;

/* === The kernel === */

struct file *filp_open(const char *path, int flags, unsigned short mode)
{
	(void)flags;
	(void)mode;
	assert_string_equal(path, "/proc/vmcore");
	return now ?: ERR_PTR(-ENOENT);
}

ssize_t kernel_read(struct file *file, void *to, size_t bytes, loff_t *at)
{
	if (*at < 0 || (size_t)*at >= file->size)
		return 0;
	bytes = min(bytes, file->size - (size_t)*at);
	memcpy(to, file->bytes + *at, bytes);
	*at += bytes;
	return bytes;
}

void fput(struct file *file)
{
	(void)file;
}

void *kvcalloc(size_t nr, size_t size, gfp_t flags)
{
	(void)flags;
	return calloc(nr, size);
}

void kvfree(const void *address)
{
	free((void *)address);
}

/* === Reading === */

static void load(struct file *file, const char *path)
{
	FILE *in = fopen(path, "rb");

	assert_non_null(in);
	fseek(in, 0, SEEK_END);
	file->size = ftell(in);
	rewind(in);
	file->bytes = malloc(file->size);
	assert_int_equal(fread(file->bytes, 1, file->size, in), file->size);
	fclose(in);
}

/* What is read is what was written, or there is a reason. */
static bool read_it(struct file *file)
{
	struct pciq_record *record;
	const char *why = NULL;

	now = file;
	record = hold_read_record(&why);
	if (!record) {
		assert_non_null(why);
		return false;
	}
	assert_int_equal(record->total_bytes, good_bytes);
	/* Before it is what the checksum does not cover, and nobody uses. */
	assert_memory_equal(&record->total_bytes, &good->total_bytes,
			    good_bytes -
				    offsetof(struct pciq_record, total_bytes));
	kvfree(record);
	return true;
}

static void expect_reason(struct file *file, const char *reason)
{
	const char *why = NULL;

	now = file;
	assert_null(hold_read_record(&why));
	assert_string_equal(why, reason);
}

static void test_whole(void **state)
{
	u32 i, held = 0;

	(void)state;
	for (i = 0; i < good->nr_entries; i++)
		held += hold_is_held(hold_entry(good, i));
	assert_true(held > 0 && held < good->nr_entries);
	assert_true(read_it(&whole));
}

static void test_none(void **state)
{
	struct file empty = { .bytes = whole.bytes, .size = 0 };

	(void)state;
	expect_reason(NULL, "/proc/vmcore cannot be read");
	expect_reason(&empty, "/proc/vmcore has no header");
	expect_reason(&without, "the crashed kernel had no PCI quiesce");
}

/* Cut anywhere: behind the record nothing is missed. */
static void test_cut(void **state)
{
	size_t step = whole.size / 2000 + 1, size, found = 0;

	(void)state;
	for (size = 0; size < whole.size; size += step) {
		u8 *bytes = malloc(size + 1);

		memcpy(bytes, whole.bytes, size);
		found += read_it(&(struct file){ bytes, size });
		free(bytes);
	}
	assert_true(found < whole.size / step);
}

/* A byte changed anywhere that is looked at. */
static void test_changed(void **state)
{
	size_t looked_at = min_t(size_t, whole.size, 65536), at;
	u64 random = 1;
	u32 i, lost = 0;

	(void)state;
	for (i = 0; i < CHANGES; i++) {
		u8 was;

		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (random >> 33) % looked_at;
		was = whole.bytes[at];
		whole.bytes[at] ^= 1 + (random >> 24) % 255;
		lost += !read_it(&whole);
		whole.bytes[at] = was;
	}
	assert_true(lost > 0);
	assert_true(read_it(&whole));
}

static size_t find(const void *what, size_t bytes)
{
	size_t at;

	for (at = 0; at + bytes <= whole.size; at++)
		if (!memcmp(whole.bytes + at, what, bytes))
			return at;
	fail_msg("not in the dump");
	return 0;
}

/* Each reason by the field that it is about. */
static void test_reasons(void **state)
{
	static const struct {
		size_t at;
		u8 value;
		const char *reason;
	} rows[] = {
		{ 0, 'X', "the record is damaged" },
		{ offsetof(struct pciq_record, version), 1, "the record is of another version" },
		{ offsetof(struct pciq_record, entry_size), 1, "the record is damaged" },
		{ offsetof(struct pciq_record, total_bytes) + 3, 0xff, "the record is damaged" },
		{ offsetof(struct pciq_record, nr_entries) + 3, 0xff, "the record is damaged" },
		{ offsetof(struct pciq_record, verdict), 0, "PCI quiesce did not run" },
		{ offsetof(struct pciq_record, held), 0xee, "the checksum of the record is wrong" },
		{ sizeof(struct pciq_record) + 8, 0xee, "the checksum of the record is wrong" },
	};
	size_t record = find(good, good_bytes), i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u8 *byte = &whole.bytes[record + rows[i].at], was = *byte;

		*byte = rows[i].value;
		expect_reason(&whole, rows[i].reason);
		*byte = was;
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_reasons),
	};
	const char *why;

	if (argc != 3) {
		fputs("Usage: hold-test DUMP DUMP-WITHOUT-RECORD\n", stderr);
		return 2;
	}
	load(&whole, argv[1]);
	load(&without, argv[2]);
	now = &whole;
	good = hold_read_record(&why);
	if (!good) {
		fprintf(stderr, "hold-test: %s: %s\n", argv[1], why);
		return 3;
	}
	good_bytes = good->total_bytes;
	return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}

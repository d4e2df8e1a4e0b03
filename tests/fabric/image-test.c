// SPDX-License-Identifier: GPL-2.0-only
/* Step "validate": which image is believed, and whether its headers are. */
#include <stdlib.h>

#include <linux/mm.h>
#include <linux/xxhash.h>

#include "kexec_pci_internal.h"
#include "unit.h"

#define AT(field)	offsetof(struct pciq_image, field)

static unsigned int newest(void)
{
	return pciq_ctl.newest;
}

static const struct pciq_image *slot(unsigned int which)
{
	return pciq_ctl.slot[which];
}

static void seal(struct pciq_image *image)
{
	u32 summed = offsetofend(struct pciq_image, hot_sum);

	image->cold_sum = xxh64((u8 *)image + image->hot_bytes,
				image->total_bytes - image->hot_bytes, 0);
	image->hot_sum = xxh64((u8 *)image + summed,
			       image->hot_bytes - summed, 0);
}

/* A copy of the newest image in its place, which can be written to. */
static struct pciq_image *forge(void)
{
	const struct pciq_image *image = pciq_newest();
	struct pciq_image *copy = malloc(image->total_bytes);

	memcpy(copy, image, image->total_bytes);
	pciq_ctl.slot[newest()] = copy;
	return copy;
}

static enum pciq_source picked(void)
{
	struct pciq_run run = { .work_until = ~0ULL };
	enum pciq_source source;

	return pciq_pick_image(&run, &source) ? source :
							 PCIQ_FROM_NONE;
}

static void small_machine(void)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);

	unit_add(port, 0, &endpoint);
	unit_capture();
}

static void test_newest(void **state)
{
	(void)state;
	small_machine();
	expect_number(picked(), PCIQ_FROM_NEWEST);
	free(forge());
	pciq_ctl.slot[newest()] = NULL;
	expect_number(picked(), PCIQ_FROM_OTHER);
	pciq_ctl.slot[!newest()] = NULL;
	expect_number(picked(), PCIQ_FROM_RAW);
	pciq_ctl.slot[PCIQ_SLOT_SEED] = NULL;
	expect_number(picked(), PCIQ_FROM_NONE);
}

/* The index itself may have been written over. */
static void test_index(void **state)
{
	(void)state;
	small_machine();
	pciq_ctl.newest += 2 * 0x1234;
	expect_number(picked(), PCIQ_FROM_NEWEST);
	pciq_ctl.newest &= 1;
}

/* Numbers that are wrong, under sums that are right. */
static void test_numbers(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
		size_t bytes;
		u64 change;
	} numbers[] = {
		{ "magic", AT(magic), 8, 1 },
		{ "version", AT(version), 2, 1 },
		{ "header_size", AT(header_size), 2, 8 },
		{ "func_size", AT(func_size), 2, 8 },
		{ "nr_windows", AT(nr_windows), 4, 3 },
		{ "nr_funcs", AT(nr_funcs), 4, -1 },
		{ "windows_offset", AT(windows_offset), 4, 64 },
		{ "funcs_offset", AT(funcs_offset), 4, 64 },
		{ "record_bytes, less", AT(record_bytes), 4, -1 },
		{ "record_bytes, more", AT(record_bytes), 4, 1 },
		{ "scratch_funcs", AT(scratch_funcs), 4, 1000 },
		{ "nothing", AT(generation), 4, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		bool last = i == ARRAY_SIZE(numbers) - 1;
		struct pciq_image *image;
		u64 value = 0;

		unit.row = numbers[i].name;
		unit_begin();
		small_machine();
		image = forge();
		memcpy(&value, (u8 *)image + numbers[i].offset,
		       numbers[i].bytes);
		value += numbers[i].change;
		memcpy((u8 *)image + numbers[i].offset, &value,
		       numbers[i].bytes);
		seal(image);
		expect_number(picked(), last ? PCIQ_FROM_NEWEST :
					       PCIQ_FROM_OTHER);
		free(image);
	}
}

static void test_no_record(void **state)
{
	struct pciq_image *image;

	(void)state;
	small_machine();
	image = forge();
	image->record_virt = 0;
	seal(image);
	expect_number(picked(), PCIQ_FROM_OTHER);
	free(image);
}

/* So many windows and functions, all of them in order: is it believed? */
static bool is_believed(u32 nr_windows, u32 nr_funcs, u32 scratch_funcs)
{
	u32 offset = pciq_funcs_offset(nr_windows);
	u32 hot = offset + nr_funcs * sizeof(struct pciq_func);
	u32 entries = max(nr_funcs, scratch_funcs);
	struct pciq_image *image = calloc(1, hot);
	bool believed;

	memcpy(image, pciq_newest(), sizeof(*image));
	image->nr_windows = nr_windows;
	image->nr_funcs = nr_funcs;
	image->scratch_funcs = scratch_funcs;
	image->funcs_offset = offset;
	image->hot_bytes = hot;
	image->total_bytes = hot;
	image->record_bytes = sizeof(struct pciq_record) +
			      entries * sizeof(struct pciq_entry);
	seal(image);
	pciq_ctl.slot[newest()] = image;
	believed = picked() == PCIQ_FROM_NEWEST;
	free(image);
	return believed;
}

static void test_bounds(void **state)
{
	const struct pciq_image *original;

	(void)state;
	small_machine();
	original = slot(newest());
	assert_true(is_believed(1, PCIQ_MAX_FUNCS, 0));
	pciq_ctl.slot[newest()] = original;
	assert_false(is_believed(1, PCIQ_MAX_FUNCS + 1, 0));
	pciq_ctl.slot[newest()] = original;
	assert_true(is_believed(PCIQ_MAX_WINDOWS, 1, 0));
	pciq_ctl.slot[newest()] = original;
	assert_false(is_believed(PCIQ_MAX_WINDOWS + 1, 1, 0));
	pciq_ctl.slot[newest()] = original;
	assert_true(is_believed(1, 0, PCIQ_MAX_SCRATCH));
	pciq_ctl.slot[newest()] = original;
	assert_false(is_believed(1, 0, PCIQ_MAX_SCRATCH + 1));
	pciq_ctl.slot[newest()] = original;
	/* No windows and no functions: nothing to go by. */
	assert_false(is_believed(0, 0, 0));
	pciq_ctl.slot[newest()] = original;
}

/* Two of the header's numbers are about the headers only. */
static bool is_about_cold(u32 offset)
{
	return offset >= offsetof(struct pciq_image, saved_size) &&
	       offset < offsetof(struct pciq_image, hot_bytes);
}

/* Each bit that steps, window and functions go by. */
static void test_any_bit(void **state)
{
	struct pciq_image *image;
	u32 bit;

	(void)state;
	small_machine();
	image = forge();
	for (bit = 0; bit < 8 * image->hot_bytes; bit++) {
		u32 bytes = image->hot_bytes;

		((u8 *)image)[bit / 8] ^= 1U << bit % 8;
		if (picked() != (is_about_cold(bit / 8) ?
					 PCIQ_FROM_NEWEST :
					 PCIQ_FROM_OTHER))
			fail_msg("bit %u of byte %u of %u", bit % 8, bit / 8,
				 bytes);
		((u8 *)image)[bit / 8] ^= 1U << bit % 8;
	}
	free(image);
}

/* A page that is no longer mapped is not touched. */
static void test_lost_page(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	const struct pciq_image *image;
	u32 i, page;

	(void)state;
	for (i = 0; i < 128; i++)
		unit_add(port, i, &endpoint);
	unit_capture();
	image = pciq_newest();
	for (page = 0; page * PAGE_SIZE < image->hot_bytes; page++) {
		memory_hide((const u8 *)image + page * PAGE_SIZE);
		expect_number(picked(), PCIQ_FROM_OTHER);
		memory_hide(NULL);
	}
	expect_number(picked(), PCIQ_FROM_NEWEST);
	/* Of the headers only those who reset want to know. */
	page = DIV_ROUND_UP(image->hot_bytes, PAGE_SIZE);
	assert_true(page * PAGE_SIZE < image->total_bytes);
	memory_hide((const u8 *)image + page * PAGE_SIZE);
	expect_number(picked(), PCIQ_FROM_NEWEST);
	unit.run.image = image;
	unit.run.nr_funcs = image->nr_funcs;
	unit.run.work_until = ~0ULL;
	assert_null(pciq_saved_headers(&unit.run));
	memory_hide(NULL);
	assert_non_null(pciq_saved_headers(&unit.run));
}

static const void *headers(const struct pciq_image *image,
			   u32 nr_funcs)
{
	struct pciq_run run = {
		.image = image, .nr_funcs = nr_funcs, .work_until = ~0ULL,
	};

	return pciq_saved_headers(&run);
}

static void test_headers(void **state)
{
	struct pciq_image *image;
	u32 bit, nr;

	(void)state;
	small_machine();
	image = forge();
	nr = image->nr_funcs;
	assert_ptr_equal(headers(image, nr), (u8 *)image + image->hot_bytes);
	/* Of another list of functions. */
	assert_null(headers(image, nr - 1));
	for (bit = 8 * image->hot_bytes; bit < 8 * image->total_bytes; bit++) {
		((u8 *)image)[bit / 8] ^= 1U << bit % 8;
		if (headers(image, nr))
			fail_msg("bit %u of byte %u", bit % 8, bit / 8);
		((u8 *)image)[bit / 8] ^= 1U << bit % 8;
	}
	image->saved_size += 4;
	assert_null(headers(image, nr));
	image->saved_size -= 4;
	image->saved_offset -= 64;
	assert_null(headers(image, nr));
	image->saved_offset += 64;
	image->total_bytes += 64;
	assert_null(headers(image, nr));
	image->total_bytes -= 64;
	assert_non_null(headers(image, nr));
	free(image);
}

/* The other image is of another time, and that is told. */
static void test_other_is_used(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	const struct pciq_image *other;

	(void)state;
	unit_capture();
	other = slot(!newest());
	pciq_ctl.slot[newest()] = NULL;
	unit_crash();
	fabric.source = PCIQ_FROM_OTHER;
	unit_go();
	expect_number(unit.head->source, PCIQ_FROM_OTHER);
	expect_number(unit.head->generation, other->generation);
	expect_number(unit.head->captured_at, other->captured_at);
	assert_string_equal((char *)unit.head->release, (char *)other->release);
	expect_told(f, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

/* Nothing to believe: nothing is touched, and that is told elsewhere. */
static void test_nothing_to_believe(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);
	u32 i;

	(void)state;
	unit_capture();
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		pciq_ctl.slot[i] = NULL;
	unit_crash();
	fabric.source = PCIQ_FROM_NONE;
	fabric.headers_good = false;
	unit_go();
	assert_ptr_equal(unit.head, &pciq_spare);
	expect_number(fabric.reads + fabric.writes, 0);
	expect_number(f->accesses, 0);
	expect_number(unit.head->nr_entries, 0);
	expect_number(unit.head->source, PCIQ_FROM_NONE);
	expect_verdict(SKIPPED, 0, 0);
}

const struct CMUnitTest image_tests[] = {
	UNIT(test_newest),
	UNIT(test_index),
	UNIT(test_numbers),
	UNIT(test_no_record),
	UNIT(test_bounds),
	UNIT(test_any_bit),
	UNIT(test_lost_page),
	UNIT(test_headers),
	UNIT(test_other_is_used),
	UNIT(test_nothing_to_believe),
};

const size_t nr_image_tests = ARRAY_SIZE(image_tests);

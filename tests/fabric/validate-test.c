// SPDX-License-Identifier: GPL-2.0-only
/* Step "validate": which snapshot is used, and whether its second part is. */
#include <stdlib.h>

#include <linux/mm.h>
#include <linux/xxhash.h>

#include "kexec_pci_internal.h"
#include "unit.h"

/* More than 16,384 functions, 256 windows and their operations take. */
#define MOST_BYTES	(4U << 20)

static unsigned int newest(void)
{
	return pciq_ctl.newest;
}

static const struct pciq_snapshot *slot(unsigned int which)
{
	return pciq_ctl.slot[which];
}

static void seal(struct pciq_snapshot *snapshot)
{
	u32 summed = offsetofend(struct pciq_snapshot, hot_sum);

	snapshot->hot_sum = xxh64((u8 *)snapshot + summed,
				  snapshot->hot_bytes - summed, 0);
}

/* A copy of the newest snapshot in its place, which can be written to. */
static struct pciq_snapshot *forge(void)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	struct pciq_snapshot *copy = calloc(1, 2 * MOST_BYTES);

	memcpy(copy, snapshot, snapshot->total_bytes);
	unit.lent = (const u8 *)copy;
	unit.lent_bytes = 2 * MOST_BYTES;
	pciq_ctl.slot[newest()] = copy;
	return copy;
}

static enum pciq_source chosen(void)
{
	struct pciq_run run;

	memset(&run, 0xa5, sizeof(run));
	pciq_begin(&run);
	return run.record->source;
}

static void small_machine(void)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);

	unit_add(port, 0, &endpoint);
	unit_snapshot();
}

static void test_in_order(void **state)
{
	struct pciq_snapshot *copy;

	(void)state;
	small_machine();
	expect_number(chosen(), PCIQ_FROM_NEWEST);
	copy = forge();
	expect_number(chosen(), PCIQ_FROM_NEWEST);
	pciq_ctl.slot[newest()] = NULL;
	expect_number(chosen(), PCIQ_FROM_OTHER);
	pciq_ctl.slot[!newest()] = NULL;
	expect_number(chosen(), PCIQ_FROM_SCAN);
	pciq_ctl.slot[PCIQ_SLOT_WINDOWS] = NULL;
	expect_number(chosen(), PCIQ_FROM_NONE);
	free(copy);
}

/* The index itself may have been written over. */
static void test_index(void **state)
{
	static const u32 more[] = { 2, 0x2468, 0xfffffffe };
	u32 i, index;

	(void)state;
	small_machine();
	index = newest();
	for (i = 0; i < ARRAY_SIZE(more); i++) {
		pciq_ctl.newest = index + more[i];
		expect_number(chosen(), PCIQ_FROM_NEWEST);
	}
	/* One bit of it leads to the other, which is as good a snapshot. */
	pciq_ctl.newest = !index;
	expect_number(chosen(), PCIQ_FROM_NEWEST);
	pciq_ctl.newest = index;
}

/* Each bit that the crash path goes by; what is before is for other readers. */
static void test_any_bit(void **state)
{
	u32 first = offsetof(struct pciq_snapshot, hot_bytes), bytes, bit;
	struct pciq_snapshot *snapshot;

	(void)state;
	small_machine();
	snapshot = forge();
	bytes = snapshot->hot_bytes;
	for (bit = 0; bit < 8 * bytes; bit++) {
		((u8 *)snapshot)[bit / 8] ^= 1U << bit % 8;
		if (chosen() != (bit / 8 < first ? PCIQ_FROM_NEWEST :
						   PCIQ_FROM_OTHER))
			fail_msg("bit %u of byte %u of %u", bit % 8, bit / 8,
				 bytes);
		((u8 *)snapshot)[bit / 8] ^= 1U << bit % 8;
	}
	expect_number(chosen(), PCIQ_FROM_NEWEST);
	free(snapshot);
}

/* A size that is none, under a sum that is right. */
static void test_size(void **state)
{
	static const struct {
		u32 bytes;
		bool valid;
	} sizes[] = {
		{ sizeof(struct pciq_snapshot), false },
		{ sizeof(struct pciq_snapshot) + 8, true },
		{ MOST_BYTES, true },
		{ MOST_BYTES + 8, false },
	};
	struct pciq_snapshot *snapshot;
	size_t i;

	(void)state;
	small_machine();
	snapshot = forge();
	snapshot->funcs.nr = 0;
	snapshot->windows.nr = 0;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		snapshot->hot_bytes = sizes[i].bytes;
		seal(snapshot);
		expect_number(chosen(), sizes[i].valid ? PCIQ_FROM_NEWEST :
							 PCIQ_FROM_OTHER);
	}
	free(snapshot);
}

/* The largest that the healthy side makes is not too large. */
static void test_largest(void **state)
{
	u64 bytes = sizeof(struct pciq_snapshot) +
		    PCIQ_MAX_WINDOWS * sizeof(struct pciq_window) +
		    PCIQ_MAX_FUNCS * (sizeof(struct pciq_func) +
				      /* Sources of a port. */
				      5 * sizeof(struct pciq_op));

	(void)state;
	expect_between(bytes, 1, MOST_BYTES);
}

/* A page that is no longer mapped is not read. */
static void test_lost_page(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	const struct pciq_snapshot *snapshot;
	struct pciq_run run;
	const u8 *second;
	u32 i, page, bytes;

	(void)state;
	for (i = 0; i < 256; i++)
		unit_add(port, i, &endpoint);
	unit_snapshot();
	snapshot = pciq_newest();
	bytes = snapshot->hot_bytes;
	assert_true(bytes > 2 * PAGE_SIZE);
	for (page = 0; page * PAGE_SIZE < bytes; page++) {
		memory_hide((const u8 *)snapshot + page * PAGE_SIZE);
		expect_number(chosen(), PCIQ_FROM_OTHER);
		memory_hide(NULL);
	}
	expect_number(chosen(), PCIQ_FROM_NEWEST);
	/* Those of the second part only matter if it is used. */
	second = (const u8 *)snapshot + bytes;
	bytes = snapshot->total_bytes - bytes;
	assert_true(bytes > 2 * PAGE_SIZE);
	for (page = 1; page * PAGE_SIZE < bytes; page++) {
		memory_hide(second + page * PAGE_SIZE);
		expect_number(chosen(), PCIQ_FROM_NEWEST);
		pciq_begin(&run);
		assert_false(pciq_is_valid(&run, second, bytes,
					   run.snapshot->cold_sum));
		memory_hide(NULL);
	}
	pciq_begin(&run);
	assert_true(pciq_is_valid(&run, second, bytes, snapshot->cold_sum));
}

/* To the last byte, and not beyond: each page by itself. */
static void test_last_byte(void **state)
{
	u8 *memory = calloc(2, PAGE_SIZE), *page;
	struct pciq_run run;

	(void)state;
	small_machine();
	page = (u8 *)ALIGN((uintptr_t)memory, PAGE_SIZE);
	unit.lent = page;
	unit.lent_bytes = PAGE_SIZE;
	pciq_begin(&run);
	assert_true(pciq_is_valid(&run, page + 100, PAGE_SIZE - 100,
				  xxh64(page, PAGE_SIZE - 100, 0)));
	assert_false(pciq_is_valid(&run, page + 100, PAGE_SIZE - 99, 0));
	/* The first page as well. */
	unit.lent = page + 1;
	assert_false(pciq_is_valid(&run, page, 100, xxh64(page, 100, 0)));
	free(memory);
}

/* No more is read once there is no time. */
static void test_no_time(void **state)
{
	struct pciq_run run;

	(void)state;
	small_machine();
	pciq_begin(&run);
	fabric.now += 10000 * NS_PER_MS;
	assert_false(pciq_is_valid(&run, pciq_newest(), 1,
				   xxh64(pciq_newest(), 1, 0)));
}

static void test_second_part(void **state)
{
	struct pciq_snapshot *snapshot;
	struct pciq_run run;
	u32 bit, bytes;
	u8 *second;

	(void)state;
	small_machine();
	snapshot = forge();
	second = (u8 *)snapshot + snapshot->hot_bytes;
	bytes = snapshot->total_bytes - snapshot->hot_bytes;
	pciq_begin(&run);
	assert_true(pciq_is_valid(&run, second, bytes, snapshot->cold_sum));
	for (bit = 0; bit < 8 * bytes; bit++) {
		second[bit / 8] ^= 1U << bit % 8;
		if (pciq_is_valid(&run, second, bytes, snapshot->cold_sum))
			fail_msg("bit %u of byte %u", bit % 8, bit / 8);
		second[bit / 8] ^= 1U << bit % 8;
	}
	free(snapshot);
}

/* The other snapshot is of another time, and that is recorded. */
static void test_other_is_used(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	const struct pciq_snapshot *other;

	(void)state;
	unit_snapshot();
	other = slot(!newest());
	pciq_ctl.slot[newest()] = NULL;
	unit_crash();
	fabric.source = PCIQ_FROM_OTHER;
	unit_go();
	expect_number(unit.head->source, PCIQ_FROM_OTHER);
	expect_number(unit.head->generation, other->record.generation);
	expect_number(unit.head->taken_at, other->record.taken_at);
	assert_string_equal((char *)unit.head->release,
			    (char *)other->record.release);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

/* No snapshot at all: nothing is touched, and that is recorded. */
static void test_none(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);
	u32 i;

	(void)state;
	unit_snapshot();
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		pciq_ctl.slot[i] = NULL;
	unit_crash();
	fabric.source = PCIQ_FROM_NONE;
	fabric.headers_good = false;
	unit_go();
	assert_ptr_equal(unit.head, pciq_memory.record);
	expect_number(fabric.reads + fabric.writes, 0);
	expect_number(f->accesses, 0);
	expect_number(unit.head->nr_entries, 0);
	expect_number(unit.head->source, PCIQ_FROM_NONE);
	expect_number(unit.head->generation, 0);
	expect_number(unit.head->step, PCIQ_STEP_DONE);
	expect_number(unit.head->policy, PCIQ_ESCALATE);
	expect_number(unit.head->tsc_khz, 1000000);
	expect_verdict(SKIPPED, 0, 0);
}

/* Nothing was armed. */
static void test_no_memory(void **state)
{
	struct pciq_memory saved = pciq_memory;
	struct pciq_run run;

	(void)state;
	memset(&run, 0xa5, sizeof(run));
	small_machine();
	pciq_memory.record = NULL;
	assert_false(pciq_begin(&run));
	assert_null(run.record);
	pciq_memory = saved;
}

const struct CMUnitTest validate_tests[] = {
	UNIT(test_in_order),
	UNIT(test_index),
	UNIT(test_any_bit),
	UNIT(test_size),
	UNIT(test_largest),
	UNIT(test_lost_page),
	UNIT(test_last_byte),
	UNIT(test_no_time),
	UNIT(test_second_part),
	UNIT(test_other_is_used),
	UNIT(test_none),
	UNIT(test_no_memory),
};

const size_t nr_validate_tests = ARRAY_SIZE(validate_tests);

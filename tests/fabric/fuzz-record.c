// SPDX-License-Identifier: GPL-2.0-only
/*
 * A libFuzzer target: the parsers of kexec-quiesce, and what is said from them.
 *
 * The first byte of an input chooses the parser and what is put right; the rest
 * is parsed in memory of exactly its length.  A text is to end inside its
 * buffer, and is to have no control characters that the input brought in.
 */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "fuzz.h"
#include "means.h"
#include "noteline.h"
#include "plan.h"
#include "registers.h"
#include "snapshot.h"
#include "story.h"

#define PARSER		0x03	/* 0, 3: record; 1: snapshot; 2: note */
#define FIX_IDENTITY	0x04
#define FIX_SIZES	0x08
#define UNALIGNED	0x10
#define KEEP_SUMS	0x20	/* of a snapshot */

static void check_text(const char *text, size_t room)
{
	size_t i;

	for (i = 0; i < room && text[i]; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			abort();
	if (i == room)
		abort();
}

/* === Record === */

static void fix_record(unsigned char how, unsigned char *buf, size_t len)
{
	struct pciq_record head;

	if (len < sizeof(head))
		return;
	memcpy(&head, buf, sizeof(head));
	if (how & FIX_IDENTITY) {
		memcpy(head.magic, PCIQ_RECORD_MAGIC,
		       sizeof(head.magic));
		head.version = PCIQ_RECORD_VERSION;
	}
	if (how & FIX_SIZES) {
		head.header_size = sizeof(head);
		head.entry_size = sizeof(struct pciq_entry);
		head.total_bytes = len;
		head.nr_entries = (len - sizeof(head)) / head.entry_size;
	}
	memcpy(buf, &head, sizeof(head));
}

static void try_entry(const struct record *rec, unsigned int i)
{
	struct pciq_entry entry = record_entry(rec, i);
	unsigned int port = record_port(rec, i);
	char story[STORY_LEN], driver[DRIVER_LEN];

	if (port != NO_ENTRY &&
	    (port <= i || port >= rec->head.nr_entries))
		abort();
	check_text(entry_driver(&entry, driver), sizeof(driver));
	story_worthy(&entry);
	story_link_reset(&entry);
	story_port_closed(&entry);
	check_text(story_of(rec, i, story), sizeof(story));
}

static void try_record(const unsigned char *buf, size_t len)
{
	struct complaint why = { "" };
	struct stopped stopped;
	struct record rec;
	unsigned int i, step;

	if (!record_parse(&rec, buf, len, &why)) {
		check_text(why.text, sizeof(why.text));
		if (!*why.text)
			abort();
		return;
	}
	check_text((char *)rec.head.release, sizeof(rec.head.release));
	check_text((char *)rec.head.build, sizeof(rec.head.build));
	for (step = 0; step < PCIQ_NR_STEPS; step++)
		if (record_step_at(&rec, step) < 0 ||
		    record_step_took(&rec, step) < 0)
			abort();
	for (i = 0; i < rec.head.nr_entries; i++)
		try_entry(&rec, i);
	stopped = story_count(&rec);
	if (stopped.disabled + stopped.reset + stopped.found_quiet +
		    stopped.contained + stopped.not_stopped + stopped.left >
	    rec.head.nr_entries)
		abort();
}

/* === Snapshot === */

/* One part behind the other, as many elements of each as the input says. */
static void fix_part(struct pciq_part *part, size_t size, __u32 *at, __u32 end)
{
	__u32 room = (end - *at) / size;

	part->offset = *at;
	if (part->nr > room)
		part->nr = room;
	*at += part->nr * size;
}

static void fix_parts(struct pciq_snapshot *head, size_t len)
{
	__u32 at = sizeof(*head), nr;

	head->header_size = sizeof(*head);
	head->total_bytes = len;
	if (head->hot_bytes < sizeof(*head) || head->hot_bytes > len)
		head->hot_bytes = sizeof(*head) +
				  (len - sizeof(*head)) / 2;
	head->windows.nr %= 4;
	fix_part(&head->windows, sizeof(struct pciq_window), &at,
		 head->hot_bytes);
	nr = (len - head->hot_bytes) / sizeof(struct pciq_reset);
	if (head->funcs.nr > nr)
		head->funcs.nr = nr;
	fix_part(&head->funcs, sizeof(struct pciq_func), &at, head->hot_bytes);
	fix_part(&head->ops, sizeof(struct pciq_op), &at, head->hot_bytes);
	at = head->hot_bytes;
	head->resets.nr = head->funcs.nr;
	fix_part(&head->resets, sizeof(struct pciq_reset), &at, len);
	fix_part(&head->restores, sizeof(struct pciq_restore), &at, len);
	fix_part(&head->reset_ops, sizeof(struct pciq_op), &at, len);
}

/* Or hardly an input would get past them. */
static void fix_sums(struct pciq_snapshot *head, unsigned char *buf,
		     size_t len)
{
	const size_t from = offsetof(struct pciq_snapshot, cold_sum);

	if (head->total_bytes > len || head->hot_bytes > head->total_bytes ||
	    head->hot_bytes < sizeof(*head))
		return;
	head->cold_sum = XXH64(buf + head->hot_bytes,
			       head->total_bytes - head->hot_bytes, 0);
	memcpy(buf, head, sizeof(*head));
	head->hot_sum = XXH64(buf + from, head->hot_bytes - from, 0);
	memcpy(buf, head, sizeof(*head));
}

static void fix_snapshot(unsigned char how, unsigned char *buf, size_t len)
{
	struct pciq_snapshot head;

	if (len < sizeof(head))
		return;
	memcpy(&head, buf, sizeof(head));
	if (how & FIX_IDENTITY) {
		memcpy(head.magic, PCIQ_SNAPSHOT_MAGIC, sizeof(head.magic));
		head.version = PCIQ_SNAPSHOT_VERSION;
	}
	if (how & FIX_SIZES)
		fix_parts(&head, len);
	memcpy(buf, &head, sizeof(head));
	if (!(how & KEEP_SUMS))
		fix_sums(&head, buf, len);
}

static void try_change(const struct change *change, void *data)
{
	const struct plan *plan = data;
	char name[REGISTER_NAME_LEN];
	struct function func;

	if (change->func >= plan->snap.nr_funcs ||
	    (change->size != 2 && change->size != 4))
		abort();
	func = snapshot_func(&plan->snap, change->func);
	check_text(register_name(&func, change->reg, name), sizeof(name));
}

static void try_changes(struct plan *plan)
{
	enum moment moment;

	for (moment = 0; moment < NR_MOMENTS; moment++)
		changes_at(plan, moment, try_change, plan);
}

static void try_func(const struct plan *plan, unsigned int i)
{
	struct function func = snapshot_func(&plan->snap, i);
	char words[WHY_LEN], mark[MARK_LEN];

	func_missed(&func);
	check_text(plan_why(plan, i, words), sizeof(words));
	check_text(plan_note(plan, i, words), sizeof(words));
	check_text(plan_mark(plan, i, mark), sizeof(mark));
}

static void try_snapshot(const unsigned char *buf, size_t len)
{
	struct complaint why = { "" };
	struct plan plan = { 0 };
	unsigned int i;

	if (!snapshot_parse(&plan.snap, buf, len, &why)) {
		check_text(why.text, sizeof(why.text));
		if (!*why.text)
			abort();
		return;
	}
	for (i = 0; i < plan.snap.head.windows.nr; i++)
		snapshot_window(&plan.snap, i);
	for (; plan.policy < PCIQ_NR_POLICIES; plan.policy++) {
		means_tally(&plan.snap, plan.policy);
		for (i = 0; i < plan.snap.nr_funcs; i++)
			try_func(&plan, i);
		try_changes(&plan);
	}
}

/* === Note === */

static void try_note(const unsigned char *buf, size_t len)
{
	char *text = malloc(len + 1);
	struct complaint why = { "" };
	size_t bytes;
	__u64 phys;

	memcpy(text, buf, len);
	text[len] = '\0';
	if (!note_find_record(text, &phys, &bytes, &why) && !*why.text)
		abort();
	free(text);
}

/**
 * LLVMFuzzerTestOneInput() - one input
 * @data: the input
 * @size: its length
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t len = size - 1, shift;
	unsigned char *memory, *buf;

	if (!size)
		return -1;
	shift = !!(data[0] & UNALIGNED);
	memory = malloc(len + shift);
	buf = memory + shift;
	memcpy(buf, data + 1, len);
	switch (data[0] & PARSER) {
	case 1:
		fix_snapshot(data[0], buf, len);
		try_snapshot(buf, len);
		break;
	case 2:
		try_note(buf, len);
		break;
	default:
		fix_record(data[0], buf, len);
		try_record(buf, len);
	}
	free(memory);
	return 0;
}

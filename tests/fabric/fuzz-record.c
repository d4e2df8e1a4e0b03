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

#include "fuzz.h"
#include "means.h"
#include "noteline.h"
#include "plan.h"
#include "snapshot.h"
#include "story.h"

#define PARSER		0x03	/* 0, 3: record; 1: snapshot; 2: note */
#define FIX_IDENTITY	0x04
#define FIX_SIZES	0x08
#define UNALIGNED	0x10

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
		head.version = PCIQ_VERSION;
	}
	if (how & FIX_SIZES) {
		head.header_size = sizeof(head);
		head.entry_size = sizeof(struct pciq_entry);
		head.total_bytes = len;
		head.nr_entries = (len - sizeof(head)) / head.entry_size;
	}
	memcpy(buf, &head, sizeof(head));
}

static void tell_entry(const struct record *rec, unsigned int i)
{
	struct pciq_entry entry = record_entry(rec, i);
	unsigned int port = record_port(rec, i);
	char story[STORY_LEN];

	if (port != PCIQ_NONE &&
	    (port <= i || port >= rec->head.nr_entries))
		abort();
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
	for (step = 0; step < PCIQ_NR_STEPS; step++)
		if (record_step_at(&rec, step) < 0 ||
		    record_step_took(&rec, step) < 0)
			abort();
	for (i = 0; i < rec.head.nr_entries; i++)
		tell_entry(&rec, i);
	stopped = story_count(&rec);
	if (stopped.gated + stopped.reset + stopped.found_quiet +
		    stopped.contained + stopped.not_stopped + stopped.left >
	    rec.head.nr_entries)
		abort();
}

/* === Snapshot === */

static void fix_snapshot(unsigned char how, unsigned char *buf, size_t len)
{
	struct pciq_image head;

	if (len < sizeof(head))
		return;
	memcpy(&head, buf, sizeof(head));
	if (how & FIX_IDENTITY) {
		memcpy(head.magic, PCIQ_IMAGE_MAGIC,
		       sizeof(head.magic));
		head.version = PCIQ_VERSION;
	}
	if (how & FIX_SIZES) {
		head.header_size = sizeof(head);
		head.func_size = sizeof(struct pciq_func);
		head.total_bytes = len;
		head.windows_offset = sizeof(head);
		head.nr_windows %= 4;
		head.funcs_offset = sizeof(head) + head.nr_windows *
				    sizeof(struct pciq_window);
		head.nr_funcs = head.funcs_offset < len ?
			(len - head.funcs_offset) / head.func_size : 0;
	}
	memcpy(buf, &head, sizeof(head));
}

static void tell_func(const struct plan *plan, unsigned int i)
{
	struct pciq_func func = snapshot_func(&plan->snap, i);
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
	for (i = 0; i < plan.snap.head.nr_windows; i++)
		snapshot_window(&plan.snap, i);
	for (; plan.policy < PCIQ_NR_POLICIES; plan.policy++) {
		means_tally(&plan.snap, plan.policy);
		for (i = 0; i < plan.snap.head.nr_funcs; i++)
			tell_func(&plan, i);
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

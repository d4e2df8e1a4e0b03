// SPDX-License-Identifier: GPL-2.0-only
/*
 * A libFuzzer target: the engine, and an image that an attacker wrote.
 *
 * An input is a struct fuzz_plan and the bytes of an image.  As nearly all
 * inputs would be refused for their sums, these can be put right, and the
 * numbers before them; what the functions say is never touched.
 *
 * Two addresses are replaced: a sum that is right vouches for where the record
 * and the room for the walk are, nothing else could.  That room is what the
 * image's own numbers say, and not a byte more.
 *
 * Findings: whatever ASan or UBSan finds, an access that is not through a
 * published window, an image that was written to, work after the deadline, a
 * record that kexec-quiesce does not understand.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include <sanitizer/asan_interface.h>

#include <linux/mm.h>
#include <linux/xxhash.h>

#include "fuzz.h"
#include "fuzz-machine.h"
/* The tool has its own. */
#undef ARRAY_SIZE
#include "record.h"

#define MAX_ROOM	(sizeof(struct pciq_record) +		\
			 PCIQ_MAX_SCRATCH *		\
			 sizeof(struct pciq_entry))

/* Further than any image that the engine does not refuse at once. */
#define APART		(32U << 20)

/* What belongs to an image, and what it was when it was published. */
struct published {
	u8 *original;
	void *record;
	void *scratch;
};

static struct fuzz_image images[PCIQ_NR_SLOTS];
static struct published published[PCIQ_NR_SLOTS];

/* === What is put right === */

static void fix_identity(struct pciq_image *image)
{
	memcpy(image->magic, PCIQ_IMAGE_MAGIC, sizeof(image->magic));
	image->version = PCIQ_VERSION;
	image->header_size = sizeof(*image);
	image->func_size = sizeof(struct pciq_func);
	image->saved_size = sizeof(struct pciq_saved);
}

/* As many windows, then as many functions, as it says and as fit. */
static void fix_layout(struct pciq_image *image, u32 bytes)
{
	u32 each = sizeof(struct pciq_func) +
		   sizeof(struct pciq_saved);
	u32 nr;

	image->nr_windows %= PCIQ_MAX_WINDOWS + 1;
	while (pciq_funcs_offset(image->nr_windows) > bytes)
		image->nr_windows /= 2;
	image->windows_offset = sizeof(*image);
	image->funcs_offset = pciq_funcs_offset(image->nr_windows);
	nr = image->funcs_offset < bytes ? (bytes - image->funcs_offset) / each : 0;
	if (image->nr_funcs > nr)
		image->nr_funcs = nr;
	image->hot_bytes = image->funcs_offset +
			   image->nr_funcs * sizeof(struct pciq_func);
	image->saved_offset = image->hot_bytes;
	image->total_bytes = image->hot_bytes +
			     image->nr_funcs * sizeof(struct pciq_saved);
	nr = max(image->nr_funcs, image->scratch_funcs);
	image->record_bytes = sizeof(struct pciq_record) +
			      nr * sizeof(struct pciq_entry);
}

static void fix_sums(struct pciq_image *image, u32 bytes)
{
	u32 summed = offsetofend(struct pciq_image, hot_sum);

	if (image->hot_bytes < sizeof(*image) || image->hot_bytes > bytes)
		return;
	if (image->total_bytes >= image->hot_bytes && image->total_bytes <= bytes)
		image->cold_sum = xxh64((u8 *)image + image->hot_bytes,
					image->total_bytes - image->hot_bytes, 0);
	image->hot_sum = xxh64((u8 *)image + summed,
			       image->hot_bytes - summed, 0);
}

/* Room as the healthy side allocates it: entries, and work behind them. */
static void give_room(struct pciq_image *image,
		      struct published *what)
{
	size_t room = image->record_bytes, entries = 0, nr = 0;

	if (room > MAX_ROOM)
		room = 0;
	if (room > sizeof(struct pciq_record))
		entries = room - sizeof(struct pciq_record);
	room += entries / sizeof(struct pciq_entry) *
		sizeof(struct pciq_work);
	what->record = malloc(room);
	/* 0 stays: an image as user space is shown it. */
	if (image->record_virt)
		image->record_virt = (unsigned long)what->record;
	if (image->scratch_funcs <= PCIQ_MAX_SCRATCH)
		nr = image->scratch_funcs;
	what->scratch = malloc(nr * sizeof(struct pciq_func));
	image->scratch_virt = (unsigned long)what->scratch;
}

/* === Publishing === */

/*
 * Far from each other: one that claims to go on for megabytes must not end in
 * another, as what is between them is not mapped.  The engine asks page by page,
 * and images here are shorter than pages.
 */
static void *place_of(unsigned int slot)
{
	static u8 *places;

	if (!places) {
		places = mmap(NULL, (size_t)PCIQ_NR_SLOTS * APART,
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (places == MAP_FAILED)
			abort();
		ASAN_POISON_MEMORY_REGION(places, (size_t)APART *
					  PCIQ_NR_SLOTS);
	}
	return places + (size_t)slot * APART;
}

static void hide(struct fuzz_image *image, u8 page)
{
	u32 left;

	if (!page || page * PAGE_SIZE >= image->bytes)
		return;
	image->hidden = page * PAGE_SIZE;
	left = image->bytes - image->hidden;
	ASAN_POISON_MEMORY_REGION(image->at + image->hidden,
				  left < PAGE_SIZE ? left : PAGE_SIZE);
}

static void publish(const struct fuzz_plan *plan, unsigned int slot,
		    const u8 *bytes, u32 nr)
{
	struct pciq_image *image = place_of(slot);
	struct published *what = &published[slot];

	/* To the byte: what is read beyond is found. */
	ASAN_UNPOISON_MEMORY_REGION(image, nr);
	memcpy(image, bytes, nr);
	if (nr >= sizeof(*image)) {
		if (plan->fix & FIX_IDENTITY)
			fix_identity(image);
		if (plan->fix & FIX_SCRATCH)
			image->scratch_funcs %= 512;
		if (plan->fix & FIX_LAYOUT)
			fix_layout(image, nr);
		give_room(image, what);
		if (plan->forged & 1U << slot)
			fix_sums(image, nr);
	}
	what->original = malloc(nr);
	memcpy(what->original, image, nr);
	images[slot] = (struct fuzz_image) { .at = (u8 *)image, .bytes = nr };
	hide(&images[slot], plan->hidden);
	pciq_ctl.slot[slot] = image;
}

static void withdraw(unsigned int slot)
{
	struct fuzz_image *image = &images[slot];
	struct published *what = &published[slot];

	if (!image->at)
		return;
	ASAN_UNPOISON_MEMORY_REGION(image->at, image->bytes);
	if (memcmp(image->at, what->original, image->bytes))
		finding("an image was written to");
	ASAN_POISON_MEMORY_REGION(image->at, image->bytes);
	free(what->original);
	free(what->record);
	free(what->scratch);
	memset(image, 0, sizeof(*image));
	memset(what, 0, sizeof(*what));
	pciq_ctl.slot[slot] = NULL;
}

static void set_numbers(const struct fuzz_plan *plan)
{
	struct pciq_ctl *ctl = &pciq_ctl;

	memset(ctl, 0, sizeof(*ctl));
	ctl->newest = plan->newest;
	ctl->policy = plan->policy;
	ctl->deadline_ms = plan->deadline_ms;
	ctl->tsc_khz = plan->tsc_khz;
	ctl->exclude.nr = plan->matches;
	ctl->exclude.match[0].type = plan->seed % 3;
	ctl->exclude.match[0].class = plan->deep;
	ctl->exclude.match[0].vendor = plan->seed >> 16;
}

/* === The record === */

static void check_entry(const struct pciq_entry *entry, u32 i)
{
	if (entry->outcome >= PCIQ_NR_OUTCOMES ||
	    entry->reason >= PCIQ_NR_REASONS)
		finding("entry %u has outcome %u, reason %u", i,
			entry->outcome, entry->reason);
}

static void check_record(const struct pciq_run *run)
{
	const struct pciq_record *head = run->record;
	struct complaint why;
	struct record record;
	u32 i, sum = 0;

	if (!head) {
		if (pciq_ctl.policy != PCIQ_OFF)
			finding("no record");
		return;
	}
	if (!record_parse(&record, head, run->record_bytes, &why))
		finding("%s", why.text);
	if (!head->verdict || head->verdict >= PCIQ_NR_VERDICTS)
		finding("verdict %u", head->verdict);
	for (i = 0; i < head->nr_entries; i++) {
		struct pciq_entry entry = record_entry(&record, i);

		check_entry(&entry, i);
	}
	for (i = 0; i < PCIQ_NR_OUTCOMES; i++)
		sum += head->counts[i];
	if (sum != head->nr_entries || head->quiet > head->total ||
	    head->total > head->nr_entries)
		finding("%u entries, %u counted, %u quiet of %u",
			head->nr_entries, sum, head->quiet, head->total);
}

static void crash(const struct fuzz_plan *plan)
{
	struct pciq_run run;
	bool done;

	memset(&run, plan->spoil, sizeof(run));

	machine_begin(plan, images, &run);
	done = machine_enter(pciq_run, &run);
	if (!done) {
		machine_enter(pciq_recover, &run);
		done = machine_enter(pciq_abort, &run);
	}
	/* An oops in the last stage as well is not promised to be survived. */
	if (done)
		check_record(&run);
	machine_end();
}

/**
 * LLVMFuzzerTestOneInput() - one input
 * @data: the input
 * @size: its length
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_plan plan;
	unsigned int slot;

	if (size < sizeof(plan) || size > APART)
		return -1;
	memcpy(&plan, data, sizeof(plan));
	set_numbers(&plan);
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		if (plan.slots & 1U << slot)
			publish(&plan, slot, data + sizeof(plan),
				size - sizeof(plan));
	crash(&plan);
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		withdraw(slot);
	return 0;
}

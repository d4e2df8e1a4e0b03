// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record: what the vmcore will tell.
 *
 * Nothing in it is believed from before: it is written anew by the crash path,
 * function by function, so that a run that breaks off leaves what was done.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>

#include "kexec_pci_internal.h"

/**
 * pciq_clear() - fill with zeros
 * @start: multiple of 8 bytes
 * @bytes: likewise
 *
 * The compiler must not make memset() of it.
 *
 * Context: crash path.
 */
__quiesce void pciq_clear(void *start, u32 bytes)
{
	u64 *word = start;
	u32 i;

	for (i = 0; i < bytes / sizeof(*word); i++)
		WRITE_ONCE(word[i], 0);
}

static __quiesce void copy_release(struct pciq_record *record,
				   const struct pciq_image *image)
{
	unsigned int i;

	for (i = 0; i < sizeof(record->release); i++)
		WRITE_ONCE(record->release[i], image->release[i]);
	record->release[sizeof(record->release) - 1] = '\0';
}

/**
 * pciq_begin_record() - start a record, with no functions yet
 * @run: the run; @run->record says where
 * @policy: the policy in force
 *
 * Context: crash path.
 */
__quiesce void pciq_begin_record(struct pciq_run *run,
				 unsigned int policy)
{
	static const u8 magic[8] __aligned(8) = PCIQ_RECORD_MAGIC;
	struct pciq_record *record = run->record;

	pciq_clear(record, sizeof(*record));
	*(u64 *)record->magic = *(const u64 *)magic;
	record->version = PCIQ_VERSION;
	record->header_size = sizeof(*record);
	record->entry_size = sizeof(struct pciq_entry);
	record->policy = policy;
	/* Until told otherwise: what is true if we never come back. */
	record->verdict = PCIQ_ABORTED;
	record->tsc_khz = run->tsc_khz;
	record->deadline_ms = (run->until - run->start) / run->tsc_khz;
	record->total_bytes = sizeof(*record);
	run->record_bytes = record->total_bytes;
	record->tsc[PCIQ_STEP_VALIDATE] = run->start;
}

/**
 * pciq_tell_origin() - say which image the functions are from
 * @record: the record
 * @image: the image
 * @source: which one it is
 *
 * Context: crash path.
 */
__quiesce void
pciq_tell_origin(struct pciq_record *record,
		 const struct pciq_image *image,
		 enum pciq_source source)
{
	record->source = source;
	record->generation = image->generation;
	record->captured_at = image->captured_at;
	copy_release(record, image);
}

static __quiesce void begin_entry(struct pciq_entry *entry,
				  const struct pciq_func *func)
{
	entry->domain = func->domain;
	entry->bus = func->bus;
	entry->devfn = func->devfn;
	entry->outcome = PCIQ_UNTOUCHED;
	entry->reason = PCIQ_BY_DEADLINE;
	entry->vendor = func->vendor;
	entry->device = func->device;
	entry->class = func->class;
	entry->command_before = ALL_ONES_16;
	entry->command_after = ALL_ONES_16;
	entry->done = 0;
	entry->forbidden = PCIQ_ALLOWED;
	entry->reserved = 0;
	entry->ticks = 0;
	entry->flags = func->flags;
	entry->back_us = 0;
	entry->port = 0;
}

/**
 * pciq_begin_entries() - an entry for each function
 * @run: the run; @run->funcs is set
 * @nr: functions
 *
 * Until it returns there are no functions, so pciq_abort() finds no
 * stale control to give back.
 *
 * Context: crash path.
 */
__quiesce void pciq_begin_entries(struct pciq_run *run,
				  u32 nr)
{
	struct pciq_record *record = run->record;
	u32 i;

	for (i = 0; i < nr; i++) {
		begin_entry(entry_of(run, i), &run->funcs[i]);
		run->work[i].written = 0;
		run->work[i].state = 0;
	}
	record->nr_entries = nr;
	record->total_bytes = sizeof(*record) +
			      nr * sizeof(struct pciq_entry);
	run->record_bytes = record->total_bytes;
	run->nr_funcs = nr;
	/* None is -1. */
	for (i = 0; i < nr; i++)
		entry_of(run, i)->port = pciq_port_of(run, i) + 1;
}

/* Whether the function was to be silenced: what the verdict is about. */
static __always_inline bool in_scope(const struct pciq_entry *entry)
{
	switch (entry->reason) {
	case PCIQ_BY_BRIDGE:
	case PCIQ_BY_CLASS:
		return false;
	default:
		/* No power, or no response at capture and still none: no loss. */
		return entry->outcome != PCIQ_ABSENT ||
		       entry->reason == PCIQ_BY_VANISHING;
	}
}

/**
 * pciq_is_quiet() - whether a function is told to be quiet
 * @entry: what is told of it
 *
 * Context: crash path.
 * Return: true if it was gated, was quiet already, or was reset.
 */
__quiesce bool
pciq_is_quiet(const struct pciq_entry *entry)
{
	return entry->outcome == PCIQ_QUIET ||
	       entry->outcome == PCIQ_ALREADY_QUIET ||
	       entry->outcome == PCIQ_WAS_RESET;
}

/* Fill the counts. How many functions answered, were gated, are contained? */
static __quiesce u32 count(struct pciq_run *run, u32 *gated,
			   u32 *contained)
{
	struct pciq_record *record = run->record;
	u32 i, answered = 0;

	for (i = 0; i < record->nr_entries; i++) {
		const struct pciq_entry *entry = entry_of(run, i);

		answered += !!(entry->done & (PCIQ_DID_READ |
					      PCIQ_DID_RESTORE));
		*gated += !!(entry->done & PCIQ_DID_GATE);
		if (entry->outcome < PCIQ_NR_OUTCOMES)
			record->counts[entry->outcome]++;
		if (!in_scope(entry))
			continue;
		record->total++;
		record->quiet += pciq_is_quiet(entry);
		*contained += entry->outcome == PCIQ_WAS_CONTAINED;
	}
	return answered;
}

/**
 * pciq_finish() - count, and decide
 * @run: the run
 * @verdict: the best that can be said; "clean" is doubted
 *
 * Context: crash path.
 */
__quiesce void pciq_finish(struct pciq_run *run,
			   enum pciq_verdict verdict)
{
	struct pciq_record *record = run->record;
	u32 gated = 0, contained = 0;
	u64 now;

	record->incomplete = run->incomplete;
	if (!count(run, &gated, &contained) && record->total && !contained &&
	    verdict == PCIQ_CLEAN)
		verdict = PCIQ_SKIPPED;
	/* A walk sees no VF that hides, and no driver: never quite sure. */
	if (verdict == PCIQ_CLEAN &&
	    (record->quiet + contained != record->total || run->incomplete ||
	     (gated && !record->writes) ||
	     record->source == PCIQ_FROM_RAW))
		verdict = PCIQ_PARTIAL;
	else if (verdict == PCIQ_CLEAN && contained)
		verdict = PCIQ_CONTAINED;
	now = pciq_arch_clock();
	record->tsc[PCIQ_STEP_DONE] = now;
	record->microseconds = (now - run->start) * 1000 / run->tsc_khz;
	/* After a fault, @step goes on saying where it was. */
	if (verdict != PCIQ_ABORTED)
		record->step = PCIQ_STEP_DONE;
	record->verdict = verdict;
}

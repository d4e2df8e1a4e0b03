// SPDX-License-Identifier: GPL-2.0-only
/*
 * Append two lines to the VMCOREINFO note, so that any tool finds the record
 * without debug information, also in a filtered dump.
 *
 * crash_save_vmcoreinfo() has written the note by now, and nothing writes it
 * again.  The kernel's own vmcoreinfo_append_str() is not exported, formats
 * with vscnprintf() and may WARN(); this needs one pointer and no formatting
 * but digits.
 */
#include <linux/elf.h>
#include <linux/io.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>

#include "glue.h"

/* The longest two lines take 120 bytes. */
#define PCIQ_MAX_TEXT	160

/**
 * struct pciq_text - lines under construction
 * @length: bytes used
 * @byte: the bytes
 */
struct pciq_text {
	u32 length;
	char byte[PCIQ_MAX_TEXT];
};

/* Where the kernel keeps its note; looked up while it is healthy. */
static struct elf_note *pciq_note;

/**
 * pciq_note_prepare() - find the note
 *
 * Context: process.
 */
void pciq_note_prepare(void)
{
	pciq_note = phys_to_virt(paddr_vmcoreinfo_note());
}

static __quiesce void pciq_add_text(struct pciq_text *text, const char *string)
{
	while (*string && text->length < PCIQ_MAX_TEXT)
		text->byte[text->length++] = *string++;
}

static __quiesce void pciq_add_number(struct pciq_text *text, u64 number, u32 base)
{
	static const char digit[16] = "0123456789abcdef";
	char reversed[24];
	u32 nr = 0;

	do {
		reversed[nr++] = digit[number % base];
		number /= base;
	} while (number && nr < sizeof(reversed));
	while (nr && text->length < PCIQ_MAX_TEXT)
		text->byte[text->length++] = reversed[--nr];
}

static __quiesce void pciq_add_record_line(struct pciq_text *text,
					   const struct pciq_record *record)
{
	pciq_add_text(text, PCIQ_NOTE_RECORD "0x");
	pciq_add_number(text, pciq_memory.record_phys, 16);
	pciq_add_text(text, ",");
	pciq_add_number(text, record->total_bytes, 10);
	pciq_add_text(text, "\n");
}

static __quiesce void pciq_add_verdict_line(struct pciq_text *text,
					    const struct pciq_record *record)
{
	static const char name[PCIQ_NR_VERDICTS][12] = {
		[PCIQ_NO_VERDICT] = "none",
		[PCIQ_CLEAN] = "clean",
		[PCIQ_CONTAINED] = "contained",
		[PCIQ_PARTIAL] = "partial",
		[PCIQ_SKIPPED] = "skipped",
		[PCIQ_ABORTED] = "aborted",
	};
	u32 verdict = record->verdict;

	if (verdict >= PCIQ_NR_VERDICTS)
		verdict = PCIQ_NO_VERDICT;
	pciq_add_text(text, PCIQ_NOTE_VERDICT);
	pciq_add_text(text, name[verdict]);
	pciq_add_text(text, " ");
	pciq_add_number(text, record->quiet, 10);
	pciq_add_text(text, "/");
	pciq_add_number(text, record->total, 10);
	pciq_add_text(text, " ");
	pciq_add_number(text, record->microseconds, 10);
	pciq_add_text(text, "us held=");
	pciq_add_number(text, record->held, 10);
	pciq_add_text(text, "\n");
}

static __quiesce bool pciq_note_is_valid(void)
{
	static const char name[12] = VMCOREINFO_NOTE_NAME;
	const char *found = (const char *)(pciq_note + 1);
	unsigned int i;

	if (!pciq_note || pciq_note->n_namesz != sizeof(VMCOREINFO_NOTE_NAME) ||
	    pciq_note->n_type || pciq_note->n_descsz > VMCOREINFO_BYTES)
		return false;
	for (i = 0; i < sizeof(name); i++) {
		if (found[i] != name[i])
			return false;
	}
	return true;
}

/**
 * pciq_note_append() - say where the record is
 * @run: the run that made it
 *
 * Never past the note's end; the length is stored last, so that a fault on the
 * way leaves the note as the kernel wrote it.
 *
 * Context: crash path.
 */
__quiesce void pciq_note_append(const struct pciq_run *run)
{
	struct pciq_text text;
	char *description;
	u32 i, end;

	if (!run->record || !pciq_note_is_valid())
		return;
	text.length = 0;
	pciq_add_record_line(&text, run->record);
	pciq_add_verdict_line(&text, run->record);
	if (pciq_note->n_descsz + text.length > VMCOREINFO_BYTES)
		return;

	description = (char *)(pciq_note + 1) + VMCOREINFO_NOTE_NAME_BYTES;
	for (i = 0; i < text.length; i++)
		WRITE_ONCE(description[pciq_note->n_descsz + i], text.byte[i]);
	/* An empty note ends the list: update_vmcoreinfo_note() left room. */
	end = ALIGN(pciq_note->n_descsz + text.length, 4);
	for (i = pciq_note->n_descsz + text.length; i < end + sizeof(*pciq_note); i++)
		WRITE_ONCE(description[i], 0);
	WRITE_ONCE(pciq_note->n_descsz, pciq_note->n_descsz + text.length);
}

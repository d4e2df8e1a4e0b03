// SPDX-License-Identifier: GPL-2.0-only
/* The record of the kernel that crashed, through /proc/vmcore. */
#include <linux/elf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xxhash.h>

#include "hold.h"

#define HOLD_VMCORE		"/proc/vmcore"
#define HOLD_MAX_NOTES		0x100000U
#define HOLD_MAX_RECORD		0x1000000U
#define HOLD_MAX_SEGMENTS	4096

static int hold_read(struct file *file, loff_t at, void *to, size_t bytes)
{
	ssize_t nr = kernel_read(file, to, bytes, &at);

	return nr < 0 ? nr : nr == (ssize_t)bytes ? 0 : -EIO;
}

/* A line "KEXEC_PCI_QUIESCE(record)=<phys>,<bytes>", which is never the first. */
static bool hold_find_line(const char *notes, size_t bytes, u64 *phys,
			   u64 *room)
{
	const size_t length = strlen(PCIQ_NOTE_RECORD);
	char line[64];
	size_t i;

	for (i = 1; i + length < bytes; i++) {
		if (notes[i - 1] != '\n' ||
		    memcmp(notes + i, PCIQ_NOTE_RECORD, length))
			continue;
		strscpy(line, notes + i + length,
			min(sizeof(line), bytes - i - length));
		if (sscanf(line, "0x%llx,%llu", phys, room) == 2)
			return true;
	}
	return false;
}

static const char *hold_find_record(struct file *file, const Elf64_Phdr *phdr,
				    u64 *phys, u64 *room)
{
	bool found = false;
	char *notes;

	if (phdr->p_filesz > HOLD_MAX_NOTES)
		return "the notes of the dump are too long";
	notes = kvzalloc(phdr->p_filesz + 1, GFP_KERNEL);
	if (!notes)
		return "no memory";
	if (!hold_read(file, phdr->p_offset, notes, phdr->p_filesz))
		found = hold_find_line(notes, phdr->p_filesz, phys, room);
	kvfree(notes);
	return found ? NULL : "the crashed kernel had no PCI quiesce";
}

/* Where in the file a physical address is; 0 if it is not there. */
static loff_t hold_offset(const Elf64_Phdr *phdr, unsigned int nr, u64 phys,
			  u64 bytes)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (phdr[i].p_type == PT_LOAD && phys >= phdr[i].p_paddr &&
		    phys - phdr[i].p_paddr < phdr[i].p_filesz &&
		    bytes <= phdr[i].p_filesz - (phys - phdr[i].p_paddr))
			return phdr[i].p_offset + (phys - phdr[i].p_paddr);
	}
	return 0;
}

static const char *hold_check(const struct pciq_record *record, u64 room)
{
	u32 summed = offsetofend(struct pciq_record, checksum);

	if (memcmp(record->magic, PCIQ_RECORD_MAGIC, sizeof(record->magic)))
		return "the record is damaged";
	if (record->version != PCIQ_RECORD_VERSION)
		return "the record is of another version";
	if (record->header_size != sizeof(*record) ||
	    record->entry_size != sizeof(struct pciq_entry) ||
	    record->total_bytes > room ||
	    record->total_bytes < sizeof(*record) ||
	    record->nr_entries != (record->total_bytes - sizeof(*record)) /
				  sizeof(struct pciq_entry))
		return "the record is damaged";
	if (record->verdict == PCIQ_NO_VERDICT)
		return "PCI quiesce did not run";
	if (xxh64((const u8 *)record + summed, record->total_bytes - summed,
		  0) != record->checksum)
		return "the checksum of the record is wrong";
	return NULL;
}

static const char *hold_load(struct file *file, loff_t at, u64 room,
			     struct pciq_record **record)
{
	const char *why;

	*record = kvzalloc(room, GFP_KERNEL);
	if (!*record)
		return "no memory";
	why = hold_read(file, at, *record, room) ?
	      "the record cannot be read" : hold_check(*record, room);
	if (!why)
		return NULL;
	kvfree(*record);
	*record = NULL;
	return why;
}

static const char *hold_search(struct file *file, const Elf64_Phdr *phdr,
			       unsigned int nr, struct pciq_record **record)
{
	const char *why = "the dump has no notes";
	u64 phys, room;
	unsigned int i;
	loff_t at;

	for (i = 0; i < nr && why; i++) {
		if (phdr[i].p_type == PT_NOTE)
			why = hold_find_record(file, &phdr[i], &phys, &room);
	}
	if (why)
		return why;
	if (room < sizeof(struct pciq_record) || room > HOLD_MAX_RECORD)
		return "the record has no likely size";
	at = hold_offset(phdr, nr, phys, room);
	return at ? hold_load(file, at, room, record) :
		    "the record is not in the dump";
}

static const char *hold_parse(struct file *file, struct pciq_record **record)
{
	Elf64_Phdr *phdr;
	Elf64_Ehdr ehdr;
	const char *why;

	if (hold_read(file, 0, &ehdr, sizeof(ehdr)) ||
	    memcmp(ehdr.e_ident, ELFMAG, SELFMAG) ||
	    ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_phentsize != sizeof(*phdr) ||
	    ehdr.e_phnum > HOLD_MAX_SEGMENTS)
		return HOLD_VMCORE " has no header";
	phdr = kvcalloc(ehdr.e_phnum, sizeof(*phdr), GFP_KERNEL);
	if (!phdr)
		return "no memory";
	why = hold_read(file, ehdr.e_phoff, phdr,
			ehdr.e_phnum * sizeof(*phdr)) ?
	      HOLD_VMCORE " has no segments" :
	      hold_search(file, phdr, ehdr.e_phnum, record);
	kvfree(phdr);
	return why;
}

/**
 * hold_read_record() - the record of the kernel that crashed
 * @why: filled in if there is none
 *
 * Context: process.
 * Return: the record, valid, to be freed by kvfree(); NULL if there is none.
 */
struct pciq_record *hold_read_record(const char **why)
{
	struct file *file = filp_open(HOLD_VMCORE, O_RDONLY, 0);
	struct pciq_record *record = NULL;

	*why = HOLD_VMCORE " cannot be read";
	if (IS_ERR(file))
		return NULL;
	*why = hold_parse(file, &record);
	fput(file);
	return record;
}

/**
 * hold_entry() - the entry of a function
 * @record: the record
 * @i: below @record->nr_entries
 *
 * Context: any.
 * Return: the entry.
 */
const struct pciq_entry *hold_entry(const struct pciq_record *record, u32 i)
{
	return (const struct pciq_entry *)(record + 1) + i;
}

/**
 * hold_is_held() - whether DMA of a function may have been held back only
 * @entry: its entry
 *
 * Context: any.
 * Return: true if it may write memory once its driver sets Bus Master Enable.
 */
bool hold_is_held(const struct pciq_entry *entry)
{
	if (entry->flags & PCIQ_F_BRIDGE)
		return false;
	return entry->outcome == PCIQ_QUIET ||
	       entry->outcome == PCIQ_WAS_CONTAINED ||
	       entry->outcome == PCIQ_REFUSED;
}

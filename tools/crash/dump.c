// SPDX-License-Identifier: GPL-2.0-only
/*
 * Record and snapshot, as they lie in the memory that crash has open.
 *
 * No debug information of ours is needed: the VMCOREINFO note says where the
 * record is, and the kernel's own list of symbols where the snapshots are.
 */
#include <crash/defs.h>

#include <linux/elf.h>

#include "read/noteline.h"

#include "dump.h"

#define NOTE_NAME	"VMCOREINFO"
#define NOTE_NAME_BYTES	12		/* padded to a multiple of 4 */
#define NOTE_MAX	(64U << 10)	/* the kernel's has a page */
#define SNAPSHOT_MAX	(256U << 20)

static bool read_at(__u64 addr, int type, void *buf, size_t len,
		    const char *what, struct complaint *why)
{
	if (readmem(addr, type, buf, len, (char *)what,
		    RETURN_ON_ERROR | QUIET))
		return true;
	complain(why, "%s at 0x%llx (%zu bytes) is not in the dump", what,
		 addr, len);
	return false;
}

static bool find_symbol(const char *name, const char *unless, __u64 *addr,
			struct complaint *why)
{
	if (!symbol_exists((char *)name)) {
		complain(why, "no symbol %s in this kernel: %s", name, unless);
		return false;
	}
	*addr = symbol_value((char *)name);
	return true;
}

/* The text behind the header of the note, terminated. */
static char *read_note(__u64 note, struct complaint *why)
{
	struct elf64_note head;
	char *text;

	if (!read_at(note, KVADDR, &head, sizeof(head), "VMCOREINFO note", why))
		return NULL;
	if (head.n_namesz != sizeof(NOTE_NAME) || head.n_descsz > NOTE_MAX) {
		complain(why, "the VMCOREINFO note at 0x%llx is empty or damaged: no panic yet?",
			 note);
		return NULL;
	}
	text = calloc(1, head.n_descsz + 1);
	if (!text) {
		complain(why, "out of memory");
		return NULL;
	}
	if (read_at(note + sizeof(head) + NOTE_NAME_BYTES, KVADDR, text,
		    head.n_descsz, "VMCOREINFO", why))
		return text;
	free(text);
	return NULL;
}

static bool find_record(__u64 *phys, size_t *room, struct complaint *why)
{
	__u64 pointer, note;
	bool found;
	char *text;

	if (!find_symbol("vmcoreinfo_note", "built without kexec?", &pointer,
			 why) ||
	    !read_at(pointer, KVADDR, &note, sizeof(note), "vmcoreinfo_note",
		     why))
		return false;
	text = read_note(note, why);
	if (!text)
		return false;
	found = note_find_record(text, phys, room, why);
	free(text);
	return found;
}

/**
 * dump_record() - find and read the record
 * @rec: filled in
 * @buf: its bytes, to be freed in either case
 * @why: filled in on failure
 *
 * Return: true if there is one, and it is in order.
 */
bool dump_record(struct record *rec, void **buf, struct complaint *why)
{
	unsigned char head[sizeof(rec->head)];
	__u64 phys;
	size_t room;

	*buf = NULL;
	if (!find_record(&phys, &room, why) ||
	    !read_at(phys, PHYSADDR, head, sizeof(head), "record", why) ||
	    !record_parse_head(rec, head, sizeof(head), room, why))
		return false;
	*buf = malloc(rec->head.total_bytes);
	if (!*buf) {
		complain(why, "out of memory");
		return false;
	}
	return read_at(phys, PHYSADDR, *buf, rec->head.total_bytes, "record",
		       why) &&
	       record_parse(rec, *buf, rec->head.total_bytes, why);
}

/**
 * dump_ctl() - read where the snapshots are
 * @ctl: filled in
 * @why: filled in on failure
 *
 * Return: true if there is anything of ours in the dump.
 */
bool dump_ctl(struct ctl *ctl, struct complaint *why)
{
	__u64 addr;

	return find_symbol("pciq_ctl",
			   "kexec_pci_quiesce was not loaded", &addr, why) &&
	       read_at(addr, KVADDR, ctl, sizeof(*ctl), "pciq_ctl",
		       why);
}

/**
 * dump_snapshot() - read one snapshot
 * @snap: filled in
 * @buf: its bytes, to be freed in either case
 * @virt: its kernel address
 * @why: filled in on failure
 *
 * Return: true if it is in order.
 */
bool dump_snapshot(struct snapshot *snap, void **buf, __u64 virt,
		   struct complaint *why)
{
	struct pciq_snapshot head;

	*buf = NULL;
	if (!virt) {
		complain(why, "there is no snapshot: none was taken, or it was being rewritten");
		return false;
	}
	if (!read_at(virt, KVADDR, &head, sizeof(head), "snapshot", why))
		return false;
	if (head.total_bytes < sizeof(head) ||
	    head.total_bytes > SNAPSHOT_MAX) {
		complain(why, "damaged snapshot at 0x%llx: it says it has %u bytes",
			 virt, head.total_bytes);
		return false;
	}
	*buf = malloc(head.total_bytes);
	if (!*buf) {
		complain(why, "out of memory");
		return false;
	}
	return read_at(virt, KVADDR, *buf, head.total_bytes, "snapshot", why) &&
	       snapshot_parse(snap, *buf, head.total_bytes, why);
}

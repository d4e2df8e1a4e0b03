// SPDX-License-Identifier: GPL-2.0-only
/* Parser of struct kexec_quiesce_record: pure, trusts nothing it reads. */
#include <math.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "record.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "records are little-endian and read in place");
static_assert(sizeof(struct kexec_quiesce_record) == 232, "layout changed");
static_assert(sizeof(struct kexec_quiesce_entry) == 32, "layout changed");

static bool all_zero(const unsigned char *p, size_t len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

/* What a dump holds goes to a terminal: no control characters from there. */
static void make_printable(unsigned char *s, size_t len)
{
	size_t i;

	s[len - 1] = '\0';
	for (i = 0; s[i]; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			s[i] = '?';
}

static bool check_identity(const struct kexec_quiesce_record *head,
			   struct complaint *why)
{
	if (all_zero(head->magic, sizeof(head->magic))) {
		complain(why, "wrong magic: zeros where a record should begin with %s",
			 KEXEC_QUIESCE_RECORD_MAGIC);
		return false;
	}
	if (memcmp(head->magic, KEXEC_QUIESCE_RECORD_MAGIC,
		   sizeof(head->magic))) {
		complain(why, "wrong magic: a record begins with %s",
			 KEXEC_QUIESCE_RECORD_MAGIC);
		return false;
	}
	if (head->version > KEXEC_QUIESCE_VERSION) {
		complain(why, "record version %u, this tool knows %u: use a newer kexec-quiesce",
			 head->version, KEXEC_QUIESCE_VERSION);
		return false;
	}
	if (!head->version) {
		complain(why, "record version 0 does not exist");
		return false;
	}
	return true;
}

static bool check_sizes(const struct kexec_quiesce_record *head, size_t room,
			struct complaint *why)
{
	__u64 need = (__u64)head->nr_entries * head->entry_size +
			head->header_size;

	if (head->header_size < sizeof(*head)) {
		complain(why, "damaged record: header of %u bytes, at least %zu expected",
			 head->header_size, sizeof(*head));
		return false;
	}
	if (head->entry_size < sizeof(struct kexec_quiesce_entry)) {
		complain(why, "damaged record: entries of %u bytes, at least %zu expected",
			 head->entry_size, sizeof(struct kexec_quiesce_entry));
		return false;
	}
	if (need > head->total_bytes) {
		complain(why, "damaged record: %u entries need %llu bytes, it says it has %u",
			 head->nr_entries, need,
			 head->total_bytes);
		return false;
	}
	if (head->total_bytes > room) {
		complain(why, "truncated record: it says %u bytes, there is room for %zu",
			 head->total_bytes, room);
		return false;
	}
	return true;
}

/**
 * record_parse_head() - validate the header alone
 * @rec: filled in; @rec->entries stays unset
 * @buf: start of the record
 * @len: bytes readable at @buf
 * @room: bytes that the whole record may occupy
 * @why: filled in on failure
 *
 * Lets a caller find out how much to read: what follows the last entry may be
 * pages of zeros that are not in the dump.
 *
 * Return: true if the header is valid.
 */
bool record_parse_head(struct record *rec, const void *buf, size_t len,
		       size_t room, struct complaint *why)
{
	memset(rec, 0, sizeof(*rec));
	if (len < sizeof(rec->head)) {
		complain(why, "truncated record: %zu bytes, its header alone has %zu",
			 len, sizeof(rec->head));
		return false;
	}
	memcpy(&rec->head, buf, sizeof(rec->head));
	make_printable(rec->head.release, sizeof(rec->head.release));
	return check_identity(&rec->head, why) &&
	       check_sizes(&rec->head, room, why);
}

/**
 * record_parse() - validate a whole record
 * @rec: filled in, refers to @buf
 * @buf: the record
 * @len: bytes readable at @buf
 * @why: filled in on failure
 *
 * Return: true if header and entries lie inside @buf.
 */
bool record_parse(struct record *rec, const void *buf, size_t len,
		  struct complaint *why)
{
	if (!record_parse_head(rec, buf, len, len, why))
		return false;
	rec->entries = (const unsigned char *)buf + rec->head.header_size;
	return true;
}

/**
 * record_entry() - one entry of a validated record
 * @rec: record
 * @i: below @rec->head.nr_entries
 *
 * Return: a copy, as the buffer need not be aligned.
 */
struct kexec_quiesce_entry record_entry(const struct record *rec,
					unsigned int i)
{
	struct kexec_quiesce_entry entry;

	memcpy(&entry, rec->entries + (size_t)i * rec->head.entry_size,
	       sizeof(entry));
	return entry;
}

/**
 * record_ticks_us() - TSC ticks as microseconds
 * @rec: record, which knows the TSC frequency
 * @ticks: ticks
 *
 * Return: microseconds, NAN if the record has no TSC frequency.
 */
double record_ticks_us(const struct record *rec, __u64 ticks)
{
	if (!rec->head.tsc_khz)
		return NAN;
	return (double)ticks * 1000.0 / rec->head.tsc_khz;
}

/**
 * record_step_at() - when a step began
 * @rec: record
 * @step: enum kexec_quiesce_step
 *
 * Return: microseconds since the first step began, NAN if this one did not.
 */
double record_step_at(const struct record *rec, unsigned int step)
{
	__u64 first = rec->head.tsc[KEXEC_QUIESCE_STEP_VALIDATE];
	__u64 began = rec->head.tsc[step];

	if (!first || !began || began < first)
		return NAN;
	return record_ticks_us(rec, began - first);
}

/**
 * record_step_took() - how long a step took
 * @rec: record
 * @step: enum kexec_quiesce_step
 *
 * Return: microseconds until the next step began, NAN if this one did not or
 * was the last that did.
 */
double record_step_took(const struct record *rec, unsigned int step)
{
	__u64 began = rec->head.tsc[step];
	unsigned int next;

	if (!began)
		return NAN;
	for (next = step + 1; next < KEXEC_QUIESCE_NR_STEPS; next++)
		if (rec->head.tsc[next])
			break;
	if (next == KEXEC_QUIESCE_NR_STEPS || rec->head.tsc[next] < began)
		return NAN;
	return record_ticks_us(rec, rec->head.tsc[next] - began);
}

/**
 * entry_command_known() - was this Command value ever read
 * @entry: entry
 * @command: its command_before or command_after
 *
 * Return: false for the all ones that stand for "never read".
 */
bool entry_command_known(const struct kexec_quiesce_entry *entry,
			 unsigned int command)
{
	return command != 0xffff || (entry->done & KEXEC_QUIESCE_DID_READ);
}

/**
 * entry_may_master() - is this a function that nobody could silence
 * @entry: entry
 *
 * Left alone for a reason of its kind (class, bridge) does not count, nor does
 * a child of a VMD: that one masters through the gate above.
 *
 * Return: true if it may still write memory.
 */
bool entry_may_master(const struct kexec_quiesce_entry *entry)
{
	if (entry->outcome == KEXEC_QUIESCE_REFUSED)
		return true;
	if (entry->outcome != KEXEC_QUIESCE_UNTOUCHED &&
	    entry->outcome != KEXEC_QUIESCE_EXCLUDED)
		return false;
	if (entry_command_known(entry, entry->command_before) &&
	    !(entry->command_before & PCI_COMMAND_MASTER))
		return false;
	return entry->reason == KEXEC_QUIESCE_BY_DEADLINE ||
	       entry->reason == KEXEC_QUIESCE_BY_USER ||
	       entry->reason == KEXEC_QUIESCE_BY_WINDOW;
}

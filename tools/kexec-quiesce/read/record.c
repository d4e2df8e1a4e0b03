// SPDX-License-Identifier: GPL-2.0-only
/* Parser of struct pciq_record: pure, trusts nothing it reads. */
#include <math.h>
#include <string.h>

#include <linux/pci_regs.h>
#include <xxhash.h>

#include "read/record.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "records are little-endian and read in place");
static_assert(sizeof(struct pciq_record) == 280, "layout changed");
static_assert(sizeof(struct pciq_entry) == 52, "layout changed");

/* What the checksum covers begins behind it. */
#define SUMMED		offsetof(struct pciq_record, total_bytes)

static bool all_zero(const unsigned char *p, size_t len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

/**
 * make_printable() - what a dump holds goes to a terminal: no control characters
 * @text: is terminated, and gets question marks for what is not ASCII
 * @len: bytes there
 */
void make_printable(void *text, size_t len)
{
	unsigned char *s = text;
	size_t i;

	s[len - 1] = '\0';
	for (i = 0; s[i]; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			s[i] = '?';
}

static bool check_identity(const struct pciq_record *head,
			   struct complaint *why)
{
	if (all_zero(head->magic, sizeof(head->magic))) {
		complain(why, "wrong magic: zeros where a record should begin with %s",
			 PCIQ_RECORD_MAGIC);
		return false;
	}
	if (memcmp(head->magic, PCIQ_RECORD_MAGIC,
		   sizeof(head->magic))) {
		complain(why, "wrong magic: a record begins with %s",
			 PCIQ_RECORD_MAGIC);
		return false;
	}
	if (head->version != PCIQ_RECORD_VERSION) {
		complain(why,
			 "record version %u, this tool knows %u: use the kexec-quiesce of its module",
			 head->version, PCIQ_RECORD_VERSION);
		return false;
	}
	return true;
}

static bool check_sizes(const struct pciq_record *head, size_t room,
			struct complaint *why)
{
	__u64 need = (__u64)head->nr_entries * head->entry_size +
			head->header_size;

	if (head->header_size < sizeof(*head)) {
		complain(why, "damaged record: header of %u bytes, at least %zu expected",
			 head->header_size, sizeof(*head));
		return false;
	}
	if (head->entry_size < sizeof(struct pciq_entry)) {
		complain(why, "damaged record: entries of %u bytes, at least %zu expected",
			 head->entry_size, sizeof(struct pciq_entry));
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
 * @rec: filled in, but for @rec->entries and @rec->checksum_ok
 * @buf: start of the record
 * @len: bytes readable at @buf, those of the header will do
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
	make_printable(rec->head.build, sizeof(rec->head.build));
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
 * Whoever was cut short in writing it left its checksum wrong: such a record says
 * how far they got, so it is valid.
 *
 * Return: true if header and entries lie inside @buf.
 */
bool record_parse(struct record *rec, const void *buf, size_t len,
		  struct complaint *why)
{
	if (!record_parse_head(rec, buf, len, len, why))
		return false;
	rec->entries = (const unsigned char *)buf + rec->head.header_size;
	rec->checksum_ok = XXH64((const unsigned char *)buf + SUMMED,
				 rec->head.total_bytes - SUMMED, 0) ==
			   rec->head.checksum;
	return true;
}

/**
 * record_entry() - one entry of a validated record
 * @rec: record
 * @i: below @rec->head.nr_entries
 *
 * Return: a copy, as the buffer need not be aligned.
 */
struct pciq_entry record_entry(const struct record *rec,
			       unsigned int i)
{
	struct pciq_entry entry;

	memcpy(&entry, rec->entries + (size_t)i * rec->head.entry_size,
	       sizeof(entry));
	return entry;
}

/**
 * record_port() - the port whose link a function is on
 * @rec: record
 * @i: below @rec->head.nr_entries
 *
 * Children come before parents: a number that leads back is damaged.
 *
 * Return: its number, NO_ENTRY if there is none.
 */
unsigned int record_port(const struct record *rec, unsigned int i)
{
	unsigned int port = record_entry(rec, i).port;

	if (port <= i + 1 || port > rec->head.nr_entries)
		return NO_ENTRY;
	port--;
	return record_entry(rec, port).flags & PCIQ_F_BRIDGE ?
		       port : NO_ENTRY;
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
 * @step: enum pciq_step
 *
 * Return: microseconds since the first step began, NAN if this one did not.
 */
double record_step_at(const struct record *rec, unsigned int step)
{
	__u64 first = rec->head.tsc[PCIQ_STEP_VALIDATE];
	__u64 began = rec->head.tsc[step];

	if (!first || !began || began < first)
		return NAN;
	return record_ticks_us(rec, began - first);
}

/**
 * record_step_took() - how long a step took
 * @rec: record
 * @step: enum pciq_step
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
	for (next = step + 1; next < PCIQ_NR_STEPS; next++)
		if (rec->head.tsc[next])
			break;
	if (next == PCIQ_NR_STEPS || rec->head.tsc[next] < began)
		return NAN;
	return record_ticks_us(rec, rec->head.tsc[next] - began);
}

/**
 * record_cut_short() - did the routine not get to the end of its record
 * @rec: record
 *
 * Or the record was damaged afterwards.  One that was prepared when the kernel was
 * armed, and never begun, has no checksum yet.
 *
 * Return: true if so.
 */
bool record_cut_short(const struct record *rec)
{
	return !rec->checksum_ok &&
	       (rec->head.verdict != PCIQ_NO_VERDICT || rec->head.checksum);
}

/**
 * entry_command_known() - was this Command value ever read
 * @entry: entry
 * @command: its command_before or command_after
 *
 * Return: false for the all ones that stand for "never read".
 */
bool entry_command_known(const struct pciq_entry *entry,
			 unsigned int command)
{
	return command != 0xffff || (entry->done & PCIQ_DID_READ);
}

/**
 * entry_driver() - the driver of a function
 * @entry: entry
 * @buf: room for its name
 *
 * Return: @buf, "" if there is none.
 */
const char *entry_driver(const struct pciq_entry *entry, char buf[DRIVER_LEN])
{
	memcpy(buf, entry->driver, sizeof(entry->driver));
	buf[DRIVER_LEN - 1] = '\0';
	make_printable(buf, DRIVER_LEN);
	return buf;
}

static bool is_bridge(const struct pciq_entry *entry)
{
	return entry->flags & PCIQ_F_BRIDGE ||
	       entry->reason == PCIQ_BY_BRIDGE;
}

/* In scope and not disabled: excluded by the operator, not read, left alone. */
static bool was_left_on(const struct pciq_entry *entry)
{
	switch (entry->reason) {
	case PCIQ_BY_DEADLINE:
	case PCIQ_BY_USER:
	case PCIQ_BY_WINDOW:
	case PCIQ_BY_IDENTITY:
	case PCIQ_BY_POWER:
	case PCIQ_BY_FIRMWARE:
	case PCIQ_BY_PEER:
		return true;
	default:
		return false;
	}
}

/* It had responded at the snapshot, and was not below a port without power. */
static bool stopped_responding(const struct pciq_entry *entry)
{
	return entry->outcome == PCIQ_ABSENT &&
	       (entry->reason == PCIQ_BY_NO_RESPONSE ||
		entry->reason == PCIQ_BY_WINDOW);
}

/**
 * entry_may_master() - may a function still write memory
 * @entry: entry
 *
 * Excluded classes and functions below a port in a low-power state are out of
 * scope.  A port only forwards, and has no DMA of its own.
 *
 * Return: true if the record does not show that it cannot.
 */
bool entry_may_master(const struct pciq_entry *entry)
{
	if (is_bridge(entry))
		return false;
	if (entry->outcome == PCIQ_REFUSED)
		return entry->reason != PCIQ_BY_INTX;
	if (stopped_responding(entry))
		return true;
	if (entry->outcome != PCIQ_UNTOUCHED &&
	    entry->outcome != PCIQ_EXCLUDED)
		return false;
	if (entry_command_known(entry, entry->command_before) &&
	    !(entry->command_before & PCI_COMMAND_MASTER))
		return false;
	return was_left_on(entry);
}

/**
 * entry_may_interrupt() - may a function that cannot write memory interrupt
 * @entry: entry
 *
 * That is a function whose INTx Disable has no effect, one that is left alone for
 * its class while its driver uses INTx, and a port whose interrupts were not
 * disabled.
 *
 * Return: true if the record does not show that it cannot.
 */
bool entry_may_interrupt(const struct pciq_entry *entry)
{
	if (!is_bridge(entry))
		return entry->reason == PCIQ_BY_INTX &&
		       (entry->outcome == PCIQ_REFUSED ||
			entry->outcome == PCIQ_UNTOUCHED);
	if (entry->outcome == PCIQ_UNTOUCHED ||
	    entry->outcome == PCIQ_EXCLUDED)
		return was_left_on(entry);
	return stopped_responding(entry);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The explanation for a function that refused, in a sentence: how it refused,
 * what was tried, and how that ended.
 */
#include <linux/pci_regs.h>

#include "base/text.h"
#include "explain/address.h"
#include "explain/names.h"
#include "explain/story.h"

/* Each has a bus below it: a damaged record may promise a million. */
#define PORTS_ABOVE_MAX 256

static bool is_bridge(const struct pciq_entry *entry)
{
	return entry->flags & PCIQ_F_BRIDGE;
}

/* A port whose reset was written, and did not begin. */
static bool is_stuck(const struct pciq_entry *entry)
{
	return is_bridge(entry) && entry->done & PCIQ_DID_ASSERT &&
	       entry->no_reset == PCIQ_NOT_TAKEN;
}

/* === Which port === */

/**
 * story_link_reset() - was the link below a port reset
 * @entry: entry
 *
 * Return: false for a port whose reset did not begin, and for all but ports.
 */
bool story_link_reset(const struct pciq_entry *entry)
{
	return is_bridge(entry) && entry->done & PCIQ_DID_ASSERT &&
	       !is_stuck(entry);
}

/**
 * story_port_closed() - was a port closed
 * @entry: entry
 *
 * Return: false for all but ports.
 */
bool story_port_closed(const struct pciq_entry *entry)
{
	return is_bridge(entry) && entry->done & PCIQ_DID_CONTAIN;
}

/*
 * "link of 0000:00:02.0": of the nearest port above of which @is_it is true.  If
 * the record does not lead to one, it is damaged.
 */
static void add_port(struct text *text, const struct record *rec,
		     unsigned int i,
		     bool (*is_it)(const struct pciq_entry *entry),
		     const char *before, const char *unknown)
{
	struct pciq_entry port;
	char address[PCI_ADDRESS_LEN];
	unsigned int n;

	for (n = 0; n < PORTS_ABOVE_MAX; n++) {
		i = record_port(rec, i);
		if (i == NO_ENTRY)
			break;
		port = record_entry(rec, i);
		if (!is_it(&port))
			continue;
		text_add(text, "%s %s", before,
			 pci_address(port.domain, port.bus, port.devfn,
				     address));
		return;
	}
	text_add(text, "%s", unknown);
}

/* === The sentence === */

static bool was_reset(const struct pciq_entry *entry)
{
	return entry->done & PCIQ_DID_RESET;
}

/* It was ready, and then refused: said at the end, not as why it was reset. */
static bool refuses_again(const struct pciq_entry *entry)
{
	return entry->done & PCIQ_DID_RESTORE &&
	       entry->outcome != PCIQ_WAS_RESET;
}

/* The reset took the reason's place: Command still has what was read back. */
static const char *what_was_read(const struct pciq_entry *entry)
{
	if (entry->done & PCIQ_DID_DISABLE &&
	    entry->command_after == 0xffff)
		return "no response (reads as all ones)";
	if (entry->done & PCIQ_DID_DISABLE &&
	    entry->command_after & PCI_COMMAND_MASTER)
		return "refused (BME read back set)";
	return "";
}

static const char *how_refused(const struct pciq_entry *entry)
{
	if (refuses_again(entry))
		return "";
	switch (entry->reason) {
	case PCIQ_BY_BME:
		return "refused (BME read back set)";
	case PCIQ_BY_INTX:
		return "refused (INTx Disable has no effect)";
	case PCIQ_BY_CACHE:
		return "refused (CXL.cache does not depend on BME)";
	case PCIQ_BY_NO_RESPONSE:
		return "no response (reads as all ones)";
	case PCIQ_BY_NOT_READY:
		return what_was_read(entry);
	default:
		return "";
	}
}

static void add_comma(struct text *text)
{
	if (text->used)
		text_add(text, ", ");
}

/* VFs are reset with their PF, by its link or by its FLR. */
static void add_reset(struct text *text, const struct record *rec,
		      unsigned int i, const struct pciq_entry *entry)
{
	add_comma(text);
	if (entry->flags & PCIQ_F_VF &&
	    !(entry->done & PCIQ_DID_FLR)) {
		text_add(text, "reset with its PF");
		return;
	}
	if (entry->done & PCIQ_DID_DRAIN)
		text_add(text, "transactions were pending, ");
	if (entry->done & PCIQ_DID_FLR) {
		text_add(text, "FLR");
	} else {
		add_port(text, rec, i, story_link_reset, "link of",
			 "the link above");
		text_add(text, " reset");
	}
	if (!entry->ready_us)
		text_add(text, ", no response");
	else if (entry->ready_us < 10000)
		text_add(text, ", ready after %.1f ms",
			 entry->ready_us / 1000.0);
	else
		text_add(text, ", ready after %u ms",
			 entry->ready_us / 1000);
	if (entry->done & PCIQ_DID_RESTORE)
		text_add(text, ", restored");
}

/* No-reset reasons that the crash path found, and the plan did not have. */
static bool found_at_crash(const struct pciq_entry *entry)
{
	switch (entry->no_reset) {
	case PCIQ_NOT_TIME:
	case PCIQ_NOT_TAKEN:
	case PCIQ_NOT_CURRENT:
		return true;
	default:
		return entry->no_reset >= PCIQ_NR_NO_RESETS;
	}
}

static void add_no_reset(struct text *text,
			 const struct pciq_entry *entry)
{
	char unknown[NAME_LEN];

	add_comma(text);
	text_add(text, "%s (%s)",
		 found_at_crash(entry) ? "not reset" : "reset blocked",
		 name_of(&no_reset_names, entry->no_reset, unknown));
}

static void add_again(struct text *text,
		      const struct pciq_entry *entry)
{
	if (entry->reason == PCIQ_BY_BME)
		text_add(text, ", BME set again");
	else if (entry->reason == PCIQ_BY_INTX)
		text_add(text, ", INTx Disable has no effect");
	else if (entry->command_after == 0xffff)
		text_add(text, ", then no response");
	else
		text_add(text, ", not read again (no time)");
}

static void add_end(struct text *text, const struct record *rec,
		    unsigned int i, const struct pciq_entry *entry)
{
	if (entry->outcome == PCIQ_WAS_CONTAINED) {
		add_port(text, rec, i, story_port_closed, ": contained at",
			 ": contained at a port above");
	} else if (entry_may_master(entry)) {
		text_add(text, ": may still write memory");
	} else if (entry_may_interrupt(entry)) {
		text_add(text, ": may still interrupt");
	} else if (entry->outcome == PCIQ_WAS_RESET) {
		text_add(text, ": quiet");
	} else if (entry->outcome == PCIQ_ALREADY_QUIET) {
		text_add(text, ": found quiet");
	} else if (entry->outcome == PCIQ_QUIET) {
		text_add(text, ": disabled");
	} else {
		text_add(text, ": left alone");
	}
}

static void describe_port(struct text *text, const struct record *rec,
			  unsigned int i, const struct pciq_entry *entry)
{
	char unknown[NAME_LEN];

	if (was_reset(entry)) {
		add_reset(text, rec, i, entry);
		text_add(text, ": a port, no response from below it");
	} else {
		text_add(text, "a port, link below not reset (%s)",
			 name_of(&no_reset_names, entry->no_reset, unknown));
	}
}

/**
 * story_of() - what became of a function
 * @rec: record
 * @i: number of its entry
 * @buf: room for the sentence
 *
 * Return: @buf.
 */
const char *story_of(const struct record *rec, unsigned int i,
		     char buf[STORY_LEN])
{
	struct pciq_entry entry = record_entry(rec, i);
	struct text text = text_begin(buf, STORY_LEN);

	if (is_bridge(&entry)) {
		describe_port(&text, rec, i, &entry);
		return buf;
	}
	text_add(&text, "%s", how_refused(&entry));
	if (was_reset(&entry))
		add_reset(&text, rec, i, &entry);
	else if (entry.no_reset)
		add_no_reset(&text, &entry);
	if (refuses_again(&entry))
		add_again(&text, &entry);
	add_end(&text, rec, i, &entry);
	return buf;
}

/**
 * story_worthy() - did a function refuse, or its reset fail
 * @entry: its entry
 *
 * Return: true if there is more to say than the outcome.
 */
bool story_worthy(const struct pciq_entry *entry)
{
	if (is_bridge(entry))
		return is_stuck(entry) ||
		       entry->outcome == PCIQ_REFUSED;
	switch (entry->outcome) {
	case PCIQ_REFUSED:
	case PCIQ_WAS_CONTAINED:
		return true;
	case PCIQ_ABSENT:
		return entry->reason == PCIQ_BY_NO_RESPONSE;
	case PCIQ_WAS_RESET:
		return entry->reason == PCIQ_BY_BME ||
		       entry->reason == PCIQ_BY_NO_RESPONSE;
	default:
		return entry->no_reset;
	}
}

static void count(struct stopped *n, const struct pciq_entry *entry)
{
	if (entry_may_master(entry) || entry_may_interrupt(entry))
		n->not_stopped++;
	else if (entry->outcome == PCIQ_QUIET)
		n->disabled++;
	else if (entry->outcome == PCIQ_ALREADY_QUIET)
		n->found_quiet++;
	else if (entry->outcome == PCIQ_WAS_RESET)
		n->reset++;
	else if (entry->outcome == PCIQ_WAS_CONTAINED)
		n->contained++;
	else
		n->left++;
}

/**
 * story_count() - how many functions were only disabled, and how many reset
 * @rec: record
 *
 * Return: the numbers.
 */
struct stopped story_count(const struct record *rec)
{
	struct pciq_entry entry;
	struct stopped n = { 0 };
	unsigned int i;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		if (!is_bridge(&entry))
			count(&n, &entry);
	}
	return n;
}

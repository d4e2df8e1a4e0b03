// SPDX-License-Identifier: GPL-2.0-only
/* All that a record has about one function. */
#include <math.h>

#include "explain/names.h"
#include "explain/pcinames.h"
#include "explain/story.h"

#include "function.h"

/**
 * function_parse() - an address as lspci writes it
 * @text: [dddd:]bb:dd.f
 * @domain: 0 if it is left out
 * @bus: bus number
 * @devfn: device and function
 *
 * Return: false if it is no address.
 */
bool function_parse(const char *text, unsigned int *domain, unsigned int *bus,
		    unsigned int *devfn)
{
	unsigned int device, function;
	int end = 0;

	*domain = 0;
	if (sscanf(text, "%8x:%2x:%2x.%1x%n", domain, bus, &device, &function,
		   &end) != 4) {
		*domain = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", bus, &device, &function,
			   &end) != 3)
			return false;
	}
	if (text[end] || device > 0x1f || function > 7)
		return false;
	*devfn = device << 3 | function;
	return true;
}

/**
 * function_find() - look for a function
 * @rec: record
 * @domain: PCI segment
 * @bus: bus number
 * @devfn: device and function
 *
 * Return: its number, or NO_ENTRY.
 */
unsigned int function_find(const struct record *rec, unsigned int domain,
			   unsigned int bus, unsigned int devfn)
{
	struct pciq_entry entry;
	unsigned int i;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		if (entry.domain == domain && entry.bus == bus &&
		    entry.devfn == devfn)
			return i;
	}
	return NO_ENTRY;
}

static void show_name(FILE *out, const char *what, const struct names *names,
		      unsigned int value)
{
	char unknown[NAME_LEN];
	const char *name = name_of(names, value, unknown);

	fprintf(out, "%10s: %s\n", what, *name ? name : "-");
}

static void show_bits(FILE *out, const char *what, const struct names *names,
		      unsigned int bits)
{
	char buf[PCI_NAME_LEN];

	join_bits(names, bits, buf, sizeof(buf));
	fprintf(out, "%10s: %s\n", what, *buf ? buf : "-");
}

static void show_command(FILE *out, const char *what,
			 const struct pciq_entry *entry,
			 unsigned int command)
{
	if (entry_command_known(entry, command))
		fprintf(out, "%10s: %04x\n", what, command);
	else
		fprintf(out, "%10s: never read\n", what);
}

static void show_place(FILE *out, const char *what, const struct record *rec,
		       unsigned int i)
{
	struct pciq_entry entry;
	char address[PCI_ADDRESS_LEN];

	if (i == NO_ENTRY) {
		fprintf(out, "%10s: -\n", what);
		return;
	}
	entry = record_entry(rec, i);
	fprintf(out, "%10s: %s\n", what,
		pci_address(entry.domain, entry.bus, entry.devfn, address));
}

static void show_ids(FILE *out, const struct pciq_entry *entry)
{
	char buf[PCI_NAME_LEN], driver[DRIVER_LEN];

	fprintf(out, "%10s: %06x %s\n", "CLASS", entry->class_revision >> 8,
		pci_class_name(entry->class_revision >> 8, buf));
	fprintf(out, "%10s: %04x:%04x %s\n", "DEVICE", entry->vendor,
		entry->device,
		pci_device_name(entry->vendor, entry->device, buf));
	fprintf(out, "%10s: %s\n", "DRIVER",
		*entry_driver(entry, driver) ? driver : "-");
}

/**
 * function_show() - print all that a record has about a function
 * @out: where to
 * @rec: record
 * @i: number of its entry
 */
void function_show(FILE *out, const struct record *rec, unsigned int i)
{
	struct pciq_entry entry = record_entry(rec, i);
	double us = record_ticks_us(rec, entry.ticks);
	char story[STORY_LEN];

	show_place(out, "ADDRESS", rec, i);
	show_ids(out, &entry);
	show_place(out, "PORT", rec, record_port(rec, i));
	show_name(out, "OUTCOME", &outcome_names, entry.outcome);
	show_name(out, "REASON", &reason_names, entry.reason);
	show_name(out, "QUIET", &duration_names, entry.duration);
	show_command(out, "BEFORE", &entry, entry.command_before);
	show_command(out, "AFTER", &entry, entry.command_after);
	show_bits(out, "DONE", &done_names, entry.done);
	show_name(out, "NO RESET", &no_reset_names, entry.no_reset);
	if (!isnan(us))
		fprintf(out, "%10s: %.3f us\n", "TOOK", us);
	if (entry.ready_us)
		fprintf(out, "%10s: %u us after its reset\n", "READY",
			entry.ready_us);
	show_bits(out, "FLAGS", &flag_names, entry.flags);
	if (story_worthy(&entry))
		fprintf(out, "%10s: %s\n", "STORY", story_of(rec, i, story));
}

// SPDX-License-Identifier: GPL-2.0-only
/* The functions that refused, and those that may still write or interrupt. */
#include <stdio.h>

#include "draw/show.h"
#include "explain/names.h"
#include "explain/pcinames.h"
#include "explain/story.h"

static void show_stories(FILE *out, const struct record *rec)
{
	char address[PCI_ADDRESS_LEN], story[STORY_LEN];
	struct pciq_entry entry;
	bool any = false;
	unsigned int i;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		if (!story_worthy(&entry))
			continue;
		if (!any)
			fputs("\nRefused, or not reset:\n", out);
		any = true;
		fprintf(out, "  %s  %s\n",
			pci_address(entry.domain, entry.bus, entry.devfn,
				    address),
			story_of(rec, i, story));
	}
}

static void show_ports(FILE *out, const struct record *rec, const char *what,
		       bool (*is_it)(const struct pciq_entry *entry))
{
	struct pciq_entry entry;
	char address[PCI_ADDRESS_LEN];
	bool any = false;
	unsigned int i;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		if (!is_it(&entry))
			continue;
		if (!any)
			fprintf(out, "\n%s\n", what);
		any = true;
		fprintf(out, "  %s\n", pci_address(entry.domain, entry.bus,
						   entry.devfn, address));
	}
}

static void show_suspects(FILE *out, const struct record *rec, const char *what,
			  bool (*is_it)(const struct pciq_entry *entry))
{
	struct pciq_entry entry;
	char address[PCI_ADDRESS_LEN], name[PCI_NAME_LEN];
	char class[PCI_NAME_LEN], driver[DRIVER_LEN];
	bool any = false;
	unsigned int i;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		if (!is_it(&entry))
			continue;
		if (!any)
			fprintf(out, "\n%s\n", what);
		any = true;
		fprintf(out, "  %s %s: %s",
			pci_address(entry.domain, entry.bus, entry.devfn,
				    address),
			pci_class_name(entry.class_revision >> 8, class),
			pci_device_name(entry.vendor, entry.device, name));
		fprintf(out, *entry_driver(&entry, driver) ? " (%s)\n" : "%s\n",
			driver);
	}
}

/**
 * show_refusers() - print the functions that refused, and the measures taken
 * @out: where to
 * @rec: record
 */
void show_refusers(FILE *out, const struct record *rec)
{
	show_ports(out, rec, "Links reset, below port:", story_link_reset);
	show_ports(out, rec, "Contained, bus mastering off at port:",
		   story_port_closed);
	show_stories(out, rec);
	show_suspects(out, rec, "May still write memory:", entry_may_master);
	show_suspects(out, rec, "May still interrupt:", entry_may_interrupt);
}

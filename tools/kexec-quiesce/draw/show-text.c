// SPDX-License-Identifier: GPL-2.0-only
/* A record as tables to read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/show.h"
#include "draw/term.h"
#include "explain/names.h"
#include "explain/pcinames.h"
#include "explain/story.h"

#define CLASS_WIDTH_MAX 30

static enum ink verdict_ink(unsigned int verdict)
{
	if (verdict == PCIQ_CLEAN)
		return INK_GOOD;
	return verdict == PCIQ_CONTAINED ? INK_WARN : INK_BAD;
}

static enum ink outcome_ink(const struct pciq_entry *entry)
{
	if (entry_may_master(entry) || entry_may_interrupt(entry))
		return INK_BAD;
	switch (entry->outcome) {
	case PCIQ_QUIET:
	case PCIQ_WAS_RESET:
		return INK_GOOD;
	case PCIQ_WAS_CONTAINED:
		return INK_WARN;
	case PCIQ_UNTOUCHED:
		return INK_FAINT;
	default:
		return INK_NONE;
	}
}

static const char *verdict_meaning(unsigned int verdict)
{
	static const char * const meaning[] = {
		[PCIQ_NO_VERDICT] = "the routine did not run",
		[PCIQ_CLEAN] = "all in scope read back quiet",
		[PCIQ_CONTAINED] =
			"functions that refused are cut off at the port above",
		[PCIQ_PARTIAL] =
			"something may still write memory or interrupt",
		[PCIQ_SKIPPED] =
			"no valid snapshot, or no function responded",
		[PCIQ_ABORTED] =
			"a fault or panic inside the routine",
	};

	return verdict < PCIQ_NR_VERDICTS ? meaning[verdict] :
						     "not known to this tool";
}

static void show_head(FILE *out, const struct record *rec)
{
	const struct pciq_record *head = &rec->head;
	enum ink colour = verdict_ink(head->verdict);
	char unknown[NAME_LEN], when[40];

	fprintf(out, "Verdict:   %s%s%s (%s)\n", ink(out, colour),
		name_of(&verdict_names, head->verdict, unknown),
		ink_off(out, colour), verdict_meaning(head->verdict));
	fprintf(out, "Quiet:     %u of %u functions in scope, in %u us\n",
		head->quiet, head->total, head->microseconds);
	if (head->held)
		fprintf(out, "Held:      %u of them, %s\n", head->held,
			"until a driver of the crash kernel calls pci_set_master()");
	if (record_cut_short(rec))
		fprintf(out, "Checksum:  %s\n", CHECKSUM_WRONG);
	fprintf(out, "Kernel:    %s, kexec_pci_quiesce %s\n", head->release,
		head->build);
	fprintf(out, "Policy:    %s, deadline %u ms\n",
		name_of(&policy_names, head->policy, unknown),
		head->deadline_ms);
	fprintf(out, "Snapshot:  %s, ",
		name_of(&source_names, head->source, unknown));
	fprintf(out, "generation %u, taken %s\n", head->generation,
		utc_time(head->taken_at, when, sizeof(when)));
	if (head->incomplete)
		fprintf(out, "Missing:   %s\n",
			"functions may have come after the snapshot: they are in no table");
	fprintf(out, "Config:    %u reads, %u writes, %u faults\n", head->reads,
		head->writes, head->faults);
	if (head->unanswered)
		fprintf(out, "All ones:  %u reads; %s\n", head->unanswered,
			"where unsupported, a port may have reported an error");
	fprintf(out, "Last step: %s\n", name_of(&step_names, head->step, unknown));
}

static void show_counts(FILE *out, const struct pciq_record *head)
{
	const char *comma = " ";
	unsigned int i;

	fprintf(out, "Outcomes: ");
	for (i = 0; i < PCIQ_NR_OUTCOMES; i++) {
		if (!head->counts[i])
			continue;
		fprintf(out, "%s%u %s", comma, head->counts[i],
			outcome_names.name[i]);
		comma = ", ";
	}
	fprintf(out, "%s\n", *comma == ' ' ? " none" : "");
}

/*
 * The outcomes again, without ports, and with disabled apart from reset: a driver
 * of the crash kernel may set Bus Master Enable before it resets its device.
 */
static void show_stopped(FILE *out, const struct record *rec)
{
	const struct pciq_record *head = &rec->head;
	struct stopped n = story_count(rec);

	fprintf(out, "Stopped:   %u disabled, %u reset, %u found quiet, %u contained, ",
		n.disabled, n.reset, n.found_quiet, n.contained);
	fprintf(out, "%u not stopped, %u left alone or absent\n", n.not_stopped,
		n.left);
	if (n.contained)
		fprintf(out, "%-10s %s\n", "",
			"contained: until the port driver opens the port (not with pcie_ports=compat)");
	fprintf(out, "Resets:    links: %u, functions by FLR: %u; ports contained: %u\n",
		head->links_reset, head->functions_reset,
		head->ports_contained);
}

static void show_us(FILE *out, double us, int width)
{
	if (isnan(us))
		fprintf(out, "%*s", width, "-");
	else
		fprintf(out, "%*.3f", width, us);
}

/**
 * show_steps() - print what each step took that began
 * @out: where to
 * @rec: record
 */
void show_steps(FILE *out, const struct record *rec)
{
	unsigned int step;

	fprintf(out, "\n%-10s %14s %14s\n", "Step", "began at us", "took us");
	for (step = 0; step < PCIQ_NR_STEPS; step++) {
		if (!rec->head.tsc[step])
			continue;
		fprintf(out, "%-10s ", step_names.name[step]);
		show_us(out, record_step_at(rec, step), 14);
		fputc(' ', out);
		show_us(out, record_step_took(rec, step), 14);
		fputc('\n', out);
	}
}

/* "refused (bme-stuck)" */
static void outcome_text(const struct pciq_entry *entry, char *buf,
			 size_t len)
{
	char outcome[NAME_LEN], reason[NAME_LEN];
	const char *why = name_of(&reason_names, entry->reason, reason);

	snprintf(buf, len, *why ? "%s (%s)" : "%s",
		 name_of(&outcome_names, entry->outcome, outcome), why);
}

static const char *command_text(const struct pciq_entry *entry,
				unsigned int command, char buf[8])
{
	if (!entry_command_known(entry, command))
		return "-";
	snprintf(buf, 8, "%04x", command & 0xffff);
	return buf;
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

struct widths {
	int address;
	int class;
	int driver;
	int outcome;
};

static void widen(int *width, const char *text)
{
	int len = strlen(text);

	if (len > *width)
		*width = len;
}

static struct widths measure(const struct record *rec)
{
	struct widths w = { 7, 5, 6, 7 };
	struct pciq_entry entry;
	char buf[PCI_NAME_LEN];
	unsigned int i;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		widen(&w.address, pci_address(entry.domain, entry.bus,
					      entry.devfn, buf));
		widen(&w.class, pci_class_name(entry.class_revision >> 8, buf));
		widen(&w.driver, entry_driver(&entry, buf));
		outcome_text(&entry, buf, sizeof(buf));
		widen(&w.outcome, buf);
	}
	if (w.class > CLASS_WIDTH_MAX)
		w.class = CLASS_WIDTH_MAX;
	return w;
}

static void show_row(FILE *out, const struct record *rec, const struct widths *w,
		     const struct pciq_entry *entry)
{
	enum ink colour = outcome_ink(entry);
	char buf[PCI_NAME_LEN], before[8], after[8], unknown[NAME_LEN];

	fprintf(out, "%-*s ", w->address,
		pci_address(entry->domain, entry->bus, entry->devfn, buf));
	fprintf(out, "%-*.*s ", w->class, w->class,
		pci_class_name(entry->class_revision >> 8, buf));
	fprintf(out, "%04x:%04x ", entry->vendor, entry->device);
	fprintf(out, "%-*s ", w->driver, or_dash(entry_driver(entry, buf)));
	outcome_text(entry, buf, sizeof(buf));
	fprintf(out, "%s%-*s%s ", ink(out, colour), w->outcome, buf,
		ink_off(out, colour));
	fprintf(out, "%-5s ", or_dash(name_of(&duration_names, entry->duration,
					      unknown)));
	fprintf(out, "%4s -> %-4s ",
		command_text(entry, entry->command_before, before),
		command_text(entry, entry->command_after, after));
	show_us(out, record_ticks_us(rec, entry->ticks), 11);
	join_bits(&done_names, entry->done, buf, sizeof(buf));
	fprintf(out, "  %s", or_dash(buf));
	if (entry->no_reset)
		fprintf(out, "; no reset: %s", name_of(&no_reset_names,
						       entry->no_reset, unknown));
	fputc('\n', out);
}

/**
 * show_table() - print a line for each function
 * @out: where to
 * @rec: record
 */
void show_table(FILE *out, const struct record *rec)
{
	struct pciq_entry entry;
	struct widths w = measure(rec);
	unsigned int i;

	if (!rec->head.nr_entries)
		return;
	fprintf(out, "\n%-*s %-*s %-9s %-*s ", w.address, "Address", w.class,
		"Class", "ID", w.driver, "Driver");
	fprintf(out, "%-*s %-5s %-12s %11s  %s\n", w.outcome, "Outcome",
		"Quiet", "Command", "us", "Done");
	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		show_row(out, rec, &w, &entry);
	}
}

/**
 * show_summary() - print the verdict and the numbers
 * @out: where to
 * @rec: record
 */
void show_summary(FILE *out, const struct record *rec)
{
	show_head(out, rec);
	show_counts(out, &rec->head);
	show_stopped(out, rec);
}

/**
 * show_text() - print a record for a person
 * @out: where to
 * @rec: record
 */
void show_text(FILE *out, const struct record *rec)
{
	show_summary(out, rec);
	show_steps(out, rec);
	show_table(out, rec);
	show_refusers(out, rec);
}

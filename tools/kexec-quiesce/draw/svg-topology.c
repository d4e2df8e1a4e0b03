// SPDX-License-Identifier: GPL-2.0-only
/* The functions of a record, coloured by outcome, as part of a picture. */
#include <string.h>

#include "draw/svg-parts.h"
#include "explain/names.h"
#include "explain/pcinames.h"
#include "explain/story.h"

/* For who does not see colours: the same in a letter, as in the legend. */
static const char letters[PCIQ_NR_OUTCOMES] = "-QqRC!ax";

static bool is_bridge(const struct pciq_entry *entry)
{
	return entry->flags & PCIQ_F_BRIDGE;
}

static char letter_of(const struct pciq_entry *entry)
{
	return entry->outcome < PCIQ_NR_OUTCOMES ?
		       letters[entry->outcome] : '?';
}

/* "o3": its colour is in the style sheet. */
static void put_class(FILE *out, const struct pciq_entry *entry)
{
	if (is_bridge(entry) && story_port_closed(entry))
		fputs("port closed", out);
	else if (is_bridge(entry) && story_link_reset(entry))
		fputs("port linkreset", out);
	else if (is_bridge(entry))
		fputs("port", out);
	else if (entry->outcome < PCIQ_NR_OUTCOMES)
		fprintf(out, "o%u", entry->outcome);
	else
		fputs("o0", out);
	if (entry_may_master(entry) || entry_may_interrupt(entry))
		fputs(" danger", out);
}

static void put_outcome(FILE *out, const struct pciq_entry *entry)
{
	char unknown[NAME_LEN];
	const char *reason;

	svg_text(out, name_of(&outcome_names, entry->outcome, unknown));
	reason = name_of(&reason_names, entry->reason, unknown);
	if (!*reason)
		return;
	fputs(" (", out);
	svg_text(out, reason);
	fputc(')', out);
}

static const char *port_does(const struct pciq_entry *entry)
{
	if (story_port_closed(entry))
		return "contains";
	if (story_link_reset(entry))
		return "link reset";
	return entry->done & PCIQ_DID_MASK ? "masked" : "port";
}

/* "00:02.0"; the domain is said above. */
static void put_short(FILE *out, const struct pciq_entry *entry)
{
	fprintf(out, "%02x:%02x.%u", entry->bus, entry->devfn >> 3,
		entry->devfn & 7);
}

/* What a pointing device shows: all that there is to know. */
static void put_tip(FILE *out, const struct record *rec, unsigned int i)
{
	struct pciq_entry entry = record_entry(rec, i);
	char buf[PCI_NAME_LEN], story[STORY_LEN];

	fputs("<title>", out);
	svg_text(out, pci_address(entry.domain, entry.bus, entry.devfn, buf));
	fputc(' ', out);
	svg_text(out, pci_class_name(entry.class_revision >> 8, buf));
	fputs(": ", out);
	svg_text(out, pci_device_name(entry.vendor, entry.device, buf));
	if (*entry_driver(&entry, buf)) {
		fputs(", driver ", out);
		svg_text(out, buf);
	}
	fputc('\n', out);
	put_outcome(out, &entry);
	join_bits(&done_names, entry.done, buf, sizeof(buf));
	if (rec->head.verdict != PCIQ_NO_VERDICT)
		fprintf(out, ", done: %s", *buf ? buf : "nothing");
	if (story_worthy(&entry)) {
		fputc('\n', out);
		svg_text(out, story_of(rec, i, story));
	}
	fputs("</title>", out);
}

static void put_words(FILE *out, const struct record *rec, unsigned int i,
		      const struct box *box)
{
	struct pciq_entry entry = record_entry(rec, i);
	char buf[PCI_NAME_LEN];

	fprintf(out, "<text class=\"name\" x=\"%d\" y=\"%d\">", box->x + 6,
		box->y + 14);
	put_short(out, &entry);
	fputs("</text>", out);
	pci_class_name(entry.class_revision >> 8, buf);
	if (strlen(buf) > 27)
		strcpy(buf + 26, "..");
	fprintf(out, "<text class=\"small\" x=\"%d\" y=\"%d\">", box->x + 6,
		box->y + 29);
	svg_text(out, buf);
	fprintf(out, "</text><text x=\"%d\" y=\"%d\">", box->x + 6,
		box->y + 44);
	if (is_bridge(&entry))
		fputs(port_does(&entry), out);
	else
		put_outcome(out, &entry);
	fputs("</text>", out);
}

static void put_letter(FILE *out, const struct pciq_entry *entry,
		       const struct box *box)
{
	fprintf(out, "<text class=\"name\" x=\"%d\" y=\"%d\">", box->x + 5,
		box->y + 14);
	put_short(out, entry);
	fprintf(out, "</text><text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%c</text>",
		box->x + box->w - 5, box->y + 14,
		is_bridge(entry) ? ' ' : letter_of(entry));
}

/* A port, above what is in it. */
static void put_heading(FILE *out, const struct pciq_entry *entry,
			const struct box *box, bool compact)
{
	fprintf(out, "<text class=\"name\" x=\"%d\" y=\"%d\">", box->x + 6,
		box->y + 14);
	put_short(out, entry);
	if (!compact || box->w > 170)
		fprintf(out, " %s", port_does(entry));
	fputs("</text>", out);
}

static void put_rect(FILE *out, const struct box *box)
{
	fprintf(out, "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>",
		box->x, box->y, box->w, box->h);
}

static void draw_function(FILE *out, const struct record *rec,
			  const struct layout *l, unsigned int i)
{
	struct pciq_entry entry = record_entry(rec, i);
	const struct box *box = &l->box[i];

	fputs("<g class=\"", out);
	put_class(out, &entry);
	fputs("\">", out);
	put_tip(out, rec, i);
	put_rect(out, box);
	if (box->child != NO_ENTRY)
		put_heading(out, &entry, box, l->compact);
	else if (l->compact)
		put_letter(out, &entry, box);
	else
		put_words(out, rec, i, box);
	fputs("</g>\n", out);
}

static void draw_bus(FILE *out, const struct record *rec,
		     const struct layout *l, unsigned int i)
{
	const struct box *box = &l->box[i];
	struct pciq_entry entry = record_entry(rec, box->child);

	fprintf(out, "<rect class=\"bus\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
		box->x, box->y, box->w, box->h);
	fprintf(out, "<text class=\"name\" x=\"%d\" y=\"%d\">bus %04x:%02x</text>\n",
		box->x + 6, box->y + 14, entry.domain, entry.bus);
}

/* Ports are boxes and have words: they are not counted. */
static unsigned int count_outcome(const struct record *rec, unsigned int what)
{
	struct pciq_entry entry;
	unsigned int i, nr = 0;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		nr += entry.outcome == what && !is_bridge(&entry);
	}
	return nr;
}

static int draw_sample(FILE *out, int x, int y, unsigned int outcome,
		       unsigned int nr)
{
	const char *name = outcome_names.name[outcome];

	fprintf(out, "<g class=\"o%u\">", outcome);
	put_rect(out, &(struct box) { .x = x, .y = y, .w = 18, .h = 16 });
	fprintf(out, "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%c</text></g>",
		x + 9, y + 12, letters[outcome]);
	fprintf(out, "<text x=\"%d\" y=\"%d\">%s %u</text>\n", x + 24, y + 12,
		name, nr);
	return x + 75 + 7 * (int)strlen(name);
}

static void draw_legend(FILE *out, const struct record *rec, int y)
{
	unsigned int outcome, nr;
	int x = 0;

	for (outcome = 0; outcome < PCIQ_NR_OUTCOMES; outcome++) {
		nr = count_outcome(rec, outcome);
		if (nr)
			x = draw_sample(out, x, y, outcome, nr);
	}
	fputs("<g class=\"danger\">", out);
	put_rect(out, &(struct box) { .x = x, .y = y, .w = 18, .h = 16 });
	fprintf(out, "</g><text x=\"%d\" y=\"%d\">may still write memory or interrupt</text>\n",
		x + 24, y + 12);
}

/**
 * svg_topology() - draw every function, below its port
 * @out: where to
 * @rec: record
 * @layout: where each goes
 * @y: upper edge
 */
void svg_topology(FILE *out, const struct record *rec,
		  const struct layout *layout, int y)
{
	unsigned int i;

	fprintf(out, "<text class=\"head\" x=\"0\" y=\"%d\">Functions</text>\n",
		y + 14);
	draw_legend(out, rec, y + 26);
	if (!layout->nr_funcs)
		return;
	fprintf(out, "<g transform=\"translate(-6 %d)\">\n", y + 34);
	for (i = layout->nr - 1; i-- > layout->nr_funcs;)
		draw_bus(out, rec, layout, i);
	for (i = layout->nr_funcs; i-- > 0;)
		draw_function(out, rec, layout, i);
	fputs("</g>\n", out);
}

// SPDX-License-Identifier: GPL-2.0-only
/* A record as a picture that a browser shows. */
#include "draw/show.h"
#include "draw/svg.h"
#include "explain/address.h"
#include "explain/names.h"
#include "explain/story.h"

#define LINE		18
#define STORIES_MAX	40

static const char * const style[] = {
	"text{font:12px DejaVu Sans,Verdana,sans-serif;fill:#222}",
	".small{font-size:11px;fill:#555}",
	".name{font-weight:bold;font-size:11px}",
	".head{font-size:15px;font-weight:bold}",
	".verdict{font-size:20px;font-weight:bold}",
	".grid{stroke:#ddd}.bar{fill:#4a7ebb}",
	".open{fill:#f3b6b6;stroke:#c00;stroke-dasharray:3}",
	".bus{fill:#fafafa;stroke:#bbb}.box{stroke:#888;fill:#fff}",
	".port>.box{fill:#f1f1f1}",
	".linkreset>.box{fill:#e8f1fc;stroke:#2a6fc4;stroke-width:2}",
	".closed>.box{fill:#fff3e0;stroke:#d98200;stroke-width:2}",
	".o0>.box{fill:#ececec}.o1>.box{fill:#a9dcb4}.o2>.box{fill:#dff3e3}",
	".o3>.box{fill:#b3d1f5}.o4>.box{fill:#ffcf8a}",
	".o5>.box{fill:#c62828}.o5>text{fill:#fff}",
	".o6>.box{fill:#fff;stroke-dasharray:3}.o7>.box{fill:#ddccec}",
	".danger>.box{stroke:#e00000;stroke-width:3}",
	".v1{fill:#1b7f37}.v2{fill:#b36b00}.v3,.v4,.v5{fill:#c62828}",
};

static int draw_head(FILE *out, const struct record *rec)
{
	const struct pciq_record *head = &rec->head;
	char unknown[NAME_LEN];

	fprintf(out, "<text class=\"verdict v%u\" x=\"0\" y=\"20\">", head->verdict);
	svg_text(out, name_of(&verdict_names, head->verdict, unknown));
	fprintf(out, ": %u of %u functions in scope quiet, in %u us</text>\n",
		head->quiet, head->total, head->microseconds);
	fputs("<text x=\"0\" y=\"42\">kernel ", out);
	svg_text(out, (const char *)head->release);
	fputs(", policy ", out);
	svg_text(out, name_of(&policy_names, head->policy, unknown));
	fprintf(out, ", deadline %u ms, snapshot %u; ", head->deadline_ms,
		head->generation);
	fprintf(out, "links reset: %u, functions by FLR: %u, ports contained: %u",
		head->links_reset, head->functions_reset, head->ports_contained);
	if (head->held)
		fprintf(out, ", only held: %u", head->held);
	if (head->unanswered)
		fprintf(out, ", reads of all ones: %u", head->unanswered);
	fputs("</text>\n", out);
	if (!record_cut_short(rec))
		return 60;
	fputs("<text class=\"v5\" x=\"0\" y=\"62\">checksum " CHECKSUM_WRONG
	      "</text>\n", out);
	return 80;
}

static bool worth_showing(const struct pciq_entry *entry)
{
	return story_worthy(entry) || entry_may_master(entry) ||
	       entry_may_interrupt(entry);
}

static unsigned int count_stories(const struct record *rec)
{
	struct pciq_entry entry;
	unsigned int i, nr = 0;

	for (i = 0; i < rec->head.nr_entries; i++) {
		entry = record_entry(rec, i);
		nr += worth_showing(&entry);
	}
	return nr;
}

static void draw_story(FILE *out, const struct record *rec, unsigned int i,
		       int y)
{
	struct pciq_entry entry = record_entry(rec, i);
	char address[PCI_ADDRESS_LEN], story[STORY_LEN], unknown[NAME_LEN];

	fprintf(out, "<text class=\"name\" x=\"0\" y=\"%d\">", y);
	svg_text(out, pci_address(entry.domain, entry.bus, entry.devfn,
				  address));
	fprintf(out, "</text><text x=\"110\" y=\"%d\">", y);
	if (story_worthy(&entry)) {
		svg_text(out, story_of(rec, i, story));
	} else {
		svg_text(out, name_of(&outcome_names, entry.outcome, unknown));
		fputs(" (", out);
		svg_text(out, name_of(&reason_names, entry.reason, unknown));
		fputs(entry_may_master(&entry) ? "): may still write memory" :
						 "): may still interrupt", out);
	}
	fputs("</text>\n", out);
}

static int draw_stories(FILE *out, const struct record *rec, int y)
{
	unsigned int i, shown = 0, nr = count_stories(rec);
	struct pciq_entry entry;

	if (!nr)
		return y;
	fprintf(out, "<text class=\"head\" x=\"0\" y=\"%d\">", y + 14);
	fputs("Refused, not reset, or not reached</text>\n", out);
	y += 36;
	for (i = 0; i < rec->head.nr_entries && shown < STORIES_MAX; i++) {
		entry = record_entry(rec, i);
		if (!worth_showing(&entry))
			continue;
		draw_story(out, rec, i, y);
		y += LINE;
		shown++;
	}
	if (shown < nr) {
		fprintf(out, "<text x=\"0\" y=\"%d\">and %u more</text>\n", y,
			nr - shown);
		y += LINE;
	}
	return y;
}

/* Without the margin. */
static int height_of(const struct record *rec, const struct layout *layout)
{
	unsigned int nr = count_stories(rec);
	int stories = nr > STORIES_MAX ? STORIES_MAX + 1 : nr;

	return 390 + layout->box[layout->nr - 1].h +
	       (nr ? 40 + stories * LINE : 0);
}

static void put_style(FILE *out)
{
	unsigned int i;

	fputs("<title>PCI quiesce before a crash kexec</title>\n<style>", out);
	for (i = 0; i < ARRAY_SIZE(style); i++)
		fputs(style[i], out);
	fputs("</style>\n", out);
}

/**
 * svg_open() - begin a picture
 * @out: where to
 * @layout: where each function goes
 * @height: of what is drawn
 */
void svg_open(FILE *out, const struct layout *layout, int height)
{
	int width = layout->box[layout->nr - 1].w;

	if (width < SVG_WIDTH)
		width = SVG_WIDTH;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n",
		width + 2 * SVG_MARGIN, height + 2 * SVG_MARGIN);
	put_style(out);
	fputs("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", out);
	fprintf(out, "<g transform=\"translate(%d %d)\">\n", SVG_MARGIN,
		SVG_MARGIN);
}

/**
 * svg_close() - end a picture
 * @out: where to
 */
void svg_close(FILE *out)
{
	fputs("</g>\n</svg>\n", out);
}

/**
 * svg_write() - write a record as a picture
 * @out: where to
 * @rec: record
 * @layout: where each function goes
 */
void svg_write(FILE *out, const struct record *rec,
	       const struct layout *layout)
{
	int y;

	svg_open(out, layout, height_of(rec, layout));
	y = svg_timeline(out, rec, draw_head(out, rec));
	y = draw_stories(out, rec, y);
	svg_topology(out, rec, layout, y);
	svg_close(out);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the functions of a record go in a picture: a port is a box around what
 * is below it.  Children come before ports in a record, so one pass upwards
 * gives all sizes, one downwards all places, and no recursion that a damaged
 * record could lead into the depth.
 */
#include <stdlib.h>

#include "draw/svg-parts.h"

#define MANY		60	/* more than these, and each becomes a small tile */
#define PAD		6
#define GAP		6
#define HEADING		20	/* a line of text above what is in a box */

struct sorted {
	struct pciq_entry entry;
	unsigned int index;
};

static int by_address(const void *a, const void *b)
{
	const struct pciq_entry *x = &((const struct sorted *)a)->entry;
	const struct pciq_entry *y = &((const struct sorted *)b)->entry;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->bus != y->bus)
		return x->bus - y->bus;
	return x->devfn - y->devfn;
}

static bool same_bus(const struct pciq_entry *a,
		     const struct pciq_entry *b)
{
	return a->domain == b->domain && a->bus == b->bus;
}

/* A box for each bus that has functions without a port; the page is last. */
static void add_root_buses(struct layout *l, const struct sorted *sorted)
{
	const struct sorted *prev = NULL;
	unsigned int i;

	for (i = 0; i < l->nr_funcs; i++) {
		struct box *box = &l->box[sorted[i].index];

		if (box->parent != NO_ENTRY)
			continue;
		if (!prev || !same_bus(&prev->entry, &sorted[i].entry))
			l->nr++;
		prev = &sorted[i];
		box->parent = l->nr - 1;
	}
	for (i = l->nr_funcs; i < l->nr; i++)
		l->box[i].parent = l->nr;
	l->box[l->nr++].parent = NO_ENTRY;
}

/* Each goes to the front of its list: from the last to the first. */
static void link_boxes(struct layout *l, const struct sorted *sorted)
{
	unsigned int i, index;
	struct box *parent;

	for (i = l->nr - 1; i-- > 0;) {
		index = i < l->nr_funcs ? sorted[i].index : i;
		parent = &l->box[l->box[index].parent];
		l->box[index].next = parent->child;
		parent->child = index;
	}
	for (i = l->nr - 1; i-- > 0;)
		l->box[i].depth = l->box[l->box[i].parent].depth + 1;
}

/* Children flow from left to right, and on into the next line. */
static void flow(struct layout *l, struct box *box)
{
	int room = SVG_WIDTH - 2 * PAD * (int)box->depth;
	int x = PAD, y = HEADING, line = 0;
	unsigned int i;

	box->w = l->tile_w + 2 * PAD;
	for (i = box->child; i != NO_ENTRY; i = l->box[i].next) {
		struct box *child = &l->box[i];

		if (x > PAD && x + child->w + PAD > room) {
			x = PAD;
			y += line + GAP;
			line = 0;
		}
		child->x = x;
		child->y = y;
		x += child->w + GAP;
		if (x - GAP + PAD > box->w)
			box->w = x - GAP + PAD;
		if (child->h > line)
			line = child->h;
	}
	box->h = y + line + PAD;
}

static void place(struct layout *l)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++) {
		struct box *box = &l->box[i];

		if (box->child != NO_ENTRY) {
			flow(l, box);
		} else {
			box->w = l->tile_w;
			box->h = l->tile_h;
		}
	}
	for (i = l->nr - 1; i-- > 0;) {
		const struct box *parent = &l->box[l->box[i].parent];

		l->box[i].x += parent->x;
		l->box[i].y += parent->y;
	}
}

static struct sorted *start(struct layout *l, const struct record *rec)
{
	unsigned int i, nr = rec->head.nr_entries;
	struct sorted *sorted = calloc(nr + 1, sizeof(*sorted));

	/* At most a root bus for each function, and the page. */
	l->box = calloc(2 * (size_t)nr + 1, sizeof(*l->box));
	if (!sorted || !l->box) {
		free(sorted);
		return NULL;
	}
	l->nr_funcs = nr;
	l->nr = nr;
	for (i = 0; i < nr; i++) {
		sorted[i].entry = record_entry(rec, i);
		sorted[i].index = i;
	}
	for (i = 0; i < 2 * nr + 1; i++) {
		l->box[i].child = NO_ENTRY;
		l->box[i].next = NO_ENTRY;
		l->box[i].parent = i < nr ? record_port(rec, i) : NO_ENTRY;
	}
	qsort(sorted, nr, sizeof(*sorted), by_address);
	return sorted;
}

/**
 * layout_make() - find a place for every function
 * @layout: filled in; @layout->box is to be freed in either case
 * @rec: record
 *
 * Return: false if there is no memory.
 */
bool layout_make(struct layout *layout, const struct record *rec)
{
	struct sorted *sorted = start(layout, rec);

	if (!sorted)
		return false;
	layout->compact = layout->nr_funcs > MANY;
	layout->tile_w = layout->compact ? 78 : 180;
	layout->tile_h = layout->compact ? 20 : 50;
	add_root_buses(layout, sorted);
	link_boxes(layout, sorted);
	place(layout);
	free(sorted);
	return true;
}

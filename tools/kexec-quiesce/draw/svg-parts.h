/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a picture have in common, and the parts. */
#ifndef KQ_SVG_PARTS_H
#define KQ_SVG_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "read/record.h"

#define SVG_WIDTH	1180	/* of what is drawn; there is a margin around it */
#define SVG_MARGIN	20

/**
 * struct box - a function, a port with what is below it, or a root bus
 * @x: left edge; relative to its parent until all are placed
 * @y: upper edge, likewise
 * @w: width
 * @h: height
 * @parent: index of the box around it, or NO_ENTRY
 * @child: its first child, in order of addresses, or NO_ENTRY
 * @next: its next sibling, or NO_ENTRY
 * @depth: boxes around it
 */
struct box {
	int x;
	int y;
	int w;
	int h;
	unsigned int parent;
	unsigned int child;
	unsigned int next;
	unsigned int depth;
};

/**
 * struct layout - where everything is
 * @box: functions as in the record, then root buses, then the page
 * @nr: boxes
 * @nr_funcs: functions among them
 * @tile_w: width of a function
 * @tile_h: height of a function
 * @compact: too many for words on each
 */
struct layout {
	struct box *box;
	unsigned int nr;
	unsigned int nr_funcs;
	int tile_w;
	int tile_h;
	bool compact;
};

void svg_open(FILE *out, const struct layout *layout, int height);
void svg_close(FILE *out);
bool layout_make(struct layout *layout, const struct record *rec);
void svg_text(FILE *out, const char *text);
int svg_timeline(FILE *out, const struct record *rec, int y);
void svg_topology(FILE *out, const struct record *rec,
		  const struct layout *layout, int y);

#endif /* KQ_SVG_PARTS_H */

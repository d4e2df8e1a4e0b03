/* SPDX-License-Identifier: GPL-2.0-only */
/* A record as a picture: the topology by outcome, and a timeline of the steps. */
#ifndef KQ_SVG_H
#define KQ_SVG_H

#include <stdio.h>

#include "draw/svg-parts.h"

void svg_write(FILE *out, const struct record *rec,
	       const struct layout *layout);

#endif /* KQ_SVG_H */

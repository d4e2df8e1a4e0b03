/* SPDX-License-Identifier: GPL-2.0-only */
/* A plan as a picture: what would become of each function that obeys. */
#ifndef KQ_SVG_PLAN_H
#define KQ_SVG_PLAN_H

#include "draw/svg-parts.h"
#include "explain/plan.h"

void *svg_plan_record(const struct plan *plan, struct record *rec);
void svg_plan(FILE *out, const struct plan *plan, const struct record *rec,
	      const struct layout *layout);

#endif /* KQ_SVG_PLAN_H */

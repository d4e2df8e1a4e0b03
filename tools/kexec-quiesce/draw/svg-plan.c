// SPDX-License-Identifier: GPL-2.0-only
/* A plan as a picture: what would become of each function that obeys. */
#include <stdlib.h>
#include <string.h>

#include "draw/svg-plan.h"
#include "explain/means.h"
#include "explain/names.h"
#include "explain/outlook.h"

static __u8 outcome_of(const struct function *func, unsigned int plan)
{
	if (func->entry.flags & PCIQ_F_OFFLINE)
		return PCIQ_ABSENT;
	switch (plan) {
	case PCIQ_PLAN_RESET:
		return PCIQ_WAS_RESET;
	case PCIQ_PLAN_DISABLE:
		return outlook_live(func) ? PCIQ_QUIET : PCIQ_ALREADY_QUIET;
	case PCIQ_PLAN_LEAVE:
		return func->entry.outcome;
	default:
		return PCIQ_UNTOUCHED;
	}
}

/**
 * svg_plan_record() - the record of a crash in which everything obeys
 * @plan: plan
 * @rec: filled in
 *
 * Return: its entries, to be freed; NULL without memory.
 */
void *svg_plan_record(const struct plan *plan, struct record *rec)
{
	unsigned int i, nr = plan->snap.nr_funcs;
	struct pciq_entry *entries = calloc(nr + 1, sizeof(*entries));
	struct function func;
	struct means means;

	*rec = (struct record) {
		.head = plan->snap.head.record,
		.entries = (const unsigned char *)entries,
	};
	rec->head.nr_entries = nr;
	rec->head.entry_size = sizeof(*entries);
	rec->head.verdict = PCIQ_NO_VERDICT;
	if (!entries)
		return NULL;
	for (i = 0; i < nr; i++) {
		func = snapshot_func(&plan->snap, i);
		means = means_of(&plan->snap, i, plan->policy);
		entries[i] = func.entry;
		entries[i].outcome = outcome_of(&func, means.plan);
		if (means.plan != PCIQ_PLAN_LEAVE)
			entries[i].reason = PCIQ_BY_PLAN;
		if (means.requested)
			entries[i].done = PCIQ_DID_ASSERT;
	}
	return entries;
}

static void draw_head(FILE *out, const struct plan *plan)
{
	struct outlook o = outlook_of(&plan->snap);

	fputs("<text class=\"verdict\" x=\"0\" y=\"20\">plan, policy ", out);
	svg_text(out, policy_names.name[plan->policy]);
	fputs("</text>\n<text x=\"0\" y=\"42\">", out);
	if (plan->machine)
		svg_text(out, plan->machine);
	else
		svg_text(out, (const char *)plan->snap.head.record.release);
	fprintf(out, ": %u functions, %u of them master: ", o.functions, o.live);
	fprintf(out, "%u can be reset by their link, %u by FLR, ", o.by_link,
		o.by_flr);
	fprintf(out, "%u by nothing; at most %u config accesses, resets at most %u ms</text>\n",
		o.live - o.by_link - o.by_flr, o.accesses, o.reset_ms);
}

/**
 * svg_plan() - write a plan as a picture
 * @out: where to
 * @plan: plan
 * @rec: from svg_plan_record()
 * @layout: where each function goes
 */
void svg_plan(FILE *out, const struct plan *plan, const struct record *rec,
	      const struct layout *layout)
{
	svg_open(out, layout, 120 + layout->box[layout->nr - 1].h);
	draw_head(out, plan);
	svg_topology(out, rec, layout, 60);
	svg_close(out);
}

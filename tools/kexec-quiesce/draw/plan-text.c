// SPDX-License-Identifier: GPL-2.0-only
/* A plan as a list to read. */
#include <stdio.h>

#include "base/text.h"
#include "draw/show-plan.h"
#include "draw/term.h"
#include "explain/address.h"
#include "explain/means.h"
#include "explain/names.h"
#include "explain/pcinames.h"

#define CLASS_WIDTH 30

static void show_head(FILE *out, const struct plan *plan)
{
	const struct pciq_snapshot *head = &plan->snap.head;
	char when[40];

	if (plan->machine)	/* plan_outlook() */
		return;
	fprintf(out, "Policy %s", policy_names.name[plan->policy]);
	if (plan->policy != plan->in_force)
		fprintf(out, " (in force: %s)", policy_names.name[plan->in_force]);
	fprintf(out, ", generation %u, taken %s\n\n",
		head->record.generation,
		utc_time(head->record.taken_at, when, sizeof(when)));
}

/* "3 by link, 1 contained"; under policy "reset" only the latter remain. */
static void if_refused(const struct tally *tally, char *buf, size_t len)
{
	const struct {
		unsigned int nr;
		const char *how;
	} items[] = {
		{ tally->or_link, "by link" },
		{ tally->or_flr, "by FLR" },
		{ tally->or_contain, "contained" },
		{ tally->or_nothing, "not stopped" },
	};
	struct text text = text_begin(buf, len);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++)
		if (items[i].nr)
			text_add(&text, "%s%u %s", *buf ? ", " : "",
				 items[i].nr, items[i].how);
}

static void show_tally(FILE *out, const struct plan *plan, unsigned int policy)
{
	struct tally tally = means_tally(&plan->snap, policy);
	char buf[96];

	fprintf(out, "Under %s: %u functions only disabled", policy_names.name[policy],
		tally.disabled);
	if_refused(&tally, buf, sizeof(buf));
	if (*buf && policy > PCIQ_BUSMASTER)
		fprintf(out, " (if they refuse: %s)", buf);
	fprintf(out, ", %u reset", tally.by_link + tally.by_flr);
	if (policy == PCIQ_RESET || tally.by_link || tally.by_flr)
		fprintf(out, " (%u by link, %u by FLR; links: %u)", tally.by_link,
			tally.by_flr, tally.links);
	fprintf(out, ", %u left alone\n", tally.left);
}

/* Policy reset is always shown, to compare. */
static void show_tallies(FILE *out, const struct plan *plan)
{
	show_tally(out, plan, plan->policy);
	if (plan->in_force != plan->policy)
		show_tally(out, plan, plan->in_force);
	if (plan->policy != PCIQ_RESET &&
	    plan->in_force != PCIQ_RESET)
		show_tally(out, plan, PCIQ_RESET);
	fputs("Disabled: until a driver of the crash kernel calls pci_set_master(), ",
	      out);
	fputs("which lets blocked DMA through.\n\n", out);
}

/**
 * plan_summary() - print the policy, and how many functions it
 * disables and resets
 * @out: where to
 * @plan: plan
 */
void plan_summary(FILE *out, const struct plan *plan)
{
	show_head(out, plan);
	show_tallies(out, plan);
}

static void show_func(FILE *out, const struct plan *plan, unsigned int i)
{
	struct function func = snapshot_func(&plan->snap, i);
	char buf[PCI_NAME_LEN], why[WHY_LEN], unknown[NAME_LEN];

	fprintf(out, "%-12s ",
		pci_address(func.entry.domain, func.entry.bus,
			    func.entry.devfn, buf));
	fprintf(out, "%-*.*s ", CLASS_WIDTH, CLASS_WIDTH,
		pci_class_name(func.entry.class_revision >> 8, buf));
	join_bits(&flag_names, func.entry.flags, buf, sizeof(buf));
	fprintf(out, "%04x:%04x %-7s %s%s%s%s\n", func.entry.vendor,
		func.entry.device,
		name_of(&plan_names, func.reset.plan[plan->policy], unknown),
		plan_why(plan, i, why), *buf ? " [" : "", buf,
		*buf ? "]" : "");
}

/**
 * plan_list() - print a line for each function
 * @out: where to
 * @plan: plan
 */
void plan_list(FILE *out, const struct plan *plan)
{
	unsigned int i;

	fprintf(out, "%-12s %-*s %-9s %-7s %s\n", "Address", CLASS_WIDTH, "Class",
		"ID", "Plan", "Why [flags]");
	for (i = 0; i < plan->snap.nr_funcs; i++)
		show_func(out, plan, i);
}

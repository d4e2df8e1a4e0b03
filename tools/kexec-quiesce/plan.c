// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce plan: what would be done to each function, and why. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "live.h"
#include "means.h"
#include "names.h"
#include "pcinames.h"
#include "plan.h"
#include "term.h"
#include "text.h"

#define CLASS_WIDTH 30

static void show_head(const struct plan *plan)
{
	const struct kexec_quiesce_image *head = &plan->snap.head;
	char when[40];

	printf("Policy %s", policy_names.name[plan->policy]);
	if (plan->policy != plan->in_force)
		printf(" (in force: %s)", policy_names.name[plan->in_force]);
	printf(", generation %u, captured %s\n\n", head->generation,
	       utc_time(head->captured_at, when, sizeof(when)));
}

/* "3 by link, 1 contained"; under policy "reset" only the latter are left. */
static void if_refused(const struct tally *tally, char *buf, size_t len)
{
	const struct {
		unsigned int nr;
		const char *what;
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
				 items[i].nr, items[i].what);
}

static void show_tally(const struct plan *plan, unsigned int policy)
{
	struct tally tally = means_tally(&plan->snap, policy);
	char buf[96];

	printf("Under %s: %u functions only gated", policy_names.name[policy],
	       tally.gated);
	if_refused(&tally, buf, sizeof(buf));
	if (*buf && policy > KEXEC_QUIESCE_BUSMASTER)
		printf(" (if they refuse: %s)", buf);
	printf(", %u reset", tally.by_link + tally.by_flr);
	if (policy == KEXEC_QUIESCE_RESET)
		printf(" (%u by link, %u by FLR; links: %u)", tally.by_link,
		       tally.by_flr, tally.links);
	printf(", %u left alone\n", tally.left);
}

/* What tells policy reset from the others. */
static void show_tallies(const struct plan *plan)
{
	show_tally(plan, plan->policy);
	if (plan->in_force != plan->policy)
		show_tally(plan, plan->in_force);
	if (plan->policy != KEXEC_QUIESCE_RESET &&
	    plan->in_force != KEXEC_QUIESCE_RESET)
		show_tally(plan, KEXEC_QUIESCE_RESET);
	fputs("A gate opens again at the capture driver's pci_set_master(): ",
	      stdout);
	puts("what was held back then lands.\n");
}

static void show_func(const struct plan *plan, unsigned int i)
{
	struct kexec_quiesce_func func = snapshot_func(&plan->snap, i);
	char buf[PCI_NAME_LEN], why[WHY_LEN], unknown[NAME_LEN];

	printf("%-12s ", pci_address(func.domain, func.bus, func.devfn, buf));
	printf("%-*.*s ", CLASS_WIDTH, CLASS_WIDTH,
	       pci_class_name(func.class, buf));
	join_bits(&flag_names, func.flags, buf, sizeof(buf));
	printf("%04x:%04x %-6s %s%s%s%s\n", func.vendor, func.device,
	       name_of(&plan_names, func.plan[plan->policy], unknown),
	       plan_why(plan, i, why), *buf ? " [" : "", buf,
	       *buf ? "]" : "");
}

static int show_list(const struct plan *plan)
{
	unsigned int i;

	printf("%-12s %-*s %-9s %-6s %s\n", "Address", CLASS_WIDTH, "Class",
	       "ID", "Plan", "Why [flags]");
	for (i = 0; i < plan->snap.head.nr_funcs; i++)
		show_func(plan, i);
	return EXIT_GOOD;
}

static int read_policy(const char *sysfs, unsigned int *policy)
{
	char path[LIVE_PATH_MAX], name[32];
	int ret;

	live_path(path, sysfs, LIVE_DIR "/policy");
	ret = live_line(sysfs, LIVE_DIR "/policy", name, sizeof(name));
	if (ret)
		return live_explain(path, ret);
	ret = value_of(&policy_names, name);
	if (ret < 0)
		return fail(path, "policy \"%s\" is not known to this tool",
			    name);
	*policy = ret;
	return EXIT_GOOD;
}

static int show_plan(const struct options *opt, struct plan *plan)
{
	int ret;

	ret = read_policy(opt->sysfs, &plan->in_force);
	if (ret)
		return ret;
	plan->policy = opt->policy < 0 ? plan->in_force :
					 (unsigned int)opt->policy;
	if (opt->json)
		return plan_json(plan);
	show_head(plan);
	show_tallies(plan);
	ret = opt->tree ? plan_tree(plan) : show_list(plan);
	pci_names_close();
	return ret;
}

/**
 * cmd_plan() - what a policy would do
 * @opt: options
 *
 * Return: exit code.
 */
int cmd_plan(const struct options *opt)
{
	char path[LIVE_PATH_MAX];
	struct complaint why;
	unsigned char *buf;
	struct plan plan;
	size_t len;
	int ret;

	live_path(path, opt->sysfs, LIVE_DIR "/snapshot");
	ret = live_load(path, &buf, &len);
	if (ret)
		ret = live_explain(path, ret);
	else if (!snapshot_parse(&plan.snap, buf, len, &why))
		ret = fail(path, "%s", why.text);
	else
		ret = show_plan(opt, &plan);
	free(buf);
	return ret;
}

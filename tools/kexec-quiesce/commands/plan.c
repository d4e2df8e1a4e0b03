// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce plan: what would be done to each function, and why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "draw/progress.h"
#include "draw/show-plan.h"
#include "explain/names.h"
#include "explain/pcinames.h"
#include "read/live.h"

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

/* A file is from any machine; escalate is what the module does by default. */
static int choose_policy(const struct options *opt, struct plan *plan)
{
	int ret = EXIT_GOOD;

	if (opt->from)
		plan->in_force = opt->policy < 0 ? PCIQ_ESCALATE :
						   (unsigned int)opt->policy;
	else
		ret = read_policy(opt->sysfs, &plan->in_force);
	plan->policy = opt->policy < 0 ? plan->in_force :
					 (unsigned int)opt->policy;
	return ret;
}

static int show_plan(const struct options *opt, struct plan *plan)
{
	int ret = choose_policy(opt, plan);

	if (ret)
		return ret;
	if (opt->json)
		return plan_json(plan, opt->registers);
	plan_summary(stdout, plan);
	if (opt->registers)
		plan_registers(stdout, plan);
	else if (opt->tree)
		ret = plan_tree(plan);
	else
		plan_list(stdout, plan);
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

	if (opt->from)
		snprintf(path, sizeof(path), "%s", opt->from);
	else
		live_path(path, opt->sysfs, LIVE_DIR "/snapshot");
	progress_begin("reading the snapshot");
	ret = live_load(path, &buf, &len);
	progress_end();
	if (ret && opt->from)
		ret = fail(path, "cannot be read: %s", strerror(-ret));
	else if (ret)
		ret = live_explain(path, ret);
	else if (!snapshot_parse(&plan.snap, buf, len, &why))
		ret = fail(path, "%s", why.text);
	else
		ret = show_plan(opt, &plan);
	free(buf);
	return ret;
}

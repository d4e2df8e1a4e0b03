// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce plan: what would be done to each function, and why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "commands/picture.h"
#include "draw/progress.h"
#include "draw/show-plan.h"
#include "explain/names.h"
#include "explain/pcinames.h"
#include "machine/machine.h"
#include "read/live.h"
#include "read/lspcifile.h"

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
	if (opt->svg) {
		ret = picture_of_plan(plan, opt->svg);
		pci_names_close();
		return ret;
	}
	if (plan->machine)
		plan_outlook(stdout, plan);
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

/* One that needs config space, NULL if there is none. */
static const char *list_option(const struct options *opt)
{
	if (opt->exclude)
		return "--exclude";
	if (opt->noreset)
		return "--noreset";
	return opt->reset ? "--reset" : NULL;
}

static bool is_snapshot(const unsigned char *buf, size_t len)
{
	const size_t magic = strlen(PCIQ_SNAPSHOT_MAGIC);

	return len >= magic && !memcmp(buf, PCIQ_SNAPSHOT_MAGIC, magic);
}

/* In place of config space, the snapshot that is made of it. */
static bool take_snapshot(unsigned char **buf, size_t *len,
			  struct complaint *why)
{
	struct lspci dump;
	bool good = lspcifile_read(&dump, *buf, *len, why);

	free(*buf);
	*buf = NULL;
	good = good && machine_snapshot(&dump, buf, len, why);
	lspci_free(&dump);
	return good;
}

static int set_lists(const struct options *opt)
{
	struct complaint why;

	if ((opt->exclude && !machine_set_list("exclude", opt->exclude, &why)) ||
	    (opt->noreset && !machine_set_list("noreset", opt->noreset, &why)) ||
	    (opt->reset && !machine_set_list("reset", opt->reset, &why)))
		return usage_error("%s", why.text);
	return EXIT_GOOD;
}

/* From what was loaded, of a kernel or of a machine. */
static int parse(const struct options *opt, const char *path,
		 unsigned char **buf, size_t *len, struct plan *plan)
{
	struct complaint why;

	if (opt->from && !is_snapshot(*buf, *len)) {
		plan->machine = path;
		if (!take_snapshot(buf, len, &why))
			return fail(path, "%s", why.text);
	} else if (list_option(opt)) {
		return usage_error("%s needs --from with config space, not a snapshot",
				   list_option(opt));
	}
	if (!snapshot_parse(&plan->snap, *buf, *len, &why))
		return fail(path, "%s", why.text);
	return EXIT_GOOD;
}

static int load(const struct options *opt, const char *path,
		unsigned char **buf, size_t *len)
{
	int ret;

	progress_begin("reading the snapshot");
	ret = live_load(path, buf, len);
	progress_end();
	if (ret && opt->from)
		return fail(path, "cannot be read: %s", strerror(-ret));
	return ret ? live_explain(path, ret) : EXIT_GOOD;
}

/**
 * cmd_plan() - what a policy would do
 * @opt: options
 *
 * Return: exit code.
 */
int cmd_plan(const struct options *opt)
{
	struct plan plan = { .machine = NULL };
	char path[LIVE_PATH_MAX];
	unsigned char *buf = NULL;
	size_t len;
	int ret;

	if (opt->from)
		snprintf(path, sizeof(path), "%s", strcmp(opt->from, "-") ?
			 opt->from : "/dev/stdin");
	else
		live_path(path, opt->sysfs, LIVE_DIR "/snapshot");
	ret = set_lists(opt);
	if (!ret)
		ret = load(opt, path, &buf, &len);
	if (!ret)
		ret = parse(opt, path, &buf, &len, &plan);
	if (!ret)
		ret = show_plan(opt, &plan);
	free(buf);
	return ret;
}

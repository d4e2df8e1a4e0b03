// SPDX-License-Identifier: GPL-2.0-only
/* The parameters, and whether the machine is fit. */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "quiesce.h"

static char *policy = "escalate";
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy, "off, busmaster, escalate (default) or reset");

static unsigned int deadline_ms = 2000;
module_param(deadline_ms, uint, 0444);
MODULE_PARM_DESC(deadline_ms, "time budget in milliseconds, 1 to 10000 (default 2000)");

static char *exclude = "";
module_param(exclude, charp, 0444);
MODULE_PARM_DESC(exclude, "functions never to touch: dddd:bb:dd.f, vvvv:dddd or class=cccc, comma-separated");

static char *noreset = "";
module_param(noreset, charp, 0444);
MODULE_PARM_DESC(noreset, "functions never to reset, likewise");

static char *reset = "";
module_param(reset, charp, 0444);
MODULE_PARM_DESC(reset, "functions always to reset, unless noreset= names them, likewise");

static int pciq_read_list(const char *name, const char *text,
			  struct pciq_match_list *list)
{
	char bad[64] = "";
	int err = pciq_parse_list(text, list, bad, sizeof(bad));

	if (err == -E2BIG) {
		pr_err("%s=: more than %d tokens, at \"%s\"\n", name,
		       PCIQ_MAX_MATCHES, bad);
		return -EINVAL;
	}
	if (err)
		pr_err("%s=: \"%s\" is none of dddd:bb:dd.f, vvvv:dddd, class=cccc (hexadecimal)\n",
		       name, bad);
	return err;
}

static int pciq_parse_parameters(void)
{
	int number = pciq_parse_policy(policy);

	if (number < 0)
		pr_err("policy=: \"%s\" is none of off, busmaster, escalate, reset\n",
		       policy);
	if (number < 0)
		return number;
	if (deadline_ms < PCIQ_MIN_DEADLINE_MS ||
	    deadline_ms > PCIQ_MAX_DEADLINE_MS) {
		pr_err("deadline_ms=: \"%u\" is not from %d to %d\n",
		       deadline_ms, PCIQ_MIN_DEADLINE_MS,
		       PCIQ_MAX_DEADLINE_MS);
		return -EINVAL;
	}
	pciq_ctl.policy = number;
	pciq_memory.deadline_ms = deadline_ms;
	return pciq_read_list("exclude", exclude, &pciq_ctl.exclude) ?:
	       pciq_read_list("noreset", noreset, &pciq_ctl.noreset) ?:
	       pciq_read_list("reset", reset, &pciq_ctl.reset);
}

static int pciq_check_machine(void)
{
	const char *why = pciq_arch_unfit();

	if (why) {
		pr_err("not armed: %s\n", why);
		return -EOPNOTSUPP;
	}
	pciq_memory.tsc_khz = pciq_arch_clock_khz();
	if (!pciq_memory.tsc_khz) {
		pr_err("not armed: no TSC frequency is known, and no other clock runs in a panic\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * pciq_configure() - the parameters, and the machine
 *
 * Context: process, once.
 * Return: 0 or an errno; the log says what to do.
 */
int pciq_configure(void)
{
	return pciq_parse_parameters() ?: pciq_check_machine();
}

// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce plan: what would be done to each function, and why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "json.h"
#include "live.h"
#include "names.h"
#include "pcinames.h"
#include "plan.h"
#include "term.h"

#define CLASS_WIDTH 30

static const char *why_left(const struct kexec_quiesce_func *func,
			    unsigned int policy)
{
	if (policy == KEXEC_QUIESCE_OFF)
		return "policy is off";
	if (func->flags & KEXEC_QUIESCE_F_EXCLUDE_USER)
		return "excluded by exclude=";
	if (func->flags & KEXEC_QUIESCE_F_EXCLUDE_CLASS)
		return "a class that nobody re-enables";
	if (func->flags & KEXEC_QUIESCE_F_GATED_ABOVE)
		return "masters through the VMD above";
	if (func->window == KEXEC_QUIESCE_NO_WINDOW)
		return "no config window reaches it";
	if (func->flags & KEXEC_QUIESCE_F_BRIDGE)
		return "a bridge, forwards only";
	return "";
}

static const char *why_only_gated(const struct kexec_quiesce_func *func,
				  unsigned int policy)
{
	if (policy != KEXEC_QUIESCE_RESET)
		return "opens again at pci_set_master()";
	if (func->flags & KEXEC_QUIESCE_F_NORESET_USER)
		return "not reset: noreset=";
	if (func->flags & KEXEC_QUIESCE_F_DISPLAY)
		return "not reset: display";
	if (func->flags & KEXEC_QUIESCE_F_CXL)
		return "not reset: CXL";
	if (func->flags & KEXEC_QUIESCE_F_NO_BUS_RESET)
		return "not reset: the device does not survive it";
	if (func->flags & KEXEC_QUIESCE_F_ROOT_BUS)
		return "not reset: on the root bus";
	return "not reset: it would reach other functions";
}

/**
 * plan_why() - why a policy does what it does
 * @func: function
 * @policy: enum kexec_quiesce_policy
 *
 * Return: a few words.
 */
const char *plan_why(const struct kexec_quiesce_func *func,
		     unsigned int policy)
{
	switch (func->plan[policy]) {
	case KEXEC_QUIESCE_PLAN_LEAVE:
		return why_left(func, policy);
	case KEXEC_QUIESCE_PLAN_MASK:
		return "a port above: error reporting masked";
	case KEXEC_QUIESCE_PLAN_GATE:
		return why_only_gated(func, policy);
	case KEXEC_QUIESCE_PLAN_RESET:
		return "stays quiet until re-initialised";
	default:
		return "";
	}
}

static void show_head(const struct snapshot *snap, unsigned int policy)
{
	char when[40];

	printf("Policy %s, generation %u, captured %s\n\n",
	       policy_names.name[policy], snap->head.generation,
	       utc_time(snap->head.captured_at, when, sizeof(when)));
}

static void show_func(const struct kexec_quiesce_func *func,
		      unsigned int policy)
{
	char buf[PCI_NAME_LEN], unknown[NAME_LEN];

	printf("%-12s ",
	       pci_address(func->domain, func->bus, func->devfn, buf));
	printf("%-*.*s ", CLASS_WIDTH, CLASS_WIDTH,
	       pci_class_name(func->class, buf));
	join_bits(&flag_names, func->flags, buf, sizeof(buf));
	printf("%04x:%04x %-6s %s%s%s%s\n", func->vendor, func->device,
	       name_of(&plan_names, func->plan[policy], unknown),
	       plan_why(func, policy), *buf ? " [" : "", buf,
	       *buf ? "]" : "");
}

static int show_list(const struct snapshot *snap, unsigned int policy)
{
	struct kexec_quiesce_func func;
	unsigned int i;

	printf("%-12s %-*s %-9s %-6s %s\n", "Address", CLASS_WIDTH, "Class",
	       "ID", "Plan", "Why [flags]");
	for (i = 0; i < snap->head.nr_funcs; i++) {
		func = snapshot_func(snap, i);
		show_func(&func, policy);
	}
	return EXIT_GOOD;
}

static void put_window(struct json *j, const struct kexec_quiesce_window *w)
{
	char phys[24];

	snprintf(phys, sizeof(phys), "0x%llx", w->phys);
	json_open(j, NULL, '{');
	json_uint(j, "domain", w->domain);
	json_uint(j, "bus_start", w->bus_start);
	json_uint(j, "bus_end", w->bus_end);
	json_string(j, "type", w->type == KEXEC_QUIESCE_ECAM ? "ecam" :
			       w->type == KEXEC_QUIESCE_CF8 ? "cf8" :
			       "unknown");
	json_string(j, "phys", phys);
	json_close(j, '}');
}

static void put_parent(struct json *j, const struct snapshot *snap,
		       const struct kexec_quiesce_func *func)
{
	char address[PCI_ADDRESS_LEN];
	struct kexec_quiesce_func up;

	if (func->parent == KEXEC_QUIESCE_NONE) {
		json_null(j, "parent");
		return;
	}
	up = snapshot_func(snap, func->parent);
	json_string(j, "parent",
		    pci_address(up.domain, up.bus, up.devfn, address));
}

static void put_flags(struct json *j, unsigned int flags)
{
	char unknown[NAME_LEN];
	unsigned int bit;

	json_open(j, "flags", '[');
	for (bit = 0; bit < 32; bit++)
		if (flags & (1U << bit))
			json_string(j, NULL,
				    name_of(&flag_names, bit, unknown));
	json_close(j, ']');
}

static void put_func(struct json *j, const struct snapshot *snap,
		     const struct kexec_quiesce_func *func,
		     unsigned int policy)
{
	char buf[PCI_ADDRESS_LEN], unknown[NAME_LEN];

	json_open(j, NULL, '{');
	json_string(j, "address",
		    pci_address(func->domain, func->bus, func->devfn, buf));
	snprintf(buf, sizeof(buf), "%06x", func->class);
	json_string(j, "class", buf);
	snprintf(buf, sizeof(buf), "%04x", func->vendor);
	json_string(j, "vendor", buf);
	snprintf(buf, sizeof(buf), "%04x", func->device);
	json_string(j, "device", buf);
	put_parent(j, snap, func);
	json_string(j, "plan", name_of(&plan_names, func->plan[policy],
				       unknown));
	json_string(j, "why", plan_why(func, policy));
	json_uint(j, "command", func->command);
	if (func->window == KEXEC_QUIESCE_NO_WINDOW)
		json_null(j, "window");
	else
		json_uint(j, "window", func->window);
	put_flags(j, func->flags);
	json_close(j, '}');
}

static int show_json_plan(const struct snapshot *snap, unsigned int policy)
{
	struct kexec_quiesce_window window;
	struct kexec_quiesce_func func;
	struct json j;
	unsigned int i;

	json_start(&j, stdout);
	json_uint(&j, "schema", 1);
	json_string(&j, "policy", policy_names.name[policy]);
	json_uint(&j, "generation", snap->head.generation);
	json_uint(&j, "captured_at", snap->head.captured_at);
	json_uint(&j, "capture_us", snap->head.capture_us);
	json_open(&j, "windows", '[');
	for (i = 0; i < snap->head.nr_windows; i++) {
		window = snapshot_window(snap, i);
		put_window(&j, &window);
	}
	json_close(&j, ']');
	json_open(&j, "functions", '[');
	for (i = 0; i < snap->head.nr_funcs; i++) {
		func = snapshot_func(snap, i);
		put_func(&j, snap, &func, policy);
	}
	json_close(&j, ']');
	json_finish(&j);
	return EXIT_GOOD;
}

static int read_policy(const char *sysfs, int *policy)
{
	char path[LIVE_PATH_MAX], name[32];
	int ret;

	live_path(path, sysfs, LIVE_DIR "/policy");
	ret = live_line(sysfs, LIVE_DIR "/policy", name, sizeof(name));
	if (ret)
		return live_explain(path, ret);
	*policy = value_of(&policy_names, name);
	if (*policy < 0)
		return fail(path, "policy \"%s\" is not known to this tool",
			    name);
	return EXIT_GOOD;
}

static int show_plan(const struct options *opt, const struct snapshot *snap)
{
	int policy = KEXEC_QUIESCE_OFF, ret;

	ret = read_policy(opt->sysfs, &policy);
	if (ret)
		return ret;
	if (opt->json)
		return show_json_plan(snap, policy);
	show_head(snap, policy);
	ret = opt->tree ? plan_tree(snap, policy) : show_list(snap, policy);
	pci_names_close();
	return ret;
}

/**
 * cmd_plan() - what the current policy would do
 * @opt: options
 *
 * Return: exit code.
 */
int cmd_plan(const struct options *opt)
{
	char path[LIVE_PATH_MAX];
	struct complaint why;
	struct snapshot snap;
	unsigned char *buf;
	size_t len;
	int ret;

	live_path(path, opt->sysfs, LIVE_DIR "/snapshot");
	ret = live_load(path, &buf, &len);
	if (ret)
		ret = live_explain(path, ret);
	else if (!snapshot_parse(&snap, buf, len, &why))
		ret = fail(path, "%s", why.text);
	else
		ret = show_plan(opt, &snap);
	free(buf);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/* The plan as JSON; the schema is described in the manual page. */
#include <stdio.h>

#include "base/fail.h"
#include "base/json.h"
#include "draw/show-plan.h"
#include "explain/address.h"
#include "explain/means.h"
#include "explain/names.h"
#include "read/record.h"

static void put_window(struct json *j, const struct pciq_window *w)
{
	char phys[24];

	snprintf(phys, sizeof(phys), "0x%llx", w->phys);
	json_open(j, NULL, '{');
	json_uint(j, "domain", w->domain);
	json_uint(j, "bus_start", w->bus_start);
	json_uint(j, "bus_end", w->bus_end);
	json_string(j, "type", w->type == PCIQ_ECAM ? "ecam" :
			       w->type == PCIQ_CF8 ? "cf8" :
			       "unknown");
	json_string(j, "phys", phys);
	json_close(j, '}');
}

static void put_address(struct json *j, const char *key,
			const struct snapshot *snap, unsigned int i)
{
	char address[PCI_ADDRESS_LEN];
	struct function func;

	if (i == PCIQ_NONE) {
		json_null(j, key);
		return;
	}
	func = snapshot_func(snap, i);
	json_string(j, key,
		    pci_address(func.entry.domain, func.entry.bus,
				func.entry.devfn, address));
}

static void put_hex(struct json *j, const char *key, unsigned int digits,
		    unsigned int value)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%0*x", digits, value);
	json_string(j, key, buf);
}

static void put_name(struct json *j, const char *key,
		     const struct names *names, unsigned int value)
{
	char unknown[NAME_LEN];

	json_string(j, key, name_of(names, value, unknown));
}

static void put_plans(struct json *j, const struct function *func)
{
	unsigned int policy;

	json_open(j, "plans", '{');
	for (policy = 0; policy < PCIQ_NR_POLICIES; policy++)
		put_name(j, policy_names.name[policy], &plan_names,
			 func->reset.plan[policy]);
	json_close(j, '}');
}

static void put_flags(struct json *j, unsigned int flags)
{
	unsigned int bit;

	json_open(j, "flags", '[');
	for (bit = 0; bit < 32; bit++)
		if (flags & (1U << bit))
			put_name(j, NULL, &flag_names, bit);
	json_close(j, ']');
}

static void put_means(struct json *j, const struct plan *plan, unsigned int i)
{
	struct means means = means_of(&plan->snap, i, plan->policy);

	put_name(j, "reset", &reset_names, means.reset);
	put_name(j, "no_reset", &no_reset_names, means.no_reset);
	put_address(j, "link", &plan->snap, means.link);
	put_address(j, "contain", &plan->snap, means.contain);
}

static void put_func(struct json *j, const struct plan *plan, unsigned int i)
{
	struct function func = snapshot_func(&plan->snap, i);
	char why[WHY_LEN], driver[DRIVER_LEN];

	json_open(j, NULL, '{');
	put_address(j, "address", &plan->snap, i);
	put_hex(j, "class", 6, func.entry.class_revision >> 8);
	put_hex(j, "vendor", 4, func.entry.vendor);
	put_hex(j, "device", 4, func.entry.device);
	json_string(j, "driver", entry_driver(&func.entry, driver));
	put_address(j, "parent", &plan->snap, func.reset.parent);
	put_name(j, "plan", &plan_names, func.reset.plan[plan->policy]);
	put_plans(j, &func);
	json_string(j, "why", plan_why(plan, i, why));
	put_means(j, plan, i);
	json_uint(j, "settle_ms", func.reset.settle_ms);
	json_uint(j, "command", func.reset.command);
	if (func.window == PCIQ_NO_WINDOW)
		json_null(j, "window");
	else
		json_uint(j, "window", func.window);
	put_flags(j, func.entry.flags);
	json_close(j, '}');
}

static void put_tally(struct json *j, const struct snapshot *snap,
		      unsigned int policy)
{
	struct tally tally = means_tally(snap, policy);

	json_open(j, policy_names.name[policy], '{');
	json_uint(j, "gated", tally.disabled);
	json_uint(j, "reset", tally.by_link + tally.by_flr);
	json_uint(j, "left", tally.left);
	json_uint(j, "links", tally.links);
	json_uint(j, "flr", tally.by_flr);
	if (policy == PCIQ_ESCALATE ||
	    policy == PCIQ_RESET) {
		json_open(j, "if_refused", '{');
		json_uint(j, "link", tally.or_link);
		json_uint(j, "flr", tally.or_flr);
		json_uint(j, "contain", tally.or_contain);
		json_uint(j, "nothing", tally.or_nothing);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void put_head(struct json *j, const struct plan *plan)
{
	const struct pciq_snapshot *head = &plan->snap.head;
	unsigned int policy;

	json_uint(j, "schema", 1);
	json_string(j, "policy", policy_names.name[plan->policy]);
	json_string(j, "in_force", policy_names.name[plan->in_force]);
	json_uint(j, "generation", head->record.generation);
	json_uint(j, "taken_at", head->record.taken_at);
	json_uint(j, "capture_us", head->took_us);
	json_string(j, "machine", plan->machine);
	plan_outlook_json(j, plan);
	json_open(j, "summary", '{');
	for (policy = 0; policy < PCIQ_NR_POLICIES; policy++)
		put_tally(j, &plan->snap, policy);
	json_close(j, '}');
}

/**
 * plan_json() - print the plan as JSON
 * @plan: plan
 * @registers: and what would be written to which register
 *
 * Return: exit code.
 */
int plan_json(const struct plan *plan, bool registers)
{
	struct pciq_window window;
	struct json j;
	unsigned int i;

	json_start(&j, stdout);
	put_head(&j, plan);
	json_open(&j, "windows", '[');
	for (i = 0; i < plan->snap.head.windows.nr; i++) {
		window = snapshot_window(&plan->snap, i);
		put_window(&j, &window);
	}
	json_close(&j, ']');
	json_open(&j, "functions", '[');
	for (i = 0; i < plan->snap.nr_funcs; i++)
		put_func(&j, plan, i);
	json_close(&j, ']');
	if (registers)
		plan_registers_json(&j, plan);
	json_finish(&j);
	return EXIT_GOOD;
}

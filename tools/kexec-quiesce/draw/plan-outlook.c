// SPDX-License-Identifier: GPL-2.0-only
/* What the plan of a machine amounts to, and which functions share a link. */
#include <stdio.h>

#include "base/json.h"
#include "draw/show-plan.h"
#include "explain/address.h"
#include "explain/names.h"
#include "explain/outlook.h"

static void put_reasons(FILE *out, const struct outlook *o)
{
	const char *before = ": ";
	unsigned int why, nr;

	for (why = 0; why < PCIQ_NR_NO_RESETS; why++) {
		nr = o->by_nothing[why];
		if (!nr)
			continue;
		fprintf(out, "%s%u %s", before, nr, no_reset_names.name[why]);
		before = ", ";
	}
}

/* Is it on the link below a port, or further below? */
static bool is_below(const struct snapshot *snap, unsigned int i,
		     unsigned int port)
{
	while (i != PCIQ_NONE && i != port)
		i = snapshot_func(snap, i).reset.parent;
	return i == port;
}

/* Ports aside. */
static unsigned int count_below(const struct snapshot *snap, unsigned int port)
{
	unsigned int i, nr = 0;
	struct function func;

	for (i = 0; i < port; i++) {
		func = snapshot_func(snap, i);
		nr += !(func.entry.flags & PCIQ_F_BRIDGE) &&
		      is_below(snap, i, port);
	}
	return nr;
}

/* Of ports one below the other with the same functions below, the lowest. */
static bool is_shared(const struct snapshot *snap, unsigned int port)
{
	struct function func = snapshot_func(snap, port);
	unsigned int i, nr;

	if (!(func.entry.flags & PCIQ_F_BRIDGE))
		return false;
	nr = count_below(snap, port);
	for (i = 0; i < port; i++) {
		func = snapshot_func(snap, i);
		if (func.entry.flags & PCIQ_F_BRIDGE &&
		    func.reset.parent == port && count_below(snap, i) == nr)
			return false;
	}
	return nr > 1;
}

static const char *name_it(const struct snapshot *snap, unsigned int i,
			   char buf[PCI_ADDRESS_LEN])
{
	struct function func = snapshot_func(snap, i);

	return pci_address(func.entry.domain, func.entry.bus,
			   func.entry.devfn, buf);
}

static void put_link(FILE *out, const struct snapshot *snap, unsigned int port)
{
	struct function func = snapshot_func(snap, port);
	char buf[PCI_ADDRESS_LEN], unknown[NAME_LEN];
	unsigned int i;

	fprintf(out, "  %s", name_it(snap, port, buf));
	if (func.reset.method != PCIQ_RESET_LINK)
		fprintf(out, " (not reset: %s)",
			name_of(&no_reset_names, func.reset.no_reset, unknown));
	fputc(':', out);
	for (i = 0; i < port; i++) {
		func = snapshot_func(snap, i);
		if (!(func.entry.flags & PCIQ_F_BRIDGE) &&
		    is_below(snap, i, port))
			fprintf(out, " %s", name_it(snap, i, buf));
	}
	fputc('\n', out);
}

static void put_links(FILE *out, const struct snapshot *snap)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < snap->nr_funcs; i++) {
		if (!is_shared(snap, i))
			continue;
		if (!any)
			fputs("Reset together, or not at all, below\n", out);
		any = true;
		put_link(out, snap, i);
	}
	if (any)
		fputc('\n', out);
}

/**
 * plan_outlook() - print what the plan of a machine amounts to
 * @out: where to
 * @plan: plan
 */
void plan_outlook(FILE *out, const struct plan *plan)
{
	struct outlook o = outlook_of(&plan->snap);

	fprintf(out, "Machine in %s: %u functions, %u of them master: ",
		plan->machine, o.functions, o.live);
	fprintf(out, "%u can be reset by their link, %u by FLR, %u by nothing",
		o.by_link, o.by_flr, o.live - o.by_link - o.by_flr);
	put_reasons(out, &o);
	fprintf(out, "\nAt most %u config accesses if nothing refuses; ",
		o.accesses);
	fprintf(out, "resets take at most %u ms.\n", o.reset_ms);
	fputs("Assumed, since no register shows it: each that masters has a driver, and\n"
	      "Linux, not firmware, owns hotplug, AER, DPC and PME.\n\n", out);
	put_links(out, &plan->snap);
}

static void put_shared_json(struct json *j, const struct snapshot *snap,
			    unsigned int port)
{
	struct function func = snapshot_func(snap, port);
	char buf[PCI_ADDRESS_LEN], unknown[NAME_LEN];
	unsigned int i;

	json_open(j, NULL, '{');
	json_string(j, "port", name_it(snap, port, buf));
	json_string(j, "no_reset", name_of(&no_reset_names, func.reset.no_reset,
					   unknown));
	json_open(j, "functions", '[');
	for (i = 0; i < port; i++) {
		func = snapshot_func(snap, i);
		if (!(func.entry.flags & PCIQ_F_BRIDGE) &&
		    is_below(snap, i, port))
			json_string(j, NULL, name_it(snap, i, buf));
	}
	json_close(j, ']');
	json_close(j, '}');
}

/**
 * plan_outlook_json() - the same as JSON
 * @j: in an object
 * @plan: plan
 */
void plan_outlook_json(struct json *j, const struct plan *plan)
{
	struct outlook o = outlook_of(&plan->snap);
	unsigned int i;

	json_open(j, "outlook", '{');
	json_uint(j, "functions", o.functions);
	json_uint(j, "mastering", o.live);
	json_uint(j, "by_link", o.by_link);
	json_uint(j, "by_flr", o.by_flr);
	json_open(j, "by_nothing", '{');
	for (i = 0; i < PCIQ_NR_NO_RESETS; i++)
		if (o.by_nothing[i])
			json_uint(j, no_reset_names.name[i], o.by_nothing[i]);
	json_close(j, '}');
	json_uint(j, "accesses", o.accesses);
	json_uint(j, "reset_ms", o.reset_ms);
	json_open(j, "shared", '[');
	for (i = 0; i < plan->snap.nr_funcs; i++)
		if (is_shared(&plan->snap, i))
			put_shared_json(j, &plan->snap, i);
	json_close(j, ']');
	json_close(j, '}');
}

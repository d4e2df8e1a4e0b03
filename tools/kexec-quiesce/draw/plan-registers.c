// SPDX-License-Identifier: GPL-2.0-only
/* What a crash would write to which register, in the form of setpci. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "draw/show-plan.h"
#include "explain/address.h"
#include "explain/registers.h"

/* === Text === */

#define REMARKS_AT	24	/* behind the longest operation */

static const char * const headings[NR_MOMENTS] = {
	[AT_ANY_CRASH] = "In every crash, functions before the ports above them:",
	[AT_LINK_RESET_PREPARE] =
		"Before a link is reset (undone after the reset, in reverse order):",
	[AT_RESET_PREPARE] =
		"Before a function is reset (undone after the reset, in reverse order):",
	[AT_LINK_RESET] =
		"Secondary Bus Reset, of a port with a function below that refuses:",
	[AT_LINK_RELEASE] = "Its end, 2 ms later:",
	[AT_FLR] = "FLR, of a function that refuses:",
	[AT_RESTORE] =
		"Once a function is ready after its reset, what it lost; Command as at the crash:",
	[AT_CONTAIN_PREPARE] =
		"Before a port is contained (not undone if that succeeds):",
	[AT_CONTAIN] =
		"Containment, of the port above what still refuses, or else the next above:",
};

struct listing {
	FILE *out;
	const struct snapshot *snap;
	const char *heading;	/* to be printed before the first */
};

static void show_remark(FILE *out, const struct change *change,
			const char *name, int blanks)
{
	int digits = 2 * change->size;

	if (*name)
		fprintf(out, "%*s%s", blanks, "", name);
	if (change->events)
		fprintf(out, "; only read, and afterwards %0*x:%0*x of what was 0",
			digits, change->events, digits, change->events);
	if (change->compare)
		fputs("; compared before the reset, which is not made if it differs",
		      out);
	if (change->requested)
		fputs("; whether or not a function refuses", out);
}

static void show_change(const struct change *change, void *data)
{
	struct function func;
	struct listing *to = data;
	char address[PCI_ADDRESS_LEN], name[REGISTER_NAME_LEN], text[48];
	int digits = 2 * change->size;

	func = snapshot_func(to->snap, change->func);
	if (to->heading)
		fprintf(to->out, "\n%s\n", to->heading);
	to->heading = NULL;
	if (change->events)
		snprintf(text, sizeof(text), "%02x.w", change->reg);
	else
		snprintf(text, sizeof(text), "%02x.%c=%0*x:%0*x", change->reg,
			 change->size == 4 ? 'l' : 'w', digits, change->set,
			 digits,
			 change->clear | change->set | change->never);
	fprintf(to->out, "  %s %s",
		pci_address(func.entry.domain, func.entry.bus,
			    func.entry.devfn, address),
		text);
	show_remark(to->out, change, register_name(&func, change->reg, name),
		    REMARKS_AT - (int)strlen(text));
	fputc('\n', to->out);
}

/**
 * plan_registers() - print what would be written to which register
 * @out: where to
 * @plan: plan
 */
void plan_registers(FILE *out, const struct plan *plan)
{
	struct listing to = { .out = out, .snap = &plan->snap };
	enum moment moment;

	if (plan->policy == PCIQ_OFF) {
		fputs("Nothing is written.\n", out);
		return;
	}
	fputs("ADDRESS REGISTER=VALUE:MASK, as setpci(8) takes it: what is not in MASK is written\n"
	      "as it was read.  Where nothing would change, nothing is written.\n",
	      out);
	for (moment = 0; moment < NR_MOMENTS; moment++) {
		to.heading = headings[moment];
		changes_at(plan, moment, show_change, &to);
	}
}

/* === JSON === */

static const char * const moments[NR_MOMENTS] = {
	[AT_ANY_CRASH] = "always",
	[AT_LINK_RESET_PREPARE] = "before-link-reset",
	[AT_RESET_PREPARE] = "before-reset",
	[AT_LINK_RESET] = "link-reset",
	[AT_LINK_RELEASE] = "link-release",
	[AT_FLR] = "flr",
	[AT_CONTAIN_PREPARE] = "before-contain",
	[AT_CONTAIN] = "contain",
};

struct array {
	struct json *j;
	const struct snapshot *snap;
	const char *when;
};

static void open_change(const struct change *change, const struct array *to)
{
	struct function func = snapshot_func(to->snap, change->func);
	char address[PCI_ADDRESS_LEN], buf[REGISTER_NAME_LEN];
	const char *name = register_name(&func, change->reg, buf);

	json_open(to->j, NULL, '{');
	json_string(to->j, "address",
		    pci_address(func.entry.domain, func.entry.bus,
				func.entry.devfn, address));
	json_uint(to->j, "register", change->reg);
	json_string(to->j, "name", *name ? name : NULL);
	json_uint(to->j, "size", change->size);
}

static void put_change(const struct change *change, void *data)
{
	struct array *to = data;

	open_change(change, to);
	json_uint(to->j, "clear", change->clear);
	json_uint(to->j, "set", change->set);
	json_uint(to->j, "never", change->never);
	json_uint(to->j, "events", change->events);
	json_string(to->j, "when", to->when);
	json_bool(to->j, "requested", change->requested);
	json_close(to->j, '}');
}

static void put_restore(const struct change *change, void *data)
{
	__u32 all = change->size == 2 ? 0xffff : 0xffffffff;
	struct array *to = data;

	open_change(change, to);
	json_uint(to->j, "value", change->set);
	json_uint(to->j, "keep", all & ~change->clear);
	json_bool(to->j, "compare", change->compare);
	json_close(to->j, '}');
}

/**
 * plan_registers_json() - the same as two arrays of a document
 * @j: writer of the document
 * @plan: plan
 */
void plan_registers_json(struct json *j, const struct plan *plan)
{
	struct array to = { .j = j, .snap = &plan->snap };
	enum moment moment;

	json_open(j, "registers", '[');
	for (moment = 0; moment < NR_MOMENTS; moment++) {
		to.when = moments[moment];
		if (to.when)
			changes_at(plan, moment, put_change, &to);
	}
	json_close(j, ']');
	json_open(j, "restores", '[');
	changes_at(plan, AT_RESTORE, put_restore, &to);
	json_close(j, ']');
}

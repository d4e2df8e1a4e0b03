// SPDX-License-Identifier: GPL-2.0-only
/* What the plan of a machine amounts to. */
#include <linux/pci_regs.h>

#include "explain/outlook.h"

#define NO_RESPONSE	0xffff

static bool is_bridge(const struct function *func)
{
	return func->entry.flags & PCIQ_F_BRIDGE;
}

static bool in_scope(const struct function *func)
{
	return func->reset.plan[PCIQ_BUSMASTER] != PCIQ_PLAN_LEAVE;
}

/**
 * outlook_live() - whether a function could write memory now
 * @func: the function
 *
 * Return: true if it is in scope, no bridge, and masters.
 */
bool outlook_live(const struct function *func)
{
	return in_scope(func) && !is_bridge(func) &&
	       func->reset.command != NO_RESPONSE &&
	       func->reset.command & PCI_COMMAND_MASTER;
}

/* Identity, and Command; a write of it, and the read back. */
static unsigned int cost_of(const struct function *func)
{
	bool off = func->reset.command & PCI_COMMAND_INTX_DISABLE;

	if (func->entry.flags & PCIQ_F_OFFLINE)
		return 1;
	if (outlook_live(func) ||
	    (func->entry.flags & PCIQ_F_INTX_USED && !off))
		return 4;
	return 2;
}

/* A read and a write; of a register of nothing but enables, a write. */
static unsigned int cost_of_ops(const struct snapshot *snap)
{
	unsigned int i, nr = 0;

	for (i = 0; i < snap->head.ops.nr; i++)
		nr += snapshot_op(snap, &snap->head.ops, i).clear == 0xffff ?
			      1 : 2;
	return nr;
}

static void count_live(struct outlook *outlook, const struct function *func)
{
	outlook->live++;
	if (func->reset.method == PCIQ_RESET_LINK)
		outlook->by_link++;
	else if (func->reset.method == PCIQ_RESET_FLR)
		outlook->by_flr++;
	else
		outlook->by_nothing[func->reset.no_reset %
				    PCIQ_NR_NO_RESETS]++;
}

/**
 * outlook_of() - what the plan of a machine amounts to
 * @snap: its snapshot
 *
 * Return: the numbers.
 */
struct outlook outlook_of(const struct snapshot *snap)
{
	struct outlook outlook = {
		.functions = snap->nr_funcs,
		.accesses = cost_of_ops(snap),
		.reset_ms = snap->head.reset_ms,
	};
	struct function func;
	unsigned int i;

	for (i = 0; i < snap->nr_funcs; i++) {
		func = snapshot_func(snap, i);
		if (outlook_live(&func))
			count_live(&outlook, &func);
		if (!in_scope(&func))
			continue;
		/* Of a port: identity, and its power state. */
		outlook.accesses += is_bridge(&func) ? 2 : cost_of(&func);
	}
	return outlook;
}

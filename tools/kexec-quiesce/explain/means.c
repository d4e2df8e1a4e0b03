// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a policy stops a function: Command, a reset, or the port above.
 *
 * The snapshot has the decisions (drivers/pci/quiesce/).  The port is derived
 * here in the same way as in the crash path.
 */
#include "explain/means.h"

static bool is_bridge(const struct function *func)
{
	return func->entry.flags & PCIQ_F_BRIDGE;
}

static unsigned int parent_of(const struct snapshot *snap, unsigned int i)
{
	return i == PCIQ_NONE ? i : snapshot_func(snap, i).reset.parent;
}

/* The port whose link a function is on; of a VF, that of its PF. */
static unsigned int port_of(const struct snapshot *snap, unsigned int i)
{
	struct function func = snapshot_func(snap, i), port;
	unsigned int up = func.reset.parent;

	if (func.entry.flags & PCIQ_F_VF)
		up = parent_of(snap, up);
	if (up == PCIQ_NONE)
		return up;
	port = snapshot_func(snap, up);
	return is_bridge(&port) ? up : PCIQ_NONE;
}

static bool has_link(const struct snapshot *snap, unsigned int port)
{
	return port != PCIQ_NONE &&
	       snapshot_func(snap, port).reset.method == PCIQ_RESET_LINK;
}

/* Is the link below a port reset whether or not a function refuses? */
static bool is_requested(const struct snapshot *snap, unsigned int port,
			 unsigned int policy)
{
	return has_link(snap, port) &&
	       snapshot_func(snap, port).reset.plan[policy] == PCIQ_PLAN_RESET;
}

/* Of links one below the other the topmost is reset, with all below it. */
static unsigned int topmost(const struct snapshot *snap, unsigned int port,
			    unsigned int policy)
{
	unsigned int up = port_of(snap, port);

	while (is_requested(snap, up, policy)) {
		port = up;
		up = port_of(snap, port);
	}
	return port;
}

static unsigned int link_for(const struct snapshot *snap, unsigned int i,
			     unsigned int policy)
{
	unsigned int port = port_of(snap, i);

	if (!has_link(snap, port))
		return PCIQ_NONE;
	return is_requested(snap, port, policy) ? topmost(snap, port, policy) :
						  port;
}

/* The nearest port that may be closed: not what the operator excluded. */
static unsigned int closed_for(const struct snapshot *snap, unsigned int i)
{
	unsigned int port = port_of(snap, i);
	struct function func;

	for (; port != PCIQ_NONE; port = port_of(snap, port)) {
		func = snapshot_func(snap, port);
		if (func.window != PCIQ_NO_WINDOW &&
		    !(func.entry.flags & PCIQ_F_EXCLUDE_USER))
			break;
	}
	return port;
}

/**
 * means_of() - by what means a policy stops a function
 * @snap: snapshot
 * @i: below @snap->nr_funcs
 * @policy: enum pciq_policy
 *
 * Return: the means.
 */
struct means means_of(const struct snapshot *snap, unsigned int i,
		      unsigned int policy)
{
	struct function func = snapshot_func(snap, i);

	return (struct means) {
		.plan = func.reset.plan[policy],
		.reset = func.reset.method,
		.no_reset = func.reset.no_reset,
		.link = link_for(snap, i, policy),
		.contain = closed_for(snap, i),
		.requested = is_bridge(&func) && is_requested(snap, i, policy) &&
			     !is_requested(snap, port_of(snap, i), policy),
	};
}

static void count_disabled(struct tally *tally, const struct means *means)
{
	tally->disabled++;
	if (means->reset == PCIQ_RESET_LINK)
		tally->or_link++;
	else if (means->reset == PCIQ_RESET_FLR)
		tally->or_flr++;
	else if (means->contain != PCIQ_NONE)
		tally->or_contain++;
	else
		tally->or_nothing++;
}

static void count(struct tally *tally, const struct means *means)
{
	switch (means->plan) {
	case PCIQ_PLAN_DISABLE:
		count_disabled(tally, means);
		break;
	case PCIQ_PLAN_RESET:
		if (means->reset == PCIQ_RESET_FLR)
			tally->by_flr++;
		else
			tally->by_link++;
		break;
	default:
		tally->left++;
	}
}

/**
 * means_tally() - how many functions a policy would only disable, and how many
 * reset
 * @snap: snapshot
 * @policy: enum pciq_policy
 *
 * Return: the numbers.
 */
struct tally means_tally(const struct snapshot *snap, unsigned int policy)
{
	struct function func;
	struct tally tally = { 0 };
	struct means means;
	unsigned int i;

	for (i = 0; i < snap->nr_funcs; i++) {
		func = snapshot_func(snap, i);
		means = means_of(snap, i, policy);
		if (!is_bridge(&func))
			count(&tally, &means);
		else
			tally.links += means.requested;
	}
	return tally;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a policy stops a function: Command, a reset, or the port above.
 *
 * The snapshot has the decisions (kernel/kexec_pci_plan.c).  The port is derived
 * here in the same way as in the crash path.
 */
#include "means.h"

static bool is_bridge(const struct kexec_quiesce_func *func)
{
	return func->flags & KEXEC_QUIESCE_F_BRIDGE;
}

static unsigned int parent_of(const struct snapshot *snap, unsigned int i)
{
	return i == KEXEC_QUIESCE_NONE ? i : snapshot_func(snap, i).parent;
}

/* The port whose link a function is on; of a VF, that of its PF. */
static unsigned int port_of(const struct snapshot *snap, unsigned int i)
{
	struct kexec_quiesce_func func = snapshot_func(snap, i), port;
	unsigned int up = func.parent;

	if (func.flags & KEXEC_QUIESCE_F_VF)
		up = parent_of(snap, up);
	if (up == KEXEC_QUIESCE_NONE)
		return up;
	port = snapshot_func(snap, up);
	return is_bridge(&port) ? up : KEXEC_QUIESCE_NONE;
}

static bool has_link(const struct snapshot *snap, unsigned int port)
{
	return port != KEXEC_QUIESCE_NONE &&
	       snapshot_func(snap, port).reset == KEXEC_QUIESCE_RESET_LINK;
}

/* Of links one below the other the topmost is reset, and takes the rest along. */
static unsigned int topmost(const struct snapshot *snap, unsigned int port)
{
	unsigned int up = port_of(snap, port);

	while (has_link(snap, up)) {
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
		return KEXEC_QUIESCE_NONE;
	return policy == KEXEC_QUIESCE_RESET ? topmost(snap, port) : port;
}

/* The nearest port that may be closed: not what the operator excluded. */
static unsigned int closed_for(const struct snapshot *snap, unsigned int i)
{
	unsigned int port = port_of(snap, i);
	struct kexec_quiesce_func func;

	for (; port != KEXEC_QUIESCE_NONE; port = port_of(snap, port)) {
		func = snapshot_func(snap, port);
		if (func.window != KEXEC_QUIESCE_NO_WINDOW &&
		    !(func.flags & KEXEC_QUIESCE_F_EXCLUDE_USER))
			break;
	}
	return port;
}

/**
 * means_of() - by what means a policy stops a function
 * @snap: snapshot
 * @i: below @snap->head.nr_funcs
 * @policy: enum kexec_quiesce_policy
 *
 * Return: the means.
 */
struct means means_of(const struct snapshot *snap, unsigned int i,
		      unsigned int policy)
{
	struct kexec_quiesce_func func = snapshot_func(snap, i);

	return (struct means) {
		.plan = func.plan[policy],
		.reset = func.reset,
		.forbidden = func.forbidden,
		.link = link_for(snap, i, policy),
		.contain = closed_for(snap, i),
	};
}

static void count_gated(struct tally *tally, const struct means *means)
{
	tally->gated++;
	if (means->reset == KEXEC_QUIESCE_RESET_LINK)
		tally->or_link++;
	else if (means->reset == KEXEC_QUIESCE_RESET_FLR)
		tally->or_flr++;
	else if (means->contain != KEXEC_QUIESCE_NONE)
		tally->or_contain++;
	else
		tally->or_nothing++;
}

static void count(struct tally *tally, const struct means *means)
{
	switch (means->plan) {
	case KEXEC_QUIESCE_PLAN_GATE:
		count_gated(tally, means);
		break;
	case KEXEC_QUIESCE_PLAN_RESET:
		if (means->reset == KEXEC_QUIESCE_RESET_FLR)
			tally->by_flr++;
		else
			tally->by_link++;
		break;
	default:
		tally->left++;
	}
}

static bool resets_link(const struct snapshot *snap, unsigned int i,
			unsigned int policy)
{
	struct kexec_quiesce_func func = snapshot_func(snap, i);

	return !is_bridge(&func) &&
	       func.plan[policy] == KEXEC_QUIESCE_PLAN_RESET &&
	       func.reset == KEXEC_QUIESCE_RESET_LINK;
}

/* The functions of reset= are few, and those of one link close together. */
static bool is_first_of_link(const struct snapshot *snap, unsigned int i,
			     unsigned int policy)
{
	unsigned int link = link_for(snap, i, policy), j = i;

	while (j-- > 0)
		if (resets_link(snap, j, policy) &&
		    link_for(snap, j, policy) == link)
			return false;
	return true;
}

/**
 * means_tally() - how many functions a policy would gate, and how many reset
 * @snap: snapshot
 * @policy: enum kexec_quiesce_policy
 *
 * Return: the numbers.
 */
struct tally means_tally(const struct snapshot *snap, unsigned int policy)
{
	struct kexec_quiesce_func func;
	struct tally tally = { 0 };
	struct means means;
	unsigned int i;

	for (i = 0; i < snap->head.nr_funcs; i++) {
		func = snapshot_func(snap, i);
		means = means_of(snap, i, policy);
		if (!is_bridge(&func))
			count(&tally, &means);
		else if (policy == KEXEC_QUIESCE_RESET && has_link(snap, i) &&
			 topmost(snap, i) == i)
			tally.links++;
		if (policy == KEXEC_QUIESCE_ESCALATE &&
		    resets_link(snap, i, policy) &&
		    is_first_of_link(snap, i, policy))
			tally.links++;
	}
	return tally;
}

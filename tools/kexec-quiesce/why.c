// SPDX-License-Identifier: GPL-2.0-only
/* What a policy would do to a function, and why, in words. */
#include "address.h"
#include "means.h"
#include "names.h"
#include "plan.h"
#include "text.h"

static void add_address(struct text *text, const struct snapshot *snap,
			unsigned int i)
{
	struct kexec_quiesce_func func;
	char address[PCI_ADDRESS_LEN];

	if (i == KEXEC_QUIESCE_NONE) {
		text_add(text, "the port above");
		return;
	}
	func = snapshot_func(snap, i);
	text_add(text, "%s",
		 pci_address(func.domain, func.bus, func.devfn, address));
}

/* " (display)", or nothing where an older module does not say why. */
static void add_reason(struct text *text, const struct means *means,
		       const char *what)
{
	char unknown[NAME_LEN];

	if (means->forbidden)
		text_add(text, " (%s%s)", what,
			 name_of(&forbidden_names, means->forbidden, unknown));
}

static void add_reset(struct text *text, const struct snapshot *snap,
		      const struct means *means)
{
	if (means->reset == KEXEC_QUIESCE_RESET_FLR) {
		text_add(text, "FLR");
		add_reason(text, means, "link: ");
		return;
	}
	text_add(text, "link of ");
	add_address(text, snap, means->link);
}

/* Some other value, of a newer module, is no reset that we know. */
static bool resettable(const struct means *means)
{
	return means->reset == KEXEC_QUIESCE_RESET_LINK ||
	       means->reset == KEXEC_QUIESCE_RESET_FLR;
}

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
	return "the module that is loaded has no plan for it";
}

static void add_last_means(struct text *text, const struct snapshot *snap,
			   const struct means *means, const char *reason)
{
	if (means->contain == KEXEC_QUIESCE_NONE) {
		text_add(text, "nothing stops it");
	} else {
		text_add(text, "contained at ");
		add_address(text, snap, means->contain);
	}
	if (reason)
		add_reason(text, means, reason);
}

static void why_gated(struct text *text, const struct snapshot *snap,
		      unsigned int policy, const struct means *means)
{
	if (policy <= KEXEC_QUIESCE_BUSMASTER) {
		text_add(text, "opens again at pci_set_master()");
		if (resettable(means)) {
			text_add(text, "; could be reset by ");
			add_reset(text, snap, means);
		} else if (means->forbidden) {
			text_add(text, "; cannot be reset");
			add_reason(text, means, "");
		}
	} else if (policy == KEXEC_QUIESCE_RESET) {
		text_add(text, "only gated, cannot be reset");
		add_reason(text, means, "");
		text_add(text, "; if it refuses: ");
		add_last_means(text, snap, means, NULL);
	} else {
		text_add(text, "gated; if it refuses: ");
		if (!resettable(means)) {
			add_last_means(text, snap, means, "");
			return;
		}
		if (means->reset == KEXEC_QUIESCE_RESET_LINK)
			text_add(text, "reset by ");
		add_reset(text, snap, means);
	}
}

static void why_masked(struct text *text, unsigned int policy,
		       const struct means *means)
{
	text_add(text, "a port above: error reporting masked");
	if (means->reset == KEXEC_QUIESCE_RESET_LINK) {
		text_add(text, policy == KEXEC_QUIESCE_RESET ?
			 "; its link is reset" : "; its link can be reset");
	} else if (means->forbidden) {
		text_add(text, "; its link cannot be reset");
		add_reason(text, means, "");
	}
}

/**
 * plan_why() - why the policy does to a function what it does
 * @plan: plan
 * @i: index of the function
 * @buf: room for the words
 *
 * Return: @buf.
 */
const char *plan_why(const struct plan *plan, unsigned int i,
		     char buf[WHY_LEN])
{
	struct kexec_quiesce_func func = snapshot_func(&plan->snap, i);
	struct means means = means_of(&plan->snap, i, plan->policy);
	struct text text = text_begin(buf, WHY_LEN);

	switch (means.plan) {
	case KEXEC_QUIESCE_PLAN_LEAVE:
		text_add(&text, "%s", why_left(&func, plan->policy));
		break;
	case KEXEC_QUIESCE_PLAN_MASK:
		why_masked(&text, plan->policy, &means);
		break;
	case KEXEC_QUIESCE_PLAN_GATE:
		why_gated(&text, &plan->snap, plan->policy, &means);
		break;
	case KEXEC_QUIESCE_PLAN_RESET:
		text_add(&text, "reset by ");
		add_reset(&text, &plan->snap, &means);
		break;
	}
	return buf;
}

/* What comes after the gate, if it does not hold. */
static const char *mark_after(const struct means *means)
{
	if (means->reset == KEXEC_QUIESCE_RESET_LINK)
		return ">link";
	if (means->reset == KEXEC_QUIESCE_RESET_FLR)
		return ">flr";
	return means->contain == KEXEC_QUIESCE_NONE ? ">nothing" : ">contain";
}

/**
 * plan_mark() - the same in one word, as in the tree
 * @plan: plan
 * @i: index of the function
 * @buf: room for the word
 *
 * Return: a plan; behind it ">" and what follows if a gate does not hold, or ":"
 * and what resets.
 */
const char *plan_mark(const struct plan *plan, unsigned int i,
		      char buf[MARK_LEN])
{
	struct means means = means_of(&plan->snap, i, plan->policy);
	struct text text = text_begin(buf, MARK_LEN);
	char unknown[NAME_LEN];

	text_add(&text, "%s", name_of(&plan_names, means.plan, unknown));
	if (means.plan == KEXEC_QUIESCE_PLAN_GATE &&
	    plan->policy > KEXEC_QUIESCE_BUSMASTER)
		text_add(&text, "%s", mark_after(&means));
	else if (means.plan == KEXEC_QUIESCE_PLAN_RESET)
		text_add(&text, means.reset == KEXEC_QUIESCE_RESET_FLR ?
			 ":flr" : ":link");
	return buf;
}

/**
 * plan_note() - what the mark does not say: which reason, which link
 * @plan: plan
 * @i: index of the function
 * @buf: room for the words
 *
 * Return: @buf, "" if there is nothing to add.
 */
const char *plan_note(const struct plan *plan, unsigned int i,
		      char buf[WHY_LEN])
{
	struct kexec_quiesce_func func = snapshot_func(&plan->snap, i);
	struct means means = means_of(&plan->snap, i, plan->policy);
	struct text text = text_begin(buf, WHY_LEN);
	char unknown[NAME_LEN];

	if (means.plan == KEXEC_QUIESCE_PLAN_LEAVE) {
		text_add(&text, "%s", why_left(&func, plan->policy));
	} else if (plan->policy <= KEXEC_QUIESCE_BUSMASTER) {
		return buf;
	} else if (means.plan == KEXEC_QUIESCE_PLAN_MASK &&
		   means.reset == KEXEC_QUIESCE_RESET_LINK) {
		text_add(&text, plan->policy == KEXEC_QUIESCE_RESET ?
			 "resets its link" : "can reset its link");
	} else if (means.reset != KEXEC_QUIESCE_RESET_LINK && means.forbidden) {
		text_add(&text, "link: %s",
			 name_of(&forbidden_names, means.forbidden, unknown));
	}
	return buf;
}

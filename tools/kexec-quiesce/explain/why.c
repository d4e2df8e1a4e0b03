// SPDX-License-Identifier: GPL-2.0-only
/* The plan of a policy for a function, and its reason, in words. */
#include "base/compiler.h"
#include "base/text.h"
#include "explain/address.h"
#include "explain/means.h"
#include "explain/names.h"
#include "explain/plan.h"

#define NEVER_READ	"never read: it was in D3cold at the snapshot"

static void add_address(struct text *text, const struct snapshot *snap,
			unsigned int i)
{
	struct function func;
	char address[PCI_ADDRESS_LEN];

	if (i == PCIQ_NONE) {
		text_add(text, "the port above");
		return;
	}
	func = snapshot_func(snap, i);
	text_add(text, "%s",
		 pci_address(func.entry.domain, func.entry.bus,
			     func.entry.devfn, address));
}

/* " (display)" */
static void add_reason(struct text *text, const struct means *means,
		       const char *what)
{
	char unknown[NAME_LEN];

	if (means->no_reset)
		text_add(text, " (%s%s)", what,
			 name_of(&no_reset_names, means->no_reset, unknown));
}

static void add_reset(struct text *text, const struct snapshot *snap,
		      const struct means *means)
{
	if (means->reset == PCIQ_RESET_FLR) {
		text_add(text, "FLR");
		add_reason(text, means, "link: ");
		return;
	}
	text_add(text, "link of ");
	add_address(text, snap, means->link);
}

static bool resettable(const struct means *means)
{
	return means->reset == PCIQ_RESET_LINK ||
	       means->reset == PCIQ_RESET_FLR;
}

static const char *why_left(const struct function *func,
			    unsigned int policy)
{
	if (policy == PCIQ_OFF)
		return "policy is off";
	if (func->entry.flags & PCIQ_F_EXCLUDE_USER)
		return "excluded by exclude=";
	if (func->entry.flags & PCIQ_F_PEER)
		return "left alone: another machine masters through it";
	if (func->entry.flags & PCIQ_F_FIRMWARE_BME)
		return "left alone: only firmware enabled bus mastering";
	if (func->entry.flags & PCIQ_F_UNREAD)
		return NEVER_READ;
	if (func->entry.flags & PCIQ_F_EXCLUDE_CLASS &&
	    func->entry.flags & PCIQ_F_INTX_USED)
		return "left alone for its class, its driver uses INTx";
	if (func->entry.flags & PCIQ_F_EXCLUDE_CLASS)
		return "a class that no driver has made a bus master";
	if (func->window == PCIQ_NO_WINDOW)
		return "no config window reaches it";
	if (func->entry.flags & PCIQ_F_BRIDGE)
		return "a bridge, forwards only";
	return "no plan for it";
}

static void add_fallback(struct text *text, const struct snapshot *snap,
			 const struct means *means, const char *reason)
{
	if (means->contain == PCIQ_NONE) {
		text_add(text, "nothing stops it");
	} else {
		text_add(text, "contained at ");
		add_address(text, snap, means->contain);
	}
	if (reason)
		add_reason(text, means, reason);
}

static void why_disabled(struct text *text, const struct snapshot *snap,
			 unsigned int policy, const struct means *means)
{
	if (policy <= PCIQ_BUSMASTER) {
		text_add(text, "bus mastering off until pci_set_master()");
		if (resettable(means)) {
			text_add(text, "; could be reset by ");
			add_reset(text, snap, means);
		} else if (means->no_reset) {
			text_add(text, "; cannot be reset");
			add_reason(text, means, "");
		}
	} else if (policy == PCIQ_RESET) {
		text_add(text, "only disabled, cannot be reset");
		add_reason(text, means, "");
		text_add(text, "; if it refuses: ");
		add_fallback(text, snap, means, NULL);
	} else {
		text_add(text, "disabled; if it refuses: ");
		if (!resettable(means)) {
			add_fallback(text, snap, means, "");
			return;
		}
		if (means->reset == PCIQ_RESET_LINK)
			text_add(text, "reset by ");
		add_reset(text, snap, means);
	}
}

static void why_port(struct text *text, const struct snapshot *snap,
		     const struct means *means)
{
	text_add(text, "a port: interrupts off");
	if (means->plan == PCIQ_PLAN_RESET && !means->requested) {
		text_add(text, "; reset by ");
		add_reset(text, snap, means);
	} else if (means->reset == PCIQ_RESET_LINK) {
		text_add(text, means->requested ? "; its link is reset" :
						  "; its link can be reset");
	} else if (means->no_reset) {
		text_add(text, "; its link cannot be reset");
		add_reason(text, means, "");
	}
}

/* Flags that keep the verdict from being "clean", or may do so. */
static void add_limits(struct text *text, const struct function *func)
{
	const struct {
		bool applies;
		const char *limit;
	} limits[] = {
		{ func->entry.flags & PCIQ_F_UNREAD, NEVER_READ },
		{ func->entry.flags & PCIQ_F_OFFLINE,
		  "no power or no response at the snapshot" },
		{ func_intx_stays(func), "INTx Disable has no effect" },
		{ func->entry.flags & PCIQ_F_CXL_CACHE,
		  "CXL.cache does not depend on BME" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++)
		if (limits[i].applies)
			text_add(text, "%s%s", text->used ? "; " : "",
				 limits[i].limit);
}

/**
 * plan_why() - the reason of a plan
 * @plan: plan
 * @i: index of the function
 * @buf: room for the words
 *
 * Return: @buf.
 */
const char *plan_why(const struct plan *plan, unsigned int i,
		     char buf[WHY_LEN])
{
	struct function func = snapshot_func(&plan->snap, i);
	struct means means = means_of(&plan->snap, i, plan->policy);
	struct text text = text_begin(buf, WHY_LEN);

	switch (means.plan) {
	case PCIQ_PLAN_LEAVE:
		text_add(&text, "%s", why_left(&func, plan->policy));
		break;
	case PCIQ_PLAN_PORT:
		why_port(&text, &plan->snap, &means);
		break;
	case PCIQ_PLAN_DISABLE:
		why_disabled(&text, &plan->snap, plan->policy, &means);
		add_limits(&text, &func);
		break;
	case PCIQ_PLAN_RESET:
		if (func.entry.flags & PCIQ_F_BRIDGE) {
			why_port(&text, &plan->snap, &means);
			break;
		}
		text_add(&text, "reset by ");
		add_reset(&text, &plan->snap, &means);
		add_limits(&text, &func);
		break;
	}
	return buf;
}

/* The fallback if Bus Master Enable reads back 1. */
static const char *mark_after(const struct means *means)
{
	if (means->reset == PCIQ_RESET_LINK)
		return ">link";
	if (means->reset == PCIQ_RESET_FLR)
		return ">flr";
	return means->contain == PCIQ_NONE ? ">nothing" : ">contain";
}

/**
 * plan_mark() - the same in one word, as in the tree
 * @plan: plan
 * @i: index of the function
 * @buf: room for the word
 *
 * Return: a plan; behind it ">" and the fallback if the function refuses, or ":"
 * and the kind of reset.
 */
const char *plan_mark(const struct plan *plan, unsigned int i,
		      char buf[MARK_LEN])
{
	struct means means = means_of(&plan->snap, i, plan->policy);
	struct text text = text_begin(buf, MARK_LEN);
	char unknown[NAME_LEN];

	/* A port stays what it is while its link is reset. */
	if (means.requested)
		means.plan = PCIQ_PLAN_PORT;
	text_add(&text, "%s", name_of(&plan_names, means.plan, unknown));
	if (means.plan == PCIQ_PLAN_DISABLE &&
	    plan->policy > PCIQ_BUSMASTER)
		text_add(&text, "%s", mark_after(&means));
	else if (means.plan == PCIQ_PLAN_RESET)
		text_add(&text, means.reset == PCIQ_RESET_FLR ?
			 ":flr" : ":link");
	return buf;
}

static void note_reset(struct text *text, const struct means *means)
{
	char unknown[NAME_LEN];

	if (means->requested)
		text_add(text, "resets its link");
	else if (means->plan == PCIQ_PLAN_PORT &&
		 means->reset == PCIQ_RESET_LINK)
		text_add(text, "can reset its link");
	else if (means->reset != PCIQ_RESET_LINK && means->no_reset)
		text_add(text, "link: %s",
			 name_of(&no_reset_names, means->no_reset, unknown));
}

/**
 * plan_note() - the details that the mark leaves out: which reason, which link
 * @plan: plan
 * @i: index of the function
 * @buf: room for the words
 *
 * Return: @buf, "" if there is nothing to add.
 */
const char *plan_note(const struct plan *plan, unsigned int i,
		      char buf[WHY_LEN])
{
	struct function func = snapshot_func(&plan->snap, i);
	struct means means = means_of(&plan->snap, i, plan->policy);
	struct text text = text_begin(buf, WHY_LEN);

	if (means.plan == PCIQ_PLAN_LEAVE) {
		text_add(&text, "%s", why_left(&func, plan->policy));
		return buf;
	}
	if (plan->policy > PCIQ_BUSMASTER)
		note_reset(&text, &means);
	if (!(func.entry.flags & PCIQ_F_BRIDGE))
		add_limits(&text, &func);
	return buf;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must have been achieved, if there was time and nothing odd in the way.
 *
 * The other invariants say what must not happen; an engine that does nothing
 * and says so violates none of them.  It does these.
 */
#include "fabric.h"

/* Does as it is told, if slowly; and as it should after a reset. */
#define ONE(behaviour)	((u32)1 << (behaviour))
#define PLAIN	(ONE(OBEYS) | ONE(RESTARTS) | ONE(DRAINS_LATE) | ONE(HANGS) | \
		 ONE(NEVER_DRAINS) | ONE(PENDS_FOREVER) | \
		 ONE(BANDWIDTH_BLOCKS) | ONE(PTM_HANGS))
#define REFUSES	ONE(STUCK_UNTIL_RESET)

/* Room for rounding, what is pending, the resets themselves and restoring. */
#define SLACK_MS	130

#define VENDOR_AMD	0x1022
#define VENDOR_SAMSUNG	0x144d
#define VENDOR_HUAWEI	0x19e5
#define VENDOR_CHELSIO	0x1425

/**
 * ended_in_time() - whether the steps never had to look at the clock
 *
 * They end at 7/8 of the deadline.
 *
 * Return: true if all was over by then.
 */
bool ended_in_time(void)
{
	return fabric.now - fabric.start <
	       (fabric.deadline - fabric.start) / 8 * 7;
}

/* INTx Disable is not there, or has no effect. */
static bool may_keep_intx(const struct function *f)
{
	return (f->driver || fabric.raw) && f->initial[PCI_INTERRUPT_PIN] &&
	       (f->intx_broken || !(config_get(f->writable, PCI_COMMAND, 2) &
				    PCI_COMMAND_INTX_DISABLE));
}

static bool is_plain(const struct function *f, u32 but)
{
	return !(f->set & ~(PLAIN | but)) && !f->offline && !f->excluded &&
	       !f->uncaptured && !f->lost && f->host->window &&
	       !f->asleep && !f->spared && !may_need_bme(f) && !f->cache && !may_keep_intx(f) &&
	       !is_out_of_reach(f) && !f->host->strange;
}

/* Nothing above is in the way; ports may be excluded, they still forward. */
static bool has_plain_path(const struct function *f)
{
	const struct function *port;

	if (f->pf && (f->pf->set & ~PLAIN || f->pf->offline))
		return false;
	for (port = f->parent; port; port = port->parent)
		if (port->set & ~PLAIN || port->offline || port->lost ||
		    is_out_of_reach(port))
			return false;
	return true;
}

/* Not as it was when it was saved, or nobody can tell. */
static bool may_differ(const struct function *f)
{
	return f->was_in_reset || f->moved || f->asleep || f->silent ||
	       f->lied || is_out_of_reach(f);
}

static bool forbids_link(const struct function *f)
{
	return is_protected(f) || f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET;
}

static bool any_below(const struct function *port,
		      bool (*is)(const struct function *f))
{
	const struct function *f, *vf;

	for (f = port->child; f; f = f->sibling) {
		if (is(f) || any_below(f, is))
			return true;
		for (vf = f->vf; vf; vf = vf->sibling)
			if (is(vf))
				return true;
	}
	return false;
}

/* Firmware would be left to end the containment. */
static bool has_firmware_dpc(const struct function *port)
{
	if (port->host->window == PCIQ_CF8 || port->is_short)
		return port->type == TYPE_ROOT_PORT ||
		       port->type == TYPE_DOWNSTREAM;
	return port->dpc && !port->host->bridge.native_dpc &&
	       config_get(port->before, port->dpc + PCI_EXP_DPC_CTL, 2) &
		       (PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL);
}

static bool link_is_planned(const struct function *port)
{
	return port && !forbids_link(port) && !any_below(port, forbids_link) &&
	       !has_firmware_dpc(port);
}

static bool link_may_be_reset(const struct function *port)
{
	return link_is_planned(port) && !may_differ(port) &&
	       !any_below(port, may_differ);
}

/* Resets that need more than config space, or hang, are left to drivers. */
static bool needs_driver(const struct function *f)
{
	return (f->vendor == VENDOR_AMD &&
		(f->device == 0x1485 || f->device == 0x1486)) ||
	       (f->vendor == VENDOR_SAMSUNG && f->device == 0xa804) ||
	       (f->vendor == VENDOR_HUAWEI && f->device == 0x375e) ||
	       f->vendor == VENDOR_CHELSIO;
}

/* AF FLR only where Transactions Pending tells when, as pci_af_flr(). */
static bool has_flr(const struct function *f)
{
	if (f->pcie && config_flr_bit(f, f->pcie + PCI_EXP_DEVCTL))
		return true;
	return f->af && config_flr_bit(f, f->af + PCI_AF_CTRL) &&
	       f->now[f->af + PCI_AF_CAP] & PCI_AF_CAP_TP;
}

static bool may_be_reset_alone(const struct function *f)
{
	const struct function *vf;

	if (is_protected(f) || may_differ(f) || !has_flr(f) ||
	    needs_driver(f) || link_is_planned(f->parent) ||
	    f->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET)
		return false;
	for (vf = f->vf; vf; vf = vf->sibling)
		if (is_protected(vf))
			return false;
	return true;
}

static bool is_quiet(const struct function *f)
{
	return f->told && (f->told->outcome == PCIQ_QUIET ||
			   f->told->outcome == PCIQ_ALREADY_QUIET ||
			   f->told->outcome == PCIQ_WAS_RESET);
}

/* Settle times of all links in a row, should each wait for the one before. */
static u32 settle_above(const struct function *f)
{
	u32 ms = 0;

	for (f = f->bridge ? f : f->parent; f; f = f->parent)
		ms += f->type == CONVENTIONAL || f->type == TYPE_PCI_BRIDGE ?
			      1100 : 350;
	return ms + 350;
}

static bool had_time_for_resets(void)
{
	u64 left = (fabric.deadline - fabric.start) / 8 * 7;
	u32 i, settle = 0;

	for (i = 0; i < fabric.nr; i++)
		settle = max(settle, settle_above(fabric.functions[i]));
	return fabric.now - fabric.start +
	       (settle + SLACK_MS) * fabric.slowness * NS_PER_MS <
	       left;
}

/**
 * something_hangs() - whether time passes that nobody has planned for
 *
 * Polls are as slow as the slowest that is polled; and what hangs stretches what
 * the engine takes an access for.
 *
 * Return: true if so.
 */
bool something_hangs(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++)
		if (behaves(fabric.functions[i], HANGS))
			return true;
	return false;
}

static void promise_quiet(const struct function *f)
{
	if (f->told && f->told->outcome == PCIQ_EXCLUDED)
		return;
	if (!is_plain(f, 0) || !has_plain_path(f))
		return;
	if (was_reset(f) && something_hangs())
		return;
	if (f->told ? !is_quiet(f) : !fabric.raw)
		broken(f, "obeys, and is not told quiet: %u %u",
		       f->told ? f->told->outcome : 0,
		       f->told ? f->told->reason : 0);
	if (!f->told && f->active)
		broken(f, "answers, and was not found");
	if (dma_masters(f) || dma_in_flight(f))
		broken(f, "obeys, and still masters");
}

/* Of something that refused: by link, alone, or cut off. */
static void promise_stopped(const struct function *f)
{
	const struct function *port = f->parent;
	bool may_contain = port && !port->excluded;

	if (!(f->set & REFUSES) || !f->refused || !is_plain(f, REFUSES) ||
	    !has_plain_path(f) || (was_reset(f) && is_quiet(f)))
		return;
	if (link_may_be_reset(port) || may_be_reset_alone(f)) {
		if (!was_reset(f) || !is_quiet(f))
			broken(f, "refused, and was not reset");
	} else if (may_contain &&
		   f->told->outcome != PCIQ_WAS_CONTAINED) {
		broken(f, "refused, and was not contained");
	}
	if (f->active && (may_contain || was_reset(f)) && dma_masters(f))
		broken(f, "refused, and still masters");
}

static void promise_reset(const struct function *f)
{
	if (f->bridge || !is_plain(f, REFUSES) || !has_plain_path(f))
		return;
	if (!link_may_be_reset(f->parent) && !may_be_reset_alone(f))
		return;
	if (!was_reset(f) ||
	    f->told->outcome != PCIQ_WAS_RESET)
		broken(f, "may be reset, and was not: outcome %u",
		       f->told->outcome);
}

static void forbid_excuse(const struct pciq_record *head)
{
	const struct pciq_entry *entry = (const void *)(head + 1);
	u32 i;

	for (i = 0; i < head->nr_entries; i++)
		if (entry[i].no_reset == PCIQ_NOT_TIME)
			broken(NULL, "no time for resets, and there was");
}

/**
 * verify_promises() - hold the engine to what it is for
 * @head: the record
 */
void verify_promises(const struct pciq_record *head)
{
	u32 i;

	if (fabric.escaped || !ended_in_time() || !fabric.strict_time ||
	    head->source == PCIQ_FROM_NONE)
		return;
	for (i = 0; i < fabric.nr; i++)
		if (!fabric.functions[i]->bridge)
			promise_quiet(fabric.functions[i]);
	if (fabric.policy < PCIQ_ESCALATE || fabric.raw ||
	    !fabric.headers_good || !had_time_for_resets() ||
	    something_hangs() || nr_uncaptured())
		return;
	forbid_excuse(head);
	for (i = 0; i < fabric.nr; i++) {
		promise_stopped(fabric.functions[i]);
		if (fabric.policy == PCIQ_RESET)
			promise_reset(fabric.functions[i]);
	}
}

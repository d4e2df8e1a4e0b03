// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a crash would write to which register: the tables of a snapshot, and what
 * kernel/kexec_pci_*.c adds to them.
 */
#include <stdio.h>

#include <linux/pci_regs.h>

#include "base/compiler.h"
#include "explain/means.h"
#include "explain/registers.h"

/* Discard Timer Status, which a 1 would clear (PCI-to-PCI Bridge r1.2, 3.2.5.17). */
#define BRIDGE_CONTROL_RW1C	0x0400

/* Bytes of the PCI Express capability (PCIe r6.0, sec 7.5.3). */
#define EXP_BYTES		0x3c

struct walk {
	const struct snapshot *snap;
	unsigned int policy;
	void (*show)(const struct change *change, void *data);
	void *data;
};

static bool is_bridge(const struct function *func)
{
	return func->entry.flags & PCIQ_F_BRIDGE;
}

static void disable(const struct walk *walk, unsigned int i)
{
	struct function func = snapshot_func(walk->snap, i);
	unsigned int plan = func.reset.plan[walk->policy];
	struct change change = {
		.func = i,
		.reg = PCI_COMMAND,
		.size = 2,
		.clear = PCI_COMMAND_MASTER,
	};

	if (is_bridge(&func) ||
	    (plan != PCIQ_PLAN_DISABLE && plan != PCIQ_PLAN_RESET))
		return;
	if (func.entry.flags & PCIQ_F_INTX)
		change.set = PCI_COMMAND_INTX_DISABLE;
	walk->show(&change, walk->data);
}

/* @when is 0 for those of every crash. */
static void operations(const struct walk *walk, const struct pciq_part *part,
		       unsigned int when)
{
	struct change change;
	struct pciq_op op;
	unsigned int i;

	for (i = 0; i < part->nr; i++) {
		op = snapshot_op(walk->snap, part, i);
		if (when && !(op.when & when))
			continue;
		change = (struct change) {
			.func = op.func,
			.reg = op.reg,
			.size = 2,
			.clear = op.clear,
			.set = op.set,
			.never = op.never,
			.events = op.events,
		};
		walk->show(&change, walk->data);
	}
}

static void any_crash(const struct walk *walk)
{
	unsigned int i;

	for (i = 0; i < walk->snap->nr_funcs; i++)
		disable(walk, i);
	operations(walk, &walk->snap->head.ops, 0);
}

/* Secondary Bus Reset, or its end. */
static void link_reset(const struct walk *walk, unsigned int i, bool assert)
{
	struct function func = snapshot_func(walk->snap, i);
	struct change change = {
		.func = i,
		.reg = PCI_BRIDGE_CONTROL,
		.size = 2,
		.clear = assert ? 0 : PCI_BRIDGE_CTL_BUS_RESET,
		.set = assert ? PCI_BRIDGE_CTL_BUS_RESET : 0,
		.never = BRIDGE_CONTROL_RW1C,
	};

	if (!is_bridge(&func) || func.reset.method != PCIQ_RESET_LINK)
		return;
	change.requested = means_of(walk->snap, i, walk->policy).requested;
	walk->show(&change, walk->data);
}

static void flr(const struct walk *walk, unsigned int i)
{
	struct function func = snapshot_func(walk->snap, i);
	struct change change = {
		.func = i,
		.reg = func.reset.flr_reg,
		.size = 2,
		.set = func.reset.flr_bit,
	};

	if (is_bridge(&func) || func.reset.method != PCIQ_RESET_FLR)
		return;
	change.requested = func.reset.plan[walk->policy] == PCIQ_PLAN_RESET;
	walk->show(&change, walk->data);
}

/* By FLR, or by any link above.  With a reset of its PF a VF is gone. */
static bool is_restored(const struct snapshot *snap, unsigned int i)
{
	struct function func = snapshot_func(snap, i);

	if (!is_bridge(&func) && func.reset.method == PCIQ_RESET_FLR)
		return true;
	if (func.entry.flags & PCIQ_F_VF)
		return false;
	for (i = func.reset.parent; i != PCIQ_NONE; i = func.reset.parent) {
		func = snapshot_func(snap, i);
		if (is_bridge(&func) && func.reset.method == PCIQ_RESET_LINK)
			return true;
	}
	return false;
}

static void restore(const struct walk *walk, unsigned int i)
{
	struct function func = snapshot_func(walk->snap, i);
	struct change change = { .func = i };
	struct pciq_restore reg;
	unsigned int k;

	if (!is_restored(walk->snap, i))
		return;
	for (k = 0; k < func.reset.nr; k++) {
		reg = snapshot_restore(walk->snap, func.reset.first + k);
		change.reg = reg.reg;
		change.size = reg.size;
		change.clear = reg.size == 2 ? 0xffff & ~reg.keep : ~reg.keep;
		change.set = reg.value & change.clear;
		change.compare = reg.compare;
		walk->show(&change, walk->data);
	}
	/* Last; as at the snapshot, if it cannot be read at the crash. */
	change = (struct change) {
		.func = i,
		.reg = PCI_COMMAND,
		.size = 2,
		.clear = 0xffff,
		.set = (func.reset.command & ~PCI_COMMAND_MASTER) |
		       PCI_COMMAND_INTX_DISABLE,
	};
	walk->show(&change, walk->data);
}

static void contain(const struct walk *walk, unsigned int i)
{
	struct function func = snapshot_func(walk->snap, i);
	struct change change = {
		.func = i,
		.reg = PCI_COMMAND,
		.size = 2,
		.clear = PCI_COMMAND_MASTER,
	};

	if (is_bridge(&func) && func.window != PCIQ_NO_WINDOW &&
	    !(func.entry.flags & PCIQ_F_EXCLUDE_USER) &&
	    func.reset.no_reset != PCIQ_NOT_EMPTY)
		walk->show(&change, walk->data);
}

/* Ports before what is below them. */
static void each(const struct walk *walk, enum moment moment)
{
	unsigned int i;

	for (i = walk->snap->nr_funcs; i-- > 0;) {
		if (moment == AT_LINK_RESET)
			link_reset(walk, i, true);
		else if (moment == AT_FLR)
			flr(walk, i);
		else
			restore(walk, i);
	}
}

/**
 * changes_at() - what would be written at one moment of a crash
 * @plan: plan
 * @moment: when
 * @show: called for each change, in order
 * @data: for it
 *
 * What only a function that refuses calls for is shown for all that may refuse.
 */
void changes_at(const struct plan *plan, enum moment moment,
		void (*show)(const struct change *change, void *data),
		void *data)
{
	const struct snapshot *snap = &plan->snap;
	const struct walk walk = { snap, plan->policy, show, data };
	unsigned int i;

	if (plan->policy == PCIQ_OFF ||
	    (plan->policy == PCIQ_BUSMASTER && moment != AT_ANY_CRASH))
		return;
	switch (moment) {
	case AT_ANY_CRASH:
		any_crash(&walk);
		break;
	case AT_LINK_RESET_PREPARE:
		operations(&walk, &snap->head.reset_ops,
			   PCIQ_WHEN_LINK_RESET);
		break;
	case AT_RESET_PREPARE:
		operations(&walk, &snap->head.reset_ops, PCIQ_WHEN_RESET);
		break;
	case AT_CONTAIN_PREPARE:
		operations(&walk, &snap->head.reset_ops, PCIQ_WHEN_CONTAIN);
		break;
	case AT_LINK_RELEASE:
		for (i = 0; i < snap->nr_funcs; i++)
			link_reset(&walk, i, false);
		break;
	case AT_CONTAIN:
		for (i = 0; i < snap->nr_funcs; i++)
			contain(&walk, i);
		break;
	default:
		each(&walk, moment);
	}
}

/* As setpci --dumpregs has them. */
static const struct {
	unsigned int reg;
	const char *name;
	const char *bridge;
} header[] = {
	{ PCI_COMMAND, "COMMAND", "COMMAND" },
	{ PCI_STATUS, "STATUS", "STATUS" },
	{ PCI_CACHE_LINE_SIZE, "CACHE_LINE_SIZE", "CACHE_LINE_SIZE" },
	{ PCI_LATENCY_TIMER, "LATENCY_TIMER", "LATENCY_TIMER" },
	{ PCI_BASE_ADDRESS_0, "BASE_ADDRESS_0", "BASE_ADDRESS_0" },
	{ PCI_BASE_ADDRESS_1, "BASE_ADDRESS_1", "BASE_ADDRESS_1" },
	{ PCI_BASE_ADDRESS_2, "BASE_ADDRESS_2", "PRIMARY_BUS" },
	{ PCI_BASE_ADDRESS_3, "BASE_ADDRESS_3", "IO_BASE" },
	{ PCI_SEC_STATUS, NULL, "SEC_STATUS" },
	{ PCI_BASE_ADDRESS_4, "BASE_ADDRESS_4", "MEMORY_BASE" },
	{ PCI_BASE_ADDRESS_5, "BASE_ADDRESS_5", "PREF_MEMORY_BASE" },
	{ PCI_PREF_BASE_UPPER32, NULL, "PREF_BASE_UPPER32" },
	{ PCI_PREF_LIMIT_UPPER32, NULL, "PREF_LIMIT_UPPER32" },
	{ PCI_ROM_ADDRESS, "ROM_ADDRESS", "IO_BASE_UPPER16" },
	{ PCI_ROM_ADDRESS1, NULL, "BRIDGE_ROM_ADDRESS" },
	{ PCI_INTERRUPT_LINE, "INTERRUPT_LINE", "INTERRUPT_LINE" },
	{ PCI_BRIDGE_CONTROL, NULL, "BRIDGE_CONTROL" },
};

/**
 * register_name() - what setpci calls a register
 * @func: function
 * @reg: offset of the register
 * @buf: room for the name
 *
 * A snapshot knows of one capability where it is: PCI Express.  Initiate FLR is
 * in it, or in that of Advanced Features.
 *
 * Return: the name, "" if it is not known.
 */
const char *register_name(const struct function *func, unsigned int reg,
			  char buf[REGISTER_NAME_LEN])
{
	unsigned int cap = func->reset.pcie_cap, i;
	const char *name = NULL;

	for (i = 0; i < ARRAY_SIZE(header); i++)
		if (header[i].reg == reg)
			name = is_bridge(func) ? header[i].bridge :
						 header[i].name;
	if (name)
		return name;
	buf[0] = '\0';
	if (cap && reg >= cap && reg < cap + EXP_BYTES)
		snprintf(buf, REGISTER_NAME_LEN, "CAP_EXP+%x", reg - cap);
	else if (reg == func->reset.flr_reg)
		snprintf(buf, REGISTER_NAME_LEN, "CAP_AF+%x", PCI_AF_CTRL);
	return buf;
}

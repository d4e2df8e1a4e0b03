// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mask error reporting before anything is touched, and give it back at the end.
 *
 * An error message goes upstream only through ports whose Bridge Control
 * forwards it (PCIe 7.5.1.3.10), so masking ports silences all that is below
 * them; what sits on a root bus by itself is masked itself.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

/* What makes a root port turn an error message into a system error. */
#define RTCTL_SYSTEM_ERROR	(PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE | \
				 PCI_EXP_RTCTL_SEFEE)
#define AER_ROOT_INTERRUPTS	(PCI_ERR_ROOT_CMD_COR_EN |	\
				 PCI_ERR_ROOT_CMD_NONFATAL_EN |	\
				 PCI_ERR_ROOT_CMD_FATAL_EN)

/*
 * In the order in which they are masked; given back in the reverse one.  @never
 * is always written 0, whatever was read: RW1C status, and what would act.  A
 * Secondary Bus Reset that a lie of the port's shows must not become one.
 */
static const struct {
	u16 reg;
	u16 clear;
	u16 set;
	u16 never;
	bool pcie;	/* in the PCI Express capability */
} controls[KEXEC_QUIESCE_NR_CONTROLS] = {
	[KEXEC_QUIESCE_CONTROL_COMMAND] = {
		.reg = PCI_COMMAND,
		.clear = PCI_COMMAND_SERR,
		.set = PCI_COMMAND_INTX_DISABLE,
	},
	[KEXEC_QUIESCE_CONTROL_BRIDGE] = {
		.reg = PCI_BRIDGE_CONTROL,
		.clear = PCI_BRIDGE_CTL_SERR,
		.never = BRIDGE_CONTROL_RW1C | PCI_BRIDGE_CTL_BUS_RESET,
	},
	[KEXEC_QUIESCE_CONTROL_ROOT] = {
		.reg = PCI_EXP_RTCTL,
		.clear = RTCTL_SYSTEM_ERROR,
		.pcie = true,
	},
	[KEXEC_QUIESCE_CONTROL_DEVICE] = {
		.reg = PCI_EXP_DEVCTL,
		.clear = DEVCTL_REPORTING,
		.pcie = true,
	},
};

static __always_inline u16 reg_of(const struct kexec_quiesce_func *func,
				  unsigned int which)
{
	return controls[which].reg + (controls[which].pcie ? func->pcie_cap : 0);
}

static __quiesce bool has_control(const struct kexec_quiesce_func *func,
				  unsigned int which)
{
	bool bridge = func->flags & KEXEC_QUIESCE_F_BRIDGE;

	switch (which) {
	case KEXEC_QUIESCE_CONTROL_COMMAND:
	case KEXEC_QUIESCE_CONTROL_BRIDGE:
		return bridge;
	case KEXEC_QUIESCE_CONTROL_ROOT:
		return bridge && func->pcie_cap &&
		       func->port_type == PCI_EXP_TYPE_ROOT_PORT;
	default:
		return func->pcie_cap;
	}
}

/* Bits that act when they are written, and are none of ours. */
static __always_inline u16 never_written(const struct kexec_quiesce_func *func,
					 unsigned int which)
{
	/* Initiate FLR; a PCIe-to-PCI bridge has a setting there. */
	if (which == KEXEC_QUIESCE_CONTROL_DEVICE &&
	    func->port_type != PCI_EXP_TYPE_PCI_BRIDGE)
		return PCI_EXP_DEVCTL_BCR_FLR;
	return controls[which].never;
}

static __quiesce void mask(struct kexec_quiesce_run *run, u32 i,
			   unsigned int which)
{
	const struct kexec_quiesce_func *func = &run->funcs[i];
	struct kexec_quiesce_work *work = &run->work[i];
	u16 value = kexec_quiesce_read(run, func, reg_of(func, which), 2);

	if (value == ALL_ONES_16 || !(value & controls[which].clear))
		return;
	value &= ~never_written(func, which);
	value |= controls[which].set;
	/* Before the write: after a fault in between it is given back. */
	work->control[which] = value;
	work->written |= 1U << which;
	kexec_quiesce_write(run, func, reg_of(func, which), 2,
			    value & ~controls[which].clear);
}

static __quiesce bool wants_mask(const struct kexec_quiesce_func *func)
{
	if (func->flags & (KEXEC_QUIESCE_F_EXCLUDE_USER |
			   KEXEC_QUIESCE_F_EXCLUDE_CLASS |
			   KEXEC_QUIESCE_F_GATED_ABOVE))
		return false;
	return func->flags & KEXEC_QUIESCE_F_BRIDGE ||
	       (func->flags & KEXEC_QUIESCE_F_ROOT_BUS && func->pcie_cap);
}

/*
 * These enables are set again by pciehp, the AER, DPC and PME services when
 * they probe in the capture kernel, and INTx by pci_enable_device(), so they
 * are not given back.  Owned by firmware, they are not ours to write.
 */
static __quiesce void stop_port_interrupts(struct kexec_quiesce_run *run,
					   const struct kexec_quiesce_func *func)
{
	u16 cap = func->pcie_cap, before;
	u32 command;

	kexec_quiesce_change(run, func, PCI_COMMAND, 0,
			     PCI_COMMAND_INTX_DISABLE, 0, &before);
	if (cap && func->flags & KEXEC_QUIESCE_F_HP_NATIVE)
		kexec_quiesce_change(run, func, cap + PCI_EXP_SLTCTL,
				     PCI_EXP_SLTCTL_HPIE, 0, 0, &before);
	if (func->flags & KEXEC_QUIESCE_F_DPC_NATIVE && func->dpc_cap)
		kexec_quiesce_change(run, func, func->dpc_cap + PCI_EXP_DPC_CTL,
				     PCI_EXP_DPC_CTL_INT_EN, 0, 0, &before);
	if (!cap || func->port_type != PCI_EXP_TYPE_ROOT_PORT)
		return;
	if (func->flags & KEXEC_QUIESCE_F_PME_NATIVE)
		kexec_quiesce_change(run, func, cap + PCI_EXP_RTCTL,
				     PCI_EXP_RTCTL_PMEIE, 0, 0, &before);
	if (!(func->flags & KEXEC_QUIESCE_F_AER_NATIVE) || !func->aer_cap)
		return;
	command = kexec_quiesce_read(run, func,
				     func->aer_cap + PCI_ERR_ROOT_COMMAND, 4);
	if (command != ~0U && command & AER_ROOT_INTERRUPTS)
		kexec_quiesce_write(run, func,
				    func->aer_cap + PCI_ERR_ROOT_COMMAND, 4,
				    command & ~AER_ROOT_INTERRUPTS);
}

/**
 * kexec_quiesce_mask_errors() - stop error reporting, and the interrupts of ports
 * @run: the run
 *
 * Context: crash path.
 */
noinline __quiesce void kexec_quiesce_mask_errors(struct kexec_quiesce_run *run)
{
	unsigned int which;
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct kexec_quiesce_func *func = &run->funcs[i];

		if (kexec_quiesce_late(run, run->work_until))
			return;
		if (!wants_mask(func))
			continue;
		if (func->flags & KEXEC_QUIESCE_F_BRIDGE)
			stop_port_interrupts(run, func);
		for (which = 0; which < KEXEC_QUIESCE_NR_CONTROLS; which++) {
			if (has_control(func, which))
				mask(run, i, which);
		}
		if (run->work[i].written)
			entry_of(run, i)->done |= KEXEC_QUIESCE_DID_MASK;
	}
}

/* A function that did not come back from its reset is not asked again. */
static __quiesce bool gone(const struct kexec_quiesce_work *work)
{
	return work->state & STATE_GONE && !(work->state & STATE_BACK);
}

static __quiesce void give_back(struct kexec_quiesce_run *run, u32 i)
{
	const struct kexec_quiesce_func *func = &run->funcs[i];
	struct kexec_quiesce_work *work = &run->work[i];
	unsigned int which;

	for (which = KEXEC_QUIESCE_NR_CONTROLS; which-- > 0;) {
		if (work->written & 1U << which)
			kexec_quiesce_write(run, func, reg_of(func, which), 2,
					    work->control[which]);
	}
	/* The writes are posted: make sure that they have arrived. */
	kexec_quiesce_read(run, func, PCI_COMMAND, 2);
	work->written = 0;
	entry_of(run, i)->done |= KEXEC_QUIESCE_DID_UNMASK;
}

/**
 * kexec_quiesce_unmask_errors() - give error reporting back, as found
 * @run: the run
 *
 * Parents first, the order in which errors would travel the other way.
 *
 * Context: crash path, also after a fault inside it.
 */
noinline __quiesce void
kexec_quiesce_unmask_errors(struct kexec_quiesce_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		if (!run->work[i].written || gone(&run->work[i]))
			continue;
		if (kexec_quiesce_late(run, run->until))
			return;
		give_back(run, i);
	}
}

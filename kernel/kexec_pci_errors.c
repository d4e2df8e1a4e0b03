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
} controls[PCIQ_NR_CONTROLS] = {
	[PCIQ_CONTROL_COMMAND] = {
		.reg = PCI_COMMAND,
		.clear = PCI_COMMAND_SERR,
		.set = PCI_COMMAND_INTX_DISABLE,
	},
	[PCIQ_CONTROL_BRIDGE] = {
		.reg = PCI_BRIDGE_CONTROL,
		.clear = PCI_BRIDGE_CTL_SERR,
		.never = BRIDGE_CONTROL_RW1C | PCI_BRIDGE_CTL_BUS_RESET,
	},
	[PCIQ_CONTROL_ROOT] = {
		.reg = PCI_EXP_RTCTL,
		.clear = RTCTL_SYSTEM_ERROR,
		.pcie = true,
	},
	[PCIQ_CONTROL_DEVICE] = {
		.reg = PCI_EXP_DEVCTL,
		.clear = DEVCTL_REPORTING,
		.pcie = true,
	},
};

static __always_inline u16 reg_of(const struct pciq_func *func,
				  unsigned int which)
{
	return controls[which].reg + (controls[which].pcie ? func->pcie_cap : 0);
}

static __quiesce bool has_control(const struct pciq_func *func,
				  unsigned int which)
{
	bool bridge = func->flags & PCIQ_F_BRIDGE;

	switch (which) {
	case PCIQ_CONTROL_COMMAND:
	case PCIQ_CONTROL_BRIDGE:
		return bridge;
	case PCIQ_CONTROL_ROOT:
		return bridge && func->pcie_cap &&
		       func->port_type == PCI_EXP_TYPE_ROOT_PORT;
	default:
		return func->pcie_cap;
	}
}

/* Bits that act when they are written, and are none of ours. */
static __always_inline u16 never_written(const struct pciq_func *func,
					 unsigned int which)
{
	/* Initiate FLR; a PCIe-to-PCI bridge has a setting there. */
	if (which == PCIQ_CONTROL_DEVICE &&
	    func->port_type != PCI_EXP_TYPE_PCI_BRIDGE)
		return PCI_EXP_DEVCTL_BCR_FLR;
	return controls[which].never;
}

static __quiesce void mask(struct pciq_run *run, u32 i,
			   unsigned int which)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	u16 value = pciq_read(run, func, reg_of(func, which), 2);

	if (value == ALL_ONES_16 || !(value & controls[which].clear))
		return;
	/* What was found in reset stays in it: the write would have to say so. */
	if (which == PCIQ_CONTROL_BRIDGE &&
	    value & PCI_BRIDGE_CTL_BUS_RESET)
		return;
	value &= ~never_written(func, which);
	value |= controls[which].set;
	/* Before the write: after a fault in between it is given back. */
	work->control[which] = value;
	work->written |= 1U << which;
	pciq_write(run, func, reg_of(func, which), 2,
		   value & ~controls[which].clear);
}

static __quiesce bool wants_mask(const struct pciq_func *func)
{
	if (func->flags & (PCIQ_F_EXCLUDE_USER |
			   PCIQ_F_EXCLUDE_CLASS |
			   PCIQ_F_UNREAD |
			   PCIQ_F_FIRMWARE_BME |
			   PCIQ_F_PEER))
		return false;
	return func->flags & PCIQ_F_BRIDGE ||
	       (func->flags & PCIQ_F_ROOT_BUS && func->pcie_cap);
}

/*
 * These enables are set again by pciehp, bwctrl, the AER, DPC and PME services
 * when they probe in the capture kernel, so they are not given back.  Owned by
 * firmware, they are not ours to write: then no MSI is sent for them, as portdrv
 * allocates those anew, nor INTx, until pci_enable_device().
 */
static __quiesce void stop_sources(struct pciq_run *run,
				   const struct pciq_func *func)
{
	u16 cap = func->pcie_cap, before;
	u32 command;

	if (cap && func->flags & PCIQ_F_HP_NATIVE)
		pciq_change(run, func, cap + PCI_EXP_SLTCTL,
			    PCI_EXP_SLTCTL_HPIE, 0, 0, &before);
	if (func->flags & PCIQ_F_DPC_NATIVE && func->dpc_cap)
		pciq_change(run, func, func->dpc_cap + PCI_EXP_DPC_CTL,
			    PCI_EXP_DPC_CTL_INT_EN, 0, 0, &before);
	/* A reset of the link would provoke them, and some devices not survive. */
	if (cap && (func->port_type == PCI_EXP_TYPE_ROOT_PORT ||
		    func->port_type == PCI_EXP_TYPE_DOWNSTREAM))
		pciq_change(run, func, cap + PCI_EXP_LNKCTL,
			    PCI_EXP_LNKCTL_LBMIE |
					     PCI_EXP_LNKCTL_LABIE,
			    0, 0, &before);
	if (!cap || func->port_type != PCI_EXP_TYPE_ROOT_PORT)
		return;
	if (func->flags & PCIQ_F_PME_NATIVE)
		pciq_change(run, func, cap + PCI_EXP_RTCTL,
			    PCI_EXP_RTCTL_PMEIE, 0, 0, &before);
	if (!(func->flags & PCIQ_F_AER_NATIVE) || !func->aer_cap)
		return;
	command = pciq_read(run, func,
			    func->aer_cap + PCI_ERR_ROOT_COMMAND, 4);
	if (command != ~0U && command & AER_ROOT_INTERRUPTS)
		pciq_write(run, func,
			   func->aer_cap + PCI_ERR_ROOT_COMMAND, 4,
			   command & ~AER_ROOT_INTERRUPTS);
}

/*
 * INTx Disable comes first: a function whose MSI is off falls back to INTx
 * (fda78d7a0ead).
 */
static __quiesce void stop_messages(struct pciq_run *run,
				    const struct pciq_func *func)
{
	u16 before;

	pciq_change(run, func, PCI_COMMAND, 0,
		    PCI_COMMAND_INTX_DISABLE, 0, &before);
	if (func->msi_cap)
		pciq_change(run, func, func->msi_cap + PCI_MSI_FLAGS,
			    PCI_MSI_FLAGS_ENABLE, 0, 0, &before);
	if (func->msix_cap)
		pciq_change(run, func, func->msix_cap + PCI_MSIX_FLAGS,
			    PCI_MSIX_FLAGS_ENABLE, 0, 0, &before);
}

/* False: it was not reached, and the record says why. */
static __quiesce bool stop_port_interrupts(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_entry *entry = entry_of(run, i);
	u32 unanswered = run->record->unanswered;
	u32 faults = run->record->faults;

	if (entry->reason != PCIQ_BY_DEADLINE ||
	    run->work[i].state & STATE_ASLEEP)
		return false;
	tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_WINDOW);
	/* That of a port above. */
	if (run->work[i].state & STATE_SLOW)
		return false;
	stop_messages(run, func);
	if (run->record->faults != faults)
		return false;
	if (run->record->unanswered == unanswered)
		stop_sources(run, func);
	if (run->record->unanswered != unanswered)
		tell_silent(func, entry);
	else if (run->record->faults == faults)
		tell(entry, PCIQ_UNTOUCHED, PCIQ_BY_BRIDGE);
	return entry->reason == PCIQ_BY_BRIDGE;
}

/**
 * pciq_mask_errors() - stop error reporting, and the interrupts of ports
 * @run: the run
 *
 * Context: crash path.
 */
noinline __quiesce void pciq_mask_errors(struct pciq_run *run)
{
	unsigned int which;
	u32 i;

	for (i = 0; i < run->nr_funcs; i++) {
		const struct pciq_func *func = &run->funcs[i];

		if (pciq_late(run, run->work_until))
			return;
		if (!wants_mask(func) ||
		    (func->flags & PCIQ_F_BRIDGE &&
		     !stop_port_interrupts(run, i)))
			continue;
		for (which = 0; which < PCIQ_NR_CONTROLS; which++) {
			if (has_control(func, which))
				mask(run, i, which);
		}
		if (run->work[i].written)
			entry_of(run, i)->done |= PCIQ_DID_MASK;
	}
}

/* A function that did not come back from its reset is not asked again. */
static __quiesce bool gone(const struct pciq_work *work)
{
	return work->state & STATE_GONE && !(work->state & STATE_BACK);
}

static __quiesce void give_back(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_work *work = &run->work[i];
	unsigned int which;

	for (which = PCIQ_NR_CONTROLS; which-- > 0;) {
		if (work->written & 1U << which)
			pciq_write(run, func, reg_of(func, which), 2,
				   work->control[which]);
	}
	/* The writes are posted: make sure that they have arrived. */
	pciq_read(run, func, PCI_COMMAND, 2);
	work->written = 0;
	entry_of(run, i)->done |= PCIQ_DID_UNMASK;
}

/**
 * pciq_unmask_errors() - give error reporting back, as found
 * @run: the run
 *
 * Parents first, the order in which errors would travel the other way.
 *
 * Context: crash path, also after a fault inside it.
 */
noinline __quiesce void
pciq_unmask_errors(struct pciq_run *run)
{
	u32 i;

	for (i = run->nr_funcs; i-- > 0;) {
		if (!run->work[i].written || gone(&run->work[i]))
			continue;
		if (pciq_late(run, run->until))
			return;
		give_back(run, i);
	}
}

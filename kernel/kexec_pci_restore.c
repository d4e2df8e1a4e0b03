// SPDX-License-Identifier: GPL-2.0-only
/*
 * Give a function back what its reset took: bus numbers, windows, BARs, and the
 * control words of its PCI Express or PCI-X capability.
 *
 * Bus mastering stays off.  Status registers are never written: halves of a
 * dword that hold one are left out, the other half is written by itself.
 */
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "kexec_pci_internal.h"

#define LNKCTL_NOT_RESTORED	(PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RL | \
				 PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE)

/* Secondary Status, RW1C, is the upper half of this dword. */
#define DWORD_IO_BASE		(PCI_IO_BASE / 4)

static __quiesce void restore_dwords(struct pciq_run *run, u32 i,
				     unsigned int first, unsigned int last)
{
	const u32 *header = run->saved[i].header;
	unsigned int dword;

	for (dword = first; dword <= last; dword++)
		pciq_write(run, &run->funcs[i], dword * 4, 4,
			   header[dword]);
}

static __quiesce void restore_function_header(struct pciq_run *run,
					      u32 i)
{
	const u32 *header = run->saved[i].header;

	restore_dwords(run, i, PCI_BASE_ADDRESS_0 / 4, PCI_BASE_ADDRESS_5 / 4);
	restore_dwords(run, i, PCI_ROM_ADDRESS / 4, PCI_ROM_ADDRESS / 4);
	/* Lower half: the upper one of this dword could start a BIST. */
	pciq_write(run, &run->funcs[i], PCI_CACHE_LINE_SIZE, 2,
		   header[PCI_CACHE_LINE_SIZE / 4]);
	pciq_write(run, &run->funcs[i], PCI_INTERRUPT_LINE, 2,
		   header[PCI_INTERRUPT_LINE / 4]);
}

/* Bus numbers first: whatever is below can be reached only then. */
static __quiesce void restore_bridge_header(struct pciq_run *run,
					    u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	const u32 *header = run->saved[i].header;
	u16 control = header[PCI_INTERRUPT_LINE / 4] >> 16;

	control &= ~BRIDGE_CONTROL_RW1C;
	if (is_masked(run, i, PCIQ_CONTROL_BRIDGE))
		control &= ~PCI_BRIDGE_CTL_SERR;

	restore_dwords(run, i, PCI_PRIMARY_BUS / 4, PCI_PRIMARY_BUS / 4);
	restore_dwords(run, i, PCI_BASE_ADDRESS_0 / 4, PCI_BASE_ADDRESS_1 / 4);
	pciq_write(run, func, PCI_IO_BASE, 2, header[DWORD_IO_BASE]);
	restore_dwords(run, i, DWORD_IO_BASE + 1, PCI_IO_BASE_UPPER16 / 4);
	restore_dwords(run, i, PCI_ROM_ADDRESS1 / 4, PCI_ROM_ADDRESS1 / 4);
	pciq_write(run, func, PCI_CACHE_LINE_SIZE, 2,
		   header[PCI_CACHE_LINE_SIZE / 4]);
	pciq_write(run, func, PCI_INTERRUPT_LINE, 2,
		   header[PCI_INTERRUPT_LINE / 4]);
	pciq_write(run, func, PCI_BRIDGE_CONTROL, 2, control);
}

/*
 * Interrupts stay off, see stop_sources(). Power is as it is now: what was saved
 * may have been long ago.
 */
static __quiesce void restore_slot(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	u16 reg = func->pcie_cap + PCI_EXP_SLTCTL;
	u16 control = run->saved[i].sltctl, now;

	if (!control)
		return;
	now = pciq_read(run, func, reg, 2);
	if (now == ALL_ONES_16)
		return;
	if (func->flags & PCIQ_F_HP_NATIVE)
		control &= ~PCI_EXP_SLTCTL_HPIE;
	control &= ~PCI_EXP_SLTCTL_PCC;
	pciq_write(run, func, reg, 2,
		   control | (now & PCI_EXP_SLTCTL_PCC));
}

/* As pci_restore_pcie_state(), less what would act instead of configure. */
static __quiesce void restore_pcie(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	const struct pciq_saved *saved = &run->saved[i];
	u16 devctl = saved->devctl;
	u16 cap = func->pcie_cap;

	/* Bit 15 is Initiate FLR, but of a PCIe-to-PCI bridge a setting. */
	if (func->port_type != PCI_EXP_TYPE_PCI_BRIDGE)
		devctl &= ~PCI_EXP_DEVCTL_BCR_FLR;
	if (is_masked(run, i, PCIQ_CONTROL_DEVICE))
		devctl &= ~DEVCTL_REPORTING;
	pciq_write(run, func, cap + PCI_EXP_DEVCTL, 2, devctl);
	/* Later than the capability's first version, and then 0 when saved. */
	if (saved->devctl2)
		pciq_write(run, func, cap + PCI_EXP_DEVCTL2, 2,
			   saved->devctl2);
	if (func->port_type == PCI_EXP_TYPE_RC_END)
		return;
	if (saved->lnkctl2)
		pciq_write(run, func, cap + PCI_EXP_LNKCTL2, 2,
			   saved->lnkctl2);
	/*
	 * ASPM off at the lower end is always allowed (PCIe 5.4.1.3); on, it would
	 * rely on L1 substates and LTR thresholds, which were lost.
	 */
	pciq_write(run, func, cap + PCI_EXP_LNKCTL, 2,
		   saved->lnkctl & ~LNKCTL_NOT_RESTORED);
	restore_slot(run, i);
}

/* Last, when the windows and BARs that it enables are right. */
static __quiesce u16 restore_command(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	u16 command = run->saved[i].header[PCI_COMMAND / 4];

	if (entry_of(run, i)->command_before != ALL_ONES_16)
		command = entry_of(run, i)->command_before;
	command &= ~PCI_COMMAND_MASTER;
	command |= PCI_COMMAND_INTX_DISABLE;
	if (is_masked(run, i, PCIQ_CONTROL_COMMAND))
		command &= ~PCI_COMMAND_SERR;
	pciq_write(run, func, PCI_COMMAND, 2, command);
	/* What is given back later: not this bit. */
	run->work[i].control[PCIQ_CONTROL_COMMAND] &= ~PCI_COMMAND_MASTER;
	return pciq_read(run, func, PCI_COMMAND, 2);
}

/**
 * pciq_restore() - configure a function that came back from a reset
 * @run: the run, with saved headers
 * @i: index of the function; what is above it has been restored
 *
 * Context: crash path.
 */
__quiesce void pciq_restore(struct pciq_run *run, u32 i)
{
	const struct pciq_func *func = &run->funcs[i];
	struct pciq_entry *entry = entry_of(run, i);

	/* FLR leaves what the link needs (PCIe 6.6.2), and nothing else. */
	if (func->flags & PCIQ_F_BRIDGE)
		restore_bridge_header(run, i);
	else
		restore_function_header(run, i);
	if (func->pcie_cap)
		restore_pcie(run, i);
	else if (func->pcix_cap && !(func->flags & PCIQ_F_BRIDGE))
		pciq_write(run, func, func->pcix_cap + PCI_X_CMD, 2,
			   run->saved[i].pcix_cmd);
	entry->command_after = restore_command(run, i);
	entry->done |= PCIQ_DID_RESTORE;
}

/**
 * pciq_restore_port() - what a port loses when its own link goes down
 * @run: the run, with saved headers
 * @i: index of the port
 *
 * Context: crash path.
 */
__quiesce void pciq_restore_port(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	u16 before;

	/* LTR Mechanism Enable of a downstream port (PCIe 7.5.3.16). */
	if (port->pcie_cap &&
	    run->saved[i].devctl2 & PCI_EXP_DEVCTL2_LTR_EN)
		pciq_change(run, port,
			    port->pcie_cap + PCI_EXP_DEVCTL2, 0,
			    PCI_EXP_DEVCTL2_LTR_EN, 0, &before);
}

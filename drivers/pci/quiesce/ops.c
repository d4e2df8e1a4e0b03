// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which registers the crash path writes: to stop the interrupts of ports, to
 * stop them from reporting errors while a link is reset, and to restore what a
 * reset loses.  Ownership and capabilities are resolved here, so that nothing
 * is left to decide after the panic.
 */
#include <linux/kernel.h>
#include <linux/pci_regs.h>

#include "quiesce.h"

#define PCIQ_RTCTL_SYSTEM_ERROR	(PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE | \
				 PCI_EXP_RTCTL_SEFEE)
#define PCIQ_DEVCTL_REPORTING	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | \
				 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE)
#define PCIQ_DPC_TRIGGERS	(PCI_EXP_DPC_CTL_EN_FATAL | \
				 PCI_EXP_DPC_CTL_EN_NONFATAL)
#define PCIQ_LNKCTL_BANDWIDTH	(PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE)

#define PCIQ_WHEN_ERRORS	(PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_CONTAIN)

enum pciq_cap {
	PCIQ_HEADER,
	PCIQ_CAP_MSI,
	PCIQ_CAP_MSIX,
	PCIQ_CAP_EXP,
	PCIQ_ECAP_AER,
	PCIQ_ECAP_DPC,
	PCIQ_ECAP_PTM,
};

/**
 * struct pciq_template - an operation, for the functions that it applies to
 * @cap: capability that has the register
 * @reg: offset in it
 * @clear: as in struct pciq_op, and so on
 * @set: likewise
 * @never: likewise
 * @events: likewise
 * @when: likewise
 * @has: PCIQ_HAS_*, all of which it takes
 */
struct pciq_template {
	enum pciq_cap cap;
	u16 reg;
	u16 clear;
	u16 set;
	u16 never;
	u16 events;
	u8 when;
	u16 has;
};

/*
 * The interrupts of a port by their sources; the services of the crash kernel
 * enable them again when they probe.  Nothing is left that pci_enable_device(),
 * which clears INTx Disable, could let out.
 */
static const struct pciq_template pciq_sources[] = {
	{ PCIQ_CAP_EXP, PCI_EXP_SLTCTL, .clear = PCI_EXP_SLTCTL_HPIE,
	  .has = PCIQ_HAS_SLOT },
	/* Nothing in it changes while Linux runs, but this bit. */
	{ PCIQ_CAP_EXP, PCI_EXP_RTCTL, .clear = U16_MAX,
	  .has = PCIQ_HAS_PME | PCIQ_HAS_ROOT_CONTROL },
	/* Three interrupt enables, and nothing else. */
	{ PCIQ_ECAP_AER, PCI_ERR_ROOT_COMMAND, .clear = U16_MAX,
	  .has = PCIQ_HAS_AER | PCIQ_HAS_ROOT_CONTROL },
	{ PCIQ_ECAP_DPC, PCI_EXP_DPC_CTL, .clear = PCI_EXP_DPC_CTL_INT_EN,
	  .has = PCIQ_HAS_DPC },
	{ PCIQ_CAP_EXP, PCI_EXP_LNKCTL, .clear = PCIQ_LNKCTL_BANDWIDTH,
	  .has = PCIQ_HAS_BANDWIDTH },
};

/* The same by how they are sent, for a port of many sources. */
static const struct pciq_template pciq_messages[] = {
	/* First: a function whose MSI is off falls back to INTx. */
	{ PCIQ_HEADER, PCI_COMMAND, .set = PCI_COMMAND_INTX_DISABLE,
	  .has = PCIQ_HAS_PIN },
	{ PCIQ_CAP_MSI, PCI_MSI_FLAGS, .clear = PCI_MSI_FLAGS_ENABLE },
	{ PCIQ_CAP_MSIX, PCI_MSIX_FLAGS, .clear = PCI_MSIX_FLAGS_ENABLE },
};

/* In a reset, and closed, a link makes the port above see errors. */
static const struct pciq_template pciq_before_reset[] = {
	{ PCIQ_HEADER, PCI_COMMAND, .clear = PCI_COMMAND_SERR,
	  .when = PCIQ_WHEN_ERRORS, .has = PCIQ_HAS_BRIDGE },
	{ PCIQ_HEADER, PCI_BRIDGE_CONTROL, .clear = PCI_BRIDGE_CTL_SERR,
	  .never = PCIQ_BRIDGE_CTL_DTS | PCI_BRIDGE_CTL_BUS_RESET,
	  .when = PCIQ_WHEN_ERRORS, .has = PCIQ_HAS_BRIDGE },
	{ PCIQ_CAP_EXP, PCI_EXP_RTCTL, .clear = PCIQ_RTCTL_SYSTEM_ERROR,
	  .when = PCIQ_WHEN_ERRORS, .has = PCIQ_HAS_ROOT_CONTROL },
	{ PCIQ_CAP_EXP, PCI_EXP_DEVCTL, .clear = PCIQ_DEVCTL_REPORTING,
	  .never = PCI_EXP_DEVCTL_BCR_FLR, .when = PCIQ_WHEN_ERRORS,
	  .has = PCIQ_HAS_BRIDGE },
	/*
	 * Containment by DPC would keep the link down (PCIe r6.0, sec 6.2.11).
	 */
	{ PCIQ_ECAP_DPC, PCI_EXP_DPC_CTL, .clear = PCIQ_DPC_TRIGGERS,
	  .when = PCIQ_WHEN_LINK_RESET, .has = PCIQ_HAS_DPC },
	/* pciehp would take these for a device that was replaced. */
	{ PCIQ_CAP_EXP, PCI_EXP_SLTSTA, .events = PCI_EXP_SLTSTA_PDC |
	  PCI_EXP_SLTSTA_DLLSC | PCI_EXP_SLTSTA_CC,
	  .when = PCIQ_WHEN_LINK_RESET, .has = PCIQ_HAS_SLOT },
	/*
	 * Lost when the link goes down (PCIe r6.0, sec 7.5.3.16): undone, set.
	 */
	{ PCIQ_CAP_EXP, PCI_EXP_DEVCTL2, .clear = PCI_EXP_DEVCTL2_LTR_EN,
	  .when = PCIQ_WHEN_LINK_RESET, .has = PCIQ_HAS_LINK_BELOW },
	/* A training link signals them, and some devices fail to train then. */
	{ PCIQ_CAP_EXP, PCI_EXP_LNKCTL, .clear = PCIQ_LNKCTL_BANDWIDTH,
	  .when = PCIQ_WHEN_LINK_RESET, .has = PCIQ_HAS_BANDWIDTH },
	/* PTM dialogs that a reset interrupts leave some devices unusable. */
	{ PCIQ_ECAP_PTM, PCI_PTM_CTRL, .clear = PCI_PTM_CTRL_ENABLE,
	  .when = PCIQ_WHEN_RESET },
};

static u16 pciq_cap_offset(const struct pciq_desc *desc, enum pciq_cap cap)
{
	switch (cap) {
	case PCIQ_CAP_MSI:
		return desc->msi_cap;
	case PCIQ_CAP_MSIX:
		return desc->msix_cap;
	case PCIQ_CAP_EXP:
		return desc->reset.pcie_cap;
	case PCIQ_ECAP_AER:
		return desc->aer_cap;
	case PCIQ_ECAP_DPC:
		return desc->dpc_cap;
	case PCIQ_ECAP_PTM:
		return desc->ptm_cap;
	default:
		return 0;
	}
}

static bool pciq_applies(const struct pciq_template *template,
			 const struct pciq_desc *desc)
{
	return (desc->has & template->has) == template->has &&
	       (template->cap == PCIQ_HEADER ||
		pciq_cap_offset(desc, template->cap));
}

static void pciq_add_op(struct pciq_op *op,
			const struct pciq_template *template,
			const struct pciq_desc *desc, u16 index, u8 slot)
{
	*op = (struct pciq_op) {
		.func = index,
		.reg = pciq_cap_offset(desc, template->cap) + template->reg,
		.clear = template->clear,
		.set = template->set,
		.never = template->never,
		.events = template->events,
		.when = template->when,
		.slot = slot,
	};
	if (template->cap != PCIQ_CAP_EXP)
		return;
	if (template->reg == PCI_EXP_RTCTL && template->clear == U16_MAX)
		op->set = desc->rtctl & ~PCI_EXP_RTCTL_PMEIE;
	/* Where others have Initiate FLR, it has a setting. */
	if (desc->port_type == PCI_EXP_TYPE_PCI_BRIDGE)
		op->never = 0;
}

/* How many config accesses the operations take. */
static unsigned int pciq_cost(const struct pciq_template *templates,
			      unsigned int nr, const struct pciq_desc *desc)
{
	unsigned int i, cost = 0;

	for (i = 0; i < nr; i++) {
		if (pciq_applies(&templates[i], desc))
			cost += templates[i].clear == U16_MAX ? 1 : 2;
	}
	return cost;
}

/* By what takes fewer accesses; by message what the sources do not show. */
static void pciq_add_port_ops(struct pciq_tables *tables,
			      const struct pciq_desc *desc, u16 index)
{
	const struct pciq_template *templates = pciq_sources;
	unsigned int i, nr = ARRAY_SIZE(pciq_sources);

	if (!desc->is_readable || desc->has & PCIQ_HAS_FOREIGN ||
	    pciq_cost(pciq_messages, ARRAY_SIZE(pciq_messages), desc) <
		    pciq_cost(templates, nr, desc)) {
		templates = pciq_messages;
		nr = ARRAY_SIZE(pciq_messages);
	}
	for (i = 0; i < nr; i++) {
		if (pciq_applies(&templates[i], desc))
			pciq_add_op(&tables->ops[tables->nr_ops++],
				    &templates[i], desc, index, 0);
	}
}

/**
 * pciq_add_ops() - add the operations on a function
 * @tables: with room for PCIQ_OPS_PER_FUNC more of each kind
 * @desc: the function
 * @index: its index in the snapshot
 *
 * Context: process.
 */
void pciq_add_ops(struct pciq_tables *tables, const struct pciq_desc *desc,
		  u16 index)
{
	unsigned int i;
	u8 slot = 0;

	if (desc->func.entry.reason != PCIQ_BY_DEADLINE)
		return;
	if (desc->has & PCIQ_HAS_BRIDGE)
		pciq_add_port_ops(tables, desc, index);
	for (i = 0; i < ARRAY_SIZE(pciq_before_reset); i++) {
		if (pciq_applies(&pciq_before_reset[i], desc))
			pciq_add_op(&tables->reset_ops[tables->nr_reset_ops++],
				    &pciq_before_reset[i], desc, index, slot++);
	}
}

/* === What a reset loses === */

static void pciq_add(struct pciq_tables *tables, u16 reg, u8 size, u32 value)
{
	tables->restores[tables->nr_restores++] = (struct pciq_restore) {
		.reg = reg,
		.size = size,
		.value = value,
	};
}

/* What was not reset after all keeps these bits. */
static void pciq_add_keeping(struct pciq_tables *tables, u16 reg, u16 value,
			     u16 keep)
{
	pciq_add(tables, reg, 2, value & ~keep);
	tables->restores[tables->nr_restores - 1].keep = keep;
}

static void pciq_add_dwords(struct pciq_tables *tables,
			    const struct pciq_desc *desc, u16 first, u16 last,
			    bool compare)
{
	u16 reg;

	for (reg = first; reg <= last; reg += 4) {
		pciq_add(tables, reg, 4, desc->header[reg / 4]);
		tables->restores[tables->nr_restores - 1].compare = compare;
	}
}

/* The upper half of the dword of Cache Line Size could start a BIST. */
static void pciq_add_function_header(struct pciq_tables *tables,
				     const struct pciq_desc *desc)
{
	pciq_add_dwords(tables, desc, PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_5,
			!(desc->func.entry.flags & PCIQ_F_VF));
	pciq_add_dwords(tables, desc, PCI_ROM_ADDRESS, PCI_ROM_ADDRESS, false);
	pciq_add(tables, PCI_CACHE_LINE_SIZE, 2,
		 (u16)desc->header[PCI_CACHE_LINE_SIZE / 4]);
	pciq_add(tables, PCI_INTERRUPT_LINE, 2,
		 (u16)desc->header[PCI_INTERRUPT_LINE / 4]);
}

/*
 * Bus numbers first: what is below is reached only then.  Secondary Status,
 * RW1C, is left out of the dword of the I/O window.
 */
static void pciq_add_bridge_header(struct pciq_tables *tables,
				   const struct pciq_desc *desc)
{
	u16 control = desc->header[PCI_INTERRUPT_LINE / 4] >> 16;

	pciq_add_dwords(tables, desc, PCI_PRIMARY_BUS, PCI_PRIMARY_BUS, true);
	pciq_add_dwords(tables, desc, PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_1,
			true);
	pciq_add(tables, PCI_IO_BASE, 2, (u16)desc->header[PCI_IO_BASE / 4]);
	pciq_add_dwords(tables, desc, PCI_MEMORY_BASE, PCI_IO_BASE_UPPER16,
			false);
	pciq_add_dwords(tables, desc, PCI_ROM_ADDRESS1, PCI_ROM_ADDRESS1,
			false);
	pciq_add(tables, PCI_CACHE_LINE_SIZE, 2,
		 (u16)desc->header[PCI_CACHE_LINE_SIZE / 4]);
	pciq_add(tables, PCI_INTERRUPT_LINE, 2,
		 (u16)desc->header[PCI_INTERRUPT_LINE / 4]);
	pciq_add(tables, PCI_BRIDGE_CONTROL, 2,
		 control & ~PCIQ_BRIDGE_CTL_DTS);
}

/*
 * As pci_restore_pcie_state(), except what would act instead of configure.
 * ASPM off at the lower end is always allowed (PCIe r6.0, sec 5.4.1.3); on, it
 * would rely on L1 substates and LTR thresholds, which are lost.  LTR itself
 * depends on the port above, whose turn comes later.
 */
static void pciq_add_pcie(struct pciq_tables *tables,
			  const struct pciq_desc *desc)
{
	u16 cap = desc->reset.pcie_cap, devctl = desc->devctl;
	u16 sltctl = desc->sltctl;

	/* Bit 15 is Initiate FLR, but of a PCIe-to-PCI bridge a setting. */
	if (desc->port_type != PCI_EXP_TYPE_PCI_BRIDGE)
		devctl &= ~PCI_EXP_DEVCTL_BCR_FLR;
	pciq_add(tables, cap + PCI_EXP_DEVCTL, 2, devctl);
	/* Later than the capability's first version, and then 0 when saved. */
	if (desc->devctl2)
		pciq_add_keeping(tables, cap + PCI_EXP_DEVCTL2, desc->devctl2,
				 PCI_EXP_DEVCTL2_LTR_EN);
	if (desc->port_type == PCI_EXP_TYPE_RC_END)
		return;
	if (desc->lnkctl2)
		pciq_add(tables, cap + PCI_EXP_LNKCTL2, 2, desc->lnkctl2);
	pciq_add_keeping(tables, cap + PCI_EXP_LNKCTL,
			 desc->lnkctl & ~PCI_EXP_LNKCTL_RL,
			 PCI_EXP_LNKCTL_ASPMC | PCIQ_LNKCTL_BANDWIDTH);
	if (!sltctl)
		return;
	/* Interrupts stay off, and the slot keeps the power that it has. */
	if (desc->has & PCIQ_HAS_SLOT)
		sltctl &= ~PCI_EXP_SLTCTL_HPIE;
	pciq_add_keeping(tables, cap + PCI_EXP_SLTCTL, sltctl,
			 PCI_EXP_SLTCTL_PCC);
}

/* Bus numbers, or an address: what a reset clears, and was not clear. */
static void pciq_choose_witness(const struct pciq_tables *tables,
				struct pciq_reset *reset)
{
	const struct pciq_restore *restores = tables->restores;
	u32 i;

	for (i = reset->first; i < reset->first + reset->nr; i++) {
		if (!restores[i].compare ||
		    !(restores[i].value & PCI_BASE_ADDRESS_MEM_MASK))
			continue;
		reset->witness = i;
		break;
	}
}

/**
 * pciq_add_restores() - add the registers of a function that a reset loses
 * @tables: with room for PCIQ_RESTORES_PER_FUNC more
 * @desc: the function; desc->reset.first and .nr are filled in
 *
 * Command is not among them: the crash path writes it last.
 *
 * Context: process.
 */
void pciq_add_restores(struct pciq_tables *tables, struct pciq_desc *desc)
{
	bool bridge = desc->func.entry.flags & PCIQ_F_BRIDGE;

	desc->reset.first = tables->nr_restores;
	desc->reset.witness = PCIQ_NONE;
	if (!desc->is_readable)
		return;
	if (bridge)
		pciq_add_bridge_header(tables, desc);
	else
		pciq_add_function_header(tables, desc);
	if (desc->reset.pcie_cap)
		pciq_add_pcie(tables, desc);
	else if (desc->pcix_cap && !bridge)
		pciq_add(tables, desc->pcix_cap + PCI_X_CMD, 2, desc->pcix_cmd);
	desc->reset.nr = tables->nr_restores - desc->reset.first;
	pciq_choose_witness(tables, &desc->reset);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space after a run is what it was before, but for the bits that are
 * named here.
 */
#include "fabric.h"

#define DEVCTL_REPORTING 0x000f
#define RTCTL_ERRORS	0x0007
#define ROOT_COMMAND	0x0007
/* ASPM is off after a reset, until the next kernel sets it up. */
#define LNKCTL_ACTIONS	(PCI_EXP_LNKCTL_LD | PCI_EXP_LNKCTL_RL | \
			 PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_LBMIE | \
			 PCI_EXP_LNKCTL_LABIE)
#define DPC_TRIGGERS	(PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL)

/*
 * Errors of a port that contains stay masked; what there was no time for; and what
 * was about to be reset when a machine check came.
 */
static bool stays_masked(const struct function *f)
{
	return (f->told && f->told->done & PCIQ_DID_CONTAIN) ||
	       fabric.now >= fabric.deadline || fabric.escaped > 1 ||
	       f->interrupted || fabric.machine_check ||
	       (fabric.mcip && fabric.escaped);
}

static bool is_restorable(const struct function *f)
{
	return f->told && f->told->done & PCIQ_DID_RESTORE;
}

static bool has_slot_of_ours(const struct function *f)
{
	return f->pcie && f->host->bridge.native_pcie_hotplug &&
	       config_get(f->now, f->pcie + PCI_EXP_SLTCAP, 4) &
		       PCI_EXP_SLTCAP_HPC;
}

/* Extended config space is out of reach of ports 0xCF8 and 0xCFC. */
static bool dpc_is_ours(const struct function *f)
{
	return f->host->bridge.native_dpc &&
	       f->host->window == PCIQ_ECAM;
}

static u16 may_differ_at_port(const struct function *f, u16 reg)
{
	u16 cap = f->pcie;

	if (reg == PCI_BRIDGE_CONTROL)
		return (stays_masked(f) ? PCI_BRIDGE_CTL_SERR : 0) |
		       (behaves(f, KEEPS_SBR) ? PCI_BRIDGE_CTL_BUS_RESET |
						PCI_BRIDGE_CTL_SERR : 0);
	if (f->dpc && reg == f->dpc + PCI_EXP_DPC_CTL)
		return PCI_EXP_DPC_CTL_INT_EN |
		       (stays_masked(f) ? DPC_TRIGGERS : 0);
	if (f->dpc && reg == f->dpc + PCI_EXP_DPC_STATUS)
		return behaves(f, TRIGGERS_DPC) || stays_masked(f) ||
				       (behaves(f, TRIGGERS_DPC_AT_RESET) &&
					!dpc_is_ours(f)) ?
			       PCI_EXP_DPC_STATUS_TRIGGER |
				       PCI_EXP_DPC_STATUS_INTERRUPT : 0;
	if (f->aer && reg == f->aer + PCI_ERR_ROOT_COMMAND)
		return ROOT_COMMAND;
	if (reg == f->msi + PCI_MSI_FLAGS)
		return PCI_MSI_FLAGS_ENABLE;
	if (!cap)
		return 0;
	if (reg == cap + PCI_EXP_RTCTL)
		return PCI_EXP_RTCTL_PMEIE |
		       (stays_masked(f) ? RTCTL_ERRORS : 0);
	if (reg == cap + PCI_EXP_LNKCTL)
		return PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE |
		       (was_reset(f) ? LNKCTL_ACTIONS : 0);
	if (reg == cap + PCI_EXP_SLTCTL && has_slot_of_ours(f))
		return PCI_EXP_SLTCTL_HPIE;
	if (reg == cap + PCI_EXP_DEVCTL2 && (stays_masked(f) || f->odd_events ||
					     behaves(f, TRIGGERS_DPC)))
		return PCI_EXP_DEVCTL2_LTR_EN;
	if (reg != cap + PCI_EXP_SLTSTA)
		return 0;
	/* Masking hotplug interrupts is a command, and completes (6.7.3.2). */
	if (f->odd_events || stays_masked(f) || !has_slot_of_ours(f) ||
	    behaves(f, TRIGGERS_DPC) || behaves(f, TRIGGERS_DPC_AT_RESET))
		return PCI_EXP_SLTSTA_CC | PCI_EXP_SLTSTA_DLLSC;
	return PCI_EXP_SLTSTA_CC;
}

static u16 may_differ(const struct function *f, u16 reg)
{
	if (reg == PCI_COMMAND && !f->bridge)
		return PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
	/* An oops in between leaves a port closed rather than open. */
	if (reg == PCI_COMMAND)
		return PCI_COMMAND_INTX_DISABLE |
		       (is_restorable(f) || fabric.escaped ?
			PCI_COMMAND_MASTER : 0) |
		       (stays_masked(f) ?
			PCI_COMMAND_SERR | PCI_COMMAND_MASTER : 0);
	if (f->pcie && reg == f->pcie + PCI_EXP_DEVCTL && stays_masked(f))
		return DEVCTL_REPORTING;
	/* LTR stays off below a link that was reset. */
	if (f->pcie && f->pcie_version > 1 &&
	    reg == f->pcie + PCI_EXP_DEVCTL2 && was_reset(f))
		return PCI_EXP_DEVCTL2_LTR_EN;
	if (f->pcie && reg == f->pcie + PCI_EXP_LNKCTL && !f->bridge &&
	    (was_reset(f) || is_restorable(f)))
		return LNKCTL_ACTIONS;
	if (f->ptm && reg == f->ptm + PCI_PTM_CTRL && stays_masked(f))
		return PCI_PTM_CTRL_ENABLE;
	/* Power is not restored. */
	if (f->pcie && reg == f->pcie + PCI_EXP_SLTCTL && was_reset(f))
		return PCI_EXP_SLTCTL_PCC |
		       (has_slot_of_ours(f) ? PCI_EXP_SLTCTL_HPIE : 0);
	return f->bridge ? may_differ_at_port(f, reg) : 0;
}

static void verify_register(const struct function *f, u16 reg)
{
	u16 before = config_get(f->before, reg, 2);
	u16 now = config_get(f->now, reg, 2);
	u16 rw1c = config_get(f->rw1c, reg, 2);

	/* Status that a reset cleared nobody can give back. */
	if (was_reset(f) && rw1c)
		before &= ~rw1c, now &= ~rw1c;
	if ((before ^ now) & ~may_differ(f, reg))
		broken(f, "register %03x is %04x, and was %04x", reg, now,
		       before);
	if (is_restorable(f) && reg == PCI_COMMAND &&
	    now & PCI_COMMAND_MASTER && !behaves(f, STUCK) &&
	    !ignores_reset(f))
		broken(f, "masters after its reset: Command %04x", now);
}

/* A reset was written for it, and it was not heard of again. */
static bool is_missing(const struct function *f)
{
	return f->told && f->told->outcome != PCIQ_WAS_RESET &&
	       f->told->done & PCIQ_DID_RESET;
}

/* Nobody could have given anything back to it. */
static bool is_lost(const struct function *f)
{
	return is_missing(f) || f->was_in_reset || behaviour_is_mute(f) || f->silent || f->lied ||
	       f->gone || f->dead || f->asleep || !link_reaches(f) || fabric.now < f->rrs_until ||
	       is_out_of_reach(f) || (f->lost && !is_restorable(f)) ||
	       (was_reset(f) && !is_restorable(f));
}

static void verify_function(const struct function *f)
{
	u16 reg;

	if ((f->excluded || (f->spared && !fabric.raw && !f->lied)) &&
	    !was_reset(f) && !f->odd_events &&
	    !(fabric.raw && f->lied) &&
	    memcmp(f->before, f->now, SPACE))
		broken(f, "excluded, and its config space has changed");
	if (is_lost(f))
		return;
	for (reg = 0; reg < SPACE; reg += 2) {
		if (f->before[reg] == f->now[reg] &&
		    f->before[reg + 1] == f->now[reg + 1] &&
		    reg != PCI_COMMAND)
			continue;
		if (was_reset(f) && !is_restored(f, reg))
			continue;
		verify_register(f, reg);
	}
}

/**
 * verify_config() - compare all config spaces with what they were
 */
void verify_config(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++)
		verify_function(fabric.functions[i]);
}

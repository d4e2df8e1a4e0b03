// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space of one function: what is read, what a write changes, and what is
 * left after a reset.
 */
#include "fabric.h"

/* === Bytes === */

/**
 * config_get() - read without side effects
 * @space: one of the arrays of a function
 * @reg: register
 * @size: bytes
 *
 * Return: the value; beyond the modelled part, 0.
 */
u32 config_get(const u8 *space, u32 reg, unsigned int size)
{
	u32 value = 0;

	while (size--)
		value = value << 8 | (reg + size < SPACE ? space[reg + size] : 0);
	return value;
}

/**
 * config_put() - write without side effects
 * @space: one of the arrays of a function
 * @reg: register
 * @size: bytes
 * @value: what
 */
void config_put(u8 *space, u32 reg, unsigned int size, u32 value)
{
	for (; size--; reg++, value >>= 8)
		if (reg < SPACE)
			space[reg] = value;
}

static u16 word(const struct function *f, u32 reg)
{
	return config_get(f->now, reg, 2);
}

/**
 * config_msi_is_on() - whether a function sends MSIs
 * @f: the function
 *
 * Return: false also without the capability.
 */
bool config_msi_is_on(const struct function *f)
{
	return f->msi && word(f, f->msi + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE;
}

/**
 * config_msix_is_on() - likewise, by MSI-X
 * @f: the function
 *
 * Return: false also without the capability.
 */
bool config_msix_is_on(const struct function *f)
{
	return f->msix &&
	       word(f, f->msix + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_ENABLE;
}

/**
 * config_flr_bit() - the bit of a register that starts a Function Level Reset
 * @f: the function
 * @reg: the register, of 16 bits
 *
 * Of Device Control (7.5.3.4), or of AF Control (Advanced Capabilities for
 * Conventional PCI ECN).
 *
 * Return: the bit, 0 if the register has none.
 */
u16 config_flr_bit(const struct function *f, u16 reg)
{
	if (f->pcie && reg == f->pcie + PCI_EXP_DEVCTL &&
	    f->type != TYPE_PCI_BRIDGE &&
	    config_get(f->now, f->pcie + PCI_EXP_DEVCAP, 4) &
		    PCI_EXP_DEVCAP_FLR)
		return PCI_EXP_DEVCTL_BCR_FLR;
	if (f->af && reg == f->af + PCI_AF_CTRL &&
	    f->now[f->af + PCI_AF_CAP] & PCI_AF_CAP_FLR)
		return PCI_AF_CTRL_FLR;
	return 0;
}

/* === Access === */

/**
 * config_read() - what a register shows now
 * @f: the function
 * @reg: register
 * @size: bytes
 *
 * Return: the value.
 */
u32 config_read(const struct function *f, u16 reg, unsigned int size)
{
	u32 value = config_get(f->now, reg, size);
	bool pending = fabric.now < f->pending_until;

	if (pending && f->af && reg == f->af + PCI_AF_CTRL &&
	    f->now[f->af + PCI_AF_CAP] & PCI_AF_CAP_TP)
		value |= PCI_AF_STATUS_TP << 8;
	if (!f->pcie)
		return value;
	if (pending && reg == f->pcie + PCI_EXP_DEVSTA)
		value |= PCI_EXP_DEVSTA_TRPND;
	/* Link Active is 0 where it is not reported (7.5.3.8). */
	if (reg == f->pcie + PCI_EXP_LNKSTA && bits_is_downstream(f) &&
	    config_get(f->now, f->pcie + PCI_EXP_LNKCAP, 4) &
		    PCI_EXP_LNKCAP_DLLLARC &&
	    link_is_up(f))
		value |= PCI_EXP_LNKSTA_DLLLA;
	return value;
}

static void command_written(struct function *f, u16 old)
{
	bool stuck = behaves(f, STUCK) || (behaves(f, STUCK_UNTIL_RESET) &&
					   !f->resets && !f->flrs);
	u16 new = word(f, PCI_COMMAND);

	if (!(old & ~new & PCI_COMMAND_MASTER))
		return;
	if (f->bridge)
		oracle_close(f);
	if (stuck)
		f->now[PCI_COMMAND] |= PCI_COMMAND_MASTER;
}

static void bridge_control_written(struct function *f, u16 old)
{
	u16 new = word(f, PCI_BRIDGE_CONTROL);

	if (old & ~new & PCI_BRIDGE_CTL_BUS_RESET && behaves(f, KEEPS_SBR)) {
		f->now[PCI_BRIDGE_CONTROL] |= PCI_BRIDGE_CTL_BUS_RESET;
		return;
	}
	if (new & ~old & PCI_BRIDGE_CTL_BUS_RESET)
		link_assert(f);
	else if (old & ~new & PCI_BRIDGE_CTL_BUS_RESET)
		link_release(f);
}

static void pcie_written(struct function *f, u16 reg, u16 old)
{
	u16 new = word(f, reg);

	switch (reg - f->pcie) {
	case PCI_EXP_LNKCTL:
		if (old & ~new & PCI_EXP_LNKCTL_LD)
			link_recover(f);
		break;
	case PCI_EXP_SLTCTL:
		/* Each write is a command (6.7.3.2). */
		if (f->writable[reg] && !(config_get(f->now, f->pcie + PCI_EXP_SLTCAP, 4) &
		      PCI_EXP_SLTCAP_NCCS))
			f->now[f->pcie + PCI_EXP_SLTSTA] |= PCI_EXP_SLTSTA_CC;
		break;
	}
}

/* The half of a write that fell on one 16-bit register. */
static void word_written(struct function *f, u16 reg, u16 old, u16 written)
{
	if (reg == PCI_COMMAND)
		command_written(f, old);
	else if (reg == PCI_BRIDGE_CONTROL && f->bridge)
		bridge_control_written(f, old);
	else if (written & config_flr_bit(f, reg))
		link_flr(f);
	else if (f->pcie && reg >= f->pcie)
		pcie_written(f, reg, old);
	else if (f->dpc && reg == f->dpc + PCI_EXP_DPC_STATUS &&
		 old & ~word(f, reg) & PCI_EXP_DPC_STATUS_TRIGGER)
		link_recover(f);
}

/**
 * config_write() - change a register, with all that follows from it
 * @f: the function
 * @reg: register, aligned
 * @size: 2 or 4 bytes
 * @value: what
 */
void config_write(struct function *f, u16 reg, unsigned int size, u32 value)
{
	bool gating = reg == PCI_COMMAND && !(value & PCI_COMMAND_MASTER) &&
		      (f->bridge ? word(f, PCI_COMMAND) & PCI_COMMAND_MASTER &&
				   dma_masters_below(f) : dma_masters(f));
	unsigned int i, at;
	u16 old;

	if (gating)
		dma_leave_in_flight(f);
	for (at = reg; at < reg + size; at += 2, value >>= 16) {
		old = word(f, at);
		for (i = at; i < at + 2 && i < SPACE; i++) {
			u8 byte = value >> 8 * (i - at);

			f->now[i] = (f->now[i] & ~f->writable[i]) |
				    (byte & f->writable[i]);
			f->now[i] &= ~(byte & f->rw1c[i]);
		}
		word_written(f, at, old, value);
	}
}

/**
 * config_reset() - registers after a reset
 * @f: the function
 * @alone: by FLR, which leaves what the link needs (6.6.2)
 */
void config_reset(struct function *f, bool alone)
{
	u16 mps = 0, lnkctl = 0, lnkctl2 = 0;
	bool express = alone && f->pcie;
	bool link = express && bits_has_link(f);
	unsigned int i;

	if (express)
		mps = word(f, f->pcie + PCI_EXP_DEVCTL) & PCI_EXP_DEVCTL_PAYLOAD;
	if (link) {
		lnkctl = word(f, f->pcie + PCI_EXP_LNKCTL);
		lnkctl2 = word(f, f->pcie + PCI_EXP_LNKCTL2);
	}
	for (i = 0; i < SPACE; i++)
		f->now[i] = (f->now[i] & f->sticky[i]) |
			    (f->initial[i] & ~f->sticky[i]);
	if (link) {
		config_put(f->now, f->pcie + PCI_EXP_LNKCTL, 2, lnkctl);
		if (f->pcie_version > 1)
			config_put(f->now, f->pcie + PCI_EXP_LNKCTL2, 2,
				   lnkctl2);
	}
	if (express)
		config_put(f->now, f->pcie + PCI_EXP_DEVCTL, 2,
			   (word(f, f->pcie + PCI_EXP_DEVCTL) &
			    ~PCI_EXP_DEVCTL_PAYLOAD) | mps);
	if (behaves(f, STUCK))
		f->now[PCI_COMMAND] |= PCI_COMMAND_MASTER;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space of one function: what is where, what a write changes, and what
 * is left of it after a reset.
 */
#include "fabric.h"

/* Lengths: 7.5.3 (version 1 of an endpoint ends after Link Status), PCI-X 7.2. */
#define PCIE_BYTES		0x3c
#define PCIE_V1_BYTES		0x14
#define PM_BYTES		0x08
#define MSI_BYTES		0x18
#define PCIX_BYTES		0x08
#define PCIX_BRIDGE_BYTES	0x10

#define AER_BYTES		0x48
#define DPC_BYTES		0x20
#define SRIOV_BYTES		0x40
#define DVSEC_BYTES		0x10
#define PTM_BYTES		0x0c

#define CXL_VENDOR		0x1e98

#define COMMAND_BITS	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | \
			 PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | \
			 PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE)
#define COMMAND_CONVENTIONAL (PCI_COMMAND_SPECIAL | PCI_COMMAND_INVALIDATE | \
			      PCI_COMMAND_VGA_PALETTE | PCI_COMMAND_FAST_BACK)
#define STATUS_ERRORS	(PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | \
			 PCI_STATUS_REC_TARGET_ABORT | \
			 PCI_STATUS_REC_MASTER_ABORT | \
			 PCI_STATUS_SIG_SYSTEM_ERROR | \
			 PCI_STATUS_DETECTED_PARITY)
#define SLOT_CHANGES	(PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PFD | \
			 PCI_EXP_SLTSTA_MRLSC | PCI_EXP_SLTSTA_PDC | \
			 PCI_EXP_SLTSTA_CC | PCI_EXP_SLTSTA_DLLSC)

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

/* === Layout === */

/* Constant, or with bits that software changes; some way set up already. */
static void field(struct function *f, u32 reg, u16 initial, u16 writable)
{
	u16 chosen = random_next(&fabric.random);

	config_put(f->initial, reg, 2, initial);
	config_put(f->writable, reg, 2, writable);
	config_put(f->now, reg, 2, (initial & ~writable) | (chosen & writable));
}

static void constant(struct function *f, u32 reg, unsigned int size, u32 value)
{
	config_put(f->initial, reg, size, value);
	config_put(f->now, reg, size, value);
}

/* Write 1 to clear; some are set, and that is evidence. */
static void status(struct function *f, u32 reg, u16 constant_bits, u16 rw1c)
{
	u16 chosen = random_next(&fabric.random) & random_next(&fabric.random);

	config_put(f->initial, reg, 2, constant_bits);
	config_put(f->rw1c, reg, 2, rw1c);
	config_put(f->now, reg, 2, constant_bits | (chosen & rw1c));
}

static void clear_now(struct function *f, u32 reg, u16 bits)
{
	config_put(f->now, reg, 2, word(f, reg) & ~bits);
}

/* A VF has no bits of its own in Command but BME (SR-IOV 9.3.4.1.3). */
static void lay_command(struct function *f, const struct shape *shape)
{
	u16 writable = COMMAND_BITS, hardwired = PCI_STATUS_CAP_LIST;

	if (shape->type == CONVENTIONAL)
		writable |= COMMAND_CONVENTIONAL;
	if (shape->no_intx_disable)
		writable &= ~PCI_COMMAND_INTX_DISABLE;
	if (shape->vf)
		writable = PCI_COMMAND_MASTER;
	if (shape->type == CONVENTIONAL)
		hardwired |= PCI_STATUS_DEVSEL_MEDIUM;
	field(f, PCI_COMMAND, 0, writable);
	status(f, PCI_STATUS, hardwired, STATUS_ERRORS);
}

static void lay_bar(struct function *f, u32 reg)
{
	u32 bits = random_range(&fabric.random, 12, 24);

	field(f, reg, 0, bits < 16 ? 0xffffU << bits : 0);
	field(f, reg + 2, 0, bits < 16 ? 0xffff : 0xffffU << (bits - 16));
}

static void lay_type_0(struct function *f, const struct shape *shape)
{
	u32 reg;

	if (shape->vf)		/* Its BARs are in the PF's capability. */
		return;
	for (reg = PCI_BASE_ADDRESS_0; reg <= PCI_BASE_ADDRESS_5; reg += 4)
		if (random_chance(&fabric.random, 60))
			lay_bar(f, reg);
	if (random_chance(&fabric.random, 30)) {
		field(f, PCI_ROM_ADDRESS, 0, PCI_ROM_ADDRESS_ENABLE);
		field(f, PCI_ROM_ADDRESS + 2, 0, 0xffff);
	}
	constant(f, PCI_SUBSYSTEM_VENDOR_ID, 4, 0x12341af4);
}

/* PCI-to-PCI Bridge 3.2; PCIe 7.5.1.3. */
static void lay_type_1(struct function *f, const struct shape *shape)
{
	bool conventional = shape->type == CONVENTIONAL ||
			    shape->type == TYPE_PCI_BRIDGE;

	if (random_chance(&fabric.random, 30))
		lay_bar(f, PCI_BASE_ADDRESS_0);
	field(f, PCI_PRIMARY_BUS, 0, 0xffff);
	field(f, PCI_SUBORDINATE_BUS, 0, conventional ? 0xf8ff : 0x00ff);
	field(f, PCI_IO_BASE, 0, 0xf0f0);
	status(f, PCI_SEC_STATUS, 0, STATUS_ERRORS);
	field(f, PCI_MEMORY_BASE, 0, 0xfff0);
	field(f, PCI_MEMORY_LIMIT, 0, 0xfff0);
	field(f, PCI_PREF_MEMORY_BASE, 1, 0xfff0);
	field(f, PCI_PREF_MEMORY_LIMIT, 1, 0xfff0);
	field(f, PCI_PREF_BASE_UPPER32, 0, 0xffff);
	field(f, PCI_PREF_BASE_UPPER32 + 2, 0, 0xffff);
	field(f, PCI_PREF_LIMIT_UPPER32, 0, 0xffff);
	field(f, PCI_PREF_LIMIT_UPPER32 + 2, 0, 0xffff);
	field(f, PCI_IO_BASE_UPPER16, 0, 0xffff);
	field(f, PCI_IO_LIMIT_UPPER16, 0, 0xffff);
	if (random_chance(&fabric.random, 10))
		field(f, PCI_ROM_ADDRESS1 + 2, 0, 0xfffe);
	field(f, PCI_BRIDGE_CONTROL, 0, conventional ? 0x0bff : 0x005f);
	clear_now(f, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET);
	if (conventional) {
		config_put(f->rw1c, PCI_BRIDGE_CONTROL, 2, 0x0400);
		if (random_chance(&fabric.random, 30))
			f->now[PCI_BRIDGE_CONTROL + 1] |= 0x04;
	}
}

static bool has_link(const struct function *f)
{
	return f->type != TYPE_RC_END && f->type != PCI_EXP_TYPE_RC_EC;
}

static bool is_downstream(const struct function *f)
{
	return f->type == TYPE_ROOT_PORT || f->type == TYPE_DOWNSTREAM;
}

static void lay_link(struct function *f, u16 cap, const struct shape *shape)
{
	u16 writable = 0x0fcb;

	if (!has_link(f) || shape->vf)
		return;
	constant(f, cap + PCI_EXP_LNKCAP, 4, 0x00047000 | (shape->speed ?: 3) |
		 (shape->link_active ? PCI_EXP_LNKCAP_DLLLARC : 0));
	/* Retrain Link reads as 0. */
	if (is_downstream(f))
		writable |= PCI_EXP_LNKCTL_LD;
	field(f, cap + PCI_EXP_LNKCTL, 0, writable);
	clear_now(f, cap + PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	status(f, cap + PCI_EXP_LNKSTA, 0x0043,
	       is_downstream(f) ? PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS : 0);
}

static void lay_slot(struct function *f, u16 cap, const struct shape *shape)
{
	if (!shape->slot)
		return;
	constant(f, cap + PCI_EXP_SLTCAP, 4,
		 0x00100000 | (shape->hotplug ? PCI_EXP_SLTCAP_HPC : 0) |
		 (random_chance(&fabric.random, 30) ? PCI_EXP_SLTCAP_NCCS : 0));
	field(f, cap + PCI_EXP_SLTCTL, 0, 0x1fff);
	status(f, cap + PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_PDS, SLOT_CHANGES);
}

static void lay_pcie(struct function *f, u16 cap, const struct shape *shape)
{
	u16 devctl = 0x7fff;

	constant(f, cap + PCI_EXP_FLAGS, 2, f->pcie_version | shape->type << 4 |
		 (shape->slot ? PCI_EXP_FLAGS_SLOT : 0));
	constant(f, cap + PCI_EXP_DEVCAP, 4, 0x00008000 |
		 (shape->flr ? PCI_EXP_DEVCAP_FLR : 0));
	/* Bit 15: of a bridge to PCI a setting, else it starts an FLR. */
	if (shape->type == TYPE_PCI_BRIDGE)
		devctl |= PCI_EXP_DEVCTL_BCR_FLR;
	field(f, cap + PCI_EXP_DEVCTL, 0x2810, shape->vf ? 0 : devctl);
	/* Sizes beyond 4 KiB are reserved (7.5.3.4). */
	if (!shape->vf)
		clear_now(f, cap + PCI_EXP_DEVCTL, 0x4080);
	status(f, cap + PCI_EXP_DEVSTA, 0, 0x000f);
	lay_link(f, cap, shape);
	lay_slot(f, cap, shape);
	if (shape->type == TYPE_ROOT_PORT) {
		field(f, cap + PCI_EXP_RTCTL, 0, 0x001f);
		status(f, cap + PCI_EXP_RTSTA + 2, 0, 0x0001);
	}
	if (f->pcie_version < 2 || shape->vf)
		return;
	field(f, cap + PCI_EXP_DEVCTL2, 0, 0x67ff);
	if (!has_link(f))
		return;
	/* Target Link Speed 0 is reserved (7.5.3.19). */
	field(f, cap + PCI_EXP_LNKCTL2, 3, 0xfffc);
}

/* As PCI-X 7.2: bridges have Secondary Status where functions have Command. */
static void lay_pcix(struct function *f, u16 cap, const struct shape *shape)
{
	if (shape->bridge)
		status(f, cap + 2, 0, 0x0006);
	else
		field(f, cap + PCI_X_CMD, 0x0008, 0x007f);
}

/* What may be in the way of a write that goes wrong. */
static void lay_other(struct function *f, u16 cap, u8 id)
{
	if (id == PCI_CAP_ID_MSI) {
		field(f, cap + PCI_MSI_FLAGS, 0x0080, 0x0071);
		field(f, cap + PCI_MSI_ADDRESS_LO, 0, 0xfffc);
		field(f, cap + PCI_MSI_ADDRESS_LO + 2, 0, 0xffff);
		field(f, cap + PCI_MSI_DATA_64, 0, 0xffff);
	} else {
		field(f, cap + PCI_PM_CTRL, 0, 0x1f03);
		clear_now(f, cap + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
	}
}

static u16 add_cap(struct function *f, u8 *link, u16 at, u8 id)
{
	constant(f, *link, 1, at);
	constant(f, at, 2, id);
	*link = at + 1;
	return at;
}

/* In any order, with and without gaps. */
static void lay_capabilities(struct function *f, const struct shape *shape)
{
	u8 ids[4] = { PCI_CAP_ID_PM, PCI_CAP_ID_MSI }, id;
	u8 link = PCI_CAPABILITY_LIST;
	unsigned int nr = 2, i, other;
	u16 at = 0x40, length;

	if (shape->type != CONVENTIONAL)
		ids[nr++] = PCI_CAP_ID_EXP;
	if (shape->pcix)
		ids[nr++] = PCI_CAP_ID_PCIX;
	for (i = 0; i < nr; i++) {
		other = random_range(&fabric.random, i, nr - 1);
		id = ids[other];
		ids[other] = ids[i];
		at += 4 * random_below(&fabric.random, 4);
		add_cap(f, &link, at, id);
		length = id == PCI_CAP_ID_PM ? PM_BYTES : MSI_BYTES;
		if (id == PCI_CAP_ID_EXP) {
			f->pcie = at;
			length = f->pcie_version == 1 && !shape->bridge ?
					 PCIE_V1_BYTES : PCIE_BYTES;
			lay_pcie(f, at, shape);
		} else if (id == PCI_CAP_ID_PCIX) {
			f->pcix = at;
			length = shape->bridge ? PCIX_BRIDGE_BYTES : PCIX_BYTES;
			lay_pcix(f, at, shape);
		} else {
			lay_other(f, at, id);
			if (id == PCI_CAP_ID_PM)
				f->pm = at;
			else
				f->msi = at;
		}
		at += length;
	}
}

static void lay_aer(struct function *f, u16 cap)
{
	u32 reg;

	/* Status and masks survive a reset (7.8.4: RW1CS, RWS). */
	for (reg = cap + PCI_ERR_UNCOR_STATUS; reg < (u32)cap + PCI_ERR_CAP;
	     reg += 2) {
		if (reg < (u32)cap + PCI_ERR_UNCOR_MASK ||
		    (reg >= (u32)cap + PCI_ERR_COR_STATUS &&
		     reg < (u32)cap + PCI_ERR_COR_MASK))
			status(f, reg, 0, 0x3031);
		else
			field(f, reg, 0, 0x3031);
		config_put(f->sticky, reg, 2, 0xffff);
	}
	if (f->type != TYPE_ROOT_PORT)
		return;
	field(f, cap + PCI_ERR_ROOT_COMMAND, 0, 0x0007);
	status(f, cap + PCI_ERR_ROOT_STATUS, 0, 0x007f);
}

static void lay_dpc(struct function *f, u16 cap)
{
	field(f, cap + PCI_EXP_DPC_CTL, 0, 0x003f);
	status(f, cap + PCI_EXP_DPC_STATUS, 0x1f00, PCI_EXP_DPC_STATUS_TRIGGER |
	       PCI_EXP_DPC_STATUS_INTERRUPT);
	clear_now(f, cap + PCI_EXP_DPC_STATUS, PCI_EXP_DPC_STATUS_TRIGGER);
}

static u16 add_ext_cap(struct function *f, u16 *at, u16 *last, u16 id,
		       u16 bytes)
{
	u16 here = *at;

	constant(f, here, 4, id | 1 << 16);
	if (*last)
		constant(f, *last + 2, 2, here << 4 | 1);
	*last = here;
	*at += bytes;
	return here;
}

static void lay_extended(struct function *f, const struct shape *shape)
{
	u16 at = PCI_CFG_SPACE_SIZE, last = 0;

	if (shape->cxl) {
		f->dvsec = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_DVSEC,
				       DVSEC_BYTES);
		constant(f, f->dvsec + 4, 4, CXL_VENDOR | 0x03800000);
		/* CXL Capability: Cache_Capable is bit 0, Mem_Capable bit 2. */
		constant(f, f->dvsec + 10, 2, shape->cxl_cache ? 5 : 4);
	}
	if (shape->aer) {
		f->aer = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_ERR,
				     AER_BYTES);
		lay_aer(f, f->aer);
	}
	if (shape->dpc) {
		f->dpc = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_DPC,
				     DPC_BYTES);
		lay_dpc(f, f->dpc);
	}
	if (shape->ptm) {
		f->ptm = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_PTM,
				     PTM_BYTES);
		field(f, f->ptm + PCI_PTM_CTRL, 0, 0x0001);
	}
	if (shape->sriov) {
		f->sriov = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_SRIOV,
				       SRIOV_BYTES);
		field(f, f->sriov + PCI_SRIOV_CTRL, 0, 0x001f);
		clear_now(f, f->sriov + PCI_SRIOV_CTRL, PCI_SRIOV_CTRL_VFE);
	}
}

/**
 * config_layout() - lay out the config space of a function
 * @f: the function, blank
 * @shape: what kind it is
 */
void config_layout(struct function *f, const struct shape *shape)
{
	f->type = shape->type;
	f->bridge = shape->bridge;
	f->class = shape->class;
	f->vendor = shape->vendor;
	f->device = shape->device;
	f->pcie_version = shape->pcie_version ?: 2;
	f->cache = shape->cxl_cache && shape->type != CONVENTIONAL;
	f->fast = is_downstream(f) && shape->link_active &&
		  (shape->speed ?: 3) > PCI_EXP_LNKCAP_SLS_5_0GB;

	/* SR-IOV 9.3.4.1.1 */
	constant(f, PCI_VENDOR_ID, 2, shape->vf ? 0xffff : shape->vendor);
	constant(f, PCI_DEVICE_ID, 2, shape->vf ? 0xffff : shape->device);
	constant(f, PCI_CLASS_REVISION, 4, shape->class << 8 | 1);
	constant(f, PCI_HEADER_TYPE, 1, shape->bridge);
	lay_command(f, shape);
	if (!shape->vf) {
		field(f, PCI_CACHE_LINE_SIZE, 0,
		      shape->type == CONVENTIONAL ? 0xf8ff : 0x00ff);
		field(f, PCI_INTERRUPT_LINE, shape->pin << 8, 0x00ff);
	}
	if (shape->bridge)
		lay_type_1(f, shape);
	else
		lay_type_0(f, shape);
	lay_capabilities(f, shape);
	if (shape->type != CONVENTIONAL)
		lay_extended(f, shape);
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

	if (!f->pcie)
		return value;
	if (reg == f->pcie + PCI_EXP_DEVSTA && fabric.now < f->pending_until)
		value |= PCI_EXP_DEVSTA_TRPND;
	/* Link Active is 0 where it is not reported (7.5.3.8). */
	if (reg == f->pcie + PCI_EXP_LNKSTA && is_downstream(f) &&
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

static void pcie_written(struct function *f, u16 reg, u16 old, u16 written)
{
	u16 new = word(f, reg);

	switch (reg - f->pcie) {
	case PCI_EXP_DEVCTL:
		if (written & PCI_EXP_DEVCTL_BCR_FLR &&
		    f->type != TYPE_PCI_BRIDGE &&
		    config_get(f->now, f->pcie + PCI_EXP_DEVCAP, 4) &
			    PCI_EXP_DEVCAP_FLR)
			link_flr(f);
		break;
	case PCI_EXP_LNKCTL:
		if (old & ~new & PCI_EXP_LNKCTL_LD)
			link_recover(f);
		break;
	case PCI_EXP_SLTCTL:
		/* Each write is a command (6.7.3.2). */
		if (!(config_get(f->now, f->pcie + PCI_EXP_SLTCAP, 4) &
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
	else if (f->pcie && reg >= f->pcie && reg < f->pcie + PCIE_BYTES &&
		 (f->pcie_version > 1 || f->bridge ||
		  reg < f->pcie + PCIE_V1_BYTES))
		pcie_written(f, reg, old, written);
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
	bool link = alone && f->pcie && has_link(f);
	unsigned int i;

	if (alone)
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
	if (alone)
		config_put(f->now, f->pcie + PCI_EXP_DEVCTL, 2,
			   (word(f, f->pcie + PCI_EXP_DEVCTL) &
			    ~PCI_EXP_DEVCTL_PAYLOAD) | mps);
	if (behaves(f, STUCK))
		f->now[PCI_COMMAND] |= PCI_COMMAND_MASTER;
}

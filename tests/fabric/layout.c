// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space of a function of some shape: what is hardwired, where its
 * capabilities are; and some way set up already, by chance.
 */
#include "fabric.h"

/* Lengths: 7.5.3 (version 1 of an endpoint ends after Link Status), PCI-X 7.2. */
#define PCIE_BYTES		0x3c
#define PCIE_V1_BYTES		0x14
#define PM_BYTES		0x08
#define MSI_BYTES		0x18
#define PCIX_BYTES		0x08
#define PCIX_BRIDGE_BYTES	0x10
#define AF_BYTES		0x06

#define AER_BYTES		0x48
#define DPC_BYTES		0x20
#define SRIOV_BYTES		0x40
#define DVSEC_BYTES		0x10
#define PTM_BYTES		0x0c

static void constant(struct function *f, u32 reg, unsigned int size, u32 value)
{
	config_put(f->now, reg, size, value);
}

/* === Header === */

static void lay_bar(struct function *f, u32 reg)
{
	u32 bits = random_range(&fabric.random, 12, 24);

	config_put(f->writable, reg, 4, ~0U << bits);
}

static void lay_type_0(struct function *f, const struct shape *shape)
{
	u32 reg;

	if (shape->vf)		/* Its BARs are in the PF's capability. */
		return;
	for (reg = PCI_BASE_ADDRESS_0; reg <= PCI_BASE_ADDRESS_5; reg += 4)
		if (random_chance(&fabric.random, 60))
			lay_bar(f, reg);
	if (random_chance(&fabric.random, 30))
		config_put(f->writable, PCI_ROM_ADDRESS, 4,
			   0xffff0000 | PCI_ROM_ADDRESS_ENABLE);
	constant(f, PCI_SUBSYSTEM_VENDOR_ID, 4, 0x12341af4);
}

static void lay_type_1(struct function *f)
{
	if (random_chance(&fabric.random, 30))
		lay_bar(f, PCI_BASE_ADDRESS_0);
	/* 64-bit addresses. */
	constant(f, PCI_PREF_MEMORY_BASE, 2, PCI_PREF_RANGE_TYPE_64);
	constant(f, PCI_PREF_MEMORY_LIMIT, 2, PCI_PREF_RANGE_TYPE_64);
	if (random_chance(&fabric.random, 10))
		config_put(f->writable, PCI_ROM_ADDRESS1 + 2, 2, 0xfffe);
}

static void lay_header(struct function *f, const struct shape *shape)
{
	u16 status = PCI_STATUS_CAP_LIST;

	if (shape->type == CONVENTIONAL)
		status |= PCI_STATUS_DEVSEL_MEDIUM;
	/* SR-IOV 9.3.4.1.1 */
	constant(f, PCI_VENDOR_ID, 2, shape->vf ? 0xffff : shape->vendor);
	constant(f, PCI_DEVICE_ID, 2, shape->vf ? 0xffff : shape->device);
	constant(f, PCI_STATUS, 2, status);
	constant(f, PCI_CLASS_REVISION, 4, shape->class << 8 | 1);
	constant(f, PCI_HEADER_TYPE, 1, shape->bridge);
	if (!shape->vf)
		constant(f, PCI_INTERRUPT_PIN, 1, shape->pin);
	if (shape->bridge)
		lay_type_1(f);
	else
		lay_type_0(f, shape);
}

/* === Capabilities === */

static void lay_pcie(struct function *f, u16 cap, const struct shape *shape)
{
	constant(f, cap + PCI_EXP_FLAGS, 2, f->pcie_version | shape->type << 4 |
		 (shape->slot ? PCI_EXP_FLAGS_SLOT : 0));
	constant(f, cap + PCI_EXP_DEVCAP, 4, 0x00008000 |
		 (shape->flr ? PCI_EXP_DEVCAP_FLR : 0));
	if (shape->slot)
		constant(f, cap + PCI_EXP_SLTCAP, 4, 0x00100000 |
			 (shape->hotplug ? PCI_EXP_SLTCAP_HPC : 0) |
			 (random_chance(&fabric.random, 30) ?
				  PCI_EXP_SLTCAP_NCCS : 0));
	if (shape->slot)
		constant(f, cap + PCI_EXP_SLTSTA, 2, PCI_EXP_SLTSTA_PDS);
	if (!bits_has_link(f) || shape->vf)
		return;
	constant(f, cap + PCI_EXP_LNKCAP, 4, 0x00047000 | (shape->speed ?: 3) |
		 (shape->link_active ? PCI_EXP_LNKCAP_DLLLARC : 0));
	constant(f, cap + PCI_EXP_LNKSTA, 2, 0x0043);
	if (f->pcie_version > 1)
		constant(f, cap + PCI_EXP_LNKCTL2, 2, 3);
}

static u16 lay_capability(struct function *f, u16 at, u8 id,
			  const struct shape *shape)
{
	switch (id) {
	case PCI_CAP_ID_EXP:
		lay_pcie(f, at, shape);
		return f->pcie_version == 1 && !shape->bridge ? PCIE_V1_BYTES :
								PCIE_BYTES;
	case PCI_CAP_ID_PCIX:
		return shape->bridge ? PCIX_BRIDGE_BYTES : PCIX_BYTES;
	case PCI_CAP_ID_MSI:
		constant(f, at + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT);
		return MSI_BYTES;
	case PCI_CAP_ID_AF:
		constant(f, at + PCI_AF_LENGTH, 2, AF_BYTES | shape->af << 8);
		return ALIGN(AF_BYTES, 4);
	default:
		return PM_BYTES;
	}
}

/* In any order, with and without gaps. */
static void lay_capabilities(struct function *f, const struct shape *shape)
{
	u8 ids[5] = { PCI_CAP_ID_PM, PCI_CAP_ID_MSI }, id;
	u8 link = PCI_CAPABILITY_LIST;
	unsigned int nr = 2, i, other;
	u16 at = 0x40;

	if (shape->type != CONVENTIONAL)
		ids[nr++] = PCI_CAP_ID_EXP;
	if (shape->pcix)
		ids[nr++] = PCI_CAP_ID_PCIX;
	if (shape->af)
		ids[nr++] = PCI_CAP_ID_AF;
	for (i = 0; i < nr; i++) {
		other = random_range(&fabric.random, i, nr - 1);
		id = ids[other];
		ids[other] = ids[i];
		at += 4 * random_below(&fabric.random, 4);
		constant(f, link, 1, at);
		constant(f, at, 1, id);
		link = at + PCI_CAP_LIST_NEXT;
		at += lay_capability(f, at, id, shape);
	}
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
	u16 at = PCI_CFG_SPACE_SIZE, last = 0, cap;

	if (shape->cxl) {
		cap = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_DVSEC,
				  DVSEC_BYTES);
		constant(f, cap + 4, 4, BITS_CXL_VENDOR | 0x03800000);
		/* CXL Capability: Cache_Capable is bit 0, Mem_Capable bit 2. */
		constant(f, cap + 10, 2, shape->cxl_cache ? 5 : 4);
	}
	if (shape->aer)
		add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_ERR, AER_BYTES);
	if (shape->dpc) {
		cap = add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_DPC, DPC_BYTES);
		constant(f, cap + PCI_EXP_DPC_STATUS, 2, 0x1f00);
	}
	if (shape->ptm)
		add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_PTM, PTM_BYTES);
	if (shape->sriov)
		add_ext_cap(f, &at, &last, PCI_EXT_CAP_ID_SRIOV, SRIOV_BYTES);
}

/* === What software has set up === */

static void clear(struct function *f, u32 reg, u16 bits)
{
	config_put(f->now, reg, 2, config_get(f->now, reg, 2) & ~bits);
}

/* Of errors and events some have occurred, and that is evidence. */
static void scramble(struct function *f)
{
	u16 writable, rw1c, value;
	u32 reg;

	for (reg = 0; reg < SPACE; reg += 2) {
		writable = config_get(f->writable, reg, 2);
		rw1c = config_get(f->rw1c, reg, 2);
		value = config_get(f->now, reg, 2);
		if (writable)
			value |= random_next(&fabric.random) & writable;
		if (rw1c)
			value |= random_next(&fabric.random) &
				 random_next(&fabric.random) & rw1c;
		config_put(f->now, reg, 2, value);
	}
	if (f->bridge)
		clear(f, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET);
	if (f->pcie) {
		clear(f, f->pcie + PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
		/* Sizes beyond 4 KiB are reserved (7.5.3.4). */
		clear(f, f->pcie + PCI_EXP_DEVCTL, 0x4080);
	}
	clear(f, f->pm + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
	if (f->dpc)
		clear(f, f->dpc + PCI_EXP_DPC_STATUS,
		      PCI_EXP_DPC_STATUS_TRIGGER);
	if (f->sriov)
		clear(f, f->sriov + PCI_SRIOV_CTRL, PCI_SRIOV_CTRL_VFE);
}

/**
 * layout_function() - lay out the config space of a function
 * @f: the function, blank
 * @shape: what kind it is
 */
void layout_function(struct function *f, const struct shape *shape)
{
	f->type = shape->type;
	f->bridge = shape->bridge;
	f->header = shape->bridge;
	f->class = shape->class;
	f->vendor = shape->vendor;
	f->device = shape->device;
	f->pcie_version = shape->pcie_version ?: 2;
	f->no_intx_disable = shape->no_intx_disable;
	f->fast = bits_is_downstream(f) && shape->link_active &&
		  (shape->speed ?: 3) > PCI_EXP_LNKCAP_SLS_5_0GB;
	lay_header(f, shape);
	lay_capabilities(f, shape);
	if (shape->type != CONVENTIONAL)
		lay_extended(f, shape);
	bits_of(f);
	scramble(f);
}

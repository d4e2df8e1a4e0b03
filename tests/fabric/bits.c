// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which bits of config space a write changes, which it clears, and what a reset
 * leaves: by header type, Device/Port Type and capability, from the
 * specifications.  What is in no table is hardwired.
 */
#include "fabric.h"

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
#define LINK_CHANGES	(PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS)
/* Retrain Link reads as 0. */
#define LNKCTL_BITS	0x0fcb
#define ERROR_BITS	0x3031

#define MAX_EXT_CAPS	480

/**
 * struct bits - a register of 16 bits
 * @reg: offset in the header or the capability
 * @writable: bits that a write changes
 * @rw1c: bits that a write of 1 clears
 * @initial: of @writable, those that a reset sets
 * @sticky: bits that a reset leaves
 */
struct bits {
	u16 reg;
	u16 writable;
	u16 rw1c;
	u16 initial;
	u16 sticky;
};

/* PCI-to-PCI Bridge 3.2; PCIe 7.5.1.3. */
static const struct bits type_1[] = {
	{ PCI_PRIMARY_BUS, 0xffff },
	{ PCI_SUBORDINATE_BUS, 0x00ff },
	{ PCI_IO_BASE, 0xf0f0 },
	{ PCI_SEC_STATUS, 0, STATUS_ERRORS },
	{ PCI_MEMORY_BASE, 0xfff0 },
	{ PCI_MEMORY_LIMIT, 0xfff0 },
	{ PCI_PREF_MEMORY_BASE, 0xfff0 },
	{ PCI_PREF_MEMORY_LIMIT, 0xfff0 },
	{ PCI_PREF_BASE_UPPER32, 0xffff },
	{ PCI_PREF_BASE_UPPER32 + 2, 0xffff },
	{ PCI_PREF_LIMIT_UPPER32, 0xffff },
	{ PCI_PREF_LIMIT_UPPER32 + 2, 0xffff },
	{ PCI_IO_BASE_UPPER16, 0xffff },
	{ PCI_IO_LIMIT_UPPER16, 0xffff },
	{ PCI_BRIDGE_CONTROL, 0x005f },
};

/* With Secondary Latency Timer, and timers of delayed transactions. */
static const struct bits type_1_conventional[] = {
	{ PCI_SUBORDINATE_BUS, 0xf8ff },
	{ PCI_BRIDGE_CONTROL, 0x0bff, 0x0400 },
};

/* PC Card Standard, volume 7, 4.5.2. */
static const struct bits type_2[] = {
	{ PCI_CB_SEC_STATUS, 0, STATUS_ERRORS },
	{ PCI_CB_PRIMARY_BUS, 0xffff },
	{ PCI_CB_SUBORDINATE_BUS, 0xf8ff },
	{ PCI_CB_MEMORY_BASE_0, 0xf000 },
	{ PCI_CB_MEMORY_BASE_0 + 2, 0xffff },
	{ PCI_CB_MEMORY_LIMIT_0, 0xf000 },
	{ PCI_CB_MEMORY_LIMIT_0 + 2, 0xffff },
	{ PCI_CB_MEMORY_BASE_1, 0xf000 },
	{ PCI_CB_MEMORY_BASE_1 + 2, 0xffff },
	{ PCI_CB_MEMORY_LIMIT_1, 0xf000 },
	{ PCI_CB_MEMORY_LIMIT_1 + 2, 0xffff },
	{ PCI_CB_IO_BASE_0, 0xfffc },
	{ PCI_CB_IO_LIMIT_0, 0xfffc },
	{ PCI_CB_IO_BASE_1, 0xfffc },
	{ PCI_CB_IO_LIMIT_1, 0xfffc },
	{ PCI_CB_BRIDGE_CONTROL, 0x07ff },
};

static const struct bits pm[] = {
	{ PCI_PM_CTRL, 0x1f03 },
};

static const struct bits msi[] = {
	{ PCI_MSI_FLAGS, 0x0071 },
	{ PCI_MSI_ADDRESS_LO, 0xfffc },
	{ PCI_MSI_ADDRESS_LO + 2, 0xffff },
	{ PCI_MSI_DATA_32, 0xffff },
};

static const struct bits msi_64[] = {
	{ PCI_MSI_ADDRESS_HI + 2, 0xffff },
	{ PCI_MSI_DATA_64, 0xffff },
};

static const struct bits msix[] = {
	{ PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_MASKALL | PCI_MSIX_FLAGS_ENABLE },
};

/* PCI-X 7.2: bridges have Secondary Status where functions have Command. */
static const struct bits pcix[] = {
	{ PCI_X_CMD, 0x007f, .initial = 0x0008 },
};

static const struct bits pcix_bridge[] = {
	{ PCI_X_BRIDGE_SSTATUS, 0, 0x0006 },
};

static const struct bits express[] = {
	{ PCI_EXP_DEVCTL, 0x7fff, .initial = 0x2810 },
	{ PCI_EXP_DEVSTA, 0, 0x000f },
};

/* Bit 15: of a bridge to PCI a setting, else it starts an FLR. */
static const struct bits express_pci_bridge[] = {
	{ PCI_EXP_DEVCTL, 0xffff, .initial = 0x2810 },
};

static const struct bits express_link[] = {
	{ PCI_EXP_LNKCTL, LNKCTL_BITS },
};

static const struct bits express_downstream[] = {
	{ PCI_EXP_LNKCTL, LNKCTL_BITS | PCI_EXP_LNKCTL_LD },
	{ PCI_EXP_LNKSTA, 0, LINK_CHANGES },
};

static const struct bits express_slot[] = {
	{ PCI_EXP_SLTCTL, 0x1fff },
	{ PCI_EXP_SLTSTA, 0, SLOT_CHANGES },
};

static const struct bits express_root[] = {
	{ PCI_EXP_RTCTL, 0x001f },
	{ PCI_EXP_RTSTA + 2, 0, 0x0001 },
};

static const struct bits express_2[] = {
	{ PCI_EXP_DEVCTL2, 0x67ff },
};

/* Target Link Speed is left as it is: 0 is reserved (7.5.3.19). */
static const struct bits express_link_2[] = {
	{ PCI_EXP_LNKCTL2, 0xfffc },
};

/* Status and masks survive a reset (7.8.4: RW1CS, RWS). */
static const struct bits aer[] = {
	{ PCI_ERR_UNCOR_STATUS, 0, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_UNCOR_STATUS + 2, 0, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_UNCOR_MASK, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_UNCOR_MASK + 2, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_UNCOR_SEVER, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_UNCOR_SEVER + 2, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_COR_STATUS, 0, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_COR_STATUS + 2, 0, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_COR_MASK, ERROR_BITS, .sticky = 0xffff },
	{ PCI_ERR_COR_MASK + 2, ERROR_BITS, .sticky = 0xffff },
};

static const struct bits aer_root[] = {
	{ PCI_ERR_ROOT_COMMAND, 0x0007 },
	{ PCI_ERR_ROOT_STATUS, 0, 0x007f },
};

static const struct bits dpc[] = {
	{ PCI_EXP_DPC_CTL, 0x003f },
	{ PCI_EXP_DPC_STATUS, 0, PCI_EXP_DPC_STATUS_TRIGGER |
				 PCI_EXP_DPC_STATUS_INTERRUPT },
};

static const struct bits ptm[] = {
	{ PCI_PTM_CTRL, PCI_PTM_CTRL_ENABLE },
};

static const struct bits sriov[] = {
	{ PCI_SRIOV_CTRL, 0x001f },
};

static void put(struct function *f, u32 base, const struct bits *bits, u32 nr)
{
	for (; nr--; bits++) {
		u32 reg = base + bits->reg;

		config_put(f->writable, reg, 2, bits->writable);
		config_put(f->rw1c, reg, 2, bits->rw1c);
		config_put(f->sticky, reg, 2, bits->sticky);
		config_put(f->initial, reg, 2, bits->initial |
			   (config_get(f->now, reg, 2) &
			    ~(bits->writable | bits->rw1c)));
	}
}

/* A VF has no bits of its own in Command but BME (SR-IOV 9.3.4.1.3). */
static void put_header(struct function *f)
{
	bool conventional = f->type == CONVENTIONAL ||
			    f->type == TYPE_PCI_BRIDGE;
	struct bits common[] = {
		{ PCI_COMMAND, COMMAND_BITS },
		{ PCI_STATUS, 0, STATUS_ERRORS },
		{ PCI_CACHE_LINE_SIZE, f->type == CONVENTIONAL ? 0xf8ff : 0x00ff },
		{ PCI_INTERRUPT_LINE, 0x00ff },
	};

	if (f->type == CONVENTIONAL)
		common[0].writable |= COMMAND_CONVENTIONAL;
	if (f->no_intx_disable)
		common[0].writable &= ~PCI_COMMAND_INTX_DISABLE;
	if (f->pf)
		common[0].writable = PCI_COMMAND_MASTER;
	put(f, 0, common, f->pf ? 2 : ARRAY_SIZE(common));
	if (f->header == PCI_HEADER_TYPE_BRIDGE)
		put(f, 0, type_1, ARRAY_SIZE(type_1));
	if (f->header == PCI_HEADER_TYPE_BRIDGE && conventional)
		put(f, 0, type_1_conventional, ARRAY_SIZE(type_1_conventional));
	if (f->header == PCI_HEADER_TYPE_CARDBUS)
		put(f, 0, type_2, ARRAY_SIZE(type_2));
}

/**
 * bits_has_link() - whether Link registers are implemented
 * @f: the function, with its type
 *
 * Return: false for what is integrated into a Root Complex.
 */
bool bits_has_link(const struct function *f)
{
	return f->type != TYPE_RC_END && f->type != PCI_EXP_TYPE_RC_EC;
}

/**
 * bits_is_downstream() - whether a link is below a function
 * @f: the function, with its type
 *
 * Return: true for Root Ports and Downstream Ports.
 */
bool bits_is_downstream(const struct function *f)
{
	return f->type == TYPE_ROOT_PORT || f->type == TYPE_DOWNSTREAM;
}

static void put_express(struct function *f, u16 cap)
{
	u16 flags = config_get(f->now, cap + PCI_EXP_FLAGS, 2);

	f->pcie = cap;
	if (f->pf) {
		put(f, cap, &express[1], 1);
		return;
	}
	put(f, cap, express, ARRAY_SIZE(express));
	if (f->type == TYPE_PCI_BRIDGE)
		put(f, cap, express_pci_bridge, ARRAY_SIZE(express_pci_bridge));
	if (bits_has_link(f))
		put(f, cap, express_link, ARRAY_SIZE(express_link));
	if (bits_is_downstream(f))
		put(f, cap, express_downstream, ARRAY_SIZE(express_downstream));
	if (bits_is_downstream(f) && flags & PCI_EXP_FLAGS_SLOT)
		put(f, cap, express_slot, ARRAY_SIZE(express_slot));
	if (f->type == TYPE_ROOT_PORT)
		put(f, cap, express_root, ARRAY_SIZE(express_root));
	if (f->pcie_version < 2)
		return;
	put(f, cap, express_2, ARRAY_SIZE(express_2));
	if (bits_has_link(f))
		put(f, cap, express_link_2, ARRAY_SIZE(express_link_2));
}

static void put_msi(struct function *f, u16 cap)
{
	f->msi = cap;
	put(f, cap, msi, ARRAY_SIZE(msi));
	if (f->now[cap + PCI_MSI_FLAGS] & PCI_MSI_FLAGS_64BIT)
		put(f, cap, msi_64, ARRAY_SIZE(msi_64));
}

static void put_capability(struct function *f, u16 cap)
{
	switch (f->now[cap]) {
	case PCI_CAP_ID_PM:
		f->pm = cap;
		put(f, cap, pm, ARRAY_SIZE(pm));
		break;
	case PCI_CAP_ID_MSI:
		put_msi(f, cap);
		break;
	case PCI_CAP_ID_MSIX:
		f->msix = cap;
		put(f, cap, msix, ARRAY_SIZE(msix));
		break;
	case PCI_CAP_ID_PCIX:
		f->pcix = cap;
		if (f->bridge)
			put(f, cap, pcix_bridge, ARRAY_SIZE(pcix_bridge));
		else
			put(f, cap, pcix, ARRAY_SIZE(pcix));
		break;
	case PCI_CAP_ID_EXP:
		put_express(f, cap);
		break;
	case PCI_CAP_ID_AF:
		f->af = cap;
		break;
	}
}

/* CXL r3.1, sec 8.1.3: DVSEC 0; bit 0 of CXL Capability is Cache_Capable. */
static void put_dvsec(struct function *f, u16 cap)
{
	if (config_get(f->now, cap + PCI_DVSEC_HEADER1, 2) != BITS_CXL_VENDOR ||
	    config_get(f->now, cap + PCI_DVSEC_HEADER2, 2))
		return;
	f->dvsec = cap;
	f->cache = config_get(f->now, cap + 0x0a, 2) & 1;
}

static void put_ext_capability(struct function *f, u16 cap)
{
	switch (config_get(f->now, cap, 2)) {
	case PCI_EXT_CAP_ID_DVSEC:
		put_dvsec(f, cap);
		break;
	case PCI_EXT_CAP_ID_ERR:
		f->aer = cap;
		put(f, cap, aer, ARRAY_SIZE(aer));
		if (f->type == TYPE_ROOT_PORT)
			put(f, cap, aer_root, ARRAY_SIZE(aer_root));
		break;
	case PCI_EXT_CAP_ID_DPC:
		f->dpc = cap;
		put(f, cap, dpc, ARRAY_SIZE(dpc));
		break;
	case PCI_EXT_CAP_ID_PTM:
		f->ptm = cap;
		put(f, cap, ptm, ARRAY_SIZE(ptm));
		break;
	case PCI_EXT_CAP_ID_SRIOV:
		f->sriov = cap;
		put(f, cap, sriov, ARRAY_SIZE(sriov));
		break;
	}
}

/**
 * bits_next_capability() - go along the list of capabilities
 * @f: the function, with @f->header
 * @cap: offset of one, 0 = begin
 *
 * Return: offset of the next, 0 if there is none.  A list may have no end.
 */
u16 bits_next_capability(const struct function *f, u16 cap)
{
	u16 link = cap + PCI_CAP_LIST_NEXT;

	if (!cap && !(f->now[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	if (!cap)
		link = f->header == PCI_HEADER_TYPE_CARDBUS ?
			       PCI_CB_CAPABILITY_LIST : PCI_CAPABILITY_LIST;
	cap = f->now[link] & 0xfc;
	return cap < 0x40 ? 0 : cap;
}

/**
 * bits_of() - fill in what is not a value: what can be written, and so on
 * @f: the function, with what is hardwired in @f->now; its offsets of
 *	capabilities are filled in, too
 *
 * Base addresses are left alone: their sizes are in no register.
 */
void bits_of(struct function *f)
{
	u16 at, nr;
	u32 header;

	memcpy(f->initial, f->now, sizeof(f->initial));
	put_header(f);
	at = bits_next_capability(f, 0);
	for (nr = 0; at && nr < BITS_MAX_CAPS; nr++) {
		put_capability(f, at);
		at = bits_next_capability(f, at);
	}
	at = f->pcie ? PCI_CFG_SPACE_SIZE : 0;
	for (nr = 0; at >= PCI_CFG_SPACE_SIZE && nr < MAX_EXT_CAPS; nr++) {
		header = config_get(f->now, at, 4);
		if (!header || header == ~0U)
			break;
		put_ext_capability(f, at);
		at = PCI_EXT_CAP_NEXT(header);
	}
}

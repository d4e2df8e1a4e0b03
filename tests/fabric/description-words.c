// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of a description, for its reader and its writer.  They are those of
 * pci_regs.h; a bit that has none decides nothing, neither for the engine nor
 * for the model.
 */
#include <string.h>

#include <linux/kernel.h>
#include <linux/pci_regs.h>

#include "description-words.h"

/* CXL r3.1, sec 8.1.3. */
#define CXL_VENDOR	0x1e98
#define CXL_CAPABILITY	0x0a

/* === Header === */

const struct word command_words[] = {
	{ "io", PCI_COMMAND, PCI_COMMAND_IO },
	{ "mem", PCI_COMMAND, PCI_COMMAND_MEMORY },
	{ "bme", PCI_COMMAND, PCI_COMMAND_MASTER },
	{ "special", PCI_COMMAND, PCI_COMMAND_SPECIAL },
	{ "mwi", PCI_COMMAND, PCI_COMMAND_INVALIDATE },
	{ "vga", PCI_COMMAND, PCI_COMMAND_VGA_PALETTE },
	{ "parity", PCI_COMMAND, PCI_COMMAND_PARITY },
	{ "serr", PCI_COMMAND, PCI_COMMAND_SERR },
	{ "fast-back", PCI_COMMAND, PCI_COMMAND_FAST_BACK },
	{ "intx-disable", PCI_COMMAND, PCI_COMMAND_INTX_DISABLE },
	{ }
};

/* Bit 10 is Discard Timer Status, which a write of 1 clears. */
const struct word bridge_control_words[] = {
	{ "serr", PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR },
	{ "bus-reset", PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET },
	{ "discard-status", PCI_BRIDGE_CONTROL, 0x0400 },
	{ }
};

/* === Capabilities === */

static const struct word pm[] = {
	{ "d1", PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK, 1 },
	{ "d2", PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK, 2 },
	{ "d3hot", PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK, 3 },
	{ "no-soft-reset", PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET },
	{ }
};

static const struct word msi[] = {
	{ "on", PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE },
	{ "64bit", PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT },
	{ }
};

static const struct word msix[] = {
	{ "on", PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE },
	{ }
};

static const struct word pcix[] = {
	{ "command=", PCI_X_CMD, 0x007f },
	{ }
};

static const struct word af[] = {
	{ "tp", PCI_AF_CAP, PCI_AF_CAP_TP },
	{ "flr", PCI_AF_CAP, PCI_AF_CAP_FLR },
	{ }
};

#define TYPE(name, type) { name, PCI_EXP_FLAGS, PCI_EXP_FLAGS_TYPE, (type) << 4 }
#define SPEED(name, speed) { name, PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS, speed }

static const struct word express[] = {
	TYPE("endpoint", PCI_EXP_TYPE_ENDPOINT),
	TYPE("legacy-endpoint", PCI_EXP_TYPE_LEG_END),
	TYPE("root-port", PCI_EXP_TYPE_ROOT_PORT),
	TYPE("upstream", PCI_EXP_TYPE_UPSTREAM),
	TYPE("downstream", PCI_EXP_TYPE_DOWNSTREAM),
	TYPE("pci-bridge", PCI_EXP_TYPE_PCI_BRIDGE),
	TYPE("pcie-bridge", PCI_EXP_TYPE_PCIE_BRIDGE),
	TYPE("rc-endpoint", PCI_EXP_TYPE_RC_END),
	TYPE("rc-ec", PCI_EXP_TYPE_RC_EC),
	{ "type=", PCI_EXP_FLAGS, PCI_EXP_FLAGS_TYPE },
	{ "version=", PCI_EXP_FLAGS, PCI_EXP_FLAGS_VERS },
	{ "slot", PCI_EXP_FLAGS, PCI_EXP_FLAGS_SLOT },
	{ "flr", PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR },
	{ "cere", PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_CERE },
	{ "nfere", PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_NFERE },
	{ "fere", PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_FERE },
	{ "urre", PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_URRE },
	SPEED("2.5GT", PCI_EXP_LNKCAP_SLS_2_5GB),
	SPEED("5GT", PCI_EXP_LNKCAP_SLS_5_0GB),
	SPEED("8GT", PCI_EXP_LNKCAP_SLS_8_0GB),
	SPEED("16GT", PCI_EXP_LNKCAP_SLS_16_0GB),
	SPEED("32GT", PCI_EXP_LNKCAP_SLS_32_0GB),
	{ "speed=", PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS },
	{ "dlllarc", PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_DLLLARC },
	{ "dllla", PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_DLLLA },
	{ "aspm-l0s", PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_ASPM_L0S },
	{ "aspm-l1", PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_ASPM_L1 },
	{ "link-disable", PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD },
	{ "lbmie", PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LBMIE },
	{ "labie", PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LABIE },
	{ "hpc", PCI_EXP_SLTCAP, PCI_EXP_SLTCAP_HPC },
	{ "nccs", PCI_EXP_SLTCAP, PCI_EXP_SLTCAP_NCCS },
	{ "hpie", PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_HPIE },
	{ "sltctl=", PCI_EXP_SLTCTL, 0x1fdf },
	{ "secee", PCI_EXP_RTCTL, PCI_EXP_RTCTL_SECEE },
	{ "senfee", PCI_EXP_RTCTL, PCI_EXP_RTCTL_SENFEE },
	{ "sefee", PCI_EXP_RTCTL, PCI_EXP_RTCTL_SEFEE },
	{ "pmeie", PCI_EXP_RTCTL, PCI_EXP_RTCTL_PMEIE },
	{ "crssve", PCI_EXP_RTCTL, PCI_EXP_RTCTL_CRSSVE },
	{ "ltr", PCI_EXP_DEVCTL2, PCI_EXP_DEVCTL2_LTR_EN },
	{ "devctl2=", PCI_EXP_DEVCTL2, 0xffff & ~PCI_EXP_DEVCTL2_LTR_EN },
	{ "lnkctl2=", PCI_EXP_LNKCTL2, 0xffff },
	{ }
};

static const struct word aer[] = {
	{ "cor-en", PCI_ERR_ROOT_COMMAND, PCI_ERR_ROOT_CMD_COR_EN },
	{ "nonfatal-en", PCI_ERR_ROOT_COMMAND, PCI_ERR_ROOT_CMD_NONFATAL_EN },
	{ "fatal-en", PCI_ERR_ROOT_COMMAND, PCI_ERR_ROOT_CMD_FATAL_EN },
	{ }
};

static const struct word dpc[] = {
	{ "en-fatal", PCI_EXP_DPC_CTL, PCI_EXP_DPC_CTL_EN_FATAL },
	{ "en-nonfatal", PCI_EXP_DPC_CTL, PCI_EXP_DPC_CTL_EN_NONFATAL },
	{ "int-en", PCI_EXP_DPC_CTL, PCI_EXP_DPC_CTL_INT_EN },
	{ "triggered", PCI_EXP_DPC_STATUS, PCI_EXP_DPC_STATUS_TRIGGER },
	{ }
};

static const struct word ptm[] = {
	{ "on", PCI_PTM_CTRL, PCI_PTM_CTRL_ENABLE },
	{ }
};

static const struct word sriov[] = {
	{ "vfe", PCI_SRIOV_CTRL, PCI_SRIOV_CTRL_VFE },
	{ "mse", PCI_SRIOV_CTRL, PCI_SRIOV_CTRL_MSE },
	{ }
};

static const struct word cxl_fixed[] = {
	{ "vendor", PCI_DVSEC_HEADER1, 0xffff, CXL_VENDOR },
	{ "id", PCI_DVSEC_HEADER2, 0xffff, 0 },
	{ }
};

static const struct word cxl[] = {
	{ "cache", CXL_CAPABILITY, 0x0001 },
	{ }
};

/* Of one ID first the one that is for fewer functions. */
static const struct capability conventional[] = {
	{ "pm", PCI_CAP_ID_PM, ANY_HEADER, .words = pm },
	{ "agp", PCI_CAP_ID_AGP, ANY_HEADER },
	{ "vpd", PCI_CAP_ID_VPD, ANY_HEADER },
	{ "msi", PCI_CAP_ID_MSI, ANY_HEADER, .words = msi },
	{ "pcix", PCI_CAP_ID_PCIX, PCI_HEADER_TYPE_NORMAL,
	  .words = pcix },
	{ "pcix", PCI_CAP_ID_PCIX, ANY_HEADER },
	{ "ht", PCI_CAP_ID_HT, ANY_HEADER },
	{ "vendor", PCI_CAP_ID_VNDR, ANY_HEADER },
	{ "debug", PCI_CAP_ID_DBG, ANY_HEADER },
	{ "ssvid", PCI_CAP_ID_SSVID, ANY_HEADER },
	{ "express", PCI_CAP_ID_EXP, ANY_HEADER, .words = express },
	{ "msix", PCI_CAP_ID_MSIX, ANY_HEADER, .words = msix },
	{ "sata", PCI_CAP_ID_SATA, ANY_HEADER },
	{ "af", PCI_CAP_ID_AF, ANY_HEADER, .words = af },
	{ "ea", PCI_CAP_ID_EA, ANY_HEADER },
};

static const struct capability extended[] = {
	{ "aer", PCI_EXT_CAP_ID_ERR, ANY_HEADER, .words = aer },
	{ "vc", PCI_EXT_CAP_ID_VC, ANY_HEADER },
	{ "dsn", PCI_EXT_CAP_ID_DSN, ANY_HEADER },
	{ "power", PCI_EXT_CAP_ID_PWR, ANY_HEADER },
	{ "rc-link", PCI_EXT_CAP_ID_RCLD, ANY_HEADER },
	{ "rc-ec", PCI_EXT_CAP_ID_RCEC, ANY_HEADER },
	{ "vendor", PCI_EXT_CAP_ID_VNDR, ANY_HEADER },
	{ "acs", PCI_EXT_CAP_ID_ACS, ANY_HEADER },
	{ "ari", PCI_EXT_CAP_ID_ARI, ANY_HEADER },
	{ "ats", PCI_EXT_CAP_ID_ATS, ANY_HEADER },
	{ "sriov", PCI_EXT_CAP_ID_SRIOV, ANY_HEADER, .words = sriov },
	{ "multicast", PCI_EXT_CAP_ID_MCAST, ANY_HEADER },
	{ "pri", PCI_EXT_CAP_ID_PRI, ANY_HEADER },
	{ "rebar", PCI_EXT_CAP_ID_REBAR, ANY_HEADER },
	{ "dpa", PCI_EXT_CAP_ID_DPA, ANY_HEADER },
	{ "tph", PCI_EXT_CAP_ID_TPH, ANY_HEADER },
	{ "ltr", PCI_EXT_CAP_ID_LTR, ANY_HEADER },
	{ "secpci", PCI_EXT_CAP_ID_SECPCI, ANY_HEADER },
	{ "pasid", PCI_EXT_CAP_ID_PASID, ANY_HEADER },
	{ "dpc", PCI_EXT_CAP_ID_DPC, ANY_HEADER, .words = dpc },
	{ "l1ss", PCI_EXT_CAP_ID_L1SS, ANY_HEADER },
	{ "ptm", PCI_EXT_CAP_ID_PTM, ANY_HEADER, .words = ptm },
	{ "cxl", PCI_EXT_CAP_ID_DVSEC, ANY_HEADER, cxl_fixed,
	  cxl },
	{ "dvsec", PCI_EXT_CAP_ID_DVSEC, ANY_HEADER },
	{ "dlf", PCI_EXT_CAP_ID_DLF, ANY_HEADER },
	{ "pl16gt", PCI_EXT_CAP_ID_PL_16GT, ANY_HEADER },
};

static const struct capability *capabilities(bool is_extended, unsigned int *nr)
{
	*nr = is_extended ? ARRAY_SIZE(extended) : ARRAY_SIZE(conventional);
	return is_extended ? extended : conventional;
}

static bool is_for(const struct capability *cap, u8 header)
{
	return cap->header == ANY_HEADER || cap->header == header;
}

/**
 * capability_by_name() - look a capability up
 * @name: what is before the "@"
 * @is_extended: it is in extended config space
 * @header: header type of the function
 *
 * Return: the capability, NULL if none has that name.
 */
const struct capability *capability_by_name(const char *name, bool is_extended,
					    u8 header)
{
	const struct capability *cap;
	unsigned int nr;

	for (cap = capabilities(is_extended, &nr); nr--; cap++)
		if (!strcmp(cap->name, name) && is_for(cap, header))
			return cap;
	return NULL;
}

static bool is_fixed(const struct capability *cap, const u8 *config, u16 at)
{
	const struct word *word;

	for (word = cap->fixed; word && word->name; word++)
		if (!word_is_said(word, config, at))
			return false;
	return true;
}

/**
 * capability_at() - the name of a capability
 * @config: config space
 * @at: offset of the capability
 * @header: header type of the function
 *
 * Return: the capability, NULL if it has no name.
 */
const struct capability *capability_at(const u8 *config, u16 at,
				       u8 header)
{
	bool is_extended = at >= PCI_CFG_SPACE_SIZE;
	u16 id = reg_get(config, at, is_extended ? 2 : 1);
	const struct capability *cap;
	unsigned int nr;

	for (cap = capabilities(is_extended, &nr); nr--; cap++)
		if (cap->id == id && is_for(cap, header) &&
		    is_fixed(cap, config, at))
			return cap;
	return NULL;
}

/* === Bits === */

/**
 * reg_get() - read a register
 * @config: config space
 * @reg: register; beyond the end, 0
 * @size: bytes
 *
 * Return: the value.
 */
u32 reg_get(const u8 *config, u16 reg, unsigned int size)
{
	u32 value = 0;

	if (reg + size > PCI_CFG_SPACE_EXP_SIZE)
		return 0;
	while (size--)
		value = value << 8 | config[reg + size];
	return value;
}

/**
 * reg_put() - set a register
 * @config: config space
 * @reg: register, not beyond the end
 * @size: bytes
 * @value: what
 */
void reg_put(u8 *config, u16 reg, unsigned int size, u32 value)
{
	for (; size--; value >>= 8)
		config[reg++] = value;
}

/**
 * word_size() - how large the register of a word is
 * @word: the word
 *
 * Return: bytes.
 */
unsigned int word_size(const struct word *word)
{
	return word->mask > 0xff ? word->mask > 0xffff ? 4 : 2 : 1;
}

/**
 * word_value() - what a word says of its bits
 * @word: the word, not one with a number
 *
 * Return: the value of the bits of @word->mask.
 */
u32 word_value(const struct word *word)
{
	bool is_flag = !(word->mask & (word->mask - 1));

	return is_flag ? word->mask : word->value;
}

/**
 * word_is_said() - whether a word is true
 * @word: the word, not one with a number
 * @config: config space
 * @base: offset of the capability, 0 = header
 *
 * Return: true if the register has the value.
 */
bool word_is_said(const struct word *word, const u8 *config, u16 base)
{
	return (reg_get(config, base + word->reg, word_size(word)) &
		word->mask) == word_value(word);
}

/**
 * word_is_number() - whether a number belongs to it
 * @word: the word
 *
 * Return: false for one that stands for a value.
 */
bool word_is_number(const struct word *word)
{
	return strchr(word->name, '=');
}

/**
 * word_shift() - where the number of a word begins
 * @word: the word
 *
 * Return: number of bits to the right of it.
 */
unsigned int word_shift(const struct word *word)
{
	return __builtin_ctz(word->mask);
}

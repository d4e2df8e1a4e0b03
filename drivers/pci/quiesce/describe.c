// SPDX-License-Identifier: GPL-2.0-only
/*
 * Describe the PCI functions of the machine: what they are, where their
 * registers are, and what these hold.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/pci_ids.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "quiesce.h"

/* CXL r3.1, sec 8.1.3: DVSEC 0 of this vendor marks a CXL device. */
#define PCIQ_CXL_DVSEC_VENDOR		0x1e98
#define PCIQ_CXL_DVSEC_DEVICE		0
#define PCIQ_CXL_DVSEC_CAPABILITY	0x0a
#define PCIQ_CXL_CACHE_CAPABLE		0x0001

/*
 * Until a function may be read after a reset (PCIe r6.0, sec 6.6.1; PCI 3.0,
 * 4.3.2).
 */
#define PCIQ_LINK_SETTLE_MS		100
#define PCIQ_CONVENTIONAL_SETTLE_MS	1100

/* === All functions === */

static u8 pciq_depth(struct pci_dev *dev)
{
	struct pci_dev *bridge = pci_upstream_bridge(dev);
	u8 depth = dev->is_virtfn;

	for (; bridge && depth < U8_MAX; bridge = pci_upstream_bridge(bridge))
		depth++;
	return depth;
}

/* Children before parents, VFs before PFs, then by address. */
static int pciq_compare_place(const void *a, const void *b)
{
	const struct pciq_desc *left = a, *right = b;
	int domain_left = pci_domain_nr(left->dev->bus);
	int domain_right = pci_domain_nr(right->dev->bus);

	if (left->depth != right->depth)
		return left->depth > right->depth ? -1 : 1;
	if (domain_left != domain_right)
		return domain_left < domain_right ? -1 : 1;
	return pci_dev_id(left->dev) - pci_dev_id(right->dev);
}

/**
 * pciq_drop() - forget functions
 * @descs: from pciq_collect()
 * @nr: that many
 *
 * Context: process.
 */
void pciq_drop(struct pciq_desc *descs, u32 nr)
{
	while (nr--)
		pci_dev_put(descs[nr].dev);
	kvfree(descs);
}

/**
 * pciq_collect() - all functions, in the order of a snapshot
 * @descs: where they are put, to be given to pciq_drop()
 * @nr: how many there are
 *
 * Context: process; under pci_lock_rescan_remove().
 * Return: 0, -ENOMEM, or -E2BIG for more than there is room for.
 */
int pciq_collect(struct pciq_desc **descs, u32 *nr)
{
	struct pci_dev *dev = NULL;
	struct pciq_desc *found;
	u32 max = 0;

	for_each_pci_dev(dev)
		max++;
	if (max > pciq_memory.room) {
		pr_err("%u PCI functions are more than %u: no snapshot\n", max,
		       pciq_memory.room);
		return -E2BIG;
	}
	found = kvcalloc(max + 1, sizeof(*found), GFP_KERNEL);
	if (!found)
		return -ENOMEM;

	*nr = 0;
	for_each_pci_dev(dev) {
		if (*nr == max) {
			pci_dev_put(dev);
			break;
		}
		found[*nr].dev = pci_dev_get(dev);
		found[(*nr)++].depth = pciq_depth(dev);
	}
	sort(found, *nr, sizeof(*found), pciq_compare_place, NULL);
	*descs = found;
	return 0;
}

/* === One function === */

/* Config reads of a function without power may hang (6e0eda3c3898). */
static bool pciq_is_asleep(struct pci_dev *dev)
{
	return dev->current_state == PCI_D3cold;
}

/*
 * Power resources of its own: no port shows whether it has power by the time of
 * the crash, so it must not be read then.
 */
static bool pciq_is_power_unknown(struct pci_dev *dev)
{
	struct pci_dev *bridge = pci_upstream_bridge(dev);

	return pciq_is_asleep(pci_physfn(dev)) && !pci_is_bridge(dev) &&
	       (!bridge || bridge->current_state == PCI_D0);
}

static u16 pciq_find_window(struct pciq_desc *desc,
			    const struct pciq_window *windows, int nr)
{
	struct pci_dev *dev = desc->dev;
	u32 ours, kernels;
	int i;

	for (i = 0; i < nr; i++) {
		if (windows[i].domain == pci_domain_nr(dev->bus) &&
		    dev->bus->number >= windows[i].bus_start &&
		    dev->bus->number <= windows[i].bus_end)
			break;
	}
	if (i == nr)
		return PCIQ_NO_WINDOW;
	/*
	 * Ports 0xCF8 and 0xCFC are the kernel's own way, under a lock that
	 * cannot be taken here: used without it, its writes go astray.
	 */
	if (!desc->is_readable || windows[i].type == PCIQ_CF8)
		return i;
	pci_read_config_dword(dev, PCI_CLASS_REVISION, &kernels);
	pciq_arch_read(&windows[i], dev->bus->number, dev->devfn,
		       PCI_CLASS_REVISION, 4, &ours);
	if (ours == kernels)
		return i;
	pci_warn_once(dev, "kexec_pci_quiesce: config window shows %08x, not %08x: not reached\n",
		      ours, kernels);
	return PCIQ_NO_WINDOW;
}

/* Memory that is to be dumped; and caches, which write it without BME. */
static u32 pciq_cxl_flags(struct pci_dev *dev)
{
	u16 dvsec = pci_find_dvsec_capability(dev, PCIQ_CXL_DVSEC_VENDOR,
					      PCIQ_CXL_DVSEC_DEVICE);
	u16 capability = 0;

	if (!dvsec)
		return dev->class >> 8 == PCI_CLASS_MEMORY_CXL ? PCIQ_F_CXL : 0;
	pci_read_config_word(dev, dvsec + PCIQ_CXL_DVSEC_CAPABILITY,
			     &capability);
	return PCIQ_F_CXL | (capability & PCIQ_CXL_CACHE_CAPABLE ?
				     PCIQ_F_CXL_CACHE : 0);
}

static u32 pciq_reset_flags(struct pci_dev *dev, bool readable)
{
	u32 flags = 0;

	if (dev->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		flags |= PCIQ_F_NO_BUS_RESET;
	if (dev->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET)
		flags |= PCIQ_F_NO_FLR;
	if (dev->class >> 16 == PCI_BASE_CLASS_DISPLAY)
		flags |= PCIQ_F_DISPLAY;
	return readable ? flags | pciq_cxl_flags(dev) : flags;
}

/* Whose user space sets BME: vfio, for a guest or DPDK, and uio. */
static bool pciq_has_user_driver(struct pci_dev *dev)
{
	return dev->driver && (strstr(dev->driver->name, "vfio") ||
			       strstr(dev->driver->name, "uio"));
}

/*
 * Firmware has made it a bus master, and the driver relies on that: ips,
 * initio, myrb, myrs and via-sdmmc never call pci_set_master().  The crash
 * kernel would lose what the dump may be saved to.
 */
static bool pciq_relies_on_firmware(struct pci_dev *dev, bool master)
{
	bool storage = dev->class >> 16 == PCI_BASE_CLASS_STORAGE ||
		       dev->class >> 8 == PCI_CLASS_SYSTEM_SDHCI;

	return storage && master && dev->driver && !dev->is_busmaster &&
	       !pciq_has_user_driver(dev);
}

/* Nothing is written that no driver of the crash kernel undoes. */
static u32 pciq_master_flags(struct pci_dev *dev, bool master)
{
	if (pciq_relies_on_firmware(dev, master))
		return PCIQ_F_FIRMWARE_BME;
	/* A Root Port of the Neoverse N1 SDP has the class of a host bridge. */
	if (dev->hdr_type == PCI_HEADER_TYPE_BRIDGE ||
	    !pciq_class_excluded(dev->class))
		return 0;
	if (!dev->is_busmaster && !pciq_has_user_driver(dev))
		return PCIQ_F_EXCLUDE_CLASS;
	/* A non-transparent bridge: it is another machine that writes. */
	if (dev->class >> 8 == PCI_CLASS_BRIDGE_OTHER)
		return PCIQ_F_PEER;
	return 0;
}

/* A VF has no pin, whatever its register says (PCIe r6.0, sec 9.3.4.1.14). */
static u32 pciq_intx_flags(struct pci_dev *dev)
{
	u32 flags = 0;

	if (!dev->pin || dev->is_virtfn)
		return 0;
	if (dev->broken_intx_masking)
		flags |= PCIQ_F_INTX_BROKEN;
	if (dev->driver && !dev->msi_enabled && !dev->msix_enabled)
		flags |= PCIQ_F_INTX_USED;
	return flags | PCIQ_F_INTX;
}

static u32 pciq_place_flags(struct pci_dev *dev)
{
	u32 flags = 0;

	if (dev->hdr_type == PCI_HEADER_TYPE_BRIDGE)
		flags |= PCIQ_F_BRIDGE;
	if (dev->is_virtfn)
		flags |= PCIQ_F_VF;
	if (pci_num_vf(dev))
		flags |= PCIQ_F_PF;
	if (pci_is_root_bus(dev->bus))
		flags |= PCIQ_F_ROOT_BUS;
	return flags;
}

static u32 pciq_flags(struct pciq_desc *desc)
{
	const struct pciq_entry *entry = &desc->func.entry;
	struct pci_dev *dev = desc->dev;
	bool readable = desc->is_readable;
	bool master = !readable || desc->reset.command & PCI_COMMAND_MASTER;
	u32 flags = pciq_place_flags(dev) | pciq_reset_flags(dev, readable) |
		    pciq_master_flags(dev, master) | pciq_intx_flags(dev);

	if (pciq_is_asleep(dev) ||
	    (readable && desc->reset.command == U16_MAX))
		flags |= PCIQ_F_OFFLINE;
	else if (!readable)
		flags |= PCIQ_F_UNSAVED;
	if (desc->reset.flr_reg)
		flags |= PCIQ_F_HAS_FLR;
	if (pciq_is_power_unknown(dev))
		flags |= PCIQ_F_UNREAD;
	if (pciq_matches(&pciq_ctl.exclude, entry))
		flags |= PCIQ_F_EXCLUDE_USER;
	if (pciq_matches(&pciq_ctl.noreset, entry))
		flags |= PCIQ_F_NORESET_USER;
	if (pciq_matches(&pciq_ctl.reset, entry))
		flags |= PCIQ_F_RESET_USER;
	return flags;
}

/* === Registers === */

/*
 * Firmware that owns DPC would be left to end the containment of a link that
 * was reset.  Through ports 0xCF8 and 0xCFC nobody sees whether it would
 * trigger.
 */
static bool pciq_has_firmware_dpc(struct pci_dev *dev, u16 cap)
{
	u16 control = 0;

	if (dev->cfg_size < PCI_CFG_SPACE_EXP_SIZE)
		return pci_is_pcie(dev) &&
		       (pci_pcie_type(dev) == PCI_EXP_TYPE_ROOT_PORT ||
			pci_pcie_type(dev) == PCI_EXP_TYPE_DOWNSTREAM);
	if (!cap || pci_find_host_bridge(dev->bus)->native_dpc)
		return false;
	pci_read_config_word(dev, cap + PCI_EXP_DPC_CTL, &control);
	return control & (PCI_EXP_DPC_CTL_EN_FATAL |
			  PCI_EXP_DPC_CTL_EN_NONFATAL);
}

/* PCIe r6.0, sec 7.5.3.3 to 7.5.3.5. */
static void pciq_describe_express_flr(struct pciq_desc *desc)
{
	struct pciq_reset *reset = &desc->reset;
	u32 devcap = 0;

	if (!reset->pcie_cap)
		return;
	reset->pending_reg = reset->pcie_cap + PCI_EXP_DEVSTA;
	reset->pending_bit = PCI_EXP_DEVSTA_TRPND;
	pcie_capability_read_dword(desc->dev, PCI_EXP_DEVCAP, &devcap);
	if (!(devcap & PCI_EXP_DEVCAP_FLR))
		return;
	reset->flr_reg = reset->pcie_cap + PCI_EXP_DEVCTL;
	reset->flr_bit = PCI_EXP_DEVCTL_BCR_FLR;
}

/*
 * Advanced Capabilities for Conventional PCI ECN, 27 July 2006.  AF Status
 * shares the 16 bits with AF Control, and has nothing that a write changes.
 */
static void pciq_describe_af_flr(struct pciq_desc *desc)
{
	struct pciq_reset *reset = &desc->reset;
	u8 cap = pci_find_capability(desc->dev, PCI_CAP_ID_AF), able = 0;

	if (reset->flr_reg || !cap)
		return;
	pci_read_config_byte(desc->dev, cap + PCI_AF_CAP, &able);
	if (!(able & PCI_AF_CAP_FLR) || !(able & PCI_AF_CAP_TP))
		return;
	reset->flr_reg = cap + PCI_AF_CTRL;
	reset->flr_bit = PCI_AF_CTRL_FLR;
	reset->pending_reg = cap + PCI_AF_CTRL;
	reset->pending_bit = PCI_AF_STATUS_TP << 8;
}

static void pciq_save_registers(struct pciq_desc *desc)
{
	struct pci_dev *dev = desc->dev;
	unsigned int i;

	for (i = 0; i < PCIQ_HEADER_DWORDS; i++)
		pci_read_config_dword(dev, i * 4, &desc->header[i]);
	pcie_capability_read_word(dev, PCI_EXP_DEVCTL, &desc->devctl);
	pcie_capability_read_word(dev, PCI_EXP_DEVCTL2, &desc->devctl2);
	pcie_capability_read_word(dev, PCI_EXP_LNKCTL, &desc->lnkctl);
	pcie_capability_read_word(dev, PCI_EXP_LNKCTL2, &desc->lnkctl2);
	pcie_capability_read_word(dev, PCI_EXP_SLTCTL, &desc->sltctl);
	pcie_capability_read_word(dev, PCI_EXP_RTCTL, &desc->rtctl);
	desc->aer_cap = pci_find_ext_capability(dev, PCI_EXT_CAP_ID_ERR);
	desc->dpc_cap = pci_find_ext_capability(dev, PCI_EXT_CAP_ID_DPC);
	desc->pcix_cap = pci_find_capability(dev, PCI_CAP_ID_PCIX);
	if (desc->pcix_cap)
		pci_read_config_word(dev, desc->pcix_cap + PCI_X_CMD,
				     &desc->pcix_cmd);
	if (!pci_is_bridge(dev))
		desc->ptm_cap = pci_find_ext_capability(dev,
							PCI_EXT_CAP_ID_PTM);
	pciq_describe_express_flr(desc);
	pciq_describe_af_flr(desc);
	if (pciq_has_firmware_dpc(dev, desc->dpc_cap))
		desc->no_link = PCIQ_NOT_FIRMWARE;
	desc->reset.command = desc->header[PCI_COMMAND / 4];
}

/* Who owns hotplug, AER, DPC and PME: Linux, or firmware. */
static u16 pciq_native(struct pci_dev *dev)
{
	struct pci_host_bridge *host = pci_find_host_bridge(dev->bus);
	u32 sltcap = 0;
	u16 has = 0;

	if (host->native_aer)
		has |= PCIQ_HAS_AER;
	if (host->native_dpc)
		has |= PCIQ_HAS_DPC;
	if (host->native_pme)
		has |= PCIQ_HAS_PME;
	if (host->native_pcie_hotplug)
		pcie_capability_read_dword(dev, PCI_EXP_SLTCAP, &sltcap);
	if (sltcap & PCI_EXP_SLTCAP_HPC)
		has |= PCIQ_HAS_SLOT;
	return has;
}

/*
 * Conventional PCI: Trhfa + Tpvrh, 1 s and 100 ms, as
 * pci_bridge_wait_for_secondary_bus().  The secondary bus of a switch's
 * upstream port is inside the switch.
 */
static void pciq_describe_link(struct pciq_desc *desc)
{
	struct pciq_reset *reset = &desc->reset;
	u16 lnksta = 0;
	u32 lnkcap = 0;

	if (!reset->pcie_cap || desc->port_type == PCI_EXP_TYPE_PCI_BRIDGE) {
		reset->settle_ms = PCIQ_CONVENTIONAL_SETTLE_MS;
		return;
	}
	if (!(desc->has & PCIQ_HAS_LINK_BELOW))
		return;
	reset->settle_ms = PCIQ_LINK_SETTLE_MS;
	pcie_capability_read_dword(desc->dev, PCI_EXP_LNKCAP, &lnkcap);
	pcie_capability_read_word(desc->dev, PCI_EXP_LNKSTA, &lnksta);
	/* QEMU's ports can report Link Active, but do not. */
	if (!(lnkcap & PCI_EXP_LNKCAP_DLLLARC) ||
	    !(lnksta & PCI_EXP_LNKSTA_DLLLA))
		return;
	/*
	 * Above 5 GT/s the time counts from Link Active (PCIe r6.0, sec 6.6.1).
	 */
	if ((lnkcap & PCI_EXP_LNKCAP_SLS) > PCI_EXP_LNKCAP_SLS_5_0GB)
		reset->link = PCIQ_LINK_FAST;
}

/* Interrupt enables that are not Linux's to write, or not to be seen. */
static bool pciq_has_foreign_source(struct pciq_desc *desc)
{
	u16 root = 0, dpc = 0;

	if (desc->dev->cfg_size < PCI_CFG_SPACE_EXP_SIZE)
		return true;
	if (desc->aer_cap)
		pci_read_config_word(desc->dev, desc->aer_cap +
				     PCI_ERR_ROOT_COMMAND, &root);
	if (desc->dpc_cap)
		pci_read_config_word(desc->dev, desc->dpc_cap + PCI_EXP_DPC_CTL,
				     &dpc);
	return (desc->sltctl & PCI_EXP_SLTCTL_HPIE &&
		!(desc->has & PCIQ_HAS_SLOT)) ||
	       (desc->rtctl & PCI_EXP_RTCTL_PMEIE &&
		!(desc->has & PCIQ_HAS_PME)) ||
	       (root && !(desc->has & PCIQ_HAS_AER)) ||
	       (dpc & PCI_EXP_DPC_CTL_INT_EN && !(desc->has & PCIQ_HAS_DPC));
}

static void pciq_describe_port(struct pciq_desc *desc)
{
	u8 type = desc->port_type;

	desc->has = PCIQ_HAS_BRIDGE;
	/* MSI-X is off unless pci_enable_msix() set it, and then MSI is off. */
	if (desc->dev->msix_enabled)
		desc->msix_cap = desc->dev->msix_cap;
	else
		desc->msi_cap = desc->dev->msi_cap;
	if (desc->func.entry.flags & PCIQ_F_INTX)
		desc->has |= PCIQ_HAS_PIN;
	if (!desc->is_readable)
		return;
	if (desc->reset.command != U16_MAX &&
	    desc->header[PCI_INTERRUPT_LINE / 4] >> 16 &
		    PCI_BRIDGE_CTL_BUS_RESET)
		desc->func.entry.flags |= PCIQ_F_HELD;
	if (desc->reset.pcie_cap) {
		desc->has |= pciq_native(desc->dev);
		if (type == PCI_EXP_TYPE_ROOT_PORT)
			desc->has |= PCIQ_HAS_ROOT_CONTROL;
		if (type == PCI_EXP_TYPE_ROOT_PORT ||
		    type == PCI_EXP_TYPE_DOWNSTREAM)
			desc->has |= PCIQ_HAS_LINK_BELOW;
		if (desc->has & PCIQ_HAS_LINK_BELOW &&
		    desc->lnkctl & (PCI_EXP_LNKCTL_LBMIE |
				    PCI_EXP_LNKCTL_LABIE))
			desc->has |= PCIQ_HAS_BANDWIDTH;
		if (pciq_has_foreign_source(desc))
			desc->has |= PCIQ_HAS_FOREIGN;
	}
	pciq_describe_link(desc);
}

/*
 * What the function shows, which its quirks may have changed in struct pci_dev.
 * A VF shows no ID.
 */
static void pciq_describe_identity(struct pciq_desc *desc)
{
	struct pciq_entry *entry = &desc->func.entry;
	struct pci_dev *dev = desc->dev;
	u32 id;

	entry->vendor = dev->vendor;
	entry->device = dev->device;
	entry->class_revision = dev->class << 8 | dev->revision;
	if (!desc->is_readable || desc->reset.command == U16_MAX)
		return;
	entry->class_revision = desc->header[PCI_CLASS_REVISION / 4];
	id = desc->header[PCI_VENDOR_ID / 4];
	if (dev->is_virtfn)
		return;
	entry->vendor = id;
	entry->device = id >> 16;
}

/* If it is not to be stopped: what becomes of it. */
static void pciq_describe_outcome(struct pciq_desc *desc)
{
	struct pciq_entry *entry = &desc->func.entry;
	u32 flags = entry->flags;

	entry->outcome = PCIQ_UNTOUCHED;
	if (flags & PCIQ_F_EXCLUDE_USER) {
		entry->outcome = PCIQ_EXCLUDED;
		entry->reason = PCIQ_BY_USER;
	} else if (flags & PCIQ_F_EXCLUDE_CLASS && flags & PCIQ_F_INTX_USED) {
		entry->reason = PCIQ_BY_INTX;
	} else if (flags & PCIQ_F_EXCLUDE_CLASS) {
		entry->outcome = PCIQ_EXCLUDED;
		entry->reason = PCIQ_BY_CLASS;
	} else if (flags & PCIQ_F_UNREAD) {
		entry->reason = PCIQ_BY_POWER;
	} else if (desc->func.window == PCIQ_NO_WINDOW) {
		entry->reason = PCIQ_BY_WINDOW;
	} else if (flags & PCIQ_F_PEER) {
		entry->reason = PCIQ_BY_PEER;
	} else if (flags & PCIQ_F_FIRMWARE_BME) {
		entry->reason = PCIQ_BY_FIRMWARE;
	} else {
		entry->reason = PCIQ_BY_DEADLINE;
	}
	if (flags & PCIQ_F_CXL_CACHE)
		desc->func.remains = PCIQ_BY_CACHE;
	else if (flags & PCIQ_F_INTX_USED && flags & PCIQ_F_INTX_BROKEN)
		desc->func.remains = PCIQ_BY_INTX;
}

/**
 * pciq_describe() - describe a function, except what depends on others
 * @desc: with @desc->dev
 * @windows: config windows
 * @nr_windows: that many
 *
 * In the middle of a reset registers are not what they are to be restored to:
 * the config access lock is held then, at least where it is the kernel that
 * resets.
 *
 * Context: process.
 */
void pciq_describe(struct pciq_desc *desc, const struct pciq_window *windows,
		   int nr_windows)
{
	struct pciq_entry *entry = &desc->func.entry;
	struct pci_dev *dev = desc->dev;

	desc->is_in_reset = !pci_cfg_access_trylock(dev);
	desc->is_readable = !desc->is_in_reset &&
			    !pciq_is_asleep(pci_physfn(dev));
	desc->reset.parent = PCIQ_NONE;
	desc->reset.pcie_cap = pci_pcie_cap(dev);
	desc->port_type = pci_is_pcie(dev) ? pci_pcie_type(dev) : 0;
	entry->domain = pci_domain_nr(dev->bus);
	entry->bus = dev->bus->number;
	entry->devfn = dev->devfn;
	entry->command_before = U16_MAX;
	entry->command_after = U16_MAX;
	if (desc->is_readable)
		pciq_save_registers(desc);
	pciq_describe_identity(desc);
	desc->func.window = pciq_find_window(desc, windows, nr_windows);
	entry->flags = pciq_flags(desc);
	if (dev->driver)
		memcpy(entry->driver, dev->driver->name,
		       min(strlen(dev->driver->name), sizeof(entry->driver)));
	if (entry->flags & PCIQ_F_BRIDGE)
		pciq_describe_port(desc);
	pciq_describe_outcome(desc);
	if (!desc->is_in_reset)
		pci_cfg_access_unlock(dev);
}

/* === What is above it === */

/**
 * struct pciq_place - where the description of a function is
 * @dev: the function
 * @index: in the order of the snapshot
 */
struct pciq_place {
	struct pci_dev *dev;
	u32 index;
};

static int pciq_compare_dev(const void *a, const void *b)
{
	const struct pciq_place *left = a, *right = b;

	if (left->dev == right->dev)
		return 0;
	return left->dev < right->dev ? -1 : 1;
}

/* The function whose BARs lead to the bus: VMD and its like. */
static struct pci_dev *pciq_endpoint_above(struct pci_dev *dev)
{
	struct device *parent = NULL;

	if (pci_is_root_bus(dev->bus))
		parent = dev->bus->bridge->parent;
	return parent && dev_is_pci(parent) ? to_pci_dev(parent) : NULL;
}

static const struct pciq_place *pciq_find_place(const struct pciq_place *places,
						u32 nr, struct pci_dev *dev)
{
	struct pciq_place key = { .dev = dev };

	if (!dev)
		return NULL;
	return bsearch(&key, places, nr, sizeof(key), pciq_compare_dev);
}

static bool pciq_is_port(const struct pciq_desc *desc)
{
	return desc->func.entry.flags & PCIQ_F_BRIDGE;
}

/*
 * Firmware may know that a device takes longer (PCI Firmware r3.3, sec 4.6.9).
 */
static void pciq_settle_longer(struct pciq_desc *port, struct pci_dev *dev)
{
	if (port->reset.settle_ms &&
	    dev->d3cold_delay > port->reset.settle_ms &&
	    dev->d3cold_delay <= PCIQ_CONVENTIONAL_SETTLE_MS)
		port->reset.settle_ms = dev->d3cold_delay;
}

static void pciq_link_parent(struct pciq_desc *descs, u32 nr, u32 i,
			     const struct pciq_place *places)
{
	struct pci_dev *dev = descs[i].dev;
	const struct pciq_place *parent;
	struct pciq_desc *above;

	parent = pciq_find_place(places, nr, pciq_endpoint_above(dev));
	if (parent)
		descs[parent->index].func.entry.flags |= PCIQ_F_VMD;
	parent = pciq_find_place(places, nr, dev->is_virtfn ?
				 pci_physfn(dev) : pci_upstream_bridge(dev));
	if (!parent || parent->index <= i)
		return;
	descs[i].reset.parent = parent->index;
	above = &descs[parent->index];
	if (!pciq_is_port(above))
		return;
	above->func.pm_cap = above->dev->pm_cap;
	pciq_settle_longer(above, dev);
}

/* The nearest above: neither the PF of a VF, nor a CardBus bridge, is one. */
static void pciq_link_port(struct pciq_desc *descs, u32 i)
{
	u32 port = descs[i].reset.parent;

	while (port != PCIQ_NONE && !pciq_is_port(&descs[port]))
		port = descs[port].reset.parent;
	if (port != PCIQ_NONE)
		descs[i].func.entry.port = port + 1;
}

/**
 * pciq_link_parents() - what is above each function
 * @descs: functions, described
 * @nr: that many
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pciq_link_parents(struct pciq_desc *descs, u32 nr)
{
	struct pciq_place *places = kvcalloc(nr + 1, sizeof(*places),
					     GFP_KERNEL);
	u32 i;

	if (!places)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		places[i] = (struct pciq_place) { descs[i].dev, i };
	sort(places, nr, sizeof(*places), pciq_compare_dev, NULL);
	for (i = 0; i < nr; i++)
		pciq_link_parent(descs, nr, i, places);
	for (i = 0; i < nr; i++)
		pciq_link_port(descs, i);
	kvfree(places);
	return 0;
}

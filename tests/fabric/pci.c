// SPDX-License-Identifier: GPL-2.0-only
/*
 * The healthy kernel's view of the machine: struct pci_dev, and the functions
 * that a capture calls on it.
 */
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "fabric.h"

struct bus_type pci_bus_type;
struct notifier_block *pm_block;
struct delayed_work *queued_work;

static int locked;

static struct pci_driver some_driver = { .name = "some" };
static struct pci_driver uio_driver = { .name = "uio_pci_generic" };
static struct pci_driver vfio_driver = {
	.name = "vfio-pci",
};

static struct function *model_of(const struct pci_dev *dev)
{
	return dev->model;
}

/* The bus a function is on; one for VFs has no bridge of its own. */
static struct pci_bus *attach_bus(struct function *f)
{
	struct host *host = f->host;
	struct pci_bus *bus = &host->bus[f->bus];

	bus->number = f->bus;
	bus->domain = host->domain;
	bus->host = &host->bridge;
	bus->bridge = &bus->bridge_dev;
	bus->bridge_dev.parent = host->vmd ? &host->vmd->dev.dev : NULL;
	if (f->parent && !f->pf) {
		bus->self = &f->parent->dev;
		bus->parent = f->parent->dev.bus;
	} else if (f->pf && f->bus != f->pf->bus) {
		bus->parent = f->pf->dev.bus;
	}
	return bus;
}

/**
 * pci_attach() - let the kernel find a function
 * @f: the function; what is above it has been found
 */
void pci_attach(struct function *f)
{
	struct pci_dev *dev = &f->dev;
	struct function *vf;

	dev->model = f;
	dev->dev.pci = dev;
	dev->bus = attach_bus(f);
	dev->devfn = f->devfn;
	dev->class = f->class;
	dev->revision = f->now[PCI_REVISION_ID];
	dev->vendor = f->vendor;
	dev->device = f->device;
	dev->dev_flags = f->dev_flags;
	dev->hdr_type = f->header;
	dev->pin = f->initial[PCI_INTERRUPT_PIN];
	dev->pcie_cap = f->pcie;
	dev->pcie_type = f->type;
	dev->d3cold_delay = f->d3cold_delay;
	dev->current_state = f->asleep ? PCI_D3cold :
			     link_is_asleep(f) ? PCI_D3hot : PCI_D0;
	/* pci_enable_bridge() */
	dev->is_busmaster = f->made_master || (f->bridge && f->child);
	dev->driver = !f->driver ? NULL : !f->user_driver ? &some_driver :
		      f->index % 2 ? &vfio_driver : &uio_driver;
	dev->broken_intx_masking = f->intx_broken;
	dev->pm_cap = f->pm;
	dev->msi_cap = f->msi;
	dev->msi_enabled = config_msi_is_on(f);
	dev->msix_cap = f->msix;
	dev->msix_enabled = config_msix_is_on(f);
	dev->cfg_size = f->pcie && !f->is_short &&
			f->host->window != PCIQ_CF8 ?
				PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE;
	if (f->pf) {
		dev->is_virtfn = true;
		dev->physfn = &f->pf->dev;
	}
	for (dev->num_vf = 0, vf = f->vf; vf; vf = vf->sibling)
		dev->num_vf++;
}

/**
 * pci_captured() - what a snapshot says about a function
 * @image: the snapshot
 * @f: the function
 *
 * Return: its place in the snapshot, NULL if it is not there.
 */
const struct pciq_func *
pci_captured(const struct pciq_snapshot *image, const struct function *f)
{
	const struct pciq_func *func = pciq_table(image, &image->funcs);
	u32 i;

	for (i = 0; i < image->funcs.nr; i++, func++)
		if (func->entry.domain == f->host->domain &&
		    func->entry.bus == f->bus && func->entry.devfn == f->devfn)
			return func;
	return NULL;
}

/**
 * pci_arrive() - let the kernel find a function now, and tell those who listen
 * @f: the function; what is above it has been found
 */
void pci_arrive(struct function *f)
{
	struct notifier_block *block = pci_bus_type.block;

	f->unfound = false;
	f->uncaptured = true;
	pci_attach(f);
	if (block)
		block->notifier_call(block, BUS_NOTIFY_ADD_DEVICE, &f->dev);
}

struct pci_dev *pci_next_dev(struct pci_dev *from)
{
	u32 i = from ? model_of(from)->index + 1 : 0;

	while (i < fabric.nr && fabric.functions[i]->unfound)
		i++;
	return i < fabric.nr ? &fabric.functions[i]->dev : NULL;
}

struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus,
					    unsigned int devfn)
{
	struct function *f = build_find(domain, bus, devfn);

	return f && !f->unfound ? &f->dev : NULL;
}

static u32 read(const struct pci_dev *dev, int where, unsigned int size)
{
	struct function *f = model_of(dev);

	f->healthy_reads++;

	if (f->asleep || f->dead)
		return ~0U >> (32 - 8 * size);
	return config_read(f, where, size);
}

int pci_read_config_byte(const struct pci_dev *dev, int where, u8 *value)
{
	*value = read(dev, where, 1);
	return 0;
}

int pci_read_config_word(const struct pci_dev *dev, int where, u16 *value)
{
	*value = read(dev, where, 2);
	return 0;
}

int pci_read_config_dword(const struct pci_dev *dev, int where, u32 *value)
{
	*value = read(dev, where, 4);
	return 0;
}

u8 pci_find_capability(struct pci_dev *dev, int id)
{
	unsigned int ttl = 48;
	u16 at, header;

	at = read(dev, PCI_CAPABILITY_LIST, 2) & 0xfc;
	for (; at >= 0x40 && ttl; ttl--, at = header >> 8 & 0xfc) {
		header = read(dev, at, 2);
		if ((header & 0xff) == id)
			return at;
		if (header == 0xffff)
			break;
	}
	return 0;
}

static u16 next_extended(struct pci_dev *dev, u16 at, int id)
{
	unsigned int ttl = 480;
	u32 header;

	if (dev->cfg_size <= PCI_CFG_SPACE_SIZE)
		return 0;
	if (at) {
		header = read(dev, at, 4);
		at = header >> 20 & 0xffc;
	} else {
		at = PCI_CFG_SPACE_SIZE;
	}
	for (; at >= PCI_CFG_SPACE_SIZE && ttl; ttl--) {
		header = read(dev, at, 4);
		if (!header || header == ~0U)
			break;
		if ((header & 0xffff) == (u32)id)
			return at;
		at = header >> 20 & 0xffc;
	}
	return 0;
}

u16 pci_find_ext_capability(struct pci_dev *dev, int id)
{
	return next_extended(dev, 0, id);
}

u16 pci_find_dvsec_capability(struct pci_dev *dev, u16 vendor, u16 dvsec)
{
	u16 at = next_extended(dev, 0, PCI_EXT_CAP_ID_DVSEC);

	for (; at; at = next_extended(dev, at, PCI_EXT_CAP_ID_DVSEC))
		if ((read(dev, at + 4, 4) & 0xffff) == vendor &&
		    read(dev, at + 8, 2) == dvsec)
			return at;
	return 0;
}

/* What a kind of function has is read; of the rest the kernel makes zeros. */
static bool is_implemented(const struct pci_dev *dev, int where)
{
	const struct function *f = model_of(dev);
	bool link = f->type != TYPE_RC_END && f->type != PCI_EXP_TYPE_RC_EC;
	bool downstream = f->type == TYPE_ROOT_PORT ||
			  f->type == TYPE_DOWNSTREAM;

	switch (where) {
	case PCI_EXP_DEVCAP:
	case PCI_EXP_DEVCTL:
	case PCI_EXP_DEVSTA:
		return true;
	case PCI_EXP_LNKCAP:
	case PCI_EXP_LNKCTL:
	case PCI_EXP_LNKSTA:
		return link;
	case PCI_EXP_SLTCAP:
	case PCI_EXP_SLTCTL:
	case PCI_EXP_SLTSTA:
		return downstream && read(dev, dev->pcie_cap + PCI_EXP_FLAGS, 2) &
					     PCI_EXP_FLAGS_SLOT;
	case PCI_EXP_RTCTL:
		return f->type == TYPE_ROOT_PORT ||
		       f->type == PCI_EXP_TYPE_RC_EC;
	case PCI_EXP_DEVCTL2:
		return f->pcie_version > 1;
	case PCI_EXP_LNKCTL2:
		return link && f->pcie_version > 1;
	default:
		return false;
	}
}

int pcie_capability_read_word(struct pci_dev *dev, int where, u16 *value)
{
	*value = pci_is_pcie(dev) && is_implemented(dev, where) ?
			 read(dev, dev->pcie_cap + where, 2) : 0;
	return 0;
}

int pcie_capability_read_dword(struct pci_dev *dev, int where, u32 *value)
{
	*value = pci_is_pcie(dev) && is_implemented(dev, where) ?
			 read(dev, dev->pcie_cap + where, 4) : 0;
	return 0;
}

bool pci_cfg_access_trylock(struct pci_dev *dev)
{
	return !dev->block_cfg_access;
}

void pci_cfg_access_unlock(struct pci_dev *dev)
{
	(void)dev;
}

void pci_lock_rescan_remove(void)
{
	if (locked++)
		broken(NULL, "the rescan lock is taken twice");
}

void pci_unlock_rescan_remove(void)
{
	if (--locked)
		broken(NULL, "the rescan lock is released, and was not taken");
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers/pci/quiesce/ asks of the kernel, answered from config space that
 * was read on another machine.
 *
 * What no register shows is as Linux usually has it: a function that masters has
 * a driver, and Linux owns hotplug, AER, DPC and PME.
 */
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "machine/buses.h"
#include "machine/kernel.h"
#include "machine/quirks.h"
#include "read/lspci.h"

#define MAX_CAPS	48
#define MAX_EXT_CAPS	480

struct pciq_ctl pciq_ctl;
struct pciq_memory pciq_memory;

static struct {
	const struct lspci *dump;
	struct pci_dev *devs;		/* one for each function */
	struct pci_bus *buses;		/* at most as many */
	unsigned int nr_buses;
	struct pci_host_bridge host;
} kernel;

static struct pci_driver some_driver = { .name = "" };

static const struct lspci_function *source_of(const struct pci_dev *dev)
{
	return &kernel.dump->functions[dev - kernel.devs];
}

static struct pci_dev *dev_of(const struct lspci_function *f)
{
	return f ? &kernel.devs[f - kernel.dump->functions] : NULL;
}

/* === Config space === */

static u32 get(const struct lspci_function *f, int where, unsigned int size)
{
	u32 value = 0;

	while (size--)
		value = value << 8 | f->config[(where + size) % LSPCI_SPACE];
	return value;
}

int pci_read_config_byte(const struct pci_dev *dev, int where, u8 *value)
{
	*value = get(source_of(dev), where, 1);
	return 0;
}

int pci_read_config_word(const struct pci_dev *dev, int where, u16 *value)
{
	*value = get(source_of(dev), where, 2);
	return 0;
}

int pci_read_config_dword(const struct pci_dev *dev, int where, u32 *value)
{
	*value = get(source_of(dev), where, 4);
	return 0;
}

static u8 find_capability(const struct lspci_function *f, int id)
{
	unsigned int ttl;
	u8 at;

	if (buses_silent(f) ||
	    !(get(f, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	at = get(f, buses_header(f) == PCI_HEADER_TYPE_CARDBUS ?
			    PCI_CB_CAPABILITY_LIST : PCI_CAPABILITY_LIST, 1);
	for (ttl = MAX_CAPS; ttl && at >= PCI_STD_HEADER_SIZEOF; ttl--) {
		at &= ~3;
		if (get(f, at, 1) == (u32)id)
			return at;
		at = get(f, at + PCI_CAP_LIST_NEXT, 1);
	}
	return 0;
}

u8 pci_find_capability(struct pci_dev *dev, int id)
{
	return find_capability(source_of(dev), id);
}

/* The first after @at that is of this kind; 0 begins. */
static u16 next_extended(const struct lspci_function *f, u16 at, int id)
{
	unsigned int ttl;
	u32 header;

	if (f->len <= PCI_CFG_SPACE_SIZE)
		return 0;
	at = at ? PCI_EXT_CAP_NEXT(get(f, at, 4)) : PCI_CFG_SPACE_SIZE;
	for (ttl = MAX_EXT_CAPS; ttl && at >= PCI_CFG_SPACE_SIZE; ttl--) {
		header = get(f, at, 4);
		if (!header || header == ~0U)
			break;
		if (PCI_EXT_CAP_ID(header) == (u32)id)
			return at;
		at = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

u16 pci_find_ext_capability(struct pci_dev *dev, int id)
{
	return next_extended(source_of(dev), 0, id);
}

u16 pci_find_dvsec_capability(struct pci_dev *dev, u16 vendor, u16 dvsec)
{
	const struct lspci_function *f = source_of(dev);
	u16 at = next_extended(f, 0, PCI_EXT_CAP_ID_DVSEC);

	for (; at; at = next_extended(f, at, PCI_EXT_CAP_ID_DVSEC)) {
		if (get(f, at + PCI_DVSEC_HEADER1, 2) == vendor &&
		    get(f, at + PCI_DVSEC_HEADER2, 2) == dvsec)
			break;
	}
	return at;
}

/* As pcie_capability_reg_implemented(). */
static bool is_implemented(const struct pci_dev *dev, int where)
{
	u16 flags = get(source_of(dev), dev->pcie_cap + PCI_EXP_FLAGS, 2);
	bool link = dev->pcie_type != PCI_EXP_TYPE_RC_END &&
		    dev->pcie_type != PCI_EXP_TYPE_RC_EC;
	bool slot = (dev->pcie_type == PCI_EXP_TYPE_ROOT_PORT ||
		     dev->pcie_type == PCI_EXP_TYPE_DOWNSTREAM) &&
		    flags & PCI_EXP_FLAGS_SLOT;

	switch (where) {
	case PCI_EXP_LNKCAP:
	case PCI_EXP_LNKCTL:
	case PCI_EXP_LNKSTA:
		return link;
	case PCI_EXP_SLTCAP:
	case PCI_EXP_SLTCTL:
	case PCI_EXP_SLTSTA:
		return slot;
	case PCI_EXP_RTCTL:
		return dev->pcie_type == PCI_EXP_TYPE_ROOT_PORT ||
		       dev->pcie_type == PCI_EXP_TYPE_RC_EC;
	case PCI_EXP_DEVCTL2:
		return (flags & PCI_EXP_FLAGS_VERS) > 1;
	case PCI_EXP_LNKCTL2:
		return link && (flags & PCI_EXP_FLAGS_VERS) > 1;
	default:
		return true;
	}
}

int pcie_capability_read_word(struct pci_dev *dev, int where, u16 *value)
{
	*value = dev->pcie_cap && is_implemented(dev, where) ?
			 get(source_of(dev), dev->pcie_cap + where, 2) : 0;
	return 0;
}

int pcie_capability_read_dword(struct pci_dev *dev, int where, u32 *value)
{
	*value = dev->pcie_cap && is_implemented(dev, where) ?
			 get(source_of(dev), dev->pcie_cap + where, 4) : 0;
	return 0;
}

bool pci_cfg_access_trylock(struct pci_dev *dev)
{
	(void)dev;
	return true;
}

void pci_cfg_access_unlock(struct pci_dev *dev)
{
	(void)dev;
}

/* Through a window it reads as otherwise. */
bool pciq_arch_read(const struct pciq_window *window, u8 bus, u8 devfn,
		    u16 reg, unsigned int size, u32 *value)
{
	const struct pci_dev *dev = pci_get_domain_bus_and_slot(window->domain,
								bus, devfn);

	*value = dev ? get(source_of(dev), reg, size) : ~0U;
	return true;
}

/* === Memory === */

void *kvcalloc(size_t nr, size_t size, gfp_t flags)
{
	(void)flags;
	return calloc(nr, size);
}

void kvfree(const void *address)
{
	free((void *)address);
}

/* === Functions === */

struct pci_dev *pci_next_dev(struct pci_dev *from)
{
	struct pci_dev *next = from ? from + 1 : kernel.devs;

	return next < kernel.devs + kernel.dump->nr ? next : NULL;
}

struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus,
					    unsigned int devfn)
{
	unsigned int i;

	for (i = 0; i < kernel.dump->nr; i++) {
		const struct lspci_function *f = &kernel.dump->functions[i];

		if (f->domain == (u32)domain && f->bus == bus &&
		    f->devfn == devfn)
			return &kernel.devs[i];
	}
	return NULL;
}

/* A VF shows no ID (PCIe r6.0, sec 9.3.4.1.1): it is where its PF says. */
static bool is_vf_of(const struct lspci_function *f,
		     const struct lspci_function *pf)
{
	u16 at = next_extended(pf, 0, PCI_EXT_CAP_ID_SRIOV);
	int distance = (f->bus << 8 | f->devfn) - (pf->bus << 8 | pf->devfn);
	int first, stride, nr;

	if (!at || pf->domain != f->domain ||
	    !(get(pf, at + PCI_SRIOV_CTRL, 2) & PCI_SRIOV_CTRL_VFE))
		return false;
	first = get(pf, at + PCI_SRIOV_VF_OFFSET, 2);
	stride = get(pf, at + PCI_SRIOV_VF_STRIDE, 2) ?: 1;
	nr = get(pf, at + PCI_SRIOV_NUM_VF, 2);
	distance -= first;
	return first && distance >= 0 && !(distance % stride) &&
	       distance / stride < nr;
}

static const struct lspci_function *pf_of(const struct lspci_function *f)
{
	unsigned int i;

	if (get(f, PCI_VENDOR_ID, 4) != ~0U || buses_silent(f))
		return NULL;
	for (i = 0; i < kernel.dump->nr; i++) {
		if (is_vf_of(f, &kernel.dump->functions[i]))
			return &kernel.dump->functions[i];
	}
	return NULL;
}

static struct pci_bus *find_bus(u32 domain, u8 number)
{
	struct pci_bus *bus = kernel.buses;

	for (; bus < kernel.buses + kernel.nr_buses; bus++) {
		if ((u32)bus->domain == domain && bus->number == number)
			return bus;
	}
	*bus = (struct pci_bus) { .domain = domain, .number = number };
	kernel.nr_buses++;
	return bus;
}

static const struct lspci_function *bridge_above(const struct lspci_function *f)
{
	switch (buses_kind(kernel.dump, f->domain, f->bus)) {
	case BUS_BELOW:
		return buses_bridge(kernel.dump, f->domain, f->bus);
	case BUS_LOST:
		return buses_lost_bridge(kernel.dump, f->domain, f->bus);
	default:
		return NULL;
	}
}

static void attach_bus(struct pci_dev *dev)
{
	const struct lspci_function *f = source_of(dev);
	struct pci_dev *bridge = dev_of(bridge_above(f));
	struct pci_dev *vmd = dev_of(buses_vmd(kernel.dump, f->domain));
	struct pci_bus *bus = find_bus(f->domain, f->bus);

	bus->self = bridge;
	bus->parent = bridge ? find_bus(f->domain, source_of(bridge)->bus) :
			       NULL;
	bus->host = &kernel.host;
	bus->bridge = &bus->bridge_dev;
	bus->bridge_dev.parent = vmd ? &vmd->dev : NULL;
	dev->bus = bus;
}

static void set_ids(struct pci_dev *dev, const struct lspci_function *f)
{
	unsigned int quirks;

	dev->vendor = get(f, PCI_VENDOR_ID, 2);
	dev->device = get(f, PCI_DEVICE_ID, 2);
	dev->class = buses_silent(f) ? 0 : get(f, PCI_CLASS_REVISION, 4) >> 8;
	dev->revision = get(f, PCI_REVISION_ID, 1);
	dev->hdr_type = buses_header(f);
	quirks = quirks_of(dev->vendor, dev->device, dev->revision);
	if (quirks & QUIRK_NO_BUS_RESET)
		dev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	if (quirks & QUIRK_NO_FLR)
		dev->dev_flags |= PCI_DEV_FLAGS_NO_FLR_RESET;
	dev->broken_intx_masking = quirks & QUIRK_BROKEN_INTX;
}

static void set_capabilities(struct pci_dev *dev,
			     const struct lspci_function *f)
{
	dev->pcie_cap = find_capability(f, PCI_CAP_ID_EXP);
	dev->pm_cap = find_capability(f, PCI_CAP_ID_PM);
	dev->msi_cap = find_capability(f, PCI_CAP_ID_MSI);
	dev->msix_cap = find_capability(f, PCI_CAP_ID_MSIX);
	if (dev->pcie_cap)
		dev->pcie_type = (get(f, dev->pcie_cap + PCI_EXP_FLAGS, 2) &
				  PCI_EXP_FLAGS_TYPE) >> 4;
	dev->cfg_size = dev->pcie_cap ? PCI_CFG_SPACE_EXP_SIZE :
					PCI_CFG_SPACE_SIZE;
	dev->msi_enabled = dev->msi_cap &&
			   get(f, dev->msi_cap + PCI_MSI_FLAGS, 2) &
				   PCI_MSI_FLAGS_ENABLE;
	dev->msix_enabled = dev->msix_cap &&
			    get(f, dev->msix_cap + PCI_MSIX_FLAGS, 2) &
				    PCI_MSIX_FLAGS_ENABLE;
	if (dev->pm_cap &&
	    (get(f, dev->pm_cap + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK) ==
		    PCI_D3hot)
		dev->current_state = PCI_D3hot;
}

/*
 * Bus Master Enable is a driver's, or a bridge's; of the classes that no driver
 * makes a bus master it is firmware's, or hardwired.
 */
static void set_driver(struct pci_dev *dev, const struct lspci_function *f)
{
	bool master = !buses_silent(f) &&
		      get(f, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;

	dev->pin = buses_silent(f) ? 0 : get(f, PCI_INTERRUPT_PIN, 1);
	dev->is_busmaster = master &&
			    (dev->hdr_type == PCI_HEADER_TYPE_BRIDGE ||
			     !pciq_class_excluded(dev->class));
	if (dev->is_busmaster && dev->hdr_type != PCI_HEADER_TYPE_BRIDGE)
		dev->driver = &some_driver;
}

static void set_pf(struct pci_dev *dev, const struct lspci_function *pf)
{
	u16 at = next_extended(pf, 0, PCI_EXT_CAP_ID_SRIOV);

	dev->is_virtfn = true;
	dev->physfn = dev_of(pf);
	dev->vendor = get(pf, PCI_VENDOR_ID, 2);
	dev->device = get(pf, at + PCI_SRIOV_VF_DID, 2);
	dev->physfn->num_vf++;
}

static void attach(struct pci_dev *dev)
{
	const struct lspci_function *f = source_of(dev), *pf = pf_of(f);

	dev->dev.pci = dev;
	dev->devfn = f->devfn;
	attach_bus(dev);
	set_ids(dev, f);
	set_capabilities(dev, f);
	set_driver(dev, f);
	if (pf)
		set_pf(dev, pf);
}

/**
 * kernel_boot() - find the functions of a machine
 * @dump: its config space, to be kept until kernel_halt()
 *
 * Return: false without memory.
 */
bool kernel_boot(const struct lspci *dump)
{
	unsigned int i;

	kernel.dump = dump;
	kernel.host = (struct pci_host_bridge) { true, true, true, true };
	kernel.nr_buses = 0;
	kernel.devs = calloc(dump->nr + 1, sizeof(*kernel.devs));
	/* A bus for each, and one for the bridge above it. */
	kernel.buses = calloc(2 * dump->nr + 1, sizeof(*kernel.buses));
	if (!kernel.devs || !kernel.buses) {
		kernel_halt();
		return false;
	}
	for (i = 0; i < dump->nr; i++)
		attach(&kernel.devs[i]);
	pciq_memory.room = dump->nr;
	return true;
}

/**
 * kernel_windows() - config windows, one for each segment
 * @windows: filled in; where they are in memory is not known
 * @max: room there
 *
 * Return: that many.
 */
u32 kernel_windows(struct pciq_window *windows, u32 max)
{
	u32 i, nr = 0;

	for (i = 0; i < kernel.dump->nr && nr < max; i++) {
		u32 domain = kernel.dump->functions[i].domain;

		if (nr && windows[nr - 1].domain == domain)
			continue;
		windows[nr++] = (struct pciq_window) {
			.domain = domain,
			.bus_end = 0xff,
			.type = PCIQ_ECAM,
		};
	}
	return nr;
}

/**
 * kernel_find_short() - a function with less config space than its plan needs
 *
 * Capabilities are behind the header.  Who owns DPC is in the extended config
 * space of ports, and without it a kernel resets no link.
 *
 * Return: the function, NULL if there is none.
 */
const struct lspci_function *kernel_find_short(void)
{
	unsigned int i;

	for (i = 0; i < kernel.dump->nr; i++) {
		const struct lspci_function *f = &kernel.dump->functions[i];
		u8 type = kernel.devs[i].pcie_type;

		if (f->len < PCI_CFG_SPACE_SIZE && !buses_silent(f) &&
		    get(f, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST)
			return f;
		if (f->len <= PCI_CFG_SPACE_SIZE && kernel.devs[i].pcie_cap &&
		    (type == PCI_EXP_TYPE_ROOT_PORT ||
		     type == PCI_EXP_TYPE_DOWNSTREAM))
			return f;
	}
	return NULL;
}

/**
 * kernel_halt() - undo kernel_boot()
 */
void kernel_halt(void)
{
	free(kernel.devs);
	free(kernel.buses);
	kernel.devs = NULL;
	kernel.buses = NULL;
}

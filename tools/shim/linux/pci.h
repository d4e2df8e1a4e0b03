/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of struct pci_dev and its friends as a capture reads.  Whoever
 * simulates a machine defines the functions.
 */
#ifndef SHIM_LINUX_PCI_H
#define SHIM_LINUX_PCI_H

#include <linux/pci_ids.h>
#include <linux/pci_regs.h>
#include <stdio.h>

#include "kernel.h"

#define PCI_D0			0
#define PCI_D3hot		3
#define PCI_D3cold		4

#define PCI_DEV_FLAGS_NO_BUS_RESET	(1U << 6)
#define PCI_DEV_FLAGS_NO_FLR_RESET	(1U << 10)

struct device {
	struct device *parent;
	struct pci_dev *pci;		/* NULL of what is none */
};

struct pci_host_bridge {
	bool native_aer;
	bool native_dpc;
	bool native_pme;
	bool native_pcie_hotplug;
};

struct pci_bus {
	struct pci_bus *parent;		/* NULL of a root bus */
	struct pci_dev *self;		/* bridge above; NULL of a bus for VFs */
	struct pci_host_bridge *host;
	struct device *bridge;
	struct device bridge_dev;
	int domain;
	u8 number;
};

struct pci_driver {
	const char *name;
};

struct pci_dev {
	struct device dev;
	struct pci_bus *bus;
	struct pci_driver *driver;
	struct pci_dev *physfn;
	void *model;
	unsigned int devfn;
	unsigned int class;
	u8 revision;
	u16 vendor;
	u16 device;
	u16 dev_flags;
	u16 cfg_size;
	u16 num_vf;
	u16 d3cold_delay;
	u8 hdr_type;
	u8 pin;
	u8 pcie_cap;
	u8 pcie_type;
	u8 current_state;
	u8 pm_cap;
	u8 msi_cap;
	u8 msix_cap;
	bool is_virtfn;
	bool is_busmaster;
	bool msi_enabled;
	bool msix_enabled;
	bool broken_intx_masking;
	bool block_cfg_access;
};

struct pci_dev *pci_next_dev(struct pci_dev *from);
struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus,
					    unsigned int devfn);
int pci_read_config_byte(const struct pci_dev *dev, int where, u8 *value);
int pci_read_config_word(const struct pci_dev *dev, int where, u16 *value);
int pci_read_config_dword(const struct pci_dev *dev, int where, u32 *value);
u8 pci_find_capability(struct pci_dev *dev, int id);
u16 pci_find_ext_capability(struct pci_dev *dev, int id);
u16 pci_find_dvsec_capability(struct pci_dev *dev, u16 vendor, u16 dvsec);
int pcie_capability_read_word(struct pci_dev *dev, int where, u16 *value);
int pcie_capability_read_dword(struct pci_dev *dev, int where, u32 *value);
bool pci_cfg_access_trylock(struct pci_dev *dev);
void pci_cfg_access_unlock(struct pci_dev *dev);
void pci_lock_rescan_remove(void);
void pci_unlock_rescan_remove(void);

#define for_each_pci_dev(dev)	while (((dev) = pci_next_dev(dev)))

static inline struct pci_dev *pci_dev_get(struct pci_dev *dev)
{
	return dev;
}

static inline void pci_dev_put(struct pci_dev *dev)
{
	(void)dev;
}

static inline int pci_domain_nr(const struct pci_bus *bus)
{
	return bus->domain;
}

static inline u16 pci_dev_id(const struct pci_dev *dev)
{
	return dev->bus->number << 8 | dev->devfn;
}

static inline bool pci_is_root_bus(const struct pci_bus *bus)
{
	return !bus->parent;
}

static inline struct pci_host_bridge *pci_find_host_bridge(struct pci_bus *bus)
{
	return bus->host;
}

static inline struct pci_dev *pci_physfn(struct pci_dev *dev)
{
	return dev->is_virtfn ? dev->physfn : dev;
}

static inline struct pci_dev *pci_upstream_bridge(struct pci_dev *dev)
{
	dev = pci_physfn(dev);
	return pci_is_root_bus(dev->bus) ? NULL : dev->bus->self;
}

static inline int pci_num_vf(struct pci_dev *dev)
{
	return dev->num_vf;
}

static inline bool pci_is_bridge(const struct pci_dev *dev)
{
	return dev->hdr_type == PCI_HEADER_TYPE_BRIDGE ||
	       dev->hdr_type == PCI_HEADER_TYPE_CARDBUS;
}

static inline bool pci_is_pcie(const struct pci_dev *dev)
{
	return dev->pcie_cap;
}

static inline u16 pci_pcie_cap(const struct pci_dev *dev)
{
	return dev->pcie_cap;
}

static inline int pci_pcie_type(const struct pci_dev *dev)
{
	return dev->pcie_type;
}

/* Captures of odd machines complain a lot; a test has its own eyes. */
#define pci_warn_once(dev, ...) \
	((void)(dev), (void)snprintf(NULL, 0, __VA_ARGS__))
#define pr_err(fmt, ...)	((void)snprintf(NULL, 0, pr_fmt(fmt), ##__VA_ARGS__))
#define pr_warn(fmt, ...)	((void)snprintf(NULL, 0, pr_fmt(fmt), ##__VA_ARGS__))

/* As include/linux/notifier.h and device/bus.h, which the kernel's brings. */
#define NOTIFY_DONE		0

enum {
	BUS_NOTIFY_ADD_DEVICE,
	BUS_NOTIFY_REMOVED_DEVICE,
	BUS_NOTIFY_BOUND_DRIVER,
	BUS_NOTIFY_UNBOUND_DRIVER,
};

struct notifier_block {
	int (*notifier_call)(struct notifier_block *block, unsigned long action,
			     void *data);
};

struct bus_type {
	struct notifier_block *block;
};

extern struct bus_type pci_bus_type;

static inline int bus_register_notifier(struct bus_type *bus,
					struct notifier_block *block)
{
	bus->block = block;
	return 0;
}

static inline int bus_unregister_notifier(struct bus_type *bus,
					  struct notifier_block *block)
{
	(void)block;
	bus->block = NULL;
	return 0;
}

static inline bool dev_is_pci(const struct device *dev)
{
	return dev->pci;
}

static inline struct pci_dev *to_pci_dev(const struct device *dev)
{
	return dev->pci;
}

#endif /* SHIM_LINUX_PCI_H */

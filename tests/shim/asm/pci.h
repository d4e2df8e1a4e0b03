/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_ASM_PCI_H
#define SHIM_ASM_PCI_H

#include <linux/pci.h>

static inline bool is_vmd(const struct pci_bus *bus)
{
	return bus->vmd;
}

#endif /* SHIM_ASM_PCI_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of PCI classes and devices, as far as a pci.ids is at hand. */
#ifndef KQ_PCINAMES_H
#define KQ_PCINAMES_H

#include <stddef.h>

#include "explain/address.h"

#define PCI_NAME_LEN 160

void pci_names_close(void);
const char *pci_class_name(__u32 class, char buf[PCI_NAME_LEN]);
const char *pci_device_name(__u16 vendor, __u16 device,
			    char buf[PCI_NAME_LEN]);

#endif /* KQ_PCINAMES_H */

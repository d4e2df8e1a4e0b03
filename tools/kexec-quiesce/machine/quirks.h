/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel marks by its quirks. */
#ifndef KQ_QUIRKS_H
#define KQ_QUIRKS_H

#include <linux/types.h>

#define QUIRK_NO_BUS_RESET	0x1	/* PCI_DEV_FLAGS_NO_BUS_RESET */
#define QUIRK_NO_FLR		0x2	/* PCI_DEV_FLAGS_NO_FLR_RESET */
#define QUIRK_BROKEN_INTX	0x4	/* broken_intx_masking of struct pci_dev */

unsigned int quirks_of(__u16 vendor, __u16 device, __u8 revision);

#endif /* KQ_QUIRKS_H */

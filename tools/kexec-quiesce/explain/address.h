/* SPDX-License-Identifier: GPL-2.0-only */
/* How a function is called: dddd:bb:dd.f. */
#ifndef KQ_ADDRESS_H
#define KQ_ADDRESS_H

#include "base/compiler.h"

#define PCI_ADDRESS_LEN 20

const char *pci_address(__u32 domain, __u8 bus, __u8 devfn,
			char buf[PCI_ADDRESS_LEN]);

#endif /* KQ_ADDRESS_H */

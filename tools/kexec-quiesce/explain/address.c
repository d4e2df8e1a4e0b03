// SPDX-License-Identifier: GPL-2.0-only
/* How a function is called: dddd:bb:dd.f. */
#include <stdio.h>

#include "explain/address.h"

/**
 * pci_address() - dddd:bb:dd.f
 * @domain: PCI segment
 * @bus: bus number
 * @devfn: device and function
 * @buf: room for the address
 *
 * Return: @buf.
 */
const char *pci_address(__u32 domain, __u8 bus, __u8 devfn,
			char buf[PCI_ADDRESS_LEN])
{
	snprintf(buf, PCI_ADDRESS_LEN, "%04x:%02x:%02x.%u", domain, bus,
		 devfn >> 3, devfn & 7);
	return buf;
}

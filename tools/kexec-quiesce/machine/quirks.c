// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel has in drivers/pci/quirks.c, for machines that no kernel has
 * looked at: printed by scripts/make-quirks from Linux 7.2.
 */
#include "base/compiler.h"
#include "machine/quirks.h"

#define NO_BUS_RESET	QUIRK_NO_BUS_RESET
#define NO_FLR		QUIRK_NO_FLR
#define BROKEN_INTX	QUIRK_BROKEN_INTX
#define ANY_REVISION	-1

static const struct {
	__u16 vendor;
	__u16 mask;
	__u16 device;
	int revision;
	unsigned int flag;
} quirks[] = {
	{ 0x1425, 0xffff, 0x0030, ANY_REVISION, BROKEN_INTX },
	{ 0x1102, 0xffff, 0x000b, ANY_REVISION, BROKEN_INTX },
	{ 0x10ec, 0xffff, 0x8169, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1572, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1574, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1580, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1581, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1583, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1584, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1585, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1586, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1587, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1588, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x1589, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x158a, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x158b, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x37d0, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x37d1, ANY_REVISION, BROKEN_INTX },
	{ 0x8086, 0xffff, 0x37d2, ANY_REVISION, BROKEN_INTX },
	{ 0x10de, 0xffff, 0x22ce, ANY_REVISION, NO_BUS_RESET },
	{ 0x10de, 0xffff, 0x22d0, ANY_REVISION, NO_BUS_RESET },
	{ 0x10de, 0xffc0, 0x2340, ANY_REVISION, NO_BUS_RESET },
	{ 0x168c, 0xffff, 0x0030, ANY_REVISION, NO_BUS_RESET },
	{ 0x168c, 0xffff, 0x0032, ANY_REVISION, NO_BUS_RESET },
	{ 0x168c, 0xffff, 0x003c, ANY_REVISION, NO_BUS_RESET },
	{ 0x168c, 0xffff, 0x0033, ANY_REVISION, NO_BUS_RESET },
	{ 0x168c, 0xffff, 0x0034, ANY_REVISION, NO_BUS_RESET },
	{ 0x168c, 0xffff, 0x003e, ANY_REVISION, NO_BUS_RESET },
	{ 0x17cb, 0xffff, 0x1103, ANY_REVISION, NO_BUS_RESET },
	{ 0x17cb, 0xffff, 0x1107, ANY_REVISION, NO_BUS_RESET },
	{ 0x17cb, 0xffff, 0x0308, ANY_REVISION, NO_BUS_RESET },
	{ 0x177d, 0xffff, 0xa100, ANY_REVISION, NO_BUS_RESET },
	{ 0x104c, 0xffff, 0xb005, ANY_REVISION, NO_BUS_RESET },
	{ 0x1b21, 0xffff, 0x1164, ANY_REVISION, NO_BUS_RESET },
	{ 0x1022, 0xffff, 0x1487, ANY_REVISION, NO_FLR },
	{ 0x1022, 0xffff, 0x148c, ANY_REVISION, NO_FLR },
	{ 0x1022, 0xffff, 0x149c, ANY_REVISION, NO_FLR },
	{ 0x1022, 0xffff, 0x7901, ANY_REVISION, NO_FLR },
	{ 0x1022, 0xffff, 0x1502, ANY_REVISION, NO_FLR },
	{ 0x1022, 0xffff, 0x17f0, ANY_REVISION, NO_FLR },
	{ 0x8086, 0xffff, 0x1502, ANY_REVISION, NO_FLR },
	{ 0x8086, 0xffff, 0x1503, ANY_REVISION, NO_FLR },
	{ 0x14c3, 0xffff, 0x0616, ANY_REVISION, NO_FLR },
	{ 0x14c3, 0xffff, 0x7925, ANY_REVISION, NO_FLR },
	{ 0xd063, 0xffff, 0x1000, 0x01, NO_FLR },
};

/**
 * quirks_of() - what the kernel knows of a function
 * @vendor: Vendor ID
 * @device: Device ID
 * @revision: Revision ID
 *
 * Return: QUIRK_*.
 */
unsigned int quirks_of(__u16 vendor, __u16 device, __u8 revision)
{
	unsigned int flags = 0, i;

	for (i = 0; i < ARRAY_SIZE(quirks); i++)
		if (quirks[i].vendor == vendor &&
		    (device & quirks[i].mask) == quirks[i].device &&
		    (quirks[i].revision == ANY_REVISION ||
		     quirks[i].revision == revision))
			flags |= quirks[i].flag;
	return flags;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space of the endpoint: a header, a capability, PCI Express or Advanced
 * Features, and how the modes bend them.
 *
 * QEMU answers reads of the BARs and of capability pointers by itself, from what
 * it read here at the start.  Everything else reaches us.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "endpoint.h"

#define PCIE		0x40U	/* the capability */
#define PCIE_VERSION	2
#define AF		0x80U	/* the other one */
#define AF_BYTES	6

/* After a reset: Relaxed Ordering, No Snoop, 512 bytes per read (PCIe 7.5.3.4). */
#define DEVCTL_DEFAULT	(PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | \
			 PCI_EXP_DEVCTL_READRQ_512B)
#define COMMAND_BITS	(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | \
			 PCI_COMMAND_PARITY | PCI_COMMAND_SERR | \
			 PCI_COMMAND_INTX_DISABLE)

static const struct {
	__u16 offset;
	__u32 bits;
} writable[] = {
	{ PCI_COMMAND, COMMAND_BITS },
	{ PCI_CACHE_LINE_SIZE, 0xff },
	{ PCI_BASE_ADDRESS_0, ~(ENDPOINT_BAR_BYTES - 1) },
	{ PCI_INTERRUPT_LINE, 0xff },
	{ PCIE + PCI_EXP_DEVCTL, 0x7fff },
	{ PCIE + PCI_EXP_DEVCTL2, 0x001f },
};

static __u16 word_at(const struct endpoint *ep, unsigned int offset)
{
	return ep->config[offset] | ep->config[offset + 1] << 8;
}

static void put(struct endpoint *ep, unsigned int offset, unsigned int bytes,
		__u32 value)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		ep->config[offset + i] = value >> 8 * i;
}

static __u8 writable_bits(__u64 offset)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writable); i++) {
		if (offset >= writable[i].offset &&
		    offset < writable[i].offset + 4U)
			return writable[i].bits >>
			       8 * (offset - writable[i].offset);
	}
	return 0;
}

static void put_header(struct endpoint *ep)
{
	put(ep, PCI_VENDOR_ID, 2, ENDPOINT_VENDOR);
	put(ep, PCI_DEVICE_ID, 2, ENDPOINT_DEVICE);
	put(ep, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	put(ep, PCI_CLASS_REVISION, 4, ENDPOINT_CLASS << 8);
	put(ep, PCI_SUBSYSTEM_VENDOR_ID, 2, ENDPOINT_VENDOR);
	put(ep, PCI_SUBSYSTEM_ID, 2, ENDPOINT_DEVICE);
	put(ep, PCI_CAPABILITY_LIST, 1, ep->has_af ? AF : PCIE);
}

/* Advanced Capabilities for Conventional PCI ECN, 27 July 2006. */
static void put_af(struct endpoint *ep)
{
	put(ep, AF, 1, PCI_CAP_ID_AF);
	put(ep, AF + PCI_AF_LENGTH, 1, AF_BYTES);
	put(ep, AF + PCI_AF_CAP, 1, PCI_AF_CAP_TP | PCI_AF_CAP_FLR);
}

static void put_pcie(struct endpoint *ep)
{
	__u32 devcap = PCI_EXP_DEVCAP_RBER | 1;	/* payload: up to 256 bytes */

	if (ep->has_flr)
		devcap |= PCI_EXP_DEVCAP_FLR;
	put(ep, PCIE, 1, PCI_CAP_ID_EXP);
	put(ep, PCIE + PCI_EXP_FLAGS, 2,
	    PCI_EXP_TYPE_ENDPOINT << 4 | PCIE_VERSION);
	put(ep, PCIE + PCI_EXP_DEVCAP, 4, devcap);
	put(ep, PCIE + PCI_EXP_DEVCTL, 2, DEVCTL_DEFAULT);
	put(ep, PCIE + PCI_EXP_LNKCAP, 4,
	    PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4 /* lane */);
	put(ep, PCIE + PCI_EXP_LNKSTA, 2,
	    PCI_EXP_LNKSTA_CLS_2_5GB | PCI_EXP_LNKSTA_NLW_X1);
}

/**
 * config_power_on() - forget everything
 * @ep: endpoint, locked
 */
void config_power_on(struct endpoint *ep)
{
	memset(ep->config, 0, sizeof(ep->config));
	memset(ep->registers, 0, sizeof(ep->registers));
	put_header(ep);
	if (ep->has_af)
		put_af(ep);
	else
		put_pcie(ep);
	ep->wild = false;
	ep->dawdles = false;
}

/**
 * config_reset() - a hot reset of the link, or a Function Level Reset
 * @ep: endpoint, locked
 * @how: for the log
 */
void config_reset(struct endpoint *ep, const char *how)
{
	bool wild = ep->wild;

	log_event(ep, "%s", how);
	if (wild && ep->mode->unstoppable)
		return;
	config_power_on(ep);
	ep->gone = wild && ep->mode->stays_away;
	ep->silent_until = wild && ep->mode->late ? now_ms() + ep->ms : 0;
}

/**
 * config_masters() - whether the device writes memory
 * @ep: endpoint, locked
 *
 * Return: true if it may, or does anyway.
 */
bool config_masters(const struct endpoint *ep)
{
	return (ep->wild && ep->mode->deaf) ||
	       word_at(ep, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

static bool is_silent(const struct endpoint *ep)
{
	return ep->gone || now_ms() < ep->silent_until;
}

/**
 * config_delay() - how long the next read is to take
 * @ep: endpoint, locked
 *
 * Return: milliseconds.
 */
unsigned int config_delay(struct endpoint *ep)
{
	if (!ep->dawdles)
		return 0;
	/* Once: the capture kernel writes Command many times. */
	ep->dawdles = false;
	ep->wild = false;
	log_event(ep, "slow");
	return ep->ms;
}

/**
 * config_read() - read config space
 * @ep: endpoint, locked
 * @offset: where
 * @data: to there
 * @count: bytes, within config space
 */
void config_read(struct endpoint *ep, __u64 offset, __u8 *data, __u32 count)
{
	const unsigned int devsta = PCIE + PCI_EXP_DEVSTA;

	if (is_silent(ep)) {
		memset(data, 0xff, count);
		return;
	}
	memcpy(data, ep->config + offset, count);
	if (ep->wild && ep->mode->pending && !ep->has_af && offset <= devsta &&
	    offset + count > devsta)
		data[devsta - offset] |= PCI_EXP_DEVSTA_TRPND;
}

/* Bus mastering was switched off, or so it was meant. */
static void told_to_stop(struct endpoint *ep)
{
	if (!ep->wild)
		return;
	if (ep->mode->sticky)
		ep->config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	ep->gone |= ep->mode->vanishes;
	ep->dawdles |= ep->mode->slow;
}

static void log_write(struct endpoint *ep, const char *what, __u64 offset,
		      const __u8 *data, __u32 count)
{
	__u32 value = 0, i;

	for (i = 0; i < count && i < sizeof(value); i++)
		value |= (__u32)data[i] << 8 * i;
	log_event(ep, "%s %#05llx %u %#x", what, (unsigned long long)offset,
		  count, value);
}

/**
 * config_write() - write config space
 * @ep: endpoint, locked
 * @offset: where
 * @data: from there
 * @count: bytes, within config space
 */
void config_write(struct endpoint *ep, __u64 offset, const __u8 *data,
		  __u32 count)
{
	/* The byte that has Initiate FLR, and that bit. */
	const unsigned int flr = ep->has_af ? AF + PCI_AF_CTRL :
					      PCIE + PCI_EXP_DEVCTL + 1;
	const __u8 bit = ep->has_af ? PCI_AF_CTRL_FLR :
				      PCI_EXP_DEVCTL_BCR_FLR >> 8;
	__u32 i;

	if (is_silent(ep)) {
		log_write(ep, "lost", offset, data, count);
		return;
	}
	log_write(ep, "write", offset, data, count);
	for (i = 0; i < count; i++) {
		__u8 bits = writable_bits(offset + i);
		__u8 *at = &ep->config[offset + i];

		*at = (*at & ~bits) | (data[i] & bits);
	}
	if (offset <= PCI_COMMAND && offset + count > PCI_COMMAND &&
	    !(data[PCI_COMMAND - offset] & PCI_COMMAND_MASTER))
		told_to_stop(ep);

	/* Initiate FLR reads as 0 (PCIe 7.5.3.4); other devices lack the bit. */
	if ((ep->has_flr || ep->has_af) && offset <= flr &&
	    offset + count > flr && data[flr - offset] & bit)
		config_reset(ep, "flr");
}

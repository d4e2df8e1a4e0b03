/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bridge leads to which bus, from the bus numbers of bridges. */
#ifndef KQ_BUSES_H
#define KQ_BUSES_H

#include <stdbool.h>

#include "read/lspci.h"

/* Linux numbers the segments of VMDs from here on. */
#define BUSES_VMD_DOMAIN	0x10000U

enum bus_kind {
	BUS_EMPTY,
	BUS_ROOT,
	BUS_BELOW,	/* a bridge leads to it */
	BUS_LOST,	/* none does any more, and nothing on it responds */
};

bool buses_silent(const struct lspci_function *f);
__u8 buses_header(const struct lspci_function *f);
const struct lspci_function *buses_bridge(const struct lspci *machine,
					  __u32 domain, __u8 bus);
enum bus_kind buses_kind(const struct lspci *machine, __u32 domain, __u8 bus);
const struct lspci_function *buses_lost_bridge(const struct lspci *machine,
					       __u32 domain, __u8 bus);
const struct lspci_function *buses_vmd(const struct lspci *machine,
				       __u32 domain);

#endif /* KQ_BUSES_H */

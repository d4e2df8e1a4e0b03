/* SPDX-License-Identifier: GPL-2.0-only */
/* Config space of a whole machine, from the text that "lspci -xxxx" prints. */
#ifndef KQ_LSPCI_H
#define KQ_LSPCI_H

#include <stdbool.h>

#include <linux/types.h>

#include "base/fail.h"

#define LSPCI_SPACE	4096

/**
 * struct lspci_function - config space of one function
 * @domain: PCI segment
 * @bus: bus number
 * @devfn: device << 3 | function
 * @len: bytes that the text has: 64, 256, or more; the rest of @config is 0
 * @config: registers as they were read
 */
struct lspci_function {
	__u32 domain;
	__u8 bus;
	__u8 devfn;
	unsigned int len;
	__u8 config[LSPCI_SPACE];
};

/**
 * struct lspci - a machine
 * @functions: by address
 * @nr: that many
 */
struct lspci {
	struct lspci_function *functions;
	unsigned int nr;
};

bool lspci_read(struct lspci *machine, const char *path, struct complaint *why);
const char *lspci_name(const struct lspci_function *f);
void lspci_free(struct lspci *machine);

#endif /* KQ_LSPCI_H */

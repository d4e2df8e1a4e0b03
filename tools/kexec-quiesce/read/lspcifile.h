/* SPDX-License-Identifier: GPL-2.0-only */
/* Config space of a machine, in a file of one of several kinds. */
#ifndef KQ_LSPCIFILE_H
#define KQ_LSPCIFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "read/lspci.h"

bool lspcifile_read(struct lspci *machine, const unsigned char *buf,
		    size_t len, struct complaint *why);

#endif /* KQ_LSPCIFILE_H */

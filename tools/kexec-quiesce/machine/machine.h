/* SPDX-License-Identifier: GPL-2.0-only */
/* The snapshot that the kernel of another machine would take. */
#ifndef KQ_MACHINE_H
#define KQ_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

struct lspci;

bool machine_set_list(const char *name, const char *text,
		      struct complaint *why);
bool machine_snapshot(const struct lspci *dump, unsigned char **buf,
		      size_t *len, struct complaint *why);

#endif /* KQ_MACHINE_H */

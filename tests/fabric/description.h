/* SPDX-License-Identifier: GPL-2.0-only */
/* Machines as descriptions: what of their config space decides something. */
#ifndef FABRIC_DESCRIPTION_H
#define FABRIC_DESCRIPTION_H

#include <stdio.h>

#include "lspci.h"

bool description_read(struct lspci *machine, const char *path,
		      struct complaint *why);
void description_write(FILE *out, const struct lspci *machine,
		       const char *name);
bool machine_read(struct lspci *machine, const char *path,
		  struct complaint *why);

#endif /* FABRIC_DESCRIPTION_H */

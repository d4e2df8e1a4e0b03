/* SPDX-License-Identifier: GPL-2.0-only */
/* All that a record has about one function. */
#ifndef PCIQ_FUNCTION_H
#define PCIQ_FUNCTION_H

#include <stdio.h>

#include "read/record.h"

bool function_parse(const char *text, unsigned int *domain, unsigned int *bus,
		    unsigned int *devfn);
unsigned int function_find(const struct record *rec, unsigned int domain,
			   unsigned int bus, unsigned int devfn);
void function_show(FILE *out, const struct record *rec, unsigned int i);

#endif /* PCIQ_FUNCTION_H */

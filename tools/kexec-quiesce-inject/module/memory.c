// SPDX-License-Identifier: GPL-2.0-only
/* Faults: no memory. */
#include <linux/gfp.h>

#include "inject.h"

/* Every page, the reserves too; the kernel has seconds to live. */
static int exhaust(const struct inject_args *args)
{
	int order;

	for (order = 10; order >= 0; order--) {
		while (alloc_pages(GFP_ATOMIC | __GFP_MEMALLOC | __GFP_NOWARN, order))
			;
	}
	return 0;
}

static const struct inject_row rows[] = {
	{ "memory", NULL, "memory exhausted, reserves included", exhaust, .late = true },
};

INJECT_FAMILY(memory);

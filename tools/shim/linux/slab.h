/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include "kernel.h"

typedef unsigned int gfp_t;

#define GFP_KERNEL		0U
#define __GFP_ZERO		1U

void *kvcalloc(size_t nr, size_t size, gfp_t flags);
void kvfree(const void *address);

static inline void *kvzalloc(size_t size, gfp_t flags)
{
	return kvcalloc(1, size, flags);
}

#endif /* SHIM_LINUX_SLAB_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_VMALLOC_H
#define SHIM_LINUX_VMALLOC_H

#include "kernel.h"
#include "mm.h"

#define VM_MAP			0UL
#define PAGE_KERNEL_RO		0

/* As include/linux/log2.h and overflow.h, which the kernel's slab.h brings. */
#define array_size(nr, size)	((size_t)(nr) * (size))

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long power = 1;

	while (power < n)
		power <<= 1;
	return power;
}

void *vmap(struct page **pages, unsigned int nr, unsigned long flags, int prot);
void vunmap(const void *address);
void *vzalloc(size_t bytes);
void vfree(const void *address);

#endif /* SHIM_LINUX_VMALLOC_H */

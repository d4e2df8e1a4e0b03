/* SPDX-License-Identifier: GPL-2.0-only */
/* Declarations; whoever simulates a machine defines them. */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include "kernel.h"
#include "slab.h"

#define PAGE_SIZE		4096U
#define PAGE_ALIGN(x)		ALIGN(x, PAGE_SIZE)

struct page;

struct page *alloc_page(gfp_t flags);
void __free_page(struct page *page);
void *page_address(const struct page *page);
void *alloc_pages_exact(size_t bytes, gfp_t flags);
void free_pages_exact(void *address, size_t bytes);
phys_addr_t virt_to_phys(const void *address);

#endif /* SHIM_LINUX_MM_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the healthy kernel.
 *
 * Pages come from one file that is mapped twice: writable as a whole, the
 * kernel's direct map, and read-only where vmap() puts them.  So a write to a
 * published image is a crash here as well.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fabric.h"

/* Three images of 65,536 functions would fit. */
#define NR_PAGES	16384U
#define MAX_MAPS	16

struct page {
	bool used;
};

static struct page pages[NR_PAGES];
static u8 *direct;		/* all pages, writable */
static u8 *read_only;		/* all pages once more */
static int file = -1;
static u32 search_from;

static struct {
	u8 *at;
	u32 bytes;
	struct page **pages;
} maps[MAX_MAPS];

static u8 *hidden[64];
static u32 nr_hidden;
static u32 fail_at;		/* countdown to an allocation that fails */
static u32 in_use, kept;

/**
 * memory_fail_at() - let an allocation fail
 * @allocation: the n-th from now, 0 = none
 */
void memory_fail_at(u32 allocation)
{
	fail_at = allocation;
}

/**
 * memory_in_use() - how many allocations have not been freed
 *
 * Return: that many, of those since memory_keep().
 */
u32 memory_in_use(void)
{
	return in_use - kept;
}

/**
 * memory_keep() - what is allocated now is kept from machine to machine
 */
void memory_keep(void)
{
	kept = in_use;
}

static bool fails(void)
{
	return fail_at && !--fail_at;
}

static void *count(void *memory)
{
	in_use += !!memory;
	return memory;
}

static void uncount(const void *memory)
{
	in_use -= !!memory;
}

void *kvcalloc(size_t nr, size_t size, gfp_t flags)
{
	(void)flags;
	return fails() ? NULL : count(calloc(nr, size));
}

void kvfree(const void *address)
{
	uncount(address);
	free((void *)address);
}

void *vzalloc(size_t bytes)
{
	return fails() ? NULL : count(calloc(1, bytes));
}

void vfree(const void *address)
{
	kvfree(address);
}

void *alloc_pages_exact(size_t bytes, gfp_t flags)
{
	(void)flags;
	return fails() ? NULL : count(aligned_alloc(PAGE_SIZE, PAGE_ALIGN(bytes)));
}

void free_pages_exact(void *address, size_t bytes)
{
	(void)bytes;
	kvfree(address);
}

phys_addr_t virt_to_phys(const void *address)
{
	return (phys_addr_t)(uintptr_t)address & 0xffffffffffff;
}

static void map_all(void)
{
	file = memfd_create("fabric", 0);
	if (file < 0 || ftruncate(file, (off_t)NR_PAGES * PAGE_SIZE))
		abort();
	direct = mmap(NULL, (size_t)NR_PAGES * PAGE_SIZE,
		      PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	read_only = mmap(NULL, (size_t)NR_PAGES * PAGE_SIZE, PROT_READ,
			 MAP_SHARED, file, 0);
	if (direct == MAP_FAILED || read_only == MAP_FAILED)
		abort();
}

struct page *alloc_page(gfp_t flags)
{
	u32 i;

	(void)flags;
	if (fails())
		return NULL;
	if (file < 0)
		map_all();
	for (i = search_from; i < NR_PAGES; i++)
		if (!pages[i].used)
			break;
	if (i == NR_PAGES)
		abort();
	search_from = i + 1;
	pages[i].used = true;
	memset(direct + (size_t)i * PAGE_SIZE, 0xa5, PAGE_SIZE);
	return count(&pages[i]);
}

void __free_page(struct page *page)
{
	uncount(page);
	page->used = false;
	if (page - pages < search_from)
		search_from = page - pages;
}

void *page_address(const struct page *page)
{
	return direct + (size_t)(page - pages) * PAGE_SIZE;
}

#ifdef __SANITIZE_ADDRESS__
#define MAPPED_ALONE	true
#else
#define MAPPED_ALONE	false
#endif

/*
 * An image of its own, so that what is beyond it faults.  Unmapping it is a third
 * of the time of a case: where the sanitizers do not watch anyway, pages in a row
 * are shown where they are in the mapping of all.
 */
static u8 *map(struct page **from, u32 nr)
{
	u32 i, run;
	u8 *at;

	for (run = 1; run < nr && from[run] == from[0] + run; run++)
		;
	if (run == nr && !MAPPED_ALONE)
		return read_only + (size_t)(from[0] - pages) * PAGE_SIZE;
	at = mmap(NULL, (size_t)nr * PAGE_SIZE, PROT_NONE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < nr; i += run) {
		for (run = 1; i + run < nr && from[i + run] == from[i] + run;
		     run++)
			;
		if (mmap(at + (size_t)i * PAGE_SIZE, (size_t)run * PAGE_SIZE,
			 PROT_READ, MAP_SHARED | MAP_FIXED, file,
			 (off_t)(from[i] - pages) * PAGE_SIZE) == MAP_FAILED)
			abort();
	}
	return at;
}

static void unmap(u8 *at, u32 bytes)
{
	if (at < read_only || at >= read_only + (size_t)NR_PAGES * PAGE_SIZE)
		munmap(at, bytes);
}

void *vmap(struct page **from, unsigned int nr, unsigned long flags, int prot)
{
	unsigned int slot;
	u8 *at;

	(void)flags;
	(void)prot;
	if (fails())
		return NULL;
	for (slot = 0; slot < MAX_MAPS && maps[slot].at; slot++)
		;
	if (slot == MAX_MAPS)
		abort();
	at = map(from, nr);
	maps[slot].at = at;
	maps[slot].bytes = nr * PAGE_SIZE;
	maps[slot].pages = from;
	return count(at);
}

void vunmap(const void *address)
{
	unsigned int slot;

	if (!address)
		return;
	for (slot = 0; slot < MAX_MAPS; slot++) {
		if (maps[slot].at != address)
			continue;
		unmap(maps[slot].at, maps[slot].bytes);
		maps[slot].at = NULL;
		uncount(address);
		return;
	}
	abort();
}

/**
 * memory_writable() - the other mapping of what vmap() mapped read-only
 * @mapped: an address there
 *
 * For corrupting it.
 *
 * Return: the address in the direct map, NULL if it is not mapped.
 */
void *memory_writable(const void *mapped)
{
	const u8 *at = mapped;
	unsigned int slot;

	for (slot = 0; slot < MAX_MAPS; slot++) {
		size_t offset = at - maps[slot].at;

		if (maps[slot].at && at >= maps[slot].at &&
		    offset < maps[slot].bytes)
			return (u8 *)page_address(maps[slot].pages[offset / PAGE_SIZE]) +
			       offset % PAGE_SIZE;
	}
	return NULL;
}

/**
 * memory_hide() - a page is no longer mapped in the crashed kernel
 * @address: an address in it; NULL: all of them are again
 *
 * Whoever reads it without asking first is killed.
 */
void memory_hide(const void *address)
{
	u8 *page = (u8 *)((uintptr_t)address & ~(uintptr_t)(PAGE_SIZE - 1));

	if (!address) {
		while (nr_hidden)
			mprotect(hidden[--nr_hidden], PAGE_SIZE, PROT_READ);
	} else if (nr_hidden < ARRAY_SIZE(hidden)) {
		mprotect(page, PAGE_SIZE, PROT_NONE);
		hidden[nr_hidden++] = page;
	}
}

/**
 * memory_readable() - whether a load would not fault
 * @address: of one byte
 *
 * Return: true if it would not.
 */
bool memory_readable(const void *address)
{
	u32 i;

	for (i = 0; i < nr_hidden; i++)
		if ((const u8 *)address >= hidden[i] &&
		    (const u8 *)address < hidden[i] + PAGE_SIZE)
			return false;
	return memory_writable(address);
}

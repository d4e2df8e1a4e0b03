// SPDX-License-Identifier: GPL-2.0-only
/* Faults: the config windows that the routine goes through. */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pci.h>

#include <asm/pgtable.h>

#include "inject.h"

static const struct pciq_window *next_ecam(unsigned int *at)
{
	const struct pciq_ctl *ctl = inject_find_ours("pciq_ctl");
	const struct pciq_snapshot *snapshot;
	const struct pciq_window *window;

	snapshot = ctl ? ctl->slot[ctl->newest] : NULL;
	while (snapshot && *at < snapshot->windows.nr) {
		window = pciq_table(snapshot, &snapshot->windows);
		window += (*at)++;
		if (window->type == PCIQ_ECAM)
			return window;
	}
	return NULL;
}

static int unmap(const struct inject_args *args)
{
	const struct pciq_window *window;
	unsigned int at = 0;
	int ret = -ENOENT;

	while ((window = next_ecam(&at))) {
		iounmap((void __iomem *)(unsigned long)window->virt);
		ret = 0;
	}
	return ret;
}

/* One page table entry, small or large. Returns what it maps, 0 if nothing. */
static unsigned long point_at(unsigned long virt, struct page *memory)
{
	pte_t *(*lookup)(unsigned long address, unsigned int *level) =
		inject_find("lookup_address");
	pteval_t value = (pteval_t)page_to_phys(memory) | pgprot_val(PAGE_KERNEL);
	unsigned int level;
	pte_t *entry = lookup ? lookup(virt, &level) : NULL;

	if (!entry || level > PG_LEVEL_2M)
		return 0;
	if (level == PG_LEVEL_2M)
		value |= _PAGE_PSE;
	set_pte(entry, __pte(value));
	return page_level_size(level);
}

/* These buses of a window, and what shares a page table entry with them. */
static int point_buses_at(const struct pciq_window *window, u8 first,
			  u8 last, struct page *memory)
{
	unsigned long virt = window->virt +
			     ((unsigned long)(first - window->bus_start) << 20);
	unsigned long end = virt + ((last - first + 1UL) << 20), size;

	for (; virt < end; virt += size) {
		size = point_at(virt, memory);
		if (!size)
			return -EFAULT;
	}
	return 0;
}

static bool is_way_to(const struct pciq_window *window,
		      struct pci_bus *bus)
{
	return window->domain == pci_domain_nr(bus) &&
	       window->bus_start <= bus->number &&
	       window->bus_end >= bus->number;
}

/*
 * A stray write to a page table: what was a window onto devices is plain memory
 * now.  It reads as zeros, and every write sticks.
 */
static int remap(const struct inject_args *args)
{
	struct page *memory = alloc_pages(GFP_KERNEL | __GFP_ZERO,
					  PMD_SHIFT - PAGE_SHIFT);
	const struct pciq_window *window;
	struct pci_dev *dev = NULL;
	void (*flush)(void);
	unsigned int at = 0;
	int ret = -ENOENT;

	flush = inject_find("flush_tlb_all");
	if (!memory || !flush)
		return -ENOMEM;
	if (inject_arg(args, "device")) {
		dev = inject_device_at(args);
		if (!dev)
			return -ENODEV;
	}
	while ((window = next_ecam(&at))) {
		if (dev && !is_way_to(window, dev->bus))
			continue;
		ret = point_buses_at(window,
				     dev ? dev->bus->number : window->bus_start,
				     dev ? dev->bus->number : window->bus_end,
				     memory);
		if (ret)
			break;
	}
	pci_dev_put(dev);
	flush();
	return ret;
}

static const struct inject_row rows[] = {
	{ "unmap", NULL, "config windows unmapped: every access faults", unmap },
	{ "remap", "device=ADDRESS", "config windows show plain memory, all zeros", remap },
};

INJECT_FAMILY(windows);

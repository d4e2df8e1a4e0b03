// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which image of the machine to believe, and which of its windows.
 *
 * Whatever killed the kernel may have written over its memory.  An image counts
 * only if every page of it can be read, its numbers agree with each other, and
 * its sum is right.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pci_regs.h>
#include <linux/xxhash.h>

#include "kexec_pci_internal.h"

/* No image is as large: 16,384 functions and 256 windows. */
#define MAX_HOT_BYTES		(2U << 20)

/* What reads 0001h as Vendor ID reads as all ones otherwise (PCIe 2.3.2). */
#define RRS_ID			0xffff0001

static __quiesce bool readable(const struct pciq_run *run,
			       const void *address, u32 bytes)
{
	u32 offset;

	for (offset = 0; offset < bytes; offset += PAGE_SIZE) {
		if (pciq_late(run, run->work_until) ||
		    !pciq_arch_probe(address + offset))
			return false;
	}
	return pciq_arch_probe(address + bytes - 1);
}

static __quiesce bool magic_ok(const u8 *magic)
{
	static const u8 wanted[8] __aligned(8) = PCIQ_IMAGE_MAGIC;

	return *(const u64 *)magic == *(const u64 *)wanted;
}

static __quiesce bool header_ok(const struct pciq_image *image)
{
	return magic_ok(image->magic) &&
	       image->version == PCIQ_VERSION &&
	       image->header_size == sizeof(*image) &&
	       image->func_size == sizeof(struct pciq_func) &&
	       image->nr_windows <= PCIQ_MAX_WINDOWS &&
	       image->nr_funcs <= PCIQ_MAX_FUNCS &&
	       image->hot_bytes <= MAX_HOT_BYTES &&
	       image->hot_bytes > sizeof(*image) &&
	       image->windows_offset == sizeof(*image) &&
	       image->funcs_offset ==
		       pciq_funcs_offset(image->nr_windows) &&
	       image->hot_bytes == image->funcs_offset +
		       image->nr_funcs * sizeof(struct pciq_func);
}

/* Record and work area: as large as the functions, or the walk, need. */
static __quiesce bool record_ok(const struct pciq_image *image)
{
	u32 nr = image->nr_funcs > image->scratch_funcs ? image->nr_funcs :
							  image->scratch_funcs;

	return nr <= PCIQ_MAX_SCRATCH && image->record_virt &&
	       image->record_bytes ==
		       sizeof(struct pciq_record) +
			       nr * sizeof(struct pciq_entry);
}

static __quiesce bool image_ok(const struct pciq_run *run,
			       const struct pciq_image *image)
{
	u32 summed = offsetofend(struct pciq_image, hot_sum);

	if (!image || !readable(run, image, sizeof(*image)) ||
	    !header_ok(image) || !record_ok(image) ||
	    !readable(run, image, image->hot_bytes))
		return false;
	return image->hot_sum == xxh64((const u8 *)image + summed,
				       image->hot_bytes - summed, 0);
}

/**
 * pciq_pick_image() - the newest image that can be believed
 * @run: the run, for its deadline
 * @source: which one it is
 *
 * Context: crash path.
 * Return: an image, the seed if no other is whole, NULL if not even that is.
 */
__quiesce const struct pciq_image *
pciq_pick_image(const struct pciq_run *run,
		enum pciq_source *source)
{
	const struct pciq_ctl *ctl = &pciq_ctl;
	unsigned int newest = READ_ONCE(ctl->newest) & 1;
	const struct pciq_image *image;

	*source = PCIQ_FROM_NEWEST;
	image = READ_ONCE(ctl->slot[newest]);
	if (image_ok(run, image))
		return image;

	*source = PCIQ_FROM_OTHER;
	image = READ_ONCE(ctl->slot[!newest]);
	if (image_ok(run, image))
		return image;

	*source = PCIQ_FROM_RAW;
	image = READ_ONCE(ctl->slot[PCIQ_SLOT_SEED]);
	return image_ok(run, image) ? image : NULL;
}

/**
 * pciq_saved_headers() - what a reset would lose, if it can be believed
 * @run: the run, with its image
 *
 * Apart from the rest of the image, so that a run without resets does not read
 * it. Without it nothing is reset: what could not be restored would be lost.
 *
 * Context: crash path.
 * Return: one saved header per function, or NULL.
 */
__quiesce const struct pciq_saved *
pciq_saved_headers(const struct pciq_run *run)
{
	const struct pciq_image *image = run->image;
	const void *cold = (const void *)image + image->hot_bytes;
	u32 bytes = image->nr_funcs * sizeof(struct pciq_saved);

	if (image->nr_funcs != run->nr_funcs || !bytes ||
	    image->saved_size != sizeof(struct pciq_saved) ||
	    image->saved_offset != image->hot_bytes ||
	    image->total_bytes != image->hot_bytes + bytes ||
	    !readable(run, cold, bytes) ||
	    image->cold_sum != xxh64(cold, bytes, 0))
		return NULL;
	return cold;
}

/*
 * A VF has no ID of its own (SR-IOV 9.3.4.1.1) and reads as what is not there; a
 * function may not be ready yet.
 */
static __quiesce bool is_silent(u32 id)
{
	return id == ~0U || id == RRS_ID;
}

/*
 * Whether a function shows the ID that it had; else @id is what it shows.  One
 * wrong answer is not held against a window, nor one that is missing against a
 * port, which would hide what is below it.
 */
static __quiesce bool vouches(struct pciq_run *run,
			      const struct pciq_func *func, u32 *id)
{
	unsigned int tries;

	*id = ~0U;
	for (tries = 0; tries < 2; tries++) {
		*id = pciq_read(run, func, PCI_VENDOR_ID, 4);
		if (*id == (func->vendor | (u32)func->device << 16))
			return true;
		if (is_silent(*id) && !(func->flags & PCIQ_F_BRIDGE))
			return false;
	}
	return false;
}

/*
 * Linux puts a port into a low-power state when all that is below it sleeps, and
 * what has no power must not be read: a request to it may hang (6e0eda3c3898).
 * All ones are no power state; what is not D0 is read twice, as a wrong answer
 * would leave all that is below alone.
 */
static __quiesce void look_for_sleep(struct pciq_run *run, u32 i)
{
	const struct pciq_func *port = &run->funcs[i];
	u16 control = ALL_ONES_16;
	unsigned int tries;

	for (tries = 0; tries < 2 && port->pm_cap; tries++) {
		control = pciq_read(run, port,
				    port->pm_cap + PCI_PM_CTRL, 2);
		if (!(control & PCI_PM_CTRL_STATE_MASK))
			return;
	}
	if (control != ALL_ONES_16)
		run->work[i].state |= STATE_SLEEPS_BELOW;
}

/* Of the port above, or of the PF of a VF. */
static __quiesce u16 inherited(const struct pciq_run *run, u32 i)
{
	u32 parent = parent_of(run, i);
	u16 above;

	if (parent == PCIQ_NONE)
		return 0;
	above = run->work[parent].state;
	return above & (STATE_ASLEEP | STATE_SLEEPS_BELOW) ? STATE_ASLEEP :
							     above & STATE_SLOW;
}

#define NOT_READ	(PCIQ_F_EXCLUDE_USER |		\
			 PCIQ_F_EXCLUDE_CLASS | \
			 PCIQ_F_UNREAD)

/**
 * pciq_look_at_ports() - find what cannot be reached, or must not be
 * @run: the run, with functions and windows
 *
 * Parents first. A port that is what it was says whether what is below it has
 * power; what is below a port that does not respond is not asked before all
 * others.
 *
 * A stray write to a page table may turn a window into plain memory, which takes
 * every write and reads back quiet. So one function of each window has to show the
 * ID that it had at capture. A window where all are silent is not doubted: its
 * functions will be told absent.
 *
 * Context: crash path.
 */
__quiesce void pciq_look_at_ports(struct pciq_run *run)
{
	u32 known[ARRAY_SIZE(run->doubted)], strange[ARRAY_SIZE(run->doubted)];
	u32 i, id, word, bit;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		WRITE_ONCE(known[i], 0);
		WRITE_ONCE(strange[i], 0);
	}
	for (i = run->nr_funcs; i-- > 0;) {
		const struct pciq_func *func = &run->funcs[i];
		bool bridge = func->flags & PCIQ_F_BRIDGE;
		u16 *state = &run->work[i].state;

		*state |= inherited(run, i);
		word = func->window / 32;
		bit = 1U << func->window % 32;
		if (func->window >= run->nr_windows || *state ||
		    func->flags & NOT_READ || (known[word] & bit && !bridge))
			continue;
		if (pciq_late(run, run->work_until))
			break;
		if (vouches(run, func, &id)) {
			known[word] |= bit;
			look_for_sleep(run, i);
		} else if (!is_silent(id)) {
			strange[word] |= bit;
			tell(entry_of(run, i), PCIQ_UNTOUCHED,
			     PCIQ_BY_WINDOW);
		} else if (bridge) {
			*state |= STATE_SLOW;
			tell_silent(func, entry_of(run, i));
		}
	}
	for (i = 0; i < ARRAY_SIZE(known); i++)
		run->doubted[i] = strange[i] & ~known[i];
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the accessor of the build for tests looks at, see accessor.c.  The crash path
 * must not call into another module, so pciq_inject.ko fills this in.
 */
#ifndef PCIQ_ACCESSOR_H
#define PCIQ_ACCESSOR_H

#include <linux/types.h>

struct pciq_window;

/**
 * struct pciq_inject - how a function misbehaves
 * @on: it does
 * @every: every function, not just the one named
 * @sticky: Bus Master Enable cannot be cleared
 * @gone: reads give all ones, writes are lost
 * @faults: accesses fault
 * @bus: of the function
 * @devfn: likewise
 * @domain: likewise
 * @after: accesses that are still as they should be
 * @ms: what an access takes
 * @times: how many take it
 */
struct pciq_inject {
	bool on;
	bool every;
	bool sticky;
	bool gone;
	bool faults;
	u8 bus;
	u8 devfn;
	u32 domain;
	u32 after;
	u32 ms;
	u32 times;
};

extern struct pciq_inject pciq_inject;

/* In crash_pci.c, under the names that accessor.mk gives them. */
bool pciq_real_read(const struct pciq_window *window, u8 bus,
		    u8 devfn, u16 reg, unsigned int size, u32 *value);
bool pciq_real_write(const struct pciq_window *window, u8 bus,
		     u8 devfn, u16 reg, unsigned int size, u32 value);

#endif /* PCIQ_ACCESSOR_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine that answers whatever a fuzzer wants: not one that exists.
 *
 * The model of fabric.h keeps the rules of PCI and holds the engine to its
 * promises.  This one keeps none, so that a forged image gets everywhere; it
 * only watches that the engine ends, and stays where it was sent.
 */
#ifndef FABRIC_FUZZ_MACHINE_H
#define FABRIC_FUZZ_MACHINE_H

#include <setjmp.h>

#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>

/**
 * struct fuzz_plan - the first bytes of an input: all but the image
 * @fix: FIX_*: what to put right, as most inputs would else be refused at once
 * @slots: 1 << enum pciq_slot, for each that has the image
 * @forged: likewise, for each whose sums are made right
 * @policy: as in struct pciq_ctl
 * @newest: likewise
 * @spoil: what is in the run before it
 * @hidden: page of the image that is no longer mapped, 0 = none
 * @access: tens of microseconds that an access takes, less one
 * @deadline_ms: as in struct pciq_ctl
 * @tsc_khz: likewise
 * @matches: likewise, tokens of exclude=
 * @seed: of noise, and of what is there that the image does not know
 * @deep: what registers from 0x40 on read, until they are written
 * @density: in 256 of what the image does not know so many are there
 * @back_at: event at which the clock jumps backwards, 0 = none
 * @oops: events at which the routine is left where it is, 0 = none
 * @kind: enum kind, for each eighth of the functions
 */
struct fuzz_plan {
	u8 fix;
	u8 slots;
	u8 forged;
	u8 policy;
	u8 newest;
	u8 spoil;
	u8 hidden;
	u8 access;
	u32 deadline_ms;
	u32 tsc_khz;
	u32 matches;
	u32 seed;
	u16 deep;
	u16 density;
	u16 back_at;
	u16 oops[2];
	u8 kind[8];
	u16 unused;
};

#define FIX_IDENTITY	0x01	/* magic, version, sizes of structures */
#define FIX_LAYOUT	0x02	/* numbers and offsets agree, and fit */
#define FIX_SCRATCH	0x04	/* room for the walk is no more than some pages */

/* One published image, in memory of exactly its length. */
struct fuzz_image {
	u8 *at;
	u32 bytes;
	u32 hidden;	/* offset of a page, 0 = none */
};

void machine_begin(const struct fuzz_plan *plan,
		   const struct fuzz_image images[PCIQ_NR_SLOTS],
		   const struct pciq_run *run);
bool machine_enter(void (*stage)(struct pciq_run *run),
		   struct pciq_run *run);
void machine_end(void);

/* What is a finding says so, and stops. */
__noreturn __printf(1, 2)
void finding(const char *format, ...);

#endif /* FABRIC_FUZZ_MACHINE_H */

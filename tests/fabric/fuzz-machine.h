/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine that responds with whatever a fuzzer wants: not one that exists.
 *
 * The model of fabric.h keeps the rules of PCI and holds the engine to its
 * promises.  This one keeps none, so that a forged snapshot gets
 * everywhere; it only watches that the engine ends, and stays where it was sent.
 */
#ifndef FABRIC_FUZZ_MACHINE_H
#define FABRIC_FUZZ_MACHINE_H

#include <setjmp.h>

#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>

/**
 * struct fuzz_plan - the first bytes of an input: all but the snapshot
 * @slots: 1 << enum pciq_slot, for each that has the snapshot
 * @forged: likewise, for each whose sums are made right, and what is behind them
 * @policy: as in struct pciq_ctl
 * @newest: likewise
 * @spoil: what is in the run, and in its work, before it
 * @hidden: page of the snapshot that is no longer mapped, 0 = none
 * @access: tens of microseconds that an access takes, less one
 * @unused: not used
 * @deadline_ms: as in struct pciq_memory, put in range
 * @tsc_khz: likewise
 * @matches: as in struct pciq_ctl, tokens of exclude=
 * @seed: of noise, and of what is there that the snapshot does not know
 * @deep: what registers from 0x40 on read, until they are written
 * @density: in 256 of what the snapshot does not know so many are there
 * @back_at: event at which the clock jumps backwards, 0 = none
 * @oops: events at which the routine is left where it is, 0 = none
 * @kind: enum kind, for each eighth of the functions
 * @room: for so many functions a scan has room, or more
 */
struct fuzz_plan {
	u8 slots;
	u8 forged;
	u8 policy;
	u8 newest;
	u8 spoil;
	u8 hidden;
	u8 access;
	u8 unused;
	u32 deadline_ms;
	u32 tsc_khz;
	u32 matches;
	u32 seed;
	u16 deep;
	u16 density;
	u16 back_at;
	u16 oops[2];
	u8 kind[8];
	u16 room;
};

/* One published snapshot, in memory of exactly its length. */
struct fuzz_snapshot {
	u8 *at;
	u32 bytes;
	u32 hidden;	/* offset of a page, 0 = none */
};

u32 machine_deadline_ms(const struct fuzz_plan *plan);
u32 machine_khz(const struct fuzz_plan *plan);
void machine_begin(const struct fuzz_plan *plan,
		   const struct fuzz_snapshot snapshots[PCIQ_NR_SLOTS],
		   const struct pciq_run *run);
bool machine_enter(void (*stage)(struct pciq_run *run),
		   struct pciq_run *run);
void machine_end(void);

/* What is a finding says so, and stops. */
__noreturn __printf(1, 2)
void finding(const char *format, ...);

#endif /* FABRIC_FUZZ_MACHINE_H */

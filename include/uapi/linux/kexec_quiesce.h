/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * PCI quiesce before a crash kexec: the record in a vmcore.
 *
 * The VMCOREINFO line "KEXEC_PCI_QUIESCE(record)=<phys addr>,<bytes>" leads to
 * struct pciq_record, followed by one struct pciq_entry for each function.  All
 * is little-endian and of fixed width.  A reader checks magic, version and
 * checksum, then steps by header_size and entry_size.
 */
#ifndef _UAPI_LINUX_KEXEC_QUIESCE_H
#define _UAPI_LINUX_KEXEC_QUIESCE_H

#include <linux/types.h>

#define PCIQ_RECORD_MAGIC	"KPCIQREC"
#define PCIQ_RECORD_VERSION	2

/* VMCOREINFO keys. */
#define PCIQ_NOTE_RECORD	"KEXEC_PCI_QUIESCE(record)="
#define PCIQ_NOTE_VERDICT	"KEXEC_PCI_QUIESCE(verdict)="

/* Parameter "policy=": "off", "busmaster", "escalate", "reset". */
enum pciq_policy {
	PCIQ_OFF,
	PCIQ_BUSMASTER,		/* Bus Master Enable and INTx off */
	PCIQ_ESCALATE,		/* and reset or contain what refuses */
	PCIQ_RESET,		/* and reset all that may be */
	PCIQ_NR_POLICIES
};

/* "none", "clean", "contained", "partial", "skipped", "aborted". */
enum pciq_verdict {
	PCIQ_NO_VERDICT,	/* the routine did not run */
	PCIQ_CLEAN,		/* all in scope read back quiet */
	PCIQ_CONTAINED,		/* the rest is below a port with BME off */
	PCIQ_PARTIAL,		/* something may master or interrupt */
	PCIQ_SKIPPED,		/* no valid snapshot, or no function responded */
	PCIQ_ABORTED,		/* a fault or panic inside the routine */
	PCIQ_NR_VERDICTS
};

/*
 * Of a function: "untouched", "quiet", "already-quiet", "reset", "contained",
 * "refused", "absent", "excluded".
 */
enum pciq_outcome {
	PCIQ_UNTOUCHED,
	PCIQ_QUIET,		/* written, and read back quiet */
	PCIQ_ALREADY_QUIET,	/* found so, nothing written */
	PCIQ_WAS_RESET,		/* quiet until its driver initializes it */
	PCIQ_WAS_CONTAINED,	/* BME of an upstream bridge is off */
	PCIQ_REFUSED,		/* may still master or interrupt */
	PCIQ_ABSENT,		/* no response, or no power */
	PCIQ_EXCLUDED,
	PCIQ_NR_OUTCOMES
};

/*
 * Why: "", "deadline", "bridge", "class", "user", "no-window", "identity",
 * "bme-stuck", "no-response", "not-ready", "shared-link", "asleep",
 * "firmware-bme", "peer", "intx-stuck", "cxl-cache".
 */
enum pciq_reason {
	PCIQ_BY_PLAN,
	PCIQ_BY_DEADLINE,	/* the deadline expired before its turn */
	PCIQ_BY_BRIDGE,		/* forwards only: BME left on */
	PCIQ_BY_CLASS,		/* no driver has made it a bus master */
	PCIQ_BY_USER,		/* exclude= */
	PCIQ_BY_WINDOW,		/* no config window reaches it */
	PCIQ_BY_IDENTITY,	/* another function, or memory, responds */
	PCIQ_BY_BME,		/* BME reads back 1 */
	PCIQ_BY_NO_RESPONSE,	/* all ones, and it had responded before */
	PCIQ_BY_NOT_READY,	/* no response after its reset */
	PCIQ_BY_LINK,		/* a neighbor had their link reset */
	PCIQ_BY_POWER,		/* not read: no power, or that is not known */
	PCIQ_BY_FIRMWARE,	/* its driver never sets BME */
	PCIQ_BY_PEER,		/* another machine masters through it */
	PCIQ_BY_INTX,		/* INTx is not off */
	PCIQ_BY_CACHE,		/* CXL.cache, which BME does not govern */
	PCIQ_NR_REASONS
};

/* Whether quiet lasts: "", "held", "lasts". */
enum pciq_duration {
	PCIQ_NOT_QUIET,
	PCIQ_HELD,		/* by BME alone, until a driver sets it */
	PCIQ_LASTS,		/* until a driver initializes the function */
	PCIQ_NR_DURATIONS
};

/*
 * Why a function that refused, or its link, was not reset: "", "display",
 * "cxl", "no-bus-reset", "noreset", "excluded", "vmd", "unsaved", "no-port",
 * "no-flr", "empty", "no-time", "no-effect",
 * "slow-storage", "firmware-dpc", "held-in-reset", "changed".
 */
enum pciq_no_reset {
	PCIQ_MAY_RESET,
	PCIQ_NOT_DISPLAY,	/* the console may be on it */
	PCIQ_NOT_CXL,		/* memory that is to be dumped */
	PCIQ_NOT_QUIRK,		/* PCI_DEV_FLAGS_NO_BUS_RESET */
	PCIQ_NOT_USER,		/* noreset= */
	PCIQ_NOT_EXCLUDED,
	PCIQ_NOT_VMD,		/* a host bridge is behind it */
	PCIQ_NOT_SAVED,		/* its registers could not be saved */
	PCIQ_NOT_BELOW,		/* no port above, and no FLR */
	PCIQ_NOT_FLR,		/* no port above, and FLR is broken */
	PCIQ_NOT_EMPTY,		/* nothing is below the port */
	PCIQ_NOT_TIME,		/* at the crash: too late */
	PCIQ_NOT_TAKEN,		/* at the crash: the write had no effect */
	PCIQ_NOT_STORAGE,	/* its firmware boots for tens of seconds */
	PCIQ_NOT_FIRMWARE,	/* DPC would trigger, and firmware owns it */
	PCIQ_NOT_HELD,		/* found in Secondary Bus Reset */
	PCIQ_NOT_CURRENT,	/* at the crash: registers differ from the saved */
	PCIQ_NR_NO_RESETS
};

/*
 * "validate", "disable", "ports", "reset", "ready", "contain", "undo", "done".
 * pciq_record.tsc[] is when a step began, 0 if it did not.
 */
enum pciq_step {
	PCIQ_STEP_VALIDATE,	/* choose a snapshot; look at the ports */
	PCIQ_STEP_DISABLE,	/* BME and INTx of functions */
	PCIQ_STEP_PORTS,	/* interrupts of ports */
	PCIQ_STEP_RESET,	/* error reporting off, drain, assert, release */
	PCIQ_STEP_READY,	/* wait for what was reset, and restore it */
	PCIQ_STEP_CONTAIN,
	PCIQ_STEP_UNDO,		/* error reporting back on */
	PCIQ_STEP_DONE,
	PCIQ_NR_STEPS
};

/* Where the functions came from: "none", "newest", "other", "scan". */
enum pciq_source {
	PCIQ_FROM_NONE,
	PCIQ_FROM_NEWEST,
	PCIQ_FROM_OTHER,	/* the newest snapshot is not valid */
	PCIQ_FROM_SCAN,		/* nor the other: config space was scanned */
	PCIQ_NR_SOURCES
};

/* pciq_entry.done */
#define PCIQ_DID_READ		(1U << 0)	/* responded */
#define PCIQ_DID_DISABLE	(1U << 1)	/* BME off written */
#define PCIQ_DID_MASK		(1U << 2)	/* errors off, before a reset or a close */
#define PCIQ_DID_UNMASK		(1U << 3)	/* and as they were */
#define PCIQ_DID_DRAIN		(1U << 4)	/* Transactions Pending was set */
#define PCIQ_DID_RESET		(1U << 5)	/* by its link, by FLR, or with its PF */
#define PCIQ_DID_FLR		(1U << 6)
#define PCIQ_DID_RESTORE	(1U << 7)	/* ready, registers restored */
#define PCIQ_DID_ASSERT		(1U << 8)	/* a port: Secondary Bus Reset written */
#define PCIQ_DID_CONTAIN	(1U << 9)	/* a port: BME off */

/* pciq_entry.flags */
#define PCIQ_F_BRIDGE		(1U << 0)	/* type 1 header, class 0604h */
#define PCIQ_F_VF		(1U << 1)
#define PCIQ_F_PF		(1U << 2)	/* VFs enabled */
#define PCIQ_F_VMD		(1U << 3)	/* a host bridge is behind it */
#define PCIQ_F_ROOT_BUS		(1U << 4)
#define PCIQ_F_SCAN		(1U << 5)	/* found by scanning config space */
#define PCIQ_F_EXCLUDE_CLASS	(1U << 6)
#define PCIQ_F_EXCLUDE_USER	(1U << 7)
#define PCIQ_F_NORESET_USER	(1U << 8)
#define PCIQ_F_RESET_USER	(1U << 9)
#define PCIQ_F_NO_BUS_RESET	(1U << 10)
#define PCIQ_F_NO_FLR		(1U << 11)
#define PCIQ_F_HAS_FLR		(1U << 12)
#define PCIQ_F_DISPLAY		(1U << 13)
#define PCIQ_F_CXL		(1U << 14)
#define PCIQ_F_CXL_CACHE	(1U << 15)
#define PCIQ_F_INTX		(1U << 16)	/* has an interrupt pin */
#define PCIQ_F_INTX_USED	(1U << 17)	/* a driver, and no MSI */
#define PCIQ_F_INTX_BROKEN	(1U << 18)	/* INTx Disable has no effect */
#define PCIQ_F_OFFLINE		(1U << 19)	/* no power or response when saved */
#define PCIQ_F_UNREAD		(1U << 20)	/* in D3cold by itself: never read */
#define PCIQ_F_UNSAVED		(1U << 21)	/* was being reset */
#define PCIQ_F_FIRMWARE_BME	(1U << 22)	/* storage; its driver never sets BME */
#define PCIQ_F_PEER		(1U << 23)	/* NTB: another machine masters */
#define PCIQ_F_HELD		(1U << 24)	/* port: in Secondary Bus Reset */
#define PCIQ_F_SLOW_STORAGE	(1U << 25)	/* its firmware boots for long */

/**
 * struct pciq_entry - what was done to one function
 * @domain: PCI segment; domain numbers of VMD exceed 16 bits
 * @bus: bus number
 * @devfn: device << 3 | function, or the ARI function number
 * @outcome: enum pciq_outcome
 * @reason: enum pciq_reason
 * @vendor: Vendor ID; of a VF, as its PF makes it known
 * @device: Device ID, likewise
 * @class_revision: the register of that name
 * @command_before: Command as first read, 0xffff = never read
 * @command_after: Command as last read back, 0xffff likewise
 * @done: PCIQ_DID_*
 * @no_reset: enum pciq_no_reset, if a reset was called for and not made
 * @duration: enum pciq_duration
 * @flags: PCIQ_F_*
 * @ticks: TSC ticks spent on this function in step "disable", at most ~0
 * @ready_us: microseconds from the end of its reset until it was ready, at
 *	least 1; 0 if it was not reset or not ready
 * @port: 1 + the number of the entry of the port above, 0 = none
 * @driver: name of its driver, cut off, NUL-padded; empty = none
 */
struct pciq_entry {
	__u32 domain;
	__u8 bus;
	__u8 devfn;
	__u8 outcome;
	__u8 reason;
	__u16 vendor;
	__u16 device;
	__u32 class_revision;
	__u16 command_before;
	__u16 command_after;
	__u16 done;
	__u8 no_reset;
	__u8 duration;
	__u32 flags;
	__u32 ticks;
	__u32 ready_us;
	__u32 port;
	__u8 driver[12];
};

/**
 * struct pciq_record - what was done
 * @magic: PCIQ_RECORD_MAGIC, not terminated
 * @version: PCIQ_RECORD_VERSION
 * @header_size: offset of the first entry, in bytes
 * @entry_size: distance of two entries, in bytes
 * @reserved: 0
 * @checksum: xxh64, seed 0, of what follows up to @total_bytes; wrong if the
 *	routine did not get to its end
 * @total_bytes: header and entries
 * @nr_entries: that many follow
 * @policy: enum pciq_policy
 * @verdict: enum pciq_verdict
 * @source: enum pciq_source
 * @step: the last enum pciq_step that began
 * @generation: of the snapshot; 0 = none
 * @taken_at: of the snapshot, seconds since the epoch
 * @release: kernel release, NUL-terminated
 * @build: version of this code, NUL-terminated
 * @tsc_khz: TSC ticks per millisecond
 * @deadline_ms: time budget
 * @tsc: TSC when a step began
 * @counts: entries for each enum pciq_outcome
 * @total: functions in scope: those that the policy is to stop
 * @quiet: functions in scope that read back quiet
 * @held: functions in scope that are only held, contained ones among them
 * @microseconds: from the first step to the last
 * @reads: config reads
 * @writes: config writes
 * @faults: config accesses that faulted and were skipped
 * @unanswered: config reads that returned all ones
 * @links_reset: ports whose Secondary Bus Reset was written
 * @functions_reset: functions whose FLR was written
 * @ports_contained: ports whose BME is off
 * @incomplete: 1 = there may be functions without an entry
 */
struct pciq_record {
	__u8 magic[8];
	__u16 version;
	__u16 header_size;
	__u16 entry_size;
	__u16 reserved;
	__u64 checksum;
	__u32 total_bytes;
	__u32 nr_entries;
	__u8 policy;
	__u8 verdict;
	__u8 source;
	__u8 step;
	__u32 generation;
	__u64 taken_at;
	__u8 release[64];
	__u8 build[16];
	__u32 tsc_khz;
	__u32 deadline_ms;
	__u64 tsc[PCIQ_NR_STEPS];
	__u32 counts[PCIQ_NR_OUTCOMES];
	__u32 total;
	__u32 quiet;
	__u32 held;
	__u32 microseconds;
	__u32 reads;
	__u32 writes;
	__u32 faults;
	__u32 unanswered;
	__u32 links_reset;
	__u32 functions_reset;
	__u32 ports_contained;
	__u32 incomplete;
};

#endif /* _UAPI_LINUX_KEXEC_QUIESCE_H */

/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * PCI quiesce before a crash kexec: what the crashing kernel leaves behind.
 *
 * Two layouts, both little-endian, fixed width and free of padding holes:
 *
 * - struct kexec_quiesce_record, found in a vmcore through the VMCOREINFO line
 *   "KEXEC_PCI_QUIESCE(record)=<phys addr>,<bytes>", tells what was done;
 * - struct kexec_quiesce_image, /sys/kernel/kexec_pci_quiesce/snapshot, tells
 *   what would be done.
 *
 * The kernel stores its own byte order and is built for little-endian machines
 * only.  A reader checks magic and version, then steps by header_size and
 * entry_size as found: a field can be appended without a new version.
 */
#ifndef _UAPI_LINUX_KEXEC_QUIESCE_H
#define _UAPI_LINUX_KEXEC_QUIESCE_H

#include <linux/types.h>

#define KEXEC_QUIESCE_RECORD_MAGIC	"KPCIQREC"
#define KEXEC_QUIESCE_IMAGE_MAGIC	"KPCIQSNP"
#define KEXEC_QUIESCE_VERSION		1

/* The keys of the two lines appended to the VMCOREINFO note. */
#define KEXEC_QUIESCE_NOTE_RECORD	"KEXEC_PCI_QUIESCE(record)="
#define KEXEC_QUIESCE_NOTE_VERDICT	"KEXEC_PCI_QUIESCE(verdict)="

#define KEXEC_QUIESCE_NONE		0xffffffffU	/* no parent */
#define KEXEC_QUIESCE_NO_WINDOW		0xffffU

/* Parameter "policy": the names are "off", "busmaster", "escalate", "reset". */
enum kexec_quiesce_policy {
	KEXEC_QUIESCE_OFF		= 0,
	KEXEC_QUIESCE_BUSMASTER		= 1,	/* gate: Command write, drain */
	KEXEC_QUIESCE_ESCALATE		= 2,	/* and reset what refuses */
	KEXEC_QUIESCE_RESET		= 3,	/* and reset every link */
	KEXEC_QUIESCE_NR_POLICIES
};

/* The names are "none", "clean", "contained", "partial", "skipped", "aborted". */
enum kexec_quiesce_verdict {
	KEXEC_QUIESCE_NO_VERDICT	= 0,	/* the routine never ran */
	KEXEC_QUIESCE_CLEAN		= 1,	/* all in scope read back quiet */
	KEXEC_QUIESCE_CONTAINED		= 2,	/* refusers cut off at their port */
	KEXEC_QUIESCE_PARTIAL		= 3,	/* something may still master */
	KEXEC_QUIESCE_SKIPPED		= 4,	/* no usable snapshot, or no window */
	KEXEC_QUIESCE_ABORTED		= 5,	/* a fault or panic inside us */
	KEXEC_QUIESCE_NR_VERDICTS
};

/*
 * Per function: "untouched", "quiet", "already-quiet", "reset", "contained",
 * "refused", "absent", "excluded".
 */
enum kexec_quiesce_outcome {
	KEXEC_QUIESCE_UNTOUCHED		= 0,	/* not reached, or not our task */
	KEXEC_QUIESCE_QUIET		= 1,	/* BME or INTx gated by us, read back */
	KEXEC_QUIESCE_ALREADY_QUIET	= 2,	/* found so, nothing written */
	KEXEC_QUIESCE_WAS_RESET		= 3,	/* quiet; its driver must start anew */
	KEXEC_QUIESCE_WAS_CONTAINED	= 4,	/* cut off at the port above */
	KEXEC_QUIESCE_REFUSED		= 5,	/* may still master or interrupt */
	KEXEC_QUIESCE_ABSENT		= 6,	/* no response, or no power */
	KEXEC_QUIESCE_EXCLUDED		= 7,
	KEXEC_QUIESCE_NR_OUTCOMES
};

/*
 * Why the outcome is what it is: "", "deadline", "bridge", "class", "user",
 * "gated-above", "no-window", "bme-stuck", "pending", "vanished", "no-answer",
 * "shared-link", "asleep", "firmware-bme", "peer", "intx-stuck", "cxl-cache".
 * "gated-above" and "pending" are no longer used.
 */
enum kexec_quiesce_reason {
	KEXEC_QUIESCE_BY_PLAN		= 0,
	KEXEC_QUIESCE_BY_DEADLINE	= 1,	/* time ran out before its turn */
	KEXEC_QUIESCE_BY_BRIDGE		= 2,	/* forwards only: left enabled */
	KEXEC_QUIESCE_BY_CLASS		= 3,	/* no driver has made it a master */
	KEXEC_QUIESCE_BY_USER		= 4,	/* exclude= */
	KEXEC_QUIESCE_BY_GATE		= 5,	/* not used */
	KEXEC_QUIESCE_BY_WINDOW		= 6,	/* no config window reaches it */
	KEXEC_QUIESCE_BY_BME		= 7,	/* BME read back set */
	KEXEC_QUIESCE_BY_PENDING	= 8,	/* not used */
	KEXEC_QUIESCE_BY_VANISHING	= 9,	/* was awake, and reads as all ones */
	KEXEC_QUIESCE_BY_SILENCE	= 10,	/* did not come back from its reset */
	KEXEC_QUIESCE_BY_LINK		= 11,	/* a neighbour had the link reset */
	KEXEC_QUIESCE_BY_SLEEP		= 12,	/* not read: no power, or not known */
	KEXEC_QUIESCE_BY_FIRMWARE	= 13,	/* its driver never sets BME */
	KEXEC_QUIESCE_BY_PEER		= 14,	/* another machine masters through it */
	KEXEC_QUIESCE_BY_INTX		= 15,	/* INTx is not off */
	KEXEC_QUIESCE_BY_CACHE		= 16,	/* CXL.cache, which BME does not govern */
	KEXEC_QUIESCE_NR_REASONS
};

/* What resets a function; of a port, what is below it: "none", "link", "flr". */
enum kexec_quiesce_reset {
	KEXEC_QUIESCE_RESET_NONE	= 0,
	KEXEC_QUIESCE_RESET_LINK	= 1,	/* secondary bus reset of the port above */
	KEXEC_QUIESCE_RESET_FLR		= 2,	/* Function Level Reset */
	KEXEC_QUIESCE_NR_RESETS
};

/*
 * Why the link, or the function, may not be reset, or was not: "", "display",
 * "cxl", "no-bus-reset", "noreset", "excluded", "vmd", "unsaved", "no-port",
 * "no-flr", "empty", "bad-headers", "no-time", "link-down", "port-stuck",
 * "slow-storage", "firmware-dpc", "held-in-reset", "changed".
 */
enum kexec_quiesce_forbidden {
	KEXEC_QUIESCE_ALLOWED		= 0,
	KEXEC_QUIESCE_NOT_DISPLAY	= 1,	/* the console may be on it */
	KEXEC_QUIESCE_NOT_CXL		= 2,	/* memory that is to be dumped */
	KEXEC_QUIESCE_NOT_QUIRK		= 3,	/* PCI_DEV_FLAGS_NO_BUS_RESET */
	KEXEC_QUIESCE_NOT_USER		= 4,	/* noreset= */
	KEXEC_QUIESCE_NOT_EXCLUDED	= 5,	/* by class or exclude= */
	KEXEC_QUIESCE_NOT_VMD		= 6,	/* a host bridge is behind it */
	KEXEC_QUIESCE_NOT_SAVED		= 7,	/* asleep or out of reach at capture */
	KEXEC_QUIESCE_NOT_BELOW		= 8,	/* no port above, and no FLR */
	KEXEC_QUIESCE_NOT_FLR		= 9,	/* no port above, FLR is broken */
	KEXEC_QUIESCE_NOT_EMPTY		= 10,	/* nothing is below the port */
	KEXEC_QUIESCE_NOT_HEADERS	= 11,	/* at the crash: the sum is wrong */
	KEXEC_QUIESCE_NOT_TIME		= 12,	/* at the crash: too late to begin */
	KEXEC_QUIESCE_NOT_UP		= 13,	/* at the crash: the link was down */
	KEXEC_QUIESCE_NOT_TAKEN		= 14,	/* at the crash: the write did not stick */
	KEXEC_QUIESCE_NOT_STORAGE	= 15,	/* firmware boots for long; no reset= */
	KEXEC_QUIESCE_NOT_FIRMWARE	= 16,	/* DPC would trigger, and is not Linux's */
	KEXEC_QUIESCE_NOT_HELD		= 17,	/* was found in Secondary Bus Reset */
	KEXEC_QUIESCE_NOT_CURRENT	= 18,	/* at the crash: not as it was saved */
	KEXEC_QUIESCE_NR_FORBIDDEN
};

/*
 * Steps of the crash path, in order: "validate", "mask", "busmaster", "drain",
 * "reset", "headers", "unmask", "done".  tsc[s] is taken when step s begins,
 * "done" when all is; a step that the policy leaves out begins and ends at once.
 * "reset" asserts and ends the resets, "headers" waits for the functions to come
 * back, restores them, and contains those that stay away.
 */
enum kexec_quiesce_step {
	KEXEC_QUIESCE_STEP_VALIDATE	= 0,
	KEXEC_QUIESCE_STEP_MASK		= 1,
	KEXEC_QUIESCE_STEP_BUSMASTER	= 2,
	KEXEC_QUIESCE_STEP_DRAIN	= 3,
	KEXEC_QUIESCE_STEP_RESET	= 4,
	KEXEC_QUIESCE_STEP_HEADERS	= 5,
	KEXEC_QUIESCE_STEP_UNMASK	= 6,
	KEXEC_QUIESCE_STEP_DONE		= 7,
	KEXEC_QUIESCE_NR_STEPS
};

/* Where the list of functions came from: "none", "newest", "other", "raw". */
enum kexec_quiesce_source {
	KEXEC_QUIESCE_FROM_NONE		= 0,
	KEXEC_QUIESCE_FROM_NEWEST	= 1,
	KEXEC_QUIESCE_FROM_OTHER	= 2,	/* newest failed validation */
	KEXEC_QUIESCE_FROM_RAW		= 3,	/* both failed: windows walked */
	KEXEC_QUIESCE_NR_SOURCES
};

/* Bits of kexec_quiesce_entry.done: what was written, or seen, on the way. */
#define KEXEC_QUIESCE_DID_READ		(1U << 0)	/* answered a read */
#define KEXEC_QUIESCE_DID_GATE		(1U << 1)	/* BME off written */
#define KEXEC_QUIESCE_DID_INTX		(1U << 2)	/* INTx Disable written */
#define KEXEC_QUIESCE_DID_MASK		(1U << 3)	/* error reporting masked */
#define KEXEC_QUIESCE_DID_UNMASK	(1U << 4)	/* and given back */
#define KEXEC_QUIESCE_DID_DRAIN		(1U << 5)	/* transactions were pending */
#define KEXEC_QUIESCE_DID_RESET		(1U << 6)	/* was below a link that was reset */
#define KEXEC_QUIESCE_DID_FLR		(1U << 7)	/* Function Level Reset written */
#define KEXEC_QUIESCE_DID_RESTORE	(1U << 8)	/* came back, header restored */
#define KEXEC_QUIESCE_DID_ASSERT	(1U << 9)	/* a port: Secondary Bus Reset written */
#define KEXEC_QUIESCE_DID_CONTAIN	(1U << 10)	/* a port: BME off, errors stay masked */

/**
 * struct kexec_quiesce_entry - what became of one function
 * @domain: PCI segment (domain numbers of VMD exceed 16 bits)
 * @bus: bus number
 * @devfn: device << 3 | function, or the ARI function number
 * @outcome: enum kexec_quiesce_outcome
 * @reason: enum kexec_quiesce_reason
 * @vendor: vendor ID as the kernel knew it (a VF reads as all ones)
 * @device: device ID, likewise
 * @class: 24-bit class code
 * @command_before: Command register when first read, 0xffff if never read
 * @command_after: Command register when last read back, 0xffff likewise
 * @done: KEXEC_QUIESCE_DID_*
 * @forbidden: enum kexec_quiesce_forbidden, if a reset was called for and not made
 * @reserved: 0
 * @ticks: TSC ticks spent on this function in the bus-master step, at most ~0
 * @flags: KEXEC_QUIESCE_F_*, from the snapshot
 * @back_us: microseconds from the end of its reset until it answered, at least 1;
 *	0 if it was not reset or did not answer
 * @port: 1 + the number of the entry of the port whose link it is on; 0 = none
 */
struct kexec_quiesce_entry {
	__u32 domain;
	__u8 bus;
	__u8 devfn;
	__u8 outcome;
	__u8 reason;
	__u16 vendor;
	__u16 device;
	__u32 class;
	__u16 command_before;
	__u16 command_after;
	__u16 done;
	__u8 forbidden;
	__u8 reserved;
	__u32 ticks;
	__u32 flags;
	__u32 back_us;
	__u32 port;
};

/**
 * struct kexec_quiesce_record - what the routine did, read from the vmcore
 * @magic: KEXEC_QUIESCE_RECORD_MAGIC, not terminated
 * @version: KEXEC_QUIESCE_VERSION
 * @header_size: offset of the first entry, in bytes
 * @entry_size: distance of two entries, in bytes
 * @reserved: 0
 * @total_bytes: header and entries
 * @nr_entries: entries that follow
 * @policy: enum kexec_quiesce_policy
 * @verdict: enum kexec_quiesce_verdict
 * @source: enum kexec_quiesce_source
 * @step: the last enum kexec_quiesce_step that began
 * @generation: of the snapshot used
 * @captured_at: of that snapshot, seconds since the epoch
 * @release: kernel release, NUL-terminated
 * @tsc_khz: TSC ticks per millisecond
 * @deadline_ms: time budget
 * @tsc: TSC when each step began; 0 = it did not
 * @counts: entries per outcome
 * @quiet: functions in scope that read back quiet
 * @total: functions in scope: what the policy is to silence
 * @microseconds: from the first step to the last
 * @reads: config reads
 * @writes: config writes
 * @faults: config accesses that faulted and were skipped
 * @links_reset: ports whose Secondary Bus Reset was written
 * @functions_reset: functions whose FLR was written
 * @ports_contained: ports whose bus mastering is off
 * @incomplete: 1 = there may be functions that have no entry: they came after the
 *	snapshot, or the walk of the windows had no room or no time for them
 * @unanswered: config reads that returned all ones; where the request was
 *	unsupported, a port may have reported an error
 * @reserved2: 0
 */
struct kexec_quiesce_record {
	__u8 magic[8];
	__u16 version;
	__u16 header_size;
	__u16 entry_size;
	__u16 reserved;
	__u32 total_bytes;
	__u32 nr_entries;
	__u8 policy;
	__u8 verdict;
	__u8 source;
	__u8 step;
	__u32 generation;
	__u64 captured_at;
	__u8 release[64];
	__u32 tsc_khz;
	__u32 deadline_ms;
	__u64 tsc[KEXEC_QUIESCE_NR_STEPS];
	__u32 counts[KEXEC_QUIESCE_NR_OUTCOMES];
	__u32 quiet;
	__u32 total;
	__u32 microseconds;
	__u32 reads;
	__u32 writes;
	__u32 faults;
	__u32 links_reset;
	__u32 functions_reset;
	__u32 ports_contained;
	__u32 incomplete;
	__u32 unanswered;
	__u32 reserved2;
};

/* Bits of kexec_quiesce_func.flags, copied from the healthy kernel. */
#define KEXEC_QUIESCE_F_BRIDGE		(1U << 0)	/* type 1 header, class 0604 */
#define KEXEC_QUIESCE_F_VF		(1U << 1)
#define KEXEC_QUIESCE_F_PF		(1U << 2)	/* VFs enabled */
#define KEXEC_QUIESCE_F_EXCLUDE_CLASS	(1U << 3)
#define KEXEC_QUIESCE_F_EXCLUDE_USER	(1U << 4)
#define KEXEC_QUIESCE_F_VMD		(1U << 5)	/* a host bridge is behind it */
#define KEXEC_QUIESCE_F_NORESET_USER	(1U << 6)
#define KEXEC_QUIESCE_F_NO_BUS_RESET	(1U << 7)
#define KEXEC_QUIESCE_F_NO_FLR		(1U << 8)
#define KEXEC_QUIESCE_F_HAS_FLR		(1U << 9)
#define KEXEC_QUIESCE_F_DISPLAY		(1U << 10)
#define KEXEC_QUIESCE_F_CXL		(1U << 11)	/* memory device, or host memory below */
#define KEXEC_QUIESCE_F_AER_NATIVE	(1U << 12)
#define KEXEC_QUIESCE_F_DPC_NATIVE	(1U << 13)
#define KEXEC_QUIESCE_F_HP_NATIVE	(1U << 14)	/* hotplug-capable slot, ours */
#define KEXEC_QUIESCE_F_ROOT_BUS	(1U << 15)	/* nothing above but the host bridge */
#define KEXEC_QUIESCE_F_PME_NATIVE	(1U << 16)
#define KEXEC_QUIESCE_F_RAW		(1U << 17)	/* found by walking the windows */
#define KEXEC_QUIESCE_F_INTX		(1U << 18)	/* has an interrupt pin */
#define KEXEC_QUIESCE_F_OFFLINE		(1U << 19)	/* answered all ones at capture */
#define KEXEC_QUIESCE_F_LINK_STATUS	(1U << 20)	/* port reports Link Active, and did */
#define KEXEC_QUIESCE_F_FAST_LINK	(1U << 21)	/* port can do more than 5 GT/s */
#define KEXEC_QUIESCE_F_INTX_USED	(1U << 22)	/* a driver, and no MSI: may assert it */
#define KEXEC_QUIESCE_F_INTX_BROKEN	(1U << 23)	/* INTx Disable has no effect */
#define KEXEC_QUIESCE_F_FIRMWARE_BME	(1U << 24)	/* storage; its driver never sets BME */
#define KEXEC_QUIESCE_F_PEER		(1U << 25)	/* NTB: another machine masters */
#define KEXEC_QUIESCE_F_CXL_CACHE	(1U << 26)	/* BME does not govern all of it */
#define KEXEC_QUIESCE_F_UNREAD		(1U << 27)	/* in D3cold by itself: never read */
#define KEXEC_QUIESCE_F_UNSAVED		(1U << 28)	/* was being reset at capture */
#define KEXEC_QUIESCE_F_HELD		(1U << 29)	/* port: was in Secondary Bus Reset */
#define KEXEC_QUIESCE_F_SLOW_STORAGE	(1U << 30)	/* its firmware boots for long */
#define KEXEC_QUIESCE_F_RESET_USER	(1U << 31)	/* reset= */

/* kexec_quiesce_func.plan[policy]: what the policy does to the function. */
enum kexec_quiesce_plan {
	KEXEC_QUIESCE_PLAN_LEAVE	= 0,
	KEXEC_QUIESCE_PLAN_MASK		= 1,	/* a port: error reporting masked */
	KEXEC_QUIESCE_PLAN_GATE		= 2,	/* opens again at pci_set_master() */
	KEXEC_QUIESCE_PLAN_RESET	= 3,	/* stays quiet until re-initialised */
};

/**
 * struct kexec_quiesce_func - one function, as the crash path needs it
 * @domain: PCI segment
 * @bus: bus number
 * @devfn: device and function, or ARI function number
 * @window: index of its config window, KEXEC_QUIESCE_NO_WINDOW if none
 * @parent: index of the port above, or of the PF of a VF; KEXEC_QUIESCE_NONE
 * @class: 24-bit class code
 * @vendor: vendor ID
 * @device: device ID
 * @flags: KEXEC_QUIESCE_F_*
 * @pcie_cap: offset of the PCI Express capability, 0 = none
 * @aer_cap: offset of Advanced Error Reporting, 0 = none
 * @dpc_cap: offset of Downstream Port Containment, 0 = none
 * @pcix_cap: offset of the PCI-X capability, 0 = none
 * @port_type: PCI Express Capabilities, Device/Port Type
 * @depth: bridges between it and the host bridge
 * @plan: enum kexec_quiesce_plan per enum kexec_quiesce_policy
 * @command: Command register at capture
 * @reset: enum kexec_quiesce_reset
 * @forbidden: enum kexec_quiesce_forbidden: of a port, why its link may not be
 *	reset; else why the link above may not be
 * @settle_ms: of a port, from the end of its link's reset, or with F_FAST_LINK from
 *	Link Active, to the first access below; else from FLR to the first access
 * @status: Status register at capture, 0 = not known
 * @ptm_cap: offset of Precision Time Measurement, 0 = none
 * @pm_cap: offset of Power Management, of a port with something below; 0 = none
 * @msi_cap: of a port: offset of MSI, 0 = none
 * @msix_cap: of a port: offset of MSI-X, 0 = none
 * @no_link: of a port: enum kexec_quiesce_forbidden of its own link, whatever is
 *	below; the links above and below it are another matter
 * @reserved: 0
 *
 * Children come before parents, a VF before its PF.  64 bytes: one cache line.
 */
struct kexec_quiesce_func {
	__u32 domain;
	__u8 bus;
	__u8 devfn;
	__u16 window;
	__u32 parent;
	__u32 class;
	__u16 vendor;
	__u16 device;
	__u32 flags;
	__u16 pcie_cap;
	__u16 aer_cap;
	__u16 dpc_cap;
	__u16 pcix_cap;
	__u8 port_type;
	__u8 depth;
	__u8 plan[KEXEC_QUIESCE_NR_POLICIES];
	__u16 command;
	__u8 reset;
	__u8 forbidden;
	__u16 settle_ms;
	__u16 status;
	__u16 ptm_cap;
	__u8 pm_cap;
	__u8 msi_cap;
	__u8 msix_cap;
	__u8 no_link;
	__u8 reserved[12];
};

enum kexec_quiesce_window_type {
	KEXEC_QUIESCE_ECAM		= 1,	/* memory-mapped, 4 KiB a function */
	KEXEC_QUIESCE_CF8		= 2,	/* ports 0xCF8/0xCFC, segment 0 */
};

/**
 * struct kexec_quiesce_window - one config window
 * @domain: PCI segment
 * @bus_start: first bus reached
 * @bus_end: last bus reached
 * @type: enum kexec_quiesce_window_type
 * @reserved: 0
 * @phys: physical address of bus_start, device 0, function 0 (ECAM)
 * @virt: kernel mapping of @phys; 0 where shown to user space
 * @reserved2: 0
 */
struct kexec_quiesce_window {
	__u32 domain;
	__u8 bus_start;
	__u8 bus_end;
	__u8 type;
	__u8 reserved;
	__u64 phys;
	__u64 virt;
	__u64 reserved2;
};

/**
 * struct kexec_quiesce_image - a snapshot: header, windows, functions, headers
 * @magic: KEXEC_QUIESCE_IMAGE_MAGIC, not terminated
 * @version: KEXEC_QUIESCE_VERSION
 * @header_size: size of this header as written
 * @func_size: size of one function
 * @saved_size: size of one saved header
 * @total_bytes: the whole image
 * @hot_bytes: header, windows and functions: all the bus-master path reads
 * @hot_sum: xxh64, seed 0, of what follows this field up to @hot_bytes
 * @cold_sum: the same of [@hot_bytes, @total_bytes)
 * @generation: counts captures
 * @nr_windows: windows
 * @nr_funcs: functions
 * @windows_offset: offset of the first window
 * @funcs_offset: offset of the first function, a multiple of 64
 * @saved_offset: offset of the first saved header, one per function
 * @captured_at: seconds since the epoch
 * @capture_us: how long the capture took
 * @record_virt: kernel address of the record; 0 where shown to user space
 * @record_phys: physical address of the record, contiguous
 * @record_bytes: room for the record
 * @scratch_virt: kernel address of room for @scratch_funcs functions, for the
 *	walk of the windows; 0 where shown to user space
 * @scratch_funcs: that many
 * @reserved: 0
 * @release: kernel release, NUL-terminated
 * @reserved2: 0
 */
struct kexec_quiesce_image {
	__u8 magic[8];
	__u16 version;
	__u16 header_size;
	__u16 func_size;
	__u16 saved_size;
	__u32 total_bytes;
	__u32 hot_bytes;
	__u64 hot_sum;
	__u64 cold_sum;
	__u32 generation;
	__u32 nr_windows;
	__u32 nr_funcs;
	__u32 windows_offset;
	__u32 funcs_offset;
	__u32 saved_offset;
	__u64 captured_at;
	__u32 capture_us;
	__u32 record_bytes;
	__u64 record_virt;
	__u64 record_phys;
	__u64 scratch_virt;
	__u32 scratch_funcs;
	__u32 reserved;
	__u8 release[64];
	__u64 reserved2[2];
};

/**
 * struct kexec_quiesce_saved - what a reset loses
 * @header: the first 64 bytes of config space
 * @devctl: Device Control
 * @lnkctl: Link Control
 * @sltctl: Slot Control
 * @rtctl: Root Control
 * @devctl2: Device Control 2
 * @lnkctl2: Link Control 2
 * @pcix_cmd: PCI-X Command
 * @reserved: 0
 */
struct kexec_quiesce_saved {
	__u32 header[16];
	__u16 devctl;
	__u16 lnkctl;
	__u16 sltctl;
	__u16 rtctl;
	__u16 devctl2;
	__u16 lnkctl2;
	__u16 pcix_cmd;
	__u16 reserved;
};

#endif /* _UAPI_LINUX_KEXEC_QUIESCE_H */

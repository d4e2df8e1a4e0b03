/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * PCI quiesce before a crash kexec: what the crashing kernel leaves behind.
 *
 * Two layouts, both little-endian, fixed width and free of padding holes:
 *
 * - struct pciq_record, found in a vmcore through the VMCOREINFO line
 *   "KEXEC_PCI_QUIESCE(record)=<phys addr>,<bytes>", tells what was done;
 * - struct pciq_image, /sys/kernel/kexec_pci_quiesce/snapshot, tells
 *   what would be done.
 *
 * The kernel stores its own byte order and is built for little-endian machines
 * only.  A reader checks magic and version, then steps by header_size and
 * entry_size as found: a field can be appended without a new version.
 */
#ifndef _UAPI_LINUX_KEXEC_QUIESCE_H
#define _UAPI_LINUX_KEXEC_QUIESCE_H

#include <linux/types.h>

#define PCIQ_RECORD_MAGIC		"KPCIQREC"
#define PCIQ_IMAGE_MAGIC		"KPCIQSNP"
#define PCIQ_VERSION			1

/* The keys of the two lines appended to the VMCOREINFO note. */
#define PCIQ_NOTE_RECORD		"KEXEC_PCI_QUIESCE(record)="
#define PCIQ_NOTE_VERDICT		"KEXEC_PCI_QUIESCE(verdict)="

#define PCIQ_NONE			0xffffffffU	/* no parent */
#define PCIQ_NO_WINDOW			0xffffU

/* Parameter "policy": the names are "off", "busmaster", "escalate", "reset". */
enum pciq_policy {
	PCIQ_OFF			= 0,
	PCIQ_BUSMASTER			= 1,	/* gate: Command write, drain */
	PCIQ_ESCALATE			= 2,	/* and reset what refuses */
	PCIQ_RESET			= 3,	/* and reset every link */
	PCIQ_NR_POLICIES
};

/* The names are "none", "clean", "contained", "partial", "skipped", "aborted". */
enum pciq_verdict {
	PCIQ_NO_VERDICT			= 0,	/* the routine never ran */
	PCIQ_CLEAN			= 1,	/* all in scope read back quiet */
	PCIQ_CONTAINED			= 2,	/* refusers cut off at their port */
	PCIQ_PARTIAL			= 3,	/* something may still master */
	PCIQ_SKIPPED			= 4,	/* no usable snapshot, or no window */
	PCIQ_ABORTED			= 5,	/* a fault or panic inside us */
	PCIQ_NR_VERDICTS
};

/*
 * Per function: "untouched", "quiet", "already-quiet", "reset", "contained",
 * "refused", "absent", "excluded".
 */
enum pciq_outcome {
	PCIQ_UNTOUCHED			= 0,	/* not reached, or not our task */
	PCIQ_QUIET			= 1,	/* BME or INTx gated by us, read back */
	PCIQ_ALREADY_QUIET		= 2,	/* found so, nothing written */
	PCIQ_WAS_RESET			= 3,	/* quiet; its driver must start anew */
	PCIQ_WAS_CONTAINED		= 4,	/* cut off at the port above */
	PCIQ_REFUSED			= 5,	/* may still master or interrupt */
	PCIQ_ABSENT			= 6,	/* no response, or no power */
	PCIQ_EXCLUDED			= 7,
	PCIQ_NR_OUTCOMES
};

/*
 * Why the outcome is what it is: "", "deadline", "bridge", "class", "user",
 * "gated-above", "no-window", "bme-stuck", "pending", "vanished", "no-answer",
 * "shared-link", "asleep", "firmware-bme", "peer", "intx-stuck", "cxl-cache".
 * "gated-above" and "pending" are no longer used.
 */
enum pciq_reason {
	PCIQ_BY_PLAN			= 0,
	PCIQ_BY_DEADLINE		= 1,	/* time ran out before its turn */
	PCIQ_BY_BRIDGE			= 2,	/* forwards only: left enabled */
	PCIQ_BY_CLASS			= 3,	/* no driver has made it a master */
	PCIQ_BY_USER			= 4,	/* exclude= */
	PCIQ_BY_GATE			= 5,	/* not used */
	PCIQ_BY_WINDOW			= 6,	/* no config window reaches it */
	PCIQ_BY_BME			= 7,	/* BME read back set */
	PCIQ_BY_PENDING			= 8,	/* not used */
	PCIQ_BY_VANISHING		= 9,	/* was awake, and reads as all ones */
	PCIQ_BY_SILENCE			= 10,	/* did not come back from its reset */
	PCIQ_BY_LINK			= 11,	/* a neighbour had the link reset */
	PCIQ_BY_SLEEP			= 12,	/* not read: no power, or not known */
	PCIQ_BY_FIRMWARE		= 13,	/* its driver never sets BME */
	PCIQ_BY_PEER			= 14,	/* another machine masters through it */
	PCIQ_BY_INTX			= 15,	/* INTx is not off */
	PCIQ_BY_CACHE			= 16,	/* CXL.cache, which BME does not govern */
	PCIQ_NR_REASONS
};

/* What resets a function; of a port, what is below it: "none", "link", "flr". */
enum pciq_reset {
	PCIQ_RESET_NONE			= 0,
	PCIQ_RESET_LINK			= 1,	/* secondary bus reset of the port above */
	PCIQ_RESET_FLR			= 2,	/* Function Level Reset */
	PCIQ_NR_RESETS
};

/*
 * Why the link, or the function, may not be reset, or was not: "", "display",
 * "cxl", "no-bus-reset", "noreset", "excluded", "vmd", "unsaved", "no-port",
 * "no-flr", "empty", "bad-headers", "no-time", "link-down", "port-stuck",
 * "slow-storage", "firmware-dpc", "held-in-reset", "changed".
 */
enum pciq_forbidden {
	PCIQ_ALLOWED			= 0,
	PCIQ_NOT_DISPLAY		= 1,	/* the console may be on it */
	PCIQ_NOT_CXL			= 2,	/* memory that is to be dumped */
	PCIQ_NOT_QUIRK			= 3,	/* PCI_DEV_FLAGS_NO_BUS_RESET */
	PCIQ_NOT_USER			= 4,	/* noreset= */
	PCIQ_NOT_EXCLUDED		= 5,	/* by class or exclude= */
	PCIQ_NOT_VMD			= 6,	/* a host bridge is behind it */
	PCIQ_NOT_SAVED			= 7,	/* asleep or out of reach at capture */
	PCIQ_NOT_BELOW			= 8,	/* no port above, and no FLR */
	PCIQ_NOT_FLR			= 9,	/* no port above, FLR is broken */
	PCIQ_NOT_EMPTY			= 10,	/* nothing is below the port */
	PCIQ_NOT_HEADERS		= 11,	/* at the crash: the sum is wrong */
	PCIQ_NOT_TIME			= 12,	/* at the crash: too late to begin */
	PCIQ_NOT_UP			= 13,	/* at the crash: the link was down */
	PCIQ_NOT_TAKEN			= 14,	/* at the crash: the write did not stick */
	PCIQ_NOT_STORAGE		= 15,	/* firmware boots for long; no reset= */
	PCIQ_NOT_FIRMWARE		= 16,	/* DPC would trigger, and is not Linux's */
	PCIQ_NOT_HELD			= 17,	/* was found in Secondary Bus Reset */
	PCIQ_NOT_CURRENT		= 18,	/* at the crash: not as it was saved */
	PCIQ_NR_FORBIDDEN
};

/*
 * Steps of the crash path, in order: "validate", "mask", "busmaster", "drain",
 * "reset", "headers", "unmask", "done".  tsc[s] is taken when step s begins,
 * "done" when all is; a step that the policy leaves out begins and ends at once.
 * "reset" asserts and ends the resets, "headers" waits for the functions to come
 * back, restores them, and contains those that stay away.
 */
enum pciq_step {
	PCIQ_STEP_VALIDATE		= 0,
	PCIQ_STEP_MASK			= 1,
	PCIQ_STEP_BUSMASTER		= 2,
	PCIQ_STEP_DRAIN			= 3,
	PCIQ_STEP_RESET			= 4,
	PCIQ_STEP_HEADERS		= 5,
	PCIQ_STEP_UNMASK		= 6,
	PCIQ_STEP_DONE			= 7,
	PCIQ_NR_STEPS
};

/* Where the list of functions came from: "none", "newest", "other", "raw". */
enum pciq_source {
	PCIQ_FROM_NONE			= 0,
	PCIQ_FROM_NEWEST		= 1,
	PCIQ_FROM_OTHER			= 2,	/* newest failed validation */
	PCIQ_FROM_RAW			= 3,	/* both failed: windows walked */
	PCIQ_NR_SOURCES
};

/* Bits of pciq_entry.done: what was written, or seen, on the way. */
#define PCIQ_DID_READ			(1U << 0)	/* answered a read */
#define PCIQ_DID_GATE			(1U << 1)	/* BME off written */
#define PCIQ_DID_INTX			(1U << 2)	/* INTx Disable written */
#define PCIQ_DID_MASK			(1U << 3)	/* error reporting masked */
#define PCIQ_DID_UNMASK			(1U << 4)	/* and given back */
#define PCIQ_DID_DRAIN			(1U << 5)	/* transactions were pending */
#define PCIQ_DID_RESET			(1U << 6)	/* was below a link that was reset */
#define PCIQ_DID_FLR			(1U << 7)	/* Function Level Reset written */
#define PCIQ_DID_RESTORE		(1U << 8)	/* came back, header restored */
#define PCIQ_DID_ASSERT			(1U << 9)	/* a port: Secondary Bus Reset written */
#define PCIQ_DID_CONTAIN		(1U << 10)	/* a port: BME off, errors stay masked */

/**
 * struct pciq_entry - what became of one function
 * @domain: PCI segment (domain numbers of VMD exceed 16 bits)
 * @bus: bus number
 * @devfn: device << 3 | function, or the ARI function number
 * @outcome: enum pciq_outcome
 * @reason: enum pciq_reason
 * @vendor: vendor ID as the kernel knew it (a VF reads as all ones)
 * @device: device ID, likewise
 * @class: 24-bit class code
 * @command_before: Command register when first read, 0xffff if never read
 * @command_after: Command register when last read back, 0xffff likewise
 * @done: PCIQ_DID_*
 * @forbidden: enum pciq_forbidden, if a reset was called for and not made
 * @reserved: 0
 * @ticks: TSC ticks spent on this function in the bus-master step, at most ~0
 * @flags: PCIQ_F_*, from the snapshot
 * @back_us: microseconds from the end of its reset until it answered, at least 1;
 *	0 if it was not reset or did not answer
 * @port: 1 + the number of the entry of the port whose link it is on; 0 = none
 */
struct pciq_entry {
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
 * struct pciq_record - what the routine did, read from the vmcore
 * @magic: PCIQ_RECORD_MAGIC, not terminated
 * @version: PCIQ_VERSION
 * @header_size: offset of the first entry, in bytes
 * @entry_size: distance of two entries, in bytes
 * @reserved: 0
 * @total_bytes: header and entries
 * @nr_entries: entries that follow
 * @policy: enum pciq_policy
 * @verdict: enum pciq_verdict
 * @source: enum pciq_source
 * @step: the last enum pciq_step that began
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
struct pciq_record {
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
	__u64 tsc[PCIQ_NR_STEPS];
	__u32 counts[PCIQ_NR_OUTCOMES];
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

/* Bits of pciq_func.flags, copied from the healthy kernel. */
#define PCIQ_F_BRIDGE			(1U << 0)	/* type 1 header, class 0604 */
#define PCIQ_F_VF			(1U << 1)
#define PCIQ_F_PF			(1U << 2)	/* VFs enabled */
#define PCIQ_F_EXCLUDE_CLASS		(1U << 3)
#define PCIQ_F_EXCLUDE_USER		(1U << 4)
#define PCIQ_F_VMD			(1U << 5)	/* a host bridge is behind it */
#define PCIQ_F_NORESET_USER		(1U << 6)
#define PCIQ_F_NO_BUS_RESET		(1U << 7)
#define PCIQ_F_NO_FLR			(1U << 8)
#define PCIQ_F_HAS_FLR			(1U << 9)
#define PCIQ_F_DISPLAY			(1U << 10)
#define PCIQ_F_CXL			(1U << 11)	/* memory device, or host memory below */
#define PCIQ_F_AER_NATIVE		(1U << 12)
#define PCIQ_F_DPC_NATIVE		(1U << 13)
#define PCIQ_F_HP_NATIVE		(1U << 14)	/* hotplug-capable slot, ours */
#define PCIQ_F_ROOT_BUS			(1U << 15)	/* nothing above but the host bridge */
#define PCIQ_F_PME_NATIVE		(1U << 16)
#define PCIQ_F_RAW			(1U << 17)	/* found by walking the windows */
#define PCIQ_F_INTX			(1U << 18)	/* has an interrupt pin */
#define PCIQ_F_OFFLINE			(1U << 19)	/* answered all ones at capture */
#define PCIQ_F_LINK_STATUS		(1U << 20)	/* port reports Link Active, and did */
#define PCIQ_F_FAST_LINK		(1U << 21)	/* port can do more than 5 GT/s */
#define PCIQ_F_INTX_USED		(1U << 22)	/* a driver, and no MSI: may assert it */
#define PCIQ_F_INTX_BROKEN		(1U << 23)	/* INTx Disable has no effect */
#define PCIQ_F_FIRMWARE_BME		(1U << 24)	/* storage; its driver never sets BME */
#define PCIQ_F_PEER			(1U << 25)	/* NTB: another machine masters */
#define PCIQ_F_CXL_CACHE		(1U << 26)	/* BME does not govern all of it */
#define PCIQ_F_UNREAD			(1U << 27)	/* in D3cold by itself: never read */
#define PCIQ_F_UNSAVED			(1U << 28)	/* was being reset at capture */
#define PCIQ_F_HELD			(1U << 29)	/* port: was in Secondary Bus Reset */
#define PCIQ_F_SLOW_STORAGE		(1U << 30)	/* its firmware boots for long */
#define PCIQ_F_RESET_USER		(1U << 31)	/* reset= */

/* pciq_func.plan[policy]: what the policy does to the function. */
enum pciq_plan {
	PCIQ_PLAN_LEAVE			= 0,
	PCIQ_PLAN_MASK			= 1,	/* a port: error reporting masked */
	PCIQ_PLAN_GATE			= 2,	/* opens again at pci_set_master() */
	PCIQ_PLAN_RESET			= 3,	/* stays quiet until re-initialised */
};

/**
 * struct pciq_func - one function, as the crash path needs it
 * @domain: PCI segment
 * @bus: bus number
 * @devfn: device and function, or ARI function number
 * @window: index of its config window, PCIQ_NO_WINDOW if none
 * @parent: index of the port above, or of the PF of a VF; PCIQ_NONE
 * @class: 24-bit class code
 * @vendor: vendor ID
 * @device: device ID
 * @flags: PCIQ_F_*
 * @pcie_cap: offset of the PCI Express capability, 0 = none
 * @aer_cap: offset of Advanced Error Reporting, 0 = none
 * @dpc_cap: offset of Downstream Port Containment, 0 = none
 * @pcix_cap: offset of the PCI-X capability, 0 = none
 * @port_type: PCI Express Capabilities, Device/Port Type
 * @depth: bridges between it and the host bridge
 * @plan: enum pciq_plan per enum pciq_policy
 * @command: Command register at capture
 * @reset: enum pciq_reset
 * @forbidden: enum pciq_forbidden: of a port, why its link may not be
 *	reset; else why the link above may not be
 * @settle_ms: of a port, from the end of its link's reset, or with F_FAST_LINK from
 *	Link Active, to the first access below; else from FLR to the first access
 * @status: Status register at capture, 0 = not known
 * @ptm_cap: offset of Precision Time Measurement, 0 = none
 * @pm_cap: offset of Power Management, of a port with something below; 0 = none
 * @msi_cap: of a port: offset of MSI, 0 = none
 * @msix_cap: of a port: offset of MSI-X, 0 = none
 * @no_link: of a port: enum pciq_forbidden of its own link, whatever is
 *	below; the links above and below it are another matter
 * @reserved: 0
 *
 * Children come before parents, a VF before its PF.  64 bytes: one cache line.
 */
struct pciq_func {
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
	__u8 plan[PCIQ_NR_POLICIES];
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

enum pciq_window_type {
	PCIQ_ECAM			= 1,	/* memory-mapped, 4 KiB a function */
	PCIQ_CF8			= 2,	/* ports 0xCF8/0xCFC, segment 0 */
};

/**
 * struct pciq_window - one config window
 * @domain: PCI segment
 * @bus_start: first bus reached
 * @bus_end: last bus reached
 * @type: enum pciq_window_type
 * @reserved: 0
 * @phys: physical address of bus_start, device 0, function 0 (ECAM)
 * @virt: kernel mapping of @phys; 0 where shown to user space
 * @reserved2: 0
 */
struct pciq_window {
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
 * struct pciq_image - a snapshot: header, windows, functions, headers
 * @magic: PCIQ_IMAGE_MAGIC, not terminated
 * @version: PCIQ_VERSION
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
struct pciq_image {
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
 * struct pciq_saved - what a reset loses
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
struct pciq_saved {
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

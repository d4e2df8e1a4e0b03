/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI quiesce before a crash kexec: kernel API.
 *
 * drivers/pci/quiesce/ walks struct pci_dev while the machine is healthy and
 * publishes snapshots.  The crash path (kernel/kexec_pci_*.c, everything marked
 * __quiesce) uses a snapshot and config windows, and nothing else.  See
 * Documentation/kdump/pci-quiesce.rst.
 */
#ifndef _LINUX_KEXEC_QUIESCE_H
#define _LINUX_KEXEC_QUIESCE_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/kexec_quiesce_snapshot.h>
#include <linux/limits.h>
#include <linux/pci_ids.h>
#include <linux/types.h>

/*
 * The crash path lives in a section of its own: a test reads the section's
 * relocations and fails on any symbol that is not on its list.
 */
#define __quiesce	__section(".text..quiesce")

/* The version of this code, for the record. */
#define PCIQ_BUILD		"0.1.0"

#define PCIQ_MAX_FUNCS		16384
#define PCIQ_MAX_WINDOWS	256
#define PCIQ_MAX_MATCHES	64
#define PCIQ_MIN_DEADLINE_MS	1
#define PCIQ_MAX_DEADLINE_MS	10000

/*
 * Linux waits for pending transactions for 0 + 100 + 200 + 400 ms per function
 * (pci_wait_for_pending_transaction()); here all share one wait.
 */
#define PCIQ_DRAIN_MS		100

/* Operations on one function that are undone. */
#define PCIQ_MAX_UNDO		8

/**
 * struct pciq_match - one token of exclude=, noreset= or reset=
 * @type: what is compared
 * @domain: PCI segment, for an address
 * @bus: bus number, likewise
 * @devfn: device and function, likewise
 * @vendor: Vendor ID, for an ID
 * @device: Device ID, likewise
 * @class: base class and subclass, for a class
 */
struct pciq_match {
	enum {
		PCIQ_MATCH_ADDRESS,
		PCIQ_MATCH_ID,
		PCIQ_MATCH_CLASS,
	} type;
	u32 domain;
	u8 bus;
	u8 devfn;
	u16 vendor;
	u16 device;
	u16 class;
};

/**
 * struct pciq_match_list - a parsed exclude=, noreset= or reset=
 * @nr: tokens
 * @match: the tokens
 */
struct pciq_match_list {
	unsigned int nr;
	struct pciq_match match[PCIQ_MAX_MATCHES];
};

/* Two snapshots take turns; the third has windows, for a scan. */
enum pciq_slot {
	PCIQ_SLOT_A,
	PCIQ_SLOT_B,
	PCIQ_SLOT_WINDOWS,
	PCIQ_NR_SLOTS
};

/**
 * struct pciq_ctl - what the crash path starts from
 * @slot: published snapshots, NULL while one is being rewritten
 * @newest: PCIQ_SLOT_A or PCIQ_SLOT_B, stored last when publishing
 * @policy: enum pciq_policy
 * @arrivals: counts functions that were added, in a snapshot yet or not
 * @exclude: functions never to touch
 * @noreset: functions never to reset
 * @reset: functions to reset whatever they do
 *
 * Written in process context, read by the crash path without a lock and without
 * trust.  tools/crash and tools/drgn read @slot, @newest and @policy from a
 * dump: they stay the first.
 */
struct pciq_ctl {
	const struct pciq_snapshot *slot[PCIQ_NR_SLOTS];
	unsigned int newest;
	unsigned int policy;
	atomic_t arrivals;
	struct pciq_match_list exclude;
	struct pciq_match_list noreset;
	struct pciq_match_list reset;
};

/**
 * struct pciq_work - what the crash path remembers about a function
 * @since: TSC from which on the time until it may be read counts, 0 = the end
 *	of the resets; of a port, until what is below may be read
 * @undo: registers as found, for the operations that are undone
 * @to_undo: a bit for each of these
 * @state: see kernel/kexec_pci_internal.h
 * @control: Bridge Control at the end of the reset
 * @reserved: not used
 */
struct pciq_work {
	u64 since;
	u16 undo[PCIQ_MAX_UNDO];
	u16 to_undo;
	u16 state;
	u16 control;
	u16 reserved;
};

/**
 * struct pciq_memory - what does not change once armed, and is read-only
 * @record: the record; physically contiguous, and never moved
 * @record_phys: its physical address
 * @work: for each function
 * @scan: functions that a scan finds
 * @room: functions that there is room for in each of these
 * @tsc_khz: TSC ticks per millisecond
 * @deadline_ms: time budget
 * @blank: header of a record without a snapshot
 */
struct pciq_memory {
	struct pciq_record *record;
	phys_addr_t record_phys;
	struct pciq_work *work;
	struct pciq_func *scan;
	u32 room;
	u32 tsc_khz;
	u32 deadline_ms;
	struct pciq_record blank;
};

/**
 * struct pciq_run - one pass of the crash path
 * @snapshot: the snapshot in use
 * @windows: its windows
 * @funcs: functions, children first
 * @nr_funcs: that many
 * @record: the record
 * @work: one for each function
 * @resets: one for each function; NULL until they are validated
 * @restores: registers that a reset loses, likewise
 * @start: TSC at the beginning
 * @work_until: TSC by which steps must end, except restoring and the record
 * @until: TSC by which everything must end
 * @reset_end: TSC when the resets ended
 * @tsc_khz: TSC ticks per millisecond
 * @policy: enum pciq_policy
 * @deferred: 1 if functions are left for a second pass, 0 if not
 */
struct pciq_run {
	const struct pciq_snapshot *snapshot;
	const struct pciq_window *windows;
	const struct pciq_func *funcs;
	u32 nr_funcs;
	struct pciq_record *record;
	struct pciq_work *work;
	const struct pciq_reset *resets;
	const struct pciq_restore *restores;
	u64 start;
	u64 work_until;
	u64 until;
	u64 reset_end;
	u32 tsc_khz;
	u32 policy;
	u32 deferred;
};

extern struct pciq_ctl pciq_ctl;
extern struct pciq_memory pciq_memory;
extern struct pciq_run pciq_crash_run;

/* A table of a snapshot. */
static __always_inline const void *
pciq_table(const struct pciq_snapshot *snapshot, const struct pciq_part *part)
{
	return (const void *)snapshot + part->offset;
}

/*
 * Host, ISA and other bridges but PCI-PCI, memory, and system peripherals but
 * SD host controllers have no driver that calls pci_set_master(): an I/O APIC
 * delivers interrupts as memory writes, the AMD IOMMU is itself a function.
 * Xen cleared them all in 2011 (c24c3e21e3c9) and had to revert it.
 */
static __always_inline bool pciq_class_excluded(u32 class)
{
	u32 sub = class >> 8;

	switch (class >> 16) {
	case PCI_BASE_CLASS_MEMORY:
		return true;
	case PCI_BASE_CLASS_BRIDGE:
		return sub != PCI_CLASS_BRIDGE_PCI;
	case PCI_BASE_CLASS_SYSTEM:
		return sub <= PCI_CLASS_SYSTEM_RCEC &&
		       sub != PCI_CLASS_SYSTEM_SDHCI;
	}
	return false;
}

/*
 * A VF that a scan finds does not show its ID: any in the list may be its own.
 */
static __always_inline bool
pciq_match_one(const struct pciq_match *match, const struct pciq_entry *entry)
{
	switch (match->type) {
	case PCIQ_MATCH_ADDRESS:
		return entry->domain == match->domain &&
		       entry->bus == match->bus && entry->devfn == match->devfn;
	case PCIQ_MATCH_ID:
		return entry->vendor == U16_MAX ||
		       (entry->vendor == match->vendor &&
			entry->device == match->device);
	default:
		return entry->class_revision >> 16 == match->class;
	}
}

static __always_inline bool pciq_matches(const struct pciq_match_list *list,
					 const struct pciq_entry *entry)
{
	unsigned int i;

	for (i = 0; i < list->nr && i < PCIQ_MAX_MATCHES; i++) {
		if (pciq_match_one(&list->match[i], entry))
			return true;
	}
	return false;
}

/* Crash path: kernel/kexec_pci_stages.c. */
void pciq_run(struct pciq_run *run);
void pciq_recover(struct pciq_run *run);
void pciq_abort(struct pciq_run *run);
bool pciq_continue(void);
int pciq_reenter(void);

/* Shared with the dry run: kernel/kexec_pci_quiesce.c. */
void pciq_judge(const struct pciq_func *func, struct pciq_entry *entry);
void pciq_finish(struct pciq_run *run, enum pciq_verdict verdict);

/* The machine, healthy side: arch/x86/kernel/crash_pci_windows.c. */
const char *pciq_arch_unfit(void);
unsigned int pciq_arch_clock_khz(void);
int pciq_arch_windows(struct pciq_window *windows, int nr, int max);
void pciq_arch_release(struct pciq_window *windows, int nr);

/* The machine, crash path: arch/x86/kernel/crash_pci.c. */
bool pciq_arch_read(const struct pciq_window *window, u8 bus, u8 devfn,
		    u16 reg, unsigned int size, u32 *value);
bool pciq_arch_write(const struct pciq_window *window, u8 bus, u8 devfn,
		     u16 reg, unsigned int size, u32 value);
bool pciq_arch_probe(const void *address);
u64 pciq_arch_clock(void);
void pciq_arch_relax(void);
bool pciq_arch_machine_check(void);

/* Arming: drivers/pci/quiesce/. */
int pciq_configure(void);
int pciq_arm(void);
void pciq_log_armed(void);
void pciq_disarm(void);
int pciq_take_snapshot(void);
const struct pciq_snapshot *pciq_newest(void);

#endif /* _LINUX_KEXEC_QUIESCE_H */

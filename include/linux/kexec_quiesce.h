/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI quiesce before a crash kexec: kernel API.
 *
 * Two sides that share nothing but the image:
 *
 * - the healthy side (kexec_pci_snapshot.c, kexec_pci_sysfs.c) may sleep,
 *   walks pci_dev and publishes images;
 * - the crash path (everything marked __quiesce) reads images and config
 *   windows, and nothing else.  See Documentation/kdump/pci-quiesce.rst.
 */
#ifndef _LINUX_KEXEC_QUIESCE_H
#define _LINUX_KEXEC_QUIESCE_H

#include <linux/align.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <uapi/linux/kexec_quiesce.h>

/*
 * The crash path lives in a section of its own: a test reads the section's
 * relocations and fails on any symbol that is not on its list.
 */
#define __quiesce	__section(".text..quiesce")

#define PCIQ_MAX_FUNCS			16384
#define PCIQ_MAX_SCRATCH		(2 * PCIQ_MAX_FUNCS)
#define PCIQ_MAX_WINDOWS		256
#define PCIQ_MAX_MATCHES		64
#define PCIQ_MIN_DEADLINE_MS		1
#define PCIQ_MAX_DEADLINE_MS		10000

/* Two images take turns; the seed has windows and room, but no functions. */
enum pciq_slot {
	PCIQ_SLOT_A,
	PCIQ_SLOT_B,
	PCIQ_SLOT_SEED,
	PCIQ_NR_SLOTS
};

/**
 * struct pciq_match - one token of exclude=, noreset= or reset=
 * @type: what is compared
 * @domain: PCI segment, for an address
 * @bus: bus number, likewise
 * @devfn: device and function, likewise
 * @vendor: vendor ID, for an ID
 * @device: device ID, likewise
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

/**
 * struct pciq_ctl - all that the crash path starts from
 * @slot: published images, NULL while one is being rewritten
 * @newest: PCIQ_SLOT_A or _B, stored last when publishing
 * @policy: enum pciq_policy
 * @deadline_ms: time budget
 * @tsc_khz: TSC ticks per millisecond
 * @spare_phys: physical address of pciq_spare
 * @arrivals: counts functions that have come, whether captured yet or not
 * @arrivals_known: @arrivals when the image of each slot was begun
 * @exclude: functions never to touch
 * @noreset: functions never to reset
 * @reset: functions to reset whatever they do
 *
 * Written in process context; read by the crash path without a lock, and not
 * believed: images are validated, numbers are clamped.  tools/crash and tools/drgn
 * read @slot, @newest and @policy from a dump: they stay the first.
 */
struct pciq_ctl {
	const struct pciq_image *slot[PCIQ_NR_SLOTS];
	unsigned int newest;
	unsigned int policy;
	unsigned int deadline_ms;
	unsigned int tsc_khz;
	phys_addr_t spare_phys;
	atomic_t arrivals;
	int arrivals_known[PCIQ_NR_SLOTS];
	struct pciq_match_list exclude;
	struct pciq_match_list noreset;
	struct pciq_match_list reset;
};

/* Error controls that are masked and given back. */
enum pciq_control {
	PCIQ_CONTROL_COMMAND,
	PCIQ_CONTROL_BRIDGE,
	PCIQ_CONTROL_ROOT,
	PCIQ_CONTROL_DEVICE,
	PCIQ_NR_CONTROLS
};

/**
 * struct pciq_work - what the crash path remembers about a function
 * @ready_at: TSC from which it, or of a port what is below it, may be asked
 * @control: enum pciq_control as found, to be given back
 * @dpc_ctl: DPC Control before the reset
 * @dpc_status: DPC Status before the reset
 * @sltsta: Slot Status before the reset
 * @reset_control: Bridge Control at the end of the reset
 * @written: a bit for each control that has to be given back
 * @state: where it is in its reset, see kexec_pci_internal.h
 * @settle_ms: of a port in a reset, from the end to the first access below
 * @reserved: not used
 *
 * 32 bytes.
 */
struct pciq_work {
	u64 ready_at;
	u16 control[PCIQ_NR_CONTROLS];
	u16 dpc_ctl;
	u16 dpc_status;
	u16 sltsta;
	u16 reset_control;
	u16 written;
	u16 state;
	u16 settle_ms;
	u16 reserved;
};

/**
 * struct pciq_run - one pass of the engine
 * @image: the image in use
 * @windows: config windows
 * @nr_windows: that many
 * @funcs: functions, children first
 * @nr_funcs: that many
 * @record: where to tell
 * @work: one per function
 * @saved: saved headers, one per function; NULL until they are believed
 * @record_phys: physical address of @record
 * @record_bytes: its length once written
 * @start: TSC at the beginning
 * @work_until: TSC by which steps must end, but for giving back
 * @until: TSC by which everything must end
 * @reset_end: TSC when the resets ended
 * @settle_ms: from then until the last function may be asked
 * @access_ticks: what a config access takes here, measured in the first steps
 * @tsc_khz: TSC ticks per millisecond
 * @slow: on a root bus, the last function that was slow and did not respond
 * @incomplete: there may be functions that are not in @funcs
 * @doubted: a bit for each window that does not show what it showed at capture
 */
struct pciq_run {
	const struct pciq_image *image;
	const struct pciq_window *windows;
	u32 nr_windows;
	const struct pciq_func *funcs;
	u32 nr_funcs;
	struct pciq_record *record;
	struct pciq_work *work;
	const struct pciq_saved *saved;
	u64 record_phys;
	u32 record_bytes;
	u64 start;
	u64 work_until;
	u64 until;
	u64 reset_end;
	u64 access_ticks;
	u32 settle_ms;
	u32 tsc_khz;
	u32 slow;
	u32 doubted[PCIQ_MAX_WINDOWS / 32];
	bool incomplete;
};

extern struct pciq_ctl pciq_ctl;
extern struct pciq_run pciq_crash_run;
extern struct pciq_record pciq_spare;

/* Where the functions of an image begin: a function is one cache line. */
static __always_inline u32 pciq_funcs_offset(u32 nr_windows)
{
	return ALIGN(sizeof(struct pciq_image) +
		     nr_windows * sizeof(struct pciq_window), 64);
}

/* Engine: kexec_pci_quiesce.c, crash path. */
void pciq_run(struct pciq_run *run);
void pciq_recover(struct pciq_run *run);
void pciq_abort(struct pciq_run *run);

/* Classes and lists: kexec_pci_match.c, both sides. */
bool pciq_class_excluded(u32 class);
bool pciq_matches(const struct pciq_match_list *list,
		  const struct pciq_func *func);
const char *pciq_policy_name(unsigned int policy);
int pciq_parse_policy(const char *token);
int pciq_parse_list(const char *text,
		    struct pciq_match_list *list,
		    char *bad, size_t bad_size);

/* Parameters: kexec_pci_param.c, healthy side. */
int pciq_configure(void);

/* VMCOREINFO: kexec_pci_note.c; the first healthy side, the other crash path. */
void pciq_note_prepare(void);
void pciq_note_append(const struct pciq_run *run);

/* What may be reset, and how: kexec_pci_plan.c, healthy side. */
void pciq_plan(struct pciq_func *funcs, u32 nr);

/* Healthy side: kexec_pci_snapshot.c. */
int pciq_capture(void);
int pciq_watch(void);
void pciq_unwatch(void);
void pciq_release(void);
const struct pciq_image *pciq_newest(void);
void pciq_lock(void);
void pciq_unlock(void);

/* What a crash would find: kexec_pci_dry_run.c, healthy side. */
void *pciq_dry_run(size_t *bytes);

/* /sys/kernel/kexec_pci_quiesce: kexec_pci_sysfs.c. */
int pciq_sysfs_add(void);
void pciq_sysfs_remove(void);

/* The machine, healthy side: arch/x86/kernel/crash_pci_windows.c. */
const char *pciq_arch_unfit(void);
unsigned int pciq_arch_clock_khz(void);
int pciq_arch_windows(struct pciq_window *windows, int nr,
		      int max);
void pciq_arch_release(struct pciq_window *windows, int nr);

/* Config windows, crash path: arch/x86/kernel/crash_pci.c. */
bool pciq_arch_read(const struct pciq_window *window, u8 bus,
		    u8 devfn, u16 reg, unsigned int size, u32 *value);
bool pciq_arch_write(const struct pciq_window *window, u8 bus,
		     u8 devfn, u16 reg, unsigned int size, u32 value);
bool pciq_arch_probe(const void *address);
u64 pciq_arch_clock(void);
void pciq_arch_relax(void);
bool pciq_arch_machine_check(void);

#endif /* _LINUX_KEXEC_QUIESCE_H */

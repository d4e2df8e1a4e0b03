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
#define __quiesce	__section(".text.quiesce")

#define KEXEC_QUIESCE_MAX_FUNCS		65536
#define KEXEC_QUIESCE_MAX_WINDOWS	256
#define KEXEC_QUIESCE_MAX_MATCHES	64
#define KEXEC_QUIESCE_MIN_DEADLINE_MS	1
#define KEXEC_QUIESCE_MAX_DEADLINE_MS	60000

/* Two images take turns; the seed has windows and room, but no functions. */
enum kexec_quiesce_slot {
	KEXEC_QUIESCE_SLOT_A,
	KEXEC_QUIESCE_SLOT_B,
	KEXEC_QUIESCE_SLOT_SEED,
	KEXEC_QUIESCE_NR_SLOTS
};

/**
 * struct kexec_quiesce_match - one token of exclude= or noreset=
 * @type: what is compared
 * @domain: PCI segment, for an address
 * @bus: bus number, likewise
 * @devfn: device and function, likewise
 * @vendor: vendor ID, for an ID
 * @device: device ID, likewise
 * @class: base class and subclass, for a class
 */
struct kexec_quiesce_match {
	enum {
		KEXEC_QUIESCE_MATCH_ADDRESS,
		KEXEC_QUIESCE_MATCH_ID,
		KEXEC_QUIESCE_MATCH_CLASS,
	} type;
	u32 domain;
	u8 bus;
	u8 devfn;
	u16 vendor;
	u16 device;
	u16 class;
};

/**
 * struct kexec_quiesce_match_list - a parsed exclude= or noreset=
 * @nr: tokens
 * @match: the tokens
 */
struct kexec_quiesce_match_list {
	unsigned int nr;
	struct kexec_quiesce_match match[KEXEC_QUIESCE_MAX_MATCHES];
};

/**
 * struct kexec_quiesce_ctl - all that the crash path starts from
 * @slot: published images, NULL while one is being rewritten
 * @newest: KEXEC_QUIESCE_SLOT_A or _B, stored last when publishing
 * @policy: enum kexec_quiesce_policy
 * @deadline_ms: time budget
 * @tsc_khz: TSC ticks per millisecond
 * @spare_phys: physical address of kexec_quiesce_spare
 * @exclude: functions never to touch
 * @noreset: functions never to reset
 *
 * Written in process context; read by the crash path without a lock, and not
 * believed: images are validated, numbers are clamped.
 */
struct kexec_quiesce_ctl {
	const struct kexec_quiesce_image *slot[KEXEC_QUIESCE_NR_SLOTS];
	unsigned int newest;
	unsigned int policy;
	unsigned int deadline_ms;
	unsigned int tsc_khz;
	phys_addr_t spare_phys;
	struct kexec_quiesce_match_list exclude;
	struct kexec_quiesce_match_list noreset;
};

/**
 * struct kexec_quiesce_masked - error controls as found, to be given back
 * @devctl: Device Control
 * @command: Command
 * @bridge_control: Bridge Control
 * @rtctl: Root Control
 * @written: a bit for each that has to be given back
 */
struct kexec_quiesce_masked {
	u16 devctl;
	u16 command;
	u16 bridge_control;
	u16 rtctl;
	u16 written;
};

/**
 * struct kexec_quiesce_run - one pass of the engine
 * @windows: config windows
 * @nr_windows: that many
 * @funcs: functions, children first
 * @nr_funcs: that many
 * @record: where to tell
 * @masked: room for one per function
 * @record_phys: physical address of @record
 * @record_bytes: its length once written
 * @start: TSC at the beginning
 * @work_until: TSC by which steps must end, but for giving back
 * @until: TSC by which everything must end
 * @tsc_khz: TSC ticks per millisecond
 * @overflow: functions were found that there was no room for
 * @dry: read, but do not write
 */
struct kexec_quiesce_run {
	const struct kexec_quiesce_window *windows;
	u32 nr_windows;
	const struct kexec_quiesce_func *funcs;
	u32 nr_funcs;
	struct kexec_quiesce_record *record;
	struct kexec_quiesce_masked *masked;
	u64 record_phys;
	u32 record_bytes;
	u64 start;
	u64 work_until;
	u64 until;
	u32 tsc_khz;
	bool overflow;
	bool dry;
};

extern struct kexec_quiesce_ctl kexec_quiesce_ctl;
extern struct kexec_quiesce_run kexec_quiesce_crash_run;
extern struct kexec_quiesce_record kexec_quiesce_spare;

/* Where the functions of an image begin: a function is one cache line. */
static __always_inline u32 kexec_quiesce_funcs_offset(u32 nr_windows)
{
	return ALIGN(sizeof(struct kexec_quiesce_image) +
		     nr_windows * sizeof(struct kexec_quiesce_window), 64);
}

/* Engine: kexec_pci_quiesce.c, crash path. */
void kexec_quiesce_run(struct kexec_quiesce_run *run);
void kexec_quiesce_abort(struct kexec_quiesce_run *run);

/* Classes and lists: kexec_pci_match.c, both sides. */
bool kexec_quiesce_class_excluded(u32 class);
bool kexec_quiesce_matches(const struct kexec_quiesce_match_list *list,
			   const struct kexec_quiesce_func *func);
const char *kexec_quiesce_policy_name(unsigned int policy);
int kexec_quiesce_parse_policy(const char *token);
int kexec_quiesce_parse_list(const char *text,
			     struct kexec_quiesce_match_list *list,
			     char *bad, size_t bad_size);

/* Healthy side: kexec_pci_snapshot.c. */
int kexec_quiesce_capture(void);
int kexec_quiesce_watch(void);
void kexec_quiesce_unwatch(void);
void kexec_quiesce_release(void);
const struct kexec_quiesce_image *kexec_quiesce_newest(void);
void kexec_quiesce_lock(void);
void kexec_quiesce_unlock(void);

/* /sys/kernel/kexec_pci_quiesce: kexec_pci_sysfs.c. */
int kexec_quiesce_sysfs_add(void);
void kexec_quiesce_sysfs_remove(void);

/* Config windows, healthy side: arch/x86/kernel/crash_pci_windows.c. */
int kexec_quiesce_arch_windows(struct kexec_quiesce_window *windows, int nr,
			       int max);
void kexec_quiesce_arch_release(struct kexec_quiesce_window *windows, int nr);

/* Config windows, crash path: arch/x86/kernel/crash_pci.c. */
bool kexec_quiesce_arch_read(const struct kexec_quiesce_window *window, u8 bus,
			     u8 devfn, u16 reg, unsigned int size, u32 *value);
bool kexec_quiesce_arch_write(const struct kexec_quiesce_window *window, u8 bus,
			      u8 devfn, u16 reg, unsigned int size, u32 value);
bool kexec_quiesce_arch_probe(const void *address);
u64 kexec_quiesce_arch_clock(void);
void kexec_quiesce_arch_relax(void);

#endif /* _LINUX_KEXEC_QUIESCE_H */

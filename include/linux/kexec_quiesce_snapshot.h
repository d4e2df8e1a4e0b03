/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI quiesce before a crash kexec: the snapshot, in memory and as
 * /sys/kernel/kexec_pci_quiesce/snapshot shows it to the kexec-quiesce command
 * of the same version.
 *
 * In two parts, each with a checksum of its own: first what every crash uses
 * (windows, functions, operations), then what only a function that refuses
 * calls for (resets, what they lose, the operations before them).
 */
#ifndef _LINUX_KEXEC_QUIESCE_SNAPSHOT_H
#define _LINUX_KEXEC_QUIESCE_SNAPSHOT_H

#include <linux/types.h>
#include <uapi/linux/kexec_quiesce.h>

#define PCIQ_SNAPSHOT_MAGIC	"KPCIQSNP"
#define PCIQ_SNAPSHOT_VERSION	3

#define PCIQ_NONE		0xffffffffU	/* no parent */
#define PCIQ_NO_WINDOW		0xffffU

enum pciq_window_type {
	PCIQ_ECAM	= 1,	/* memory-mapped, 4 KiB a function */
	PCIQ_CF8	= 2,	/* ports 0xCF8/0xCFC, segment 0 */
};

/**
 * struct pciq_window - a way to config space
 * @domain: PCI segment
 * @bus_start: first bus reached
 * @bus_end: last bus reached
 * @type: enum pciq_window_type
 * @reserved: 0
 * @phys: physical address of bus_start, device 0, function 0 (ECAM)
 * @virt: kernel mapping of @phys; 0 where shown to user space
 */
struct pciq_window {
	__u32 domain;
	__u8 bus_start;
	__u8 bus_end;
	__u8 type;
	__u8 reserved;
	__u64 phys;
	__u64 virt;
};

/**
 * struct pciq_func - a function, as every crash needs it
 * @entry: its entry of the record, complete but for what a crash adds.  If its
 *	reason is not PCIQ_BY_DEADLINE, the function is left alone
 * @window: index of its window, PCIQ_NO_WINDOW if none
 * @pm_cap: offset of Power Management, of a port with something below; 0 = none
 * @remains: enum pciq_reason for which it may interrupt or write memory with
 *	BME and INTx off; PCIQ_BY_PLAN if there is none
 *
 * Children come before the bridge above them, a VF before its PF.
 */
struct pciq_func {
	struct pciq_entry entry;
	__u16 window;
	__u8 pm_cap;
	__u8 remains;
};

/*
 * When an operation is due: bits of what the crash path knows of its function.
 * Zero: in every crash, of ports that responded.
 */
#define PCIQ_WHEN_LINK_RESET	0x01	/* a port whose link is to be reset */
#define PCIQ_WHEN_RESET		0x02	/* it is itself to be reset */
#define PCIQ_WHEN_CONTAIN	0x04	/* a port whose BME is to be cleared */

/* Discard Timer Status, RW1C, shares Bridge Control. */
#define PCIQ_BRIDGE_CTL_DTS	0x0400

/**
 * struct pciq_op - an operation on a 16-bit register
 * @func: index of the function
 * @reg: offset of the register
 * @clear: bits to clear
 * @set: bits to set
 * @never: bits always written 0: RW1C status, or what would act
 * @events: RW1C status that is cleared afterwards if it was clear before; then
 *	nothing is written beforehand
 * @when: PCIQ_WHEN_*
 * @slot: number of the operation among those of its function that are undone
 *
 * In the order in which they are applied; those with @when are undone in the
 * reverse order.
 */
struct pciq_op {
	__u16 func;
	__u16 reg;
	__u16 clear;
	__u16 set;
	__u16 never;
	__u16 events;
	__u8 when;
	__u8 slot;
};

/* How a function is reset; of a port, what is below: "none", "link", "flr". */
enum pciq_reset_method {
	PCIQ_RESET_NONE,
	PCIQ_RESET_LINK,	/* Secondary Bus Reset of the port above */
	PCIQ_RESET_FLR,
	PCIQ_NR_RESETS
};

/* What a policy does to a function. */
enum pciq_plan {
	PCIQ_PLAN_LEAVE,
	PCIQ_PLAN_PORT,		/* a port: interrupts off */
	PCIQ_PLAN_DISABLE,	/* BME and INTx off */
	PCIQ_PLAN_RESET,
};

#define PCIQ_LINK_FAST		0x01	/* port reports Link Active; above 5 GT/s */

/**
 * struct pciq_reset - how to reset a function, and what that loses
 * @parent: index of the bridge above, or of the PF of a VF; PCIQ_NONE
 * @first: index of its first struct pciq_restore
 * @witness: index of the struct pciq_restore whose register shows whether there
 *	was a reset; PCIQ_NONE if none does
 * @flr_bit: Initiate FLR
 * @pending_bit: Transactions Pending
 * @settle_ms: of a port, from the end of its link's reset, or with
 *	PCIQ_LINK_FAST from Link Active, until a function below may be read;
 *	else from FLR
 * @command: Command
 * @nr: how many struct pciq_restore it has
 * @pcie_cap: offset of the PCI Express capability, 0 = none
 * @flr_reg: offset of the 16-bit register with @flr_bit, 0 = none
 * @pending_reg: offset of the 16-bit register with @pending_bit, 0 = none
 * @method: enum pciq_reset_method
 * @no_reset: enum pciq_no_reset: of a port, why its link may not be reset; else
 *	why the link above may not be
 * @link: PCIQ_LINK_*
 * @cause: a bit for each enum pciq_policy under which it, not only its link's
 *	or its PF's reset, is a reason to reset whether or not it refuses
 * @plan: enum pciq_plan for each enum pciq_policy
 */
struct pciq_reset {
	__u32 parent;
	__u32 first;
	__u32 witness;
	__u16 flr_bit;
	__u16 pending_bit;
	__u16 settle_ms;
	__u16 command;
	__u8 nr;
	__u8 pcie_cap;
	__u8 flr_reg;
	__u8 pending_reg;
	__u8 method;
	__u8 no_reset;
	__u8 link;
	__u8 cause;
	__u8 plan[PCIQ_NR_POLICIES];
};

/**
 * struct pciq_restore - a register that a reset loses
 * @reg: offset
 * @size: 2 or 4 bytes
 * @compare: what is there now must be @value, or there is no reset
 * @value: what to write
 * @keep: bits of a 16-bit register that are written as they are found
 */
struct pciq_restore {
	__u16 reg;
	__u8 size;
	__u8 compare;
	__u32 value;
	__u32 keep;
};

/**
 * struct pciq_part - a table of the snapshot
 * @offset: of its first element
 * @nr: that many
 */
struct pciq_part {
	__u32 offset;
	__u32 nr;
};

/**
 * struct pciq_snapshot - header
 * @magic: PCIQ_SNAPSHOT_MAGIC, not terminated
 * @version: PCIQ_SNAPSHOT_VERSION
 * @header_size: size of this header
 * @hot_bytes: size of the first part
 * @hot_sum: xxh64, seed 0, of what follows this field up to @hot_bytes
 * @cold_sum: the same of [@hot_bytes, @total_bytes)
 * @total_bytes: the whole snapshot
 * @took_us: how long it took to take
 * @arrivals: functions that had been added until it was begun
 * @reset_ms: what resets take at most, until the last function may be read and
 *	is restored
 * @always: a bit for each enum pciq_policy under which something is reset
 *	whether or not it refuses
 * @windows: struct pciq_window
 * @funcs: struct pciq_func
 * @ops: struct pciq_op, due in every crash
 * @resets: struct pciq_reset, one for each function
 * @restores: struct pciq_restore
 * @reset_ops: struct pciq_op, due before a reset or a containment
 * @record: header of the record, complete but for what a crash adds
 */
struct pciq_snapshot {
	__u8 magic[8];
	__u16 version;
	__u16 header_size;
	__u32 hot_bytes;
	__u64 hot_sum;
	__u64 cold_sum;
	__u32 total_bytes;
	__u32 took_us;
	__u32 arrivals;
	__u16 reset_ms;
	__u16 always;
	struct pciq_part windows;
	struct pciq_part funcs;
	struct pciq_part ops;
	struct pciq_part resets;
	struct pciq_part restores;
	struct pciq_part reset_ops;
	struct pciq_record record;
};

#endif /* _LINUX_KEXEC_QUIESCE_SNAPSHOT_H */

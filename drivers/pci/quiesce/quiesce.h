/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files that describe the machine for the crash path.  Each uses
 * only those before it: match.c (lists of functions), describe.c (struct
 * pci_dev), plan.c (what may be reset), ops.c (registers), build.c (all of
 * these together), snapshot.c (publishing), dry_run.c, sysfs.c, param.c, arm.c.
 */
#ifndef DRIVERS_PCI_QUIESCE_H
#define DRIVERS_PCI_QUIESCE_H

#include <linux/kexec_quiesce.h>

struct pci_dev;

/* struct pciq_desc, has: what its registers and the kernel say. */
#define PCIQ_HAS_ROOT_CONTROL	0x0001	/* a root port */
#define PCIQ_HAS_LINK_BELOW	0x0002	/* a root or downstream port */
#define PCIQ_HAS_SLOT		0x0004	/* hotplug-capable, owned by Linux */
#define PCIQ_HAS_AER		0x0008	/* owned by Linux */
#define PCIQ_HAS_DPC		0x0010	/* owned by Linux */
#define PCIQ_HAS_PME		0x0020	/* owned by Linux */
#define PCIQ_HAS_BANDWIDTH	0x0040	/* its interrupts are enabled */
#define PCIQ_HAS_BRIDGE		0x0080
#define PCIQ_HAS_PIN		0x0100
#define PCIQ_HAS_FOREIGN	0x0200	/* interrupts enabled by firmware */

/* Dwords of the header that a reset loses. */
#define PCIQ_HEADER_DWORDS	16

/**
 * struct pciq_desc - what is known of a function while a snapshot is taken
 * @dev: the function, with a reference held
 * @depth: bridges between it and the host bridge; a VF is below its PF
 * @is_in_reset: it is being reset
 * @is_readable: it has power, and is not being reset
 * @func: for the snapshot
 * @reset: for the snapshot
 * @has: PCIQ_HAS_*
 * @port_type: Device/Port Type, 0 without the PCI Express capability
 * @no_link: of a port: enum pciq_no_reset of its own link, whatever is below
 * @msi_cap: offset of MSI, 0 = none, as with all below
 * @msix_cap: MSI-X
 * @pcix_cap: PCI-X
 * @aer_cap: Advanced Error Reporting
 * @dpc_cap: Downstream Port Containment
 * @ptm_cap: Precision Time Measurement
 * @header: the first 64 bytes of config space
 * @devctl: Device Control
 * @devctl2: Device Control 2
 * @lnkctl: Link Control
 * @lnkctl2: Link Control 2
 * @sltctl: Slot Control
 * @rtctl: Root Control
 * @pcix_cmd: PCI-X Command
 */
struct pciq_desc {
	struct pci_dev *dev;
	u8 depth;
	bool is_in_reset;
	bool is_readable;
	struct pciq_func func;
	struct pciq_reset reset;
	u16 has;
	u8 port_type;
	u8 no_link;
	u8 msi_cap;
	u8 msix_cap;
	u8 pcix_cap;
	u16 aer_cap;
	u16 dpc_cap;
	u16 ptm_cap;
	u32 header[PCIQ_HEADER_DWORDS];
	u16 devctl;
	u16 devctl2;
	u16 lnkctl;
	u16 lnkctl2;
	u16 sltctl;
	u16 rtctl;
	u16 pcix_cmd;
};

/* A function has at most so many of these. */
#define PCIQ_OPS_PER_FUNC	(8 + PCIQ_MAX_UNDO)
#define PCIQ_RESTORES_PER_FUNC	20

/**
 * struct pciq_tables - what the descriptions become
 * @windows: config windows
 * @ops: due in every crash
 * @reset_ops: due before a reset or a containment
 * @restores: registers that a reset loses
 * @nr_windows: that many
 * @nr_ops: that many
 * @nr_reset_ops: that many
 * @nr_restores: that many
 */
struct pciq_tables {
	const struct pciq_window *windows;
	struct pciq_op *ops;
	struct pciq_op *reset_ops;
	struct pciq_restore *restores;
	u32 nr_windows;
	u32 nr_ops;
	u32 nr_reset_ops;
	u32 nr_restores;
};

/* match.c */
const char *pciq_policy_name(unsigned int policy);
int pciq_parse_policy(const char *token);
int pciq_parse_list(const char *text, struct pciq_match_list *list, char *bad,
		    size_t bad_size);

/* describe.c */
void pciq_describe(struct pciq_desc *desc, const struct pciq_window *windows,
		   int nr_windows);
int pciq_collect(struct pciq_desc **descs, u32 *nr);
void pciq_drop(struct pciq_desc *descs, u32 nr);
int pciq_link_parents(struct pciq_desc *descs, u32 nr);

/* plan.c */
void pciq_plan(struct pciq_desc *descs, u32 nr);
u16 pciq_longest_reset(const struct pciq_desc *descs, u32 nr);

/* ops.c */
void pciq_add_ops(struct pciq_tables *tables, const struct pciq_desc *desc,
		  u16 index);
void pciq_add_restores(struct pciq_tables *tables, struct pciq_desc *desc);

/* build.c */
struct pciq_snapshot *pciq_new_snapshot(u32 nr,
					const struct pciq_tables *tables);
void pciq_seal(struct pciq_snapshot *snapshot);
int pciq_build_snapshot(const struct pciq_window *windows, u32 nr,
			struct pciq_snapshot **snapshot, bool *again);

/* snapshot.c */
int pciq_make_memory(u32 nr);
void pciq_free_memory(void);
int pciq_watch(void);
void pciq_unwatch(void);
void pciq_release(void);
void pciq_lock(void);
void pciq_unlock(void);

/* dry_run.c */
void *pciq_dry_run(size_t *bytes);

/* sysfs.c */
int pciq_sysfs_add(void);
void pciq_sysfs_remove(void);

#endif /* DRIVERS_PCI_QUIESCE_H */

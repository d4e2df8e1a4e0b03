/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of the crash path.  Each uses only those before it:
 * kexec_pci_quiesce.c (core), kexec_pci_contain.c and kexec_pci_reset.c (for
 * functions that refuse), kexec_pci_walk.c (no valid snapshot),
 * kexec_pci_stages.c (the order of all).
 */
#ifndef KEXEC_PCI_INTERNAL_H
#define KEXEC_PCI_INTERNAL_H

#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

/* PCI_ERROR_RESPONSE, 16 bits of it. */
#define PCIQ_NO_RESPONSE_16	0xffff

#define PCIQ_CAN_SCAN		IS_ENABLED(CONFIG_KEXEC_PCI_QUIESCE_WALK)

/* struct pciq_work, state */
#define PCIQ_STATE_LINK		PCIQ_WHEN_LINK_RESET
#define PCIQ_STATE_RESET	PCIQ_WHEN_RESET
#define PCIQ_STATE_CLOSING	PCIQ_WHEN_CONTAIN
#define PCIQ_STATE_FLR		0x0008	/* and its reset is by FLR */
#define PCIQ_STATE_PRESENT	0x0010	/* its identity matches */
#define PCIQ_STATE_LOW_POWER	0x0040	/* it, or a port above, is not in D0 */
#define PCIQ_STATE_DEFERRED	0x0100	/* left until all others are disabled */
#define PCIQ_STATE_ASSERTED	0x0200	/* port: Secondary Bus Reset is set */
#define PCIQ_STATE_LINK_UP	0x0400	/* port: link active after the reset */
#define PCIQ_STATE_READY	0x0800	/* responded after its reset, restored */
#define PCIQ_STATE_CONTAINED	0x1000	/* port: BME reads back 0 */
#define PCIQ_STATE_RESTORING	0x2000	/* some registers are restored */
/* What is below a port shares. */
#define PCIQ_STATE_INHERITED	(PCIQ_STATE_LOW_POWER | PCIQ_STATE_DEFERRED)
/* The function, or the port of its link, is to be reset by itself. */
#define PCIQ_STATE_CHOSEN	(PCIQ_STATE_LINK | PCIQ_STATE_FLR)

/* A power of two, so that a corrupt outcome leads nowhere. */
#define PCIQ_OUTCOME_MASK	(PCIQ_NR_OUTCOMES - 1)

static __always_inline struct pciq_entry *
pciq_entry(const struct pciq_run *run, u32 i)
{
	return (struct pciq_entry *)(run->record + 1) + i;
}

static __always_inline void pciq_set_outcome(struct pciq_entry *entry,
					     enum pciq_outcome outcome,
					     enum pciq_reason reason)
{
	entry->outcome = outcome;
	entry->reason = reason;
}

/* It may be slow: not before all others. */
static __always_inline void pciq_defer(struct pciq_run *run, u32 i)
{
	run->work[i].state |= PCIQ_STATE_DEFERRED;
	run->deferred = 1;
}

static __always_inline bool pciq_is_bridge(const struct pciq_run *run, u32 i)
{
	return run->funcs[i].entry.flags & PCIQ_F_BRIDGE;
}

/* Index of the port above, PCIQ_NONE if there is none. */
static __always_inline u32 pciq_port(const struct pciq_run *run, u32 i)
{
	return run->funcs[i].entry.port - 1;
}

/* Reset, and not restored yet. */
static __always_inline bool pciq_is_in_reset(const struct pciq_work *work)
{
	return (work->state & (PCIQ_STATE_RESET | PCIQ_STATE_READY)) ==
	       PCIQ_STATE_RESET;
}

/* VFs are gone with a reset of their PF. */
static __always_inline bool pciq_goes_with_pf(const struct pciq_run *run, u32 i)
{
	return run->funcs[i].entry.flags & PCIQ_F_VF &&
	       !(run->work[i].state & PCIQ_STATE_FLR);
}

/* kexec_pci_quiesce.c */
void pciq_set_deadline(struct pciq_run *run);
bool pciq_expired(const struct pciq_run *run, u64 until);
void pciq_delay(const struct pciq_run *run, u32 us, u64 until);
u32 pciq_read(struct pciq_run *run, u32 i, u16 reg, unsigned int size);
void pciq_write(struct pciq_run *run, u32 i, u16 reg, unsigned int size,
		u32 value);
bool pciq_is_valid(const struct pciq_run *run, const void *start, u32 bytes,
		   u64 sum);
bool pciq_responds(struct pciq_run *run, u32 i, u32 *id);
void pciq_apply_ops(struct pciq_run *run, const struct pciq_part *part,
		    u8 due);
void pciq_undo_ops(struct pciq_run *run);
void pciq_begin_step(struct pciq_run *run, enum pciq_step step);
bool pciq_begin(struct pciq_run *run);
void pciq_begin_entries(struct pciq_run *run, u32 nr);
void pciq_disable_functions(struct pciq_run *run);

/* kexec_pci_contain.c */
#ifdef CONFIG_KEXEC_PCI_QUIESCE_CONTAIN
bool pciq_may_master(const struct pciq_entry *entry);
void pciq_contain(struct pciq_run *run);
#else
static inline bool pciq_may_master(const struct pciq_entry *entry)
{
	return false;
}

static inline void pciq_contain(struct pciq_run *run) { }
#endif /* CONFIG_KEXEC_PCI_QUIESCE_CONTAIN */

/* kexec_pci_reset.c */
#ifdef CONFIG_KEXEC_PCI_QUIESCE_RESET
void pciq_reset_refused(struct pciq_run *run);
void pciq_release_links(struct pciq_run *run);
void pciq_wait_ready(struct pciq_run *run);
#else
static inline void pciq_reset_refused(struct pciq_run *run) { }
static inline void pciq_release_links(struct pciq_run *run) { }
static inline void pciq_wait_ready(struct pciq_run *run) { }
#endif /* CONFIG_KEXEC_PCI_QUIESCE_RESET */

/* kexec_pci_walk.c */
#ifdef CONFIG_KEXEC_PCI_QUIESCE_WALK
void pciq_scan(struct pciq_run *run);
#else
static inline void pciq_scan(struct pciq_run *run) { }
#endif /* CONFIG_KEXEC_PCI_QUIESCE_WALK */

#endif /* KEXEC_PCI_INTERNAL_H */

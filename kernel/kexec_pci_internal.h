/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of the crash path: kexec_pci_quiesce.c (the steps),
 * kexec_pci_errors.c (error reporting), kexec_pci_reset.c and
 * kexec_pci_contain.c (what refuses), kexec_pci_restore.c (what a reset
 * loses), kexec_pci_image.c (what to believe), kexec_pci_record.c (what to
 * tell) and kexec_pci_raw.c (the last resort).
 */
#ifndef KEXEC_PCI_INTERNAL_H
#define KEXEC_PCI_INTERNAL_H

#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

/* What an absent function, or a dead one, answers to a 16-bit read. */
#define ALL_ONES_16		0xffff

/* Discard Timer Status is RW1C and shares Bridge Control: write it 0. */
#define BRIDGE_CONTROL_RW1C	0x0400

#define DEVCTL_REPORTING	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | \
				 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE)

/* pciq_work.state: where a function or port is in its reset. */
#define STATE_WANTED		0x001	/* a reset is called for: it refused, or policy */
#define STATE_LINK		0x002	/* port: its link is to be reset */
#define STATE_ASSERTED		0x004	/* port: Secondary Bus Reset is set now */
#define STATE_RELEASED		0x008	/* port: it was, and is no longer */
#define STATE_DPC		0x010	/* port: DPC was switched off */
#define STATE_LINK_SEEN		0x020	/* port: the link was active after that */
#define STATE_COVERED		0x040	/* below a link that is reset */
#define STATE_FLR		0x080	/* reset alone */
#define STATE_BACK		0x100	/* answered after its reset, and was restored */
#define STATE_CONTAINED		0x200	/* port: BME is off */
#define STATE_RESTORING		0x400	/* its registers say nothing any more */
#define STATE_ASLEEP		0x800	/* below a port that is not in D0: not read */
#define STATE_SLEEPS_BELOW	0x1000	/* port: not in D0 */
#define STATE_SLOW		0x2000	/* port: it, or what is below, does not respond */
#define STATE_DEFERRED		0x4000	/* comes after the functions that respond */
#define STATE_PTM		0x8000	/* PTM was switched off for its reset */
#define STATE_RESET		(STATE_WANTED | STATE_LINK | STATE_COVERED | \
				 STATE_FLR)
#define STATE_GONE		(STATE_COVERED | STATE_FLR)

static __always_inline struct pciq_entry *
entry_of(const struct pciq_run *run, u32 i)
{
	return (struct pciq_entry *)(run->record + 1) + i;
}

static __always_inline void tell(struct pciq_entry *entry,
				 enum pciq_outcome outcome,
				 enum pciq_reason reason)
{
	entry->outcome = outcome;
	entry->reason = reason;
}

/* No response; no loss if there was none at capture either. */
static __always_inline void tell_silent(const struct pciq_func *func,
					struct pciq_entry *entry)
{
	tell(entry, PCIQ_ABSENT,
	     func->flags & PCIQ_F_OFFLINE ? PCIQ_BY_PLAN :
						     PCIQ_BY_VANISHING);
}

/* Later in the array, if there: a corrupted index leads nowhere. */
static __always_inline u32 parent_of(const struct pciq_run *run, u32 i)
{
	u32 parent = run->funcs[i].parent;

	return parent > i && parent < run->nr_funcs ? parent :
						      PCIQ_NONE;
}

static __always_inline bool is_masked(const struct pciq_run *run,
				      u32 i, enum pciq_control which)
{
	return run->work[i].written & 1U << which;
}

/* kexec_pci_quiesce.c */
bool pciq_late(const struct pciq_run *run, u64 until);
void pciq_pause(struct pciq_run *run, u32 us, u64 until);
u32 pciq_read(struct pciq_run *run,
	      const struct pciq_func *func, u16 reg,
	      unsigned int size);

bool pciq_passed_over(const struct pciq_run *run, u32 i);
void pciq_tell_gated(const struct pciq_func *func,
		     struct pciq_entry *entry, u16 command,
		     enum pciq_outcome outcome);
bool pciq_write(struct pciq_run *run,
		const struct pciq_func *func, u16 reg,
		unsigned int size, u32 value);
bool pciq_change(struct pciq_run *run,
		 const struct pciq_func *func, u16 reg,
		 u16 clear, u16 set, u16 rw1c, u16 *before);

/* kexec_pci_errors.c */
void pciq_mask_errors(struct pciq_run *run);
void pciq_unmask_errors(struct pciq_run *run);

/* kexec_pci_reset.c */
void pciq_choose_resets(struct pciq_run *run,
			unsigned int policy);
void pciq_reset_links(struct pciq_run *run);
void pciq_release_links(struct pciq_run *run);
void pciq_bring_back(struct pciq_run *run);

u32 pciq_port_of(const struct pciq_run *run, u32 i);

/* kexec_pci_contain.c */
void pciq_contain(struct pciq_run *run);

/* kexec_pci_restore.c */
void pciq_restore(struct pciq_run *run, u32 i);
void pciq_restore_port(struct pciq_run *run, u32 i);

/* kexec_pci_image.c */
const struct pciq_image *
pciq_pick_image(const struct pciq_run *run,
		enum pciq_source *source);
const struct pciq_saved *
pciq_saved_headers(const struct pciq_run *run);
void pciq_look_at_ports(struct pciq_run *run);

/* kexec_pci_record.c */
void pciq_clear(void *start, u32 bytes);
bool pciq_is_quiet(const struct pciq_entry *entry);
void pciq_begin_record(struct pciq_run *run,
		       unsigned int policy);
void pciq_tell_origin(struct pciq_record *record,
		      const struct pciq_image *image,
		      enum pciq_source source);
void pciq_begin_entries(struct pciq_run *run, u32 nr);
void pciq_finish(struct pciq_run *run,
		 enum pciq_verdict verdict);

/* kexec_pci_raw.c */
u32 pciq_walk(struct pciq_run *run,
	      struct pciq_func *room, u32 max);

/*
 * kexec_pci_core.c: parts of the crash path. A fault costs the part that it
 * hits, and those after it are gone on with by the nested panic.
 */
enum pciq_stage {
	PCIQ_STAGE_BEFORE,
	PCIQ_STAGE_RUN,
	PCIQ_STAGE_RECOVER,
	PCIQ_STAGE_ABORT,
	PCIQ_STAGE_NOTE,
	PCIQ_STAGE_AFTER
};

#define PCIQ_NO_CPU		(~0U)

/**
 * struct pciq_guard - whether the crash path has run, and where it is
 * @reached: the stage that began last
 * @inside_cpu: the CPU that is in it, PCIQ_NO_CPU if none is
 */
struct pciq_guard {
	enum pciq_stage reached;
	unsigned int inside_cpu;
};

extern struct pciq_guard pciq_guard;

#endif /* KEXEC_PCI_INTERNAL_H */

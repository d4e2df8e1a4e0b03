/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of the crash path: kexec_pci_quiesce.c (the steps),
 * kexec_pci_image.c (what to believe), kexec_pci_record.c (what to tell) and
 * kexec_pci_raw.c (the last resort).
 */
#ifndef KEXEC_PCI_INTERNAL_H
#define KEXEC_PCI_INTERNAL_H

#include <linux/kexec_quiesce.h>

/* What an absent function, or a dead one, answers to a 16-bit read. */
#define ALL_ONES_16		0xffff

static __always_inline struct kexec_quiesce_entry *
entry_of(struct kexec_quiesce_run *run, u32 i)
{
	return (struct kexec_quiesce_entry *)(run->record + 1) + i;
}

static __always_inline void tell(struct kexec_quiesce_entry *entry,
				 enum kexec_quiesce_outcome outcome,
				 enum kexec_quiesce_reason reason)
{
	entry->outcome = outcome;
	entry->reason = reason;
}

/* kexec_pci_quiesce.c */
bool kexec_quiesce_late(const struct kexec_quiesce_run *run, u64 until);
u32 kexec_quiesce_read(struct kexec_quiesce_run *run,
		       const struct kexec_quiesce_func *func, u16 reg,
		       unsigned int size);

/* kexec_pci_image.c */
const struct kexec_quiesce_image *
kexec_quiesce_pick_image(const struct kexec_quiesce_run *run,
			 enum kexec_quiesce_source *source);

/* kexec_pci_record.c */
void kexec_quiesce_begin_record(struct kexec_quiesce_run *run,
				unsigned int policy);
void kexec_quiesce_tell_origin(struct kexec_quiesce_record *record,
			       const struct kexec_quiesce_image *image,
			       enum kexec_quiesce_source source);
void kexec_quiesce_begin_entries(struct kexec_quiesce_run *run, u32 nr);
void kexec_quiesce_finish(struct kexec_quiesce_run *run,
			  enum kexec_quiesce_verdict verdict);

/* kexec_pci_raw.c */
u32 kexec_quiesce_walk(struct kexec_quiesce_run *run,
		       struct kexec_quiesce_func *funcs, u32 max);

#endif /* KEXEC_PCI_INTERNAL_H */

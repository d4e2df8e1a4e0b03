/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of kexec_pci_hold.  Each uses only those before it:
 * record.c (what the crashing kernel did), reset.c (one function), main.c.
 */
#ifndef KEXEC_PCI_HOLD_H
#define KEXEC_PCI_HOLD_H

#include <linux/types.h>
#include <linux/kexec_quiesce.h>

struct pci_dev;

/* record.c */
struct pciq_record *hold_read_record(const char **why);
const struct pciq_entry *hold_entry(const struct pciq_record *record, u32 i);
bool hold_is_held(const struct pciq_entry *entry);

/* How a function was reset. */
enum hold_method {
	HOLD_BY_FLR,
	HOLD_BY_BUS,	/* with all that share its link */
	HOLD_BY_OTHER,	/* ACPI, registers of its own, or D3hot, which is no reset */
};

/* reset.c */
int hold_reset(struct pci_dev *dev, enum hold_method *method);

#endif /* KEXEC_PCI_HOLD_H */

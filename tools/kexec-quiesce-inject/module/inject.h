/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test only: break the kernel in a chosen way, then make it panic from a chosen
 * context.
 */
#ifndef PCIQ_INJECT_H
#define PCIQ_INJECT_H

#include <linux/kexec_quiesce.h>
#include <linux/types.h>

#define INJECT_MAX_ARGS		4
#define INJECT_MAX_TEXT		64

struct pci_dev;
struct seq_file;

/* What was written after the name of a fault or trigger: key=value, or key alone. */
struct inject_args {
	char text[INJECT_MAX_TEXT];
	unsigned int nr;
	const char *key[INJECT_MAX_ARGS];
	const char *value[INJECT_MAX_ARGS];
};

/**
 * struct inject_row - one fault, or one trigger
 * @name: as the command takes it
 * @args: what it takes, apart by spaces: key=WORD|WORD, key=NUMBER, key=ADDRESS or key
 * @help: one line
 * @act: do it
 * @late: leaves little to run on: done last, with interrupts off, in the context of
 *	the trigger
 */
struct inject_row {
	const char *name;
	const char *args;
	const char *help;
	int (*act)(const struct inject_args *args);
	bool late;
};

/* Faults of one file. */
struct inject_family {
	const char *name;
	const struct inject_row *rows;
	unsigned int nr;
};

#define INJECT_FAMILY(family)						\
const struct inject_family inject_##family = {				\
	.name = #family,						\
	.rows = rows,							\
	.nr = ARRAY_SIZE(rows),						\
}

extern const struct inject_family inject_pci;
extern const struct inject_family inject_locks;
extern const struct inject_family inject_snapshot;
extern const struct inject_family inject_windows;
extern const struct inject_family inject_device;
extern const struct inject_family inject_routine;
extern const struct inject_family inject_memory;
extern const struct inject_family inject_text;
extern const struct inject_family inject_tracing;
extern const struct inject_family inject_platform;
extern const struct inject_family inject_triggers;

/* args.c */
const char *inject_arg(const struct inject_args *args, const char *key);
unsigned int inject_number(const struct inject_args *args, const char *key,
			   unsigned int otherwise);
int inject_cut_args(const struct inject_row *row, struct inject_args *args);

/* kernel.c: what is not exported, and what is not to be written to. */
int inject_find_init(void);
void *inject_find(const char *name);
void *inject_find_ours(const char *name);
int inject_overwrite(void *at, const void *bytes, size_t length);
int inject_write_file(const char *path, const char *text);
struct pci_dev *inject_device_at(const struct inject_args *args);
const struct pciq_snapshot *inject_slot(unsigned int slot);

/* late.c */
int inject_arm_late(const struct inject_row *row,
		    const struct inject_args *args);
void inject_show_late(struct seq_file *s);
void inject_late(void);

#endif /* PCIQ_INJECT_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What only the module has: its hook, its way out, and its note.
 */
#ifndef PCIQ_GLUE_H
#define PCIQ_GLUE_H

#include <linux/types.h>

struct ftrace_ops;
struct ftrace_regs;
struct pciq_run;

/* What runs under guard: a fault in one does not cost the other. */
enum pciq_part_of_hook {
	PCIQ_PART_STAGES,
	PCIQ_PART_NOTE,
};

/* More than there are stages. */
#define PCIQ_MAX_TRIES	4

/* hook.c */
int pciq_hook_add(void);
void pciq_hook_remove(void);
void pciq_on_machine_kexec(unsigned long ip, unsigned long parent,
			   struct ftrace_ops *ops, struct ftrace_regs *regs);
void pciq_part(enum pciq_part_of_hook part);

/* note.c */
void pciq_note_prepare(void);
void pciq_note_append(const struct pciq_run *run);

/* escape.S */
extern unsigned long pciq_escape_stack;
void pciq_hook(unsigned long ip, unsigned long parent, struct ftrace_ops *ops,
	       struct ftrace_regs *regs);
bool pciq_guarded(enum pciq_part_of_hook part);
void pciq_escape(void);	/* does not return; objtool cannot know */

#endif /* PCIQ_GLUE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What only the module needs: its hook and its way out.
 */
#ifndef PCIQ_GLUE_H
#define PCIQ_GLUE_H

#include <linux/types.h>

struct ftrace_ops;
struct ftrace_regs;

/* Parts of the crash path, each of which may fault without losing the next. */
enum quiesce_stage {
	QUIESCE_STAGE_RUN,
	QUIESCE_STAGE_RECOVER,
	QUIESCE_STAGE_ABORT,
	QUIESCE_STAGE_NOTE,
};

int quiesce_hook_add(void);
void quiesce_hook_remove(void);
void quiesce_on_machine_kexec(unsigned long ip, unsigned long parent,
			      struct ftrace_ops *ops, struct ftrace_regs *regs);
void quiesce_stage(enum quiesce_stage stage);

/* escape.S */
extern unsigned long quiesce_escape_stack;
void quiesce_hook(unsigned long ip, unsigned long parent,
		  struct ftrace_ops *ops, struct ftrace_regs *regs);
bool quiesce_guarded(enum quiesce_stage stage);
void quiesce_escape(void);	/* does not return; objtool cannot know */

#endif /* PCIQ_GLUE_H */

// SPDX-License-Identifier: GPL-2.0-only
/* Faults: our own text, and the ops by which ftrace knows us. */
#include <linux/ftrace.h>
#include <linux/string.h>

#include "inject.h"

#define GARBAGE		0x5a

/* ud2, as often as it fits into the shortest of them. */
static int undefine(const char *function)
{
	static const u8 code[] = { 0x0f, 0x0b, 0x0f, 0x0b };
	void *at = inject_find_ours(function);

	return at ? inject_overwrite(at, code, sizeof(code)) : -ENOENT;
}

static int text(const struct inject_args *args)
{
	const char *where = inject_arg(args, "in");

	if (where && !strcmp(where, "hook"))
		return undefine("pciq_on_machine_kexec");
	if (where && !strcmp(where, "guard"))
		return undefine("pciq_part");
	return undefine("pciq_apply_ops");
}

/* ftrace made a trampoline of them: what it follows them for, it does not at a call. */
static int ops(const struct inject_args *args)
{
	struct ftrace_ops *hook = inject_find_ours("pciq_ops");

	if (!hook)
		return -ENOENT;
	hook->func = (void *)0x5a5a5a5a5a5a5a5aUL;
	hook->private = (void *)0x5a5a5a5a5a5a5a5aUL;
	return 0;
}

static int entered(const struct inject_args *args)
{
	unsigned int *flag = inject_find_ours("pciq_entered");

	if (!flag)
		return -ENOENT;
	*flag = GARBAGE;
	return 0;
}

static const struct inject_row rows[] = {
	{ "text", "in=step|guard|hook",
	  "ud2 at the beginning of a step, of what is guarded, or of our hook", text },
	{ "ftrace-ops", NULL, "function pointer of our ftrace_ops wild", ops, .late = true },
	{ "entered", NULL, "our guard says that we are inside already", entered, .late = true },
};

INJECT_FAMILY(text);

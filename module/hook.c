// SPDX-License-Identifier: GPL-2.0-only
/*
 * Get control just before machine_kexec(), and give it back whatever happens.
 *
 * ftrace finds the function by name, so no unexported symbol is needed.  The
 * ops ask for no recursion protection and no RCU: ftrace then calls the
 * function directly, also when the panic happened inside a traced callback.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/ftrace.h>
#include <linux/kdebug.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "compat.h"
#include "glue.h"

#define PCIQ_HOOKED_FUNCTION		"machine_kexec"

/* Set before the first access and never cleared: one crash, one try. */
static unsigned int pciq_entered;
static unsigned int pciq_entered_cpu = UINT_MAX;

/**
 * pciq_on_machine_kexec() - the crash path, if this is a crash
 * @ip: of the hooked function
 * @parent: who called it
 * @ops: those below
 * @regs: of the hooked function
 *
 * Context: crash path, through pciq_hook(). Also before kexec -e.
 */
__quiesce void pciq_on_machine_kexec(unsigned long ip, unsigned long parent,
				     struct ftrace_ops *ops,
				     struct ftrace_regs *regs)
{
	const struct kimage *image = pciq_first_argument(regs);
	unsigned int tries;

	/* kexec -e and kexec jump have their drivers shut down in order. */
	if (!image || image->type != KEXEC_TYPE_CRASH)
		return;
	if (xchg(&pciq_entered, 1))
		return;
	pciq_entered_cpu = raw_smp_processor_id();
	/* Each fault ends one stage of those that there are. */
	for (tries = 0; tries < PCIQ_MAX_TRIES; tries++) {
		if (pciq_guarded(PCIQ_PART_STAGES))
			break;
	}
	pciq_guarded(PCIQ_PART_NOTE);
}

/**
 * pciq_part() - what is called under guard
 * @part: which
 *
 * Context: crash path, through pciq_guarded().
 */
__quiesce void pciq_part(enum pciq_part_of_hook part)
{
	if (part == PCIQ_PART_STAGES)
		pciq_continue();
	else
		pciq_note_append(&pciq_crash_run);
}

static struct ftrace_ops pciq_ops = {
	.func = pciq_hook,
	/* Or "sysctl kernel.ftrace_enabled=0" would disarm us silently. */
	.flags = FTRACE_OPS_FL_PERMANENT,
};

/* Before the hook has said which CPU it is on, no other one runs any more. */
static bool pciq_is_guarded(void)
{
	unsigned int cpu = READ_ONCE(pciq_entered_cpu);

	return READ_ONCE(pciq_escape_stack) &&
	       (cpu == UINT_MAX || cpu == raw_smp_processor_id());
}

/* Events that do not come back; a breakpoint or a WARN() does. */
static int pciq_on_die(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case DIE_OOPS:
	case DIE_TRAP:
	case DIE_GPF:
		if (pciq_is_guarded())
			pciq_escape();
	}
	return NOTIFY_DONE;
}

/* A nested panic() fails to take the kexec lock and gets here. */
static int pciq_on_panic(struct notifier_block *nb, unsigned long event, void *data)
{
	if (pciq_is_guarded())
		pciq_escape();
	return NOTIFY_DONE;
}

static struct notifier_block pciq_die_block = {
	.notifier_call = pciq_on_die,
	.priority = INT_MAX - 1,	/* after kprobes, before all others */
};

static struct notifier_block pciq_panic_block = {
	.notifier_call = pciq_on_panic,
	.priority = INT_MAX,
};

/**
 * pciq_hook_add() - arm
 *
 * Context: process.
 * Return: 0 or an errno; the log says what to do.
 */
int pciq_hook_add(void)
{
	int err;

	err = ftrace_set_filter(&pciq_ops, PCIQ_HOOKED_FUNCTION,
				strlen(PCIQ_HOOKED_FUNCTION), 0);
	if (err) {
		pr_err("not armed: cannot hook %s (%d): a kernel with CONFIG_DYNAMIC_FTRACE and a traceable %s is needed\n",
		       PCIQ_HOOKED_FUNCTION, err, PCIQ_HOOKED_FUNCTION);
		return err;
	}
	err = register_die_notifier(&pciq_die_block);
	if (err)
		goto err_filter;
	err = atomic_notifier_chain_register(&panic_notifier_list, &pciq_panic_block);
	if (err)
		goto err_die;
	err = register_ftrace_function(&pciq_ops);
	if (err)
		goto err_panic;
	return 0;

	/* Not pciq_hook_remove(): ftrace warns of what it has never had. */
err_panic:
	atomic_notifier_chain_unregister(&panic_notifier_list, &pciq_panic_block);
err_die:
	unregister_die_notifier(&pciq_die_block);
err_filter:
	ftrace_free_filter(&pciq_ops);
	pr_err("not armed: cannot hook %s (%d): %s\n", PCIQ_HOOKED_FUNCTION, err,
	       err == -EBUSY ? "ftrace is off: set sysctl kernel.ftrace_enabled=1 and load again" :
			       "see the messages of ftrace above");
	return err;
}

/**
 * pciq_hook_remove() - disarm
 *
 * If ftrace has given up, after a bug of its own, the hooked function goes on
 * calling us, and nothing can be done about that.  Our text must not be freed
 * then, nor what it works from: a module's exit cannot fail, but it need not
 * return.
 *
 * Context: process; waits until the hook cannot be running, for ever if it
 * cannot be removed.
 */
void pciq_hook_remove(void)
{
	int err = unregister_ftrace_function(&pciq_ops);

	if (err)
		pr_crit("not disarmed: cannot unhook %s (%d), ftrace has given up: the module stays, armed, and what unloads it waits for ever: reboot\n",
			PCIQ_HOOKED_FUNCTION, err);
	/* Idle: it is no load, and no hung task. */
	while (err)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);

	ftrace_free_filter(&pciq_ops);
	atomic_notifier_chain_unregister(&panic_notifier_list, &pciq_panic_block);
	unregister_die_notifier(&pciq_die_block);
}

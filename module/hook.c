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

#define HOOKED_FUNCTION		"machine_kexec"

/* Set before the first access and never cleared: one crash, one try. */
static unsigned int entered;
static unsigned int entered_cpu = UINT_MAX;

/**
 * quiesce_stage() - one part of the crash path
 * @stage: which
 *
 * Context: crash path, through quiesce_guarded().
 */
__quiesce void quiesce_stage(enum quiesce_stage stage)
{
	struct pciq_run *run = &pciq_crash_run;

	if (stage == QUIESCE_STAGE_RUN)
		pciq_run(run);
	else if (stage == QUIESCE_STAGE_RECOVER)
		pciq_recover(run);
	else if (stage == QUIESCE_STAGE_ABORT)
		pciq_abort(run);
	else
		pciq_note_append(run);
}

/**
 * quiesce_on_machine_kexec() - the crash path, if this is a crash
 * @ip: of the hooked function
 * @parent: who called it
 * @ops: ours
 * @regs: of the hooked function
 *
 * Context: crash path, through quiesce_hook(). Also before kexec -e.
 */
__quiesce void quiesce_on_machine_kexec(unsigned long ip, unsigned long parent,
					struct ftrace_ops *ops,
					struct ftrace_regs *regs)
{
	const struct kimage *image = quiesce_first_argument(regs);

	/* kexec -e and kexec jump have their drivers shut down in order. */
	if (!image || image->type != KEXEC_TYPE_CRASH)
		return;
	if (xchg(&entered, 1))
		return;
	entered_cpu = raw_smp_processor_id();

	if (!quiesce_guarded(QUIESCE_STAGE_RUN)) {
		quiesce_guarded(QUIESCE_STAGE_RECOVER);
		quiesce_guarded(QUIESCE_STAGE_ABORT);
	}
	quiesce_guarded(QUIESCE_STAGE_NOTE);
}

static struct ftrace_ops ops = {
	.func = quiesce_hook,
	/* Or "sysctl kernel.ftrace_enabled=0" would disarm us silently. */
	.flags = FTRACE_OPS_FL_PERMANENT,
};

/* Before the hook has said which CPU it is on, no other one runs any more. */
static bool inside(void)
{
	unsigned int cpu = READ_ONCE(entered_cpu);

	return READ_ONCE(quiesce_escape_stack) &&
	       (cpu == UINT_MAX || cpu == raw_smp_processor_id());
}

/* Events that do not come back; a breakpoint or a WARN() does. */
static int on_die(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case DIE_OOPS:
	case DIE_TRAP:
	case DIE_GPF:
		if (inside())
			quiesce_escape();
	}
	return NOTIFY_DONE;
}

/* A nested panic() fails to take the kexec lock and gets here. */
static int on_panic(struct notifier_block *nb, unsigned long event, void *data)
{
	if (inside())
		quiesce_escape();
	return NOTIFY_DONE;
}

static struct notifier_block die_block = {
	.notifier_call = on_die,
	.priority = INT_MAX - 1,	/* after kprobes, before all others */
};

static struct notifier_block panic_block = {
	.notifier_call = on_panic,
	.priority = INT_MAX,
};

/**
 * quiesce_hook_add() - arm
 *
 * Context: process.
 * Return: 0 or an errno; the log says what to do.
 */
int quiesce_hook_add(void)
{
	int err;

	err = ftrace_set_filter(&ops, HOOKED_FUNCTION,
				strlen(HOOKED_FUNCTION), 0);
	if (err) {
		pr_err("not armed: cannot hook %s (%d): a kernel with CONFIG_DYNAMIC_FTRACE and a traceable %s is needed\n",
		       HOOKED_FUNCTION, err, HOOKED_FUNCTION);
		return err;
	}
	err = register_die_notifier(&die_block);
	if (err)
		goto err_filter;
	err = atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	if (err)
		goto err_die;
	err = register_ftrace_function(&ops);
	if (err)
		goto err_panic;
	return 0;

	/* Not quiesce_hook_remove(): ftrace warns of what it has never had. */
err_panic:
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
err_die:
	unregister_die_notifier(&die_block);
err_filter:
	ftrace_free_filter(&ops);
	pr_err("not armed: cannot hook %s (%d): %s\n", HOOKED_FUNCTION, err,
	       err == -EBUSY ? "ftrace is off: set sysctl kernel.ftrace_enabled=1 and load again" :
			       "see the messages of ftrace above");
	return err;
}

/**
 * quiesce_hook_remove() - disarm
 *
 * If ftrace has given up, after a bug of its own, the hooked function goes on
 * calling us, and nothing can be done about that.  Our text must not be freed
 * then, nor what it works from: a module's exit cannot fail, but it need not
 * return.
 *
 * Context: process; waits until the hook cannot be running, for ever if it
 * cannot be removed.
 */
void quiesce_hook_remove(void)
{
	int err = unregister_ftrace_function(&ops);

	if (err)
		pr_crit("not disarmed: cannot unhook %s (%d), ftrace has given up: the module stays, armed, and what unloads it waits for ever: reboot\n",
			HOOKED_FUNCTION, err);
	/* Idle: it is no load, and no hung task. */
	while (err)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);

	ftrace_free_filter(&ops);
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	unregister_die_notifier(&die_block);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Faults: others who trace, and an ftrace that has given up. */
#define pr_fmt(fmt) "pciq_inject: " fmt

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#include "inject.h"

#define TRACER		"/sys/kernel/debug/tracing/current_tracer"
#define FTRACE_SYSCTL	"/proc/sys/kernel/ftrace_enabled"
#define TARGET		"machine_kexec"

static int function_tracer(const struct inject_args *args)
{
	return inject_write_file(TRACER, "function");
}

static int graph_tracer(const struct inject_args *args)
{
	return inject_write_file(TRACER, "function_graph");
}

static int sysctl(const struct inject_args *args)
{
	/* Ours are permanent, so it says busy; without us it is off. */
	inject_write_file(FTRACE_SYSCTL, "0");
	return 0;
}

/* What ftrace does when it finds that it is broken: no callback runs any more. */
static int killed(const struct inject_args *args)
{
	void (*kill)(void);

	kill = inject_find("ftrace_kill");
	if (!kill)
		return -ENOENT;
	kill();
	return 0;
}

static int before(struct kprobe *probe, struct pt_regs *regs)
{
	return 0;
}

static struct kprobe probe = {
	.symbol_name = TARGET,
	.pre_handler = before,
};

static int kprobed(const struct inject_args *args)
{
	return register_kprobe(&probe);
}

static void callback(unsigned long ip, unsigned long parent,
		     struct ftrace_ops *ops, struct ftrace_regs *regs)
{
}

/* How livepatch takes over a function. */
static struct ftrace_ops patching = {
	.func = callback,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

/* Another one that asks for recursion protection: then callbacks run in a list. */
static struct ftrace_ops tracing = {
	.func = callback,
	.flags = FTRACE_OPS_FL_RECURSION,
};

static int hook(struct ftrace_ops *ops)
{
	int err = ftrace_set_filter(ops, TARGET, strlen(TARGET), 0);

	return err ?: register_ftrace_function(ops);
}

static int livepatched(const struct inject_args *args)
{
	return hook(&patching);
}

static int traced(const struct inject_args *args)
{
	return hook(&tracing);
}

static const struct inject_row rows[] = {
	{ "function-tracer", NULL, "function tracer on every function", function_tracer },
	{ "graph-tracer", NULL, "function graph tracer on every function", graph_tracer },
	{ "ftrace-sysctl", NULL, "sysctl kernel.ftrace_enabled=0", sysctl },
	{ "ftrace-killed", NULL, "ftrace has found itself broken and given up", killed },
	{ "kprobe", NULL, "kprobe on machine_kexec()", kprobed },
	{ "ipmodify", NULL, "machine_kexec() hooked in the way of livepatch", livepatched },
	{ "traced", NULL, "machine_kexec() traced by somebody else as well", traced },
};

INJECT_FAMILY(tracing);

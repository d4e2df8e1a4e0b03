// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers: where the panic comes from.
 *
 * Each ends in die(), which first does the faults that leave little to run on.
 */
#define pr_fmt(fmt) "pciq_inject: " fmt

#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/interrupt.h>
#include <linux/kprobes.h>
#include <linux/nmi.h>
#include <linux/notifier.h>
#include <linux/objtool.h>
#include <linux/panic.h>
#include <linux/pci.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include <asm/hardirq.h>
#include <asm/nmi.h>

#include "inject.h"

#define FOREVER_MS	60000
#define WATCHDOG	"/proc/sys/kernel/watchdog_thresh"

static void late(void)
{
	local_irq_disable();
	inject_late();
}

static void die(const char *context)
{
	late();
	panic("pciq_inject: from %s", context);
}

static unsigned int other_cpu(void)
{
	unsigned int cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	return cpu < nr_cpu_ids ? cpu : raw_smp_processor_id();
}

/* It did not work if this returns. */
static int wait_to_die(void)
{
	msleep(FOREVER_MS);
	return -ETIMEDOUT;
}

/* === Contexts === */

/* As a write to /proc/sysrq-trigger does it, whatever kernel.sysrq= forbids keys. */
static int sysrq(const struct inject_args *args)
{
	void (*handle)(u8 key, bool check_mask) = inject_find("__handle_sysrq");

	if (!handle)
		return -ENOENT;
	late();
	handle('c', false);
	return wait_to_die();
}

static int process(const struct inject_args *args)
{
	die("process");
	return 0;
}

static void hardirq_work(void *unused)
{
	die(in_hardirq() ? "hard-IRQ" : "the wrong context");
}

static int hardirq(const struct inject_args *args)
{
	smp_call_function_single(other_cpu(), hardirq_work, NULL, 0);
	return wait_to_die();
}

static void softirq_work(struct tasklet_struct *unused)
{
	die(in_serving_softirq() ? "softirq" : "the wrong context");
}

static DECLARE_TASKLET(tasklet, softirq_work);

static int softirq(const struct inject_args *args)
{
	tasklet_schedule(&tasklet);
	return wait_to_die();
}

static DEFINE_RAW_SPINLOCK(held);

static int spinlock(const struct inject_args *args)
{
	raw_spin_lock(&held);
	die("a spinlocked section");
	return 0;
}

/* === NMI === */

static bool lockup;

static int nmi_handler(unsigned int type, struct pt_regs *regs)
{
	/* As the hard lockup detector does it. */
	if (lockup) {
		late();
		nmi_panic(regs, "pciq_inject: hard LOCKUP");
	}
	die(in_nmi() ? "NMI" : "the wrong context");
	return NMI_HANDLED;
}

static int send_nmi(unsigned int cpu)
{
	void (*send)(const cpumask_t *mask, int exclude) =
		inject_find("arch_trigger_cpumask_backtrace");
	int err;

	if (!send)
		return -ENOENT;
	err = register_nmi_handler(NMI_LOCAL, nmi_handler, NMI_FLAG_FIRST,
				   "pciq_inject");
	if (err)
		return err;
	/* The other's: to this CPU it would not be one. Exclude none. */
	send(cpumask_of(cpu), LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0) ? 0 : -1);
	return wait_to_die();
}

static int nmi(const struct inject_args *args)
{
	return send_nmi(other_cpu());
}

static void spin_work(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static int hardlockup(const struct inject_args *args)
{
	unsigned int cpu = other_cpu();

	lockup = true;
	smp_call_function_single(cpu, spin_work, NULL, 0);
	mdelay(10);
	return send_nmi(cpu);
}

static int softlockup(const struct inject_args *args)
{
	unsigned int *panic_on = inject_find("softlockup_panic");
	int err;

	if (!panic_on)
		return -ENOENT;
	*panic_on = 1;
	err = inject_write_file(WATCHDOG, "1");
	if (err)
		return err;
	/* The watchdog has to have its interrupt, so interrupts stay on. */
	inject_late();
	preempt_disable();
	for (;;)
		cpu_relax();
	return 0;
}

/* === Other CPUs === */

static void die_work(struct work_struct *work)
{
	die("the other CPU");
}

static DECLARE_WORK(other_work, die_work);

static int other(const struct inject_args *args)
{
	schedule_work_on(other_cpu(), &other_work);
	return wait_to_die();
}

static atomic_t arrived;

/* Each does the late faults: they have to do for two. */
static void meet(const char *which)
{
	local_irq_disable();
	atomic_inc(&arrived);
	while (atomic_read(&arrived) < 2)
		cpu_relax();
	panic("pciq_inject: from %s of two CPUs at once", which);
}

static void meet_work(struct work_struct *work)
{
	meet("one");
}

static DECLARE_WORK(second_work, meet_work);

static int two(const struct inject_args *args)
{
	if (num_online_cpus() < 2)
		return -ENODEV;
	get_cpu();
	schedule_work_on(other_cpu(), &second_work);
	inject_late();
	meet("the other");
	return 0;
}

static int spinner(const struct inject_args *args)
{
	get_cpu();
	smp_call_function_single(other_cpu(), spin_work, NULL, 0);
	mdelay(10);
	die("beside a CPU that spins with interrupts off");
	return 0;
}

/* === Oopses === */

static int panic_on_oops_now(void)
{
	int *on = inject_find("panic_on_oops");

	if (on)
		*on = 1;
	return on ? 0 : -ENOENT;
}

static int oops(const struct inject_args *args)
{
	int err = panic_on_oops_now();

	if (err)
		return err;
	late();
	WRITE_ONCE(*(u32 *)8, 0);
	return -EFAULT;
}

static int bug(const struct inject_args *args)
{
	int err = panic_on_oops_now();

	if (err)
		return err;
	late();
	BUG();
	return -EFAULT;
}

/* No stack to deliver an exception on. */
static int double_fault(const struct inject_args *args)
{
	late();
	asm volatile("movq %0, %%rsp; pushq $0" : : "r" (0x5a5a5a5a5a5a5a5aUL));
	return -EFAULT;
}

STACK_FRAME_NON_STANDARD(double_fault);

static noinline int recurse(unsigned int depth)
{
	u8 frame[256];

	memset(frame, depth, sizeof(frame));
	OPTIMIZER_HIDE_VAR(depth);
	if (depth == -1U)
		return 0;
	return recurse(depth + 1) + frame[depth % sizeof(frame)];
}

static int stack_overflow(const struct inject_args *args)
{
	late();
	return recurse(0);
}

/* === Other people's callbacks === */

static noinline void probed(void)
{
	/* Somewhere to put a probe. */
	asm volatile("nop");
}

static void die_traced(unsigned long ip, unsigned long parent,
		       struct ftrace_ops *ops, struct ftrace_regs *regs)
{
	die("an ftrace callback");
}

static struct ftrace_ops ops = {
	.func = die_traced,
	.flags = FTRACE_OPS_FL_RECURSION,
};

static int ftrace_callback(const struct inject_args *args)
{
	int err = ftrace_set_filter_ip(&ops, (unsigned long)probed, 0, 0) ?:
		  register_ftrace_function(&ops);

	if (err)
		return err;
	probed();
	return -EFAULT;
}

static int die_probed(struct kprobe *probe, struct pt_regs *regs)
{
	die("a kprobe handler");
	return 0;
}

static struct kprobe probe = {
	.pre_handler = die_probed,
};

static int kprobe_handler(const struct inject_args *args)
{
	int err;

	probe.addr = (void *)probed;
	err = register_kprobe(&probe);
	if (err)
		return err;
	probed();
	return -EFAULT;
}

/* === In PCI code === */

/* The first config access through the kernel's accessor, with its lock held. */
static int die_reading(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *value)
{
	raw_spinlock_t *lock = inject_find("pci_config_lock");

	if (lock)
		arch_spin_trylock(&lock->raw_lock);
	die("a config accessor");
	return 0;
}

static struct pci_ops dying_ops = {
	.read = die_reading,
};

static struct pci_bus *first_bus(void)
{
	return pci_find_next_bus(NULL);
}

static int accessor(const struct inject_args *args)
{
	struct pci_bus *bus = first_bus();
	u16 value;

	if (!bus)
		return -ENODEV;
	pci_bus_set_ops(bus, &dying_ops);
	pci_bus_read_config_word(bus, 0, PCI_COMMAND, &value);
	return -EFAULT;
}

static int capture(void)
{
	int (*now)(void);

	now = inject_find_ours("pciq_take_snapshot");
	return now ? now() : -ENOENT;
}

/* While our capture reads the devices. */
static int in_capture(const struct inject_args *args)
{
	struct pci_bus *bus = first_bus();

	if (!bus)
		return -ENODEV;
	pci_bus_set_ops(bus, &dying_ops);
	return capture() ?: -EFAULT;
}

/* While our capture rewrites an image: it makes sums just before the copy. */
static int in_publish(const struct inject_args *args)
{
	int err;

	probe.symbol_name = "xxh64";
	err = register_kprobe(&probe);
	return err ?: capture() ?: -EFAULT;
}

static unsigned long fatal_event;

static int die_notified(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event == fatal_event)
		die("a notifier of PCI changes");
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = die_notified,
	.priority = INT_MIN,	/* after ours */
};

/* A function goes, and comes again. */
static int hotplug(const struct inject_args *args)
{
	const char *when = inject_arg(args, "when");
	struct pci_dev *dev = inject_device_at(args);
	struct pci_bus *bus;
	int err;

	if (!dev)
		return -ENODEV;
	fatal_event = BUS_NOTIFY_ADD_DEVICE;
	if (when && !strcmp(when, "removed"))
		fatal_event = BUS_NOTIFY_REMOVED_DEVICE;
	if (when && !strcmp(when, "bound"))
		fatal_event = BUS_NOTIFY_BOUND_DRIVER;
	err = bus_register_notifier(&pci_bus_type, &notifier);
	if (err)
		return err;
	bus = dev->bus;
	pci_stop_and_remove_bus_device_locked(dev);
	pci_lock_rescan_remove();
	pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
	return -EFAULT;
}

static const struct inject_row rows[] = {
	{ "sysrq", NULL, "sysrq-c", sysrq },
	{ "process", NULL, "panic() in process context", process },
	{ "softirq", NULL, "panic() in softirq context", softirq },
	{ "hardirq", NULL, "panic() in hard-IRQ context, on the other CPU", hardirq },
	{ "nmi", NULL, "panic() in NMI context, on the other CPU", nmi },
	{ "spinlock", NULL, "panic() with a spinlock held", spinlock },
	{ "ftrace", NULL, "panic() in an ftrace callback", ftrace_callback },
	{ "kprobe", NULL, "panic() in a kprobe handler", kprobe_handler },
	{ "accessor", NULL, "panic() in a config accessor, its locks held", accessor },
	{ "hotplug", "device=ADDRESS when=added|removed|bound",
	  "panic() in a notifier of PCI changes", hotplug },
	{ "capture", NULL, "panic() while our capture reads the devices", in_capture },
	{ "publish", NULL, "panic() while our capture rewrites a snapshot", in_publish },
	{ "softlockup", NULL, "soft lockup, with softlockup_panic", softlockup },
	{ "hardlockup", NULL, "hard lockup on the other CPU, as its detector panics", hardlockup },
	{ "oops", NULL, "page fault, with panic_on_oops", oops },
	{ "bug", NULL, "BUG(), with panic_on_oops", bug },
	{ "double-fault", NULL, "double fault", double_fault },
	{ "stack-overflow", NULL, "stack overflow", stack_overflow },
	{ "other-cpu", NULL, "panic() on the other CPU, in process context", other },
	{ "two-cpus", NULL, "panic() on two CPUs at once", two },
	{ "spinner", NULL, "panic() beside a CPU that spins with interrupts off", spinner },
};

INJECT_FAMILY(triggers);

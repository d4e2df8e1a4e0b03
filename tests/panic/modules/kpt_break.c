// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test only: break the kernel in a chosen way, then make it panic from a chosen
 * context.  Loading it does both, so it never finishes loading:
 *
 *	insmod kpt_break.ko fault=lists,locks trigger=hardirq
 *
 * Faults are applied with interrupts off, right before the trigger, except the
 * few that must sleep.  Symbols that are not exported, those of the module
 * under test among them, are found through a kprobe on kallsyms_lookup_name().
 */
#define pr_fmt(fmt) "kpt_break: " fmt

#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kexec_quiesce.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/hardirq.h>
#include <asm/hypervisor.h>
#include <asm/nmi.h>
#include <xen/xen.h>

#define GARBAGE		0x5a
#define MAX_DEVICES	1024
#define COM1		0x3f8
#define COM_STATUS	5
#define COM_EMPTY	0x20

static char *fault = "";
module_param(fault, charp, 0);
static char *trigger = "none";
module_param(trigger, charp, 0);
static char *where = "kexec_quiesce_read";
module_param(where, charp, 0);
static bool once;
module_param(once, bool, 0);

static unsigned long (*lookup)(const char *name);

static void *find(const char *name)
{
	void *address = (void *)lookup(name);

	if (!address)
		panic("kpt_break: no symbol %s", name);
	return address;
}

static int find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

/* Write to text, or to data that is read-only after boot. */
static void overwrite(void *at, const void *bytes, size_t length)
{
	void *(*poke)(void *addr, const void *opcode, size_t len) =
		find("text_poke");

	poke(at, bytes, length);
}

/* === Faults: the kernel's PCI data === */

static struct pci_dev *devices[MAX_DEVICES];
static unsigned int nr_devices;

/* Everything that a walk would follow: what a wild writer leaves behind. */
static void break_lists(void)
{
	struct list_head *roots = find("pci_root_buses");
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		struct pci_dev *dev = devices[i];
		struct pci_bus *bus = dev->bus;

		memset(dev, GARBAGE, offsetof(struct pci_dev, dev));
		memset(&bus->node, GARBAGE, sizeof(bus->node));
		memset(&bus->devices, GARBAGE, sizeof(bus->devices));
		memset(&bus->children, GARBAGE, sizeof(bus->children));
		bus->ops = (void *)0x5a5a5a5a5a5a5a5aUL;
		bus->sysdata = (void *)0x5a5a5a5a5a5a5a5aUL;
	}
	memset(roots, GARBAGE, sizeof(*roots));
}

static void hold_locks(void)
{
	raw_spin_lock((raw_spinlock_t *)find("pci_config_lock"));
	raw_spin_lock((raw_spinlock_t *)find("pci_lock"));
}

/* === Faults: the module's images === */

/* Images are read-only where the module sees them; their pages are not. */
static void flip(const struct kexec_quiesce_image *image, size_t offset)
{
	const void *at = (const void *)image + offset;
	u8 *alias = page_address(vmalloc_to_page(at));

	alias[offset_in_page(at)] ^= 0x10;
}

static struct kexec_quiesce_ctl *control(void)
{
	return find("kexec_quiesce_ctl");
}

static void flip_slot(unsigned int slot)
{
	const struct kexec_quiesce_image *image = control()->slot[slot];

	if (image)
		flip(image, image->hot_bytes - sizeof(u64));
}

static void spoil_newest(void)
{
	flip_slot(control()->newest);
}

static void spoil_both(void)
{
	flip_slot(KEXEC_QUIESCE_SLOT_A);
	flip_slot(KEXEC_QUIESCE_SLOT_B);
}

static void spoil_all(void)
{
	spoil_both();
	flip_slot(KEXEC_QUIESCE_SLOT_SEED);
}

/* Not even canonical: a load from there is #GP, not a page fault. */
static void wild_pointers(void)
{
	control()->slot[0] = (void *)0x5a5a5a5a5a5a5a5aUL;
	control()->slot[1] = (void *)0xffff800000001000UL;
	control()->newest = 77;
}

static void unmap_windows(void)
{
	const struct kexec_quiesce_ctl *ctl = control();
	const struct kexec_quiesce_image *image = ctl->slot[ctl->newest];
	const struct kexec_quiesce_window *window =
		(const void *)image + image->windows_offset;
	u32 i;

	for (i = 0; i < image->nr_windows; i++) {
		if (window[i].type == KEXEC_QUIESCE_ECAM)
			iounmap((void __iomem *)(unsigned long)window[i].virt);
	}
}

/* === Faults: inside the routine === */

static void in_routine_fault(void)
{
	WRITE_ONCE(*(u32 *)8, 0);
}

static void in_routine_bug(void)
{
	BUG();
}

static u8 *diverted;
static u8 original[12];

/* Text is read-only, and the crash path has nobody to ask. */
static void put_back(void)
{
	unsigned long cr0 = read_cr0();

	asm volatile("mov %0, %%cr0" : : "r" (cr0 & ~X86_CR0_WP) : "memory");
	memcpy(diverted, original, sizeof(original));
	asm volatile("mov %0, %%cr0" : : "r" (cr0) : "memory");
}

static void in_routine_panic(void)
{
	if (once)
		put_back();
	panic("kpt_break: nested panic inside the routine");
}

/* Nothing else can be told from inside: the harness reads the serial port. */
static void tell(const char *text)
{
	for (; *text; text++) {
		while (!(inb(COM1 + COM_STATUS) & COM_EMPTY))
			cpu_relax();
		outb(*text, COM1);
	}
}

/* Until a machine check ends it. */
static void in_routine_spin(void)
{
	tell("KPCIQ inside=spin\n");
	for (;;)
		cpu_relax();
}

/* Until an NMI has come and gone. */
static void in_routine_wait(void)
{
	unsigned int before = this_cpu_read(irq_stat.__nmi_count);

	tell("KPCIQ inside=wait\n");
	while (this_cpu_read(irq_stat.__nmi_count) == before)
		cpu_relax();
}

static int panic_in_nmi(unsigned int type, struct pt_regs *regs)
{
	panic("kpt_break: panic in NMI");
}

static void (*take_nmi)(unsigned int type, nmi_handler_t handler);

/*
 * After the shootdown crash_nmi_callback() is the only handler, and it does not
 * panic.  One that does, as GHES's own would, takes its place.
 */
static void in_routine_nmi_panic(void)
{
	take_nmi(NMI_LOCAL, panic_in_nmi);
	tell("KPCIQ inside=nmipanic\n");
	for (;;)
		cpu_relax();
}

/* movabs $target, %rax; jmp *%rax over the beginning of a function. */
static void divert(const char *name, void (*target)(void))
{
	u8 code[12] = { 0x48, 0xb8, [10] = 0xff, [11] = 0xe0 };

	memcpy(code + 2, &target, sizeof(target));
	diverted = find(name);
	memcpy(original, diverted, sizeof(original));
	overwrite(diverted, code, sizeof(code));
}

static void divert_to_fault(void)
{
	divert(where, in_routine_fault);
}

static void divert_to_bug(void)
{
	divert(where, in_routine_bug);
}

static void divert_to_panic(void)
{
	divert(where, in_routine_panic);
}

static void divert_to_spin(void)
{
	divert(where, in_routine_spin);
}

static void divert_to_wait(void)
{
	divert(where, in_routine_wait);
}

static void divert_to_nmi_panic(void)
{
	take_nmi = find("set_emergency_nmi_handler");
	divert(where, in_routine_nmi_panic);
}

/* === Faults: what the module checks when it is loaded === */

static void pretend_hyperv(void)
{
	enum x86_hypervisor_type type = X86_HYPER_MS_HYPERV;

	overwrite(find("x86_hyper_type"), &type, sizeof(type));
}

static void pretend_xen(void)
{
	enum xen_domain_type type = XEN_HVM_DOMAIN;

	overwrite(&xen_domain_type, &type, sizeof(type));
}

static void undo_xen(void)
{
	enum xen_domain_type type = XEN_NATIVE;

	overwrite(&xen_domain_type, &type, sizeof(type));
}

struct action {
	const char *name;
	void (*act)(void);
	bool sleeps;
};

static const struct action faults[] = {
	{ "lists", break_lists },
	{ "locks", hold_locks },
	{ "newest", spoil_newest },
	{ "both", spoil_both },
	{ "all", spoil_all },
	{ "pointers", wild_pointers },
	{ "windows", unmap_windows, .sleeps = true },
	{ "fault", divert_to_fault, .sleeps = true },
	{ "bug", divert_to_bug, .sleeps = true },
	{ "panic", divert_to_panic, .sleeps = true },
	{ "spin", divert_to_spin, .sleeps = true },
	{ "wait", divert_to_wait, .sleeps = true },
	{ "nmipanic", divert_to_nmi_panic, .sleeps = true },
	{ "hyperv", pretend_hyperv, .sleeps = true },
	{ "xen", pretend_xen, .sleeps = true },
};

/* === Triggers === */

static void apply(bool sleeping);

/* The faults that need not sleep come last: they leave little to run on. */
static void go(const char *context)
{
	local_irq_disable();
	apply(false);
	panic("kpt_break: from %s", context);
}

static void from_process(void)
{
	go("process");
}

static void hardirq_work(void *unused)
{
	go(in_hardirq() ? "hard-IRQ" : "the wrong context");
}

static void from_hardirq(void)
{
	smp_call_function_single(!raw_smp_processor_id(), hardirq_work, NULL, 0);
	msleep(60000);
}

static void softirq_work(struct tasklet_struct *unused)
{
	go(in_serving_softirq() ? "softirq" : "the wrong context");
}

static DECLARE_TASKLET(tasklet, softirq_work);

static void from_softirq(void)
{
	tasklet_schedule(&tasklet);
	msleep(60000);
}

static DEFINE_RAW_SPINLOCK(held);

static void from_spinlock(void)
{
	raw_spin_lock(&held);
	go("a spinlocked section");
}

static void spin_work(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void from_beside_spinner(void)
{
	get_cpu();
	smp_call_function_single(!raw_smp_processor_id(), spin_work, NULL, 0);
	mdelay(10);
	go("beside a CPU that spins with interrupts off");
}

static const struct action triggers[] = {
	{ "process", from_process },
	{ "hardirq", from_hardirq },
	{ "softirq", from_softirq },
	{ "spinlock", from_spinlock },
	{ "spinner", from_beside_spinner },
};

/* === Loading === */

static void apply(bool sleeping)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		const char *at = strstr(fault, faults[i].name);
		size_t length = strlen(faults[i].name);

		if (at && (at == fault || at[-1] == ',') &&
		    (at[length] == ',' || !at[length]) &&
		    faults[i].sleeps == sleeping)
			faults[i].act();
	}
}

static int __init kpt_break_init(void)
{
	struct pci_dev *dev = NULL;
	unsigned int i;
	int err = find_lookup();

	if (err)
		return err;
	for_each_pci_dev(dev) {
		if (nr_devices < MAX_DEVICES)
			devices[nr_devices++] = dev;
	}
	apply(true);
	for (i = 0; i < ARRAY_SIZE(triggers); i++) {
		if (!strcmp(trigger, triggers[i].name))
			triggers[i].act();
	}
	/* Without a trigger: faults stay applied, the caller goes on. */
	if (!strcmp(trigger, "none")) {
		apply(false);
		return 0;
	}
	pr_err("no trigger \"%s\"\n", trigger);
	return -EINVAL;
}

/* Only after trigger=none, and only what can be undone. */
static void __exit kpt_break_exit(void)
{
	if (strstr(fault, "xen"))
		undo_xen();
}

module_init(kpt_break_init);
module_exit(kpt_break_exit);

MODULE_DESCRIPTION("Test only: break the kernel, then panic");
MODULE_LICENSE("GPL");

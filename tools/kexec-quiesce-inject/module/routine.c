// SPDX-License-Identifier: GPL-2.0-only
/* Faults: inside the routine, at a step of one's choice. */
#define pr_fmt(fmt) "pciq_inject: " fmt

#include <linux/bug.h>
#include <linux/io.h>
#include <linux/panic.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <asm/nmi.h>
#include <asm/special_insns.h>

#include "inject.h"

#define COM1		0x3f8
#define COM_STATUS	5
#define COM_EMPTY	0x20
#define JUMP_BYTES	12

/* A step begins with its function; the first, with the first snapshot that is looked at. */
static const struct {
	const char *step;
	const char *function;
} steps[] = {
	{ "read", "pciq_read" },
	{ "write", "pciq_write" },
	{ "validate", "pciq_is_valid" },
	{ "scan", "pciq_scan" },
	{ "disable", "pciq_disable_functions" },
	{ "ports", "pciq_apply_ops" },
	{ "reset", "pciq_reset_refused" },
	{ "release", "pciq_release_links" },
	{ "ready", "pciq_wait_ready" },
	{ "contain", "pciq_contain" },
	{ "undo", "pciq_undo_ops" },
	{ "done", "pciq_finish" },
	{ "note", "pciq_note_append" },
};

#define AT	"at=read|write|validate|scan|disable|ports|reset|release|ready|" \
		"contain|undo|done|note"

static u8 *diverted;
static u8 original[JUMP_BYTES];
static bool once;

/* Text is read-only, and the crash path has nobody to ask. */
static void put_back(void)
{
	unsigned long cr0 = read_cr0();

	if (!once)
		return;
	asm volatile("mov %0, %%cr0" : : "r" (cr0 & ~X86_CR0_WP) : "memory");
	memcpy(diverted, original, sizeof(original));
	asm volatile("mov %0, %%cr0" : : "r" (cr0) : "memory");
}

static void in_fault(void)
{
	put_back();
	WRITE_ONCE(*(u32 *)8, 0);
}

/* Not canonical: #GP. */
static void in_gpf(void)
{
	put_back();
	WRITE_ONCE(*(u32 *)0x5a5a5a5a5a5a5a5aUL, 0);
}

static void in_bug(void)
{
	put_back();
	BUG();
}

static void in_warn(void)
{
	put_back();
	WARN(1, "inside the routine");
}

static void in_panic(void)
{
	put_back();
	panic("pciq_inject: nested panic inside the routine");
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
static void in_spin(void)
{
	put_back();
	tell("KPCIQ inside=spin\n");
	for (;;)
		cpu_relax();
}

/* arch_irq_stat_cpu(): how the kernel counts NMIs is not the same in all versions. */
static u64 (*interrupts)(unsigned int cpu);

/* Until an NMI has come and gone: nothing else interrupts here. */
static void in_wait(void)
{
	unsigned int cpu = raw_smp_processor_id();
	u64 before = interrupts(cpu);

	put_back();
	tell("KPCIQ inside=wait\n");
	while (interrupts(cpu) == before)
		cpu_relax();
}

static void (*take_nmi)(unsigned int type, nmi_handler_t handler);

static int panic_in_nmi(unsigned int type, struct pt_regs *regs)
{
	panic("pciq_inject: panic in NMI");
}

/*
 * Until an NMI panics. After the shootdown crash_nmi_callback() is the only
 * handler, and it does not: one that does, as GHES's own would, takes its place.
 */
static void in_nmi_panic(void)
{
	put_back();
	take_nmi(NMI_LOCAL, panic_in_nmi);
	tell("KPCIQ inside=nmipanic\n");
	for (;;)
		cpu_relax();
}

/* movabs $target, %rax; jmp *%rax over the beginning of the step. */
static int divert(const struct inject_args *args, const char *otherwise,
		  void (*target)(void))
{
	const char *step = inject_arg(args, "at") ?: otherwise;
	u8 code[JUMP_BYTES] = { 0x48, 0xb8, [10] = 0xff, [11] = 0xe0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if (!strcmp(steps[i].step, step))
			break;
	}
	if (i == ARRAY_SIZE(steps))
		return -EINVAL;
	diverted = inject_find_ours(steps[i].function);
	if (!diverted)
		return -ENOENT;
	once = inject_arg(args, "once");
	memcpy(code + 2, &target, sizeof(target));
	memcpy(original, diverted, sizeof(original));
	return inject_overwrite(diverted, code, sizeof(code));
}

static int fault(const struct inject_args *args)
{
	return divert(args, "read", in_fault);
}

static int gpf(const struct inject_args *args)
{
	return divert(args, "read", in_gpf);
}

static int bug(const struct inject_args *args)
{
	return divert(args, "disable", in_bug);
}

static int warn(const struct inject_args *args)
{
	int *panic_on = inject_find("panic_on_warn");

	if (!panic_on)
		return -ENOENT;
	*panic_on = 1;
	return divert(args, "disable", in_warn);
}

static int nested_panic(const struct inject_args *args)
{
	return divert(args, "validate", in_panic);
}

static int spin(const struct inject_args *args)
{
	return divert(args, "disable", in_spin);
}

static int wait(const struct inject_args *args)
{
	interrupts = inject_find("arch_irq_stat_cpu");
	if (!interrupts)
		return -ENOENT;
	return divert(args, "ports", in_wait);
}

static int nmi_panic_inside(const struct inject_args *args)
{
	take_nmi = inject_find("set_emergency_nmi_handler");
	if (!take_nmi)
		return -ENOENT;
	return divert(args, "ports", in_nmi_panic);
}

static const struct inject_row rows[] = {
	{ "fault", AT " once", "page fault inside the routine", fault },
	{ "gpf", AT " once", "general protection fault inside the routine", gpf },
	{ "bug", AT " once", "BUG() inside the routine", bug },
	{ "warn", AT " once", "WARN() inside the routine, with panic_on_warn", warn },
	{ "panic", AT " once", "nested panic() inside the routine", nested_panic },
	{ "spin", AT " once", "the routine spins until a machine check from outside", spin },
	{ "nmipanic", AT " once", "the routine waits for an NMI from outside, which panics",
	  nmi_panic_inside },
	{ "wait", AT " once", "the routine waits for an NMI from outside, and goes on", wait },
};

INJECT_FAMILY(routine);

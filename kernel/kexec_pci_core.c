// SPDX-License-Identifier: GPL-2.0-only
/*
 * Built into the kernel: arming at boot, and the call in __crash_kexec().
 *
 * A module has to escape from a fault inside the routine (module/escape.S).
 * Here the fault ends in a panic() on the same CPU, whose __crash_kexec() finds
 * the lock taken, asks kexec_pci_quiesce_interrupted(), and jumps itself.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/panic.h>
#include <linux/smp.h>

#include <asm/page.h>

#include "kexec_internal.h"
#include "kexec_pci_internal.h"

/* Only the CPU that owns the crash writes it: it holds the kexec lock. */
struct pciq_guard pciq_guard = {
	.inside_cpu = PCIQ_NO_CPU,
};

static bool armed __ro_after_init;

/* Counted before the stage begins: whatever happens in it, it is not repeated. */
static __quiesce bool enter(enum pciq_stage stage)
{
	if (READ_ONCE(pciq_guard.reached) >= stage)
		return false;
	WRITE_ONCE(pciq_guard.reached, stage);
	barrier();
	return true;
}

static __quiesce void finish(void)
{
	struct pciq_run *run = &pciq_crash_run;

	if (enter(PCIQ_STAGE_RECOVER))
		pciq_recover(run);
	if (enter(PCIQ_STAGE_ABORT))
		pciq_abort(run);
	if (enter(PCIQ_STAGE_NOTE))
		pciq_note_append(run);
	/* From here on a panic is none of ours: no jump from jump to jump. */
	enter(PCIQ_STAGE_AFTER);
	WRITE_ONCE(pciq_guard.inside_cpu, PCIQ_NO_CPU);
}

/**
 * kexec_pci_quiesce() - stop PCI before the jump into the crash kernel
 *
 * Context: __crash_kexec(), after machine_crash_shutdown(): one CPU, interrupts
 * off, the kexec lock held. Takes no lock, allocates nothing, prints nothing.
 * Return: true if every function is known to be quiet and drained.
 */
__quiesce bool kexec_pci_quiesce(void)
{
	struct pciq_run *run = &pciq_crash_run;

	if (!armed || !enter(PCIQ_STAGE_RUN))
		return false;
	/* oops_end() would kill the task, and nobody would come back here. */
	panic_on_oops = 1;
	WRITE_ONCE(pciq_guard.inside_cpu, raw_smp_processor_id());
	barrier();
	pciq_run(run);
	enter(PCIQ_STAGE_ABORT);
	finish();
	return run->record && run->record->verdict == PCIQ_CLEAN;
}

/**
 * kexec_pci_quiesce_interrupted() - whether a panic came from inside the routine
 *
 * Goes on with the stages that are left. A fault in one of them nests once more,
 * and finds one stage less.
 *
 * Context: a nested __crash_kexec() that did not get the kexec lock; any CPU.
 * Return: true if this CPU owns the crash and is now to jump.
 */
__quiesce bool kexec_pci_quiesce_interrupted(void)
{
	if (READ_ONCE(pciq_guard.inside_cpu) != raw_smp_processor_id())
		return false;
	finish();
	return true;
}

/**
 * kexec_pci_quiesce_loaded() - a crash kernel was loaded: describe the machine anew
 *
 * Context: process; may sleep. Not under the kexec lock, or a panic meanwhile
 * would find it taken and not jump.
 */
void kexec_pci_quiesce_loaded(void)
{
	if (armed && pciq_capture())
		pr_warn("capture failed: generation %u stays in use\n",
			pciq_newest()->generation);
}

static int __init kexec_pci_quiesce_init(void)
{
	int err;

	/* A capture kernel has no other to jump to. */
	if (is_kdump_kernel())
		return 0;
	err = pciq_configure();
	if (err)
		return err;
	pciq_ctl.spare_phys = __pa_symbol(&pciq_spare);
	pciq_note_prepare();

	/* First of all, or what comes between would never be captured. */
	err = pciq_watch();
	if (err)
		return err;
	/* Twice: there shall be another image from the beginning. */
	err = pciq_capture() ?: pciq_capture();
	if (err) {
		pr_err("not armed: capturing the PCI functions failed (%d)\n",
		       err);
		goto err_unwatch;
	}
	err = pciq_sysfs_add();
	if (err)
		goto err_unwatch;
	armed = true;
	pr_info("armed: policy %s, %u functions, captured in %u us\n",
		pciq_policy_name(pciq_ctl.policy),
		pciq_newest()->nr_funcs,
		pciq_newest()->capture_us);
	return 0;

err_unwatch:
	pciq_unwatch();
	pciq_release();
	return err;
}
late_initcall(kexec_pci_quiesce_init);

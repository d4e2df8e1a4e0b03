// SPDX-License-Identifier: GPL-2.0-only
/*
 * Built into the kernel: arming at boot, and what __crash_kexec() calls.
 *
 * A fault in the crash path ends in a panic() on the same CPU, whose
 * __crash_kexec() finds the lock taken, calls pciq_reenter(), and
 * starts the crash kernel itself.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/panic.h>
#include <linux/printk.h>

#include "kexec_internal.h"

/**
 * pciq_crash() - stop PCI functions before the crash kernel starts
 *
 * Context: __crash_kexec(), after machine_crash_shutdown(): one CPU, interrupts
 * off, the kexec lock held. Takes no lock, does not allocate or print.
 * Return: true if every function is known to be quiet.
 */
__quiesce bool pciq_crash(void)
{
	/* oops_end() would kill the task, and nothing would return here. */
	panic_on_oops = 1;
	return pciq_continue();
}

/**
 * pciq_crash_loaded() - a crash kernel was loaded: take a snapshot
 *
 * Context: process; may sleep. Not under the kexec lock, or a panic meanwhile
 * would find it taken and not start the crash kernel.
 */
void pciq_crash_loaded(void)
{
	if (pciq_newest() && pciq_take_snapshot())
		pr_warn("snapshot failed: generation %u stays in use\n",
			pciq_newest()->record.generation);
}

static int __init pciq_init(void)
{
	int err;

	/* A crash kernel starts no other. */
	if (is_kdump_kernel())
		return 0;
	err = pciq_configure() ?: pciq_arm();
	if (err)
		return err;
	pciq_log_armed();
	return 0;
}
late_initcall(pciq_init);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec_pci_quiesce.ko: arming and disarming.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/module.h>

#include "glue.h"

static int pciq_check_crash_kernel(void)
{
	if (kexec_crash_loaded())
		return 0;
	pr_err("not armed: no crash kernel is loaded: boot with crashkernel=, load one (kdump-config load, kexec -p), then load this module\n");
	return -EAGAIN;
}

static int __init pciq_init(void)
{
	int err = pciq_configure() ?: pciq_check_crash_kernel() ?: pciq_arm();

	if (err)
		return err;
	pciq_note_prepare();
	err = pciq_hook_add();
	if (err)
		pciq_disarm();
	else
		pciq_log_armed();
	return err;
}

static void __exit pciq_exit(void)
{
	pciq_hook_remove();
	pciq_disarm();
	pr_info("disarmed\n");
}

module_init(pciq_init);
module_exit(pciq_exit);

MODULE_DESCRIPTION("Stop PCI functions before a crash kexec");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec_pci_quiesce.ko: arming and disarming.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "glue.h"

static int check_crash_kernel(void)
{
	if (kexec_crash_loaded())
		return 0;
	pr_err("not armed: no crash kernel is loaded: boot with crashkernel=, load one (kdump-config load, kexec -p), then load this module\n");
	return -EAGAIN;
}

static int __init quiesce_init(void)
{
	int err = pciq_configure() ?: check_crash_kernel();

	if (err)
		return err;
	pciq_ctl.spare_phys =
		(vmalloc_to_pfn(&pciq_spare) << PAGE_SHIFT) +
		offset_in_page(&pciq_spare);
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
	err = quiesce_hook_add();
	if (err)
		goto err_sysfs;
	pr_info("armed: policy %s, %u functions, captured in %u us\n",
		pciq_policy_name(pciq_ctl.policy),
		pciq_newest()->nr_funcs,
		pciq_newest()->capture_us);
	return 0;

err_sysfs:
	pciq_sysfs_remove();
err_unwatch:
	pciq_unwatch();
	pciq_release();
	return err;
}

static void __exit quiesce_exit(void)
{
	quiesce_hook_remove();
	pciq_sysfs_remove();
	pciq_unwatch();
	pciq_release();
	pr_info("disarmed\n");
}

module_init(quiesce_init);
module_exit(quiesce_exit);

MODULE_DESCRIPTION("Stop PCI functions before a crash kexec");
MODULE_LICENSE("GPL");

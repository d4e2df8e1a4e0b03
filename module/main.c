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
	int err = kexec_quiesce_configure() ?: check_crash_kernel();

	if (err)
		return err;
	kexec_quiesce_ctl.spare_phys =
		(vmalloc_to_pfn(&kexec_quiesce_spare) << PAGE_SHIFT) +
		offset_in_page(&kexec_quiesce_spare);
	kexec_quiesce_note_prepare();

	/* First of all, or what comes between would never be captured. */
	err = kexec_quiesce_watch();
	if (err)
		return err;
	/* Twice: there shall be another image from the beginning. */
	err = kexec_quiesce_capture() ?: kexec_quiesce_capture();
	if (err) {
		pr_err("not armed: capturing the PCI functions failed (%d)\n",
		       err);
		goto err_unwatch;
	}
	err = kexec_quiesce_sysfs_add();
	if (err)
		goto err_unwatch;
	err = quiesce_hook_add();
	if (err)
		goto err_sysfs;
	pr_info("armed: policy %s, %u functions, captured in %u us\n",
		kexec_quiesce_policy_name(kexec_quiesce_ctl.policy),
		kexec_quiesce_newest()->nr_funcs,
		kexec_quiesce_newest()->capture_us);
	return 0;

err_sysfs:
	kexec_quiesce_sysfs_remove();
err_unwatch:
	kexec_quiesce_unwatch();
	kexec_quiesce_release();
	return err;
}

static void __exit quiesce_exit(void)
{
	quiesce_hook_remove();
	kexec_quiesce_sysfs_remove();
	kexec_quiesce_unwatch();
	kexec_quiesce_release();
	pr_info("disarmed\n");
}

module_init(quiesce_init);
module_exit(quiesce_exit);

MODULE_DESCRIPTION("Stop PCI functions before a crash kexec");
MODULE_LICENSE("GPL");

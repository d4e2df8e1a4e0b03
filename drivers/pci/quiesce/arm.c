// SPDX-License-Identifier: GPL-2.0-only
/* Arming: what comes before the crash path can run. */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/pci.h>
#include <linux/printk.h>

#include "quiesce.h"

static u32 pciq_nr_functions(void)
{
	struct pci_dev *dev = NULL;
	u32 nr = 0;

	for_each_pci_dev(dev)
		nr++;
	return nr;
}

/**
 * pciq_arm() - describe the machine, so that the crash path can run
 *
 * After pciq_configure().
 *
 * Context: process, once, at boot or when the module is loaded.
 * Return: 0 or an errno; the log says what to do.
 */
int pciq_arm(void)
{
	int err = pciq_make_memory(pciq_nr_functions());

	if (err)
		return err;
	/* First, or what is added in between would never be seen. */
	err = pciq_watch();
	if (err)
		goto err_memory;
	/* Twice: there shall be another one from the beginning. */
	err = pciq_take_snapshot() ?: pciq_take_snapshot();
	if (err) {
		pr_err("not armed: taking a snapshot of the PCI functions failed (%d)\n",
		       err);
		goto err_unwatch;
	}
	err = pciq_sysfs_add();
	if (err)
		goto err_unwatch;
	return 0;

err_unwatch:
	pciq_unwatch();
	pciq_release();
err_memory:
	pciq_free_memory();
	return err;
}

/**
 * pciq_log_armed() - say that the crash path is called from now on
 *
 * Context: process.
 */
void pciq_log_armed(void)
{
	pr_info("armed: policy %s, %u functions, snapshot taken in %u us\n",
		pciq_policy_name(pciq_ctl.policy), pciq_newest()->funcs.nr,
		pciq_newest()->took_us);
}

/**
 * pciq_disarm() - undo pciq_arm()
 *
 * Context: process; the crash path can no longer run.
 */
void pciq_disarm(void)
{
	pciq_sysfs_remove();
	pciq_unwatch();
	pciq_release();
	pciq_free_memory();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec_pci_quiesce.ko: parameters, checks, arming and disarming.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include <asm/hypervisor.h>
#include <asm/tsc.h>
#include <xen/xen.h>

#include "compat.h"
#include "glue.h"

static char *policy = "busmaster";
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy, "off or busmaster (default); escalate and reset do not exist yet");

static unsigned int deadline_ms = 2000;
module_param(deadline_ms, uint, 0444);
MODULE_PARM_DESC(deadline_ms, "time budget in milliseconds, 1 to 60000 (default 2000)");

static char *exclude = "";
module_param(exclude, charp, 0444);
MODULE_PARM_DESC(exclude, "functions never to touch: dddd:bb:dd.f, vvvv:dddd or class=cccc, comma-separated");

static char *noreset = "";
module_param(noreset, charp, 0444);
MODULE_PARM_DESC(noreset, "functions never to reset, likewise");

static int parse_list(const char *name, const char *text,
		      struct kexec_quiesce_match_list *list)
{
	char bad[64] = "";
	int err = kexec_quiesce_parse_list(text, list, bad, sizeof(bad));

	if (err == -E2BIG) {
		pr_err("%s=: more than %d tokens, at \"%s\"\n", name,
		       KEXEC_QUIESCE_MAX_MATCHES, bad);
		return -EINVAL;
	}
	if (err)
		pr_err("%s=: \"%s\" is none of dddd:bb:dd.f, vvvv:dddd, class=cccc (hexadecimal)\n",
		       name, bad);
	return err;
}

static int parse_parameters(void)
{
	int number = kexec_quiesce_parse_policy(policy);

	if (number == -EOPNOTSUPP)
		pr_err("policy=: \"%s\" does not exist yet: use busmaster or off\n",
		       policy);
	else if (number < 0)
		pr_err("policy=: \"%s\" is none of off, busmaster, escalate, reset\n",
		       policy);
	if (number < 0)
		return number;
	if (deadline_ms < KEXEC_QUIESCE_MIN_DEADLINE_MS ||
	    deadline_ms > KEXEC_QUIESCE_MAX_DEADLINE_MS) {
		pr_err("deadline_ms=: \"%u\" is not from %d to %d\n",
		       deadline_ms, KEXEC_QUIESCE_MIN_DEADLINE_MS,
		       KEXEC_QUIESCE_MAX_DEADLINE_MS);
		return -EINVAL;
	}
	kexec_quiesce_ctl.policy = number;
	kexec_quiesce_ctl.deadline_ms = deadline_ms;
	return parse_list("exclude", exclude, &kexec_quiesce_ctl.exclude) ?:
	       parse_list("noreset", noreset, &kexec_quiesce_ctl.noreset);
}

static int check_machine(void)
{
	if (xen_domain() || hypervisor_is_type(X86_HYPER_MS_HYPERV)) {
		pr_err("not armed: in a %s guest the hypervisor owns PCI: use its own crash handling\n",
		       xen_domain() ? "Xen" : "Hyper-V");
		return -EOPNOTSUPP;
	}
	if (!kexec_crash_loaded()) {
		pr_err("not armed: no crash kernel is loaded: boot with crashkernel=, load one (kdump-config load, kexec -p), then load this module\n");
		return -EAGAIN;
	}
	if (!tsc_khz) {
		pr_err("not armed: no TSC frequency is known, and no other clock runs in a panic\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int __init quiesce_init(void)
{
	int err = parse_parameters() ?: check_machine();

	if (err)
		return err;
	kexec_quiesce_ctl.tsc_khz = tsc_khz;
	kexec_quiesce_ctl.spare_phys =
		(vmalloc_to_pfn(&kexec_quiesce_spare) << PAGE_SHIFT) +
		offset_in_page(&kexec_quiesce_spare);
	quiesce_note_prepare();

	/* Twice: there shall be another image from the beginning. */
	err = kexec_quiesce_capture() ?: kexec_quiesce_capture();
	if (err) {
		pr_err("not armed: capturing the PCI functions failed (%d)\n",
		       err);
		goto err_release;
	}
	err = kexec_quiesce_watch();
	if (err)
		goto err_release;
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
err_release:
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

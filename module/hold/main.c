// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the crash kernel: what the crashing kernel has only held is reset before a
 * driver sets Bus Master Enable again, which would let through what was held
 * back.
 */
#define pr_fmt(fmt) "kexec_pci_hold: " fmt

#include <linux/crash_dump.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "hold.h"

enum hold_state {
	HOLD_WAITS,		/* for its driver */
	HOLD_WAS_RESET,
	HOLD_WAS_RESET_BUS,	/* with all that share its link */
	HOLD_MAY_BE_RESET,	/* through D3hot: who knows */
	HOLD_NOT_RESET,		/* nothing can */
	HOLD_FORBIDDEN,		/* the operator, or what it is, forbids it */
	HOLD_TOO_LATE,		/* its driver is built in */
	HOLD_NR_STATES
};

static const char * const hold_names[HOLD_NR_STATES] = {
	"waits", "reset", "reset-bus", "d3hot", "not-reset", "forbidden", "too-late",
};

/* A reset would lose a console, memory, or the dump's target for long. */
#define HOLD_NEVER	(PCIQ_F_EXCLUDE_USER | PCIQ_F_NORESET_USER | \
			 PCIQ_F_DISPLAY | PCIQ_F_CXL | PCIQ_F_VMD | \
			 PCIQ_F_SLOW_STORAGE)

/**
 * struct hold_function - a function that is only held
 * @entry: what the record says of it
 * @state: what became of it
 */
struct hold_function {
	const struct pciq_entry *entry;
	enum hold_state state;
};

static struct pciq_record *hold_record;
static struct hold_function *hold_functions;
static u32 hold_nr;
static struct kobject *hold_kobject;

static struct hold_function *hold_find(struct pci_dev *dev)
{
	u32 i;

	for (i = 0; i < hold_nr; i++) {
		const struct pciq_entry *entry = hold_functions[i].entry;

		if (entry->domain == pci_domain_nr(dev->bus) &&
		    entry->bus == dev->bus->number &&
		    entry->devfn == dev->devfn &&
		    entry->vendor == dev->vendor &&
		    entry->device == dev->device)
			return &hold_functions[i];
	}
	return NULL;
}

/* With the bus all of it was reset. */
static void hold_note_bus(struct pci_dev *dev)
{
	struct hold_function *function;
	struct pci_dev *other;

	list_for_each_entry(other, &dev->bus->devices, bus_list) {
		function = hold_find(other);
		if (function && function->state == HOLD_WAITS)
			function->state = HOLD_WAS_RESET_BUS;
	}
}

static void hold_before_driver(struct pci_dev *dev,
			       struct hold_function *function)
{
	static const char * const words[] = {
		[HOLD_BY_FLR] = "reset",
		[HOLD_BY_BUS] = "its bus was reset",
		[HOLD_BY_OTHER] = "went through D3hot, or another reset of its own,",
	};
	static const enum hold_state states[] = {
		[HOLD_BY_FLR] = HOLD_WAS_RESET,
		[HOLD_BY_BUS] = HOLD_WAS_RESET_BUS,
		[HOLD_BY_OTHER] = HOLD_MAY_BE_RESET,
	};
	enum hold_method method;
	int err;

	if (function->entry->flags & HOLD_NEVER) {
		function->state = HOLD_FORBIDDEN;
		pci_info(dev, "kexec_pci_hold: not reset: what was held back may be written\n");
		return;
	}
	err = hold_reset(dev, &method);
	if (err) {
		function->state = HOLD_NOT_RESET;
		pci_info(dev, "kexec_pci_hold: cannot be reset (%d): what was held back may be written\n",
			 err);
		return;
	}
	if (method == HOLD_BY_BUS)
		hold_note_bus(dev);
	function->state = states[method];
	pci_info(dev, "kexec_pci_hold: %s before its driver probes\n",
		 words[method]);
}

/* The device lock is held, and the driver has not probed. */
static int hold_bound(struct notifier_block *nb, unsigned long action,
		      void *data)
{
	struct pci_dev *dev = to_pci_dev(data);
	struct hold_function *function;

	if (action != BUS_NOTIFY_BIND_DRIVER)
		return NOTIFY_DONE;
	function = hold_find(dev);
	if (function && function->state == HOLD_WAITS)
		hold_before_driver(dev, function);
	return NOTIFY_DONE;
}

static struct notifier_block hold_notifier = {
	.notifier_call = hold_bound,
};

/* Of those for which a driver came: what fits a page. */
static ssize_t functions_show(struct kobject *kobj, struct kobj_attribute *attr,
			      char *buf)
{
	ssize_t len = 0;
	u32 i;

	for (i = 0; i < hold_nr; i++) {
		const struct pciq_entry *entry = hold_functions[i].entry;

		if (hold_functions[i].state == HOLD_WAITS)
			continue;
		len += sysfs_emit_at(buf, len, "%04x:%02x:%02x.%x %s\n",
				     entry->domain, entry->bus,
				     PCI_SLOT(entry->devfn),
				     PCI_FUNC(entry->devfn),
				     hold_names[hold_functions[i].state]);
	}
	return len;
}

static struct kobj_attribute hold_attribute = __ATTR_RO(functions);

static int hold_choose(void)
{
	const struct pciq_entry *entry;
	u32 i;

	hold_functions = kvcalloc(hold_record->nr_entries + 1,
				  sizeof(*hold_functions), GFP_KERNEL);
	if (!hold_functions)
		return -ENOMEM;
	for (i = 0; i < hold_record->nr_entries; i++) {
		entry = hold_entry(hold_record, i);
		if (hold_is_held(entry))
			hold_functions[hold_nr++].entry = entry;
	}
	return 0;
}

/* A driver that is built in has probed before any module could be loaded. */
static void hold_look_at_drivers(void)
{
	struct hold_function *function;
	struct pci_dev *dev = NULL;

	for_each_pci_dev(dev) {
		function = hold_find(dev);
		if (!function || !dev->dev.driver)
			continue;
		function->state = HOLD_TOO_LATE;
		pci_info(dev, "kexec_pci_hold: not reset: its driver is built in\n");
	}
}

static int hold_start(void)
{
	int err = hold_choose();

	if (err)
		return err;
	hold_kobject = kobject_create_and_add("kexec_pci_hold", kernel_kobj);
	if (!hold_kobject)
		return -ENOMEM;
	err = sysfs_create_file(hold_kobject, &hold_attribute.attr);
	if (err)
		return err;
	hold_look_at_drivers();
	return bus_register_notifier(&pci_bus_type, &hold_notifier);
}

static void hold_free(void)
{
	kobject_put(hold_kobject);
	kvfree(hold_functions);
	kvfree(hold_record);
}

static int __init hold_init(void)
{
	const char *why;
	int err;

	if (!is_kdump_kernel()) {
		pr_err("not loaded: this is no crash kernel\n");
		return -ENODEV;
	}
	hold_record = hold_read_record(&why);
	if (!hold_record) {
		pr_warn("nothing is reset: %s\n", why);
		return -ENODATA;
	}
	err = hold_start();
	if (err)
		hold_free();
	else
		pr_info("%u functions are reset before their drivers probe\n",
			hold_nr);
	return err;
}

static void __exit hold_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &hold_notifier);
	hold_free();
}

module_init(hold_init);
module_exit(hold_exit);

MODULE_DESCRIPTION("Reset PCI functions that a crashing kernel only held");
MODULE_LICENSE("GPL");

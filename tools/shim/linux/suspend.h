/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SUSPEND_H
#define SHIM_LINUX_SUSPEND_H

#include <linux/pci.h>

enum {
	PM_POST_HIBERNATION = 2,
	PM_POST_SUSPEND = 4,
	PM_POST_RESTORE = 6,
};

extern struct notifier_block *pm_block;

static inline int register_pm_notifier(struct notifier_block *block)
{
	pm_block = block;
	return 0;
}

static inline int unregister_pm_notifier(struct notifier_block *block)
{
	(void)block;
	pm_block = NULL;
	return 0;
}

#endif /* SHIM_LINUX_SUSPEND_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing suspends by itself here. */
#ifndef SHIM_LINUX_PM_RUNTIME_H
#define SHIM_LINUX_PM_RUNTIME_H

#include <linux/pci.h>

static inline void pm_runtime_get_noresume(struct device *dev)
{
	(void)dev;
}

static inline int pm_runtime_barrier(struct device *dev)
{
	(void)dev;
	return 0;
}

static inline void pm_runtime_put_noidle(struct device *dev)
{
	(void)dev;
}

#endif /* SHIM_LINUX_PM_RUNTIME_H */

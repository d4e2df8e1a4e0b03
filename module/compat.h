/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the module is built for.
 */
#ifndef PCIQ_COMPAT_H
#define PCIQ_COMPAT_H

#include <linux/ftrace.h>
#include <linux/version.h>

/* VMCOREINFO_* moved in 6.9. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <linux/vmcore_info.h>
#else
#include <linux/crash_core.h>
#endif

/* The hooked function's first argument; ftrace_regs became opaque in 6.13. */
static __always_inline void *pciq_first_argument(struct ftrace_regs *regs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return (void *)ftrace_regs_get_argument(regs, 0);
#else
	return (void *)regs->regs.di;
#endif
}

#endif /* PCIQ_COMPAT_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files that stand in for the kernel: with its own headers. */
#ifndef KQ_KERNEL_H
#define KQ_KERNEL_H

#include <stdbool.h>

#include <linux/types.h>

struct lspci;
struct lspci_function;
struct pciq_window;

bool kernel_boot(const struct lspci *dump);
__u32 kernel_windows(struct pciq_window *windows, __u32 max);
const struct lspci_function *kernel_find_short(void);
void kernel_halt(void);

#endif /* KQ_KERNEL_H */

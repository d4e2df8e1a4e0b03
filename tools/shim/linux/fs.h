/* SPDX-License-Identifier: GPL-2.0-only */
/* Files: whoever tests a reader defines the functions. */
#ifndef SHIM_LINUX_FS_H
#define SHIM_LINUX_FS_H

#include "kernel.h"

#ifndef O_RDONLY
#define O_RDONLY		0
#endif

struct file;

struct file *filp_open(const char *path, int flags, unsigned short mode);
ssize_t kernel_read(struct file *file, void *to, size_t bytes, loff_t *at);
void fput(struct file *file);

#endif /* SHIM_LINUX_FS_H */

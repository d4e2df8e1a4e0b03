/* SPDX-License-Identifier: GPL-2.0-only */
/* A vmcore of any format that libkdumpfile opens. */
#ifndef KQ_VMCORE_H
#define KQ_VMCORE_H

#include <stddef.h>

#include <libkdumpfile/kdumpfile.h>

#include "base/compiler.h"

struct vmcore {
	const char *file;
	int fd;
	kdump_ctx_t *ctx;
};

int vmcore_open(struct vmcore *vm, const char *file);
void vmcore_close(struct vmcore *vm);
int vmcore_find_record(struct vmcore *vm, __u64 *phys, size_t *bytes);
int vmcore_read(struct vmcore *vm, __u64 phys, void *buf, size_t len);

#endif /* KQ_VMCORE_H */

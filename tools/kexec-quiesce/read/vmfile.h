/* SPDX-License-Identifier: GPL-2.0-only */
/* What a file is, judged by its first bytes: to explain why it cannot be read. */
#ifndef KQ_VMFILE_H
#define KQ_VMFILE_H

#include <stdbool.h>

#include "base/compiler.h"

enum vmfile_kind {
	VMFILE_UNREADABLE,
	VMFILE_EMPTY,
	VMFILE_OTHER,
	VMFILE_ELF,		/* ELF64, little-endian, core */
	VMFILE_ELF_OTHER,	/* an ELF file, but no vmcore of ours */
	VMFILE_KDUMP,		/* makedumpfile, kdump-compressed */
	VMFILE_FLATTENED,	/* makedumpfile -F */
};

enum vmfile_kind vmfile_kind(int fd);
bool vmfile_cut_short(int fd, enum vmfile_kind kind);
bool vmfile_lacks(int fd, __u64 phys, __u64 len);

#endif /* KQ_VMFILE_H */

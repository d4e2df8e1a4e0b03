/* SPDX-License-Identifier: GPL-2.0-only */
/* The line in VMCOREINFO that says where the record is. */
#ifndef KQ_NOTELINE_H
#define KQ_NOTELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

bool note_find_record(const char *info, __u64 *phys, size_t *bytes,
		      struct complaint *why);

#endif /* KQ_NOTELINE_H */

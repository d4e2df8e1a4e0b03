/* SPDX-License-Identifier: GPL-2.0-only */
/* Parser of struct pciq_image: pure, trusts nothing it reads. */
#ifndef KQ_SNAPSHOT_H
#define KQ_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/kexec_quiesce.h>

#include "base/fail.h"

/**
 * struct snapshot - a validated snapshot
 * @head: header
 * @windows: first config window, inside the caller's buffer
 * @funcs: first function, likewise
 */
struct snapshot {
	struct pciq_image head;
	const unsigned char *windows;
	const unsigned char *funcs;
};

bool snapshot_parse(struct snapshot *snap, const void *buf, size_t len,
		    struct complaint *why);
struct pciq_func snapshot_func(const struct snapshot *snap,
			       unsigned int i);
struct pciq_window snapshot_window(const struct snapshot *snap,
				   unsigned int i);
bool func_intx_stays(const struct pciq_func *func);
const char *func_missed(const struct pciq_func *func);

#endif /* KQ_SNAPSHOT_H */

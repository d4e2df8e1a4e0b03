/* SPDX-License-Identifier: GPL-2.0-only */
/* Parser of struct pciq_snapshot: pure, trusts nothing it reads. */
#ifndef KQ_SNAPSHOT_H
#define KQ_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/kexec_quiesce_snapshot.h>

#include "base/fail.h"

/**
 * struct snapshot - a validated snapshot
 * @head: header; @head.record.release is terminated and printable
 * @nr_funcs: functions
 * @bytes: all of it, in the caller's buffer
 */
struct snapshot {
	struct pciq_snapshot head;
	unsigned int nr_funcs;
	const unsigned char *bytes;
};

/**
 * struct function - both parts of a function in a snapshot
 * @entry: who it is
 * @window: index of its window, PCIQ_NO_WINDOW if none
 * @reset: how to reset it, and by which policy
 */
struct function {
	struct pciq_entry entry;
	unsigned int window;
	struct pciq_reset reset;
};

bool snapshot_parse(struct snapshot *snap, const void *buf, size_t len,
		    struct complaint *why);
struct function snapshot_func(const struct snapshot *snap, unsigned int i);
struct pciq_window snapshot_window(const struct snapshot *snap,
				   unsigned int i);
struct pciq_op snapshot_op(const struct snapshot *snap,
			   const struct pciq_part *part, unsigned int i);
struct pciq_restore snapshot_restore(const struct snapshot *snap,
				     unsigned int i);
bool func_intx_stays(const struct function *func);
const char *func_missed(const struct function *func);

#endif /* KQ_SNAPSHOT_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Record and snapshot, as they lie in the memory that crash has open. */
#ifndef PCIQ_DUMP_H
#define PCIQ_DUMP_H

#include "read/record.h"
#include "read/snapshot.h"

/**
 * struct ctl - the first members of struct pciq_ctl
 * @slot: kernel addresses of the snapshots: two that take turns, and windows alone
 * @newest: which of the two
 * @policy: enum pciq_policy
 *
 * include/linux/kexec_quiesce.h says that they are the first.
 */
struct ctl {
	__u64 slot[3];
	__u32 newest;
	__u32 policy;
};

bool dump_record(struct record *rec, void **buf, struct complaint *why);
bool dump_ctl(struct ctl *ctl, struct complaint *why);
bool dump_snapshot(struct snapshot *snap, void **buf, __u64 virt,
		   struct complaint *why);

#endif /* PCIQ_DUMP_H */

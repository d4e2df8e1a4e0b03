/* SPDX-License-Identifier: GPL-2.0-only */
/* The plan of a policy for each function, in words. */
#ifndef KQ_PLAN_H
#define KQ_PLAN_H

#include "read/snapshot.h"

#define WHY_LEN		256
#define MARK_LEN	24

/**
 * struct plan - a plan to show
 * @snap: snapshot
 * @policy: enum pciq_policy that is shown
 * @in_force: that of the running kernel
 * @machine: the file with config space that the snapshot was made from, NULL if
 *	a kernel has taken it
 */
struct plan {
	struct snapshot snap;
	unsigned int policy;
	unsigned int in_force;
	const char *machine;
};

const char *plan_why(const struct plan *plan, unsigned int i,
		     char buf[WHY_LEN]);
const char *plan_mark(const struct plan *plan, unsigned int i,
		      char buf[MARK_LEN]);
const char *plan_note(const struct plan *plan, unsigned int i,
		      char buf[WHY_LEN]);

#endif /* KQ_PLAN_H */

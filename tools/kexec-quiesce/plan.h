/* SPDX-License-Identifier: GPL-2.0-only */
/* The plan of a policy for each function, and how it is shown. */
#ifndef KQ_PLAN_H
#define KQ_PLAN_H

#include <stdio.h>

#include "snapshot.h"

#define WHY_LEN		256
#define MARK_LEN	24

/**
 * struct plan - a plan to show
 * @snap: snapshot
 * @policy: enum pciq_policy that is shown
 * @in_force: that of the running kernel
 */
struct plan {
	struct snapshot snap;
	unsigned int policy;
	unsigned int in_force;
};

const char *plan_why(const struct plan *plan, unsigned int i,
		     char buf[WHY_LEN]);
const char *plan_mark(const struct plan *plan, unsigned int i,
		      char buf[MARK_LEN]);
const char *plan_note(const struct plan *plan, unsigned int i,
		      char buf[WHY_LEN]);
void plan_summary(FILE *out, const struct plan *plan);
void plan_list(FILE *out, const struct plan *plan);
int plan_tree(const struct plan *plan);
int plan_json(const struct plan *plan);

#endif /* KQ_PLAN_H */

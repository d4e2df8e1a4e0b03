/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy would do to each function, and how that is shown. */
#ifndef KQ_PLAN_H
#define KQ_PLAN_H

#include "snapshot.h"

const char *plan_why(const struct kexec_quiesce_func *func,
		     unsigned int policy);
int plan_tree(const struct snapshot *snap, unsigned int policy);

#endif /* KQ_PLAN_H */

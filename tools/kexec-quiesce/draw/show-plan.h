/* SPDX-License-Identifier: GPL-2.0-only */
/* How a plan is shown: to a person, or to a program. */
#ifndef KQ_SHOW_PLAN_H
#define KQ_SHOW_PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "explain/plan.h"

struct json;

void plan_summary(FILE *out, const struct plan *plan);
void plan_outlook(FILE *out, const struct plan *plan);
void plan_outlook_json(struct json *j, const struct plan *plan);
void plan_list(FILE *out, const struct plan *plan);
int plan_tree(const struct plan *plan);
void plan_registers(FILE *out, const struct plan *plan);
void plan_registers_json(struct json *j, const struct plan *plan);
int plan_json(const struct plan *plan, bool registers);

#endif /* KQ_SHOW_PLAN_H */

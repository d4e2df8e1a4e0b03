/* SPDX-License-Identifier: GPL-2.0-only */
/* A picture in a file. */
#ifndef KQ_PICTURE_H
#define KQ_PICTURE_H

#include "explain/plan.h"
#include "read/record.h"

int picture_of_record(const struct record *rec, const char *file);
int picture_of_plan(const struct plan *plan, const char *file);

#endif /* KQ_PICTURE_H */

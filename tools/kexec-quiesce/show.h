/* SPDX-License-Identifier: GPL-2.0-only */
/* How a record is shown: to a person, or to a program. */
#ifndef KQ_SHOW_H
#define KQ_SHOW_H

#include <stdbool.h>

#include "record.h"

void show_text(const struct record *rec);
void show_refusers(const struct record *rec);
void show_json(const struct record *rec, const char *file);
int show_record(const struct record *rec, const char *file, bool json);

#endif /* KQ_SHOW_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* How a record is shown: to a person, or to a program. */
#ifndef KQ_SHOW_H
#define KQ_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "record.h"

struct options;

void show_summary(FILE *out, const struct record *rec);
void show_steps(FILE *out, const struct record *rec);
void show_table(FILE *out, const struct record *rec);
void show_refusers(FILE *out, const struct record *rec);
void show_text(FILE *out, const struct record *rec);
void show_json(const struct record *rec, const char *file);
int show_record(const struct record *rec, const char *file,
		const struct options *opt);

#endif /* KQ_SHOW_H */

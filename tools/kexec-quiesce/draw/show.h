/* SPDX-License-Identifier: GPL-2.0-only */
/* How a record is shown: to a person, or to a program. */
#ifndef KQ_SHOW_H
#define KQ_SHOW_H

#include <stdio.h>

#include "read/record.h"

#define CHECKSUM_WRONG \
	"wrong: the routine did not get to its end, or the record is damaged"

void show_summary(FILE *out, const struct record *rec);
void show_steps(FILE *out, const struct record *rec);
void show_table(FILE *out, const struct record *rec);
void show_refusers(FILE *out, const struct record *rec);
void show_text(FILE *out, const struct record *rec);
void show_json(const struct record *rec, const char *file, char *hold);

#endif /* KQ_SHOW_H */

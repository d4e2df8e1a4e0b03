/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of the numbers in a record and in a snapshot. */
#ifndef KQ_NAMES_H
#define KQ_NAMES_H

#include <stddef.h>

#define NAME_LEN 24	/* "unknown(4294967295)" */

struct names {
	const char *const *name;
	unsigned int nr;
};

extern const struct names policy_names;
extern const struct names verdict_names;
extern const struct names outcome_names;
extern const struct names reason_names;
extern const struct names step_names;
extern const struct names source_names;
extern const struct names plan_names;
extern const struct names reset_names;
extern const struct names no_reset_names;
extern const struct names duration_names;
extern const struct names done_names;	/* by bit number */
extern const struct names flag_names;	/* by bit number */

const char *name_of(const struct names *names, unsigned int value,
		    char buf[NAME_LEN]);
int value_of(const struct names *names, const char *name);
size_t join_bits(const struct names *names, unsigned int bits, char *buf,
		 size_t len);

#endif /* KQ_NAMES_H */

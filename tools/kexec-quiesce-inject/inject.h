/* SPDX-License-Identifier: GPL-2.0-only */
/* kexec-quiesce-inject: what its files share. */
#ifndef KQ_INJECT_H
#define KQ_INJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/nearest.h"

enum exit_code {
	EXIT_GOOD	= 0,
	EXIT_BAD_NEWS	= 1,	/* the kernel did not do it */
	EXIT_USAGE	= 2,
	EXIT_CANNOT	= 3,	/* the module is not there */
};

#define MAX_ROWS	128

/* One fault or trigger, as the module prints it. */
struct row {
	const char *name;
	const char *family;
	const char *args;	/* "key=WORD|WORD key=NUMBER key=ADDRESS key" */
	const char *help;
};

struct table {
	const char *what;	/* "fault", "trigger" */
	struct row row[MAX_ROWS];
	unsigned int nr;
};

/* fail.c */
__printf(1, 2) int usage_error(const char *fmt, ...);
__printf(2, 3) int fail(int code, const char *fmt, ...);

/* table.c */
bool table_read(struct table *table, const char *what, const char *path);
const struct row *table_find(const struct table *table, const char *name);
const char *table_nearest(const struct table *table, const char *name);
int row_check(const struct row *row, const char *what, const char *argument);

#endif /* KQ_INJECT_H */

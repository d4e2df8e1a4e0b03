/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command is given, and what commands have in common. */
#ifndef KQ_COMMAND_H
#define KQ_COMMAND_H

#include <stdbool.h>

struct record;

struct options {
	bool json;
	bool tree;
	bool registers;
	int policy;		/* enum pciq_policy, -1: that in force */
	const char *sysfs;	/* "/sys", another one in tests */
	const char *modules;	/* "/lib/modules", likewise */
	const char *from;	/* file of a snapshot or machine, NULL: that in force */
	const char *exclude;	/* as the module's parameter, NULL: not given */
	const char *noreset;
	const char *reset;
	const char *svg;	/* file to draw into, or NULL */
	const char *operand;
};

int cmd_status(const struct options *opt);
int cmd_plan(const struct options *opt);
int cmd_dry_run(const struct options *opt);
int cmd_report(const struct options *opt);
int cmd_config_time(const struct options *opt);

int show_record(const struct record *rec, const char *file,
		const struct options *opt);

#endif /* KQ_COMMAND_H */

// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce dry-run: what a panic would find now; nothing is written. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/command.h"
#include "draw/progress.h"
#include "read/live.h"
#include "read/record.h"

/**
 * cmd_dry_run() - let the kernel read what the crash path reads, and print it
 * @opt: options
 *
 * Return: exit code.
 */
int cmd_dry_run(const struct options *opt)
{
	char path[LIVE_PATH_MAX];
	struct complaint why;
	struct record rec;
	unsigned char *buf;
	size_t len;
	int ret;

	live_path(path, opt->sysfs, LIVE_DIR "/dry_run");
	progress_begin("the kernel reads config space");
	ret = live_load(path, &buf, &len);
	progress_end();
	if (ret) {
		ret = live_explain(path, ret);
	} else if (!record_parse(&rec, buf, len, &why)) {
		ret = fail(path, "%s", why.text);
	} else {
		if (!opt->json && !opt->svg)
			puts("Dry run: nothing was written, and no device without power was read.\n"
			     "Only step disable takes time in it.\n");
		ret = show_record(&rec, path, opt);
	}
	free(buf);
	return ret;
}

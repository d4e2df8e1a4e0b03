// SPDX-License-Identifier: GPL-2.0-only
/* A record in the form that was asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "commands/picture.h"
#include "draw/show.h"
#include "explain/pcinames.h"
#include "read/live.h"

#define HOLD_FILE	"kernel/kexec_pci_hold/functions"

/* What kexec_pci_hold did, which is loaded in a crash kernel only. */
static void show_as_json(const struct record *rec, const char *file,
			 const struct options *opt)
{
	char path[LIVE_PATH_MAX], *hold = NULL;
	unsigned char *buf;
	size_t len;

	live_path(path, opt->sysfs, HOLD_FILE);
	if (!live_load(path, &buf, &len)) {
		hold = calloc(1, len + 1);
		if (hold)
			memcpy(hold, buf, len);
	}
	show_json(rec, file, hold);
	free(hold);
	free(buf);
}

/**
 * show_record() - show a record and judge it
 * @rec: record
 * @file: where it was found
 * @opt: options
 *
 * Return: EXIT_GOOD if the verdict is clean and the checksum right, EXIT_BAD_NEWS
 * if not, EXIT_CANNOT_TELL if it cannot be written.
 */
int show_record(const struct record *rec, const char *file,
		const struct options *opt)
{
	int ret = EXIT_GOOD;

	if (opt->json)
		show_as_json(rec, file, opt);
	else if (opt->svg)
		ret = picture_of_record(rec, opt->svg);
	else
		show_text(stdout, rec);
	pci_names_close();
	if (ret)
		return ret;
	return rec->head.verdict == PCIQ_CLEAN && rec->checksum_ok ?
		       EXIT_GOOD : EXIT_BAD_NEWS;
}

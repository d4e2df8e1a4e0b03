// SPDX-License-Identifier: GPL-2.0-only
/* A record in the form that was asked for. */
#include <stdio.h>

#include "commands/command.h"
#include "commands/picture.h"
#include "draw/show.h"
#include "explain/pcinames.h"

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
		show_json(rec, file);
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

// SPDX-License-Identifier: GPL-2.0-only
/* A record in the form that was asked for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/command.h"
#include "draw/show.h"
#include "draw/svg.h"
#include "explain/pcinames.h"

/* Half a picture is of no use; a device or a pipe is not ours to remove. */
static int give_up(FILE *out, const char *file, int error)
{
	struct stat st;

	if (!fstat(fileno(out), &st) && S_ISREG(st.st_mode))
		unlink(file);
	fclose(out);
	return fail(file, "cannot be written: %s", strerror(error));
}

static int write_svg(const struct record *rec, const struct layout *layout,
		     const char *file)
{
	FILE *out = fopen(file, "we");

	if (!out)
		return fail(file, "cannot be written: %s", strerror(errno));
	errno = 0;
	svg_write(out, rec, layout);
	if (fflush(out) || ferror(out))
		return give_up(out, file, errno ? errno : EIO);
	if (fclose(out))
		return fail(file, "cannot be written: %s", strerror(errno));
	return EXIT_GOOD;
}

static int show_svg(const struct record *rec, const char *file)
{
	struct layout layout = { 0 };
	int ret;

	if (layout_make(&layout, rec))
		ret = write_svg(rec, &layout, file);
	else
		ret = fail(file, "out of memory");
	free(layout.box);
	return ret;
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
		show_json(rec, file);
	else if (opt->svg)
		ret = show_svg(rec, opt->svg);
	else
		show_text(stdout, rec);
	pci_names_close();
	if (ret)
		return ret;
	return rec->head.verdict == PCIQ_CLEAN && rec->checksum_ok ?
		       EXIT_GOOD : EXIT_BAD_NEWS;
}

// SPDX-License-Identifier: GPL-2.0-only
/* A picture in a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/picture.h"
#include "draw/svg-plan.h"
#include "draw/svg.h"

/* Half a picture is of no use; a device or a pipe is not ours to remove. */
static int give_up(FILE *out, const char *file, int error)
{
	struct stat st;

	if (!fstat(fileno(out), &st) && S_ISREG(st.st_mode))
		unlink(file);
	fclose(out);
	return fail(file, "cannot be written: %s", strerror(error));
}

/* Of a plan, if there is one, else of the record. */
static int write_svg(const struct record *rec, const struct plan *plan,
		     const struct layout *layout, const char *file)
{
	FILE *out = fopen(file, "we");

	if (!out)
		return fail(file, "cannot be written: %s", strerror(errno));
	errno = 0;
	if (plan)
		svg_plan(out, plan, rec, layout);
	else
		svg_write(out, rec, layout);
	if (fflush(out) || ferror(out))
		return give_up(out, file, errno ? errno : EIO);
	if (fclose(out))
		return fail(file, "cannot be written: %s", strerror(errno));
	return EXIT_GOOD;
}

static int place_and_write(const struct record *rec, const struct plan *plan,
			   const char *file)
{
	struct layout layout = { 0 };
	int ret;

	if (layout_make(&layout, rec))
		ret = write_svg(rec, plan, &layout, file);
	else
		ret = fail(file, "out of memory");
	free(layout.box);
	return ret;
}

/**
 * picture_of_record() - draw a record
 * @rec: record
 * @file: into this file
 *
 * Return: exit code.
 */
int picture_of_record(const struct record *rec, const char *file)
{
	return place_and_write(rec, NULL, file);
}

/**
 * picture_of_plan() - draw a plan
 * @plan: plan
 * @file: into this file
 *
 * Return: exit code.
 */
int picture_of_plan(const struct plan *plan, const char *file)
{
	struct record rec;
	void *entries = svg_plan_record(plan, &rec);
	int ret;

	if (entries)
		ret = place_and_write(&rec, plan, file);
	else
		ret = fail(file, "out of memory");
	free(entries);
	return ret;
}

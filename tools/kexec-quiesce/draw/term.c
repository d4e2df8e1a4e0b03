// SPDX-License-Identifier: GPL-2.0-only
/* Colours and times, as a person reads them. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "draw/term.h"

static bool in_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no && *no)
		return false;
	return isatty(fileno(out)) && term && strcmp(term, "dumb");
}

/**
 * ink() - begin a colour
 * @out: where it will go
 * @ink: which
 *
 * Return: what to print, "" if @out shall have no colours.
 */
const char *ink(FILE *out, enum ink ink)
{
	static const char * const codes[] = {
		[INK_NONE] = "",
		[INK_GOOD] = "\033[32m",
		[INK_WARN] = "\033[33m",
		[INK_BAD] = "\033[1;31m",
		[INK_FAINT] = "\033[2m",
	};

	return in_colour(out) ? codes[ink] : "";
}

/**
 * ink_off() - end a colour
 * @out: where it will go
 * @ink: the one that was begun
 *
 * Return: what to print.
 */
const char *ink_off(FILE *out, enum ink ink)
{
	return ink != INK_NONE && in_colour(out) ? "\033[0m" : "";
}

/**
 * utc_time() - seconds since the epoch as a date
 * @seconds: any value, also one that is no date
 * @buf: result
 * @len: room in @buf
 *
 * Return: @buf.
 */
const char *utc_time(__u64 seconds, char *buf, size_t len)
{
	time_t when = seconds;
	struct tm tm;

	if (!seconds)
		snprintf(buf, len, "never");
	else if (seconds > INT_MAX * 8ULL || !gmtime_r(&when, &tm) ||
		 !strftime(buf, len, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(buf, len, "@%llu", seconds);
	return buf;
}

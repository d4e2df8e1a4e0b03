// SPDX-License-Identifier: GPL-2.0-only
/* Exit codes, and the one form of an error message. */
#include <stdarg.h>
#include <stdio.h>

#include "base/fail.h"

/* What is on the terminal may have to be wiped away first. */
void (*before_message)(void);

/**
 * complain() - say what is wrong with a buffer
 * @why: where to put the sentence
 * @fmt: printf format
 */
void complain(struct complaint *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
}

static void say(const char *name, const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("kexec-quiesce: ", stderr);
	if (name)
		fprintf(stderr, "%s: ", name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

/**
 * fail() - report that there is no answer
 * @name: the file it is about
 * @fmt: printf format of the reason
 *
 * Return: EXIT_CANNOT_TELL.
 */
int fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(name, fmt, ap);
	va_end(ap);
	return EXIT_CANNOT_TELL;
}

/**
 * usage_error() - report a command line that makes no sense
 * @fmt: printf format
 *
 * Return: EXIT_USAGE.
 */
int usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(NULL, fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

/**
 * warn() - report something that leaves the answer standing
 * @name: the file it is about
 * @fmt: printf format
 */
void warn(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(name, fmt, ap);
	va_end(ap);
}

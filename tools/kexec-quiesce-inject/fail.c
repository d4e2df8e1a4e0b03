// SPDX-License-Identifier: GPL-2.0-only
/* The one form of an error message. */
#include <stdarg.h>
#include <stdio.h>

#include "inject.h"

__printf(1, 0)
static void say(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("kexec-quiesce-inject: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
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
	say(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

/**
 * fail() - report what went wrong
 * @code: exit code
 * @fmt: printf format
 *
 * Return: @code.
 */
int fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return code;
}

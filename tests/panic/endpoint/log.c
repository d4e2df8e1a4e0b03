// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was done to the device, one line each: seconds, lines of memory written
 * so far, event.  The harness reads it while we run, so each line goes out
 * before the guest is answered.
 */
#include <stdarg.h>
#include <time.h>

#include "endpoint.h"

/**
 * now_ms() - the time
 *
 * Return: milliseconds, CLOCK_MONOTONIC.
 */
__u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/**
 * log_event() - note that something was done to the device
 * @ep: endpoint, locked
 * @format: as printf
 */
void log_event(struct endpoint *ep, const char *format, ...)
{
	__u64 ms = now_ms();
	va_list args;

	fprintf(ep->log, "%llu.%03llu %llu ", (unsigned long long)ms / 1000,
		(unsigned long long)ms % 1000, (unsigned long long)ep->lines);
	va_start(args, format);
	vfprintf(ep->log, format, args);
	va_end(args);
	fputc('\n', ep->log);
	fflush(ep->log);
}

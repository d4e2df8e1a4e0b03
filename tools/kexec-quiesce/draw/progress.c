// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sign of life on a terminal, for what takes over a second.
 *
 * Reading a file of sysfs lets the kernel work, and opening a dump lets the
 * library read: neither reports how far it is, so only the time is shown.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fail.h"
#include "draw/progress.h"

#define ERASE "\r\033[K"

static char text[128];
static unsigned int seconds;	/* changes in a signal handler */

/* No stdio in a signal handler. */
static void put(const char *s)
{
	ssize_t n = write(STDERR_FILENO, s, strlen(s));

	(void)n;
}

static void put_number(unsigned int n)
{
	char digits[12], *s = digits + sizeof(digits) - 1;

	*s = '\0';
	do {
		*--s = '0' + n % 10;
		n /= 10;
	} while (n);
	put(s);
}

static void tick(int signal)
{
	int saved = errno;

	(void)signal;
	put(ERASE);
	put(text);
	put_number(__atomic_add_fetch(&seconds, 1, __ATOMIC_RELAXED));
	put(" s");
	errno = saved;
}

static void set_timer(unsigned int every)
{
	struct itimerval timer = {
		.it_interval.tv_sec = every,
		.it_value.tv_sec = every,
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/**
 * progress_begin() - from one second on, say every second that it goes on
 * @what: what is being done
 *
 * Only if standard error is a terminal.
 */
void progress_begin(const char *what)
{
	struct sigaction action = {
		.sa_handler = tick,
		.sa_flags = SA_RESTART,
	};

	if (!isatty(STDERR_FILENO))
		return;
	snprintf(text, sizeof(text), "kexec-quiesce: %s ... ", what);
	seconds = 0;
	sigaction(SIGALRM, &action, NULL);
	before_message = progress_end;
	set_timer(1);
}

/**
 * progress_end() - it is done: leave nothing on the terminal
 */
void progress_end(void)
{
	set_timer(0);
	if (__atomic_load_n(&seconds, __ATOMIC_RELAXED))
		put(ERASE);
	seconds = 0;
}

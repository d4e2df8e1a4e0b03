// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space of a machine, in a file of one of several kinds: what "lspci
 * -xxxx" has printed, or an archive of scripts/hardware-report with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "read/lspcifile.h"

#define MEMBER		"*/config-space"
#define GZIP_MAGIC	"\x1f\x8b"

/* libpci reads a file that has a name. */
static bool write_all(int fd, const unsigned char *buf, size_t len)
{
	ssize_t n;

	for (; len; buf += n, len -= n) {
		n = write(fd, buf, len);
		if (n < 0)
			return false;
	}
	return !lseek(fd, 0, SEEK_SET);
}

static void __noreturn run_tar(int from, int to)
{
	dup2(from, STDIN_FILENO);
	dup2(to, STDOUT_FILENO);
	if (!freopen("/dev/null", "w", stderr))
		_exit(127);
	execlp("tar", "tar", "-xzOf", "-", "--wildcards", MEMBER, NULL);
	_exit(127);
}

/* What is packed at @from goes to @to. */
static bool take_member(int from, int to, struct complaint *why)
{
	pid_t child = fork();
	int status;

	if (!child)
		run_tar(from, to);
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		complain(why, "tar: %s", strerror(errno));
		return false;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		complain(why, "is an archive, and there is no tar to unpack it");
		return false;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) ||
	    lseek(to, 0, SEEK_END) <= 0) {
		complain(why, "no config-space in it: an archive of hardware-report is expected");
		return false;
	}
	return true;
}

static bool read_fd(struct lspci *machine, int fd, struct complaint *why)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return lspci_read(machine, path, why);
}

static bool read_packed(struct lspci *machine, int from, struct complaint *why)
{
	int to = memfd_create("config-space", 0);
	bool good;

	if (to < 0) {
		complain(why, "%s", strerror(errno));
		return false;
	}
	good = take_member(from, to, why) && read_fd(machine, to, why);
	close(to);
	return good;
}

/**
 * lspcifile_read() - read the config space of a machine
 * @machine: filled in, to be given to lspci_free()
 * @buf: what is in it
 * @len: bytes there
 * @why: filled in if it cannot be read
 *
 * Return: true if it is one whole machine.
 */
bool lspcifile_read(struct lspci *machine, const unsigned char *buf,
		    size_t len, struct complaint *why)
{
	bool packed = len > 2 && !memcmp(buf, GZIP_MAGIC, 2), good;
	int fd = memfd_create("machine", 0);

	*machine = (struct lspci) { 0 };
	if (fd < 0 || !write_all(fd, buf, len)) {
		complain(why, "%s", strerror(errno));
		good = false;
	} else {
		good = packed ? read_packed(machine, fd, why) :
				read_fd(machine, fd, why);
	}
	if (fd >= 0)
		close(fd);
	return good;
}

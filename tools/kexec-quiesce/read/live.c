// SPDX-License-Identifier: GPL-2.0-only
/* The files that the running kernel shows in sysfs. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "read/live.h"

#define LOAD_MAX	(256U << 20)

/**
 * live_path() - path of a sysfs file
 * @path: result
 * @sysfs: where sysfs is mounted
 * @name: path below it
 */
void live_path(char path[LIVE_PATH_MAX], const char *sysfs, const char *name)
{
	snprintf(path, LIVE_PATH_MAX, "%s/%s", sysfs, name);
}

/**
 * live_line() - read a file of one line
 * @sysfs: where sysfs is mounted
 * @name: path below it
 * @buf: the line, without its end
 * @len: room in @buf
 *
 * Return: 0, or a negative errno.
 */
int live_line(const char *sysfs, const char *name, char *buf, size_t len)
{
	char path[LIVE_PATH_MAX];
	ssize_t n;
	int fd, ret;

	buf[0] = '\0';
	live_path(path, sysfs, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, len - 1);
	ret = n < 0 ? -errno : 0;
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return ret;
}

static int read_all(int fd, unsigned char **buf, size_t *len)
{
	size_t room = 0;
	void *more;
	ssize_t n;

	do {
		if (*len == room) {
			room = room ? room * 2 : 65536;
			more = room > LOAD_MAX ? NULL : realloc(*buf, room);
			if (!more)
				return -ENOMEM;
			*buf = more;
		}
		n = read(fd, *buf + *len, room - *len);
		if (n > 0)
			*len += n;
	} while (n > 0);
	return n < 0 ? -errno : 0;
}

/**
 * live_load() - read a whole binary file
 * @path: file; sysfs does not show its size
 * @buf: its bytes, to be freed in either case
 * @len: how many
 *
 * Return: 0, or a negative errno.
 */
int live_load(const char *path, unsigned char **buf, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	*buf = NULL;
	*len = 0;
	if (fd < 0)
		return -errno;
	ret = read_all(fd, buf, len);
	close(fd);
	return ret;
}

/* If it does, a module is loaded, but has no such file. */
static bool directory_exists(const char *path)
{
	char dir[LIVE_PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || !strstr(dir, LIVE_DIR "/"))
		return false;
	*slash = '\0';
	return !access(dir, F_OK);
}

/**
 * live_explain() - say why a file of ours could not be read
 * @path: file
 * @error: negative errno
 *
 * Return: EXIT_CANNOT_TELL.
 */
int live_explain(const char *path, int error)
{
	if (error == -ENOENT && directory_exists(path))
		return fail(path, "no such file: the module is not of this version");
	if (error == -ENOENT)
		return fail(path, "no such file: modprobe kexec_pci_quiesce first");
	if (error == -EACCES || error == -EPERM)
		return fail(path, "no permission to read it: run as root");
	return fail(path, "cannot be read: %s", strerror(-error));
}

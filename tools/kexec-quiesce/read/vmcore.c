// SPDX-License-Identifier: GPL-2.0-only
/* A vmcore of any format that libkdumpfile opens. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "read/noteline.h"
#include "read/vmcore.h"
#include "read/vmfile.h"

static int open_file(struct vmcore *vm)
{
	struct stat st;

	vm->fd = open(vm->file, O_RDONLY | O_CLOEXEC);
	if (vm->fd < 0 && (errno == EACCES || errno == EPERM))
		return fail(vm->file, "no permission to read it: run as root");
	if (vm->fd < 0 && errno == ENOENT)
		return fail(vm->file, "no such file");
	if (vm->fd < 0)
		return fail(vm->file, "%s", strerror(errno));
	if (!fstat(vm->fd, &st) && S_ISDIR(st.st_mode))
		return fail(vm->file, "a directory, not a vmcore");
	return EXIT_GOOD;
}

static const char *library_says(struct vmcore *vm, kdump_status status)
{
	const char *text = kdump_get_err(vm->ctx);

	return text ? text : kdump_strerror(status);
}

/* Why libkdumpfile could not open it: its own words come last. */
static int explain_open(struct vmcore *vm, kdump_status status)
{
	enum vmfile_kind kind = vmfile_kind(vm->fd);

	switch (kind) {
	case VMFILE_UNREADABLE:
		return fail(vm->file, "cannot be read: %s", strerror(errno));
	case VMFILE_EMPTY:
		return fail(vm->file, "empty file: the dump was never written");
	case VMFILE_FLATTENED:
		return fail(vm->file, "flattened dump: run makedumpfile -R NEW < FILE first");
	case VMFILE_OTHER:
		return fail(vm->file, "not a vmcore: neither ELF nor from makedumpfile");
	case VMFILE_ELF_OTHER:
		return fail(vm->file, "not a vmcore: ELF, but no little-endian 64-bit core file");
	default:
		break;
	}
	if (vmfile_cut_short(vm->fd, kind))
		return fail(vm->file, "half-written dump: its headers promise more");
	return fail(vm->file, "not a vmcore that libkdumpfile opens: %s",
		    library_says(vm, status));
}

/* mmap() of a file that is cut short ends in SIGBUS, and we read one page. */
static int open_dump(struct vmcore *vm)
{
	kdump_status status;

	vm->ctx = kdump_new();
	if (!vm->ctx)
		return fail(vm->file, "out of memory");
	kdump_set_number_attr(vm->ctx, KDUMP_ATTR_FILE_MMAP_POLICY,
			      KDUMP_MMAP_NEVER);
	status = kdump_open_fd(vm->ctx, vm->fd);
	if (status != KDUMP_OK)
		return explain_open(vm, status);
	/* Or the library keeps VMCOREINFO to itself. */
	kdump_set_string_attr(vm->ctx, KDUMP_ATTR_OSTYPE, "linux");
	return EXIT_GOOD;
}

/**
 * vmcore_open() - open a dump, or say why not
 * @vm: to be closed by vmcore_close() in either case
 * @file: its name
 *
 * Return: EXIT_GOOD or EXIT_CANNOT_TELL.
 */
int vmcore_open(struct vmcore *vm, const char *file)
{
	int ret;

	vm->file = file;
	vm->ctx = NULL;
	ret = open_file(vm);
	return ret ? ret : open_dump(vm);
}

/**
 * vmcore_close() - free a dump
 * @vm: dump
 */
void vmcore_close(struct vmcore *vm)
{
	if (vm->ctx)
		kdump_free(vm->ctx);
	if (vm->fd >= 0)
		close(vm->fd);
}

/**
 * vmcore_find_record() - where the record is, or say why that is unknown
 * @vm: dump
 * @phys: physical address
 * @bytes: room for the record
 *
 * Return: EXIT_GOOD or EXIT_CANNOT_TELL.
 */
int vmcore_find_record(struct vmcore *vm, __u64 *phys, size_t *bytes)
{
	struct complaint why;
	char *info = NULL;
	bool found;

	if (kdump_vmcoreinfo_raw(vm->ctx, &info) != KDUMP_OK || !info) {
		if (vmfile_cut_short(vm->fd, vmfile_kind(vm->fd)))
			return fail(vm->file, "half-written dump: its VMCOREINFO is missing");
		return fail(vm->file, "no VMCOREINFO in this vmcore");
	}
	found = note_find_record(info, phys, bytes, &why);
	free(info);
	return found ? EXIT_GOOD : fail(vm->file, "%s", why.text);
}

/**
 * vmcore_read() - read physical memory, or say why not
 * @vm: dump
 * @phys: physical address
 * @buf: filled in
 * @len: bytes
 *
 * Return: EXIT_GOOD or EXIT_CANNOT_TELL.
 */
int vmcore_read(struct vmcore *vm, __u64 phys, void *buf, size_t len)
{
	size_t got = len;
	kdump_status status;
	unsigned long long at;

	if (vmfile_lacks(vm->fd, phys, len))
		return fail(vm->file, "half-written dump: it ends before the record at 0x%llx",
			    phys);
	status = kdump_read(vm->ctx, KDUMP_MACHPHYSADDR, phys, buf, &got);
	if (status == KDUMP_OK)
		return EXIT_GOOD;
	at = phys + got;
	if (vmfile_cut_short(vm->fd, vmfile_kind(vm->fd)))
		return fail(vm->file, "half-written dump: the record's page at 0x%llx is missing",
			    at);
	if (status == KDUMP_ERR_NODATA)
		return fail(vm->file, "the record's page at 0x%llx is not in the dump",
			    at);
	return fail(vm->file, "the record's page at 0x%llx cannot be read: %s",
		    at, library_says(vm, status));
}

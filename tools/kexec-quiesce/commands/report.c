// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce report: what a vmcore says was done. */
#include <stdlib.h>

#include "commands/command.h"
#include "draw/progress.h"
#include "read/record.h"
#include "read/vmcore.h"

/*
 * Header first, then no more than it claims: the rest of the room may be pages
 * of zeros, which makedumpfile leaves out.
 */
static int read_record(struct vmcore *vm, unsigned char **buf,
		       struct record *rec)
{
	unsigned char head[sizeof(rec->head)];
	struct complaint why;
	__u64 phys;
	size_t room;
	int ret;

	ret = vmcore_find_record(vm, &phys, &room);
	if (ret)
		return ret;
	ret = vmcore_read(vm, phys, head, sizeof(head));
	if (ret)
		return ret;
	if (!record_parse_head(rec, head, sizeof(head), room, &why))
		return fail(vm->file, "%s", why.text);
	*buf = malloc(rec->head.total_bytes);
	if (!*buf)
		return fail(vm->file, "out of memory");
	ret = vmcore_read(vm, phys, *buf, rec->head.total_bytes);
	if (ret)
		return ret;
	/* Once more: /proc/vmcore may have changed under us. */
	if (!record_parse(rec, *buf, rec->head.total_bytes, &why))
		return fail(vm->file, "%s", why.text);
	return EXIT_GOOD;
}

/**
 * cmd_report() - find the record in a vmcore and print it
 * @opt: options
 *
 * Return: exit code.
 */
int cmd_report(const struct options *opt)
{
	unsigned char *buf = NULL;
	struct record rec;
	struct vmcore vm;
	int ret;

	progress_begin("reading the dump");
	ret = vmcore_open(&vm, opt->operand);
	if (!ret)
		ret = read_record(&vm, &buf, &rec);
	progress_end();
	if (!ret)
		ret = show_record(&rec, opt->operand, opt);
	free(buf);
	vmcore_close(&vm);
	return ret;
}

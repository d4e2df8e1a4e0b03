// SPDX-License-Identifier: GPL-2.0-only
/* The line in VMCOREINFO that says where the record is. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "read/noteline.h"
#include "read/record.h"

/* The last such line counts: a module loaded again appends again. */
static const char *last_value(const char *info)
{
	const size_t key_len = strlen(PCIQ_NOTE_RECORD);
	const char *found = NULL, *line = info;

	while (line) {
		if (!strncmp(line, PCIQ_NOTE_RECORD, key_len))
			found = line + key_len;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return found;
}

/* strto*() takes blanks, signs and a second 0x; a record line has none. */
static bool parse_number(const char **s, const char *digits, int base,
			 __u64 *value)
{
	size_t len = strspn(*s, digits);
	char *end;

	errno = 0;
	*value = strtoull(*s, &end, base);
	if (errno || !len || end != *s + len)
		return false;
	*s = end;
	return true;
}

static bool parse_value(const char *s, __u64 *phys, __u64 *bytes)
{
	if (strncmp(s, "0x", 2))
		return false;
	s += 2;
	if (!parse_number(&s, "0123456789abcdefABCDEF", 16, phys) ||
	    *s++ != ',')
		return false;
	return parse_number(&s, "0123456789", 10, bytes) &&
	       (*s == '\n' || *s == '\0');
}

static void copy_line(char *to, size_t len, const char *from)
{
	size_t i;

	for (i = 0; i < len - 1 && from[i] && from[i] != '\n'; i++)
		to[i] = isprint((unsigned char)from[i]) ? from[i] : '?';
	to[i] = '\0';
}

/**
 * note_find_record() - where VMCOREINFO says that the record is
 * @info: its text
 * @phys: physical address
 * @bytes: room for the record, at least a header, at most RECORD_MAX
 * @why: filled in on failure
 *
 * Return: true if there is such a line and it is in order.
 */
bool note_find_record(const char *info, __u64 *phys, size_t *bytes,
		      struct complaint *why)
{
	const char *value = last_value(info);
	__u64 size;
	char line[48];

	if (!value) {
		complain(why, "no record: VMCOREINFO has no line %s (module not loaded?)",
			 PCIQ_NOTE_RECORD);
		return false;
	}
	copy_line(line, sizeof(line), value);
	if (!parse_value(value, phys, &size)) {
		complain(why, "malformed line %s%s: 0x<address>,<bytes> expected",
			 PCIQ_NOTE_RECORD, line);
		return false;
	}
	if (size < sizeof(struct pciq_record) || size > RECORD_MAX ||
	    *phys > ULLONG_MAX - size) {
		complain(why, "malformed line %s%s: %zu to %u bytes expected",
			 PCIQ_NOTE_RECORD, line, sizeof(struct pciq_record),
			 RECORD_MAX);
		return false;
	}
	*bytes = size;
	return true;
}

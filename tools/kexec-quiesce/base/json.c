// SPDX-License-Identifier: GPL-2.0-only
/* A writer of JSON, no larger than what the command needs. */
#include <math.h>

#include "base/json.h"
#include "base/text.h"

#define LINES_DEEP 2	/* deeper than this, everything stays on one line */

static void put_break(struct json *j)
{
	unsigned int i;

	if (j->depth > LINES_DEEP) {
		if (j->follows)
			fputc(' ', j->out);
		return;
	}
	fputc('\n', j->out);
	for (i = 0; i < j->depth; i++)
		fputs("  ", j->out);
}

static void put_quoted(struct json *j, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;
	unsigned int len;

	fputc('"', j->out);
	for (; *s; s += len ? len : 1) {
		len = utf8_length(s);
		if (!len)
			fputs("\\ufffd", j->out);
		else if (*s == '"' || *s == '\\')
			fprintf(j->out, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(j->out, "\\u%04x", *s);
		else
			fwrite(s, 1, len, j->out);
	}
	fputc('"', j->out);
}

static void put_key(struct json *j, const char *key)
{
	if (j->follows)
		fputc(',', j->out);
	if (j->depth)
		put_break(j);
	j->follows = true;
	if (key) {
		put_quoted(j, key);
		fputs(": ", j->out);
	}
}

/**
 * json_start() - begin a document, which is one object
 * @j: writer
 * @out: where it goes
 */
void json_start(struct json *j, FILE *out)
{
	j->out = out;
	j->depth = 0;
	j->follows = false;
	json_open(j, NULL, '{');
}

/**
 * json_finish() - end the document
 * @j: writer
 */
void json_finish(struct json *j)
{
	json_close(j, '}');
	fputc('\n', j->out);
}

/**
 * json_open() - begin an object or array
 * @j: writer
 * @key: its key, NULL inside an array
 * @bracket: '{' or '['
 */
void json_open(struct json *j, const char *key, char bracket)
{
	put_key(j, key);
	fputc(bracket, j->out);
	j->depth++;
	j->follows = false;
}

/**
 * json_close() - end an object or array
 * @j: writer
 * @bracket: '}' or ']'
 */
void json_close(struct json *j, char bracket)
{
	bool lines = j->follows && j->depth <= LINES_DEEP;

	j->depth--;
	if (lines)
		put_break(j);
	fputc(bracket, j->out);
	j->follows = true;
}

/**
 * json_string() - write a string, or null
 * @j: writer
 * @key: its key, NULL inside an array
 * @value: any bytes; what is not UTF-8 becomes U+FFFD; NULL becomes null
 */
void json_string(struct json *j, const char *key, const char *value)
{
	if (!value) {
		json_null(j, key);
		return;
	}
	put_key(j, key);
	put_quoted(j, value);
}

/**
 * json_uint() - write an integer
 * @j: writer
 * @key: its key, NULL inside an array
 * @value: number
 */
void json_uint(struct json *j, const char *key, unsigned long long value)
{
	put_key(j, key);
	fprintf(j->out, "%llu", value);
}

/**
 * json_us() - write microseconds, to the nanosecond
 * @j: writer
 * @key: its key, NULL inside an array
 * @value: NAN becomes null
 */
void json_us(struct json *j, const char *key, double value)
{
	if (isnan(value)) {
		json_null(j, key);
		return;
	}
	put_key(j, key);
	fprintf(j->out, "%.3f", value);
}

/**
 * json_bool() - write true or false
 * @j: writer
 * @key: its key, NULL inside an array
 * @value: which
 */
void json_bool(struct json *j, const char *key, bool value)
{
	put_key(j, key);
	fputs(value ? "true" : "false", j->out);
}

/**
 * json_null() - write null
 * @j: writer
 * @key: its key, NULL inside an array
 */
void json_null(struct json *j, const char *key)
{
	put_key(j, key);
	fputs("null", j->out);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* A writer of JSON, no larger than what the command needs. */
#ifndef KQ_JSON_H
#define KQ_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned int depth;
	bool follows;	/* something precedes at this depth */
};

void json_start(struct json *j, FILE *out);
void json_finish(struct json *j);
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *value);
void json_uint(struct json *j, const char *key, unsigned long long value);
void json_us(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif /* KQ_JSON_H */

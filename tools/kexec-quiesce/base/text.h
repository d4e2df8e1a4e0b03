/* SPDX-License-Identifier: GPL-2.0-only */
/* A sentence made of pieces. */
#ifndef KQ_TEXT_H
#define KQ_TEXT_H

#include <stddef.h>

#include "base/compiler.h"

struct text {
	char *buf;	/* always terminated */
	size_t room;
	size_t used;
};

struct text text_begin(char *buf, size_t room);
__printf(2, 3) void text_add(struct text *text, const char *fmt, ...);
unsigned int utf8_length(const unsigned char *s);

#endif /* KQ_TEXT_H */

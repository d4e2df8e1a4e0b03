// SPDX-License-Identifier: GPL-2.0-only
/* A sentence made of pieces. */
#include <stdarg.h>
#include <stdio.h>

#include "text.h"

/**
 * text_begin() - begin an empty sentence
 * @buf: where it goes
 * @room: bytes there, at least one
 *
 * Return: the sentence.
 */
struct text text_begin(char *buf, size_t room)
{
	buf[0] = '\0';
	return (struct text) { .buf = buf, .room = room };
}

/**
 * text_add() - add a piece; what does not fit is cut off
 * @text: sentence
 * @fmt: printf format
 */
void text_add(struct text *text, const char *fmt, ...)
{
	size_t left = text->room - text->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text->buf + text->used, left, fmt, ap);
	va_end(ap);
	if (n > 0)
		text->used += (size_t)n < left ? (size_t)n : left - 1;
}

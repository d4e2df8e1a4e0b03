// SPDX-License-Identifier: GPL-2.0-only
/* A sentence made of pieces. */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

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

/**
 * utf8_length() - length of the UTF-8 sequence at a place
 * @s: terminated bytes
 *
 * Overlong forms, surrogates and what is beyond U+10FFFF are none.
 *
 * Return: bytes, 0 if it is no such sequence.
 */
unsigned int utf8_length(const unsigned char *s)
{
	unsigned int len = 0, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

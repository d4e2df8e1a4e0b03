// SPDX-License-Identifier: GPL-2.0-only
/* Text in a picture. */
#include "base/text.h"
#include "draw/svg-parts.h"

/**
 * svg_text() - write text into XML
 * @out: where to
 * @text: any bytes; what is neither text nor UTF-8 becomes a question mark
 */
void svg_text(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int len;

	for (; *s; s += len ? len : 1) {
		len = utf8_length(s);
		if (!len || *s < 0x20 || *s == 0x7f)
			fputc('?', out);
		else if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '>')
			fputs("&gt;", out);
		else
			fwrite(s, 1, len, out);
	}
}

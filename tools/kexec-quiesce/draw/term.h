/* SPDX-License-Identifier: GPL-2.0-only */
/* Colours and times, as a person reads them. */
#ifndef KQ_TERM_H
#define KQ_TERM_H

#include <stddef.h>
#include <stdio.h>

#include "base/compiler.h"

enum ink {
	INK_NONE,
	INK_GOOD,
	INK_WARN,
	INK_BAD,
	INK_FAINT,
};

const char *ink(FILE *out, enum ink ink);
const char *ink_off(FILE *out, enum ink ink);
const char *utc_time(__u64 seconds, char *buf, size_t len);

#endif /* KQ_TERM_H */

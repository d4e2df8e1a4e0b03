/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit codes, and the one form of an error message. */
#ifndef KQ_FAIL_H
#define KQ_FAIL_H

#include "base/compiler.h"

enum exit_code {
	EXIT_GOOD		= 0,
	EXIT_BAD_NEWS		= 1,	/* the answer is known and is bad */
	EXIT_USAGE		= 2,
	EXIT_CANNOT_TELL	= 3,	/* there is no answer */
};

/* One sentence about what is wrong with a buffer; the caller names the file. */
struct complaint {
	char text[192];
};

extern void (*before_message)(void);

__printf(2, 3) void complain(struct complaint *why, const char *fmt, ...);
__printf(2, 3) int fail(const char *name, const char *fmt, ...);
__printf(1, 2) int usage_error(const char *fmt, ...);
__printf(2, 3) void warn(const char *name, const char *fmt, ...);

#endif /* KQ_FAIL_H */

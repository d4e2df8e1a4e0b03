/* SPDX-License-Identifier: GPL-2.0-only */
/* The few things that kernel code takes for granted. */
#ifndef KQ_COMPILER_H
#define KQ_COMPILER_H

#include <assert.h>
#include <linux/types.h>

#define __attr(...)	__attribute__((__VA_ARGS__))
#ifndef __printf
#define __printf(a, b)	__attr(format(printf, a, b))
#endif
#ifndef __noreturn
#define __noreturn	__attr(noreturn)
#endif
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#endif /* KQ_COMPILER_H */

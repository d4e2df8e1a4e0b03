/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enough of the kernel's headers to compile kernel files in user space, for
 * unit tests.  What every file needs is here; the others of this directory
 * include it and add what their namesakes are included for.
 */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <asm/types.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef uint64_t phys_addr_t;

typedef struct {
	int counter;
} atomic_t;

#define U8_MAX			UINT8_MAX
#define U16_MAX			UINT16_MAX
#define U32_MAX			UINT32_MAX
#define U32_MAX			UINT32_MAX

#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))

#define __aligned(bytes)	__attribute__((__aligned__(bytes)))
#define __section(name)		__attribute__((__section__(name)))
#define __printf(a, b)		__attribute__((__format__(__printf__, a, b)))
#define __noreturn		__attribute__((__noreturn__))
#define noinline		__attribute__((__noinline__))
#define __ro_after_init

/* 1 if an option is defined to 1, else 0. */
#define SHIM_ARGUMENT_1		0,
#define SHIM_TAKE_SECOND(first, second, ...) second
#define SHIM_IS_DEFINED(...)	SHIM_TAKE_SECOND(__VA_ARGS__ 1, 0, 0)
#define SHIM_PASTE(value)	SHIM_IS_DEFINED(SHIM_ARGUMENT_##value)
#define IS_ENABLED(option)	SHIM_PASTE(option)
#define ALIGN(x, a)		(((x) + (a) - 1) / (a) * (a))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define offsetofend(type, field) \
	(offsetof(type, field) + sizeof(((type *)0)->field))

#define min(a, b)		((a) < (b) ? (a) : (b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)

#define barrier()		__asm__ volatile("" : : : "memory")
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))
#define smp_store_release(p, value) WRITE_ONCE(*(p), value)

/* As lib/string_helpers.c has it: equal but for one trailing newline. */
static inline bool sysfs_streq(const char *a, const char *b)
{
	size_t length = strcspn(a, "\n");

	return strlen(b) == length && !strncmp(a, b, length) &&
	       (!a[length] || !a[length + 1]);
}

static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t length = strnlen(from, size);

	if (!size)
		return -E2BIG;
	if (length == size)
		length--;
	memcpy(to, from, length);
	to[length] = '\0';
	return length;
}

#endif /* SHIM_LINUX_KERNEL_H */

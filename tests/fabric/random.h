/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that are the same on every machine: a case is its seed.
 */
#ifndef FABRIC_RANDOM_H
#define FABRIC_RANDOM_H

#include <linux/kernel.h>

struct random {
	u64 state;
};

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static inline u64 random_next(struct random *random)
{
	u64 z = random->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to @n - 1. */
static inline u32 random_below(struct random *random, u32 n)
{
	return (random_next(random) >> 32) * n >> 32;
}

static inline u32 random_range(struct random *random, u32 low, u32 high)
{
	return low + random_below(random, high - low + 1);
}

static inline bool random_chance(struct random *random, u32 percent)
{
	return random_below(random, 100) < percent;
}

/* 1 to @max, each number of bits about as often as the other. */
static inline u32 random_log(struct random *random, u32 max)
{
	u32 bits = 1, top;

	while (bits < 32 && max >> bits)
		bits++;
	top = 1U << random_below(random, bits);
	top += random_below(random, top);
	return top > max ? max : top;
}

#endif /* FABRIC_RANDOM_H */

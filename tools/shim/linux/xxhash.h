/* SPDX-License-Identifier: GPL-2.0-only */
/* XXH64 from its specification; input is read as little-endian words. */
#ifndef SHIM_LINUX_XXHASH_H
#define SHIM_LINUX_XXHASH_H

#include "kernel.h"

static const u64 xxh64_prime[6] = {
	0, 0x9e3779b185ebca87, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9,
	0x85ebca77c2b2ae63, 0x27d4eb2f165667c5,
};

static inline u64 xxh64_rotate(u64 x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline u64 xxh64_word(const u8 *at, size_t bytes)
{
	u64 word = 0;

	memcpy(&word, at, bytes);
	return word;
}

static inline u64 xxh64_lane(u64 lane, u64 word)
{
	lane += word * xxh64_prime[2];
	return xxh64_rotate(lane, 31) * xxh64_prime[1];
}

static inline u64 xxh64_tail(u64 sum, const u8 *at, size_t left)
{
	for (; left >= 8; left -= 8, at += 8) {
		sum ^= xxh64_lane(0, xxh64_word(at, 8));
		sum = xxh64_rotate(sum, 27) * xxh64_prime[1] + xxh64_prime[4];
	}
	if (left >= 4) {
		sum ^= xxh64_word(at, 4) * xxh64_prime[1];
		sum = xxh64_rotate(sum, 23) * xxh64_prime[2] + xxh64_prime[3];
		left -= 4;
		at += 4;
	}
	for (; left; left--, at++) {
		sum ^= *at * xxh64_prime[5];
		sum = xxh64_rotate(sum, 11) * xxh64_prime[1];
	}
	sum = (sum ^ sum >> 33) * xxh64_prime[2];
	sum = (sum ^ sum >> 29) * xxh64_prime[3];
	return sum ^ sum >> 32;
}

static inline u64 xxh64(const void *input, size_t length, u64 seed)
{
	u64 lane[4] = { seed + xxh64_prime[1] + xxh64_prime[2],
			seed + xxh64_prime[2], seed, seed - xxh64_prime[1] };
	u64 sum = seed + xxh64_prime[5];
	const u8 *at = input;
	size_t left = length;
	unsigned int i;

	for (; left >= 32; left -= 32)
		for (i = 0; i < 4; i++, at += 8)
			lane[i] = xxh64_lane(lane[i], xxh64_word(at, 8));
	if (length >= 32) {
		sum = xxh64_rotate(lane[0], 1) + xxh64_rotate(lane[1], 7) +
		      xxh64_rotate(lane[2], 12) + xxh64_rotate(lane[3], 18);
		for (i = 0; i < 4; i++)
			sum = (sum ^ xxh64_lane(0, lane[i])) * xxh64_prime[1] +
			      xxh64_prime[4];
	}
	return xxh64_tail(sum + length, at, left);
}

#endif /* SHIM_LINUX_XXHASH_H */

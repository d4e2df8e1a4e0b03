/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a description, and the bits that they stand for. */
#ifndef FABRIC_DESCRIPTION_WORDS_H
#define FABRIC_DESCRIPTION_WORDS_H

#include <stdbool.h>

#include <linux/kernel.h>

#define ANY_HEADER	0xff

/**
 * struct word - a word, and what a register has if it is said
 * @name: with "=" at its end if a hex number follows, the bits of @mask; NULL
 *	ends a list, which has the values of a field by name before its number
 * @reg: offset in the header or the capability
 * @mask: bits of the register, which has 32 if one is above 0xffff
 * @value: what these are; of one bit, 1
 */
struct word {
	const char *name;
	u16 reg;
	u32 mask;
	u32 value;
};

/**
 * struct capability - a capability that has a name
 * @name: before the "@"
 * @id: Capability ID, or Extended Capability ID
 * @header: header type of the functions that it is for, or ANY_HEADER
 * @fixed: what the name stands for besides the ID; NULL if nothing
 * @words: what may follow, likewise
 */
struct capability {
	const char *name;
	u16 id;
	u8 header;
	const struct word *fixed;
	const struct word *words;
};

extern const struct word command_words[];
extern const struct word bridge_control_words[];

const struct capability *capability_by_name(const char *name, bool extended,
					    u8 header);
const struct capability *capability_at(const u8 *config, u16 at,
				       u8 header);

u32 reg_get(const u8 *config, u16 reg, unsigned int size);
void reg_put(u8 *config, u16 reg, unsigned int size, u32 value);
unsigned int word_size(const struct word *word);
u32 word_value(const struct word *word);
bool word_is_said(const struct word *word, const u8 *config, u16 base);
bool word_is_number(const struct word *word);
unsigned int word_shift(const struct word *word);

#endif /* FABRIC_DESCRIPTION_WORDS_H */

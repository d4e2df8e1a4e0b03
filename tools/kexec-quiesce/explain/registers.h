/* SPDX-License-Identifier: GPL-2.0-only */
/* What a crash would write to which register: the tables of a snapshot. */
#ifndef KQ_REGISTERS_H
#define KQ_REGISTERS_H

#include "explain/plan.h"

#define REGISTER_NAME_LEN 24

/* In the order of the crash path. */
enum moment {
	AT_ANY_CRASH,
	AT_LINK_RESET_PREPARE,
	AT_RESET_PREPARE,
	AT_LINK_RESET,
	AT_LINK_RELEASE,
	AT_FLR,
	AT_RESTORE,
	AT_CONTAIN_PREPARE,
	AT_CONTAIN,
	NR_MOMENTS
};

/**
 * struct change - of the bits of a register; all others are written as read
 * @func: index of the function
 * @reg: offset of the register
 * @size: 2 or 4 bytes
 * @clear: bits to clear
 * @set: bits to set, whether or not they are in @clear
 * @never: bits always written 0
 * @events: bits that are cleared by a 1 afterwards, if they were 0 before; then
 *	nothing is written beforehand
 * @compare: there is no reset unless the register has this value before
 * @requested: not only if a function refuses
 */
struct change {
	unsigned int func;
	unsigned int reg;
	unsigned int size;
	__u32 clear;
	__u32 set;
	__u32 never;
	__u32 events;
	bool compare;
	bool requested;
};

void changes_at(const struct plan *plan, enum moment moment,
		void (*show)(const struct change *change, void *data),
		void *data);
const char *register_name(const struct function *func, unsigned int reg,
			  char buf[REGISTER_NAME_LEN]);

#endif /* KQ_REGISTERS_H */

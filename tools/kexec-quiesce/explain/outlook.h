/* SPDX-License-Identifier: GPL-2.0-only */
/* What the plan of a machine amounts to. */
#ifndef KQ_OUTLOOK_H
#define KQ_OUTLOOK_H

#include "read/snapshot.h"

/**
 * struct outlook - functions that master, by what could reset them
 * @functions: all, bridges too
 * @live: that are not bridges, are in scope, and have Bus Master Enable set
 * @by_link: of these: by a reset of their link
 * @by_flr: by FLR
 * @by_nothing: by nothing, for each enum pciq_no_reset
 * @accesses: config accesses at most, if nothing refuses
 * @reset_ms: milliseconds that resets take at most, if all are made
 */
struct outlook {
	unsigned int functions;
	unsigned int live;
	unsigned int by_link;
	unsigned int by_flr;
	unsigned int by_nothing[PCIQ_NR_NO_RESETS];
	unsigned int accesses;
	unsigned int reset_ms;
};

bool outlook_live(const struct function *func);
struct outlook outlook_of(const struct snapshot *snap);

#endif /* KQ_OUTLOOK_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* How a policy stops a function: Command, a reset, or the port above. */
#ifndef KQ_MEANS_H
#define KQ_MEANS_H

#include "read/snapshot.h"

/**
 * struct means - how a policy would stop a function, also if it refuses
 * @plan: enum pciq_plan
 * @reset: enum pciq_reset_method: how it can be reset; of a port, its link
 * @no_reset: enum pciq_no_reset: why not by its link
 * @link: index of the port whose link would be reset for it, or NONE
 * @contain: index of the port that would be closed as the fallback, or NONE
 * @requested: of a port, its link is reset although no function refuses, and it is
 *	the topmost
 */
struct means {
	unsigned int plan;
	unsigned int reset;
	unsigned int no_reset;
	unsigned int link;
	unsigned int contain;
	bool requested;
};

/**
 * struct tally - functions, without ports, by what a policy would do to them
 * @disabled: only that: Bus Master Enable off until a driver sets it again
 * @by_link: reset by a link
 * @by_flr: reset by FLR
 * @left: left alone
 * @links: ports whose link would be reset
 * @or_link: of those disabled: by its link, if it refuses
 * @or_flr: likewise by FLR
 * @or_contain: likewise closed at a port
 * @or_nothing: likewise not stopped
 */
struct tally {
	unsigned int disabled;
	unsigned int by_link;
	unsigned int by_flr;
	unsigned int left;
	unsigned int links;
	unsigned int or_link;
	unsigned int or_flr;
	unsigned int or_contain;
	unsigned int or_nothing;
};

struct means means_of(const struct snapshot *snap, unsigned int i,
		      unsigned int policy);
struct tally means_tally(const struct snapshot *snap, unsigned int policy);

#endif /* KQ_MEANS_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Machines that were not made up, and what the crash path does to them. */
#ifndef FABRIC_MACHINES_H
#define FABRIC_MACHINES_H

#include "description.h"
#include "load.h"

/**
 * struct census - what can be reset
 * @functions: of the machine
 * @live: bus masters that are neither bridges nor left alone; all that follow
 *	are some of these
 * @by_link: a reset of the link above is permitted
 * @by_flr: it is not, but FLR is
 * @by_af: likewise, FLR of the Advanced Features capability
 * @by_none: nothing is, by enum pciq_no_reset
 * @by_pm: of these, those that lose their state from D3hot to D0
 */
struct census {
	u32 functions;
	u32 live;
	u32 by_link;
	u32 by_flr;
	u32 by_af;
	u32 by_none[PCIQ_NR_NO_RESETS];
	u32 by_pm;
};

/**
 * struct results - a machine, and what all its cases have shown
 * @name: of the file
 * @census: of the machine as it is
 * @report: what its text does not say
 * @cases: that many
 * @broken: those in which an invariant was violated
 * @accesses: of the case without trouble, policy escalate
 * @ns: simulated time of that case, at 1 us for an access
 * @all_accesses: of all cases
 * @longest: simulated time in ns of the case that took longest
 */
struct results {
	const char *name;
	struct census census;
	struct load_report report;
	u32 cases;
	u32 broken;
	u32 accesses;
	u64 ns;
	u64 all_accesses;
	u64 longest;
};

/**
 * struct case_options - which cases
 * @pairs: so many pairs of troubles
 * @only: this case with all that it does, 0 = none
 * @all: print a line for each that is broken, and not for the first only
 */
struct case_options {
	u32 pairs;
	u32 only;
	bool all;
};

/* census.c */
void census_take(struct census *census);
void census_add(struct census *to, const struct census *census);
u32 census_resettable(const struct census *census);
const char *census_reasons(const struct census *census);

/* cases.c */
void cases_run(struct results *results, const struct lspci *config,
	       const struct case_options *options);

#endif /* FABRIC_MACHINES_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* One case from a seed, and what many of them have covered. */
#ifndef FABRIC_TRIAL_H
#define FABRIC_TRIAL_H

#include "fabric.h"

/**
 * struct coverage - what cases have seen
 * @cases: that many
 * @broken: cases in which an invariant was violated
 * @functions: simulated
 * @accesses: config accesses of the engine
 * @oopses: that the engine was taken out by
 * @resets: functions that went through a reset, by link and alone
 * @late: accesses begun after the deadline, the most in one case
 * @verdicts: by verdict
 * @outcomes: by outcome
 * @reasons: by reason
 * @no_reset: by reason
 * @sources: by source of the image
 * @met: cases with a behaviour, by verdict
 * @found: cases with a finding of the oracle
 * @first: the first of them
 */
struct coverage {
	u64 cases;
	u64 broken;
	u64 functions;
	u64 accesses;
	u64 oopses;
	u64 resets[2];
	u64 late;
	u64 verdicts[PCIQ_NR_VERDICTS];
	u64 policies[PCIQ_NR_POLICIES];
	u64 outcomes[PCIQ_NR_OUTCOMES];
	u64 reasons[PCIQ_NR_REASONS];
	u64 no_reset[PCIQ_NR_NO_RESETS];
	u64 sources[PCIQ_NR_SOURCES];
	u64 met[NR_BEHAVIOURS][PCIQ_NR_VERDICTS];
	u64 found[NR_FINDINGS];
	u64 first[NR_FINDINGS];
};

/**
 * struct trial_machine - a case that is not left to chance
 * @seed: of the times that devices take
 * @policy: enum pciq_policy
 * @verbose: print the machine, each access, and the record
 * @build: adds all functions
 * @spoil: lets things go wrong, after the capture
 * @look: at the record, if the run has come to its end
 * @data: for these
 */
struct trial_machine {
	u64 seed;
	u8 policy;
	bool verbose;
	void (*build)(void *data);
	void (*spoil)(void *data);
	void (*look)(void *data, const struct pciq_run *run);
	void *data;
};

bool trial_machine(const struct trial_machine *machine);
bool trial_run(u64 seed, bool verbose, struct coverage *coverage);
void trial_engine(struct pciq_run *run);

/* argument.c */
u64 argument_number(const char *program, const char *option, const char *text);

/* show.c */
void trial_describe(void);
void trial_report(const struct pciq_run *run);
void trial_coverage(const struct coverage *coverage);

#endif /* FABRIC_TRIAL_H */

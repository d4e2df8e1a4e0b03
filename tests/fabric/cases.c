// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cases of a machine: each policy, with each function in turn in each kind
 * of trouble, and with pairs of them.
 */
#include <stdio.h>

#include "machines.h"
#include "trial.h"

/* Kinds of trouble, besides enum behaviour. */
enum {
	SLEEPS = NR_BEHAVIOURS,	/* a port, and what is below it, since the snapshot */
	SLEPT,			/* likewise, since before */
	IS_MEMORY,		/* its page of the window shows something else */
	IN_RESET,		/* it is being reset while the snapshot is taken */
	IN_RESET_LOCKED,	/* likewise, by the kernel itself */
	ARRIVES,		/* it is added after the snapshot */
};

static const u8 of_functions[] = {
	STUCK_UNTIL_RESET, STUCK, LIES_ABOUT_BME, RESTARTS, NEVER_DRAINS, DEAD,
	DIES, MUTE, HANGS, LIES_ONCE, FAULTS_ONCE, FAULTS, BACK_LATE, RETRIES,
	NEVER_BACK, IGNORES_FLR, IS_MEMORY, IN_RESET, IN_RESET_LOCKED, ARRIVES,
};

static const u8 of_bridges[] = {
	STUCK, DEAD, DIES, MUTE, HANGS, LIES_ONCE, FAULTS_ONCE, FAULTS,
	NEVER_BACK, IGNORES_SBR, KEEPS_SBR, LINK_SLOW, LINK_NEVER,
	TRIGGERS_DPC_AT_RESET, GOES_DOWN, SLEEPS, SLEPT, IS_MEMORY,
};

/**
 * struct trouble - what one function does
 * @which: function, by index
 * @what: enum behaviour, or one of those above
 * @before: its registers, while it is being reset
 */
struct trouble {
	u32 which;
	u8 what;
	u8 before[SPACE];
};

/**
 * struct machine - the case that is being run
 * @config: of the machine
 * @options: which cases are run
 * @results: what they have shown so far
 * @troubles: of this case
 * @nr: that many
 */
struct machine {
	const struct lspci *config;
	const struct case_options *options;
	struct results *results;
	struct trouble troubles[2];
	u32 nr;
};

static const char *trouble_name(u8 what)
{
	static const char *const names[] = {
		[SLEEPS - NR_BEHAVIOURS] = "sleeps",
		[SLEPT - NR_BEHAVIOURS] = "slept",
		[IS_MEMORY - NR_BEHAVIOURS] = "is-memory",
		[IN_RESET - NR_BEHAVIOURS] = "in-reset",
		[IN_RESET_LOCKED - NR_BEHAVIOURS] = "in-reset-locked",
		[ARRIVES - NR_BEHAVIOURS] = "arrives",
	};

	return what < NR_BEHAVIOURS ? behaviour_names[what] :
				      names[what - NR_BEHAVIOURS];
}

static bool is_reset(const struct trouble *trouble)
{
	return trouble->what == IN_RESET || trouble->what == IN_RESET_LOCKED;
}

/* Registers are those after a reset, and come back before the crash. */
static void begin_reset(struct trouble *trouble, struct function *f)
{
	if (f->dead || f->being_reset)
		return;
	f->being_reset = true;
	f->was_in_reset = true;
	f->dev.block_cfg_access = trouble->what == IN_RESET_LOCKED;
	memcpy(trouble->before, f->now, SPACE);
	memcpy(f->now, f->initial, SPACE);
}

static void end_reset(const struct trouble *trouble, struct function *f)
{
	if (!is_reset(trouble) || !f->being_reset)
		return;
	memcpy(f->now, trouble->before, SPACE);
	f->being_reset = false;
	f->dev.block_cfg_access = false;
}

/* A kernel that does not know of it cannot know what must not be reset. */
static bool may_arrive(const struct function *f)
{
	return !f->bridge && !f->excluded && !is_protected(f) &&
	       !(f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET);
}

static void make_before(struct trouble *trouble)
{
	struct function *f = fabric.functions[trouble->which];

	if (trouble->what == SLEPT)
		topology_sleep_below(f);
	else if (is_reset(trouble))
		begin_reset(trouble, f);
	else if (trouble->what == ARRIVES)
		f->unfound = may_arrive(f);
}

static void build(void *data)
{
	struct machine *m = data;
	u32 i;

	m->results->report = load_machine(m->config);
	/* What the time of a machine is compared by. */
	if (!m->nr)
		fabric.access_ns = 1000;
	for (i = 0; i < m->nr; i++)
		make_before(&m->troubles[i]);
	topology_note_offline();
}

static void make(const struct trouble *trouble)
{
	struct function *f = fabric.functions[trouble->which];

	if (f->unfound)
		pci_arrive(f);
	end_reset(trouble, f);
	if (f->offline)
		return;
	if (trouble->what < NR_BEHAVIOURS)
		f->set |= 1U << trouble->what;
	else if (trouble->what == SLEEPS)
		topology_sleep_below(f);
	else if (trouble->what == IS_MEMORY)
		f->remapped = true;
	f->host->strange |= f->remapped;
	f->at = random_range(&fabric.random, 1, 20);
	f->us = random_range(&fabric.random, 1, 20000);
	f->ms = random_range(&fabric.random, 1, 500);
	f->lie = ~0U;
}

static void spoil(void *data)
{
	struct machine *m = data;
	u32 i;

	if (m->results->cases == 1)
		census_take(&m->results->census);
	for (i = 0; i < m->nr; i++)
		make(&m->troubles[i]);
}

static void look(void *data, const struct pciq_run *run)
{
	struct machine *m = data;
	u32 accesses = run->record->reads + run->record->writes;
	u64 ns = fabric.now - fabric.start;

	m->results->all_accesses += accesses;
	if (m->results->longest < ns)
		m->results->longest = ns;
	if (m->nr || run->policy != PCIQ_ESCALATE)
		return;
	m->results->accesses = accesses;
	m->results->ns = ns;
}

static void try_one(struct machine *m, u8 policy)
{
	struct trial_machine trial = {
		.seed = ++m->results->cases,
		.policy = policy,
		.verbose = m->results->cases == m->options->only,
		.build = build,
		.spoil = spoil,
		.look = look,
		.data = m,
	};
	u32 i;

	if (trial_machine(&trial))
		return;
	if (m->results->broken++ && !m->options->all)
		return;
	printf("# %s case %u, policy %u", m->results->name, m->results->cases,
	       policy);
	for (i = 0; i < m->nr; i++)
		printf(", function %u %s", m->troubles[i].which,
		       trouble_name(m->troubles[i].what));
	printf(": %s\n", fabric.complaint);
}

static const u8 *kinds(const struct function *f, u32 *nr)
{
	*nr = f->bridge ? ARRAY_SIZE(of_bridges) : ARRAY_SIZE(of_functions);
	return f->bridge ? of_bridges : of_functions;
}

static bool is_quiet(const struct function *f)
{
	return !f->bridge && !f->made_master;
}

/* Which functions there are is known once the first case was run. */
static void try_singles(struct machine *m, u8 policy)
{
	u32 i, k, nr;

	for (i = 0; i < m->results->census.functions; i++) {
		const u8 *list = kinds(fabric.functions[i], &nr);

		if (is_quiet(fabric.functions[i]))
			continue;
		for (k = 0; k < nr; k++) {
			m->troubles[0].which = i;
			m->troubles[0].what = list[k];
			m->nr = 1;
			try_one(m, policy);
		}
	}
}

static void try_pair(struct machine *m, struct random *random)
{
	u32 i, nr;

	m->nr = 2;
	for (i = 0; i < 2; i++) {
		u32 which = random_below(random, m->results->census.functions);
		const u8 *list = kinds(fabric.functions[which], &nr);

		m->troubles[i].which = which;
		m->troubles[i].what = list[random_below(random, nr)];
	}
	try_one(m, random_range(random, PCIQ_BUSMASTER, PCIQ_RESET));
}

/**
 * cases_run() - run all cases of a machine
 * @results: with its name; the rest is filled in
 * @config: the machine
 * @options: which cases
 */
void cases_run(struct results *results, const struct lspci *config,
	       const struct case_options *options)
{
	struct machine machine = {
		.config = config, .options = options, .results = results,
	}, *m = &machine;
	struct random random = { .state = 1 };
	u8 policy;
	u32 i;

	for (policy = PCIQ_BUSMASTER; policy < PCIQ_NR_POLICIES; policy++) {
		m->nr = 0;
		try_one(m, policy);
		try_singles(m, policy);
	}
	for (i = 0; i < m->options->pairs; i++)
		try_pair(m, &random);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The promises of the crash path, on machines that were read from dumps: each
 * policy, with each function in turn in each kind of trouble, and with pairs of
 * them.  A row for each machine, and TAP.
 */
#include <getopt.h>
#include <libgen.h>
#include <stdlib.h>

#include "load.h"
#include "read/lspci.h"
#include "trial.h"

/* Kinds of trouble, besides enum behaviour. */
enum {
	SLEEPS = NR_BEHAVIOURS,	/* a port, and what is below it, since the snapshot */
	SLEPT,			/* likewise, since before */
	IS_MEMORY,		/* its page of the window shows something else */
};

static const u8 of_functions[] = {
	STUCK_UNTIL_RESET, STUCK, LIES_ABOUT_BME, RESTARTS, NEVER_DRAINS, DEAD,
	DIES, MUTE, HANGS, LIES_ONCE, FAULTS_ONCE, FAULTS, BACK_LATE, RETRIES,
	NEVER_BACK, IGNORES_FLR, IS_MEMORY,
};

static const u8 of_bridges[] = {
	STUCK, DEAD, DIES, MUTE, HANGS, LIES_ONCE, FAULTS_ONCE, FAULTS,
	NEVER_BACK, IGNORES_SBR, KEEPS_SBR, LINK_SLOW, LINK_NEVER,
	TRIGGERS_DPC_AT_RESET, GOES_DOWN, SLEEPS, SLEPT,
};

/**
 * struct trouble - what one function does
 * @which: function, by index
 * @what: enum behaviour, or one of those above
 */
struct trouble {
	u32 which;
	u8 what;
};

/**
 * struct machine - a machine, and what all its cases have shown
 * @name: of the file
 * @config: its config space
 * @report: what that does not say
 * @troubles: of this case
 * @nr: that many
 * @functions: of the machine
 * @live: bus masters that are neither bridges nor left alone
 * @resettable: of these
 * @cases: so far
 * @broken: those in which an invariant was violated
 * @accesses: of the case without trouble, policy escalate
 */
struct machine {
	const char *name;
	struct lspci config;
	struct load_report report;
	struct trouble troubles[2];
	u32 nr;
	u32 functions;
	u32 live;
	u32 resettable;
	u32 cases;
	u32 broken;
	u32 accesses;
};

static struct {
	u32 pairs;
	u32 only;	/* this case, with all that it does */
	bool all;	/* tell of all that are broken */
} options = { .pairs = 300 };

static const char *name_of(u8 what)
{
	static const char *const names[] = {
		[SLEEPS - NR_BEHAVIOURS] = "sleeps",
		[SLEPT - NR_BEHAVIOURS] = "slept",
		[IS_MEMORY - NR_BEHAVIOURS] = "is-memory",
	};

	return what < NR_BEHAVIOURS ? behaviour_names[what] :
				      names[what - NR_BEHAVIOURS];
}

static void build(void *data)
{
	struct machine *m = data;
	u32 i;

	m->report = load_machine(&m->config);
	m->functions = fabric.nr;
	for (i = 0; i < m->nr; i++)
		if (m->troubles[i].what == SLEPT)
			topology_sleep_below(fabric.functions[m->troubles[i].which]);
	topology_note_offline();
}

static void make(const struct trouble *trouble)
{
	struct function *f = fabric.functions[trouble->which];

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

static void count(struct machine *m)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	const struct pciq_func *funcs = pciq_table(snapshot, &snapshot->funcs);
	const struct pciq_reset *resets = pciq_table(snapshot, &snapshot->resets);
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		const struct function *f = fabric.functions[i];
		const struct pciq_func *func = pci_captured(snapshot, f);

		if (f->bridge || !f->made_master || !func)
			continue;
		m->live++;
		m->resettable += resets[func - funcs].method != PCIQ_RESET_NONE;
	}
}

static void spoil(void *data)
{
	struct machine *m = data;
	u32 i;

	if (m->cases == 1)
		count(m);
	for (i = 0; i < m->nr; i++)
		make(&m->troubles[i]);
}

static void look(void *data, const struct pciq_run *run)
{
	struct machine *m = data;

	if (!m->nr && run->policy == PCIQ_ESCALATE)
		m->accesses = run->record->reads + run->record->writes;
}

static void try_one(struct machine *m, u8 policy)
{
	struct trial_machine trial = {
		.seed = ++m->cases,
		.policy = policy,
		.verbose = m->cases == options.only,
		.build = build,
		.spoil = spoil,
		.look = look,
		.data = m,
	};
	u32 i;

	if (trial_machine(&trial))
		return;
	m->broken++;
	if (m->broken > 1 && !options.all)
		return;
	printf("# %s case %u, policy %u", m->name, m->cases, policy);
	for (i = 0; i < m->nr; i++)
		printf(", function %u %s", m->troubles[i].which, name_of(m->troubles[i].what));
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

	for (i = 0; i < m->functions; i++) {
		const u8 *list = kinds(fabric.functions[i], &nr);

		if (is_quiet(fabric.functions[i]))
			continue;
		for (k = 0; k < nr; k++) {
			m->troubles[0] = (struct trouble) { i, list[k] };
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
		u32 which = random_below(random, m->functions);
		const u8 *list = kinds(fabric.functions[which], &nr);

		m->troubles[i] = (struct trouble) {
			which, list[random_below(random, nr)]
		};
	}
	try_one(m, random_range(random, PCIQ_BUSMASTER, PCIQ_RESET));
}

static void try_all(struct machine *m)
{
	struct random random = { .state = 1 };
	u8 policy;
	u32 i;

	for (policy = PCIQ_BUSMASTER; policy < PCIQ_NR_POLICIES; policy++) {
		m->nr = 0;
		try_one(m, policy);
		try_singles(m, policy);
	}
	for (i = 0; i < options.pairs; i++)
		try_pair(m, &random);
}

/* Not invented either. */
static void tell_missing(const struct load_report *report)
{
	if (!report->extended)
		printf("# no extended config space in it\n");
	if (report->headers)
		printf("# %u functions with 64 bytes only\n", report->headers);
	if (report->silent)
		printf("# %u functions did not respond\n", report->silent);
	if (report->lost_buses)
		printf("# %u buses to which no bridge leads\n",
		       report->lost_buses);
}

static int try_machine(char *path)
{
	struct machine m = { .name = basename(path) };
	struct complaint why = { "" };

	if (!lspci_read(&m.config, path, &why)) {
		fprintf(stderr, "machines: %s: %s\n", path, why.text);
		return 3;
	}
	try_all(&m);
	printf("%s - %s: %u functions, %u live, %u can be reset, ",
	       m.broken ? "not ok" : "ok", m.name, m.functions, m.live,
	       m.resettable);
	printf("%u cases, %u accesses, %u violations\n", m.cases, m.accesses,
	       m.broken);
	tell_missing(&m.report);
	fflush(stdout);
	lspci_free(&m.config);
	return m.broken > 0;
}

static int usage(void)
{
	fprintf(stderr, "Usage: machines [--pairs N] [--case N] [--all] DUMP...\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "pairs", required_argument, NULL, 'p' },
		{ "case", required_argument, NULL, 'c' },
		{ "all", no_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	int which, bad = 0;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == 'p')
			options.pairs = argument_number("machines", "pairs", optarg);
		else if (which == 'c')
			options.only = argument_number("machines", "case", optarg);
		else if (which == 'a')
			options.all = true;
		else
			return usage();
	}
	if (optind == argc)
		return usage();
	while (optind < argc)
		bad |= try_machine(argv[optind++]);
	return bad;
}

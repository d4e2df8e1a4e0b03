// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many cases, from consecutive seeds, in some processes.  TAP.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fabric.h"
#include "trial.h"

#define MAX_JOBS	64
#define MAX_TOLD	2000

/* What a process tells the others. */
struct job {
	struct coverage coverage;
	u64 seed;		/* the one it is at */
	u64 done;
	u32 told;
};

static struct {
	u64 first;
	u64 cases;
	u64 seconds;
	u32 jobs;
	u64 seed;
	bool one;
} options = { .first = 1, .cases = 1000, .jobs = 1 };

static void usage(int status)
{
	fprintf(status ? stderr : stdout,
		"Usage: property [--cases N] [--first SEED] [--jobs N] [--seconds N]\n"
		"       property --seed SEED\n\n"
		"Hold the engine against that many machines, or show one case in full.\n");
	exit(status);
}

static void parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "cases", required_argument, NULL, 'c' },
		{ "first", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int which, index = 0;

	while ((which = getopt_long(argc, argv, "", known, &index)) != -1) {
		const char *name = which == '?' ? "" : known[index].name;

		if (which == 'c')
			options.cases = argument_number("property", name, optarg);
		else if (which == 'f')
			options.first = argument_number("property", name, optarg);
		else if (which == 'j')
			options.jobs = argument_number("property", name, optarg);
		else if (which == 't')
			options.seconds = argument_number("property", name, optarg);
		else if (which != 's')
			usage(which == 'h' ? 0 : 2);
		else
			options.seed = argument_number("property", name, optarg);
		options.one |= which == 's';
	}
	if (optind < argc || !options.jobs || options.jobs > MAX_JOBS)
		usage(2);
}

static bool out_of_time(time_t start)
{
	return options.seconds &&
	       (u64)(time(NULL) - start) >= options.seconds;
}

static void work(struct job *job, u32 nr)
{
	time_t start = time(NULL);
	u64 i;

	for (i = nr; i < options.cases && !out_of_time(start);
	     i += options.jobs) {
		job->seed = options.first + i;
		if (!trial_run(job->seed, false, &job->coverage) &&
		    job->told++ < MAX_TOLD)
			printf("# seed %llu: %s\n",
			       (unsigned long long)job->seed,
			       fabric.complaint);
		job->done++;
	}
	fflush(stdout);
}

static void add(struct coverage *sum, const struct coverage *one)
{
	const u64 *from = (const u64 *)one;
	u64 *to = (u64 *)sum, late = max(sum->late, one->late);
	u64 first[NR_FINDINGS];
	size_t i;

	for (i = 0; i < NR_FINDINGS; i++)
		first[i] = !sum->first[i] ? one->first[i] : !one->first[i] ?
			   sum->first[i] : min(sum->first[i], one->first[i]);

	for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += from[i];
	sum->late = late;
	memcpy(sum->first, first, sizeof(first));
}

/* Each class of behaviour has met each verdict that it does not rule out. */
static u32 missing(const struct coverage *sum)
{
	static const u32 never_clean = 1U << STUCK | 1U << PENDS_FOREVER |
				       1U << DEAD | 1U << FAULTS;
	u32 k, verdict, nr = 0;

	for (k = 0; k < NR_BEHAVIOURS; k++)
		for (verdict = PCIQ_CLEAN;
		     verdict < PCIQ_NR_VERDICTS; verdict++) {
			if (sum->met[k][verdict])
				continue;
			if (verdict == PCIQ_CLEAN &&
			    never_clean & 1U << k)
				continue;
			/* Nothing then is there to be contained. */
			if (verdict == PCIQ_CONTAINED && k == OBEYS)
				continue;
			printf("# %s has never met verdict %u\n",
			       behaviour_names[k], verdict);
			nr++;
		}
	for (k = 0; k < PCIQ_NR_OUTCOMES; k++)
		nr += !sum->outcomes[k];
	for (k = 0; k < PCIQ_NR_REASONS; k++)
		nr += !sum->reasons[k];
	for (k = 0; k < PCIQ_NR_SOURCES; k++)
		nr += !sum->sources[k];
	return nr;
}

static int show_one(void)
{
	struct coverage coverage = { 0 };

	if (trial_run(options.seed, true, &coverage)) {
		printf("seed %llu: fine\n", (unsigned long long)options.seed);
		return 0;
	}
	printf("seed %llu: %s\n", (unsigned long long)options.seed,
	       fabric.complaint);
	return 1;
}

int main(int argc, char **argv)
{
	static const char *const result[] = { "ok", "not ok" };
	struct coverage sum = { 0 };
	bool bad;
	u32 i, killed = 0, nr = 0;
	struct job *jobs;
	u64 done = 0;
	int status;

	parse(argc, argv);
	/* Whole lines, whichever process they are from. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (options.one)
		return show_one();
	jobs = mmap(NULL, options.jobs * sizeof(*jobs), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (jobs == MAP_FAILED)
		return 3;
	for (i = 0; i < options.jobs; i++) {
		pid_t child = fork();

		if (child < 0)
			return 3;
		if (!child) {
			work(&jobs[i], i);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		killed += !WIFEXITED(status) || WEXITSTATUS(status);
	for (i = 0; i < options.jobs; i++) {
		add(&sum, &jobs[i].coverage);
		done += jobs[i].done;
		if (killed)
			printf("# a process was killed: one was at seed %llu\n",
			       (unsigned long long)jobs[i].seed);
	}
	trial_coverage(&sum);
	bad = sum.broken || killed || done != sum.cases;
	printf("%s %u - %llu cases, seeds %llu to %llu: no invariant is violated\n",
	       result[bad], ++nr,
	       (unsigned long long)done, (unsigned long long)options.first,
	       (unsigned long long)(options.first + options.cases - 1));
	if (options.cases >= 20000)
		printf("%s %u - each behaviour has met each verdict\n",
		       result[!!missing(&sum)], ++nr);
	printf("1..%u\n", nr);
	return bad;
}

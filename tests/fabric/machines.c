// SPDX-License-Identifier: GPL-2.0-only
/*
 * The promises of the crash path, on machines that were not made up: read from
 * dumps, or from their descriptions.  A row for each machine, as TAP or as a
 * table.
 */
#include <getopt.h>
#include <libgen.h>
#include <string.h>

#include "machines.h"
#include "trial.h"

#define SUFFIX	".lspci"

static struct {
	struct case_options cases;
	bool table;
} options = { .cases.pairs = 300 };

/**
 * struct totals - of all machines
 * @census: what can be reset
 * @machines: that many
 * @live: those that have live functions
 * @whole: of these, those whose live functions can all be reset
 * @whole_but_display: likewise, displays, and what they keep from it, aside
 * @cases: of all
 * @accesses: the sum of what one run of each takes
 * @ns: likewise
 * @longest: of all
 * @broken: of all
 */
static struct totals {
	struct census census;
	u32 machines;
	u32 live;
	u32 whole;
	u32 whole_but_display;
	u32 cases;
	u32 accesses;
	u64 ns;
	u64 longest;
	u32 broken;
} totals;

static double ms(u64 ns)
{
	return (double)ns / NS_PER_MS;
}

static void add_up(const struct results *results)
{
	const struct census *census = &results->census;
	u32 resettable = census_resettable(census);

	census_add(&totals.census, census);
	totals.machines++;
	totals.live += census->live > 0;
	totals.whole += census->live && resettable == census->live;
	resettable += census->by_none[PCIQ_NOT_DISPLAY];
	totals.whole_but_display += census->live && resettable == census->live;
	totals.cases += results->cases;
	totals.accesses += results->accesses;
	totals.ns += results->ns;
	totals.longest = max(totals.longest, results->longest);
	totals.broken += results->broken;
}

/* === TAP === */

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

static void tell(const struct results *results)
{
	const struct census *census = &results->census;

	printf("%s - %s: %u functions, %u live, %u can be reset: ",
	       results->broken ? "not ok" : "ok", results->name,
	       census->functions, census->live, census_resettable(census));
	printf("%u by link, %u by FLR, %u by AF FLR, and not: %s, ",
	       census->by_link, census->by_flr, census->by_af,
	       census_reasons(census));
	printf("%u of these by D3hot and D0; ", census->by_pm);
	printf("%u accesses, %.2f ms; %u cases, %llu accesses, at most %.1f ms, ",
	       results->accesses, ms(results->ns), results->cases,
	       (unsigned long long)results->all_accesses, ms(results->longest));
	printf("%u violations\n", results->broken);
	tell_missing(&results->report);
}

/* === The table, in Markdown === */

static void print_head(void)
{
	printf("| machine | functions | live | can be reset | by link | by FLR | by AF FLR | ");
	printf("cannot, and why | cases | accesses | ms | ms, longest case | violations |\n");
	printf("|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|\n");
}

static void print_row(const struct results *results)
{
	const struct census *census = &results->census;
	size_t len = strlen(results->name), suffix = strlen(SUFFIX);

	if (len > suffix && !strcmp(results->name + len - suffix, SUFFIX))
		len -= suffix;
	printf("| %.*s | %u | %u | %u | %u | %u | %u | %s | ", (int)len,
	       results->name, census->functions, census->live,
	       census_resettable(census), census->by_link, census->by_flr,
	       census->by_af, census_reasons(census));
	printf("%u | %u | %.2f | %.0f | %u |\n", results->cases,
	       results->accesses, ms(results->ns), ms(results->longest),
	       results->broken);
}

static void print_totals(void)
{
	const struct census *census = &totals.census;
	u32 resettable = census_resettable(census);

	printf("| all %u | %u | %u | %u | %u | %u | %u | %s | ",
	       totals.machines, census->functions, census->live, resettable,
	       census->by_link, census->by_flr, census->by_af,
	       census_reasons(census));
	printf("%u | %u | %.2f | %.0f | %u |\n\n", totals.cases,
	       totals.accesses, ms(totals.ns), ms(totals.longest),
	       totals.broken);
	printf("On %u of %u machines with live functions all of these can be reset; ",
	       totals.whole, totals.live);
	printf("on %u all but what a display keeps from it.  ",
	       totals.whole_but_display);
	printf("Without AF FLR, %u of %u functions; ",
	       resettable - census->by_af, census->live);
	printf("of the %u that cannot be reset, %u by D3hot and D0.\n",
	       census->live - resettable, census->by_pm);
}

static int try_machine(char *path)
{
	struct results results = { .name = basename(path) };
	struct complaint why = { "" };
	struct lspci config;

	if (!machine_read(&config, path, &why)) {
		fprintf(stderr, "machines: %s\n", why.text);
		return 3;
	}
	cases_run(&results, &config, &options.cases);
	if (options.table)
		print_row(&results);
	else
		tell(&results);
	add_up(&results);
	fflush(stdout);
	lspci_free(&config);
	return results.broken > 0;
}

static int usage(void)
{
	fprintf(stderr, "Usage: machines [--table] [--pairs N] [--case N] [--all] FILE...\n");
	return 2;
}

static bool parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "pairs", required_argument, NULL, 'p' },
		{ "case", required_argument, NULL, 'c' },
		{ "all", no_argument, NULL, 'a' },
		{ "table", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct case_options *cases = &options.cases;
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == 'p')
			cases->pairs = argument_number("machines", "pairs", optarg);
		else if (which == 'c')
			cases->only = argument_number("machines", "case", optarg);
		else if (which == 'a')
			cases->all = true;
		else if (which == 't')
			options.table = true;
		else
			return false;
	}
	return optind < argc;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (!parse(argc, argv))
		return usage();
	if (options.table)
		print_head();
	while (optind < argc)
		bad |= try_machine(argv[optind++]);
	if (options.table)
		print_totals();
	return bad;
}

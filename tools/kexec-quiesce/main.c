// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce: the command table. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <linux/kexec_quiesce.h>

#include "base/fail.h"
#include "base/nearest.h"
#include "commands/command.h"
#include "explain/names.h"

struct command {
	const char *name;
	const char *operand;	/* its name, NULL if it takes none */
	bool plan;		/* takes --tree, --registers, --policy, --from and lists */
	bool svg;		/* takes --svg */
	int (*run)(const struct options *opt);
	const char *help;
};

static const struct command commands[] = {
	{ "status", NULL, false, false, cmd_status,
	  "is PCI quiesce armed, and which functions it would miss" },
	{ "plan", NULL, true, true, cmd_plan,
	  "how each function would be stopped, and why" },
	{ "dry-run", NULL, false, true, cmd_dry_run,
	  "read now what a panic would read, write nothing" },
	{ "report", "VMCORE", false, true, cmd_report,
	  "what was done to each function, from a vmcore" },
	{ "config-time", NULL, false, false, cmd_config_time,
	  "what a config read takes, for each function that is awake" },
};

#define COMMANDS "status, plan, dry-run, report, config-time"
#define NR_COMMANDS ARRAY_SIZE(commands)

static int show_help(void)
{
	unsigned int i;
	char left[32];

	puts("Usage: kexec-quiesce COMMAND [OPTION]...\n"
	     "Show how PCI is quiesced before a crash kernel starts.\n\n"
	     "Commands:");
	for (i = 0; i < NR_COMMANDS; i++) {
		snprintf(left, sizeof(left), "%s%s%s", commands[i].name,
			 commands[i].operand ? " " : "",
			 commands[i].operand ? commands[i].operand : "");
		printf("  %-16s %s\n", left, commands[i].help);
	}
	puts("\nOptions:\n"
	     "  --json           print JSON, see kexec-quiesce(1)\n"
	     "  --tree           plan: draw a tree as lspci does\n"
	     "  --registers      plan: print what is written to which register\n"
	     "  --policy NAME    plan: under this policy, not the one in force\n"
	     "  --from FILE      plan: of any machine, from what lspci -xxxx has printed there\n"
	     "  --exclude LIST   plan --from: as if the module had exclude=LIST\n"
	     "  --noreset LIST   plan --from: as if it had noreset=LIST\n"
	     "  --reset LIST     plan --from: as if it had reset=LIST\n"
	     "  --svg FILE       plan, report, dry-run: draw into FILE, print nothing\n"
	     "  --help           print this\n"
	     "  --version        print the version\n\n"
	     "Exit status: 0 good, 1 the answer is bad news, 2 usage,\n"
	     "3 there is no answer (no record, no permission, not a vmcore).");
	return EXIT_GOOD;
}

static int show_version(void)
{
	printf("kexec-quiesce %s (record version %u)\n", VERSION,
	       PCIQ_RECORD_VERSION);
	return EXIT_GOOD;
}

static const struct command *find_command(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[NR_COMMANDS], *meant;
	unsigned int i;

	for (i = 0; i < NR_COMMANDS; i++)
		names[i] = commands[i].name;
	meant = nearest(name, names, NR_COMMANDS, 4);
	if (meant)
		return usage_error("unknown command \"%s\", did you mean \"%s\"? (commands: %s)",
				   name, meant, COMMANDS);
	return usage_error("unknown command \"%s\" (commands: %s)", name,
			   COMMANDS);
}

/* One that only plan takes, NULL if there is none. */
static const char *plan_option(const struct options *opt)
{
	if (opt->tree)
		return "--tree";
	if (opt->registers)
		return "--registers";
	if (opt->from)
		return "--from";
	if (opt->exclude)
		return "--exclude";
	if (opt->noreset)
		return "--noreset";
	if (opt->reset)
		return "--reset";
	return opt->policy >= 0 ? "--policy" : NULL;
}

static int run_command(int argc, char **argv, struct options *opt)
{
	const struct command *cmd;

	if (!argc)
		return usage_error("no command (commands: %s; see --help)",
				   COMMANDS);
	cmd = find_command(argv[0]);
	if (!cmd)
		return unknown_command(argv[0]);
	if (plan_option(opt) && !cmd->plan)
		return usage_error("%s takes no %s, only plan does", cmd->name,
				   plan_option(opt));
	if (opt->svg && !cmd->svg)
		return usage_error("%s takes no --svg, only plan, report and dry-run do",
				   cmd->name);
	if (opt->tree && opt->registers)
		return usage_error("--tree and --registers exclude each other");
	if (opt->svg && (opt->tree || opt->registers))
		return usage_error("%s and --svg exclude each other",
				   opt->tree ? "--tree" : "--registers");
	if (opt->json && (opt->tree || opt->svg))
		return usage_error("%s and --json exclude each other",
				   opt->tree ? "--tree" : "--svg");
	if (cmd->operand && argc < 2)
		return usage_error("%s needs a file: kexec-quiesce %s %s",
				   cmd->name, cmd->name, cmd->operand);
	if (argc > (cmd->operand ? 2 : 1))
		return usage_error("%s: unexpected \"%s\"", cmd->name,
				   argv[cmd->operand ? 2 : 1]);
	opt->operand = cmd->operand ? argv[1] : NULL;
	return cmd->run(opt);
}

#define OPTIONS "--json, --tree, --registers, --policy, --from, --exclude, " \
		"--noreset, --reset, --svg, --help, --version"

static int bad_option(int argc, char **argv)
{
	const char *what = optind > 0 && optind <= argc ? argv[optind - 1] : "";

	return usage_error("bad option \"%s\" (options: %s)", what, OPTIONS);
}

static int bad_policy(const char *name)
{
	return usage_error("bad policy \"%s\" (policies: off, busmaster, escalate, reset)",
			   name);
}

static int run(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "tree", no_argument, NULL, 't' },
		{ "registers", no_argument, NULL, 'r' },
		{ "from", required_argument, NULL, 'f' },
		{ "exclude", required_argument, NULL, 'x' },
		{ "noreset", required_argument, NULL, 'n' },
		{ "reset", required_argument, NULL, 'R' },
		{ "policy", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ "svg", required_argument, NULL, 'g' },
		{ "sysfs", required_argument, NULL, 's' },	/* for tests */
		{ "modules", required_argument, NULL, 'm' },	/* likewise */
		{ NULL, 0, NULL, 0 }
	};
	struct options opt = {
		.sysfs = "/sys",
		.modules = "/lib/modules",
		.policy = -1,
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (c) {
		case 'j':
			opt.json = true;
			break;
		case 't':
			opt.tree = true;
			break;
		case 'r':
			opt.registers = true;
			break;
		case 'f':
			opt.from = optarg;
			break;
		case 'p':
			opt.policy = value_of(&policy_names, optarg);
			if (opt.policy < 0)
				return bad_policy(optarg);
			break;
		case 'x':
			opt.exclude = optarg;
			break;
		case 'n':
			opt.noreset = optarg;
			break;
		case 'R':
			opt.reset = optarg;
			break;
		case 'g':
			opt.svg = optarg;
			break;
		case 's':
			opt.sysfs = optarg;
			break;
		case 'm':
			opt.modules = optarg;
			break;
		case 'h':
			return show_help();
		case 'V':
			return show_version();
		case ':':
			return usage_error("%s needs a value: %s %s",
					   argv[optind - 1], argv[optind - 1],
					   optopt == 'p' ? "NAME" :
					   strchr("xnR", optopt) ? "LIST" : "FILE");
		default:
			return bad_option(argc, argv);
		}
	}
	return run_command(argc - optind, argv + optind, &opt);
}

/**
 * main() - run the command given
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit code.
 */
int main(int argc, char **argv)
{
	int ret = run(argc, argv);

	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		return fail("standard output", "cannot be written: %s",
			    errno ? strerror(errno) : "is the disk full?");
	return ret;
}

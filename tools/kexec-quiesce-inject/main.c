// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-quiesce-inject, test only: break this kernel, then make it panic.
 *
 * Needs pciq_inject.ko, loaded with i_know=1, and debugfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inject.h"

#define DEFAULT_TRIGGER	"sysrq"
#define MAX_TEXT	63
#define COMMANDS	"commands: list, arm, crash"

static const char *directory = "/sys/kernel/debug/pciq_inject";

static int read_table(struct table *table, const char *what, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	if (table_read(table, what, path))
		return EXIT_GOOD;
	return fail(EXIT_CANNOT,
		    "%s: %s: insmod pciq_inject.ko i_know=1 first, as root",
		    path, errno ? strerror(errno) : "empty");
}

/* === list === */

static void print_rows(const struct table *table)
{
	const char *family = "";
	unsigned int i;

	for (i = 0; i < table->nr; i++) {
		const struct row *row = &table->row[i];

		if (strcmp(family, row->family)) {
			family = row->family;
			printf("%s%s:\n", i ? "\n" : "", family);
		}
		printf("  %-16s %s", row->name, row->help);
		if (*row->args)
			printf(" [%s]", row->args);
		putchar('\n');
	}
}

static int cmd_list(int argc, char **argv)
{
	struct table faults, triggers;
	int err;

	if (argc > 1)
		return usage_error("list: unexpected \"%s\"", argv[1]);
	err = read_table(&faults, "fault", "faults");
	if (!err)
		err = read_table(&triggers, "trigger", "triggers");
	if (err)
		return err;
	print_rows(&faults);
	putchar('\n');
	print_rows(&triggers);
	return EXIT_GOOD;
}

/* === arm, crash === */

static int tell_module(const char *file, const char *text)
{
	char path[256];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* "NAME [key=value...]", checked, into one line for the module. */
static int compose(char *text, const struct table *table, int argc, char **argv)
{
	const struct row *row = table_find(table, argv[0]);
	size_t length;
	int i, err;

	if (!row)
		return usage_error("unknown %s \"%s\", did you mean \"%s\"? (see: list)",
				   table->what, argv[0],
				   table_nearest(table, argv[0]));
	length = snprintf(text, MAX_TEXT + 1, "%s", argv[0]);
	for (i = 1; i < argc; i++) {
		err = row_check(row, table->what, argv[i]);
		if (err)
			return err;
		if (length + strlen(argv[i]) + 1 > MAX_TEXT)
			return usage_error("%s: more than %d characters", argv[0], MAX_TEXT);
		length += sprintf(text + length, " %s", argv[i]);
	}
	return EXIT_GOOD;
}

static int cmd_arm(int argc, char **argv)
{
	struct table faults;
	char text[MAX_TEXT + 1];
	int err;

	if (argc < 2)
		return usage_error("arm needs a fault: arm FAULT [key=value]... (see: list)");
	err = read_table(&faults, "fault", "faults");
	if (!err)
		err = compose(text, &faults, argc - 1, argv + 1);
	if (err)
		return err;
	err = tell_module("arm", text);
	if (err == EOPNOTSUPP)
		return fail(EXIT_BAD_NEWS,
			    "%s: kexec_pci_quiesce.ko is not the build for tests",
			    text);
	if (err)
		return fail(EXIT_BAD_NEWS, "%s: %s: the kernel log says why",
			    text, strerror(err));
	return EXIT_GOOD;
}

static int cmd_crash(int argc, char **argv)
{
	char *otherwise = DEFAULT_TRIGGER;
	struct table triggers;
	char text[MAX_TEXT + 1];
	int err = read_table(&triggers, "trigger", "triggers");

	if (!err && argc < 2)
		err = compose(text, &triggers, 1, &otherwise);
	else if (!err)
		err = compose(text, &triggers, argc - 1, argv + 1);
	if (err)
		return err;
	sync();
	err = tell_module("crash", text);
	return fail(EXIT_BAD_NEWS, "%s: still alive: %s", text, strerror(err));
}

/* === Commands === */

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "list", cmd_list },
	{ "arm", cmd_arm },
	{ "crash", cmd_crash },
};

static int show_help(void)
{
	puts("Usage: kexec-quiesce-inject COMMAND\n"
	     "Test only: break this kernel in a chosen way, then make it panic.\n\n"
	     "Commands:\n"
	     "  list                           faults and triggers, a line each\n"
	     "  arm FAULT [key=value]...       break something, now or with the crash\n"
	     "  crash [TRIGGER [key=value]...] panic (" DEFAULT_TRIGGER ")\n\n"
	     "Options:\n"
	     "  --help                         print this\n\n"
	     "Exit status: 0 done, 1 the kernel did not do it, 2 usage,\n"
	     "3 pciq_inject.ko is not loaded.");
	return EXIT_GOOD;
}

static int run_command(int argc, char **argv)
{
	const char *names[ARRAY_SIZE(commands)];
	unsigned int i;

	if (!argc)
		return usage_error("no command (" COMMANDS "; see --help)");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, argv[0]))
			return commands[i].run(argc, argv);
		names[i] = commands[i].name;
	}
	return usage_error("unknown command \"%s\", did you mean \"%s\"? (" COMMANDS ")",
			   argv[0], nearest(argv[0], names, ARRAY_SIZE(commands),
				   HOWEVER_FAR));
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
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "debugfs", required_argument, NULL, 'd' },	/* for tests */
		{ NULL, 0, NULL, 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			directory = optarg;
			break;
		case 'h':
			return show_help();
		default:
			return usage_error("bad option \"%s\" (options: --help)",
					   argv[optind - 1]);
		}
	}
	return run_command(argc - optind, argv + optind);
}

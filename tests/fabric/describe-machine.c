// SPDX-License-Identifier: GPL-2.0-only
/* Write the description of a machine: see description-read.c for what it is. */
#include <getopt.h>
#include <libgen.h>
#include <string.h>

#include "description.h"

static int usage(void)
{
	fprintf(stderr, "Usage: describe-machine [--name NAME] FILE\n"
			"\n"
			"Write the description of the machine whose config space \"lspci -xxxx\" has\n"
			"printed into FILE, or of which FILE is a description, to standard output.\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct complaint why = { "" };
	const char *name = NULL;
	struct lspci machine;
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which != 'n')
			return usage();
		name = optarg;
	}
	if (optind + 1 != argc)
		return usage();
	if (!machine_read(&machine, argv[optind], &why)) {
		fprintf(stderr, "describe-machine: %s\n", why.text);
		return 3;
	}
	description_write(stdout, &machine, name ?: basename(argv[optind]));
	lspci_free(&machine);
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}

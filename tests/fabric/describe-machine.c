// SPDX-License-Identifier: GPL-2.0-only
/* Write the description of a machine: see description-read.c for what it is. */
#include <getopt.h>
#include <libgen.h>
#include <string.h>

#include "description.h"

static int usage(void)
{
	fprintf(stderr, "Usage: describe-machine [--name NAME | --hex] FILE\n"
			"\n"
			"Write the description of the machine whose config space \"lspci -xxxx\" has\n"
			"printed into FILE, or of which FILE is a description, to standard output;\n"
			"with --hex, config space as lspci prints it.\n");
	return 2;
}

static void write_hex(FILE *out, const struct lspci *machine)
{
	unsigned int i, at;

	for (i = 0; i < machine->nr; i++) {
		const struct lspci_function *f = &machine->functions[i];

		fprintf(out, "%s Function", lspci_name(f));
		for (at = 0; at < f->len; at++) {
			if (!(at % 16))
				fprintf(out, "\n%02x:", at);
			fprintf(out, " %02x", f->config[at]);
		}
		fputs("\n\n", out);
	}
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "hex", no_argument, NULL, 'x' },
		{ NULL, 0, NULL, 0 },
	};
	struct complaint why = { "" };
	const char *name = NULL;
	struct lspci machine;
	bool hex = false;
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == 'x')
			hex = true;
		else if (which == 'n')
			name = optarg;
		else
			return usage();
	}
	if (optind + 1 != argc)
		return usage();
	if (!machine_read(&machine, argv[optind], &why)) {
		fprintf(stderr, "describe-machine: %s\n", why.text);
		return 3;
	}
	if (hex)
		write_hex(stdout, &machine);
	else
		description_write(stdout, &machine,
				  name ?: basename(argv[optind]));
	lspci_free(&machine);
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}

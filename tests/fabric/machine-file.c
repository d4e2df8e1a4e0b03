// SPDX-License-Identifier: GPL-2.0-only
/* A machine from a file of either kind. */
#include <string.h>

#include <linux/kernel.h>

#include "description.h"

/* The second line of a description; dumps may begin with remarks as well. */
#define MARK	"# Machine: "

static bool is_description(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[80] = "";
	u32 i;

	for (i = 0; file && i < 2; i++)
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
	if (file)
		fclose(file);
	return !strncmp(line, MARK, strlen(MARK));
}

/**
 * machine_read() - read a machine
 * @machine: filled in, to be given to lspci_free()
 * @path: its description, or what "lspci -xxxx" has printed
 * @why: filled in if it cannot be read, with @path
 *
 * Return: true if it is one whole machine.
 */
bool machine_read(struct lspci *machine, const char *path,
		  struct complaint *why)
{
	bool described = is_description(path);
	struct complaint what = { "" };

	if (described ? description_read(machine, path, &what) :
			lspci_read(machine, path, &what))
		return true;
	complain(why, described ? "%s:%s" : "%s: %s", path, what.text);
	return false;
}

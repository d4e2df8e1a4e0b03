// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fuzz target without libFuzzer: each file of a directory is an input.  What
 * is a finding ends the program; the file is the last one that was printed.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void complain(const char *path)
{
	perror(path);
	exit(2);
}

/* In memory of exactly its length, so that ASan sees what is beyond. */
static void replay(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned char *data;
	long size;

	if (!file || fseek(file, 0, SEEK_END))
		complain(path);
	size = ftell(file);
	rewind(file);
	data = malloc(size);
	if (size < 0 || fread(data, 1, size, file) != (size_t)size)
		complain(path);
	fclose(file);
	puts(path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	char path[4096];
	int nr, i, inputs = 0;

	if (argc != 2) {
		fprintf(stderr, "Usage: replay DIRECTORY\n");
		return 2;
	}
	nr = scandir(argv[1], &entries, NULL, alphasort);
	if (nr < 0)
		complain(argv[1]);
	for (i = 0; i < nr; i++) {
		if (entries[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", argv[1],
				 entries[i]->d_name);
			replay(path);
			inputs++;
		}
		free(entries[i]);
	}
	free(entries);
	if (!inputs) {
		fprintf(stderr, "replay: %s: no inputs in it\n", argv[1]);
		return 2;
	}
	return 0;
}

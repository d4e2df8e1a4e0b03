// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce config-time: what a config read takes on this machine. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "base/compiler.h"
#include "base/fail.h"
#include "commands/command.h"
#include "read/live.h"

#define PCI_DIR		"bus/pci/devices"

/*
 * A dword is one config access, a block is sixteen in one system call: the
 * difference is what accesses take, without the way into the kernel.
 */
#define DWORD		4
#define BLOCK		64
#define MORE_ACCESSES	(BLOCK / DWORD - 1)
#define NR_DWORDS	1000
#define NR_BLOCKS	(NR_DWORDS / 16 + 1)

struct times {
	long dword[NR_DWORDS];	/* nanoseconds, as below */
	long block[NR_BLOCKS];
};

static int compare(const void *a, const void *b)
{
	const long *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Nanoseconds, or -1 if there is less to read. */
static long time_read(int fd, size_t len, off_t offset)
{
	struct timespec before, after;
	unsigned char buf[BLOCK];
	ssize_t n;

	clock_gettime(CLOCK_MONOTONIC, &before);
	n = pread(fd, buf, len, offset);
	clock_gettime(CLOCK_MONOTONIC, &after);
	if (n != (ssize_t)len)
		return -1;
	return (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
	       before.tv_nsec;
}

/* In turns: what slows the machine down for a while slows both. */
static bool time_reads(struct times *times, int fd, off_t offset)
{
	int i;

	for (i = 0; i < NR_DWORDS; i++) {
		times->dword[i] = time_read(fd, DWORD, offset);
		if (times->dword[i] < 0)
			return false;
		if (i % 16)
			continue;
		times->block[i / 16] = time_read(fd, BLOCK, offset);
		if (times->block[i / 16] < 0)
			return false;
	}
	qsort(times->dword, NR_DWORDS, sizeof(long), compare);
	qsort(times->block, NR_BLOCKS, sizeof(long), compare);
	return true;
}

static void show_times(const char *address, int fd, unsigned int offset)
{
	static struct times times;
	long access;

	if (!time_reads(&times, fd, offset))
		return;
	/* Of the minima, which other load does not reach. */
	access = (times.block[0] - times.dword[0]) / MORE_ACCESSES;
	printf("%s %03x %ld %ld %ld %ld %ld %ld\n", address, offset, access,
	       times.dword[0] - access, times.dword[0],
	       times.dword[NR_DWORDS / 2], times.block[0],
	       times.block[NR_BLOCKS / 2]);
}

/* To read a function in D3cold would wake it: its state, NULL if it is awake. */
static const char *why_asleep(const char *sysfs, const char *address)
{
	char name[512], state[24], runtime[24];
	static char why[64];

	snprintf(name, sizeof(name), PCI_DIR "/%s/power_state", address);
	live_line(sysfs, name, state, sizeof(state));
	snprintf(name, sizeof(name), PCI_DIR "/%s/power/runtime_status",
		 address);
	live_line(sysfs, name, runtime, sizeof(runtime));
	if (!strcmp(state, "D0") && !strcmp(runtime, "active"))
		return NULL;
	snprintf(why, sizeof(why), "%s %s", *state ? state : "?",
		 *runtime ? runtime : "?");
	return why;
}

/*
 * On x86 the kernel reads what is below 100h through ports 0xCF8 and 0xCFC, the
 * rest as the crash path does, through ECAM.
 */
static const char *time_config(const char *sysfs, const char *address)
{
	char name[512], path[LIVE_PATH_MAX];
	const char *why = NULL;
	__u32 class = ~0U;
	int fd;

	snprintf(name, sizeof(name), PCI_DIR "/%s/config", address);
	live_path(path, sysfs, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return strerror(errno);
	/* Not the IDs, which are all ones in a VF, too. */
	if (pread(fd, &class, sizeof(class), PCI_CLASS_REVISION) < 0) {
		why = strerror(errno);
	} else if (class == ~0U) {
		why = "no-response";
	} else {
		show_times(address, fd, 0);
		show_times(address, fd, PCI_CFG_SPACE_SIZE);
	}
	close(fd);
	return why;
}

static void time_function(const char *sysfs, const char *address)
{
	const char *why = why_asleep(sysfs, address);

	if (!why)
		why = time_config(sysfs, address);
	if (why)
		printf("%s skipped %s\n", address, why);
}

static int is_address(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/**
 * cmd_config_time() - time config reads of the functions that are awake
 * @opt: options
 *
 * Return: exit code.
 */
int cmd_config_time(const struct options *opt)
{
	char path[LIVE_PATH_MAX];
	struct dirent **entries;
	int nr, i;

	if (opt->json)
		return usage_error("config-time takes no --json");
	live_path(path, opt->sysfs, PCI_DIR);
	nr = scandir(path, &entries, is_address, alphasort);
	if (nr < 0)
		return fail(path, "cannot be read: %s", strerror(errno));
	puts("# address offset access_ns overhead_ns dword_min_ns dword_ns block_min_ns block_ns");
	for (i = 0; i < nr; i++) {
		time_function(opt->sysfs, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return EXIT_GOOD;
}

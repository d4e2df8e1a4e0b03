// SPDX-License-Identifier: GPL-2.0-only
/*
 * endpointload: driver, in user space, of the endpoints that it finds.
 *
 * Each is given a page of its own in a huge page, whose physical address is
 * known and stays, and is told to write there over and over.  Then waits: the
 * memory is the device's as long as this runs.
 *
 * With an argument FROM-TO, physical addresses, there is one endpoint, and its page
 * is one of these: such as the kernel has lent to user space from crashkernel=,cma.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/types.h>

#include "registers.h"

#define DEVICES		"/sys/bus/pci/devices"
#define STARTED		"/tmp/endpoints-started"
#define PAGE		4096UL
#define HUGE_PAGE	(2UL << 20)
#define SEARCHED	(512UL << 20)
#define CHUNK		(256 * PAGE)
#define PFN_BITS	0x007fffffffffffffULL
#define PRESENT		0x8000000000000000ULL

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_file(const char *device, const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die(path);
	return fd;
}

/* Physical addresses of mapped pages (Documentation/admin-guide/mm/pagemap.rst). */
static void physical(const void *pages, __u64 *addresses, unsigned long nr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	size_t bytes = nr * sizeof(*addresses);
	unsigned long i;

	if (fd < 0 || pread(fd, addresses, bytes,
			    (unsigned long)pages / PAGE * sizeof(*addresses)) !=
			      (ssize_t)bytes)
		die("/proc/self/pagemap");
	close(fd);
	for (i = 0; i < nr; i++) {
		if (!(addresses[i] & PRESENT))
			die("/proc/self/pagemap: a page is not there");
		addresses[i] = (addresses[i] & PFN_BITS) * PAGE;
	}
}

static void *allocate(void)
{
	void *at = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE,
			-1, 0);

	if (at == MAP_FAILED)
		die("a huge page");
	memset(at, 0, HUGE_PAGE);
	return at;
}

/* The first of some pages that is within a range; NULL if none is. */
static char *find_within(char *pages, __u64 from, __u64 to)
{
	static __u64 addresses[CHUNK / PAGE];
	unsigned long i;

	physical(pages, addresses, CHUNK / PAGE);
	for (i = 0; i < CHUNK / PAGE; i++) {
		if (addresses[i] >= from && addresses[i] + PAGE - 1 <= to)
			return pages + i * PAGE;
	}
	return NULL;
}

/*
 * Ordinary memory until the kernel gives some from there: not before that is
 * more than half of what is free.
 */
static void *allocate_within(const char *range)
{
	char *start, *end, *page = NULL;
	unsigned long used;
	__u64 from, to;

	from = strtoull(range, &end, 16);
	to = strtoull(end + (*end == '-'), NULL, 16);
	start = mmap(NULL, SEARCHED, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		die("memory");
	for (used = 0; used < SEARCHED && !page; used += CHUNK) {
		memset(start + used, 0, CHUNK);
		page = find_within(start + used, from, to);
	}
	if (!page) {
		printf("endpointload: no page within %s\n", range);
		exit(1);
	}
	if (mlock(page, PAGE))
		die("mlock");
	munmap(start, page - start);
	munmap(page + PAGE, start + SEARCHED - page - PAGE);
	return page;
}

static __u16 config_word(int config, unsigned int at)
{
	__u16 value = 0;

	if (pread(config, &value, sizeof(value), at) != sizeof(value))
		die("config read");
	return value;
}

static void set_config_word(int config, unsigned int at, __u16 value)
{
	if (pwrite(config, &value, sizeof(value), at) != sizeof(value))
		die("config write");
}

/* Something that the reset loses and that Linux did not choose. */
static void set_read_request_size(int config)
{
	unsigned int at = config_word(config, PCI_CAPABILITY_LIST) & 0xfc;
	__u16 devctl;

	while (at && (config_word(config, at) & 0xff) != PCI_CAP_ID_EXP)
		at = config_word(config, at) >> 8 & 0xfc;
	if (!at)	/* conventional PCI has no such register */
		return;
	devctl = config_word(config, at + PCI_EXP_DEVCTL);
	set_config_word(config, at + PCI_EXP_DEVCTL,
			(devctl & ~PCI_EXP_DEVCTL_READRQ) |
			PCI_EXP_DEVCTL_READRQ_256B);
}

static void set_register(__u32 *regs, unsigned int at, __u32 value)
{
	__atomic_store_n(&regs[at / sizeof(*regs)], value, __ATOMIC_SEQ_CST);
}

static void run(const char *device, int config, __u64 buffer)
{
	int bar = open_file(device, "resource0");
	__u32 *regs;

	regs = mmap(NULL, ENDPOINT_BAR_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		    bar, 0);
	if (regs == MAP_FAILED)
		die("BAR 0");
	set_config_word(config, PCI_COMMAND, config_word(config, PCI_COMMAND) |
			PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	set_read_request_size(config);
	set_register(regs, ENDPOINT_BUFFER_LOW, buffer);
	set_register(regs, ENDPOINT_BUFFER_HIGH, buffer >> 32);
	set_register(regs, ENDPOINT_BUFFER_BYTES, PAGE);
	set_register(regs, ENDPOINT_RUN, 1);
}

int main(int argc, char **argv)
{
	char *buffer = argc > 1 ? allocate_within(argv[1]) : allocate();
	unsigned int used = 0;
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);
	__u64 at;

	if (!dir)
		die(DEVICES);
	while ((entry = readdir(dir))) {
		int config;

		if (entry->d_name[0] == '.')
			continue;
		config = open_file(entry->d_name, "config");
		if (config_word(config, PCI_VENDOR_ID) == ENDPOINT_VENDOR &&
		    config_word(config, PCI_DEVICE_ID) == ENDPOINT_DEVICE) {
			physical(buffer + PAGE * used++, &at, 1);
			run(entry->d_name, config, at);
		}
		close(config);
	}
	if (!used || creat(STARTED, 0600) < 0)
		die("no endpoint started");
	printf("KPCIQ endpoints=%u\n", used);
	fflush(stdout);
	pause();
	return 0;
}

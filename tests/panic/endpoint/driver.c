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
#define SEARCHED	(96UL << 20)
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

/* Physical address of a mapped page (Documentation/admin-guide/mm/pagemap.rst). */
static __u64 physical(const void *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	__u64 entry = 0;

	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    (unsigned long)page / PAGE * sizeof(entry)) !=
			      sizeof(entry) || !(entry & PRESENT))
		die("/proc/self/pagemap");
	close(fd);
	return (entry & PFN_BITS) * PAGE;
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

/* Ordinary memory until the kernel gives some from there. */
static void *allocate_within(const char *range)
{
	__u64 from, to, at;
	char *start, *end;
	unsigned long i;

	from = strtoull(range, &end, 16);
	to = strtoull(end + (*end == '-'), NULL, 16);
	start = mmap(NULL, SEARCHED, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (start == MAP_FAILED)
		die("memory");
	for (i = 0; i < SEARCHED; i += PAGE) {
		at = physical(start + i);
		if (at < from || at + PAGE - 1 > to)
			continue;
		if (mlock(start + i, PAGE))
			die("mlock");
		munmap(start, i);
		munmap(start + i + PAGE, SEARCHED - i - PAGE);
		return start + i;
	}
	printf("endpointload: no page within %s\n", range);
	exit(1);
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
	if (!at)
		die("no PCI Express capability");
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

	if (!dir)
		die(DEVICES);
	while ((entry = readdir(dir))) {
		int config;

		if (entry->d_name[0] == '.')
			continue;
		config = open_file(entry->d_name, "config");
		if (config_word(config, PCI_VENDOR_ID) == ENDPOINT_VENDOR &&
		    config_word(config, PCI_DEVICE_ID) == ENDPOINT_DEVICE)
			run(entry->d_name, config,
			    physical(buffer + PAGE * used++));
		close(config);
	}
	if (!used || creat(STARTED, 0600) < 0)
		die("no endpoint started");
	printf("KPCIQ endpoints=%u\n", used);
	fflush(stdout);
	pause();
	return 0;
}

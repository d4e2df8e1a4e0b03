// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcicommand: which PCI functions can still write memory or interrupt?
 *
 * Runs in the capture kernel before any driver is loaded, so that the Command
 * register of an endpoint is as the dead kernel left it.  What a built-in driver
 * has taken already (ports always, virtio in some kernels) is counted apart: it
 * was enabled by the capture kernel.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEVICES		"/sys/bus/pci/devices"
#define COMMAND		0x04
#define COMMAND_MASTER	0x0004
#define COMMAND_INTX	0x0400		/* INTx disabled */
#define STATUS		0x06
#define STATUS_INTX	0x0008		/* INTx asserted, or would be */
#define CLASS		0x0a
#define BASE_BRIDGE	0x06		/* forwards, does not master by itself */

static __u16 word(const __u8 *config, unsigned int at)
{
	return config[at] | config[at + 1] << 8;
}

static int has_driver(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	return !access(path, F_OK);
}

static int read_header(const char *name, __u8 *config)
{
	char path[512];
	int fd, n;

	snprintf(path, sizeof(path), DEVICES "/%s/config", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	n = read(fd, config, 64);
	close(fd);
	return n == 64 ? 0 : -1;
}

int main(void)
{
	unsigned int functions = 0, taken = 0, mastering = 0, intx = 0;
	__u8 config[64];
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);

	if (!dir) {
		perror(DEVICES);
		return 1;
	}
	while ((entry = readdir(dir))) {
		__u16 command, status, class;

		if (entry->d_name[0] == '.' || read_header(entry->d_name, config))
			continue;
		command = word(config, COMMAND);
		status = word(config, STATUS);
		class = word(config, CLASS);
		functions++;
		if (has_driver(entry->d_name)) {
			taken++;
			continue;
		}
		if (command & COMMAND_MASTER && class >> 8 != BASE_BRIDGE) {
			mastering++;
			printf("KPCIQ mastering=%s class=%04x command=%04x\n",
			       entry->d_name, class, command);
		}
		if ((status & STATUS_INTX) && !(command & COMMAND_INTX)) {
			intx++;
			printf("KPCIQ intx=%s\n", entry->d_name);
		}
	}
	printf("KPCIQ functions=%u\nKPCIQ functions-taken=%u\n", functions, taken);
	printf("KPCIQ functions-mastering=%u\nKPCIQ intx-asserted=%u\n", mastering, intx);
	return 0;
}

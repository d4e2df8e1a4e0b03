// SPDX-License-Identifier: GPL-2.0-only
/* Config space of a whole machine, through libpci's reader of lspci's text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "read/lspci.h"

/* What lspci prints: -x, -xxx, and a line of it. */
#define HEADER_BYTES		64
#define CONVENTIONAL_BYTES	256
#define LINE_BYTES		16

static jmp_buf failed;
static char message[128];

/* libpci exits on an error unless set otherwise. */
static void __noreturn on_error(char *msg, ...)
{
	va_list args;

	va_start(args, msg);
	vsnprintf(message, sizeof(message), msg, args);
	va_end(args);
	longjmp(failed, 1);
}

static void be_quiet(char *msg, ...)
{
	(void)msg;
}

static int compare_address(const void *a, const void *b)
{
	const struct lspci_function *left = a, *right = b;

	if (left->domain != right->domain)
		return left->domain < right->domain ? -1 : 1;
	return (left->bus << 8 | left->devfn) - (right->bus << 8 | right->devfn);
}

/**
 * lspci_name() - how a function is called
 * @f: the function
 *
 * Return: its address, until the next call.
 */
const char *lspci_name(const struct lspci_function *f)
{
	static char name[32];

	snprintf(name, sizeof(name), "%04x:%02x:%02x.%x", f->domain, f->bus,
		 f->devfn >> 3, f->devfn & 7);
	return name;
}

static void take(struct lspci *machine, struct pci_dev *dev)
{
	struct lspci_function *f = &machine->functions[machine->nr++];
	__u8 byte;

	f->domain = dev->domain;
	f->bus = dev->bus;
	f->devfn = dev->dev << 3 | dev->func;
	while (f->len < LSPCI_SPACE && pci_read_block(dev, f->len, &byte, 1))
		f->config[f->len++] = byte;
}

static bool is_whole(const struct lspci_function *f)
{
	if (f->len == HEADER_BYTES)
		return true;
	/* Zeros at the end of extended space may be left out. */
	return f->len >= CONVENTIONAL_BYTES && !(f->len % LINE_BYTES);
}

static bool check(const struct lspci *machine, struct complaint *why)
{
	const struct lspci_function *f = machine->functions;
	unsigned int i;

	if (!machine->nr) {
		complain(why, "no function in it: the output of \"lspci -xxxx\" is expected");
		return false;
	}
	for (i = 0; i < machine->nr; i++, f++) {
		if (i && !compare_address(f - 1, f)) {
			complain(why, "%s is in it twice: one machine is expected", lspci_name(f));
			return false;
		}
		if (!f->len) {
			complain(why, "%s has no hex: the output of \"lspci -xxxx\" is expected",
				 lspci_name(f));
			return false;
		}
		if (!is_whole(f)) {
			complain(why, "%s has %u bytes: 64, 256 or 4096 are expected",
				 lspci_name(f), f->len);
			return false;
		}
	}
	return true;
}

/* The last one that it has begun is the first in its list. */
static void explain(const struct pci_access *access, struct complaint *why)
{
	const struct pci_dev *dev = access->devices;

	if (dev)
		complain(why, "%s, in %04x:%02x:%02x.%x or before the next function", message,
			 dev->domain, dev->bus, dev->dev, dev->func);
	else
		complain(why, "%s: the output of \"lspci -xxxx\" is expected",
			 message);
}

static bool parse(struct pci_access *access, struct complaint *why)
{
	if (setjmp(failed)) {
		explain(access, why);
		return false;
	}
	pci_init(access);
	return true;
}

static bool take_all(struct lspci *machine, const struct pci_access *access,
		     struct complaint *why)
{
	struct pci_dev *dev;
	unsigned int nr = 0;

	for (dev = access->devices; dev; dev = dev->next)
		nr++;
	machine->functions = calloc(nr + 1, sizeof(*machine->functions));
	if (!machine->functions) {
		complain(why, "%s", strerror(ENOMEM));
		return false;
	}
	for (dev = access->devices; dev; dev = dev->next)
		take(machine, dev);
	qsort(machine->functions, nr, sizeof(*machine->functions),
	      compare_address);
	return check(machine, why);
}

/**
 * lspci_read() - read the config space of a machine
 * @machine: filled in, to be given to lspci_free()
 * @path: a file that "lspci -x", "-xxx" or "-xxxx" has printed
 * @why: filled in if it cannot be read
 *
 * Return: true if it is one whole machine.
 */
bool lspci_read(struct lspci *machine, const char *path, struct complaint *why)
{
	struct pci_access *access;
	bool good;

	*machine = (struct lspci) { 0 };
	if (euidaccess(path, R_OK)) {
		complain(why, "%s", strerror(errno));
		return false;
	}
	access = pci_alloc();
	access->error = on_error;
	access->warning = be_quiet;
	access->debug = be_quiet;
	access->method = PCI_ACCESS_DUMP;
	pci_set_param(access, "dump.name", (char *)path);
	good = parse(access, why) && take_all(machine, access, why);
	pci_cleanup(access);
	if (!good)
		lspci_free(machine);
	return good;
}

/**
 * lspci_free() - forget a machine
 * @machine: from lspci_read()
 */
void lspci_free(struct lspci *machine)
{
	free(machine->functions);
	*machine = (struct lspci) { 0 };
}

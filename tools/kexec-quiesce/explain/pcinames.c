// SPDX-License-Identifier: GPL-2.0-only
/* Names of PCI classes and devices, as far as a pci.ids is at hand. */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <pci/pci.h>

#include "explain/pcinames.h"

static struct pci_access *names;
static bool no_names;
static jmp_buf lookup_failed;

/* libpci exits on an error unless set otherwise; a name is not worth that. */
static void __noreturn on_error(char *msg, ...)
{
	(void)msg;
	longjmp(lookup_failed, 1);
}

static void be_quiet(char *msg, ...)
{
	(void)msg;
}

/* No pci_init(): it wants access to devices, and a dump is read anywhere. */
static bool open_names(void)
{
	if (names || no_names)
		return names;
	names = pci_alloc();
	if (!names)
		return false;
	names->error = on_error;
	names->warning = be_quiet;
	names->debug = be_quiet;
	return true;
}

static const char *look_up(int flags, int a, int b, char buf[PCI_NAME_LEN])
{
	if (!open_names())
		return NULL;
	if (setjmp(lookup_failed)) {
		/* Half-loaded: leak it rather than use it again. */
		names = NULL;
		no_names = true;
		return NULL;
	}
	return pci_lookup_name(names, buf, PCI_NAME_LEN,
			       flags | PCI_LOOKUP_NO_NUMBERS, a, b);
}

/**
 * pci_names_close() - free what lookups have loaded
 */
void pci_names_close(void)
{
	if (names)
		pci_cleanup(names);
	names = NULL;
}

/**
 * pci_class_name() - name of a class
 * @class: 24-bit class code
 * @buf: room for the name
 *
 * Return: the name, or "class 0106" without one.
 */
const char *pci_class_name(__u32 class, char buf[PCI_NAME_LEN])
{
	const char *name = look_up(PCI_LOOKUP_CLASS, class >> 8, 0, buf);

	if (name)
		return name;
	snprintf(buf, PCI_NAME_LEN, "class %04x", class >> 8);
	return buf;
}

/**
 * pci_device_name() - names of vendor and device
 * @vendor: vendor ID
 * @device: device ID
 * @buf: room for the name
 *
 * Return: the names as far as known, numbers without.
 */
const char *pci_device_name(__u16 vendor, __u16 device,
			    char buf[PCI_NAME_LEN])
{
	const char *name = look_up(PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE,
				   vendor, device, buf);

	if (name)
		return name;
	name = look_up(PCI_LOOKUP_VENDOR, vendor, 0, buf);
	if (name)
		return name;
	snprintf(buf, PCI_NAME_LEN, "%04x:%04x", vendor, device);
	return buf;
}

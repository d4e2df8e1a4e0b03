// SPDX-License-Identifier: GPL-2.0-only
/*
 * libpci, kept apart from crash.
 *
 * crash exports most of a zlib of its own, which comes before the one that libpci
 * was linked with: gzopen() would be the one's and gzclose() the other's, and
 * reading pci.ids ends in a crash.  RTLD_DEEPBIND lets libpci find its own first.
 * Without libpci there are numbers instead of names.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>

#include <pci/pci.h>

static void *find(const char *name)
{
	static void *library;

	if (!library)
		library = dlopen("libpci.so.3",
				 RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
	return library ? dlsym(library, name) : NULL;
}

/**
 * pci_alloc() - libpci's
 *
 * Return: NULL also if there is no libpci.
 */
struct pci_access *pci_alloc(void)
{
	typeof(pci_alloc) *real = find("pci_alloc");

	return real ? real() : NULL;
}

/**
 * pci_cleanup() - libpci's
 * @access: from pci_alloc()
 */
void pci_cleanup(struct pci_access *access)
{
	typeof(pci_cleanup) *real = find("pci_cleanup");

	if (real)
		real(access);
}

/**
 * pci_lookup_name() - libpci's, as pcinames.c calls it: with two numbers
 * @access: from pci_alloc()
 * @buf: room for the name
 * @size: bytes there
 * @flags: PCI_LOOKUP_*
 *
 * Return: name or NULL.
 */
char *pci_lookup_name(struct pci_access *access, char *buf, int size,
		      int flags, ...)
{
	typeof(pci_lookup_name) *real = find("pci_lookup_name");
	va_list ap;
	int a, b;

	va_start(ap, flags);
	a = va_arg(ap, int);
	b = va_arg(ap, int);
	va_end(ap);
	return real ? real(access, buf, size, flags, a, b) : NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a module is not meant to reach.
 *
 * Symbols that are not exported, those of the module under test among them, are
 * found through a kprobe on kallsyms_lookup_name().
 */
#define pr_fmt(fmt) "pciq_inject: " fmt

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/umh.h>

#include "inject.h"

#define OURS	"kexec_pci_quiesce:"

static unsigned long (*lookup)(const char *name);

int inject_find_init(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

void *inject_find(const char *name)
{
	void *found = (void *)lookup(name);

	if (!found)
		pr_err("this kernel has no symbol %s\n", name);
	return found;
}

/* Of the module under test; where it is built in, its names are the kernel's. */
void *inject_find_ours(const char *name)
{
	char qualified[INJECT_MAX_TEXT];
	void *found;

	snprintf(qualified, sizeof(qualified), OURS "%s", name);
	found = (void *)lookup(qualified);
	return found ?: inject_find(name);
}

/* Write to text, or to data that is read-only after boot. */
int inject_overwrite(void *at, const void *bytes, size_t length)
{
	void *(*poke)(void *addr, const void *opcode, size_t len) =
		inject_find("text_poke");

	if (!poke)
		return -ENOENT;
	poke(at, bytes, length);
	return 0;
}

/* By a shell: files of tracefs take nothing from inside the kernel. */
int inject_write_file(const char *path, const char *text)
{
	char *argv[6] = { "/bin/sh", "-c", "echo \"$1\" >\"$0\"", (char *)path,
			 (char *)text, NULL };
	char *envp[2] = { "PATH=/bin:/usr/bin", NULL };
	int status = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_PROC);

	if (!status)
		return 0;
	pr_err("%s does not take \"%s\" (%d)\n", path, text, status);
	return status < 0 ? status : -EINVAL;
}

/* device=0000:01:00.0; with a reference.  NULL if there is none. */
struct pci_dev *inject_device_at(const struct inject_args *args)
{
	const char *text = inject_arg(args, "device");
	unsigned int domain, bus, slot, function;
	struct pci_dev *dev = NULL;

	if (text && sscanf(text, "%x:%x:%x.%x", &domain, &bus, &slot,
			   &function) == 4)
		dev = pci_get_domain_bus_and_slot(domain, bus,
						  PCI_DEVFN(slot, function));
	if (!dev)
		pr_err("no device %s: give device=DDDD:BB:DD.F\n", text ?: "given");
	return dev;
}

/* A published snapshot of the module under test; NULL if there is none. */
const struct pciq_snapshot *inject_slot(unsigned int slot)
{
	const struct pciq_ctl *ctl = inject_find_ours("pciq_ctl");

	return ctl ? ctl->slot[slot] : NULL;
}

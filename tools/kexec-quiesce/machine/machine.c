// SPDX-License-Identifier: GPL-2.0-only
/* The snapshot that the kernel of another machine would take. */
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include <quiesce.h>

#include "machine/kernel.h"
#include "machine/machine.h"
#include "read/lspci.h"

#define TOKENS		"dddd:bb:dd.f, vvvv:dddd, class=cccc (hexadecimal)"
#define DEADLINE_MS	2000	/* of the module, unless deadline_ms= is set */

/**
 * machine_set_list() - as if the module had been given a parameter
 * @name: exclude, noreset or reset
 * @text: its value
 * @why: filled in if that is none
 *
 * Return: true if it is one.
 */
bool machine_set_list(const char *name, const char *text,
		      struct complaint *why)
{
	struct pciq_match_list *list =
		*name == 'e' ? &pciq_ctl.exclude :
		*name == 'n' ? &pciq_ctl.noreset : &pciq_ctl.reset;
	char bad[64] = "";
	int err = pciq_parse_list(text, list, bad, sizeof(bad));

	if (err == -E2BIG)
		complain(why, "--%s: more than %d tokens, at \"%s\"", name,
			 PCIQ_MAX_MATCHES, bad);
	else if (err)
		complain(why, "--%s: \"%s\" is none of %s", name, bad, TOKENS);
	return !err;
}

static bool is_enough(struct complaint *why)
{
	const struct lspci_function *f = kernel_find_short();

	if (f)
		complain(why, "%s has %u bytes, %u are needed: lspci -xxxx as root prints them",
			 lspci_name(f), f->len, f->len < PCI_CFG_SPACE_SIZE ?
			 PCI_CFG_SPACE_SIZE : PCI_CFG_SPACE_EXP_SIZE);
	return !f;
}

static int build(struct pciq_snapshot **snapshot)
{
	static struct pciq_window windows[PCIQ_MAX_WINDOWS];
	bool again = false;
	u32 nr;

	pciq_memory.blank = (struct pciq_record) {
		.magic = PCIQ_RECORD_MAGIC,
		.version = PCIQ_RECORD_VERSION,
		.header_size = sizeof(struct pciq_record),
		.entry_size = sizeof(struct pciq_entry),
		.total_bytes = sizeof(struct pciq_record),
		.build = PCIQ_BUILD,
		.deadline_ms = DEADLINE_MS,
	};
	nr = kernel_windows(windows, PCIQ_MAX_WINDOWS);
	return pciq_build_snapshot(windows, nr, snapshot, &again);
}

/**
 * machine_snapshot() - take the snapshot of a machine
 * @dump: its config space
 * @buf: the snapshot, to be freed
 * @len: its bytes
 * @why: filled in if there is none
 *
 * Return: true if there is one.
 */
bool machine_snapshot(const struct lspci *dump, unsigned char **buf,
		      size_t *len, struct complaint *why)
{
	struct pciq_snapshot *snapshot = NULL;
	int err = -ENOMEM;
	bool enough = true;

	if (dump->nr > PCIQ_MAX_FUNCS) {
		complain(why, "%u functions are more than %u", dump->nr,
			 PCIQ_MAX_FUNCS);
		return false;
	}
	if (kernel_boot(dump)) {
		enough = is_enough(why);
		err = enough ? build(&snapshot) : 0;
		kernel_halt();
	}
	if (!enough)
		return false;
	if (err) {
		complain(why, "%s", strerror(-err));
		return false;
	}
	pciq_seal(snapshot);
	*buf = (unsigned char *)snapshot;
	*len = snapshot->total_bytes;
	return true;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Faults: what the module checks when it is loaded. */
#include <asm/hypervisor.h>
#include <xen/xen.h>

#include "inject.h"

static int hyperv(const struct inject_args *args)
{
	enum x86_hypervisor_type type = X86_HYPER_MS_HYPERV;
	void *at = inject_find("x86_hyper_type");

	return at ? inject_overwrite(at, &type, sizeof(type)) : -ENOENT;
}

static int xen(const struct inject_args *args)
{
	enum xen_domain_type type = inject_arg(args, "off") ? XEN_NATIVE : XEN_HVM_DOMAIN;

	return inject_overwrite(&xen_domain_type, &type, sizeof(type));
}

static const struct inject_row rows[] = {
	{ "hyperv", NULL, "the kernel believes to be in a Hyper-V guest", hyperv },
	{ "xen", "off", "the kernel believes to be in a Xen guest, or no longer", xen },
};

INJECT_FAMILY(platform);

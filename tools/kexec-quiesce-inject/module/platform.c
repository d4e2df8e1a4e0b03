// SPDX-License-Identifier: GPL-2.0-only
/* Faults: what the module checks when it is loaded. */
#include <asm/hypervisor.h>
#include <asm/msr-index.h>
#include <xen/xen.h>

#include "inject.h"

static int hyperv(const struct inject_args *args)
{
	enum x86_hypervisor_type type = X86_HYPER_MS_HYPERV;
	void *at = inject_find("x86_hyper_type");

	return at ? inject_overwrite(at, &type, sizeof(type)) : -ENOENT;
}

/* Where it is asked for: since 6.11 by the vendor, and what the guest is. */
static int snp(const struct inject_args *args)
{
	u64 status = MSR_AMD64_SEV_SNP_ENABLED;
	int vendor = 1; /* CC_VENDOR_AMD */
	void *vendor_at = inject_find("cc_vendor");
	void *status_at = inject_find("sev_status");

	if (!vendor_at || !status_at)
		return -ENOENT;
	return inject_overwrite(status_at, &status, sizeof(status)) ?:
	       inject_overwrite(vendor_at, &vendor, sizeof(vendor));
}

static int xen(const struct inject_args *args)
{
	enum xen_domain_type type = inject_arg(args, "off") ? XEN_NATIVE : XEN_HVM_DOMAIN;

	return inject_overwrite(&xen_domain_type, &type, sizeof(type));
}

static const struct inject_row rows[] = {
	{ "hyperv", NULL, "the kernel believes to be in a Hyper-V guest", hyperv },
	{ "snp", NULL, "the kernel believes to be an SEV-SNP guest", snp },
	{ "xen", "off", "the kernel believes to be in a Xen guest, or no longer", xen },
};

INJECT_FAMILY(platform);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look at the machine while it is healthy: whether config accesses can work in
 * a crash, and through which windows.
 *
 * The mappings are our own: the kernel's go away with a host bridge
 * (pci_mmconfig_delete()), at a moment that the crash path cannot know.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/acpi.h>
#include <linux/cc_platform.h>
#include <linux/io.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci.h>

#include <asm/hypervisor.h>
#include <asm/tsc.h>
#include <asm/x86_init.h>
#include <xen/xen.h>

/* One bus is 1 MiB of ECAM (PCIe r6.0, sec 7.2.2). */
#define ECAM_BUS_SHIFT	20

/**
 * struct ecam - what firmware says of a config window
 * @base: where bus 0 of the segment would be; 0 = there is none
 * @last: last bus
 */
struct ecam {
	phys_addr_t base;
	u8 last;
};

/**
 * pciq_arch_unfit() - why config accesses cannot work in a crash here
 *
 * A guest with SEV-SNP asks its hypervisor for each of them, through a page
 * that machine_crash_shutdown() has taken back where there is
 * snp_kexec_finish(): the first would fault in the exception handler.
 *
 * Context: process.
 * Return: what to log, NULL if nothing is in the way.
 */
const char *pciq_arch_unfit(void)
{
	if (xen_domain())
		return "in a Xen guest the hypervisor owns PCI: use its own crash handling";
	if (hypervisor_is_type(X86_HYPER_MS_HYPERV))
		return "in a Hyper-V guest the hypervisor owns PCI: use its own crash handling";
#ifdef PCIQ_SNP_FINISHES
	if (cc_platform_has(CC_ATTR_GUEST_SEV_SNP))
		return "in an SEV-SNP guest of this kernel no config access works in a crash";
#endif
	return NULL;
}

/**
 * pciq_arch_clock_khz() - frequency of pciq_arch_clock()
 *
 * Context: process.
 * Return: ticks per millisecond, 0 if that is not known.
 */
unsigned int pciq_arch_clock_khz(void)
{
	return tsc_khz;
}

#ifdef CONFIG_ACPI
static struct ecam ecam_from_mcfg(u16 segment, u8 bus)
{
	struct acpi_table_header *header;
	struct acpi_mcfg_allocation *entry;
	struct ecam ecam = { 0 };
	void *end;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MCFG, 0, &header)))
		return ecam;

	end = (void *)header + header->length;
	entry = (void *)header + sizeof(struct acpi_table_mcfg);
	for (; (void *)(entry + 1) <= end; entry++) {
		if (entry->pci_segment == segment &&
		    bus >= entry->start_bus_number &&
		    bus <= entry->end_bus_number) {
			ecam.base = entry->address;
			ecam.last = entry->end_bus_number;
			break;
		}
	}
	acpi_put_table(header);
	return ecam;
}

/* Firmware gives it by MCFG or _CBA, the latter for all buses of the root. */
static struct ecam ecam_from_firmware(struct pci_bus *root, u8 bus)
{
	struct acpi_device *companion = ACPI_COMPANION(root->bridge);
	struct acpi_pci_root *acpi_root = NULL;

	if (companion)
		acpi_root = acpi_pci_find_root(companion->handle);
	if (acpi_root && acpi_root->mcfg_addr)
		return (struct ecam) { acpi_root->mcfg_addr,
				       root->busn_res.end };
	if (pci_domain_nr(root) > U16_MAX)
		return (struct ecam) { 0 };
	return ecam_from_mcfg(pci_domain_nr(root), bus);
}
#else
/* Nobody says where it is: ports 0xCF8 and 0xCFC reach the first 256 bytes. */
static struct ecam ecam_from_firmware(struct pci_bus *root, u8 bus)
{
	return (struct ecam) { 0 };
}
#endif /* CONFIG_ACPI */

/* CFGBAR, the first of the endpoint, begins at the root bus: vmd_cfg_addr(). */
static struct ecam ecam_of_vmd(struct pci_bus *root)
{
	struct device *parent = root->bridge->parent;
	const struct resource *bar;
	struct ecam ecam = { 0 };
	resource_size_t buses;

	if (!parent || !dev_is_pci(parent))
		return ecam;
	bar = &to_pci_dev(parent)->resource[0];
	buses = resource_size(bar) >> ECAM_BUS_SHIFT;
	if (!bar->start || !buses)
		return ecam;
	ecam.base = bar->start -
		    ((phys_addr_t)root->number << ECAM_BUS_SHIFT);
	ecam.last = min_t(resource_size_t, root->number + buses - 1,
			  root->busn_res.end);
	return ecam;
}

/*
 * Firmware's word is not enough: the kernel may have refused a window that is
 * not reserved, or trimmed it to what is, or was booted with "pci=nommconf".
 * What it cannot reach of the extended config space, is not reached here
 * either.
 */
static bool kernel_uses_ecam(struct pci_bus *bus)
{
	u32 value;

	return pci_bus_read_config_dword(bus, 0, PCI_CFG_SPACE_SIZE,
					 &value) == PCIBIOS_SUCCESSFUL;
}

/* The last bus, of those that there are, up to which the kernel uses ECAM. */
static u8 last_used(struct pci_bus *root, u8 first, u8 last)
{
	unsigned int bus, trimmed = last;

	for (bus = first; bus <= last; bus++) {
		struct pci_bus *found = pci_find_bus(pci_domain_nr(root), bus);

		if (found && !kernel_uses_ecam(found)) {
			trimmed = bus - 1;
			break;
		}
	}
	return trimmed;
}

/* The first bus of a root that no window reaches; beyond its last if none. */
static unsigned int first_uncovered(const struct pciq_window *windows,
				    int nr, struct pci_bus *root)
{
	unsigned int bus = root->number;
	int i;

	for (i = 0; i < nr; i++) {
		if (windows[i].domain == pci_domain_nr(root) &&
		    bus >= windows[i].bus_start && bus <= windows[i].bus_end) {
			bus = windows[i].bus_end + 1;
			i = -1;
		}
	}
	return bus;
}

/* As wide as firmware says, and no wider: behind it is somebody else's MMIO. */
static bool map_ecam(struct pciq_window *window, struct pci_bus *root,
		     u8 first)
{
	struct ecam ecam = is_vmd(root) ? ecam_of_vmd(root) :
					  ecam_from_firmware(root, first);
	void __iomem *virt;
	phys_addr_t base;

	if (!ecam.base || ecam.last < first)
		return false;
	if (!kernel_uses_ecam(pci_find_bus(pci_domain_nr(root), first) ?: root))
		return false;
	ecam.last = min_t(u8, ecam.last, root->busn_res.end);
	ecam.last = last_used(root, first, ecam.last);
	base = ecam.base + ((phys_addr_t)first << ECAM_BUS_SHIFT);
	virt = ioremap(base, (size_t)(ecam.last - first + 1) << ECAM_BUS_SHIFT);
	if (!virt)
		return false;

	*window = (struct pciq_window) {
		.domain = pci_domain_nr(root),
		.bus_start = first,
		.bus_end = ecam.last,
		.type = PCIQ_ECAM,
		.phys = base,
		.virt = (unsigned long)virt,
	};
	return true;
}

static bool use_cf8(struct pciq_window *window, struct pci_bus *root,
		    u8 first)
{
	if (pci_domain_nr(root))
		return false;

	*window = (struct pciq_window) {
		.bus_start = first,
		.bus_end = root->busn_res.end,
		.type = PCIQ_CF8,
	};
	return true;
}

/**
 * pciq_arch_windows() - add windows for the buses without one
 * @windows: the table, appended to and never rearranged
 * @nr: windows in it
 * @max: room in it
 *
 * A root bus that neither ECAM nor 0xCF8 reaches, such as a hypervisor's, gets
 * none.
 *
 * Context: process; under pci_lock_rescan_remove().
 * Return: windows in the table now.
 */
int pciq_arch_windows(struct pciq_window *windows, int nr,
		      int max)
{
	struct pci_bus *root;
	unsigned int bus;

	list_for_each_entry(root, &pci_root_buses, node) {
		for (;;) {
			bus = first_uncovered(windows, nr, root);
			if (bus > root->busn_res.end)
				break;
			if (nr == max) {
				pr_warn_once("more than %d config windows: the rest is not reached\n",
					     max);
				return nr;
			}
			if (!map_ecam(&windows[nr], root, bus) &&
			    !use_cf8(&windows[nr], root, bus))
				break;
			nr++;
		}
	}
	return nr;
}

/**
 * pciq_arch_release() - unmap the windows
 * @windows: the table
 * @nr: windows in it
 *
 * Context: process, when nothing uses them any more.
 */
void pciq_arch_release(struct pciq_window *windows, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (windows[i].type == PCIQ_ECAM)
			iounmap((void __iomem *)(unsigned long)windows[i].virt);
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Find and map the config windows of the machine, while it is healthy.
 *
 * The mappings are our own: the kernel's go away with a host bridge
 * (pci_mmconfig_delete()), at a moment that the crash path cannot know.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci.h>

/* One bus is 1 MiB of ECAM (PCIe 7.2.2). */
#define ECAM_BUS_SHIFT	20

#ifdef CONFIG_ACPI
static phys_addr_t ecam_base_from_mcfg(u16 segment, u8 bus)
{
	struct acpi_table_header *header;
	struct acpi_mcfg_allocation *entry;
	phys_addr_t base = 0;
	void *end;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MCFG, 0, &header)))
		return 0;

	end = (void *)header + header->length;
	entry = (void *)header + sizeof(struct acpi_table_mcfg);
	for (; (void *)(entry + 1) <= end; entry++) {
		if (entry->pci_segment == segment &&
		    bus >= entry->start_bus_number &&
		    bus <= entry->end_bus_number) {
			base = entry->address;
			break;
		}
	}
	acpi_put_table(header);
	return base;
}

/* Where bus 0 of the segment would be: firmware gives it by MCFG or _CBA. */
static phys_addr_t ecam_base(struct pci_bus *root)
{
	struct acpi_device *companion = ACPI_COMPANION(root->bridge);
	struct acpi_pci_root *acpi_root = NULL;

	if (companion)
		acpi_root = acpi_pci_find_root(companion->handle);
	if (acpi_root && acpi_root->mcfg_addr)
		return acpi_root->mcfg_addr;
	if (pci_domain_nr(root) > U16_MAX)
		return 0;
	return ecam_base_from_mcfg(pci_domain_nr(root), root->number);
}
#else
/* Nobody says where it is: ports 0xCF8 and 0xCFC reach the first 256 bytes. */
static phys_addr_t ecam_base(struct pci_bus *root)
{
	return 0;
}
#endif /* CONFIG_ACPI */

/*
 * Firmware's word is not enough: the kernel may have refused a window that is
 * not reserved, or was told "pci=nommconf".  If it cannot reach extended config
 * space of this bus, neither will we.
 */
static bool kernel_uses_ecam(struct pci_bus *root)
{
	u32 value;

	return pci_bus_read_config_dword(root, 0, PCI_CFG_SPACE_SIZE,
					 &value) == PCIBIOS_SUCCESSFUL;
}

static bool covered(const struct kexec_quiesce_window *windows, int nr,
		    struct pci_bus *root)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (windows[i].domain == pci_domain_nr(root) &&
		    root->number >= windows[i].bus_start &&
		    root->busn_res.end <= windows[i].bus_end)
			return true;
	}
	return false;
}

static bool map_ecam(struct kexec_quiesce_window *window, struct pci_bus *root)
{
	phys_addr_t base = ecam_base(root);
	size_t size = resource_size(&root->busn_res) << ECAM_BUS_SHIFT;
	void __iomem *virt;

	if (!base || !kernel_uses_ecam(root))
		return false;
	base += (phys_addr_t)root->number << ECAM_BUS_SHIFT;
	virt = ioremap(base, size);
	if (!virt)
		return false;

	*window = (struct kexec_quiesce_window) {
		.domain = pci_domain_nr(root),
		.bus_start = root->number,
		.bus_end = root->busn_res.end,
		.type = KEXEC_QUIESCE_ECAM,
		.phys = base,
		.virt = (unsigned long)virt,
	};
	return true;
}

static bool use_cf8(struct kexec_quiesce_window *window, struct pci_bus *root)
{
	if (pci_domain_nr(root))
		return false;

	*window = (struct kexec_quiesce_window) {
		.bus_start = root->number,
		.bus_end = root->busn_res.end,
		.type = KEXEC_QUIESCE_CF8,
	};
	return true;
}

/**
 * kexec_quiesce_arch_windows() - add a window for each root bus without one
 * @windows: the table, appended to and never rearranged
 * @nr: windows in it
 * @max: room in it
 *
 * A root bus that neither ECAM nor 0xCF8 reaches, such as VMD's or a
 * hypervisor's, gets none.
 *
 * Context: process; under pci_lock_rescan_remove().
 * Return: windows in the table now.
 */
int kexec_quiesce_arch_windows(struct kexec_quiesce_window *windows, int nr,
			       int max)
{
	struct pci_bus *root;

	list_for_each_entry(root, &pci_root_buses, node) {
		if (covered(windows, nr, root))
			continue;
		if (nr == max) {
			pr_warn_once("more than %d config windows: the rest is not reached\n",
				     max);
			break;
		}
		if (map_ecam(&windows[nr], root) || use_cf8(&windows[nr], root))
			nr++;
	}
	return nr;
}

/**
 * kexec_quiesce_arch_release() - unmap the windows
 * @windows: the table
 * @nr: windows in it
 *
 * Context: process, when nothing uses them any more.
 */
void kexec_quiesce_arch_release(struct kexec_quiesce_window *windows, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (windows[i].type == KEXEC_QUIESCE_ECAM)
			iounmap((void __iomem *)(unsigned long)windows[i].virt);
	}
}

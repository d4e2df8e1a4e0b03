// SPDX-License-Identifier: GPL-2.0-only
/*
 * Describe the PCI functions of the machine while it is healthy, into an image
 * that the crash path can use without knowing a pci_dev.
 *
 * Two images take turns: the one not in use is rewritten and then published
 * with a single store, so that whatever the writer was doing when the machine
 * died, the other image is whole.  A third, the seed, holds the windows and
 * room for a walk, should both be spoiled.  All are mapped read-only.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/atomic.h>
#include <linux/bsearch.h>
#include <linux/kexec_quiesce.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pci_ids.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <linux/xxhash.h>

/* A flood of hotplug events makes one capture, this long after the first. */
#define COALESCE_MS		50

/* A function was being reset: what it shows then is captured later. */
#define RETRY_MS		1000

/* A walk without any image finds at least this many functions. */
#define MIN_SCRATCH_FUNCS	256

/* CXL 8.1.1: DVSEC vendor ID; DVSEC 0 says that the function is a CXL device. */
#define CXL_DVSEC_VENDOR	0x1e98
#define CXL_DVSEC_DEVICE	0
#define CXL_DVSEC_CAPABILITY	0x0a
#define CXL_CACHE_CAPABLE	0x0001
#define CXL_MEMORY_CLASS	0x0502

/* From the end of a reset to the first access (PCIe 6.6.1; PCI 4.3.2). */
#define LINK_SETTLE_MS		100
#define CONVENTIONAL_SETTLE_MS	1100

/**
 * struct found - a function on its way into the image
 * @dev: the function, with a reference held
 * @index: its place in the image
 * @depth: bridges between it and the host bridge; a VF is below its PF
 * @readable: it has power, and is not being reset
 */
struct found {
	struct pci_dev *dev;
	u32 index;
	u8 depth;
	bool readable;
};

/**
 * struct slot - the memory of one image
 * @pages: pages of the image, written through the direct map
 * @nr_pages: that many
 * @map: the same pages, read-only
 * @record: record, then room for what the crash path remembers
 * @record_alloc: bytes there
 */
struct slot {
	struct page **pages;
	unsigned int nr_pages;
	void *map;
	void *record;
	size_t record_alloc;
};

/* Protects all below, and makes captures take turns. */
static DEFINE_MUTEX(capture_lock);
static struct slot slots[PCIQ_NR_SLOTS];
static struct pciq_window windows[PCIQ_MAX_WINDOWS];
static int nr_windows;
static struct pciq_func *scratch;
static u32 scratch_funcs;
static u32 generation;
static bool incomplete_capture;

/* === Functions === */

static u8 depth_of(struct pci_dev *dev)
{
	u8 depth = dev->is_virtfn;
	struct pci_dev *bridge = pci_upstream_bridge(dev);

	for (; bridge && depth < U8_MAX; bridge = pci_upstream_bridge(bridge))
		depth++;
	return depth;
}

/* Children before parents, VFs before PFs, then by address. */
static int compare_place(const void *a, const void *b)
{
	const struct found *l = a, *r = b;
	int domain_l = pci_domain_nr(l->dev->bus);
	int domain_r = pci_domain_nr(r->dev->bus);

	if (l->depth != r->depth)
		return l->depth > r->depth ? -1 : 1;
	if (domain_l != domain_r)
		return domain_l < domain_r ? -1 : 1;
	return pci_dev_id(l->dev) - pci_dev_id(r->dev);
}

static int compare_dev(const void *a, const void *b)
{
	const struct found *l = a, *r = b;

	if (l->dev == r->dev)
		return 0;
	return l->dev < r->dev ? -1 : 1;
}

static void drop(struct found *found, u32 nr)
{
	while (nr--)
		pci_dev_put(found[nr].dev);
	kvfree(found);
}

/* All functions in image order. Under pci_lock_rescan_remove(). */
static int collect(struct found **functions, u32 *nr)
{
	struct pci_dev *dev = NULL;
	struct found *found;
	u32 max = 0, i;

	for_each_pci_dev(dev)
		max++;
	if (max > PCIQ_MAX_FUNCS) {
		pr_err("%u PCI functions are more than %u: not captured\n", max,
		       PCIQ_MAX_FUNCS);
		return -E2BIG;
	}
	found = kvcalloc(max + 1, sizeof(*found), GFP_KERNEL);
	if (!found)
		return -ENOMEM;

	*nr = 0;
	for_each_pci_dev(dev) {
		if (*nr == max) {
			pci_dev_put(dev);
			break;
		}
		found[*nr].dev = pci_dev_get(dev);
		found[(*nr)++].depth = depth_of(dev);
	}
	sort(found, *nr, sizeof(*found), compare_place, NULL);
	for (i = 0; i < *nr; i++)
		found[i].index = i;
	*functions = found;
	return 0;
}

/* Config reads of a function without power may hang (6e0eda3c3898). */
static bool asleep(struct pci_dev *dev)
{
	return dev->current_state == PCI_D3cold;
}

/*
 * Power resources of its own: no port shows whether it has power by the time of
 * the crash, so it must not be read then.
 */
static bool power_unknown(struct pci_dev *dev)
{
	struct pci_dev *bridge = pci_upstream_bridge(dev);

	return asleep(pci_physfn(dev)) && !pci_is_bridge(dev) &&
	       (!bridge || bridge->current_state == PCI_D0);
}

static u16 window_for(struct pci_dev *dev, bool readable)
{
	u32 ours, kernels;
	int i;

	for (i = 0; i < nr_windows; i++) {
		if (windows[i].domain == pci_domain_nr(dev->bus) &&
		    dev->bus->number >= windows[i].bus_start &&
		    dev->bus->number <= windows[i].bus_end)
			break;
	}
	if (i == nr_windows)
		return PCIQ_NO_WINDOW;

	/*
	 * Ports 0xCF8 and 0xCFC are the kernel's own way, under a lock that cannot
	 * be had here: used without it, its writes go astray.
	 */
	if (!readable || windows[i].type == PCIQ_CF8)
		return i;

	/* Not believed until it shows what the kernel sees. */
	pci_read_config_dword(dev, PCI_CLASS_REVISION, &kernels);
	pciq_arch_read(&windows[i], dev->bus->number, dev->devfn,
		       PCI_CLASS_REVISION, 4, &ours);
	if (ours != kernels) {
		pci_warn_once(dev, "kexec_pci_quiesce: config window shows %08x, not %08x: not reached\n",
			      ours, kernels);
		return PCIQ_NO_WINDOW;
	}
	return i;
}

/* Memory that is to be dumped; and caches, which write it without BME. */
static u32 cxl_flags(struct pci_dev *dev)
{
	u16 dvsec = pci_find_dvsec_capability(dev, CXL_DVSEC_VENDOR,
					      CXL_DVSEC_DEVICE);
	u16 capability = 0;

	if (!dvsec)
		return dev->class >> 8 == CXL_MEMORY_CLASS ?
			       PCIQ_F_CXL : 0;
	pci_read_config_word(dev, dvsec + CXL_DVSEC_CAPABILITY, &capability);
	return PCIQ_F_CXL | (capability & CXL_CACHE_CAPABLE ?
					      PCIQ_F_CXL_CACHE : 0);
}

/* Who owns AER, DPC, hotplug and PME: Linux, or firmware. */
static u32 native_flags(struct pci_dev *dev, bool readable)
{
	struct pci_host_bridge *host = pci_find_host_bridge(dev->bus);
	u32 flags = 0, sltcap = 0;

	if (host->native_aer)
		flags |= PCIQ_F_AER_NATIVE;
	if (host->native_dpc)
		flags |= PCIQ_F_DPC_NATIVE;
	if (host->native_pme)
		flags |= PCIQ_F_PME_NATIVE;
	if (!host->native_pcie_hotplug || !pci_is_pcie(dev) ||
	    !pci_is_bridge(dev) || !readable)
		return flags;
	pcie_capability_read_dword(dev, PCI_EXP_SLTCAP, &sltcap);
	if (sltcap & PCI_EXP_SLTCAP_HPC)
		flags |= PCIQ_F_HP_NATIVE;
	return flags;
}

static u32 reset_flags(struct pci_dev *dev, bool readable)
{
	u32 flags = 0, devcap = 0;

	if (dev->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		flags |= PCIQ_F_NO_BUS_RESET;
	if (dev->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET)
		flags |= PCIQ_F_NO_FLR;
	if (dev->class >> 16 == PCI_BASE_CLASS_DISPLAY)
		flags |= PCIQ_F_DISPLAY;
	if (!readable)
		return flags;
	if (pci_is_pcie(dev))
		pcie_capability_read_dword(dev, PCI_EXP_DEVCAP, &devcap);
	if (devcap & PCI_EXP_DEVCAP_FLR)
		flags |= PCIQ_F_HAS_FLR;
	return flags | cxl_flags(dev);
}

/* Whose user space sets BME: vfio, for a guest or DPDK, and uio. */
static bool has_user_driver(struct pci_dev *dev)
{
	return dev->driver && (strstr(dev->driver->name, "vfio") ||
			       strstr(dev->driver->name, "uio"));
}

/*
 * Firmware has made it a bus master, and the driver relies on that: ips, initio,
 * myrb, myrs and via-sdmmc never call pci_set_master().  What a dump may go to
 * would be lost to the capture kernel.
 */
static bool relies_on_firmware(struct pci_dev *dev, bool master)
{
	bool storage = dev->class >> 16 == PCI_BASE_CLASS_STORAGE ||
		       dev->class >> 8 == PCI_CLASS_SYSTEM_SDHCI;

	return storage && master && dev->driver && !dev->is_busmaster &&
	       !has_user_driver(dev);
}

/* What may be written: nothing that no driver of the capture kernel undoes. */
static u32 master_flags(struct pci_dev *dev, bool master)
{
	if (relies_on_firmware(dev, master))
		return PCIQ_F_FIRMWARE_BME;
	if (!pciq_class_excluded(dev->class))
		return 0;
	if (!dev->is_busmaster && !has_user_driver(dev))
		return PCIQ_F_EXCLUDE_CLASS;
	/* A non-transparent bridge: it is another machine that writes. */
	if (dev->class >> 8 == PCI_CLASS_BRIDGE_OTHER)
		return PCIQ_F_PEER;
	return 0;
}

/* A VF has no pin, whatever its register says (SR-IOV 9.3.4.1.16). */
static u32 intx_flags(struct pci_dev *dev)
{
	u32 flags = 0;

	if (!dev->pin || dev->is_virtfn)
		return 0;
	if (dev->broken_intx_masking)
		flags |= PCIQ_F_INTX_BROKEN;
	if (dev->driver && !dev->msi_enabled && !dev->msix_enabled)
		flags |= PCIQ_F_INTX_USED;
	return flags | PCIQ_F_INTX;
}

static u32 flags_of(struct pci_dev *dev, const struct pciq_func *func,
		    bool readable)
{
	bool master = !readable || func->command & PCI_COMMAND_MASTER;
	u32 flags = native_flags(dev, readable) | reset_flags(dev, readable) |
		    master_flags(dev, master) | intx_flags(dev);

	if (dev->hdr_type == PCI_HEADER_TYPE_BRIDGE &&
	    dev->class >> 8 == PCI_CLASS_BRIDGE_PCI)
		flags |= PCIQ_F_BRIDGE;
	if (dev->is_virtfn)
		flags |= PCIQ_F_VF;
	if (pci_num_vf(dev))
		flags |= PCIQ_F_PF;
	if (pci_is_root_bus(dev->bus))
		flags |= PCIQ_F_ROOT_BUS;
	if (func->command == U16_MAX)
		flags |= PCIQ_F_OFFLINE;
	if (!readable && !asleep(dev))
		flags |= PCIQ_F_UNSAVED;
	if (power_unknown(dev))
		flags |= PCIQ_F_UNREAD;
	if (pciq_matches(&pciq_ctl.exclude, func))
		flags |= PCIQ_F_EXCLUDE_USER;
	if (pciq_matches(&pciq_ctl.noreset, func))
		flags |= PCIQ_F_NORESET_USER;
	if (pciq_matches(&pciq_ctl.reset, func))
		flags |= PCIQ_F_RESET_USER;
	return flags;
}

/*
 * What has to pass between the end of a reset of the port's link and the first
 * access below.  Conventional PCI: Trhfa + Tpvrh, 1 s and 100 ms, as
 * pci_bridge_wait_for_secondary_bus(); a switch's upstream port has no link
 * below, its secondary bus is inside the switch.
 */
static void describe_link(struct pci_dev *dev, struct pciq_func *func)
{
	u16 lnksta = 0, control = 0;
	u32 lnkcap = 0;

	pci_read_config_word(dev, PCI_BRIDGE_CONTROL, &control);
	if (control != U16_MAX && control & PCI_BRIDGE_CTL_BUS_RESET)
		func->flags |= PCIQ_F_HELD;
	if (!pci_is_pcie(dev) || func->port_type == PCI_EXP_TYPE_PCI_BRIDGE) {
		func->settle_ms = CONVENTIONAL_SETTLE_MS;
		return;
	}
	if (func->port_type == PCI_EXP_TYPE_UPSTREAM)
		return;
	func->settle_ms = LINK_SETTLE_MS;
	pcie_capability_read_dword(dev, PCI_EXP_LNKCAP, &lnkcap);
	pcie_capability_read_word(dev, PCI_EXP_LNKSTA, &lnksta);
	/* QEMU's ports can report Link Active, but do not: not believed then. */
	if (!(lnkcap & PCI_EXP_LNKCAP_DLLLARC) ||
	    !(lnksta & PCI_EXP_LNKSTA_DLLLA))
		return;
	func->flags |= PCIQ_F_LINK_STATUS;
	/* Then the time counts from Link Active. */
	if ((lnkcap & PCI_EXP_LNKCAP_SLS) > PCI_EXP_LNKCAP_SLS_5_0GB)
		func->flags |= PCIQ_F_FAST_LINK;
}

/*
 * Firmware that owns DPC would be left to end the containment of a link that was
 * reset.  Through ports 0xCF8 and 0xCFC nobody sees whether it would trigger.
 */
static bool has_firmware_dpc(struct pci_dev *dev, u16 cap)
{
	u16 control = 0;

	if (dev->cfg_size < PCI_CFG_SPACE_EXP_SIZE)
		return pci_is_pcie(dev) &&
		       (pci_pcie_type(dev) == PCI_EXP_TYPE_ROOT_PORT ||
			pci_pcie_type(dev) == PCI_EXP_TYPE_DOWNSTREAM);
	if (!cap || pci_find_host_bridge(dev->bus)->native_dpc)
		return false;
	pci_read_config_word(dev, cap + PCI_EXP_DPC_CTL, &control);
	return control & (PCI_EXP_DPC_CTL_EN_FATAL |
			  PCI_EXP_DPC_CTL_EN_NONFATAL);
}

static void describe_registers(struct pci_dev *dev,
			       struct pciq_func *func)
{
	u32 status_command;

	func->aer_cap = pci_find_ext_capability(dev, PCI_EXT_CAP_ID_ERR);
	func->dpc_cap = pci_find_ext_capability(dev, PCI_EXT_CAP_ID_DPC);
	if (has_firmware_dpc(dev, func->dpc_cap))
		func->no_link = PCIQ_NOT_FIRMWARE;
	func->pcix_cap = pci_find_capability(dev, PCI_CAP_ID_PCIX);
	if (!pci_is_bridge(dev))
		func->ptm_cap = pci_find_ext_capability(dev, PCI_EXT_CAP_ID_PTM);
	pci_read_config_dword(dev, PCI_COMMAND, &status_command);
	func->command = status_command;
	func->status = status_command == ~0U ? 0 : status_command >> 16;
}

static void describe(struct pci_dev *dev, struct pciq_func *func,
		     bool readable)
{
	func->domain = pci_domain_nr(dev->bus);
	func->bus = dev->bus->number;
	func->devfn = dev->devfn;
	func->window = window_for(dev, readable);
	func->parent = PCIQ_NONE;
	func->class = dev->class;
	func->vendor = dev->vendor;
	func->device = dev->device;
	func->pcie_cap = pci_pcie_cap(dev);
	func->port_type = pci_is_pcie(dev) ? pci_pcie_type(dev) : 0;
	func->depth = depth_of(dev);
	/* Of what is being reset nothing is known; of what sleeps, that it does. */
	func->command = asleep(dev) ? U16_MAX : 0;
	if (readable)
		describe_registers(dev, func);
	func->flags = flags_of(dev, func, readable);
	if (!(func->flags & PCIQ_F_BRIDGE))
		return;
	func->msi_cap = dev->msi_cap;
	func->msix_cap = dev->msix_cap;
	if (readable)
		describe_link(dev, func);
}

static void save_header(struct pci_dev *dev, struct pciq_saved *saved)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(saved->header); i++)
		pci_read_config_dword(dev, i * 4, &saved->header[i]);
	pcie_capability_read_word(dev, PCI_EXP_DEVCTL, &saved->devctl);
	pcie_capability_read_word(dev, PCI_EXP_LNKCTL, &saved->lnkctl);
	pcie_capability_read_word(dev, PCI_EXP_SLTCTL, &saved->sltctl);
	pcie_capability_read_word(dev, PCI_EXP_RTCTL, &saved->rtctl);
	pcie_capability_read_word(dev, PCI_EXP_DEVCTL2, &saved->devctl2);
	pcie_capability_read_word(dev, PCI_EXP_LNKCTL2, &saved->lnkctl2);
	i = pci_find_capability(dev, PCI_CAP_ID_PCIX);
	if (i)
		pci_read_config_word(dev, i + PCI_X_CMD, &saved->pcix_cmd);
}

/* Firmware may know that a device takes longer (_DSM 9 of PCI Firmware 4.6.9). */
static void settle_longer(struct pciq_func *port, struct pci_dev *dev)
{
	if (port->flags & PCIQ_F_BRIDGE && port->settle_ms &&
	    dev->d3cold_delay > port->settle_ms &&
	    dev->d3cold_delay <= CONVENTIONAL_SETTLE_MS)
		port->settle_ms = dev->d3cold_delay;
}

/* The function whose BARs lead to the bus: VMD and its like. */
static struct pci_dev *endpoint_above(struct pci_dev *dev)
{
	struct device *parent = NULL;

	if (pci_is_root_bus(dev->bus))
		parent = dev->bus->bridge->parent;
	return parent && dev_is_pci(parent) ? to_pci_dev(parent) : NULL;
}

static const struct found *find(const struct found *found, u32 nr,
				struct pci_dev *dev)
{
	struct found key = { .dev = dev };

	return dev ? bsearch(&key, found, nr, sizeof(key), compare_dev) : NULL;
}

static void link_parent(struct pciq_func *funcs,
			const struct found *found, u32 nr, u32 i)
{
	struct pci_dev *dev = found[i].dev;
	struct pciq_func *port;
	const struct found *parent;

	parent = find(found, nr, endpoint_above(dev));
	if (parent)
		funcs[parent->index].flags |= PCIQ_F_VMD;
	parent = find(found, nr, dev->is_virtfn ? pci_physfn(dev) :
						  pci_upstream_bridge(dev));
	if (!parent)
		return;
	funcs[found[i].index].parent = parent->index;
	port = &funcs[parent->index];
	if (!(port->flags & PCIQ_F_BRIDGE))
		return;
	port->pm_cap = parent->dev->pm_cap;
	settle_longer(port, dev);
}

/* Parents by index: @found is sorted by pci_dev on return. */
static void link_parents(struct pciq_func *funcs, struct found *found,
			 u32 nr)
{
	u32 i;

	sort(found, nr, sizeof(*found), compare_dev, NULL);
	for (i = 0; i < nr; i++)
		link_parent(funcs, found, nr, i);
}

/* === Images === */

static struct pciq_image *new_image(u32 nr_funcs)
{
	u32 hot = pciq_funcs_offset(nr_windows) +
		  nr_funcs * sizeof(struct pciq_func);
	u32 total = hot + nr_funcs * sizeof(struct pciq_saved);
	struct pciq_image *image = kvzalloc(total, GFP_KERNEL);

	if (!image)
		return NULL;
	memcpy(image->magic, PCIQ_IMAGE_MAGIC, sizeof(image->magic));
	image->version = PCIQ_VERSION;
	image->header_size = sizeof(*image);
	image->func_size = sizeof(struct pciq_func);
	image->saved_size = sizeof(struct pciq_saved);
	image->total_bytes = total;
	image->hot_bytes = hot;
	image->generation = generation;
	image->nr_windows = nr_windows;
	image->nr_funcs = nr_funcs;
	image->windows_offset = sizeof(*image);
	image->funcs_offset = pciq_funcs_offset(nr_windows);
	image->saved_offset = hot;
	image->captured_at = ktime_get_real_seconds();
	strscpy(image->release, init_utsname()->release, sizeof(image->release));
	memcpy((void *)image + image->windows_offset, windows,
	       nr_windows * sizeof(windows[0]));
	return image;
}

static void seal(struct pciq_image *image)
{
	u32 summed = offsetofend(struct pciq_image, hot_sum);

	image->cold_sum = xxh64((void *)image + image->hot_bytes,
				image->total_bytes - image->hot_bytes, 0);
	image->hot_sum = xxh64((void *)image + summed,
			       image->hot_bytes - summed, 0);
}

static void free_pages_of(struct slot *slot)
{
	vunmap(slot->map);
	slot->map = NULL;
	while (slot->nr_pages)
		__free_page(slot->pages[--slot->nr_pages]);
	kvfree(slot->pages);
	slot->pages = NULL;
}

static int size_pages(struct slot *slot, u32 bytes)
{
	unsigned int nr = DIV_ROUND_UP(bytes, PAGE_SIZE);

	if (slot->nr_pages == nr)
		return 0;
	free_pages_of(slot);
	slot->pages = kvcalloc(nr, sizeof(*slot->pages), GFP_KERNEL);
	if (!slot->pages)
		return -ENOMEM;
	for (; slot->nr_pages < nr; slot->nr_pages++) {
		slot->pages[slot->nr_pages] = alloc_page(GFP_KERNEL);
		if (!slot->pages[slot->nr_pages])
			goto err_free;
	}
	slot->map = vmap(slot->pages, nr, VM_MAP, PAGE_KERNEL_RO);
	if (slot->map)
		return 0;
err_free:
	free_pages_of(slot);
	return -ENOMEM;
}

/* The record is to be found by physical address: contiguous. */
static int size_record(struct slot *slot, u32 nr_funcs)
{
	size_t bytes = sizeof(struct pciq_record) +
		       nr_funcs * (sizeof(struct pciq_entry) +
				   sizeof(struct pciq_work));

	bytes = PAGE_ALIGN(bytes);
	if (slot->record_alloc >= bytes)
		return 0;
	if (slot->record)
		free_pages_exact(slot->record, slot->record_alloc);
	slot->record_alloc = 0;
	slot->record = alloc_pages_exact(bytes, GFP_KERNEL | __GFP_ZERO);
	if (!slot->record)
		return -ENOMEM;
	slot->record_alloc = bytes;
	return 0;
}

/* From here to the store at the end the crash path has one image less. */
static int publish(enum pciq_slot which,
		   struct pciq_image *image, u32 nr_entries)
{
	struct slot *slot = &slots[which];
	unsigned int i;
	int err;

	WRITE_ONCE(pciq_ctl.slot[which], NULL);
	err = size_pages(slot, image->total_bytes) ?:
	      size_record(slot, nr_entries);
	if (err)
		return err;

	image->record_virt = (unsigned long)slot->record;
	image->record_phys = virt_to_phys(slot->record);
	image->record_bytes = sizeof(struct pciq_record) +
			      nr_entries * sizeof(struct pciq_entry);
	seal(image);
	for (i = 0; i < slot->nr_pages; i++)
		memcpy(page_address(slot->pages[i]),
		       (void *)image + i * PAGE_SIZE,
		       min_t(size_t, PAGE_SIZE,
			     image->total_bytes - i * PAGE_SIZE));

	/* The crash path may run on another CPU: content before pointer. */
	smp_store_release(&pciq_ctl.slot[which], slot->map);
	return 0;
}

static int publish_seed(u32 nr_funcs)
{
	u32 wanted = max_t(u32, MIN_SCRATCH_FUNCS,
			   roundup_pow_of_two(2 * nr_funcs));
	struct pciq_image *image;
	int err;

	WRITE_ONCE(pciq_ctl.slot[PCIQ_SLOT_SEED], NULL);
	if (wanted > scratch_funcs) {
		vfree(scratch);
		scratch_funcs = 0;
		scratch = vzalloc(array_size(wanted, sizeof(*scratch)));
		if (!scratch)
			return -ENOMEM;
		scratch_funcs = wanted;
	}
	image = new_image(0);
	if (!image)
		return -ENOMEM;
	image->scratch_virt = (unsigned long)scratch;
	image->scratch_funcs = scratch_funcs;
	err = publish(PCIQ_SLOT_SEED, image, scratch_funcs);
	kvfree(image);
	return err;
}

/* === Capture === */

/*
 * In the middle of a reset registers are not what they are to be given back: the
 * config access lock is held then, at least where it is the kernel that resets.
 */
static void fill_one(struct found *found, struct pciq_func *func,
		     struct pciq_saved *saved)
{
	struct pci_dev *dev = found->dev;
	bool locked = pci_cfg_access_trylock(dev);

	found->readable = locked && !asleep(pci_physfn(dev));
	describe(dev, func, found->readable);
	if (found->readable)
		save_header(dev, saved);
	if (locked)
		pci_cfg_access_unlock(dev);
	else
		incomplete_capture = true;
}

static void fill(struct pciq_image *image, struct found *found)
{
	struct pciq_func *funcs = (void *)image + image->funcs_offset;
	struct pciq_saved *saved = (void *)image + image->saved_offset;
	u32 i;

	incomplete_capture = false;
	for (i = 0; i < image->nr_funcs; i++)
		fill_one(&found[i], &funcs[i], &saved[i]);
	link_parents(funcs, found, image->nr_funcs);
	pciq_plan(funcs, image->nr_funcs);
}

static int capture_locked(void)
{
	unsigned int next = !pciq_ctl.newest;
	int arrivals = atomic_read(&pciq_ctl.arrivals);
	struct pciq_image *image = NULL;
	ktime_t start = ktime_get();
	struct found *found;
	u32 nr = 0;
	int err;

	nr_windows = pciq_arch_windows(windows, nr_windows,
				       PCIQ_MAX_WINDOWS);
	err = collect(&found, &nr);
	if (err)
		return err;
	generation++;
	err = -ENOMEM;
	image = new_image(nr);
	if (!image)
		goto out;
	fill(image, found);
	image->capture_us = ktime_us_delta(ktime_get(), start);
	err = publish(next, image, nr);
	if (err)
		goto out;
	WRITE_ONCE(pciq_ctl.arrivals_known[next], arrivals);
	/* The one store that publishes: the image is whole by now. */
	smp_store_release(&pciq_ctl.newest, next);
	if (publish_seed(nr))
		pr_warn("no memory to walk the config windows in, should both snapshots be spoiled\n");
out:
	kvfree(image);
	drop(found, nr);
	return err;
}

static void recapture(struct work_struct *work);
static DECLARE_DELAYED_WORK(recapture_work, recapture);

/*
 * Freezable: not in the middle of a suspend.  And not the system's own queue, which
 * a driver's .remove() may flush while it holds the lock that a capture takes.
 */
static void recapture_in(unsigned int ms)
{
	/* Does not move a capture that is already due. */
	queue_delayed_work(system_freezable_wq, &recapture_work,
			   msecs_to_jiffies(ms));
}

/**
 * pciq_capture() - describe the machine as it is now, and publish
 *
 * On error the crash path keeps at least the image that was newest. Functions that
 * were being reset are captured once more, later.
 *
 * Context: process; may sleep. Takes the capture lock and
 * pci_lock_rescan_remove().
 * Return: 0, -ENOMEM, or -E2BIG for more than PCIQ_MAX_FUNCS functions.
 */
int pciq_capture(void)
{
	bool again;
	int err;

	mutex_lock(&capture_lock);
	pci_lock_rescan_remove();
	err = capture_locked();
	again = !err && incomplete_capture;
	pci_unlock_rescan_remove();
	mutex_unlock(&capture_lock);
	if (again)
		recapture_in(RETRY_MS);
	return err;
}

static void recapture(struct work_struct *work)
{
	int err = pciq_capture();

	/* Before the first one there is nothing that stays in use. */
	if (err && pciq_newest())
		pr_warn("capture after a PCI change failed (%d): generation %u stays in use\n",
			err, pciq_newest()->generation);
}

static int pci_changed(struct notifier_block *nb, unsigned long action,
		       void *data)
{
	/*
	 * It is in the kernel's list by now, where a capture that reads this
	 * count will look.
	 */
	if (action == BUS_NOTIFY_ADD_DEVICE)
		atomic_inc(&pciq_ctl.arrivals);
	switch (action) {
	case BUS_NOTIFY_ADD_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
	case BUS_NOTIFY_BOUND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		recapture_in(COALESCE_MS);
	}
	return NOTIFY_DONE;
}

/* Firmware and drivers have set all up anew. */
static int pm_changed(struct notifier_block *nb, unsigned long action,
		      void *data)
{
	switch (action) {
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		recapture_in(COALESCE_MS);
	}
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = {
	.notifier_call = pm_changed,
};

static struct notifier_block pci_notifier = {
	.notifier_call = pci_changed,
};

/**
 * pciq_watch() - capture again when functions, drivers or power change
 *
 * Context: process.
 * Return: 0 or an errno.
 */
int pciq_watch(void)
{
	int err = bus_register_notifier(&pci_bus_type, &pci_notifier);

	if (err)
		return err;
	err = register_pm_notifier(&pm_notifier);
	if (err)
		bus_unregister_notifier(&pci_bus_type, &pci_notifier);
	return err;
}

/**
 * pciq_unwatch() - undo pciq_watch()
 *
 * Context: process; waits for a capture under way.
 */
void pciq_unwatch(void)
{
	unregister_pm_notifier(&pm_notifier);
	bus_unregister_notifier(&pci_bus_type, &pci_notifier);
	cancel_delayed_work_sync(&recapture_work);
}

/**
 * pciq_release() - free all images and windows
 *
 * Context: process; the crash path can no longer get here.
 */
void pciq_release(void)
{
	unsigned int i;

	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		struct slot *slot = &slots[i];

		WRITE_ONCE(pciq_ctl.slot[i], NULL);
		free_pages_of(slot);
		if (slot->record)
			free_pages_exact(slot->record, slot->record_alloc);
		slot->record = NULL;
		slot->record_alloc = 0;
	}
	vfree(scratch);
	scratch = NULL;
	scratch_funcs = 0;
	pciq_arch_release(windows, nr_windows);
	nr_windows = 0;
}

/**
 * pciq_newest() - the image that the crash path would use
 *
 * Context: process, under pciq_lock() if it is read from.
 * Return: the image, NULL if nothing was captured.
 */
const struct pciq_image *pciq_newest(void)
{
	return pciq_ctl.slot[pciq_ctl.newest];
}

/**
 * pciq_lock() - keep captures away
 *
 * Context: process; may sleep.
 */
void pciq_lock(void)
{
	mutex_lock(&capture_lock);
}

/**
 * pciq_unlock() - let captures go on
 *
 * Context: process.
 */
void pciq_unlock(void)
{
	mutex_unlock(&capture_lock);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for stopping PCI devices before the crash kernel.
 *
 * The first suite has a small machine whose config windows are plain memory:
 * registers keep what is written, and nothing is reset unless a test plays the
 * device.  The second decides what a snapshot says, from made-up descriptions.
 * The last looks at the snapshots of the machine that it runs on, whose devices
 * are only read.
 *
 * pciq_continue() runs once in the life of a kernel, and that is for the crash:
 * its stages are called here one by one.
 */
#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/xxhash.h>

#include "../drivers/pci/quiesce/quiesce.h"
#include "kexec_pci_internal.h"

#define PCIQ_BUSES		3
#define PCIQ_BUS_BYTES		SZ_1M
#define PCIQ_BUS_PAGES		(PCIQ_BUS_BYTES >> PAGE_SHIFT)
#define PCIQ_ECAM_BYTES		(PCIQ_BUSES * PCIQ_BUS_BYTES)
#define PCIQ_ROOM		16	/* functions */
#define PCIQ_BUDGET_MS		10000	/* with other work on this CPU */

/* Capabilities, and addresses. */
#define PCIQ_AT_EXP		0x40
#define PCIQ_AT_PM		0x90
#define PCIQ_AT_MSI		0xa0
#define PCIQ_AT_MSIX		0xb0
#define PCIQ_AT_PCIX		0xc0
#define PCIQ_AT_AF		0xd0
#define PCIQ_AT_AER		0x100
#define PCIQ_AT_DPC		0x150
#define PCIQ_AT_PTM		0x180
#define PCIQ_BAR		0xfe000000U

/* Of the machine; children first. */
enum {
	PCIQ_NIC, PCIQ_FAR, PCIQ_VF, PCIQ_PF, PCIQ_INNER, PCIQ_SOUND, PCIQ_HOST,
	PCIQ_PORT,
	PCIQ_NR_FAKE
};

/* How bus 1 is reached. */
enum { PCIQ_WHOLE, PCIQ_READ_ONLY, PCIQ_UNMAPPED };

/* @above: 1 + what is above it; @first, @nr: in pciq_fake_restores. */
static const struct {
	u8 bus, devfn;
	u16 command;
	u32 class, flags;
	u8 above, first, nr;
} pciq_machine[PCIQ_NR_FAKE] = {
	[PCIQ_NIC] = { 1, PCI_DEVFN(0, 0), 0x0147, 0x020000, PCIQ_F_INTX,
		       PCIQ_PORT + 1, 0, 3 },
	[PCIQ_FAR] = { 2, PCI_DEVFN(0, 0), 0x0406, 0x010802, PCIQ_F_INTX,
		       PCIQ_INNER + 1, 3, 1 },
	[PCIQ_VF] = { 1, PCI_DEVFN(0, 2), 0x0004, 0x020000, PCIQ_F_VF,
		      PCIQ_PF + 1 },
	[PCIQ_PF] = { 1, PCI_DEVFN(0, 1), 0x0006, 0x020000, PCIQ_F_PF,
		      PCIQ_PORT + 1, 4, 1 },
	[PCIQ_INNER] = { 1, PCI_DEVFN(1, 0), 0x0107, 0x060400, PCIQ_F_BRIDGE,
			 PCIQ_PORT + 1, 5, 1 },
	[PCIQ_SOUND] = { 0, PCI_DEVFN(2, 0), 0x0007, 0x040300,
			 PCIQ_F_ROOT_BUS | PCIQ_F_INTX | PCIQ_F_INTX_USED },
	[PCIQ_HOST] = { 0, PCI_DEVFN(0, 0), 0x0006, 0x060000,
			PCIQ_F_ROOT_BUS | PCIQ_F_EXCLUDE_CLASS },
	[PCIQ_PORT] = { 0, PCI_DEVFN(1, 0), 0x0107, 0x060400,
			PCIQ_F_ROOT_BUS | PCIQ_F_BRIDGE },
};

/* The port above by sources, the one below it by message. */
static const struct pciq_op pciq_fake_ops[] = {
	{ .func = PCIQ_PORT, .reg = PCIQ_AT_EXP + PCI_EXP_SLTCTL,
	  .clear = PCI_EXP_SLTCTL_HPIE },
	{ .func = PCIQ_PORT, .reg = PCIQ_AT_EXP + PCI_EXP_RTCTL,
	  .clear = U16_MAX, .set = 0x0007 },
	{ .func = PCIQ_INNER, .reg = PCI_COMMAND,
	  .set = PCI_COMMAND_INTX_DISABLE },
	{ .func = PCIQ_INNER, .reg = PCIQ_AT_MSI + PCI_MSI_FLAGS,
	  .clear = PCI_MSI_FLAGS_ENABLE },
};

static const struct pciq_op pciq_fake_reset_ops[] = {
	{ .func = PCIQ_NIC, .reg = PCIQ_AT_PTM + PCI_PTM_CTRL,
	  .clear = PCI_PTM_CTRL_ENABLE, .when = PCIQ_WHEN_RESET },
	{ .func = PCIQ_PORT, .reg = PCI_COMMAND, .clear = PCI_COMMAND_SERR,
	  .when = PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_CONTAIN },
	{ .func = PCIQ_PORT, .reg = PCI_BRIDGE_CONTROL, .never = 0x0440,
	  .clear = PCI_BRIDGE_CTL_SERR, .slot = 1,
	  .when = PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_CONTAIN },
	{ .func = PCIQ_PORT, .reg = PCIQ_AT_EXP + PCI_EXP_DEVCTL,
	  .clear = 0x000f, .never = PCI_EXP_DEVCTL_BCR_FLR, .slot = 2,
	  .when = PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_CONTAIN },
	{ .func = PCIQ_PORT, .reg = PCIQ_AT_EXP + PCI_EXP_SLTSTA,
	  .events = PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC |
		    PCI_EXP_SLTSTA_CC,
	  .slot = 3, .when = PCIQ_WHEN_LINK_RESET },
};

static const struct pciq_restore pciq_fake_restores[] = {
	{ PCI_BASE_ADDRESS_0, 4, true, PCIQ_BAR + PCIQ_NIC },
	{ PCIQ_AT_EXP + PCI_EXP_DEVCTL, 2, false, 0x2810 },
	{ PCIQ_AT_EXP + PCI_EXP_LNKCTL, 2, false, 0x0040, 0x0003 },
	{ PCI_BASE_ADDRESS_0, 4, true, PCIQ_BAR + PCIQ_FAR },
	{ PCI_BASE_ADDRESS_0, 4, true, PCIQ_BAR + PCIQ_PF },
	{ PCI_PRIMARY_BUS, 4, true, 0x00020201 },
};

/* Laid out as drivers/pci/quiesce/ does it; @resets begins the second part. */
struct pciq_fake_snapshot {
	struct pciq_snapshot head;
	struct pciq_window windows[PCIQ_BUSES];
	struct pciq_func funcs[PCIQ_NR_FAKE];
	struct pciq_op ops[ARRAY_SIZE(pciq_fake_ops)];
	struct pciq_reset resets[PCIQ_NR_FAKE];
	struct pciq_restore restores[ARRAY_SIZE(pciq_fake_restores)];
	struct pciq_op reset_ops[ARRAY_SIZE(pciq_fake_reset_ops)];
};

#define PCIQ_PART(member, nr)	\
	((struct pciq_part) { offsetof(struct pciq_fake_snapshot, member), nr })

struct pciq_fake {
	u8 *ecam;
	struct page **pages;
	void *read_only;
	struct vm_struct *unmapped;
	struct pciq_fake_snapshot *newest, *other, *windows;
	struct pciq_run run;
};

/* One register of one function; register 0 ends a list. */
struct pciq_touch {
	u8 func;
	u16 reg;
	u16 value;
};

/* Cases that have a @name. */
#define PCIQ_PARAMS(table)						\
	static void table##_describe(typeof(table##_cases[0]) *c,	\
				     char *text)			\
	{								\
		strscpy(text, c->name, KUNIT_PARAM_DESC_SIZE);		\
	}								\
	KUNIT_ARRAY_PARAM(table, table##_cases, table##_describe)

/* === The machine === */

static struct pciq_ctl pciq_real_ctl;
static struct pciq_memory pciq_real_memory;

static void *pciq_config(struct pciq_fake *fake, unsigned int func)
{
	return fake->ecam + pciq_machine[func].bus * PCIQ_BUS_BYTES +
	       (pciq_machine[func].devfn << 12);
}

static u16 pciq_peek(struct pciq_fake *fake, unsigned int func, u16 reg)
{
	return *(u16 *)(pciq_config(fake, func) + reg);
}

static u32 pciq_peek_dword(struct pciq_fake *fake, unsigned int func, u16 reg)
{
	return *(u32 *)(pciq_config(fake, func) + reg);
}

static void pciq_poke(struct pciq_fake *fake, unsigned int func, u16 reg,
		      u16 value)
{
	*(u16 *)(pciq_config(fake, func) + reg) = value;
}

static void pciq_poke_dword(struct pciq_fake *fake, unsigned int func, u16 reg,
			    u32 value)
{
	*(u32 *)(pciq_config(fake, func) + reg) = value;
}

static void pciq_poke_all(struct pciq_fake *fake,
			  const struct pciq_touch *touch, int nr)
{
	for (; nr && touch->reg; nr--, touch++)
		pciq_poke(fake, touch->func, touch->reg, touch->value);
}

static void pciq_expect_all(struct kunit *test, const struct pciq_touch *touch,
			    int nr)
{
	for (; nr && touch->reg; nr--, touch++)
		KUNIT_EXPECT_EQ_MSG(test,
				    pciq_peek(test->priv, touch->func,
					      touch->reg),
				    touch->value, "function %u, register %x",
				    touch->func, touch->reg);
}

/* Two capabilities in a list; the rest is where a snapshot says. */
static void pciq_fill_config(struct pciq_fake *fake, unsigned int i)
{
	u32 flags = pciq_machine[i].flags;
	u8 *space = pciq_config(fake, i);

	memset(space, 0, PAGE_SIZE);
	pciq_poke(fake, i, PCI_VENDOR_ID, PCI_VENDOR_ID_REDHAT_QUMRANET);
	pciq_poke(fake, i, PCI_DEVICE_ID, 0x1000 + i);
	if (flags & PCIQ_F_VF)
		pciq_poke_dword(fake, i, PCI_VENDOR_ID, ~0U);
	pciq_poke(fake, i, PCI_COMMAND, pciq_machine[i].command);
	pciq_poke(fake, i, PCI_STATUS, PCI_STATUS_CAP_LIST);
	pciq_poke_dword(fake, i, PCI_CLASS_REVISION,
			pciq_machine[i].class << 8);
	pciq_poke_dword(fake, i, PCI_BASE_ADDRESS_0, PCIQ_BAR + i);
	if (flags & PCIQ_F_BRIDGE) {
		space[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
		pciq_poke_dword(fake, i, PCI_PRIMARY_BUS,
				i == PCIQ_PORT ? 0x00020100 : 0x00020201);
	}
	space[PCI_INTERRUPT_PIN] = !!(flags & PCIQ_F_INTX);
	space[PCI_CAPABILITY_LIST] = PCIQ_AT_EXP;
	pciq_poke(fake, i, PCIQ_AT_EXP, PCI_CAP_ID_EXP | PCIQ_AT_PM << 8);
	pciq_poke(fake, i, PCIQ_AT_PM, PCI_CAP_ID_PM);
}

static void pciq_fill_func(struct pciq_func *func, unsigned int i)
{
	unsigned int above = pciq_machine[i].above;

	func->entry = (struct pciq_entry) {
		.bus = pciq_machine[i].bus,
		.devfn = pciq_machine[i].devfn,
		.reason = PCIQ_BY_DEADLINE,
		.vendor = PCI_VENDOR_ID_REDHAT_QUMRANET,
		.device = 0x1000 + i,
		.class_revision = pciq_machine[i].class << 8,
		.command_before = U16_MAX,
		.command_after = U16_MAX,
		.flags = pciq_machine[i].flags,
		.port = i == PCIQ_VF ? pciq_machine[above - 1].above : above,
		.driver = "fake",
	};
	if (i == PCIQ_HOST) {
		func->entry.outcome = PCIQ_EXCLUDED;
		func->entry.reason = PCIQ_BY_CLASS;
	}
	func->window = pciq_machine[i].bus;
	if (pciq_machine[i].flags & PCIQ_F_BRIDGE)
		func->pm_cap = PCIQ_AT_PM;
}

/* All that is below the port, or is it, may be reset by its link. */
static void pciq_fill_reset(struct pciq_reset *reset, unsigned int i)
{
	bool may = pciq_machine[i].above || i == PCIQ_PORT;

	*reset = (struct pciq_reset) {
		.parent = pciq_machine[i].above - 1U,
		.first = pciq_machine[i].first,
		.witness = pciq_machine[i].nr ? pciq_machine[i].first :
						PCIQ_NONE,
		.nr = pciq_machine[i].nr,
		.pcie_cap = PCIQ_AT_EXP,
		.flr_reg = PCIQ_AT_EXP + PCI_EXP_DEVCTL,
		.flr_bit = PCI_EXP_DEVCTL_BCR_FLR,
		.pending_reg = PCIQ_AT_EXP + PCI_EXP_DEVSTA,
		.pending_bit = PCI_EXP_DEVSTA_TRPND,
		.settle_ms = 1,
		.command = pciq_machine[i].command,
		.method = may ? PCIQ_RESET_LINK : PCIQ_RESET_NONE,
		.no_reset = may ? PCIQ_MAY_RESET : PCIQ_NOT_BELOW,
		.cause = may ? BIT(PCIQ_RESET) : 0,
	};
}

static u64 pciq_hot_sum(const struct pciq_snapshot *head)
{
	return xxh64(&head->cold_sum, head->hot_bytes -
		     offsetof(struct pciq_snapshot, cold_sum), 0);
}

static u64 pciq_cold_sum(const struct pciq_snapshot *head)
{
	return xxh64((const void *)head + head->hot_bytes,
		     head->total_bytes - head->hot_bytes, 0);
}

static u64 pciq_record_sum(const struct pciq_record *record)
{
	return xxh64(&record->total_bytes, record->total_bytes -
		     offsetof(struct pciq_record, total_bytes), 0);
}

static void pciq_seal_fake(struct pciq_fake_snapshot *snapshot)
{
	snapshot->head.cold_sum = pciq_cold_sum(&snapshot->head);
	snapshot->head.hot_sum = pciq_hot_sum(&snapshot->head);
}

static void pciq_fill_head(struct pciq_snapshot *head, bool funcs)
{
	*head = (struct pciq_snapshot) {
		.magic = PCIQ_SNAPSHOT_MAGIC,
		.version = PCIQ_SNAPSHOT_VERSION,
		.header_size = sizeof(*head),
		.hot_bytes = offsetof(struct pciq_fake_snapshot, resets),
		.total_bytes = sizeof(struct pciq_fake_snapshot),
		.arrivals = atomic_read(&pciq_ctl.arrivals),
		.windows = PCIQ_PART(windows, PCIQ_BUSES),
		.record = pciq_memory.blank,
	};
	/* One for all buses, and nothing else. */
	if (!funcs) {
		head->windows.nr = 1;
		return;
	}
	head->reset_ms = 5;
	head->always = BIT(PCIQ_RESET);
	head->funcs = PCIQ_PART(funcs, PCIQ_NR_FAKE);
	head->ops = PCIQ_PART(ops, ARRAY_SIZE(pciq_fake_ops));
	head->resets = PCIQ_PART(resets, PCIQ_NR_FAKE);
	head->restores = PCIQ_PART(restores, ARRAY_SIZE(pciq_fake_restores));
	head->reset_ops = PCIQ_PART(reset_ops, ARRAY_SIZE(pciq_fake_reset_ops));
}

/* In memory that ends at a page that is not mapped. */
static struct pciq_fake_snapshot *pciq_make_snapshot(struct kunit *test,
						     u32 generation)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_fake_snapshot *to = vzalloc(sizeof(*to));
	unsigned int i;

	if (!to)
		return NULL;
	pciq_fill_head(&to->head, generation);
	to->head.record.generation = generation;
	for (i = 0; i < PCIQ_BUSES; i++) {
		to->windows[i].type = PCIQ_ECAM;
		to->windows[i].bus_start = i;
		to->windows[i].bus_end = generation ? i : PCIQ_BUSES - 1;
		to->windows[i].virt = (unsigned long)fake->ecam +
				      i * PCIQ_BUS_BYTES;
	}
	for (i = 0; i < PCIQ_NR_FAKE; i++) {
		pciq_fill_func(&to->funcs[i], i);
		pciq_fill_reset(&to->resets[i], i);
	}
	memcpy(to->ops, pciq_fake_ops, sizeof(to->ops));
	memcpy(to->restores, pciq_fake_restores, sizeof(to->restores));
	memcpy(to->reset_ops, pciq_fake_reset_ops, sizeof(to->reset_ops));
	pciq_seal_fake(to);
	return to;
}

/* What the crash path starts from, but for the snapshots. */
static void pciq_swap_memory(struct kunit *test)
{
	struct pciq_memory *memory = &pciq_memory;
	unsigned int i;

	static_assert(sizeof(struct pciq_record) +
		      PCIQ_ROOM * sizeof(struct pciq_entry) <= PAGE_SIZE);
	memory->record = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	memory->work = kunit_kcalloc(test, PCIQ_ROOM, sizeof(*memory->work),
				     GFP_KERNEL);
	memory->scan = kunit_kcalloc(test, PCIQ_ROOM, sizeof(*memory->scan),
				     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, memory->record);
	KUNIT_ASSERT_NOT_NULL(test, memory->work);
	KUNIT_ASSERT_NOT_NULL(test, memory->scan);
	memory->room = PCIQ_ROOM;
	memory->tsc_khz = pciq_real_memory.tsc_khz ?: 1000000;
	memory->deadline_ms = PCIQ_BUDGET_MS;
	memory->blank = (struct pciq_record) {
		.magic = PCIQ_RECORD_MAGIC,
		.version = PCIQ_RECORD_VERSION,
		.header_size = sizeof(struct pciq_record),
		.entry_size = sizeof(struct pciq_entry),
		.total_bytes = sizeof(struct pciq_record),
		.verdict = PCIQ_ABORTED,
		.build = PCIQ_BUILD,
		.tsc_khz = memory->tsc_khz,
		.deadline_ms = memory->deadline_ms,
	};
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		pciq_ctl.slot[i] = NULL;
	pciq_ctl.newest = PCIQ_SLOT_B;
	pciq_ctl.policy = PCIQ_BUSMASTER;
	pciq_ctl.exclude.nr = 0;
}

static void pciq_put_memory_back(void)
{
	int arrivals = atomic_read(&pciq_ctl.arrivals);

	pciq_ctl = pciq_real_ctl;
	atomic_set(&pciq_ctl.arrivals, arrivals);
	pciq_memory = pciq_real_memory;
}

static int pciq_fake_init(struct kunit *test)
{
	struct pciq_fake *fake;
	unsigned int i;

	/* From debugfs it is too late: it has become read-only. */
	if (copy_to_kernel_nofault(&pciq_memory, &pciq_real_memory,
				   sizeof(pciq_memory)))
		kunit_skip(test, "only at boot");
	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	pciq_swap_memory(test);
	fake->ecam = vmalloc(PCIQ_ECAM_BYTES);
	KUNIT_ASSERT_NOT_NULL(test, fake->ecam);
	memset(fake->ecam, 0xff, PCIQ_ECAM_BYTES);
	for (i = 0; i < PCIQ_NR_FAKE; i++)
		pciq_fill_config(fake, i);
	fake->unmapped = get_vm_area(PCIQ_BUS_BYTES, VM_MAP);
	fake->newest = pciq_make_snapshot(test, 2);
	fake->other = pciq_make_snapshot(test, 1);
	fake->windows = pciq_make_snapshot(test, 0);
	KUNIT_ASSERT_NOT_NULL(test, fake->unmapped);
	KUNIT_ASSERT_NOT_NULL(test, fake->newest);
	KUNIT_ASSERT_NOT_NULL(test, fake->other);
	KUNIT_ASSERT_NOT_NULL(test, fake->windows);
	pciq_ctl.slot[PCIQ_SLOT_A] = &fake->other->head;
	pciq_ctl.slot[PCIQ_SLOT_B] = &fake->newest->head;
	pciq_ctl.slot[PCIQ_SLOT_WINDOWS] = &fake->windows->head;
	return 0;
}

static void pciq_fake_exit(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;

	if (!fake)
		return;
	pciq_put_memory_back();
	vfree(fake->windows);
	vfree(fake->other);
	vfree(fake->newest);
	if (fake->unmapped)
		free_vm_area(fake->unmapped);
	vunmap(fake->read_only);
	vfree(fake->ecam);
	test->priv = NULL;
}

/* No snapshot is taken meanwhile: what the engine starts from is not real. */
static int pciq_fake_suite_init(struct kunit_suite *suite)
{
	pciq_lock();
	pciq_real_ctl = pciq_ctl;
	pciq_real_memory = pciq_memory;
	return 0;
}

static void pciq_fake_suite_exit(struct kunit_suite *suite)
{
	pciq_unlock();
}

/* Memory of bus 1 once more: reads see it, writes fault. */
static void pciq_make_read_only(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	unsigned int i;

	fake->pages = kunit_kcalloc(test, PCIQ_BUS_PAGES, sizeof(*fake->pages),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake->pages);
	for (i = 0; i < PCIQ_BUS_PAGES; i++)
		fake->pages[i] = vmalloc_to_page(fake->ecam + PCIQ_BUS_BYTES +
						 i * PAGE_SIZE);
	fake->read_only = vmap(fake->pages, PCIQ_BUS_PAGES, VM_MAP,
			       PAGE_KERNEL_RO);
	KUNIT_ASSERT_NOT_NULL(test, fake->read_only);
}

static void pciq_reach_bus_1(struct kunit *test, u8 how)
{
	struct pciq_fake *fake = test->priv;
	u64 *virt = &fake->newest->windows[1].virt;

	if (how == PCIQ_READ_ONLY) {
		pciq_make_read_only(test);
		*virt = (unsigned long)fake->read_only;
	}
	if (how == PCIQ_UNMAPPED)
		*virt = (unsigned long)fake->unmapped->addr;
}

/* A copy of all buses, to see that nothing was written. */
static u8 *pciq_keep(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	u8 *kept = vmalloc(PCIQ_ECAM_BYTES);

	KUNIT_ASSERT_NOT_NULL(test, kept);
	return memcpy(kept, fake->ecam, PCIQ_ECAM_BYTES);
}

static void pciq_expect_kept(struct kunit *test, u8 *kept)
{
	struct pciq_fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, memcmp(kept, fake->ecam, PCIQ_ECAM_BYTES), 0);
	vfree(kept);
}

static void pciq_expect_entry(struct kunit *test, unsigned int i, u8 outcome,
			      u8 reason)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_entry *entry = pciq_entry(&fake->run, i);

	KUNIT_EXPECT_EQ_MSG(test, entry->outcome, outcome, "function %u", i);
	KUNIT_EXPECT_EQ_MSG(test, entry->reason, reason, "function %u", i);
}

/* As pciq_run(), as far as the steps of every crash. */
static void pciq_begin_fake(struct kunit *test, u32 policy)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_seal_fake(fake->newest);
	pciq_ctl.policy = policy;
	KUNIT_ASSERT_TRUE(test, pciq_begin(run));
	pciq_disable_functions(run);
	pciq_apply_ops(run, &run->snapshot->ops, 0);
	run->resets = fake->newest->resets;
	run->restores = fake->newest->restores;
}

/* Memory cannot refuse, so it is told to have done so. */
static void pciq_refuse(struct pciq_fake *fake, unsigned int i)
{
	struct pciq_entry *entry = pciq_entry(&fake->run, i);

	pciq_poke(fake, i, PCI_COMMAND, pciq_machine[i].command);
	entry->command_after = pciq_machine[i].command;
	pciq_judge(&fake->newest->funcs[i], entry);
}

/* === Snapshots === */

static const struct {
	const char *name;
	u16 offset;
	u8 bytes;
	u64 value;
	bool sealed;
	bool other;	/* the other snapshot is used */
} pciq_damage_cases[] = {
#define PCIQ_AT(member)	offsetof(struct pciq_fake_snapshot, member)
	{ "whole", 0, 0, 0, false, false },
	{ "a word of the header", PCIQ_AT(head.record.generation), 4, 9, false,
	  true },
	{ "a window", PCIQ_AT(windows[1].virt), 8, 0, false, true },
	{ "a word of a function", PCIQ_AT(funcs[2].entry.flags), 4, 1, false,
	  true },
	{ "an operation", PCIQ_AT(ops[0].clear), 2, 1, false, true },
	{ "the checksum", PCIQ_AT(head.hot_sum), 8, 0, false, true },
	{ "no longer than its header", PCIQ_AT(head.hot_bytes), 4,
	  sizeof(struct pciq_snapshot), true, true },
	{ "of no length", PCIQ_AT(head.hot_bytes), 4, 0, false, true },
	{ "longer than what is mapped", PCIQ_AT(head.hot_bytes), 4, SZ_64K,
	  false, true },
	{ "longer than any", PCIQ_AT(head.hot_bytes), 4, ~0U, false, true },
	{ "a reset: not looked at yet", PCIQ_AT(resets[0].method), 1, 7, false,
	  false },
	{ "the second checksum: likewise", PCIQ_AT(head.cold_sum), 8, 0, true,
	  false },
#undef PCIQ_AT
};

PCIQ_PARAMS(pciq_damage);

static void pciq_damage_test(struct kunit *test)
{
	const typeof(pciq_damage_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_fake_snapshot *wanted = c->other ? fake->other :
						       fake->newest;

	memcpy((void *)fake->newest + c->offset, &c->value, c->bytes);
	if (c->sealed)
		fake->newest->head.hot_sum = pciq_hot_sum(&fake->newest->head);
	KUNIT_ASSERT_TRUE(test, pciq_begin(&fake->run));
	KUNIT_EXPECT_PTR_EQ(test, fake->run.snapshot,
			    (const struct pciq_snapshot *)&wanted->head);
	KUNIT_EXPECT_EQ(test, fake->run.record->source,
			c->other ? PCIQ_FROM_OTHER : PCIQ_FROM_NEWEST);
	KUNIT_EXPECT_EQ(test, fake->run.record->generation, c->other ? 1 : 2);
}

static const struct {
	const char *name;
	unsigned int newest;
	u8 bad;		/* a bit for each slot */
	bool wild;	/* it points to what is not mapped */
	u8 source, verdict;
} pciq_slot_cases[] = {
	{ "all there", 1, 0, false, PCIQ_FROM_NEWEST, PCIQ_CLEAN },
	{ "newest is another", 0, 0, false, PCIQ_FROM_NEWEST, PCIQ_CLEAN },
	{ "newest out of range", 77, 0, false, PCIQ_FROM_NEWEST, PCIQ_CLEAN },
	{ "one being rewritten", 1, BIT(1), false, PCIQ_FROM_OTHER,
	  PCIQ_CLEAN },
	{ "the other being rewritten", 1, BIT(0), false, PCIQ_FROM_NEWEST,
	  PCIQ_CLEAN },
	{ "one wild pointer", 1, BIT(1), true, PCIQ_FROM_OTHER, PCIQ_CLEAN },
	{ "windows only", 1, BIT(0) | BIT(1), false, PCIQ_FROM_SCAN,
	  PCIQ_PARTIAL },
	{ "windows only, wild pointers", 1, BIT(0) | BIT(1), true,
	  PCIQ_FROM_SCAN, PCIQ_PARTIAL },
	{ "nothing left", 1, 7, false, PCIQ_FROM_NONE, PCIQ_SKIPPED },
	{ "nothing but wild pointers", 1, 7, true, PCIQ_FROM_NONE,
	  PCIQ_SKIPPED },
};

PCIQ_PARAMS(pciq_slot);

static void pciq_slot_test(struct kunit *test)
{
	const typeof(pciq_slot_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	u32 nr = c->source == PCIQ_FROM_NONE ? 0 : PCIQ_NR_FAKE;
	unsigned int i;

	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		if (c->bad & BIT(i))
			pciq_ctl.slot[i] = c->wild ? fake->unmapped->addr :
						     NULL;
	}
	pciq_ctl.newest = c->newest;
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->source, c->source);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, c->verdict);
	KUNIT_EXPECT_EQ(test, fake->run.record->nr_entries, nr);
	/* However the functions were found, they are quiet. */
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC, PCI_COMMAND),
			nr ? 0x0543 : 0x0147);
}

/* === What becomes of functions === */

static const struct pciq_run_case {
	const char *name;
	u8 func;		/* the one that is looked at */
	u16 command;		/* of it, after the run */
	u8 outcome, reason, verdict;
	u8 policy;		/* 0: "busmaster" */
	u8 bus1;
	u16 found;		/* Command; 0: as it is, with all below */
	u32 id;
	u32 flags, remains;	/* as saved, with the next two */
	u8 as_saved, why_saved;
	struct pciq_touch before[2], after[4];
} pciq_run_cases[] = {
	{ "one bit off, one on", PCIQ_NIC, 0x0543, PCIQ_QUIET, 0, PCIQ_CLEAN },
	{ "no pin: one bit off", PCIQ_PF, 0x0002, PCIQ_QUIET, 0, PCIQ_CLEAN },
	{ "already quiet", PCIQ_NIC, 0x0143, PCIQ_ALREADY_QUIET, 0, PCIQ_CLEAN,
	  .found = 0x0143 },
	{ "INTx alone", PCIQ_SOUND, 0x0403, PCIQ_QUIET, 0, PCIQ_CLEAN,
	  .found = 0x0003 },
	{ "INTx that is off already", PCIQ_SOUND, 0x0403, PCIQ_ALREADY_QUIET, 0,
	  PCIQ_CLEAN, .found = 0x0403 },
	{ "INTx Disable has no effect", PCIQ_NIC, 0x0543, PCIQ_REFUSED,
	  PCIQ_BY_INTX, PCIQ_PARTIAL, .remains = PCIQ_BY_INTX },
	{ "nor if it is set already", PCIQ_NIC, 0x0543, PCIQ_REFUSED,
	  PCIQ_BY_INTX, PCIQ_PARTIAL, .found = 0x0543,
	  .remains = PCIQ_BY_INTX },
	{ "no port stops CXL.cache", PCIQ_NIC, 0x0543, PCIQ_REFUSED,
	  PCIQ_BY_CACHE, PCIQ_PARTIAL, PCIQ_ESCALATE, .remains = PCIQ_BY_CACHE,
	  .after = { { PCIQ_PORT, PCI_COMMAND, 0x0107 } } },

	/* Left alone */
	{ "exclude=", PCIQ_NIC, 0x0147, PCIQ_EXCLUDED, PCIQ_BY_USER,
	  PCIQ_PARTIAL, PCIQ_ESCALATE, .as_saved = PCIQ_EXCLUDED,
	  .why_saved = PCIQ_BY_USER },
	{ "a class that is no master", PCIQ_HOST, 0x0006, PCIQ_EXCLUDED,
	  PCIQ_BY_CLASS, PCIQ_CLEAN, PCIQ_ESCALATE },
	{ "such a class that interrupts", PCIQ_NIC, 0x0147, PCIQ_UNTOUCHED,
	  PCIQ_BY_INTX, PCIQ_PARTIAL, PCIQ_ESCALATE,
	  .why_saved = PCIQ_BY_INTX },
	{ "another machine masters", PCIQ_NIC, 0x0147, PCIQ_UNTOUCHED,
	  PCIQ_BY_PEER, PCIQ_PARTIAL, PCIQ_ESCALATE,
	  .why_saved = PCIQ_BY_PEER },
	{ "needs the BME of firmware", PCIQ_NIC, 0x0147, PCIQ_UNTOUCHED,
	  PCIQ_BY_FIRMWARE, PCIQ_PARTIAL, PCIQ_ESCALATE,
	  .why_saved = PCIQ_BY_FIRMWARE },
	{ "may have no power", PCIQ_NIC, 0x0147, PCIQ_UNTOUCHED, PCIQ_BY_POWER,
	  PCIQ_PARTIAL, PCIQ_ESCALATE, .why_saved = PCIQ_BY_POWER },
	{ "no window", PCIQ_NIC, 0x0147, PCIQ_UNTOUCHED, PCIQ_BY_WINDOW,
	  PCIQ_PARTIAL, PCIQ_ESCALATE, .why_saved = PCIQ_BY_WINDOW },
	{ "exclude= of a port", PCIQ_INNER, 0x0107, PCIQ_EXCLUDED,
	  PCIQ_BY_USER, PCIQ_PARTIAL, .as_saved = PCIQ_EXCLUDED,
	  .why_saved = PCIQ_BY_USER,
	  .after = { { PCIQ_FAR, PCI_COMMAND, 0x0402 } } },

	/* Identity */
	{ "another card", PCIQ_NIC, 0x0147, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY,
	  PCIQ_PARTIAL, PCIQ_ESCALATE, .id = 0x12345678,
	  .after = { { PCIQ_PORT, PCI_COMMAND, 0x0107 } } },
	{ "not ready", PCIQ_NIC, 0x0147, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE,
	  PCIQ_PARTIAL, .id = 0xffff0001 },
	{ "gone", PCIQ_NIC, 0x0147, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE,
	  PCIQ_PARTIAL, .id = ~0U },
	{ "gone when saved", PCIQ_NIC, 0x0147, PCIQ_ABSENT, 0, PCIQ_CLEAN,
	  PCIQ_ESCALATE, .id = ~0U, .flags = PCIQ_F_OFFLINE,
	  .after = { { PCIQ_PORT, PCI_COMMAND, 0x0107 } } },
	{ "gone: nothing passes the port", PCIQ_NIC, 0x0147,
	  PCIQ_WAS_CONTAINED, PCIQ_BY_NO_RESPONSE, PCIQ_CONTAINED,
	  PCIQ_ESCALATE, .id = ~0U,
	  .after = { { PCIQ_PORT, PCI_COMMAND, 0x0003 } } },
	{ "gone in between", PCIQ_NIC, 0xffff, PCIQ_REFUSED,
	  PCIQ_BY_NO_RESPONSE, PCIQ_PARTIAL, .found = 0xffff },
	{ "a VF shows its class only", PCIQ_VF, 0x0000, PCIQ_QUIET, 0,
	  PCIQ_CLEAN },
	{ "a VF of another class", PCIQ_VF, 0x0004, PCIQ_UNTOUCHED,
	  PCIQ_BY_IDENTITY, PCIQ_PARTIAL,
	  .before = { { PCIQ_VF, PCI_CLASS_DEVICE, 0x0300 } } },
	{ "a VF that is gone", PCIQ_VF, 0x0004, PCIQ_ABSENT,
	  PCIQ_BY_NO_RESPONSE, PCIQ_PARTIAL,
	  .before = { { PCIQ_VF, PCI_CLASS_DEVICE, 0xffff },
		      { PCIQ_VF, PCI_CLASS_REVISION, 0xffff } } },

	/* Ports */
	{ "a port by its sources", PCIQ_PORT, 0x0107, 0, PCIQ_BY_BRIDGE,
	  PCIQ_CLEAN,
	  .before = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_SLTCTL, 0x03f8 },
		      { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x000f } },
	  .after = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_SLTCTL, 0x03d8 },
		     { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x0007 } } },
	{ "written without a read", PCIQ_PORT, 0x0107, 0, PCIQ_BY_BRIDGE,
	  PCIQ_CLEAN,
	  .before = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0xffff } },
	  .after = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x0007 } } },
	{ "a port by its message", PCIQ_INNER, 0x0507, 0, PCIQ_BY_BRIDGE,
	  PCIQ_CLEAN,
	  .before = { { PCIQ_INNER, PCIQ_AT_MSI + PCI_MSI_FLAGS, 0x0081 } },
	  .after = { { PCIQ_INNER, PCIQ_AT_MSI + PCI_MSI_FLAGS, 0x0080 } } },
	{ "a port that sleeps", PCIQ_NIC, 0x0147, PCIQ_ABSENT, PCIQ_BY_POWER,
	  PCIQ_CLEAN, PCIQ_ESCALATE,
	  .before = { { PCIQ_PORT, PCIQ_AT_PM + PCI_PM_CTRL, 0x0003 } },
	  .after = { { PCIQ_VF, PCI_COMMAND, 0x0004 },
		     { PCIQ_FAR, PCI_COMMAND, 0x0406 },
		     { PCIQ_INNER, PCI_COMMAND, 0x0107 },
		     { PCIQ_SOUND, PCI_COMMAND, 0x0403 } } },
	{ "the lower of two ports sleeps", PCIQ_FAR, 0x0406, PCIQ_ABSENT,
	  PCIQ_BY_POWER, PCIQ_CLEAN, PCIQ_ESCALATE,
	  .before = { { PCIQ_INNER, PCIQ_AT_PM + PCI_PM_CTRL, 0x0003 } },
	  .after = { { PCIQ_NIC, PCI_COMMAND, 0x0543 } } },
	{ "all ones are no power state", PCIQ_NIC, 0x0543, PCIQ_QUIET, 0,
	  PCIQ_CLEAN,
	  .before = { { PCIQ_PORT, PCIQ_AT_PM + PCI_PM_CTRL, 0xffff } } },
	{ "a port that is gone", PCIQ_PORT, 0x0107, PCIQ_ABSENT,
	  PCIQ_BY_NO_RESPONSE, PCIQ_PARTIAL, .id = ~0U,
	  .before = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x000f } },
	  .after = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x000f },
		     { PCIQ_NIC, PCI_COMMAND, 0x0543 },
		     { PCIQ_FAR, PCI_COMMAND, 0x0402 } } },
	{ "a port that is another", PCIQ_INNER, 0x0107, PCIQ_UNTOUCHED,
	  PCIQ_BY_IDENTITY, PCIQ_PARTIAL, .id = 0x12345678,
	  .after = { { PCIQ_FAR, PCI_COMMAND, 0x0402 } } },
	{ "a port that goes in between", PCIQ_PORT, 0x0107, PCIQ_ABSENT,
	  PCIQ_BY_NO_RESPONSE, PCIQ_PARTIAL,
	  .before = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_SLTCTL, 0xffff },
		      { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x000f } },
	  .after = { { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_SLTCTL, 0xffff },
		     { PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_RTCTL, 0x000f } } },

	/* Accesses that fault, and writes without effect */
	{ "BME sticks", PCIQ_NIC, 0x0147, PCIQ_REFUSED, PCIQ_BY_BME,
	  PCIQ_PARTIAL, .bus1 = PCIQ_READ_ONLY,
	  .after = { { PCIQ_SOUND, PCI_COMMAND, 0x0403 },
		     { PCIQ_PORT, PCI_COMMAND, 0x0107 } } },
	{ "BME sticks, and the reset was none", PCIQ_NIC, 0x0147,
	  PCIQ_WAS_CONTAINED, PCIQ_BY_BME, PCIQ_PARTIAL, PCIQ_ESCALATE,
	  PCIQ_READ_ONLY,
	  .before = { { PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0003 } },
	  .after = { { PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0001 },
		     { PCIQ_PORT, PCI_COMMAND, 0x0003 } } },
	{ "no policy: nothing drastic", PCIQ_NIC, 0x0147, PCIQ_REFUSED,
	  PCIQ_BY_BME, PCIQ_PARTIAL, 77, PCIQ_READ_ONLY,
	  .after = { { PCIQ_PORT, PCI_COMMAND, 0x0107 } } },
	{ "a window that is not mapped", PCIQ_NIC, 0x0147, PCIQ_ABSENT,
	  PCIQ_BY_NO_RESPONSE, PCIQ_PARTIAL, .bus1 = PCIQ_UNMAPPED,
	  .after = { { PCIQ_SOUND, PCI_COMMAND, 0x0403 },
		     { PCIQ_FAR, PCI_COMMAND, 0x0402 } } },
	{ "a reset that was none leaves it quiet", PCIQ_NIC, 0x0543,
	  PCIQ_QUIET, 0, PCIQ_CLEAN, PCIQ_RESET,
	  .before = { { PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0003 } },
	  .after = { { PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0003 },
		     { PCIQ_PORT, PCI_COMMAND, 0x0107 } } },
};

PCIQ_PARAMS(pciq_run);

static void pciq_prepare_run(struct kunit *test, const struct pciq_run_case *c)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_func *func = &fake->newest->funcs[c->func];

	pciq_poke_all(fake, c->before, ARRAY_SIZE(c->before));
	if (c->found)
		pciq_poke(fake, c->func, PCI_COMMAND, c->found);
	if (c->id)
		pciq_poke_dword(fake, c->func, PCI_VENDOR_ID, c->id);
	func->entry.flags |= c->flags;
	func->remains = c->remains;
	if (c->why_saved) {
		func->entry.outcome = c->as_saved;
		func->entry.reason = c->why_saved;
	}
	pciq_reach_bus_1(test, c->bus1);
	pciq_seal_fake(fake->newest);
	pciq_ctl.policy = c->policy ?: PCIQ_BUSMASTER;
}

static void pciq_run_test(struct kunit *test)
{
	const struct pciq_run_case *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_prepare_run(test, c);
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, c->func, PCI_COMMAND),
			c->command);
	pciq_expect_all(test, c->after, ARRAY_SIZE(c->after));
	pciq_expect_entry(test, c->func, c->outcome, c->reason);
	KUNIT_EXPECT_EQ(test, run->record->verdict, c->verdict);
	KUNIT_EXPECT_EQ(test, run->record->faults != 0,
			c->bus1 != PCIQ_WHOLE);
	KUNIT_EXPECT_EQ(test, run->record->step, PCIQ_STEP_DONE);
}

static void pciq_off_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	u8 *kept = pciq_keep(test);

	pciq_ctl.policy = PCIQ_OFF;
	pciq_run(&fake->run);
	KUNIT_EXPECT_NULL(test, fake->run.record);
	pciq_ctl.policy = PCIQ_ESCALATE;
	pciq_memory.record = NULL;
	pciq_run(&fake->run);
	KUNIT_EXPECT_NULL(test, fake->run.record);
	pciq_expect_kept(test, kept);
}

/* Plain memory where the config space of bus 1 was, as after a stray write. */
static void pciq_stray_window_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	u8 *bus_1 = fake->ecam + PCIQ_BUS_BYTES;

	memset(bus_1, 0, PCIQ_BUS_BYTES);
	pciq_ctl.policy = PCIQ_RESET;
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_PARTIAL);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY);
	pciq_expect_entry(test, PCIQ_VF, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY);
	pciq_expect_entry(test, PCIQ_SOUND, PCIQ_QUIET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_NULL(test, memchr_inv(bus_1, 0, PCIQ_BUS_BYTES));
}

/* A function was added, and is in no snapshot yet. */
static void pciq_arrival_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;

	pciq_ctl.policy = PCIQ_RESET;
	atomic_inc(&pciq_ctl.arrivals);
	pciq_run(&fake->run);
	atomic_dec(&pciq_ctl.arrivals);
	KUNIT_EXPECT_EQ(test, fake->run.record->incomplete, 1);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_PARTIAL);
	/* It could not be restored. */
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, pciq_entry(&fake->run, PCIQ_NIC)->no_reset,
			PCIQ_NOT_SAVED);
}

/* === Scan === */

static const struct {
	const char *name;
	struct pciq_touch before[2];
	u8 room;
	bool exclude;	/* the ID of the NIC */
	u8 nr, outcome, reason;	/* the latter: of the NIC, if it is found */
	bool incomplete;
	u16 command;	/* of the NIC */
} pciq_scan_cases[] = {
	{ "all are found", { }, PCIQ_ROOM, false, PCIQ_NR_FAKE, PCIQ_QUIET,
	  PCIQ_BY_PLAN, false, 0x0543 },
	{ "exclude=", { }, PCIQ_ROOM, true, PCIQ_NR_FAKE, PCIQ_EXCLUDED,
	  PCIQ_BY_USER, false, 0x0147 },
	{ "not below a port that sleeps",
	  { { PCIQ_PORT, PCIQ_AT_PM + PCI_PM_CTRL, 0x0003 } }, PCIQ_ROOM,
	  false, 3, 0, 0, false, 0x0147 },
	{ "nor below the inner one",
	  { { PCIQ_INNER, PCIQ_AT_PM + PCI_PM_CTRL, 0x0003 } }, PCIQ_ROOM,
	  false, PCIQ_NR_FAKE - 1, PCIQ_QUIET, PCIQ_BY_PLAN, false, 0x0543 },
	{ "capabilities that are a circle",
	  { { PCIQ_PORT, PCIQ_AT_EXP, PCI_CAP_ID_EXP | PCIQ_AT_EXP << 8 } },
	  PCIQ_ROOM, false, PCIQ_NR_FAKE, PCIQ_QUIET, PCIQ_BY_PLAN, false,
	  0x0543 },
	{ "a secondary bus that is none",
	  { { PCIQ_INNER, PCI_PRIMARY_BUS, 0 },
	    { PCIQ_INNER, PCIQ_AT_PM + PCI_PM_CTRL, 0x0003 } }, PCIQ_ROOM,
	  false, PCIQ_NR_FAKE - 1, PCIQ_QUIET, PCIQ_BY_PLAN, false, 0x0543 },
	{ "no room for all", { }, 4, false, 4, PCIQ_QUIET, PCIQ_BY_PLAN, true,
	  0x0543 },
};

PCIQ_PARAMS(pciq_scan);

static struct pciq_entry *pciq_find_entry(struct pciq_run *run, unsigned int i)
{
	u32 k;

	for (k = 0; k < run->record->nr_entries; k++) {
		struct pciq_entry *entry = pciq_entry(run, k);

		if (entry->bus == pciq_machine[i].bus &&
		    entry->devfn == pciq_machine[i].devfn)
			return entry;
	}
	return NULL;
}

static void pciq_scan_test(struct kunit *test)
{
	const typeof(pciq_scan_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	struct pciq_entry *entry;

	pciq_poke_all(fake, c->before, ARRAY_SIZE(c->before));
	pciq_memory.room = c->room;
	pciq_ctl.slot[PCIQ_SLOT_A] = NULL;
	pciq_ctl.slot[PCIQ_SLOT_B] = NULL;
	pciq_ctl.policy = PCIQ_RESET;
	pciq_ctl.exclude.nr = c->exclude;
	pciq_ctl.exclude.match[0] = (struct pciq_match) {
		.type = PCIQ_MATCH_ID,
		.vendor = PCI_VENDOR_ID_REDHAT_QUMRANET,
		.device = 0x1000 + PCIQ_NIC,
	};
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, run->record->nr_entries, c->nr);
	KUNIT_EXPECT_EQ(test, run->record->incomplete, c->incomplete);
	KUNIT_EXPECT_EQ(test, run->record->source, PCIQ_FROM_SCAN);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_PARTIAL);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC, PCI_COMMAND),
			c->command);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_HOST, PCI_COMMAND), 0x0006);
	entry = pciq_find_entry(run, PCIQ_NIC);
	if (!entry)
		return;
	KUNIT_EXPECT_EQ(test, entry->outcome, c->outcome);
	KUNIT_EXPECT_EQ(test, entry->reason, c->reason);
	KUNIT_EXPECT_TRUE(test, entry->flags & PCIQ_F_SCAN);
}

/* What it shows is what is recorded; ports come behind what is below them. */
static void pciq_scan_entries_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	unsigned int i;

	pciq_ctl.slot[PCIQ_SLOT_A] = NULL;
	pciq_ctl.slot[PCIQ_SLOT_B] = NULL;
	pciq_run(run);
	for (i = 0; i < PCIQ_NR_FAKE; i++) {
		struct pciq_entry *entry = pciq_find_entry(run, i);
		u32 flags = PCIQ_F_VF | PCIQ_F_INTX | PCIQ_F_BRIDGE;

		KUNIT_ASSERT_NOT_NULL(test, entry);
		KUNIT_EXPECT_EQ(test, entry->vendor | (u32)entry->device << 16,
				pciq_peek_dword(fake, i, PCI_VENDOR_ID));
		KUNIT_EXPECT_EQ(test, entry->class_revision,
				pciq_machine[i].class << 8);
		KUNIT_EXPECT_EQ(test, entry->flags & flags,
				pciq_machine[i].flags & flags);
		KUNIT_EXPECT_EQ(test, entry->command_before,
				i == PCIQ_HOST ||
				pciq_machine[i].flags & PCIQ_F_BRIDGE ?
				0xffff : pciq_machine[i].command);
	}
	KUNIT_EXPECT_TRUE(test, pciq_find_entry(run, PCIQ_PORT) >
				pciq_find_entry(run, PCIQ_INNER));
	KUNIT_EXPECT_TRUE(test, pciq_find_entry(run, PCIQ_INNER) >
				pciq_find_entry(run, PCIQ_FAR));
}

/* === Error reporting === */

static const struct {
	const char *name;
	u8 func;
	u16 reg;
	u16 due;	/* PCIQ_WHEN_* */
	u16 found, applied;
	u16 meanwhile;	/* written by the device; 0: nothing is */
	u16 then;	/* PCIQ_STATE_* */
	u16 after;
} pciq_undo_cases[] = {
	{ "SERR of a port", PCIQ_PORT, PCI_COMMAND, PCIQ_WHEN_LINK_RESET,
	  0x0107, 0x0007, 0, 0, 0x0107 },
	{ "Bridge Control", PCIQ_PORT, PCI_BRIDGE_CONTROL,
	  PCIQ_WHEN_LINK_RESET, 0x0003, 0x0001, 0, 0, 0x0003 },
	{ "Discard Timer Status is not cleared", PCIQ_PORT,
	  PCI_BRIDGE_CONTROL, PCIQ_WHEN_LINK_RESET, 0x0403, 0x0001, 0x0401, 0,
	  0x0003 },
	{ "a port in reset stays as it is", PCIQ_PORT, PCI_BRIDGE_CONTROL,
	  PCIQ_WHEN_LINK_RESET, 0x0043, 0x0043, 0, 0, 0x0043 },
	{ "Device Control", PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_DEVCTL,
	  PCIQ_WHEN_LINK_RESET, 0x281f, 0x2810, 0, 0, 0x281f },
	{ "FLR is not written back", PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_DEVCTL,
	  PCIQ_WHEN_LINK_RESET, 0xa81f, 0x2810, 0, 0, 0x281f },
	{ "what others have changed stays", PCIQ_PORT,
	  PCIQ_AT_EXP + PCI_EXP_DEVCTL, PCIQ_WHEN_LINK_RESET, 0x281f, 0x2810,
	  0x5810, 0, 0x581f },
	{ "nothing enabled: nothing written", PCIQ_PORT,
	  PCIQ_AT_EXP + PCI_EXP_DEVCTL, PCIQ_WHEN_LINK_RESET, 0xa810, 0xa810,
	  0, 0, 0xa810 },
	{ "all ones stay", PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_DEVCTL,
	  PCIQ_WHEN_LINK_RESET, 0x281f, 0x2810, 0xffff, 0, 0xffff },
	{ "what is contained does not report", PCIQ_PORT,
	  PCIQ_AT_EXP + PCI_EXP_DEVCTL, PCIQ_WHEN_CONTAIN, 0x281f, 0x2810, 0,
	  PCIQ_STATE_CONTAINED, 0x2810 },
	{ "nor what is not ready", PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_DEVCTL,
	  PCIQ_WHEN_LINK_RESET, 0x281f, 0x2810, 0, PCIQ_STATE_RESET, 0x2810 },
	{ "events of the reset only", PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_SLTSTA,
	  PCIQ_WHEN_LINK_RESET, 0x0048, 0x0048, 0x0158, 0, 0x0110 },
	{ "no events but of a reset", PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_SLTSTA,
	  PCIQ_WHEN_CONTAIN, 0x0048, 0x0048, 0x0158, 0, 0x0158 },
	{ "PTM of what is reset", PCIQ_NIC, PCIQ_AT_PTM + PCI_PTM_CTRL,
	  PCIQ_WHEN_RESET, 0x0003, 0x0002, 0, PCIQ_STATE_READY, 0x0003 },
	{ "no PTM of others", PCIQ_NIC, PCIQ_AT_PTM + PCI_PTM_CTRL,
	  PCIQ_WHEN_LINK_RESET, 0x0003, 0x0003, 0, 0, 0x0003 },
};

PCIQ_PARAMS(pciq_undo);

static void pciq_undo_test(struct kunit *test)
{
	const typeof(pciq_undo_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_poke(fake, c->func, c->reg, c->found);
	run->work[c->func].state |= c->due;
	pciq_apply_ops(run, &run->snapshot->reset_ops, c->due);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, c->func, c->reg), c->applied);
	if (c->meanwhile)
		pciq_poke(fake, c->func, c->reg, c->meanwhile);
	run->work[c->func].state |= c->then;
	pciq_undo_ops(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, c->func, c->reg), c->after);
}

/* === Resets === */

/* What a reset does to a device; memory does not do it by itself. */
static void pciq_lose_config(struct pciq_fake *fake, unsigned int i)
{
	pciq_poke(fake, i, PCI_COMMAND, 0);
	pciq_poke_dword(fake, i, PCI_BASE_ADDRESS_0, 0);
	pciq_poke(fake, i, PCIQ_AT_EXP + PCI_EXP_DEVCTL, 0);
	pciq_poke(fake, i, PCIQ_AT_EXP + PCI_EXP_LNKCTL, 0x0001);
}

/* As pciq_reset_refused() does it, up to the release. */
static void pciq_assert_fake(struct kunit *test, u32 policy)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_begin_fake(test, policy);
	run->work[PCIQ_PORT].state |= PCIQ_STATE_LINK;
	pciq_apply_ops(run, &run->snapshot->reset_ops, PCIQ_WHEN_LINK_RESET);
	pciq_begin_step(run, PCIQ_STEP_RESET);
	run->work[PCIQ_PORT].state |= PCIQ_STATE_ASSERTED;
	run->work[PCIQ_PORT].control = pciq_peek(fake, PCIQ_PORT,
						 PCI_BRIDGE_CONTROL);
	pciq_entry(run, PCIQ_PORT)->done |= PCIQ_DID_ASSERT;
	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL,
		  run->work[PCIQ_PORT].control | PCI_BRIDGE_CTL_BUS_RESET);
}

static void pciq_expect_restored(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_entry *entry = pciq_entry(&fake->run, PCIQ_NIC);

	KUNIT_EXPECT_EQ(test, pciq_peek_dword(fake, PCIQ_NIC,
					      PCI_BASE_ADDRESS_0),
			PCIQ_BAR + PCIQ_NIC);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC,
					PCIQ_AT_EXP + PCI_EXP_DEVCTL), 0x2810);
	/* Two bits as they are after the reset. */
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC,
					PCIQ_AT_EXP + PCI_EXP_LNKCTL), 0x0041);
	/* As it was, but no master. */
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC, PCI_COMMAND), 0x0543);
	KUNIT_EXPECT_EQ(test, entry->command_after, 0x0543);
	KUNIT_EXPECT_NE(test, entry->ready_us, 0);
	KUNIT_EXPECT_EQ(test, entry->done & (PCIQ_DID_RESET | PCIQ_DID_RESTORE),
			PCIQ_DID_RESET | PCIQ_DID_RESTORE);
}

/* What was reset is restored; what shows that it was not, is left. */
static void pciq_restore_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0003);
	pciq_poke_dword(fake, PCIQ_FAR, PCI_VENDOR_ID, ~0U);
	pciq_assert_fake(test, PCIQ_RESET);
	pciq_lose_config(fake, PCIQ_NIC);
	pciq_release_links(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0001);
	pciq_wait_ready(run);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_WAS_RESET, PCIQ_BY_PLAN);
	pciq_expect_restored(test);
	pciq_expect_entry(test, PCIQ_PF, PCIQ_QUIET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PF)->no_reset,
			PCIQ_NOT_TAKEN);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PF, PCI_COMMAND), 0x0002);
	/* It was gone before. */
	pciq_expect_entry(test, PCIQ_FAR, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE);
	pciq_undo_ops(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0003);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_PORT)->done &
				PCIQ_DID_UNMASK);
	/* Not twice. */
	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0001);
	pciq_undo_ops(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0001);
}

/* Bus numbers are lost too: what is below is reached once they are restored. */
static void pciq_restore_port_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_assert_fake(test, PCIQ_RESET);
	pciq_poke_dword(fake, PCIQ_INNER, PCI_PRIMARY_BUS, 0);
	pciq_poke(fake, PCIQ_INNER, PCI_COMMAND, 0);
	pciq_lose_config(fake, PCIQ_FAR);
	pciq_release_links(run);
	pciq_wait_ready(run);
	pciq_expect_entry(test, PCIQ_INNER, PCIQ_WAS_RESET, PCIQ_BY_BRIDGE);
	pciq_expect_entry(test, PCIQ_FAR, PCIQ_WAS_RESET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_EQ(test, pciq_peek_dword(fake, PCIQ_INNER,
					      PCI_PRIMARY_BUS), 0x00020201);
	KUNIT_EXPECT_EQ(test, pciq_peek_dword(fake, PCIQ_FAR,
					      PCI_BASE_ADDRESS_0),
			PCIQ_BAR + PCIQ_FAR);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_FAR, PCI_COMMAND), 0x0402);
	KUNIT_EXPECT_GE(test, pciq_entry(run, PCIQ_FAR)->ready_us,
			pciq_entry(run, PCIQ_INNER)->ready_us);
}

/* No register of any function shows whether a reset took place. */
static void pciq_no_witness(struct pciq_fake *fake)
{
	unsigned int i;

	for (i = 0; i < PCIQ_NR_FAKE; i++)
		fake->newest->resets[i].witness = PCIQ_NONE;
}

static void pciq_reset_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	unsigned int i;

	pciq_no_witness(fake);
	/* Discard Timer Status is not cleared. */
	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0401);
	pciq_poke(fake, PCIQ_NIC, PCIQ_AT_EXP + PCI_EXP_LNKCTL, 0x0001);
	pciq_seal_fake(fake->newest);
	pciq_ctl.policy = PCIQ_RESET;
	pciq_run(run);
	/* One link, with all that is below it. */
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 1);
	KUNIT_EXPECT_EQ(test, run->record->functions_reset, 0);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_PORT)->done &
				PCIQ_DID_ASSERT);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0001);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_COMMAND), 0x0107);
	pciq_expect_restored(test);
	for (i = PCIQ_NIC; i <= PCIQ_PF; i++)
		pciq_expect_entry(test, i, PCIQ_WAS_RESET, PCIQ_BY_PLAN);
	pciq_expect_entry(test, PCIQ_INNER, PCIQ_WAS_RESET, PCIQ_BY_BRIDGE);
	pciq_expect_entry(test, PCIQ_SOUND, PCIQ_QUIET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_CLEAN);
	/* Of five functions, one is only held. */
	KUNIT_EXPECT_EQ(test, run->record->total, 5);
	KUNIT_EXPECT_EQ(test, run->record->held, 1);
}

/* A function that refuses has its neighbors reset with it. */
static void pciq_reset_refused_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_no_witness(fake);
	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_refuse(fake, PCIQ_NIC);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_REFUSED, PCIQ_BY_BME);
	pciq_reset_refused(run);
	pciq_contain(run);
	pciq_undo_ops(run);
	pciq_finish(run, PCIQ_CLEAN);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 1);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_WAS_RESET, PCIQ_BY_BME);
	pciq_expect_entry(test, PCIQ_PF, PCIQ_WAS_RESET, PCIQ_BY_LINK);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC, PCI_COMMAND), 0x0543);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_COMMAND), 0x0107);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_CLEAN);
}

/* Only what is below the inner port. */
static void pciq_reset_inner_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_no_witness(fake);
	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_refuse(fake, PCIQ_FAR);
	pciq_reset_refused(run);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 1);
	pciq_expect_entry(test, PCIQ_FAR, PCIQ_WAS_RESET, PCIQ_BY_BME);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_QUIET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_INNER)->done &
				PCIQ_DID_ASSERT);
	KUNIT_EXPECT_FALSE(test, pciq_entry(run, PCIQ_PORT)->done &
				 PCIQ_DID_ASSERT);
}

/* With a PF, its VFs. */
static void pciq_flr_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_no_witness(fake);
	fake->newest->resets[PCIQ_PF].method = PCIQ_RESET_FLR;
	fake->newest->resets[PCIQ_PF].cause = BIT(PCIQ_ESCALATE);
	fake->newest->head.always |= BIT(PCIQ_ESCALATE);
	pciq_poke(fake, PCIQ_PF, PCIQ_AT_EXP + PCI_EXP_DEVCTL, 0x2810);
	pciq_seal_fake(fake->newest);
	pciq_ctl.policy = PCIQ_ESCALATE;
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, run->record->functions_reset, 1);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PF,
					PCIQ_AT_EXP + PCI_EXP_DEVCTL), 0xa810);
	pciq_expect_entry(test, PCIQ_PF, PCIQ_WAS_RESET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_PF)->done & PCIQ_DID_FLR);
	pciq_expect_entry(test, PCIQ_VF, PCIQ_WAS_RESET, PCIQ_BY_LINK);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_QUIET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_CLEAN);
}

/* Advanced Capabilities for Conventional PCI ECN. */
static void pciq_af_flr_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	struct pciq_reset *reset = &fake->newest->resets[PCIQ_SOUND];

	reset->method = PCIQ_RESET_FLR;
	reset->cause = BIT(PCIQ_ESCALATE);
	reset->flr_reg = PCIQ_AT_AF + PCI_AF_CTRL;
	reset->flr_bit = PCI_AF_CTRL_FLR;
	reset->pending_reg = PCIQ_AT_AF + PCI_AF_CTRL;
	reset->pending_bit = PCI_AF_STATUS_TP << 8;
	fake->newest->head.always |= BIT(PCIQ_ESCALATE);
	/* Device Status would say otherwise. */
	pciq_poke(fake, PCIQ_SOUND, PCIQ_AT_EXP + PCI_EXP_DEVSTA,
		  PCI_EXP_DEVSTA_TRPND);
	pciq_seal_fake(fake->newest);
	pciq_ctl.policy = PCIQ_ESCALATE;
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, run->record->functions_reset, 1);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_SOUND,
					PCIQ_AT_AF + PCI_AF_CTRL),
			PCI_AF_CTRL_FLR);
	KUNIT_EXPECT_FALSE(test, pciq_entry(run, PCIQ_SOUND)->done &
				 PCIQ_DID_DRAIN);
	pciq_expect_entry(test, PCIQ_SOUND, PCIQ_WAS_RESET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_CLEAN);
}

static const struct {
	const char *name;
	struct pciq_touch before;
	u16 reset_ms;	/* 0: as it is */
	u8 saved;	/* enum pciq_no_reset of the NIC */
	u8 no_reset;
	bool open;	/* no port contains it */
} pciq_no_reset_cases[] = {
	{ "the snapshot says no", { }, 0, PCIQ_NOT_DISPLAY, PCIQ_NOT_DISPLAY },
	{ "no time", { }, PCIQ_BUDGET_MS, 0, PCIQ_NOT_TIME },
	{ "addresses have changed", { PCIQ_NIC, PCI_BASE_ADDRESS_0, 0x1000 },
	  0, 0, PCIQ_NOT_CURRENT },
	{ "those of a neighbor have", { PCIQ_PF, PCI_BASE_ADDRESS_0, 0x1000 },
	  0, 0, PCIQ_NOT_CURRENT },
	{ "bus numbers have", { PCIQ_INNER, PCI_PRIMARY_BUS, 0x0301 }, 0, 0,
	  PCIQ_NOT_CURRENT },
	{ "what sleeps cannot be compared",
	  { PCIQ_INNER, PCIQ_AT_PM + PCI_PM_CTRL, 0x0003 }, 0, 0,
	  PCIQ_NOT_CURRENT },
	{ "found in reset", { PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0043 }, 0, 0,
	  PCIQ_NOT_HELD },
	{ "the port is gone", { PCIQ_PORT, PCI_BRIDGE_CONTROL, 0xffff }, 0, 0,
	  PCIQ_NOT_TAKEN, true },
};

PCIQ_PARAMS(pciq_no_reset);

/* A function refuses; none is reset, so the port contains it. */
static void pciq_no_reset_test(struct kunit *test)
{
	const typeof(pciq_no_reset_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	unsigned int named = c->saved || c->reset_ms ? PCIQ_NIC : PCIQ_PORT;
	u8 *kept;

	pciq_poke_all(fake, &c->before, 1);
	if (c->reset_ms)
		fake->newest->head.reset_ms = c->reset_ms;
	if (c->saved) {
		fake->newest->resets[PCIQ_NIC].method = PCIQ_RESET_NONE;
		fake->newest->resets[PCIQ_NIC].no_reset = c->saved;
	}
	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_refuse(fake, PCIQ_NIC);
	kept = pciq_keep(test);
	pciq_reset_refused(run);
	pciq_undo_ops(run);
	pciq_expect_kept(test, kept);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, named)->no_reset, c->no_reset);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_REFUSED, PCIQ_BY_BME);
	pciq_contain(run);
	pciq_finish(run, PCIQ_CLEAN);
	pciq_expect_entry(test, PCIQ_NIC,
			  c->open ? PCIQ_REFUSED : PCIQ_WAS_CONTAINED,
			  PCIQ_BY_BME);
	KUNIT_EXPECT_EQ(test, run->record->verdict,
			c->open ? PCIQ_PARTIAL : PCIQ_CONTAINED);
	KUNIT_EXPECT_EQ(test, run->record->ports_contained, !c->open);
}

/* One function whose addresses have changed protects all links above it. */
static void pciq_not_current_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	u32 moved = PCIQ_BAR + SZ_1M;

	pciq_poke_dword(fake, PCIQ_NIC, PCI_BASE_ADDRESS_0, moved);
	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_refuse(fake, PCIQ_NIC);
	pciq_refuse(fake, PCIQ_FAR);
	pciq_reset_refused(run);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 1);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_INNER)->done &
				PCIQ_DID_ASSERT);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PORT)->no_reset,
			PCIQ_NOT_CURRENT);
	KUNIT_EXPECT_EQ(test, pciq_peek_dword(fake, PCIQ_NIC,
					      PCI_BASE_ADDRESS_0), moved);

	pciq_poke_dword(fake, PCIQ_FAR, PCI_BASE_ADDRESS_0, moved);
	pciq_poke_dword(fake, PCIQ_NIC, PCI_BASE_ADDRESS_0,
			PCIQ_BAR + PCIQ_NIC);
	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_refuse(fake, PCIQ_NIC);
	pciq_refuse(fake, PCIQ_FAR);
	pciq_reset_refused(run);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_INNER)->no_reset,
			PCIQ_NOT_CURRENT);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PORT)->no_reset,
			PCIQ_NOT_CURRENT);
}

/* What the resets need is damaged. */
static void pciq_bad_resets_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;

	fake->newest->restores[0].value ^= 1;
	pciq_ctl.policy = PCIQ_RESET;
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->source, PCIQ_FROM_NEWEST);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 0);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_QUIET, PCIQ_BY_PLAN);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_CLEAN);
}

static const struct {
	const char *name;
	u32 id;		/* of the NIC after the reset; 0: as it was */
	u8 link;	/* PCIQ_LINK_* of the port */
	u16 lnksta;
	u8 outcome, reason;
} pciq_ready_cases[] = {
	{ "ready", 0, 0, 0, PCIQ_WAS_RESET, PCIQ_BY_PLAN },
	{ "not ready", 0xffff0001, 0, 0, PCIQ_REFUSED, PCIQ_BY_NOT_READY },
	{ "no response", ~0U, 0, 0, PCIQ_REFUSED, PCIQ_BY_NOT_READY },
	{ "the link is up", 0, PCIQ_LINK_FAST, PCI_EXP_LNKSTA_DLLLA,
	  PCIQ_WAS_RESET, PCIQ_BY_PLAN },
	{ "the link is down", 0, PCIQ_LINK_FAST, 0, PCIQ_REFUSED,
	  PCIQ_BY_NOT_READY },
	{ "the port is gone", 0, PCIQ_LINK_FAST, 0xffff, PCIQ_REFUSED,
	  PCIQ_BY_NOT_READY },
};

PCIQ_PARAMS(pciq_ready);

static void pciq_ready_test(struct kunit *test)
{
	const typeof(pciq_ready_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	fake->newest->resets[PCIQ_PORT].link = c->link;
	pciq_assert_fake(test, PCIQ_RESET);
	pciq_poke(fake, PCIQ_PORT, PCIQ_AT_EXP + PCI_EXP_LNKSTA, c->lnksta);
	pciq_lose_config(fake, PCIQ_NIC);
	if (c->id)
		pciq_poke_dword(fake, PCIQ_NIC, PCI_VENDOR_ID, c->id);
	/* Long enough for what is ready. */
	if (c->outcome == PCIQ_REFUSED)
		run->work_until = pciq_arch_clock() + 100ULL * run->tsc_khz;
	pciq_release_links(run);
	pciq_wait_ready(run);
	run->work_until = run->until;
	pciq_expect_entry(test, PCIQ_NIC, c->outcome, c->reason);
	if (c->outcome != PCIQ_REFUSED)
		return;
	/* Nothing is restored then, and nothing passes the port. */
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_NIC, PCI_COMMAND), 0);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_NIC)->ready_us, 0);
	pciq_contain(run);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_WAS_CONTAINED,
			  PCIQ_BY_NOT_READY);
	KUNIT_EXPECT_FALSE(test, pciq_peek(fake, PCIQ_PORT, PCI_COMMAND) &
				 PCI_COMMAND_MASTER);
}

/* What is pending is waited for before a reset, and is no reason for one. */
static void pciq_pending_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_poke(fake, PCIQ_NIC, PCIQ_AT_EXP + PCI_EXP_DEVSTA,
		  PCI_EXP_DEVSTA_TRPND);
	pciq_ctl.policy = PCIQ_ESCALATE;
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_CLEAN);
	KUNIT_EXPECT_FALSE(test, pciq_entry(run, PCIQ_NIC)->done &
				 PCIQ_DID_DRAIN);

	pciq_ctl.policy = PCIQ_RESET;
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, run->record->links_reset, 1);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_NIC)->done &
				PCIQ_DID_DRAIN);
	KUNIT_EXPECT_FALSE(test, pciq_entry(run, PCIQ_PF)->done &
				 PCIQ_DID_DRAIN);
	KUNIT_EXPECT_GE(test, run->record->microseconds,
			PCIQ_DRAIN_MS * 1000);
}

/* A port that is gone leaves it to the next above, which closes once. */
static void pciq_contain_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_poke_dword(fake, PCIQ_INNER, PCI_VENDOR_ID, ~0U);
	pciq_begin_fake(test, PCIQ_ESCALATE);
	pciq_refuse(fake, PCIQ_FAR);
	pciq_refuse(fake, PCIQ_NIC);
	pciq_contain(run);
	pciq_undo_ops(run);
	pciq_finish(run, PCIQ_CLEAN);
	pciq_expect_entry(test, PCIQ_FAR, PCIQ_WAS_CONTAINED, PCIQ_BY_BME);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_WAS_CONTAINED, PCIQ_BY_BME);
	pciq_expect_entry(test, PCIQ_PORT, PCIQ_WAS_CONTAINED, PCIQ_BY_BRIDGE);
	KUNIT_EXPECT_EQ(test, run->record->ports_contained, 1);
	KUNIT_EXPECT_TRUE(test, pciq_entry(run, PCIQ_PORT)->done &
				PCIQ_DID_CONTAIN);
	/* No bus master, and it does not report that it blocks requests. */
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_COMMAND), 0x0003);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PORT)->command_after,
			0x0003);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_CONTAINED);
	/* On the root bus nothing is above. */
	pciq_refuse(fake, PCIQ_SOUND);
	pciq_contain(run);
	pciq_finish(run, PCIQ_CLEAN);
	pciq_expect_entry(test, PCIQ_SOUND, PCIQ_REFUSED, PCIQ_BY_BME);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_PARTIAL);
}

/* === Deadline === */

static void pciq_deadline_test(struct kunit *test)
{
	static const u32 budgets[] = { PCIQ_MIN_DEADLINE_MS, 2000,
				       PCIQ_MAX_DEADLINE_MS };
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		u64 ticks = (u64)budgets[i] * pciq_memory.tsc_khz;

		pciq_memory.deadline_ms = budgets[i];
		pciq_set_deadline(run);
		KUNIT_EXPECT_EQ(test, run->tsc_khz, pciq_memory.tsc_khz);
		KUNIT_EXPECT_EQ(test, run->until - run->start, ticks);
		/* An eighth is for restoring and for the record. */
		KUNIT_EXPECT_EQ(test, run->until - run->work_until, ticks / 8);
	}
}

static void pciq_clock_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	u64 hour = 3600ULL * 1000 * pciq_memory.tsc_khz, before;

	pciq_set_deadline(run);
	KUNIT_EXPECT_TRUE(test, pciq_expired(run, run->start));
	KUNIT_EXPECT_FALSE(test, pciq_expired(run, run->start + hour));
	before = pciq_arch_clock();
	pciq_delay(run, 1000, run->start + hour);
	KUNIT_EXPECT_GE(test, pciq_arch_clock() - before, run->tsc_khz);
	/* An hour, but for the deadline. */
	pciq_delay(run, 3600U * 1000 * 1000, run->start);
	KUNIT_EXPECT_LT(test, pciq_arch_clock() - before, hour);
	/* The clock was set back: that is not for ever. */
	run->start += hour;
	KUNIT_EXPECT_TRUE(test, pciq_expired(run, run->start + hour));
}

/* No time at all: nothing is read, but there is a record. */
static void pciq_no_time_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	u8 *kept = pciq_keep(test);

	pciq_memory.deadline_ms = 0;
	pciq_run(&fake->run);
	pciq_expect_kept(test, kept);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_SKIPPED);
	KUNIT_EXPECT_EQ(test, fake->run.record->reads, 0);
}

/* Steps that begin too late do not touch the machine. */
static void pciq_expired_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	u8 *kept = pciq_keep(test);

	pciq_ctl.policy = PCIQ_RESET;
	KUNIT_ASSERT_TRUE(test, pciq_begin(run));
	run->until = run->start;
	run->work_until = run->start;
	run->resets = fake->newest->resets;
	run->restores = fake->newest->restores;
	pciq_disable_functions(run);
	run->work[PCIQ_NIC].state |= PCIQ_STATE_PRESENT;
	run->work[PCIQ_PORT].state |= PCIQ_STATE_PRESENT;
	pciq_apply_ops(run, &run->snapshot->ops, 0);
	pciq_set_outcome(pciq_entry(run, PCIQ_NIC), PCIQ_REFUSED, PCIQ_BY_BME);
	pciq_reset_refused(run);
	pciq_contain(run);
	run->work[PCIQ_PORT].to_undo = 1;
	pciq_undo_ops(run);
	pciq_finish(run, PCIQ_CLEAN);
	pciq_expect_kept(test, kept);
	KUNIT_EXPECT_EQ(test, run->record->writes, 0);
	KUNIT_EXPECT_EQ(test, run->record->reads, 0);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_NIC)->no_reset,
			PCIQ_NOT_TIME);
	/* Not reached: that is what its entry says from the beginning. */
	pciq_expect_entry(test, PCIQ_SOUND, PCIQ_UNTOUCHED, PCIQ_BY_DEADLINE);
	pciq_expect_entry(test, PCIQ_PORT, PCIQ_UNTOUCHED, PCIQ_BY_DEADLINE);
}

/* The exception: a link left in reset would lose the dump. */
static void pciq_expired_release_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0001);
	pciq_assert_fake(test, PCIQ_RESET);
	run->until = run->start;
	run->work_until = run->start;
	pciq_release_links(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0001);
}

/* === After a fault === */

/* It hit while a link was in reset, and took longer than the deadline. */
static void pciq_recover_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0003);
	pciq_assert_fake(test, PCIQ_RESET);
	pciq_lose_config(fake, PCIQ_NIC);
	run->start -= 3600ULL * 1000 * run->tsc_khz;
	run->until = run->start;
	run->work_until = run->start;
	pciq_recover(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0001);
	pciq_expect_entry(test, PCIQ_NIC, PCIQ_WAS_RESET, PCIQ_BY_PLAN);
	pciq_expect_restored(test);
	pciq_abort(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0003);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_COMMAND), 0x0107);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_ABORTED);
	/* Where it was. */
	KUNIT_EXPECT_EQ(test, run->record->step, PCIQ_STEP_RESET);
}

/* A second fault, in the recovery: links are released all the same. */
static void pciq_abort_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	struct pciq_record *record;

	pciq_poke(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL, 0x0003);
	pciq_assert_fake(test, PCIQ_RESET);
	record = run->record;
	/* So it is if nothing more runs. */
	KUNIT_EXPECT_EQ(test, record->verdict, PCIQ_ABORTED);
	KUNIT_EXPECT_EQ(test, record->checksum, 0);
	pciq_abort(run);
	KUNIT_EXPECT_EQ(test, pciq_peek(fake, PCIQ_PORT, PCI_BRIDGE_CONTROL),
			0x0003);
	KUNIT_EXPECT_EQ(test, record->verdict, PCIQ_ABORTED);
	KUNIT_EXPECT_EQ(test, record->nr_entries, PCIQ_NR_FAKE);
	KUNIT_EXPECT_EQ(test, record->counts[PCIQ_QUIET], 5);
	KUNIT_EXPECT_EQ(test, record->checksum, pciq_record_sum(record));
}

/* It hit before anything was to be reset, or before anything was done. */
static void pciq_abort_early_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	u8 *kept;

	pciq_begin_fake(test, PCIQ_RESET);
	run->resets = NULL;
	run->work[PCIQ_PORT].state |= PCIQ_STATE_ASSERTED;
	run->work[PCIQ_PORT].to_undo = 1;
	kept = pciq_keep(test);
	pciq_recover(run);
	pciq_abort(run);
	KUNIT_EXPECT_EQ(test, run->record->verdict, PCIQ_ABORTED);
	memset(run, 0, sizeof(*run));
	pciq_recover(run);
	pciq_abort(run);
	KUNIT_EXPECT_NULL(test, run->record);
	pciq_expect_kept(test, kept);
}

/* === The record === */

static void pciq_record_test(struct kunit *test)
{
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	struct pciq_record *record;
	u32 i, sum = 0;

	pciq_poke_dword(fake, PCIQ_NIC, PCI_VENDOR_ID, ~0U);
	pciq_ctl.policy = PCIQ_ESCALATE;
	pciq_run(run);
	record = run->record;
	KUNIT_EXPECT_PTR_EQ(test, record, pciq_memory.record);
	KUNIT_EXPECT_EQ(test, memcmp(record->magic, PCIQ_RECORD_MAGIC, 8), 0);
	KUNIT_EXPECT_EQ(test, record->version, 2);
	KUNIT_EXPECT_EQ(test, record->header_size, sizeof(*record));
	KUNIT_EXPECT_EQ(test, record->entry_size, sizeof(struct pciq_entry));
	KUNIT_EXPECT_EQ(test, record->nr_entries, PCIQ_NR_FAKE);
	KUNIT_EXPECT_EQ(test, record->total_bytes, sizeof(*record) +
			PCIQ_NR_FAKE * sizeof(struct pciq_entry));
	KUNIT_EXPECT_EQ(test, record->checksum, pciq_record_sum(record));
	KUNIT_EXPECT_EQ(test, record->policy, PCIQ_ESCALATE);
	KUNIT_EXPECT_EQ(test, record->generation, 2);
	KUNIT_EXPECT_EQ(test, record->deadline_ms, PCIQ_BUDGET_MS);
	KUNIT_EXPECT_EQ(test, record->tsc_khz, pciq_memory.tsc_khz);
	KUNIT_EXPECT_EQ(test, record->unanswered, 1);
	KUNIT_EXPECT_EQ(test, record->faults, 0);
	for (i = 0; i < PCIQ_NR_OUTCOMES; i++)
		sum += record->counts[i];
	KUNIT_EXPECT_EQ(test, sum, PCIQ_NR_FAKE);
	for (i = 1; i < PCIQ_NR_STEPS; i++)
		KUNIT_EXPECT_GE(test, record->tsc[i], record->tsc[i - 1]);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PF)->command_before, 0x0006);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PF)->command_after, 0x0002);
	KUNIT_EXPECT_EQ(test, pciq_entry(run, PCIQ_PF)->done,
			PCIQ_DID_READ | PCIQ_DID_DISABLE);
	KUNIT_EXPECT_STREQ(test, pciq_entry(run, PCIQ_PF)->driver, "fake");
}

static const struct {
	const char *name;
	struct { u8 outcome, reason; } entries[3];
	u8 given;	/* the verdict that is the best; 0: clean */
	u8 source;
	u8 faults, unanswered, incomplete, contained;
	u8 verdict, total, quiet, held, lasts;
} pciq_verdict_cases[] = {
	{ "quiet", { { PCIQ_QUIET }, { PCIQ_QUIET }, { PCIQ_ALREADY_QUIET } },
	  .verdict = PCIQ_CLEAN, .total = 3, .quiet = 3, .held = 2,
	  .lasts = 1 },
	{ "reset", { { PCIQ_WAS_RESET }, { PCIQ_WAS_RESET, PCIQ_BY_LINK },
		     { PCIQ_WAS_RESET, PCIQ_BY_BRIDGE } },
	  .verdict = PCIQ_CLEAN, .total = 2, .quiet = 2, .lasts = 2 },
	{ "contained", { { PCIQ_WAS_CONTAINED, PCIQ_BY_BME }, { PCIQ_QUIET },
			 { PCIQ_WAS_CONTAINED, PCIQ_BY_BRIDGE } },
	  .contained = 1, .verdict = PCIQ_CONTAINED, .total = 2, .quiet = 1,
	  .held = 2 },
	{ "contained and refused", { { PCIQ_WAS_CONTAINED, PCIQ_BY_BME },
				     { PCIQ_REFUSED, PCIQ_BY_INTX },
				     { PCIQ_WAS_CONTAINED, PCIQ_BY_BRIDGE } },
	  .contained = 1, .verdict = PCIQ_PARTIAL, .total = 2, .held = 1 },
	{ "refused", { { PCIQ_REFUSED, PCIQ_BY_BME }, { PCIQ_QUIET },
		       { PCIQ_QUIET } },
	  .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 2, .held = 2 },
	{ "not reached", { { PCIQ_UNTOUCHED, PCIQ_BY_DEADLINE },
			   { PCIQ_QUIET }, { PCIQ_QUIET } },
	  .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 2, .held = 2 },
	{ "exclude=", { { PCIQ_EXCLUDED, PCIQ_BY_USER }, { PCIQ_QUIET },
			{ PCIQ_QUIET } },
	  .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 2, .held = 2 },
	{ "gone", { { PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE }, { PCIQ_QUIET },
		    { PCIQ_QUIET } },
	  .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 2, .held = 2 },
	{ "out of scope", { { PCIQ_ABSENT, PCIQ_BY_POWER }, { PCIQ_ABSENT },
			    { PCIQ_QUIET } },
	  .verdict = PCIQ_CLEAN, .total = 1, .quiet = 1, .held = 1 },
	{ "nothing in scope", { { PCIQ_EXCLUDED, PCIQ_BY_CLASS },
				{ PCIQ_UNTOUCHED, PCIQ_BY_BRIDGE },
				{ PCIQ_ABSENT, PCIQ_BY_POWER } },
	  .verdict = PCIQ_CLEAN },
	{ "a fault", { { PCIQ_QUIET }, { PCIQ_QUIET }, { PCIQ_QUIET } },
	  .faults = 1, .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 3,
	  .held = 3 },
	{ "another function came", { { PCIQ_QUIET }, { PCIQ_QUIET },
				     { PCIQ_QUIET } },
	  .incomplete = 1, .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 3,
	  .held = 3 },
	{ "a scan", { { PCIQ_QUIET }, { PCIQ_QUIET }, { PCIQ_QUIET } },
	  .source = PCIQ_FROM_SCAN, .verdict = PCIQ_PARTIAL, .total = 3,
	  .quiet = 3, .held = 3 },
	{ "the other snapshot", { { PCIQ_QUIET }, { PCIQ_QUIET },
				  { PCIQ_QUIET } },
	  .source = PCIQ_FROM_OTHER, .verdict = PCIQ_CLEAN, .total = 3,
	  .quiet = 3, .held = 3 },
	{ "no response at all", { { PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE },
				  { PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE },
				  { PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE } },
	  .unanswered = 5, .verdict = PCIQ_SKIPPED, .total = 3 },
	{ "aborted", { { PCIQ_QUIET }, { PCIQ_QUIET }, { PCIQ_QUIET } },
	  .given = PCIQ_ABORTED, .verdict = PCIQ_ABORTED, .total = 3,
	  .quiet = 3, .held = 3 },
	{ "an outcome that is none", { { 0xff }, { PCIQ_QUIET },
				       { PCIQ_QUIET } },
	  .verdict = PCIQ_PARTIAL, .total = 3, .quiet = 2, .held = 2 },
};

PCIQ_PARAMS(pciq_verdict);

static void pciq_verdict_test(struct kunit *test)
{
	const typeof(pciq_verdict_cases[0]) *c = test->param_value;
	struct pciq_fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	struct pciq_record *record = pciq_memory.record;
	u32 i, held = 0, lasts = 0;

	run->record = record;
	run->tsc_khz = pciq_memory.tsc_khz;
	*record = pciq_memory.blank;
	record->nr_entries = ARRAY_SIZE(c->entries);
	record->total_bytes += record->nr_entries * sizeof(struct pciq_entry);
	record->source = c->source ?: PCIQ_FROM_NEWEST;
	record->reads = 5;
	record->faults = c->faults;
	record->unanswered = c->unanswered;
	record->incomplete = c->incomplete;
	record->ports_contained = c->contained;
	for (i = 0; i < record->nr_entries; i++)
		pciq_set_outcome(pciq_entry(run, i), c->entries[i].outcome,
				 c->entries[i].reason);
	pciq_finish(run, c->given ?: PCIQ_CLEAN);
	KUNIT_EXPECT_EQ(test, record->verdict, c->verdict);
	KUNIT_EXPECT_EQ(test, record->total, c->total);
	KUNIT_EXPECT_EQ(test, record->quiet, c->quiet);
	KUNIT_EXPECT_EQ(test, record->held, c->held);
	for (i = 0; i < record->nr_entries; i++) {
		held += pciq_entry(run, i)->duration == PCIQ_HELD;
		lasts += pciq_entry(run, i)->duration == PCIQ_LASTS;
	}
	KUNIT_EXPECT_EQ(test, held, c->held);
	KUNIT_EXPECT_EQ(test, lasts, c->lasts);
}

static struct kunit_case pciq_fake_cases[] = {
	KUNIT_CASE_PARAM(pciq_damage_test, pciq_damage_gen_params),
	KUNIT_CASE_PARAM(pciq_slot_test, pciq_slot_gen_params),
	KUNIT_CASE_PARAM(pciq_run_test, pciq_run_gen_params),
	KUNIT_CASE(pciq_off_test),
	KUNIT_CASE(pciq_stray_window_test),
	KUNIT_CASE(pciq_arrival_test),
	KUNIT_CASE_PARAM(pciq_scan_test, pciq_scan_gen_params),
	KUNIT_CASE(pciq_scan_entries_test),
	KUNIT_CASE_PARAM(pciq_undo_test, pciq_undo_gen_params),
	KUNIT_CASE(pciq_restore_test),
	KUNIT_CASE(pciq_restore_port_test),
	KUNIT_CASE(pciq_reset_test),
	KUNIT_CASE(pciq_reset_refused_test),
	KUNIT_CASE(pciq_reset_inner_test),
	KUNIT_CASE(pciq_flr_test),
	KUNIT_CASE(pciq_af_flr_test),
	KUNIT_CASE_PARAM(pciq_no_reset_test, pciq_no_reset_gen_params),
	KUNIT_CASE(pciq_not_current_test),
	KUNIT_CASE(pciq_bad_resets_test),
	KUNIT_CASE_PARAM(pciq_ready_test, pciq_ready_gen_params),
	KUNIT_CASE(pciq_pending_test),
	KUNIT_CASE(pciq_contain_test),
	KUNIT_CASE(pciq_deadline_test),
	KUNIT_CASE(pciq_clock_test),
	KUNIT_CASE(pciq_no_time_test),
	KUNIT_CASE(pciq_expired_test),
	KUNIT_CASE(pciq_expired_release_test),
	KUNIT_CASE(pciq_recover_test),
	KUNIT_CASE(pciq_abort_test),
	KUNIT_CASE(pciq_abort_early_test),
	KUNIT_CASE(pciq_record_test),
	KUNIT_CASE_PARAM(pciq_verdict_test, pciq_verdict_gen_params),
	{ }
};

static struct kunit_suite pciq_fake_suite = {
	.name = "kexec_pci_quiesce",
	.suite_init = pciq_fake_suite_init,
	.suite_exit = pciq_fake_suite_exit,
	.init = pciq_fake_init,
	.exit = pciq_fake_exit,
	.test_cases = pciq_fake_cases,
};

/* === What may be reset === */

/* How the NIC is reset: by policy "reset", or if it is named, by "escalate". */
enum {
	PCIQ_HOW_LEFT, PCIQ_HOW_NOT, PCIQ_HOW_LINK, PCIQ_HOW_FLR,
	PCIQ_HOW_LINK_NAMED, PCIQ_HOW_FLR_NAMED
};

static const struct {
	u8 method, escalate, reset;
} pciq_hows[] = {
	[PCIQ_HOW_LEFT] = { PCIQ_RESET_NONE, PCIQ_PLAN_LEAVE, PCIQ_PLAN_LEAVE },
	[PCIQ_HOW_NOT] = { PCIQ_RESET_NONE, PCIQ_PLAN_DISABLE,
			      PCIQ_PLAN_DISABLE },
	[PCIQ_HOW_LINK] = { PCIQ_RESET_LINK, PCIQ_PLAN_DISABLE,
				 PCIQ_PLAN_RESET },
	[PCIQ_HOW_FLR] = { PCIQ_RESET_FLR, PCIQ_PLAN_DISABLE,
			  PCIQ_PLAN_RESET },
	[PCIQ_HOW_LINK_NAMED] = { PCIQ_RESET_LINK, PCIQ_PLAN_RESET,
				 PCIQ_PLAN_RESET },
	[PCIQ_HOW_FLR_NAMED] = { PCIQ_RESET_FLR, PCIQ_PLAN_RESET,
				PCIQ_PLAN_RESET },
};

static const struct {
	const char *name;
	u8 func;	/* has these flags and this ID */
	u32 flags;
	u8 how, why;	/* of the NIC */
	u8 port_why;	/* 0: as that */
	u8 reason;	/* of @func; 0: it is to be disabled */
	u8 no_link;	/* of the port */
	u32 own;	/* flags of the NIC as well */
	u32 class;	/* 0: as it is; likewise the next */
	u16 vendor, device;
	u16 settle_ms;	/* with FLR; 0: what the specification says */
} pciq_plan_cases[] = {
	{ "nothing is against its link", PCIQ_NIC, 0, PCIQ_HOW_LINK },
	{ "FLR is not needed then", PCIQ_NIC, PCIQ_F_HAS_FLR, PCIQ_HOW_LINK },

	/* NO_BUS_RESET permits FLR */
	{ "quirk", PCIQ_NIC, PCIQ_F_NO_BUS_RESET,
	  PCIQ_HOW_NOT, PCIQ_NOT_QUIRK },
	{ "quirk, FLR", PCIQ_NIC, PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_FLR, PCIQ_NOT_QUIRK },
	{ "quirk, FLR is broken", PCIQ_NIC,
	  PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR | PCIQ_F_NO_FLR,
	  PCIQ_HOW_NOT, PCIQ_NOT_QUIRK },
	{ "quirk of a neighbor", PCIQ_PF, PCIQ_F_NO_BUS_RESET,
	  PCIQ_HOW_NOT, PCIQ_NOT_QUIRK },
	{ "quirk of a neighbor, FLR", PCIQ_PF, PCIQ_F_NO_BUS_RESET,
	  PCIQ_HOW_FLR, PCIQ_NOT_QUIRK, .own = PCIQ_F_HAS_FLR },
	{ "quirk of the port", PCIQ_PORT, PCIQ_F_NO_BUS_RESET,
	  PCIQ_HOW_NOT, PCIQ_NOT_QUIRK },
	{ "FLR that takes longer", PCIQ_NIC,
	  PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR, PCIQ_HOW_FLR, PCIQ_NOT_QUIRK,
	  .vendor = 0x8086, .device = 0x0953, .settle_ms = 350 },
	{ "FLR that hangs", PCIQ_NIC, PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_NOT, PCIQ_NOT_QUIRK, .vendor = 0x1022, .device = 0x1485 },
	{ "not of its neighbors", PCIQ_NIC,
	  PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR, PCIQ_HOW_FLR, PCIQ_NOT_QUIRK,
	  .vendor = 0x1022, .device = 0x1484 },
	{ "FLR of any of Chelsio's", PCIQ_NIC,
	  PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR, PCIQ_HOW_NOT, PCIQ_NOT_QUIRK,
	  .vendor = 0x1425, .device = 0x5401 },

	/* Nothing resets these */
	{ "display", PCIQ_NIC, PCIQ_F_DISPLAY | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_NOT, PCIQ_NOT_DISPLAY },
	{ "display beside it", PCIQ_PF, PCIQ_F_DISPLAY,
	  PCIQ_HOW_NOT, PCIQ_NOT_DISPLAY },
	{ "display beside it, FLR", PCIQ_PF, PCIQ_F_DISPLAY,
	  PCIQ_HOW_FLR, PCIQ_NOT_DISPLAY, .own = PCIQ_F_HAS_FLR },
	{ "display below another port", PCIQ_FAR, PCIQ_F_DISPLAY,
	  PCIQ_HOW_NOT, PCIQ_NOT_DISPLAY },
	{ "a quirk is the weakest", PCIQ_PF, PCIQ_F_CXL,
	  PCIQ_HOW_NOT, PCIQ_NOT_QUIRK, .port_why = PCIQ_NOT_CXL,
	  .own = PCIQ_F_NO_BUS_RESET },
	{ "CXL", PCIQ_NIC, PCIQ_F_CXL, PCIQ_HOW_NOT, PCIQ_NOT_CXL },
	{ "VMD", PCIQ_NIC, PCIQ_F_VMD | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_NOT, PCIQ_NOT_VMD },
	{ "noreset=", PCIQ_NIC, PCIQ_F_NORESET_USER | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_NOT, PCIQ_NOT_USER },
	{ "noreset= of a VF beside it", PCIQ_VF, PCIQ_F_NORESET_USER,
	  PCIQ_HOW_NOT, PCIQ_NOT_USER },
	{ "exclude=", PCIQ_NIC, PCIQ_F_EXCLUDE_USER,
	  PCIQ_HOW_LEFT, PCIQ_NOT_EXCLUDED, .reason = PCIQ_BY_USER },
	{ "exclude= beside it", PCIQ_PF, PCIQ_F_EXCLUDE_USER,
	  PCIQ_HOW_NOT, PCIQ_NOT_EXCLUDED, .reason = PCIQ_BY_USER },
	{ "exclude= of the port", PCIQ_PORT, PCIQ_F_EXCLUDE_USER,
	  PCIQ_HOW_NOT, PCIQ_NOT_EXCLUDED, .reason = PCIQ_BY_USER },
	{ "a class that is no master", PCIQ_NIC,
	  PCIQ_F_EXCLUDE_CLASS | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_LEFT, PCIQ_NOT_EXCLUDED, .reason = PCIQ_BY_CLASS },
	{ "another machine masters", PCIQ_NIC, PCIQ_F_PEER | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_LEFT, PCIQ_NOT_EXCLUDED, .reason = PCIQ_BY_PEER },
	{ "needs the BME of firmware", PCIQ_NIC,
	  PCIQ_F_FIRMWARE_BME | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_LEFT, PCIQ_NOT_EXCLUDED, .reason = PCIQ_BY_FIRMWARE },
	{ "asleep", PCIQ_NIC, PCIQ_F_OFFLINE, PCIQ_HOW_NOT, PCIQ_NOT_SAVED },
	{ "may have no power", PCIQ_NIC, PCIQ_F_UNREAD,
	  PCIQ_HOW_LEFT, PCIQ_NOT_SAVED, .reason = PCIQ_BY_POWER },
	{ "was being reset", PCIQ_NIC, PCIQ_F_UNSAVED | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_NOT, PCIQ_NOT_SAVED },
	{ "the port held in reset", PCIQ_PORT, PCIQ_F_HELD,
	  PCIQ_HOW_NOT, PCIQ_NOT_HELD },
	{ "DPC of firmware", PCIQ_NIC, 0, PCIQ_HOW_NOT, PCIQ_NOT_FIRMWARE,
	  .no_link = PCIQ_NOT_FIRMWARE },
	{ "DPC of firmware, FLR", PCIQ_NIC, PCIQ_F_HAS_FLR,
	  PCIQ_HOW_FLR, PCIQ_NOT_FIRMWARE, .no_link = PCIQ_NOT_FIRMWARE },

	/* Storage whose firmware boots for long */
	{ "RAID", PCIQ_NIC, PCIQ_F_HAS_FLR, PCIQ_HOW_NOT, PCIQ_NOT_STORAGE,
	  .class = 0x010400 },
	{ "SAS beside it", PCIQ_PF, 0, PCIQ_HOW_NOT, PCIQ_NOT_STORAGE,
	  .class = 0x010700 },
	{ "MPT, which is plain SCSI", PCIQ_NIC, 0,
	  PCIQ_HOW_NOT, PCIQ_NOT_STORAGE, .class = 0x010000, .vendor = 0x1000,
	  .device = 0x0030 },
	{ "another of LSI's", PCIQ_NIC, 0, PCIQ_HOW_LINK, .class = 0x010000,
	  .vendor = 0x1000, .device = 0x0012 },
	{ "that ID of another vendor", PCIQ_NIC, 0, PCIQ_HOW_LINK,
	  .class = 0x010000, .vendor = 0x1001, .device = 0x0030 },
	{ "reset= of RAID", PCIQ_NIC, PCIQ_F_RESET_USER, PCIQ_HOW_LINK_NAMED,
	  .class = 0x010400 },

	/* reset= */
	{ "reset=", PCIQ_NIC, PCIQ_F_RESET_USER, PCIQ_HOW_LINK_NAMED },
	{ "reset= beside it", PCIQ_PF, PCIQ_F_RESET_USER, PCIQ_HOW_LINK_NAMED },
	{ "reset= of the port", PCIQ_PORT, PCIQ_F_RESET_USER,
	  PCIQ_HOW_LINK_NAMED },
	{ "reset= below another port", PCIQ_FAR, PCIQ_F_RESET_USER,
	  PCIQ_HOW_LINK },
	{ "reset= by FLR", PCIQ_NIC,
	  PCIQ_F_RESET_USER | PCIQ_F_NO_BUS_RESET | PCIQ_F_HAS_FLR,
	  PCIQ_HOW_FLR_NAMED, PCIQ_NOT_QUIRK },
	{ "reset= and noreset=", PCIQ_NIC,
	  PCIQ_F_RESET_USER | PCIQ_F_NORESET_USER,
	  PCIQ_HOW_NOT, PCIQ_NOT_USER },
};

PCIQ_PARAMS(pciq_plan);

/* Descriptions of the same machine. */
static struct pciq_desc *pciq_make_descs(struct kunit *test)
{
	struct pciq_desc *descs = kunit_kcalloc(test, PCIQ_NR_FAKE,
						sizeof(*descs), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, descs);
	for (i = 0; i < PCIQ_NR_FAKE; i++) {
		pciq_fill_func(&descs[i].func, i);
		descs[i].reset.parent = pciq_machine[i].above - 1U;
		descs[i].is_readable = true;
	}
	return descs;
}

static void pciq_plan_test(struct kunit *test)
{
	const typeof(pciq_plan_cases[0]) *c = test->param_value;
	const typeof(pciq_hows[0]) *how = &pciq_hows[c->how];
	struct pciq_desc *descs = pciq_make_descs(test);
	struct pciq_entry *entry = &descs[c->func].func.entry;
	struct pciq_reset *nic = &descs[PCIQ_NIC].reset;
	struct pciq_reset *port = &descs[PCIQ_PORT].reset;

	entry->flags |= c->flags;
	entry->reason = c->reason ?: PCIQ_BY_DEADLINE;
	entry->vendor = c->vendor ?: entry->vendor;
	entry->device = c->device ?: entry->device;
	if (c->class)
		entry->class_revision = c->class << 8;
	descs[PCIQ_NIC].func.entry.flags |= c->own;
	descs[PCIQ_PORT].no_link = c->no_link;
	pciq_plan(descs, PCIQ_NR_FAKE);
	KUNIT_EXPECT_EQ(test, nic->method, how->method);
	KUNIT_EXPECT_EQ(test, nic->no_reset, c->why);
	KUNIT_EXPECT_EQ(test, nic->settle_ms, how->method == PCIQ_RESET_FLR ?
			c->settle_ms ?: 100 : 0);
	KUNIT_EXPECT_EQ(test, nic->plan[PCIQ_BUSMASTER],
			min_t(u8, how->escalate, PCIQ_PLAN_DISABLE));
	KUNIT_EXPECT_EQ(test, nic->plan[PCIQ_ESCALATE], how->escalate);
	KUNIT_EXPECT_EQ(test, nic->plan[PCIQ_RESET], how->reset);
	/* A cause by itself, not for the sake of what is on its link. */
	KUNIT_EXPECT_EQ(test, !!(nic->cause & BIT(PCIQ_RESET)),
			how->reset == PCIQ_PLAN_RESET);
	KUNIT_EXPECT_EQ(test, !!(nic->cause & BIT(PCIQ_ESCALATE)),
			how->escalate == PCIQ_PLAN_RESET &&
			c->func == PCIQ_NIC);
	KUNIT_EXPECT_EQ(test, port->no_reset, c->port_why ?: c->why);
	KUNIT_EXPECT_EQ(test, port->method,
			c->why ? PCIQ_RESET_NONE : PCIQ_RESET_LINK);
}

/* reset= of a port names all that is below it, and nothing above. */
static void pciq_plan_nested_test(struct kunit *test)
{
	struct pciq_desc *descs = pciq_make_descs(test);
	unsigned int i;

	descs[PCIQ_FAR].func.entry.flags |= PCIQ_F_RESET_USER;
	pciq_plan(descs, PCIQ_NR_FAKE);
	for (i = 0; i < PCIQ_NR_FAKE; i++)
		KUNIT_EXPECT_EQ_MSG(test, descs[i].reset.plan[PCIQ_ESCALATE] ==
				    PCIQ_PLAN_RESET,
				    i == PCIQ_FAR || i == PCIQ_INNER,
				    "function %u", i);

	descs = pciq_make_descs(test);
	descs[PCIQ_PORT].func.entry.flags |= PCIQ_F_RESET_USER;
	pciq_plan(descs, PCIQ_NR_FAKE);
	for (i = 0; i < PCIQ_NR_FAKE; i++)
		KUNIT_EXPECT_EQ_MSG(test, descs[i].reset.plan[PCIQ_ESCALATE] ==
				    PCIQ_PLAN_RESET,
				    i != PCIQ_SOUND && i != PCIQ_HOST,
				    "function %u", i);
	/* A link that is reset with it counts as named. */
	KUNIT_EXPECT_TRUE(test, descs[PCIQ_INNER].func.entry.flags &
				PCIQ_F_RESET_USER);

	/* What is below the inner port protects both, not the reverse. */
	descs = pciq_make_descs(test);
	descs[PCIQ_NIC].func.entry.flags |= PCIQ_F_DISPLAY;
	pciq_plan(descs, PCIQ_NR_FAKE);
	KUNIT_EXPECT_EQ(test, descs[PCIQ_PORT].reset.method, PCIQ_RESET_NONE);
	KUNIT_EXPECT_EQ(test, descs[PCIQ_INNER].reset.method, PCIQ_RESET_LINK);
	KUNIT_EXPECT_EQ(test, descs[PCIQ_FAR].reset.method, PCIQ_RESET_LINK);
}

/* Without a port above, and a port with nothing below. */
static void pciq_plan_root_bus_test(struct kunit *test)
{
	static const struct { u32 flags; u8 method, no_reset; } cases[] = {
		{ 0, PCIQ_RESET_NONE, PCIQ_NOT_BELOW },
		{ PCIQ_F_HAS_FLR, PCIQ_RESET_FLR, PCIQ_NOT_BELOW },
		{ PCIQ_F_HAS_FLR | PCIQ_F_NO_FLR, PCIQ_RESET_NONE,
		  PCIQ_NOT_FLR },
		{ PCIQ_F_HAS_FLR | PCIQ_F_DISPLAY, PCIQ_RESET_NONE,
		  PCIQ_NOT_DISPLAY },
	};
	struct pciq_desc *descs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		descs = pciq_make_descs(test);
		descs[PCIQ_SOUND].func.entry.flags |= cases[i].flags;
		pciq_plan(descs, PCIQ_NR_FAKE);
		KUNIT_EXPECT_EQ(test, descs[PCIQ_SOUND].reset.method,
				cases[i].method);
		KUNIT_EXPECT_EQ(test, descs[PCIQ_SOUND].reset.no_reset,
				cases[i].no_reset);
	}
	descs = pciq_make_descs(test);
	descs[PCIQ_FAR].reset.parent = PCIQ_NONE;
	descs[PCIQ_FAR].func.entry.port = 0;
	pciq_plan(descs, PCIQ_NR_FAKE);
	KUNIT_EXPECT_EQ(test, descs[PCIQ_INNER].reset.no_reset,
			PCIQ_NOT_EMPTY);
	KUNIT_EXPECT_EQ(test, descs[PCIQ_INNER].reset.method, PCIQ_RESET_NONE);
	/* That is no reason against the link above. */
	KUNIT_EXPECT_EQ(test, descs[PCIQ_PORT].reset.method, PCIQ_RESET_LINK);
}

static void pciq_longest_reset_test(struct kunit *test)
{
	struct pciq_desc *descs = pciq_make_descs(test);

	descs[PCIQ_PORT].reset.settle_ms = 100;
	descs[PCIQ_INNER].reset.settle_ms = 1100;
	pciq_plan(descs, PCIQ_NR_FAKE);
	/* Links in a row add up; all wait for what is pending. */
	KUNIT_EXPECT_EQ(test, pciq_longest_reset(descs, PCIQ_NR_FAKE),
			100 + 1100 + PCIQ_DRAIN_MS + 20);
	descs[PCIQ_SOUND].reset.method = PCIQ_RESET_FLR;
	descs[PCIQ_SOUND].reset.settle_ms = 60000;
	KUNIT_EXPECT_EQ(test, pciq_longest_reset(descs, PCIQ_NR_FAKE),
			60000 + PCIQ_DRAIN_MS + 20);
	descs[PCIQ_SOUND].reset.settle_ms = U16_MAX;
	KUNIT_EXPECT_EQ(test, pciq_longest_reset(descs, PCIQ_NR_FAKE),
			U16_MAX);
}

/* === Operations === */

#define PCIQ_ROOT_PORT		(PCIQ_HAS_BRIDGE | PCIQ_HAS_ROOT_CONTROL | \
				 PCIQ_HAS_LINK_BELOW)
#define PCIQ_ALL_SOURCES	(PCIQ_HAS_SLOT | PCIQ_HAS_AER | PCIQ_HAS_DPC | \
				 PCIQ_HAS_PME | PCIQ_HAS_BANDWIDTH)

#define PCIQ_WHEN_ERRORS	(PCIQ_WHEN_LINK_RESET | PCIQ_WHEN_CONTAIN)

#define PCIQ_DEVCTL	(PCIQ_AT_EXP + PCI_EXP_DEVCTL)
#define PCIQ_DEVCTL2	(PCIQ_AT_EXP + PCI_EXP_DEVCTL2)
#define PCIQ_RTCTL	(PCIQ_AT_EXP + PCI_EXP_RTCTL)
#define PCIQ_SLTCTL	(PCIQ_AT_EXP + PCI_EXP_SLTCTL)
#define PCIQ_SLTSTA	(PCIQ_AT_EXP + PCI_EXP_SLTSTA)
#define PCIQ_LNKCTL	(PCIQ_AT_EXP + PCI_EXP_LNKCTL)
#define PCIQ_MSI_FLAGS	(PCIQ_AT_MSI + PCI_MSI_FLAGS)
#define PCIQ_MSIX_FLAGS	(PCIQ_AT_MSIX + PCI_MSIX_FLAGS)
#define PCIQ_ROOT_CMD	(PCIQ_AT_AER + PCI_ERR_ROOT_COMMAND)
#define PCIQ_DPC_CTL	(PCIQ_AT_DPC + PCI_EXP_DPC_CTL)

/* Registers: 0 ends a list.  A bridge has two in its header as well. */
static const struct {
	const char *name;
	u16 has;
	bool msi, msix, ext;	/* capabilities; @ext: AER, DPC */
	u16 ops[4], reset_ops[7];
	bool unreadable;
	bool endpoint;	/* with PTM */
	u8 reason;	/* 0: it is to be disabled */
} pciq_ops_cases[] = {
	{ "one source: by it", PCIQ_ROOT_PORT | PCIQ_HAS_PME, true, false,
	  false, { PCIQ_RTCTL }, { PCIQ_RTCTL, PCIQ_DEVCTL, PCIQ_DEVCTL2 } },
	{ "many sources: by the message", PCIQ_ROOT_PORT | PCIQ_ALL_SOURCES,
	  true, false, true, { PCIQ_MSI_FLAGS },
	  { PCIQ_RTCTL, PCIQ_DEVCTL, PCIQ_DPC_CTL, PCIQ_SLTSTA, PCIQ_DEVCTL2,
	    PCIQ_LNKCTL } },
	{ "many of both: INTx first",
	  PCIQ_ROOT_PORT | PCIQ_ALL_SOURCES | PCIQ_HAS_PIN, true, true, true,
	  { PCI_COMMAND, PCIQ_MSI_FLAGS, PCIQ_MSIX_FLAGS },
	  { PCIQ_RTCTL, PCIQ_DEVCTL, PCIQ_DPC_CTL, PCIQ_SLTSTA, PCIQ_DEVCTL2,
	    PCIQ_LNKCTL } },
	{ "fewer sources than messages", PCIQ_ROOT_PORT | PCIQ_HAS_PIN |
	  PCIQ_HAS_SLOT | PCIQ_HAS_PME | PCIQ_HAS_AER, true, true, true,
	  { PCIQ_SLTCTL, PCIQ_RTCTL, PCIQ_ROOT_CMD },
	  { PCIQ_RTCTL, PCIQ_DEVCTL, PCIQ_SLTSTA, PCIQ_DEVCTL2 } },
	{ "as many: by the source",
	  PCIQ_HAS_BRIDGE | PCIQ_HAS_LINK_BELOW | PCIQ_HAS_SLOT, true, false,
	  false, { PCIQ_SLTCTL }, { PCIQ_DEVCTL, PCIQ_SLTSTA, PCIQ_DEVCTL2 } },
	{ "DPC and bandwidth", PCIQ_HAS_BRIDGE | PCIQ_HAS_LINK_BELOW |
	  PCIQ_HAS_DPC | PCIQ_HAS_BANDWIDTH | PCIQ_HAS_PIN, true, true, true,
	  { PCIQ_DPC_CTL, PCIQ_LNKCTL },
	  { PCIQ_DEVCTL, PCIQ_DPC_CTL, PCIQ_DEVCTL2, PCIQ_LNKCTL } },
	{ "none of Linux's", PCIQ_ROOT_PORT, true, false, true, { },
	  { PCIQ_RTCTL, PCIQ_DEVCTL, PCIQ_DEVCTL2 } },
	{ "some of firmware's",
	  PCIQ_ROOT_PORT | PCIQ_HAS_FOREIGN | PCIQ_HAS_PME, true, false, true,
	  { PCIQ_MSI_FLAGS }, { PCIQ_RTCTL, PCIQ_DEVCTL, PCIQ_DEVCTL2 } },
	{ "not readable", PCIQ_HAS_BRIDGE | PCIQ_HAS_PIN, true, false, false,
	  { PCI_COMMAND, PCIQ_MSI_FLAGS }, { PCIQ_DEVCTL },
	  .unreadable = true },
	{ "exclude=", PCIQ_ROOT_PORT | PCIQ_ALL_SOURCES, true, false, true,
	  .reason = PCIQ_BY_USER },
	{ "an endpoint with PTM", 0, true, true, false, { },
	  { PCIQ_AT_PTM + PCI_PTM_CTRL }, .endpoint = true },
};

PCIQ_PARAMS(pciq_ops);

static struct pciq_tables *pciq_make_tables(struct kunit *test)
{
	struct pciq_tables *tables = kunit_kzalloc(test, sizeof(*tables),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tables);
	tables->ops = kunit_kcalloc(test, PCIQ_OPS_PER_FUNC,
				    sizeof(*tables->ops), GFP_KERNEL);
	tables->reset_ops = kunit_kcalloc(test, PCIQ_OPS_PER_FUNC,
					  sizeof(*tables->reset_ops),
					  GFP_KERNEL);
	tables->restores = kunit_kcalloc(test, PCIQ_RESTORES_PER_FUNC,
					 sizeof(*tables->restores), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tables->ops);
	KUNIT_ASSERT_NOT_NULL(test, tables->reset_ops);
	KUNIT_ASSERT_NOT_NULL(test, tables->restores);
	return tables;
}

static void pciq_expect_regs(struct kunit *test, const struct pciq_op *ops,
			     u32 nr, const u16 *regs, u32 max)
{
	u32 wanted = 0, i;

	while (wanted < max && regs[wanted])
		wanted++;
	KUNIT_ASSERT_EQ(test, nr, wanted);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, ops[i].reg, regs[i]);
}

/* What is undone has a place of its own for what was there. */
static void pciq_expect_slots(struct kunit *test,
			      const struct pciq_tables *tables, u16 index)
{
	u32 i;

	KUNIT_EXPECT_LE(test, tables->nr_reset_ops, PCIQ_MAX_UNDO);
	for (i = 0; i < tables->nr_reset_ops; i++) {
		KUNIT_EXPECT_EQ(test, tables->reset_ops[i].slot, i);
		KUNIT_EXPECT_NE(test, tables->reset_ops[i].when, 0);
		KUNIT_EXPECT_EQ(test, tables->reset_ops[i].func, index);
	}
	for (i = 0; i < tables->nr_ops; i++) {
		KUNIT_EXPECT_EQ(test, tables->ops[i].when, 0);
		KUNIT_EXPECT_EQ(test, tables->ops[i].func, index);
	}
}

static void pciq_ops_test(struct kunit *test)
{
	const typeof(pciq_ops_cases[0]) *c = test->param_value;
	u32 header = c->has & PCIQ_HAS_BRIDGE && !c->reason ? 2 : 0;
	struct pciq_tables *tables = pciq_make_tables(test);
	struct pciq_desc *desc = pciq_make_descs(test);

	desc->func.entry.reason = c->reason ?: PCIQ_BY_DEADLINE;
	desc->is_readable = !c->unreadable;
	desc->has = c->has;
	desc->reset.pcie_cap = PCIQ_AT_EXP;
	desc->msi_cap = c->msi ? PCIQ_AT_MSI : 0;
	desc->msix_cap = c->msix ? PCIQ_AT_MSIX : 0;
	desc->aer_cap = c->ext ? PCIQ_AT_AER : 0;
	desc->dpc_cap = c->ext ? PCIQ_AT_DPC : 0;
	desc->ptm_cap = c->endpoint ? PCIQ_AT_PTM : 0;
	pciq_add_ops(tables, desc, 7);
	pciq_expect_regs(test, tables->ops, tables->nr_ops, c->ops,
			 ARRAY_SIZE(c->ops));
	pciq_expect_regs(test, tables->reset_ops + header,
			 tables->nr_reset_ops - header, c->reset_ops,
			 ARRAY_SIZE(c->reset_ops));
	pciq_expect_slots(test, tables, 7);
}

static struct pciq_desc *pciq_make_port(struct kunit *test, u16 has)
{
	struct pciq_desc *desc = pciq_make_descs(test) + PCIQ_PORT;

	desc->has = PCIQ_ROOT_PORT | has;
	desc->reset.pcie_cap = PCIQ_AT_EXP;
	desc->aer_cap = PCIQ_AT_AER;
	desc->dpc_cap = PCIQ_AT_DPC;
	desc->msi_cap = PCIQ_AT_MSI;
	desc->rtctl = 0x001f;
	return desc;
}

static void pciq_expect_op(struct kunit *test, const struct pciq_op *op,
			   const struct pciq_op *wanted)
{
	KUNIT_EXPECT_EQ(test, op->reg, wanted->reg);
	KUNIT_EXPECT_EQ(test, op->clear, wanted->clear);
	KUNIT_EXPECT_EQ(test, op->set, wanted->set);
	KUNIT_EXPECT_EQ(test, op->never, wanted->never);
	KUNIT_EXPECT_EQ(test, op->events, wanted->events);
	KUNIT_EXPECT_EQ(test, op->when, wanted->when);
}

/* Error reporting, before a reset. */
static void pciq_op_bits_test(struct kunit *test)
{
	static const struct pciq_op wanted[] = {
		{ 0, PCI_COMMAND, 0x0100, .when = PCIQ_WHEN_ERRORS },
		{ 0, PCI_BRIDGE_CONTROL, 0x0002, .never = 0x0440,
		  .when = PCIQ_WHEN_ERRORS },
		{ 0, PCIQ_RTCTL, 0x0007, .when = PCIQ_WHEN_ERRORS },
		{ 0, PCIQ_DEVCTL, 0x000f, .never = 0x8000,
		  .when = PCIQ_WHEN_ERRORS },
		{ 0, PCIQ_DPC_CTL, 0x0003, .when = PCIQ_WHEN_LINK_RESET },
		{ 0, PCIQ_SLTSTA, .events = 0x0118,
		  .when = PCIQ_WHEN_LINK_RESET },
		{ 0, PCIQ_DEVCTL2, 0x0400, .when = PCIQ_WHEN_LINK_RESET },
		{ 0, PCIQ_LNKCTL, 0x0c00, .when = PCIQ_WHEN_LINK_RESET },
	};
	struct pciq_tables *tables = pciq_make_tables(test);
	struct pciq_desc *desc = pciq_make_port(test, PCIQ_ALL_SOURCES);
	unsigned int i;

	pciq_add_ops(tables, desc, 0);
	KUNIT_ASSERT_EQ(test, tables->nr_reset_ops, ARRAY_SIZE(wanted));
	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		pciq_expect_op(test, &tables->reset_ops[i], &wanted[i]);
	/* Of a bridge to PCI that bit of Device Control is no FLR. */
	desc->port_type = PCI_EXP_TYPE_PCI_BRIDGE;
	tables->nr_reset_ops = 0;
	pciq_add_ops(tables, desc, 0);
	KUNIT_EXPECT_EQ(test, tables->reset_ops[3].reg, PCIQ_DEVCTL);
	KUNIT_EXPECT_EQ(test, tables->reset_ops[3].never, 0);
}

/* Interrupts, in every crash; one source at a time, as there is one message. */
static void pciq_source_bits_test(struct kunit *test)
{
	static const struct {
		u16 has;
		struct pciq_op op;
	} wanted[] = {
		{ PCIQ_HAS_SLOT, { 0, PCIQ_SLTCTL, PCI_EXP_SLTCTL_HPIE } },
		/* Written without a read: the rest is as it was. */
		{ PCIQ_HAS_PME, { 0, PCIQ_RTCTL, 0xffff, 0x0017 } },
		{ PCIQ_HAS_AER, { 0, PCIQ_ROOT_CMD, 0xffff } },
		{ PCIQ_HAS_DPC, { 0, PCIQ_DPC_CTL, PCI_EXP_DPC_CTL_INT_EN } },
		{ PCIQ_HAS_BANDWIDTH, { 0, PCIQ_LNKCTL, 0x0c00 } },
		/* First: a function whose MSI is off falls back to INTx. */
		{ PCIQ_HAS_PIN | PCIQ_HAS_FOREIGN,
		  { 0, PCI_COMMAND, 0, PCI_COMMAND_INTX_DISABLE } },
		{ PCIQ_HAS_FOREIGN, { 0, PCIQ_MSI_FLAGS, 0x0001 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct pciq_tables *tables = pciq_make_tables(test);

		pciq_add_ops(tables, pciq_make_port(test, wanted[i].has), 0);
		KUNIT_ASSERT_GE(test, tables->nr_ops, 1);
		pciq_expect_op(test, &tables->ops[0], &wanted[i].op);
	}
}

/* === What a reset loses === */

#define PCIQ_AT(reg)		(0xafcd0000U | (reg))

static const struct pciq_restore pciq_endpoint_restores[] = {
	{ 0x10, 4, true, PCIQ_AT(0x10) }, { 0x14, 4, true, PCIQ_AT(0x14) },
	{ 0x18, 4, true, PCIQ_AT(0x18) }, { 0x1c, 4, true, PCIQ_AT(0x1c) },
	{ 0x20, 4, true, PCIQ_AT(0x20) }, { 0x24, 4, true, PCIQ_AT(0x24) },
	{ PCI_ROM_ADDRESS, 4, false, PCIQ_AT(0x30) },
	/* Not their upper halves: BIST, and what is read-only. */
	{ PCI_CACHE_LINE_SIZE, 2, false, 0x000c },
	{ PCI_INTERRUPT_LINE, 2, false, 0x003c },
	/* Without FLR; LTR and ASPM are as they are after the reset. */
	{ PCIQ_DEVCTL, 2, false, 0x2810 },
	{ PCIQ_DEVCTL2, 2, false, 0x0009, PCI_EXP_DEVCTL2_LTR_EN },
	{ PCIQ_AT_EXP + PCI_EXP_LNKCTL2, 2, false, 0x0003 },
	{ PCIQ_LNKCTL, 2, false, 0x0040, 0x0c03 },
};

static const struct pciq_restore pciq_port_restores[] = {
	/* First: what is below is reached only then. */
	{ PCI_PRIMARY_BUS, 4, true, PCIQ_AT(0x18) },
	{ 0x10, 4, true, PCIQ_AT(0x10) }, { 0x14, 4, true, PCIQ_AT(0x14) },
	/* Without Secondary Status. */
	{ PCI_IO_BASE, 2, false, 0x001c },
	{ 0x20, 4, false, PCIQ_AT(0x20) }, { 0x24, 4, false, PCIQ_AT(0x24) },
	{ 0x28, 4, false, PCIQ_AT(0x28) }, { 0x2c, 4, false, PCIQ_AT(0x2c) },
	{ 0x30, 4, false, PCIQ_AT(0x30) },
	{ PCI_ROM_ADDRESS1, 4, false, PCIQ_AT(0x38) },
	{ PCI_CACHE_LINE_SIZE, 2, false, 0x000c },
	{ PCI_INTERRUPT_LINE, 2, false, 0x003c },
	/* Without Discard Timer Status. */
	{ PCI_BRIDGE_CONTROL, 2, false, 0xabcd },
	{ PCIQ_DEVCTL, 2, false, 0x2810 },
	{ PCIQ_DEVCTL2, 2, false, 0x0009, PCI_EXP_DEVCTL2_LTR_EN },
	{ PCIQ_AT_EXP + PCI_EXP_LNKCTL2, 2, false, 0x0003 },
	{ PCIQ_LNKCTL, 2, false, 0x0040, 0x0c03 },
	/* Without interrupts; the slot has the power that it has. */
	{ PCIQ_SLTCTL, 2, false, 0x03d8, PCI_EXP_SLTCTL_PCC },
};

static struct pciq_desc *pciq_make_desc(struct kunit *test, unsigned int i)
{
	struct pciq_desc *desc = pciq_make_descs(test) + i;
	unsigned int k;

	for (k = 0; k < PCIQ_HEADER_DWORDS; k++)
		desc->header[k] = PCIQ_AT(k * 4);
	desc->reset.pcie_cap = PCIQ_AT_EXP;
	desc->devctl = 0xa810;
	desc->devctl2 = 0x0409;
	desc->lnkctl = 0x0c63;
	desc->lnkctl2 = 0x0003;
	return desc;
}

static void pciq_expect_restores(struct kunit *test,
				 const struct pciq_restore *restores,
				 const struct pciq_restore *wanted, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, restores[i].reg, wanted[i].reg);
		KUNIT_EXPECT_EQ(test, restores[i].size, wanted[i].size);
		KUNIT_EXPECT_EQ(test, restores[i].compare, wanted[i].compare);
		KUNIT_EXPECT_EQ(test, restores[i].value, wanted[i].value);
		KUNIT_EXPECT_EQ(test, restores[i].keep, wanted[i].keep);
	}
}

static void pciq_restores_test(struct kunit *test)
{
	u32 nr = ARRAY_SIZE(pciq_endpoint_restores), ports;
	struct pciq_tables *tables = pciq_make_tables(test);
	struct pciq_desc *desc = pciq_make_desc(test, PCIQ_NIC);

	pciq_add_restores(tables, desc);
	KUNIT_ASSERT_EQ(test, tables->nr_restores, nr);
	KUNIT_EXPECT_EQ(test, desc->reset.first, 0);
	KUNIT_EXPECT_EQ(test, desc->reset.nr, nr);
	KUNIT_EXPECT_EQ(test, desc->reset.witness, 0);
	pciq_expect_restores(test, tables->restores, pciq_endpoint_restores,
			     nr);

	ports = ARRAY_SIZE(pciq_port_restores);
	tables = pciq_make_tables(test);
	desc = pciq_make_desc(test, PCIQ_INNER);
	desc->has = PCIQ_HAS_BRIDGE | PCIQ_HAS_SLOT;
	desc->sltctl = 0x07f8;
	pciq_add_restores(tables, desc);
	KUNIT_ASSERT_EQ(test, tables->nr_restores, ports);
	KUNIT_EXPECT_LE(test, ports, PCIQ_RESTORES_PER_FUNC);
	KUNIT_EXPECT_EQ(test, desc->reset.witness, 0);
	pciq_expect_restores(test, tables->restores, pciq_port_restores, ports);
}

/* What is not as others have it. */
static void pciq_other_restores_test(struct kunit *test)
{
	struct pciq_tables *tables = pciq_make_tables(test);
	struct pciq_desc *desc = pciq_make_desc(test, PCIQ_NIC);
	u32 i;

	/* Without a link of its own; and no address but the second. */
	desc->port_type = PCI_EXP_TYPE_RC_END;
	desc->header[PCI_BASE_ADDRESS_0 / 4] = PCI_BASE_ADDRESS_SPACE_IO;
	pciq_add_restores(tables, desc);
	KUNIT_EXPECT_EQ(test, desc->reset.nr, 11);
	KUNIT_EXPECT_EQ(test, desc->reset.witness, 1);
	/* A second function comes behind; its power is not known. */
	desc->is_readable = false;
	pciq_add_restores(tables, desc);
	KUNIT_EXPECT_EQ(test, desc->reset.first, 11);
	KUNIT_EXPECT_EQ(test, tables->nr_restores, 11);
	KUNIT_EXPECT_EQ(test, desc->reset.witness, PCIQ_NONE);

	/* BARs of a VF read as 0. */
	tables = pciq_make_tables(test);
	desc = pciq_make_desc(test, PCIQ_VF);
	pciq_add_restores(tables, desc);
	KUNIT_EXPECT_EQ(test, desc->reset.witness, PCIQ_NONE);
	for (i = 0; i < tables->nr_restores; i++)
		KUNIT_EXPECT_FALSE(test, tables->restores[i].compare);

	/* Conventional: PCI-X. */
	tables = pciq_make_tables(test);
	desc = pciq_make_desc(test, PCIQ_NIC);
	desc->reset.pcie_cap = 0;
	desc->pcix_cap = PCIQ_AT_PCIX;
	desc->pcix_cmd = 0x0033;
	pciq_add_restores(tables, desc);
	KUNIT_ASSERT_EQ(test, desc->reset.nr, 10);
	KUNIT_EXPECT_EQ(test, tables->restores[9].reg,
			PCIQ_AT_PCIX + PCI_X_CMD);
	KUNIT_EXPECT_EQ(test, tables->restores[9].value, 0x0033);
}

/* === Lists === */

/* Held against 0001:3b:1f.5, 8086:10d3, class 0200. */
static const struct {
	const char *name;	/* the list */
	int tokens;		/* or an errno */
	bool matches;
} pciq_list_cases[] = {
	{ "", 0, false },
	{ "\n", 0, false },
	{ "0001:3b:1f.5", 1, true },
	{ "0001:3B:1F.5\n", 1, true },
	{ "00000001:3b:1f.5", 1, true },
	{ "0000:3b:1f.5", 1, false },
	{ "0001:3b:1f.4", 1, false },
	{ "8086:10d3", 1, true },
	{ "8086:10d4", 1, false },
	{ "class=0200", 1, true },
	{ "class=0300", 1, false },
	{ "class=0300,8086:ffff,0001:3b:1f.5", 3, true },
	{ "8086:10d3,foo,class=0200", -EINVAL, false },
	{ "8086:10d3,", -EINVAL, false },
	{ "8086:10d", -EINVAL, false },
	{ "0001:3b:20.0", -EINVAL, false },
	{ "0001:3b:1f.8", -EINVAL, false },
	{ "1:3b:1f.5", -EINVAL, false },
	{ "class=02", -EINVAL, false },
	{ "0123456789012345678901234567890123456789", -EINVAL, false },
};

static void pciq_list_test(struct kunit *test)
{
	struct pciq_match_list *list = kunit_kzalloc(test, sizeof(*list),
						     GFP_KERNEL);
	struct pciq_entry nic = {
		.domain = 1, .bus = 0x3b, .devfn = PCI_DEVFN(0x1f, 5),
		.vendor = 0x8086, .device = 0x10d3,
		.class_revision = 0x02000003,
	};
	unsigned int i;
	char bad[8];

	KUNIT_ASSERT_NOT_NULL(test, list);
	for (i = 0; i < ARRAY_SIZE(pciq_list_cases); i++) {
		const typeof(pciq_list_cases[0]) *c = &pciq_list_cases[i];
		int err = pciq_parse_list(c->name, list, bad, sizeof(bad));

		KUNIT_EXPECT_EQ_MSG(test, err, min(c->tokens, 0), "%s",
				    c->name);
		KUNIT_EXPECT_EQ_MSG(test, list->nr, max(c->tokens, 0), "%s",
				    c->name);
		KUNIT_EXPECT_EQ_MSG(test, pciq_matches(list, &nic), c->matches,
				    "%s", c->name);
	}
	KUNIT_EXPECT_EQ(test, pciq_parse_list("8086:10d3,wrong", list, bad,
					      sizeof(bad)), -EINVAL);
	KUNIT_EXPECT_STREQ(test, bad, "wrong");

	/* A VF that a scan finds may be any in a list of IDs. */
	KUNIT_ASSERT_EQ(test, pciq_parse_list("1234:5678", list, bad,
					      sizeof(bad)), 0);
	KUNIT_EXPECT_FALSE(test, pciq_matches(list, &nic));
	nic.vendor = U16_MAX;
	KUNIT_EXPECT_TRUE(test, pciq_matches(list, &nic));
}

static void pciq_long_list_test(struct kunit *test)
{
	static const char token[] = ",8086:10d3";
	struct pciq_match_list *list = kunit_kzalloc(test, sizeof(*list),
						     GFP_KERNEL);
	char *text = kunit_kzalloc(test, SZ_1K, GFP_KERNEL), bad[16];
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, list && text);
	for (i = 0; i < PCIQ_MAX_MATCHES; i++)
		strcat(text, token);
	KUNIT_EXPECT_EQ(test, pciq_parse_list(text + 1, list, bad,
					      sizeof(bad)), 0);
	KUNIT_EXPECT_EQ(test, list->nr, PCIQ_MAX_MATCHES);
	strcat(text, token);
	KUNIT_EXPECT_EQ(test, pciq_parse_list(text + 1, list, bad,
					      sizeof(bad)), -E2BIG);
	KUNIT_EXPECT_STREQ(test, bad, token + 1);
	/* In a crash the count may be anything. */
	list->nr = U32_MAX;
	memset(list->match, 0xff, sizeof(list->match));
	KUNIT_EXPECT_FALSE(test, pciq_matches(list, &(struct pciq_entry) { }));
}

static void pciq_policy_test(struct kunit *test)
{
	static const char * const names[] = { "off", "busmaster", "escalate",
					      "reset" };
	unsigned int i;

	for (i = 0; i < PCIQ_NR_POLICIES; i++) {
		KUNIT_EXPECT_EQ(test, pciq_parse_policy(names[i]), i);
		KUNIT_EXPECT_STREQ(test, pciq_policy_name(i), names[i]);
	}
	KUNIT_EXPECT_EQ(test, pciq_parse_policy("reset\n"), PCIQ_RESET);
	KUNIT_EXPECT_EQ(test, pciq_parse_policy("resets"), -EINVAL);
	KUNIT_EXPECT_EQ(test, pciq_parse_policy(""), -EINVAL);
	KUNIT_EXPECT_STREQ(test, pciq_policy_name(77), "unknown");
}

static void pciq_class_test(struct kunit *test)
{
	static const u32 stopped[] = {
		0x010802, 0x020000, 0x030000, 0x060400, 0x060401, 0x080501,
		0x088000, 0x120000,
	}, excluded[] = {
		0x050000, 0x050210, 0x060000, 0x060100, 0x068000, 0x080010,
		0x080600, 0x080700,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stopped); i++)
		KUNIT_EXPECT_FALSE_MSG(test, pciq_class_excluded(stopped[i]),
				       "%06x", stopped[i]);
	for (i = 0; i < ARRAY_SIZE(excluded); i++)
		KUNIT_EXPECT_TRUE_MSG(test, pciq_class_excluded(excluded[i]),
				      "%06x", excluded[i]);
}

static struct kunit_case pciq_plan_suite_cases[] = {
	KUNIT_CASE_PARAM(pciq_plan_test, pciq_plan_gen_params),
	KUNIT_CASE(pciq_plan_nested_test),
	KUNIT_CASE(pciq_plan_root_bus_test),
	KUNIT_CASE(pciq_longest_reset_test),
	KUNIT_CASE_PARAM(pciq_ops_test, pciq_ops_gen_params),
	KUNIT_CASE(pciq_op_bits_test),
	KUNIT_CASE(pciq_source_bits_test),
	KUNIT_CASE(pciq_restores_test),
	KUNIT_CASE(pciq_other_restores_test),
	KUNIT_CASE(pciq_list_test),
	KUNIT_CASE(pciq_long_list_test),
	KUNIT_CASE(pciq_policy_test),
	KUNIT_CASE(pciq_class_test),
	{ }
};

static struct kunit_suite pciq_plan_suite = {
	.name = "kexec_pci_quiesce_plan",
	.test_cases = pciq_plan_suite_cases,
};

/* === The machine that this runs on === */

/* With a reference to its device; under pciq_lock(). */
static struct pci_dev *pciq_get_dev(const struct pciq_entry *entry)
{
	return pci_get_domain_bus_and_slot(entry->domain, entry->bus,
					   entry->devfn);
}

static void pciq_expect_described(struct kunit *test,
				  const struct pciq_func *funcs, u32 i,
				  struct pci_dev *dev)
{
	const struct pciq_entry *entry = &funcs[i].entry, *above;
	struct pci_dev *port = pci_upstream_bridge(dev);
	u32 id, class;

	KUNIT_EXPECT_EQ(test, entry->command_before, U16_MAX);

	pci_read_config_dword(dev, PCI_VENDOR_ID, &id);
	pci_read_config_dword(dev, PCI_CLASS_REVISION, &class);
	if (!dev->is_virtfn)
		KUNIT_EXPECT_EQ(test, entry->vendor | (u32)entry->device << 16,
				id);
	KUNIT_EXPECT_EQ(test, entry->class_revision, class);
	KUNIT_EXPECT_EQ(test, !!(entry->flags & PCIQ_F_BRIDGE),
			dev->hdr_type == PCI_HEADER_TYPE_BRIDGE);
	KUNIT_EXPECT_EQ(test, !!(entry->flags & PCIQ_F_ROOT_BUS),
			pci_is_root_bus(dev->bus));
	KUNIT_EXPECT_EQ(test, !!(entry->flags & PCIQ_F_INTX), !!dev->pin);
	KUNIT_EXPECT_NE(test, funcs[i].window, PCIQ_NO_WINDOW);
	KUNIT_EXPECT_EQ(test, !!entry->port, !!port);
	if (!port || !entry->port)
		return;
	/* Children first. */
	above = &funcs[entry->port - 1].entry;
	KUNIT_EXPECT_GT(test, entry->port - 1, i);
	KUNIT_EXPECT_EQ(test, above->bus, port->bus->number);
	KUNIT_EXPECT_EQ(test, above->devfn, port->devfn);
}

static void pciq_snapshot_funcs_test(struct kunit *test)
{
	const struct pciq_snapshot *snapshot;
	const struct pciq_reset *resets;
	const struct pciq_func *funcs;
	struct pci_dev *dev = NULL;
	u32 nr = 0, i;

	for_each_pci_dev(dev)
		nr++;
	pciq_lock();
	snapshot = pciq_newest();
	funcs = pciq_table(snapshot, &snapshot->funcs);
	resets = pciq_table(snapshot, &snapshot->resets);
	KUNIT_EXPECT_EQ(test, snapshot->funcs.nr, nr);
	KUNIT_EXPECT_EQ(test, snapshot->resets.nr, nr);
	for (i = 0; i < snapshot->funcs.nr; i++) {
		dev = pciq_get_dev(&funcs[i].entry);
		KUNIT_EXPECT_NOT_NULL(test, dev);
		if (!dev)
			continue;
		pciq_expect_described(test, funcs, i, dev);
		KUNIT_EXPECT_EQ(test, resets[i].pcie_cap, pci_pcie_cap(dev));
		/* It is said how it is reset, or why it is not. */
		KUNIT_EXPECT_TRUE(test, resets[i].method || resets[i].no_reset);
		pci_dev_put(dev);
	}
	pciq_unlock();
}

static void pciq_snapshot_header_test(struct kunit *test)
{
	const struct pciq_snapshot *snapshot;
	const struct pciq_record *record;
	u32 i;

	pciq_lock();
	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		snapshot = pciq_ctl.slot[i];
		if (!snapshot)
			break;
		KUNIT_EXPECT_EQ(test, memcmp(snapshot->magic,
					     PCIQ_SNAPSHOT_MAGIC, 8), 0);
		KUNIT_EXPECT_EQ(test, snapshot->version, 3);
		KUNIT_EXPECT_EQ(test, snapshot->hot_sum,
				pciq_hot_sum(snapshot));
		KUNIT_EXPECT_EQ(test, snapshot->cold_sum,
				pciq_cold_sum(snapshot));
		KUNIT_EXPECT_GE(test, snapshot->windows.nr, 1);
		record = &snapshot->record;
		KUNIT_EXPECT_EQ(test, record->version, 2);
		KUNIT_EXPECT_EQ(test, record->total_bytes, sizeof(*record));
		KUNIT_EXPECT_EQ(test, record->tsc_khz, pciq_memory.tsc_khz);
		KUNIT_EXPECT_NE(test, record->taken_at, 0);
	}
	pciq_unlock();
	KUNIT_EXPECT_EQ(test, i, PCIQ_NR_SLOTS);
}

/* Two take turns, and the windows go with the newest. */
static void pciq_snapshot_turns_test(struct kunit *test)
{
	u32 before, generation[PCIQ_NR_SLOTS], newest, i;

	pciq_lock();
	before = pciq_newest()->record.generation;
	pciq_unlock();
	KUNIT_ASSERT_EQ(test, pciq_take_snapshot(), 0);
	pciq_lock();
	newest = pciq_ctl.newest;
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		generation[i] = pciq_ctl.slot[i]->record.generation;
	pciq_unlock();
	KUNIT_EXPECT_GT(test, generation[newest], before);
	KUNIT_EXPECT_EQ(test, generation[!newest], generation[newest] - 1);
	KUNIT_EXPECT_EQ(test, generation[PCIQ_SLOT_WINDOWS],
			generation[newest]);
}

static void pciq_snapshot_read_only_test(struct kunit *test)
{
	unsigned int i;
	u8 byte;

	pciq_lock();
	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		void *at = (void *)pciq_ctl.slot[i];

		KUNIT_EXPECT_NOT_NULL(test, at);
		KUNIT_EXPECT_EQ(test, copy_from_kernel_nofault(&byte, at, 1),
				0);
		KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(at, &byte, 1),
				-EFAULT);
	}
	pciq_unlock();
}

/* What a dump shows if the crash path never ran; and where. */
static void pciq_note_test(struct kunit *test)
{
	const struct pciq_record *record = pciq_memory.record;
	char wanted[64];

	KUNIT_EXPECT_EQ(test, pciq_reenter(), -EINVAL);
	KUNIT_EXPECT_EQ(test, record->version, 2);
	KUNIT_EXPECT_EQ(test, record->verdict, PCIQ_NO_VERDICT);
	KUNIT_EXPECT_EQ(test, record->nr_entries, 0);
	KUNIT_EXPECT_EQ(test, virt_to_phys((void *)record),
			pciq_memory.record_phys);
	KUNIT_EXPECT_GE(test, pciq_memory.room, pciq_newest()->funcs.nr);
	snprintf(wanted, sizeof(wanted), PCIQ_NOTE_RECORD "0x%llx,%zu\n",
		 (u64)pciq_memory.record_phys, sizeof(*record) +
		 pciq_memory.room * sizeof(struct pciq_entry));
	KUNIT_EXPECT_NOT_NULL(test, strnstr((char *)vmcoreinfo_data, wanted,
					    vmcoreinfo_size));
}

static void pciq_expect_dry(struct kunit *test, const struct pciq_entry *entry)
{
	struct pci_dev *dev = pciq_get_dev(entry);
	u16 command;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	pci_read_config_word(dev, PCI_COMMAND, &command);
	pci_dev_put(dev);
	if (entry->done & PCIQ_DID_READ)
		KUNIT_EXPECT_EQ(test, command, entry->command_before);
	if (entry->outcome == PCIQ_QUIET)
		KUNIT_EXPECT_FALSE(test, entry->command_after &
					 PCI_COMMAND_MASTER);
}

/* Nothing is written, not even to the crash path's record. */
static void pciq_dry_run_test(struct kunit *test)
{
	const struct pciq_record *record;
	const struct pciq_entry *entry;
	u32 generation, nr, i;
	size_t bytes = 0;

	pciq_lock();
	generation = pciq_newest()->record.generation;
	nr = pciq_newest()->funcs.nr;
	record = pciq_dry_run(&bytes);
	pciq_unlock();
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(record));
	KUNIT_EXPECT_PTR_NE(test, record,
			    (const struct pciq_record *)pciq_memory.record);
	KUNIT_EXPECT_EQ(test, record->generation, generation);
	KUNIT_EXPECT_EQ(test, record->nr_entries, nr);
	KUNIT_EXPECT_EQ(test, record->total_bytes, bytes);
	KUNIT_EXPECT_EQ(test, record->writes, 0);
	KUNIT_EXPECT_NE(test, record->reads, 0);
	KUNIT_EXPECT_EQ(test, record->checksum, pciq_record_sum(record));
	entry = (const void *)(record + 1);
	for (i = 0; i < record->nr_entries; i++)
		pciq_expect_dry(test, &entry[i]);
	kvfree(record);
	KUNIT_EXPECT_EQ(test, pciq_memory.record->verdict, PCIQ_NO_VERDICT);
}

static const struct {
	const char *name;
	u32 class;
	bool master;	/* a driver has called pci_set_master() */
	u32 flags;
	u8 outcome, reason;
} pciq_master_cases[] = {
	{ "host bridge", 0x060000, false, PCIQ_F_EXCLUDE_CLASS, PCIQ_EXCLUDED,
	  PCIQ_BY_CLASS },
	{ "host bridge, a master", 0x060000, true, 0, 0, PCIQ_BY_DEADLINE },
	{ "DMA controller", 0x080100, false, PCIQ_F_EXCLUDE_CLASS,
	  PCIQ_EXCLUDED, PCIQ_BY_CLASS },
	{ "DMA controller, a master", 0x080100, true, 0, 0, PCIQ_BY_DEADLINE },
	{ "NTB", 0x068000, false, PCIQ_F_EXCLUDE_CLASS, PCIQ_EXCLUDED,
	  PCIQ_BY_CLASS },
	{ "NTB, a master", 0x068000, true, PCIQ_F_PEER, 0, PCIQ_BY_PEER },
	{ "of no such class", 0x020000, false, 0, 0, PCIQ_BY_DEADLINE },
};

PCIQ_PARAMS(pciq_master);

static struct pciq_entry pciq_describe_now(struct kunit *test,
					   struct pci_dev *dev)
{
	const struct pciq_snapshot *snapshot;
	const struct pciq_func *funcs;
	struct pciq_entry entry = { .outcome = U8_MAX };
	u32 i;

	KUNIT_EXPECT_EQ(test, pciq_take_snapshot(), 0);
	pciq_lock();
	snapshot = pciq_newest();
	funcs = pciq_table(snapshot, &snapshot->funcs);
	for (i = 0; i < snapshot->funcs.nr; i++) {
		if (funcs[i].entry.domain == pci_domain_nr(dev->bus) &&
		    funcs[i].entry.bus == dev->bus->number &&
		    funcs[i].entry.devfn == dev->devfn)
			entry = funcs[i].entry;
	}
	pciq_unlock();
	return entry;
}

/* A host bridge plays them: it has no driver that would mind. */
static void pciq_master_test(struct kunit *test)
{
	const typeof(pciq_master_cases[0]) *c = test->param_value;
	struct pci_dev *dev = pci_get_class(PCI_CLASS_BRIDGE_HOST << 8, NULL);
	struct pciq_entry entry;
	u32 class;

	if (!dev || dev->driver || dev->is_busmaster) {
		pci_dev_put(dev);
		kunit_skip(test, "no host bridge without a driver");
	}
	class = dev->class;
	dev->class = c->class;
	dev->is_busmaster = c->master;
	entry = pciq_describe_now(test, dev);
	dev->class = class;
	dev->is_busmaster = false;
	KUNIT_EXPECT_EQ(test, pciq_take_snapshot(), 0);
	pci_dev_put(dev);
	KUNIT_EXPECT_EQ(test, entry.flags & (PCIQ_F_EXCLUDE_CLASS |
					     PCIQ_F_PEER), c->flags);
	KUNIT_EXPECT_EQ(test, entry.outcome, c->outcome);
	KUNIT_EXPECT_EQ(test, entry.reason, c->reason);
}

/* What one window does not reach, another one does, from its first bus on. */
static void pciq_windows_test(struct kunit *test)
{
	struct pciq_window windows[8] = { }, first;
	const struct pciq_snapshot *snapshot;
	int nr, i;

	pciq_lock();
	snapshot = pciq_newest();
	first = *(const struct pciq_window *)pciq_table(snapshot,
							&snapshot->windows);
	pciq_unlock();
	if (first.type != PCIQ_ECAM || first.bus_end < 2)
		kunit_skip(test, "no ECAM");

	windows[0] = first;
	windows[0].bus_end = first.bus_start + 1;
	pci_lock_rescan_remove();
	nr = pciq_arch_windows(windows, 1, ARRAY_SIZE(windows));
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_GE(test, nr, 2);
	KUNIT_EXPECT_EQ(test, windows[0].bus_end, first.bus_start + 1);
	for (i = 1; i < nr && windows[i].domain != first.domain; i++)
		;
	if (i < nr) {
		KUNIT_EXPECT_EQ(test, windows[i].type, PCIQ_ECAM);
		KUNIT_EXPECT_EQ(test, windows[i].bus_start,
				first.bus_start + 2);
		KUNIT_EXPECT_EQ(test, windows[i].bus_end, first.bus_end);
		KUNIT_EXPECT_EQ(test, windows[i].phys,
				first.phys + 2 * PCIQ_BUS_BYTES);
	}
	KUNIT_EXPECT_LT(test, i, nr);
	pciq_arch_release(&windows[1], nr - 1);
}

#ifdef CONFIG_ACPI
/* What MCFG says ends before the buses do: 0xCF8 and 0xCFC reach the rest. */
static void pciq_mcfg_test(struct kunit *test)
{
	struct pciq_window windows[8] = { };
	struct acpi_mcfg_allocation *entry;
	struct acpi_table_header *header;
	bool whole;
	int nr = 0;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MCFG, 0, &header)))
		kunit_skip(test, "no MCFG");
	entry = (void *)header + sizeof(struct acpi_table_mcfg);
	whole = !entry->pci_segment && !entry->start_bus_number &&
		entry->end_bus_number == 0xff;
	if (whole) {
		/* Nobody else reads it any more. */
		entry->end_bus_number = 0x3f;
		pci_lock_rescan_remove();
		nr = pciq_arch_windows(windows, 0, ARRAY_SIZE(windows));
		pci_unlock_rescan_remove();
		entry->end_bus_number = 0xff;
	}
	acpi_put_table(header);
	pciq_arch_release(windows, nr);
	if (!whole)
		kunit_skip(test, "MCFG is of another kind");
	KUNIT_EXPECT_GE(test, nr, 2);
	KUNIT_EXPECT_EQ(test, windows[0].type, PCIQ_ECAM);
	KUNIT_EXPECT_EQ(test, windows[0].bus_start, 0);
	KUNIT_EXPECT_EQ(test, windows[0].bus_end, 0x3f);
	KUNIT_EXPECT_EQ(test, windows[1].type, PCIQ_CF8);
	KUNIT_EXPECT_EQ(test, windows[1].bus_start, 0x40);
	KUNIT_EXPECT_EQ(test, windows[1].bus_end, 0xff);
}
#endif /* CONFIG_ACPI */

static int pciq_snapshot_init(struct kunit *test)
{
	if (!pciq_newest())
		kunit_skip(test, "not armed");
	return 0;
}

static struct kunit_case pciq_snapshot_suite_cases[] = {
	KUNIT_CASE(pciq_snapshot_funcs_test),
	KUNIT_CASE(pciq_snapshot_header_test),
	KUNIT_CASE(pciq_snapshot_turns_test),
	KUNIT_CASE(pciq_snapshot_read_only_test),
	KUNIT_CASE(pciq_note_test),
	KUNIT_CASE(pciq_dry_run_test),
	KUNIT_CASE_PARAM(pciq_master_test, pciq_master_gen_params),
	KUNIT_CASE(pciq_windows_test),
#ifdef CONFIG_ACPI
	KUNIT_CASE(pciq_mcfg_test),
#endif
	{ }
};

static struct kunit_suite pciq_snapshot_suite = {
	.name = "kexec_pci_quiesce_snapshot",
	.init = pciq_snapshot_init,
	.test_cases = pciq_snapshot_suite_cases,
};

kunit_test_suites(&pciq_fake_suite, &pciq_plan_suite, &pciq_snapshot_suite);

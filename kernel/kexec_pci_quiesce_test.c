// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for stopping PCI devices before the crash kernel.
 *
 * Most work on a small machine whose config windows are plain memory: registers
 * keep what is written, and nothing is reset unless a test plays the device. The
 * last suite looks at what was captured of the machine that it runs on.
 */
#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/elf.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pci.h>
#include <linux/preempt.h>
#include <linux/sizes.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/xxhash.h>

#include "kexec_internal.h"
#include "kexec_pci_internal.h"

#define BUS_BYTES		SZ_1M
#define BUS_PAGES		(BUS_BYTES >> PAGE_SHIFT)
#define CAP			0x40
#define PM			0x70
#define MSI			0x80
#define MSIX			0xa0
#define AER			0x100
#define DPC			0x150
#define BAR			0xfe000000
#define ROOM			32	/* functions that a record has room for */

/* Children first. */
enum { ENDPOINT, NEIGHBOUR, INTEGRATED, HOST, PORT, NR };

/* How bus 1 can be reached. */
enum { WHOLE, READ_ONLY, UNMAPPED };

struct fake_image {
	struct pciq_image image;
	struct pciq_window windows[2];
	struct pciq_func funcs[NR];
	struct pciq_saved saved[NR];
};

struct fake {
	u8 *ecam[2];
	struct page **pages;
	void *read_only;
	struct fake_image *newest, *other, *seed;
	struct pciq_run run;
};

/* One register of one function; register 0 ends a list. */
struct touch {
	u8 func;
	u16 reg;
	u16 value;
};

static const struct {
	u8 bus, devfn;
	u16 command;
	u32 class, parent, flags;
	u8 port_type;
	u16 pcie_cap;
} machine[NR] = {
	[ENDPOINT] = { 1, PCI_DEVFN(0, 0), 0x0147, 0x020000, PORT,
		       PCIQ_F_INTX, PCI_EXP_TYPE_ENDPOINT, CAP },
	[NEIGHBOUR] = { 1, PCI_DEVFN(0, 1), 0x0006, 0x010802, PORT, 0 },
	[INTEGRATED] = { 0, PCI_DEVFN(2, 0), 0x0007, 0x040300,
			 PCIQ_NONE,
			 PCIQ_F_ROOT_BUS | PCIQ_F_INTX |
			 PCIQ_F_INTX_USED },
	[HOST] = { 0, PCI_DEVFN(0, 0), 0x0006, 0x060000, PCIQ_NONE,
		   PCIQ_F_ROOT_BUS | PCIQ_F_EXCLUDE_CLASS },
	[PORT] = { 0, PCI_DEVFN(1, 0), 0x0107, 0x060400, PCIQ_NONE,
		   PCIQ_F_BRIDGE | PCIQ_F_ROOT_BUS |
		   PCIQ_F_AER_NATIVE | PCIQ_F_DPC_NATIVE |
		   PCIQ_F_HP_NATIVE | PCIQ_F_PME_NATIVE,
		   PCI_EXP_TYPE_ROOT_PORT, CAP },
};

static struct pciq_ctl real_ctl;

/* === The machine === */

static void *config(struct fake *fake, unsigned int func)
{
	return fake->ecam[machine[func].bus] + (machine[func].devfn << 12);
}

static u16 peek(struct fake *fake, unsigned int func, u16 reg)
{
	return *(u16 *)(config(fake, func) + reg);
}

static void poke(struct fake *fake, unsigned int func, u16 reg, u16 value)
{
	*(u16 *)(config(fake, func) + reg) = value;
}

static void poke_all(struct fake *fake, const struct touch *touch, int nr)
{
	for (; nr && touch->reg; nr--, touch++)
		poke(fake, touch->func, touch->reg, touch->value);
}

static void expect_all(struct kunit *test, const struct touch *touch, int nr)
{
	for (; nr && touch->reg; nr--, touch++)
		KUNIT_EXPECT_EQ_MSG(test, touch->value,
				    peek(test->priv, touch->func, touch->reg),
				    "function %u, register %x", touch->func,
				    touch->reg);
}

static void fill_config(struct fake *fake, unsigned int i)
{
	u8 *space = config(fake, i);

	memset(space, 0, PAGE_SIZE);
	poke(fake, i, PCI_VENDOR_ID, PCI_VENDOR_ID_REDHAT);
	poke(fake, i, PCI_DEVICE_ID, 0x1000 + i);
	poke(fake, i, PCI_COMMAND, machine[i].command);
	*(u32 *)(space + PCI_CLASS_REVISION) = machine[i].class << 8;
	*(u32 *)(space + PCI_BASE_ADDRESS_0) = BAR;
	space[PCI_HEADER_TYPE] = machine[i].flags & PCIQ_F_BRIDGE;
	space[PCI_INTERRUPT_PIN] = !!(machine[i].flags & PCIQ_F_INTX);
	if (!machine[i].pcie_cap)
		return;
	poke(fake, i, PCI_STATUS, PCI_STATUS_CAP_LIST);
	space[PCI_CAPABILITY_LIST] = CAP;
	space[CAP] = PCI_CAP_ID_EXP;
	poke(fake, i, CAP + PCI_EXP_FLAGS, machine[i].port_type << 4 | 2);
}

static void fill_func(struct fake *fake, struct fake_image *to, unsigned int i)
{
	struct pciq_func *func = &to->funcs[i];

	func->bus = machine[i].bus;
	func->devfn = machine[i].devfn;
	func->window = machine[i].bus;
	func->parent = machine[i].parent;
	func->class = machine[i].class;
	func->vendor = PCI_VENDOR_ID_REDHAT;
	func->device = 0x1000 + i;
	func->flags = machine[i].flags;
	func->port_type = machine[i].port_type;
	func->pcie_cap = machine[i].pcie_cap;
	func->command = machine[i].command;
	func->status = peek(fake, i, PCI_STATUS);
	if (i == PORT) {
		func->pm_cap = PM;
		func->msi_cap = MSI;
		func->msix_cap = MSIX;
		func->aer_cap = AER;
		func->dpc_cap = DPC;
		func->settle_ms = 1;
	}
	memcpy(to->saved[i].header, config(fake, i),
	       sizeof(to->saved[i].header));
	to->saved[i].devctl = 0x2810;
}

static void seal(struct pciq_image *image)
{
	const u8 *start = (const u8 *)image;
	u32 summed = offsetofend(struct pciq_image, hot_sum);

	image->cold_sum = xxh64(start + image->hot_bytes,
				image->total_bytes - image->hot_bytes, 0);
	image->hot_sum = xxh64(start + summed, image->hot_bytes - summed, 0);
}

static void fill_header(struct kunit *test, struct fake_image *to, u32 nr)
{
	struct pciq_image *image = &to->image;
	void *record = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, record);
	memcpy(image->magic, PCIQ_IMAGE_MAGIC, sizeof(image->magic));
	image->version = PCIQ_VERSION;
	image->header_size = sizeof(*image);
	image->func_size = sizeof(struct pciq_func);
	image->saved_size = sizeof(struct pciq_saved);
	image->nr_windows = ARRAY_SIZE(to->windows);
	image->nr_funcs = nr;
	image->windows_offset = sizeof(*image);
	image->funcs_offset = pciq_funcs_offset(2);
	image->hot_bytes = image->funcs_offset + nr * sizeof(to->funcs[0]);
	image->saved_offset = image->hot_bytes;
	image->total_bytes = image->hot_bytes + nr * sizeof(to->saved[0]);
	image->record_virt = (unsigned long)record;
	image->record_phys = virt_to_phys(record);
	image->record_bytes = sizeof(struct pciq_record) +
			      (nr ?: ROOM) * sizeof(struct pciq_entry);
	image->scratch_funcs = nr ? 0 : ROOM;
}

static struct fake_image *make_image(struct kunit *test, u32 nr, u32 generation)
{
	struct fake *fake = test->priv;
	struct fake_image *to = kunit_kzalloc(test, sizeof(*to), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, to);
	KUNIT_ASSERT_EQ(test, pciq_funcs_offset(2),
			offsetof(struct fake_image, funcs));
	fill_header(test, to, nr);
	to->image.generation = generation;
	for (i = 0; i < ARRAY_SIZE(to->windows); i++) {
		to->windows[i].type = PCIQ_ECAM;
		to->windows[i].bus_start = i;
		to->windows[i].bus_end = i;
		to->windows[i].virt = (unsigned long)fake->ecam[i];
	}
	for (i = 0; i < nr; i++)
		fill_func(fake, to, i);
	pciq_plan(to->funcs, nr);
	seal(&to->image);
	return to;
}

static struct fake_image *make_seed(struct kunit *test)
{
	struct fake_image *seed = make_image(test, 0, 0);
	void *scratch = kunit_kcalloc(test, ROOM, sizeof(seed->funcs[0]),
				      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scratch);
	seed->image.scratch_virt = (unsigned long)scratch;
	seal(&seed->image);
	return seed;
}

/* Memory of bus 1 once more: reads are answered, writes fault. */
static void make_read_only(struct kunit *test)
{
	struct fake *fake = test->priv;
	unsigned int i;

	fake->pages = kunit_kcalloc(test, BUS_PAGES, sizeof(*fake->pages),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake->pages);
	for (i = 0; i < BUS_PAGES; i++)
		fake->pages[i] = vmalloc_to_page(fake->ecam[1] +
						 i * PAGE_SIZE);
	fake->read_only = vmap(fake->pages, BUS_PAGES, VM_MAP, PAGE_KERNEL_RO);
	KUNIT_ASSERT_NOT_NULL(test, fake->read_only);
}

static int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	for (i = 0; i < ARRAY_SIZE(fake->ecam); i++) {
		fake->ecam[i] = vmalloc(BUS_BYTES);
		KUNIT_ASSERT_NOT_NULL(test, fake->ecam[i]);
		memset(fake->ecam[i], 0xff, BUS_BYTES);
	}
	for (i = 0; i < NR; i++)
		fill_config(fake, i);
	fake->newest = make_image(test, NR, 2);
	fake->other = make_image(test, NR, 1);
	fake->seed = make_seed(test);

	memset(&pciq_ctl, 0, sizeof(pciq_ctl));
	pciq_ctl.slot[PCIQ_SLOT_A] = &fake->other->image;
	pciq_ctl.slot[PCIQ_SLOT_B] = &fake->newest->image;
	pciq_ctl.slot[PCIQ_SLOT_SEED] = &fake->seed->image;
	pciq_ctl.newest = PCIQ_SLOT_B;
	pciq_ctl.policy = PCIQ_BUSMASTER;
	pciq_ctl.deadline_ms = 2000;
	pciq_ctl.tsc_khz = real_ctl.tsc_khz;
	pciq_ctl.spare_phys = real_ctl.spare_phys;
	return 0;
}

static void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	pciq_ctl = real_ctl;
	if (!fake)
		return;
	vunmap(fake->read_only);
	vfree(fake->ecam[1]);
	vfree(fake->ecam[0]);
}

/* Captures wait meanwhile: what the engine starts from is not the machine's. */
static int fake_suite_init(struct kunit_suite *suite)
{
	pciq_lock();
	real_ctl = pciq_ctl;
	return 0;
}

static void fake_suite_exit(struct kunit_suite *suite)
{
	pciq_unlock();
}

static struct pciq_entry *entry(struct fake *fake, unsigned int i)
{
	return entry_of(&fake->run, i);
}

/* Up to where the steps begin. */
static void begin(struct fake *fake)
{
	struct pciq_run *run = &fake->run;

	run->image = &fake->newest->image;
	run->windows = fake->newest->windows;
	run->nr_windows = ARRAY_SIZE(fake->newest->windows);
	run->funcs = fake->newest->funcs;
	run->record = (void *)(unsigned long)run->image->record_virt;
	run->record_phys = run->image->record_phys;
	run->work = (void *)run->record + run->image->record_bytes;
	run->tsc_khz = pciq_ctl.tsc_khz;
	run->start = pciq_arch_clock();
	run->until = run->start + 2000ULL * run->tsc_khz;
	run->work_until = run->until;
	run->slow = PCIQ_NONE;
	pciq_begin_record(run, PCIQ_RESET);
	pciq_begin_entries(run, NR);
}

/* === Images === */

struct image_case {
	const char *name;
	u16 offset;
	u8 bytes;
	u64 value;
	enum pciq_source source;
	bool unsealed;	/* nothing but the sum tells */
};

#define AT(field)	offsetof(struct fake_image, field)
#define NEWEST		PCIQ_FROM_NEWEST
#define OTHER		PCIQ_FROM_OTHER

static const struct image_case image_cases[] = {
	{ "whole", 0, 0, 0, NEWEST },
	{ "magic", AT(image.magic), 8, 0, OTHER },
	{ "version", AT(image.version), 2, 2, OTHER },
	{ "size of the header", AT(image.header_size), 2, 200, OTHER },
	{ "size of a function", AT(image.func_size), 2, 60, OTHER },
	{ "too many windows", AT(image.nr_windows), 4,
	  PCIQ_MAX_WINDOWS + 1, OTHER },
	{ "two windows less", AT(image.nr_windows), 4, 0, OTHER },
	{ "too many functions", AT(image.nr_funcs), 4,
	  PCIQ_MAX_FUNCS + 1, OTHER },
	{ "one function more", AT(image.nr_funcs), 4, NR + 1, OTHER },
	{ "windows elsewhere", AT(image.windows_offset), 4, 0, OTHER },
	{ "functions elsewhere", AT(image.funcs_offset), 4, 64, OTHER },
	{ "no record", AT(image.record_virt), 8, 0, OTHER },
	{ "record too small", AT(image.record_bytes), 4, 64, OTHER },
	{ "more to walk than there is room for", AT(image.scratch_funcs), 4,
	  ROOM, OTHER },
	{ "longer than any image", AT(image.hot_bytes), 4, ~0U, OTHER, true },
	{ "shorter than its header", AT(image.hot_bytes), 4, 8, OTHER, true },
	{ "sum", AT(image.hot_sum), 8, 0, OTHER, true },
	{ "a word of the header", AT(image.generation), 4, 9, OTHER, true },
	{ "a word of a function", AT(funcs[2].class), 4, 7, OTHER, true },
	{ "a saved header: not read yet", AT(saved[2].header), 4, 0, NEWEST,
	  true },
};

static void image_desc(const struct image_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(image, image_cases, image_desc);

static void image_test(struct kunit *test)
{
	const struct image_case *c = test->param_value;
	struct fake *fake = test->priv;
	struct pciq_image *image = &fake->newest->image;
	enum pciq_source source;

	begin(fake);
	memcpy((void *)image + c->offset, &c->value, c->bytes);
	if (!c->unsealed)
		seal(image);
	KUNIT_EXPECT_PTR_EQ(test, pciq_pick_image(&fake->run, &source),
			    c->source == NEWEST ?
			    (const struct pciq_image *)image :
			    &fake->other->image);
	KUNIT_EXPECT_EQ(test, source, c->source);
}

struct slot_case {
	const char *name;
	unsigned int newest;
	bool bad[PCIQ_NR_SLOTS];
	bool wild;	/* bad: a pointer to nowhere, instead of none */
	enum pciq_source source;
	enum pciq_verdict verdict;
};

static const struct slot_case slot_cases[] = {
	{ "all there", 1, { 0, 0, 0 }, false, NEWEST, PCIQ_CLEAN },
	{ "newest out of range", 77, { 0, 0, 0 }, false, NEWEST,
	  PCIQ_CLEAN },
	{ "one being rewritten", 1, { 0, 1, 0 }, false, OTHER,
	  PCIQ_CLEAN },
	{ "one wild pointer", 1, { 0, 1, 0 }, true, OTHER,
	  PCIQ_CLEAN },
	{ "both gone: the windows are walked", 1, { 1, 1, 0 }, false,
	  PCIQ_FROM_RAW, PCIQ_PARTIAL },
	{ "both wild: the windows are walked", 1, { 1, 1, 0 }, true,
	  PCIQ_FROM_RAW, PCIQ_PARTIAL },
	{ "nothing left: skipped", 1, { 1, 1, 1 }, false,
	  PCIQ_FROM_NONE, PCIQ_SKIPPED },
	{ "nothing but wild pointers: skipped", 1, { 1, 1, 1 }, true,
	  PCIQ_FROM_NONE, PCIQ_SKIPPED },
};

static void slot_desc(const struct slot_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(slot, slot_cases, slot_desc);

static void slot_test(struct kunit *test)
{
	const struct slot_case *c = test->param_value;
	struct fake *fake = test->priv;
	u32 nr = c->source == PCIQ_FROM_NONE ? 0 : NR;
	unsigned int i;

	/* What follows an area of vmalloc() is not mapped. */
	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		if (c->bad[i])
			pciq_ctl.slot[i] =
				c->wild ? (void *)fake->ecam[0] + BUS_BYTES :
					  NULL;
	}
	pciq_ctl.newest = c->newest;
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->source, c->source);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, c->verdict);
	KUNIT_EXPECT_EQ(test, fake->run.record->nr_entries, nr);
	/* However the functions were found, they are quiet. */
	KUNIT_EXPECT_EQ(test, peek(fake, ENDPOINT, PCI_COMMAND),
			nr ? 0x0543 : 0x0147);
}

static void saved_headers_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_image *image = fake->newest;

	begin(fake);
	KUNIT_EXPECT_PTR_EQ(test, pciq_saved_headers(&fake->run),
			    (const struct pciq_saved *)image->saved);
	image->saved[ENDPOINT].header[4] ^= 1;
	KUNIT_EXPECT_NULL(test, pciq_saved_headers(&fake->run));
	image->saved[ENDPOINT].header[4] ^= 1;
	image->image.total_bytes++;
	KUNIT_EXPECT_NULL(test, pciq_saved_headers(&fake->run));
	image->image.total_bytes--;
	image->image.saved_size--;
	KUNIT_EXPECT_NULL(test, pciq_saved_headers(&fake->run));
}

/* === What may be reset === */

struct plan_case {
	const char *name;
	u8 func;	/* has these flags, class and ID */
	u32 flags;
	u8 reset;	/* of the endpoint */
	u8 forbidden;
	u8 port_forbidden;
	u8 escalate, plan;	/* of the endpoint, the latter for policy "reset" */
	u32 class;		/* 0: as it is; likewise */
	u16 vendor, device;
	u8 no_link;		/* of the port */
};

#define BY_LINK		PCIQ_RESET_LINK
#define BY_FLR		PCIQ_RESET_FLR
#define BY_NOTHING	PCIQ_RESET_NONE
#define PLAN(name)	PCIQ_PLAN_##name
#define NOT(name)	PCIQ_NOT_##name
#define F(name)		PCIQ_F_##name

static const struct plan_case plan_cases[] = {
	{ "nothing forbids the link", ENDPOINT, 0, BY_LINK, 0, 0, PLAN(GATE),
	  PLAN(RESET) },
	{ "FLR is not needed then", ENDPOINT, F(HAS_FLR), BY_LINK, 0, 0,
	  PLAN(GATE), PLAN(RESET) },
	{ "quirk of the neighbour", NEIGHBOUR, F(NO_BUS_RESET), BY_NOTHING,
	  NOT(QUIRK), NOT(QUIRK), PLAN(GATE), PLAN(GATE) },
	{ "own quirk, FLR", ENDPOINT, F(NO_BUS_RESET) | F(HAS_FLR), BY_FLR,
	  NOT(QUIRK), NOT(QUIRK), PLAN(GATE), PLAN(RESET) },
	{ "own quirk, FLR is broken", ENDPOINT,
	  F(NO_BUS_RESET) | F(HAS_FLR) | F(NO_FLR), BY_NOTHING, NOT(QUIRK),
	  NOT(QUIRK), PLAN(GATE), PLAN(GATE) },
	{ "FLR hangs 1022:1485", ENDPOINT, F(NO_BUS_RESET) | F(HAS_FLR),
	  BY_NOTHING, NOT(QUIRK), NOT(QUIRK), PLAN(GATE), PLAN(GATE), 0, 0x1022,
	  0x1485 },
	{ "FLR hangs 1022:1486", ENDPOINT, F(NO_BUS_RESET) | F(HAS_FLR),
	  BY_NOTHING, NOT(QUIRK), NOT(QUIRK), PLAN(GATE), PLAN(GATE), 0, 0x1022,
	  0x1486 },
	{ "not their neighbours", ENDPOINT, F(NO_BUS_RESET) | F(HAS_FLR),
	  BY_FLR, NOT(QUIRK), NOT(QUIRK), PLAN(GATE), PLAN(RESET), 0, 0x1022,
	  0x1484 },
	{ "display", ENDPOINT, F(DISPLAY) | F(HAS_FLR), BY_NOTHING,
	  NOT(DISPLAY), NOT(DISPLAY), PLAN(GATE), PLAN(GATE) },
	{ "display beside it", NEIGHBOUR, F(DISPLAY), BY_NOTHING, NOT(DISPLAY),
	  NOT(DISPLAY), PLAN(GATE), PLAN(GATE) },
	{ "CXL", ENDPOINT, F(CXL), BY_NOTHING, NOT(CXL), NOT(CXL), PLAN(GATE),
	  PLAN(GATE) },
	{ "noreset=", ENDPOINT, F(NORESET_USER), BY_NOTHING, NOT(USER),
	  NOT(USER), PLAN(GATE), PLAN(GATE) },
	{ "exclude=", ENDPOINT, F(EXCLUDE_USER), BY_NOTHING, NOT(EXCLUDED),
	  NOT(EXCLUDED), PLAN(LEAVE), PLAN(LEAVE) },
	{ "exclude= beside it", NEIGHBOUR, F(EXCLUDE_USER), BY_NOTHING,
	  NOT(EXCLUDED), NOT(EXCLUDED), PLAN(GATE), PLAN(GATE) },
	{ "the port excluded", PORT, F(EXCLUDE_USER), BY_NOTHING, NOT(EXCLUDED),
	  NOT(EXCLUDED), PLAN(GATE), PLAN(GATE) },
	{ "a class left alone", ENDPOINT, F(EXCLUDE_CLASS) | F(HAS_FLR),
	  BY_NOTHING, NOT(EXCLUDED), NOT(EXCLUDED), PLAN(LEAVE), PLAN(LEAVE) },
	{ "another machine masters", ENDPOINT, F(PEER) | F(HAS_FLR), BY_NOTHING,
	  NOT(EXCLUDED), NOT(EXCLUDED), PLAN(LEAVE), PLAN(LEAVE) },
	{ "needs the BME of firmware", ENDPOINT, F(FIRMWARE_BME) | F(HAS_FLR),
	  BY_NOTHING, NOT(EXCLUDED), NOT(EXCLUDED), PLAN(LEAVE), PLAN(LEAVE) },
	{ "asleep at capture", ENDPOINT, F(OFFLINE), BY_NOTHING, NOT(SAVED),
	  NOT(SAVED), PLAN(GATE), PLAN(GATE) },
	{ "may have no power", ENDPOINT, F(UNREAD) | F(OFFLINE), BY_NOTHING,
	  NOT(SAVED), NOT(SAVED), PLAN(LEAVE), PLAN(LEAVE) },
	{ "was being reset at capture", ENDPOINT, F(UNSAVED) | F(HAS_FLR),
	  BY_NOTHING, NOT(SAVED), NOT(SAVED), PLAN(GATE), PLAN(GATE) },
	{ "VMD: gated, but not reset", ENDPOINT, F(VMD) | F(HAS_FLR),
	  BY_NOTHING, NOT(VMD), NOT(VMD), PLAN(GATE), PLAN(GATE) },
	{ "RAID", ENDPOINT, F(HAS_FLR), BY_NOTHING, NOT(STORAGE), NOT(STORAGE),
	  PLAN(GATE), PLAN(GATE), 0x010400 },
	{ "SAS", ENDPOINT, 0, BY_NOTHING, NOT(STORAGE), NOT(STORAGE),
	  PLAN(GATE), PLAN(GATE), 0x010700 },
	{ "SAS beside it", NEIGHBOUR, 0, BY_NOTHING, NOT(STORAGE), NOT(STORAGE),
	  PLAN(GATE), PLAN(GATE), 0x010700 },
	{ "MPT, which is plain SCSI", ENDPOINT, 0, BY_NOTHING, NOT(STORAGE),
	  NOT(STORAGE), PLAN(GATE), PLAN(GATE), 0x010000, 0x1000, 0x0030 },
	{ "another of LSI's", ENDPOINT, 0, BY_LINK, 0, 0, PLAN(GATE),
	  PLAN(RESET), 0x010000, 0x1000, 0x0012 },
	{ "that ID of another vendor", ENDPOINT, 0, BY_LINK, 0, 0, PLAN(GATE),
	  PLAN(RESET), 0x010000, 0x1001, 0x0030 },
	{ "reset= of RAID", ENDPOINT, F(RESET_USER), BY_LINK, 0, 0, PLAN(RESET),
	  PLAN(RESET), 0x010400 },
	{ "reset=", ENDPOINT, F(RESET_USER), BY_LINK, 0, 0, PLAN(RESET),
	  PLAN(RESET) },
	{ "reset= beside it", NEIGHBOUR, F(RESET_USER), BY_LINK, 0, 0,
	  PLAN(RESET), PLAN(RESET) },
	{ "reset= of the port", PORT, F(RESET_USER), BY_LINK, 0, 0, PLAN(RESET),
	  PLAN(RESET) },
	{ "reset= by FLR", ENDPOINT,
	  F(RESET_USER) | F(NO_BUS_RESET) | F(HAS_FLR), BY_FLR, NOT(QUIRK),
	  NOT(QUIRK), PLAN(RESET), PLAN(RESET) },
	{ "reset= and noreset=", ENDPOINT, F(RESET_USER) | F(NORESET_USER),
	  BY_NOTHING, NOT(USER), NOT(USER), PLAN(GATE), PLAN(GATE) },
	{ "the port held in reset", PORT, F(HELD), BY_NOTHING, NOT(HELD),
	  NOT(HELD), PLAN(GATE), PLAN(GATE) },
	{ "DPC of firmware", ENDPOINT, 0, BY_NOTHING, NOT(FIRMWARE),
	  NOT(FIRMWARE), PLAN(GATE), PLAN(GATE), .no_link = NOT(FIRMWARE) },
	{ "DPC of firmware, FLR", ENDPOINT, F(HAS_FLR), BY_FLR, NOT(FIRMWARE),
	  NOT(FIRMWARE), PLAN(GATE), PLAN(RESET), .no_link = NOT(FIRMWARE) },
};

static void plan_desc(const struct plan_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(plan, plan_cases, plan_desc);

static void plan_test(struct kunit *test)
{
	const struct plan_case *c = test->param_value;
	struct fake *fake = test->priv;
	struct pciq_func *funcs = fake->newest->funcs;

	funcs[c->func].flags |= c->flags;
	funcs[c->func].class = c->class ?: funcs[c->func].class;
	funcs[c->func].vendor = c->vendor ?: funcs[c->func].vendor;
	funcs[c->func].device = c->device ?: funcs[c->func].device;
	funcs[PORT].no_link = c->no_link;
	pciq_plan(funcs, NR);
	KUNIT_EXPECT_EQ(test, funcs[ENDPOINT].reset, c->reset);
	KUNIT_EXPECT_EQ(test, funcs[ENDPOINT].forbidden, c->forbidden);
	KUNIT_EXPECT_EQ(test, funcs[ENDPOINT].plan[PCIQ_ESCALATE],
			c->escalate);
	KUNIT_EXPECT_EQ(test, funcs[ENDPOINT].plan[PCIQ_RESET],
			c->plan);
	KUNIT_EXPECT_EQ(test, funcs[PORT].forbidden, c->port_forbidden);
	KUNIT_EXPECT_EQ(test, funcs[PORT].reset,
			c->port_forbidden ? BY_NOTHING : BY_LINK);
}

/* === The steps === */

struct control_case {
	const char *name;
	u8 func;
	u16 reg;
	u16 found, masked, after;
};

static const struct control_case control_cases[] = {
	{ "SERR of a port", PORT, PCI_COMMAND, 0x0107, 0x0407, 0x0507 },
	{ "Bridge Control", PORT, PCI_BRIDGE_CONTROL, 0x0003, 0x0001, 0x0003 },
	{ "Discard Timer Status is not cleared", PORT, PCI_BRIDGE_CONTROL,
	  0x0403, 0x0001, 0x0003 },
	{ "a port in reset stays as it is", PORT, PCI_BRIDGE_CONTROL, 0x0043,
	  0x0043, 0x0043 },
	{ "Root Control; PME stays off", PORT, CAP + PCI_EXP_RTCTL, 0x001f,
	  0x0010, 0x0017 },
	{ "Device Control of a port", PORT, CAP + PCI_EXP_DEVCTL, 0x281f,
	  0x2810, 0x281f },
	{ "FLR is not written back", PORT, CAP + PCI_EXP_DEVCTL, 0xa81f,
	  0x2810, 0x281f },
	{ "hotplug interrupt stays off", PORT, CAP + PCI_EXP_SLTCTL, 0x03f8,
	  0x03d8, 0x03d8 },
	{ "AER interrupts stay off", PORT, AER + PCI_ERR_ROOT_COMMAND, 0x0007,
	  0x0000, 0x0000 },
	{ "DPC interrupt stays off", PORT, DPC + PCI_EXP_DPC_CTL, 0x000a,
	  0x0002, 0x0002 },
	{ "bandwidth interrupts stay off", PORT, CAP + PCI_EXP_LNKCTL, 0x0c40,
	  0x0040, 0x0040 },
	{ "MSI of a port stays off", PORT, MSI + PCI_MSI_FLAGS, 0x0081, 0x0080,
	  0x0080 },
	{ "MSI-X of a port stays off", PORT, MSIX + PCI_MSIX_FLAGS, 0x8003,
	  0x0003, 0x0003 },
	{ "nothing enabled: nothing written", PORT, CAP + PCI_EXP_DEVCTL,
	  0x2810, 0x2810, 0x2810 },
	{ "endpoint: its port does", ENDPOINT, CAP + PCI_EXP_DEVCTL, 0x281f,
	  0x281f, 0x281f },
	{ "host bridge is not touched", HOST, PCI_COMMAND, 0x0106, 0x0106,
	  0x0106 },
};

static void control_desc(const struct control_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(control, control_cases, control_desc);

static void mask_test(struct kunit *test)
{
	const struct control_case *c = test->param_value;
	struct fake *fake = test->priv;

	poke(fake, c->func, c->reg, c->found);
	begin(fake);
	pciq_mask_errors(&fake->run);
	KUNIT_EXPECT_EQ(test, peek(fake, c->func, c->reg), c->masked);
	pciq_unmask_errors(&fake->run);
	KUNIT_EXPECT_EQ(test, peek(fake, c->func, c->reg), c->after);
}

struct run_case {
	const char *name;
	u8 policy;
	u8 bus1;	/* WHOLE, READ_ONLY, UNMAPPED */
	u32 flags;	/* of the endpoint */
	struct touch before[4], after[4];
	u8 outcome, reason, verdict;	/* the former two: of the endpoint */
};

#define POLICY(name)	PCIQ_##name
#define OUTCOME(name)	PCIQ_##name
#define BECAUSE(name)	PCIQ_BY_##name
#define VERDICT(name)	PCIQ_##name

static const struct run_case run_cases[] = {
	{ "one bit off, one on", POLICY(BUSMASTER), WHOLE, 0, { },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 },
	    { NEIGHBOUR, PCI_COMMAND, 0x0002 },
	    { INTEGRATED, PCI_COMMAND, 0x0403 } },
	  OUTCOME(QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "bridges go on forwarding", POLICY(BUSMASTER), WHOLE, 0, { },
	  { { PORT, PCI_COMMAND, 0x0507 }, { HOST, PCI_COMMAND, 0x0006 } },
	  OUTCOME(QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "quiet already", POLICY(BUSMASTER), WHOLE, 0,
	  { { ENDPOINT, PCI_COMMAND, 0x0143 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0143 } },
	  OUTCOME(ALREADY_QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "INTx alone is gated too", POLICY(BUSMASTER), WHOLE, F(INTX_USED),
	  { { ENDPOINT, PCI_COMMAND, 0x0003 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0403 } },
	  OUTCOME(QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "unless nobody uses it", POLICY(BUSMASTER), WHOLE, 0,
	  { { ENDPOINT, PCI_COMMAND, 0x0003 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0003 } },
	  OUTCOME(ALREADY_QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "INTx Disable has no effect", POLICY(BUSMASTER), WHOLE,
	  F(INTX_USED) | F(INTX_BROKEN), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 } },
	  OUTCOME(REFUSED), BECAUSE(INTX), VERDICT(PARTIAL) },
	{ "nor if it is set already", POLICY(BUSMASTER), WHOLE,
	  F(INTX_USED) | F(INTX_BROKEN),
	  { { ENDPOINT, PCI_COMMAND, 0x0543 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 } },
	  OUTCOME(REFUSED), BECAUSE(INTX), VERDICT(PARTIAL) },
	{ "a cache", POLICY(BUSMASTER), WHOLE, F(CXL) | F(CXL_CACHE), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 } },
	  OUTCOME(REFUSED), BECAUSE(CACHE), VERDICT(PARTIAL) },
	{ "no port stops a cache", POLICY(ESCALATE), WHOLE,
	  F(CXL) | F(CXL_CACHE), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 }, { PORT, PCI_COMMAND, 0x0507 } },
	  OUTCOME(REFUSED), BECAUSE(CACHE), VERDICT(PARTIAL) },
	{ "exclude=", POLICY(RESET), WHOLE, F(EXCLUDE_USER), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(EXCLUDED), BECAUSE(USER), VERDICT(PARTIAL) },
	{ "a class left alone", POLICY(RESET), WHOLE, F(EXCLUDE_CLASS), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(EXCLUDED), BECAUSE(CLASS), VERDICT(CLEAN) },
	{ "such a class that interrupts", POLICY(RESET), WHOLE,
	  F(EXCLUDE_CLASS) | F(INTX_USED), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(UNTOUCHED), BECAUSE(INTX), VERDICT(PARTIAL) },
	{ "VMD is gated like others", POLICY(RESET), WHOLE, F(VMD), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 } },
	  OUTCOME(QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "another machine masters", POLICY(RESET), WHOLE, F(PEER), { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(UNTOUCHED), BECAUSE(PEER), VERDICT(PARTIAL) },
	{ "needs the BME of firmware", POLICY(RESET), WHOLE, F(FIRMWARE_BME),
	  { }, { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(UNTOUCHED), BECAUSE(FIRMWARE), VERDICT(PARTIAL) },
	{ "and has lost it", POLICY(RESET), WHOLE, F(FIRMWARE_BME),
	  { { ENDPOINT, PCI_COMMAND, 0x0143 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0143 } },
	  OUTCOME(ALREADY_QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "may have no power", POLICY(RESET), WHOLE, F(UNREAD) | F(OFFLINE),
	  { }, { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(UNTOUCHED), BECAUSE(SLEEP), VERDICT(PARTIAL) },
	{ "below a port that sleeps", POLICY(RESET), WHOLE, 0,
	  { { PORT, PM + PCI_PM_CTRL, 0x0003 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 },
	    { NEIGHBOUR, PCI_COMMAND, 0x0006 },
	    { PORT, PCI_COMMAND, 0x0507 },
	    { INTEGRATED, PCI_COMMAND, 0x0403 } },
	  OUTCOME(ABSENT), BECAUSE(SLEEP), VERDICT(CLEAN) },
	{ "gone since the capture", POLICY(BUSMASTER), WHOLE, 0,
	  { { ENDPOINT, PCI_COMMAND, 0xffff } }, { },
	  OUTCOME(ABSENT), BECAUSE(VANISHING), VERDICT(PARTIAL) },
	{ "no response then and now", POLICY(BUSMASTER), WHOLE, F(OFFLINE),
	  { { ENDPOINT, PCI_COMMAND, 0xffff } }, { },
	  OUTCOME(ABSENT), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "no capabilities: that is not the function", POLICY(BUSMASTER), WHOLE, 0,
	  { { ENDPOINT, PCI_STATUS, 0 } },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(UNTOUCHED), BECAUSE(WINDOW), VERDICT(PARTIAL) },
	{ "BME sticks", POLICY(BUSMASTER), READ_ONLY, 0, { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 }, { PORT, PCI_COMMAND, 0x0507 } },
	  OUTCOME(REFUSED), BECAUSE(BME), VERDICT(PARTIAL) },
	{ "contained: the reset was none", POLICY(ESCALATE), READ_ONLY, 0,
	  { { PORT, PCI_BRIDGE_CONTROL, 0x0003 } },
	  { { PORT, PCI_COMMAND, 0x0403 },
	    { PORT, PCI_BRIDGE_CONTROL, 0x0001 } },
	  OUTCOME(WAS_CONTAINED), BECAUSE(BME), VERDICT(CONTAINED) },
	{ "contained: no reset allowed", POLICY(ESCALATE), READ_ONLY, F(DISPLAY), { },
	  { { PORT, PCI_COMMAND, 0x0403 }, { ENDPOINT, PCI_COMMAND, 0x0147 } },
	  OUTCOME(WAS_CONTAINED), BECAUSE(BME), VERDICT(CONTAINED) },
	{ "window unmapped", POLICY(ESCALATE), UNMAPPED, 0, { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 },
	    { INTEGRATED, PCI_COMMAND, 0x0403 },
	    { PORT, PCI_COMMAND, 0x0507 } },
	  OUTCOME(UNTOUCHED), BECAUSE(WINDOW), VERDICT(PARTIAL) },
	{ "a reset that was none leaves it gated", POLICY(RESET), WHOLE, 0, { },
	  { { ENDPOINT, PCI_COMMAND, 0x0543 }, { PORT, PCI_COMMAND, 0x0507 },
	    { PORT, PCI_BRIDGE_CONTROL, 0 } },
	  OUTCOME(QUIET), BECAUSE(PLAN), VERDICT(CLEAN) },
	{ "a policy that is none: nothing drastic", 77, READ_ONLY, 0, { },
	  { { ENDPOINT, PCI_COMMAND, 0x0147 }, { PORT, PCI_COMMAND, 0x0507 } },
	  OUTCOME(REFUSED), BECAUSE(BME), VERDICT(PARTIAL) },
};

static void run_desc(const struct run_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(run, run_cases, run_desc);

static void run_test(struct kunit *test)
{
	const struct run_case *c = test->param_value;
	struct fake *fake = test->priv;
	struct fake_image *image = fake->newest;

	poke_all(fake, c->before, ARRAY_SIZE(c->before));
	image->funcs[ENDPOINT].flags |= c->flags;
	pciq_plan(image->funcs, NR);
	if (c->bus1 == READ_ONLY)
		make_read_only(test);
	if (c->bus1 == READ_ONLY)
		image->windows[1].virt = (unsigned long)fake->read_only;
	if (c->bus1 == UNMAPPED)
		image->windows[1].virt += BUS_BYTES;
	seal(&image->image);
	pciq_ctl.policy = c->policy;

	pciq_run(&fake->run);
	expect_all(test, c->after, ARRAY_SIZE(c->after));
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->outcome, c->outcome);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->reason, c->reason);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, c->verdict);
	KUNIT_EXPECT_EQ(test, fake->run.record->faults != 0, c->bus1 != WHOLE);
	KUNIT_EXPECT_EQ(test, fake->run.record->step, PCIQ_STEP_DONE);
}

static void off_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	pciq_ctl.policy = PCIQ_OFF;
	pciq_run(&fake->run);
	KUNIT_EXPECT_NULL(test, fake->run.record);
	KUNIT_EXPECT_EQ(test, peek(fake, ENDPOINT, PCI_COMMAND), 0x0147);
}

/* A copy of both buses, to see that nothing was written. */
static u8 *keep(struct kunit *test)
{
	struct fake *fake = test->priv;
	u8 *kept = vmalloc(2 * BUS_BYTES);

	KUNIT_ASSERT_NOT_NULL(test, kept);
	memcpy(kept, fake->ecam[0], BUS_BYTES);
	memcpy(kept + BUS_BYTES, fake->ecam[1], BUS_BYTES);
	return kept;
}

static void expect_kept(struct kunit *test, u8 *kept)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, memcmp(kept, fake->ecam[0], BUS_BYTES), 0);
	KUNIT_EXPECT_EQ(test, memcmp(kept + BUS_BYTES, fake->ecam[1],
				     BUS_BYTES), 0);
	vfree(kept);
}

/* Plain memory where the config space of bus 1 was, as after a stray write. */
static void window_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	memset(fake->ecam[1], 0, BUS_BYTES);
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_PARTIAL);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->reason,
			PCIQ_BY_WINDOW);
	KUNIT_EXPECT_EQ(test, entry(fake, NEIGHBOUR)->reason,
			PCIQ_BY_WINDOW);
	KUNIT_EXPECT_EQ(test, entry(fake, INTEGRATED)->outcome,
			PCIQ_QUIET);
	KUNIT_EXPECT_NULL(test, memchr_inv(fake->ecam[1], 0, BUS_BYTES));
}

static void arrival_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	atomic_set(&pciq_ctl.arrivals, 1);
	pciq_ctl.arrivals_known[PCIQ_SLOT_A] = 1;
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->incomplete, 1);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_PARTIAL);
}

/* What a reset does to a device; a fake one does not do it by itself. */
static void lose_config(struct fake *fake, unsigned int i)
{
	poke(fake, i, PCI_COMMAND, 0);
	*(u32 *)(config(fake, i) + PCI_BASE_ADDRESS_0) = 0;
	poke(fake, i, CAP + PCI_EXP_DEVCTL, 0);
}

/* As far as the end of the reset, without its wait. */
static void reset_now(struct fake *fake, unsigned int policy)
{
	pciq_run(&fake->run);
	pciq_choose_resets(&fake->run, policy);
	pciq_reset_links(&fake->run);
}

static void reset_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	poke(fake, PORT, PCI_BRIDGE_CONTROL, 0x0003);
	reset_now(fake, PCIQ_RESET);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 1);
	KUNIT_EXPECT_TRUE(test, entry(fake, PORT)->done &
				PCIQ_DID_ASSERT);
	KUNIT_EXPECT_EQ(test, peek(fake, PORT, PCI_BRIDGE_CONTROL), 0x0003);

	lose_config(fake, ENDPOINT);
	pciq_bring_back(&fake->run);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->outcome,
			PCIQ_WAS_RESET);
	KUNIT_EXPECT_EQ(test, *(u32 *)(config(fake, ENDPOINT) +
				       PCI_BASE_ADDRESS_0), BAR);
	KUNIT_EXPECT_EQ(test, peek(fake, ENDPOINT, CAP + PCI_EXP_DEVCTL),
			0x2810);
	/* As it was, but no master. */
	KUNIT_EXPECT_EQ(test, peek(fake, ENDPOINT, PCI_COMMAND), 0x0543);
	KUNIT_EXPECT_NE(test, entry(fake, ENDPOINT)->back_us, 0);
	/* Its neighbour shows that it was not reset, and is not restored. */
	KUNIT_EXPECT_EQ(test, entry(fake, NEIGHBOUR)->outcome,
			PCIQ_QUIET);
	KUNIT_EXPECT_EQ(test, entry(fake, NEIGHBOUR)->forbidden,
			PCIQ_NOT_TAKEN);
}

static void no_answer_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	reset_now(fake, PCIQ_RESET);
	/* A function that is not ready yet says so with this ID. */
	poke(fake, ENDPOINT, PCI_VENDOR_ID, 0x0001);
	/* Long enough for its neighbour. */
	run->work_until = pciq_arch_clock() + 100ULL * run->tsc_khz;
	pciq_bring_back(run);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->outcome,
			PCIQ_REFUSED);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->reason,
			PCIQ_BY_SILENCE);
	run->work_until = run->until;
	pciq_contain(run);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->outcome,
			PCIQ_WAS_CONTAINED);
	KUNIT_EXPECT_FALSE(test, peek(fake, PORT, PCI_COMMAND) &
				 PCI_COMMAND_MASTER);
}

static void bad_headers_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->newest->saved[ENDPOINT].header[4] ^= 1;
	reset_now(fake, PCIQ_RESET);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->forbidden,
			PCIQ_NOT_HEADERS);
}

/* Its addresses have moved since they were saved. */
static void not_current_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	*(u32 *)(config(fake, ENDPOINT) + PCI_BASE_ADDRESS_0) = BAR + SZ_1M;
	reset_now(fake, PCIQ_RESET);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->forbidden,
			PCIQ_NOT_CURRENT);
	KUNIT_EXPECT_EQ(test, *(u32 *)(config(fake, ENDPOINT) +
				       PCI_BASE_ADDRESS_0), BAR + SZ_1M);
}

/* Somebody had it in reset when the machine died. */
static void held_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	poke(fake, PORT, PCI_BRIDGE_CONTROL, 0x0043);
	pciq_ctl.policy = PCIQ_RESET;
	pciq_run(&fake->run);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->forbidden,
			PCIQ_NOT_HELD);
	KUNIT_EXPECT_EQ(test, peek(fake, PORT, PCI_BRIDGE_CONTROL), 0x0043);
}

/* What is pending is waited for before a reset, and is no reason for one. */
static void pending_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	poke(fake, ENDPOINT, CAP + PCI_EXP_DEVSTA, PCI_EXP_DEVSTA_TRPND);
	reset_now(fake, PCIQ_ESCALATE);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 0);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->outcome,
			PCIQ_QUIET);
	KUNIT_EXPECT_FALSE(test, entry(fake, ENDPOINT)->done &
				 PCIQ_DID_DRAIN);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, PCIQ_CLEAN);

	reset_now(fake, PCIQ_RESET);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 1);
	KUNIT_EXPECT_TRUE(test, entry(fake, ENDPOINT)->done &
				PCIQ_DID_DRAIN);
	KUNIT_EXPECT_FALSE(test, entry(fake, NEIGHBOUR)->done &
				 PCIQ_DID_DRAIN);
}

/* reset=: though none on the link refuses. */
static void reset_user_test(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->newest->funcs[NEIGHBOUR].flags |= PCIQ_F_RESET_USER;
	pciq_plan(fake->newest->funcs, NR);
	seal(&fake->newest->image);
	reset_now(fake, PCIQ_ESCALATE);
	KUNIT_EXPECT_EQ(test, fake->run.record->links_reset, 1);
	lose_config(fake, ENDPOINT);
	pciq_bring_back(&fake->run);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->outcome,
			PCIQ_WAS_RESET);
}

/* === Deadline === */

struct clamp_case {
	const char *name;
	unsigned int ms, taken;
};

static const struct clamp_case clamp_cases[] = {
	{ "0 ms", 0, 1 },
	{ "1 ms", 1, 1 },
	{ "2000 ms", 2000, 2000 },
	{ "10000 ms", 10000, 10000 },
	{ "10001 ms", 10001, 10000 },
	{ "for ever", ~0U, 10000 },
};

static void clamp_desc(const struct clamp_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(clamp, clamp_cases, clamp_desc);

static void clamp_test(struct kunit *test)
{
	const struct clamp_case *c = test->param_value;
	struct fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	pciq_ctl.deadline_ms = c->ms;
	pciq_run(run);
	KUNIT_EXPECT_EQ(test, run->record->deadline_ms, c->taken);
	KUNIT_EXPECT_EQ(test, run->until - run->start,
			(u64)c->taken * run->tsc_khz);
	/* An eighth is for giving back and telling. */
	KUNIT_EXPECT_EQ(test, run->until - run->work_until,
			(u64)c->taken * run->tsc_khz / 8);
}

static void late_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	u64 hour = 3600ULL * 1000 * real_ctl.tsc_khz;

	begin(fake);
	KUNIT_EXPECT_TRUE(test, pciq_late(run, run->start));
	KUNIT_EXPECT_FALSE(test, pciq_late(run, run->start + hour));
	/* The clock has jumped backwards: that is not for ever. */
	run->start += hour;
	KUNIT_EXPECT_TRUE(test, pciq_late(run, run->start + hour));
}

/* Steps that begin too late do not touch the machine. */
static void expired_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct pciq_run *run = &fake->run;
	u8 *kept;

	poke(fake, PORT, CAP + PCI_EXP_DEVCTL, 0x281f);
	begin(fake);
	tell(entry(fake, ENDPOINT), PCIQ_REFUSED,
	     PCIQ_BY_BME);
	run->until = run->start + 1;
	run->work_until = run->until;
	kept = keep(test);
	pciq_mask_errors(run);
	pciq_choose_resets(run, PCIQ_ESCALATE);
	pciq_reset_links(run);
	pciq_bring_back(run);
	pciq_contain(run);
	run->work[PORT].written = 1;
	pciq_unmask_errors(run);
	expect_kept(test, kept);
	KUNIT_EXPECT_EQ(test, run->record->writes, 0);
	KUNIT_EXPECT_EQ(test, entry(fake, ENDPOINT)->forbidden,
			PCIQ_NOT_TIME);
	/* Not reached: that is what its entry says from the beginning. */
	KUNIT_EXPECT_EQ(test, entry(fake, INTEGRATED)->reason,
			PCIQ_BY_DEADLINE);
}

/* The exception: a link left in reset would lose the dump. */
static void expired_release_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct pciq_run *run = &fake->run;

	poke(fake, PORT, PCI_BRIDGE_CONTROL, 0x0043);
	begin(fake);
	run->until = run->start + 1;
	run->work_until = run->until;
	run->work[PORT].state = STATE_LINK | STATE_ASSERTED;
	run->work[PORT].reset_control = 0x0003;
	pciq_release_links(run);
	KUNIT_EXPECT_EQ(test, peek(fake, PORT, PCI_BRIDGE_CONTROL), 0x0003);
}

/* === Guard === */

struct guard_case {
	const char *name;
	u8 reached;
	bool inside, here;
	bool jumps;
	u8 verdict;
};

/* A panic comes when error reporting is masked, and __crash_kexec() asks. */
static const struct guard_case guard_cases[] = {
	{ "not begun", PCIQ_STAGE_BEFORE, false, false, false,
	  PCIQ_NO_VERDICT },
	{ "another CPU's", PCIQ_STAGE_RUN, true, false, false,
	  PCIQ_NO_VERDICT },
	{ "inside the steps", PCIQ_STAGE_RUN, true, true, true,
	  PCIQ_ABORTED },
	{ "inside the recovery", PCIQ_STAGE_RECOVER, true, true, true,
	  PCIQ_ABORTED },
	{ "while giving back", PCIQ_STAGE_ABORT, true, true, true,
	  PCIQ_NO_VERDICT },
	{ "while telling", PCIQ_STAGE_NOTE, true, true, true,
	  PCIQ_NO_VERDICT },
	{ "after it", PCIQ_STAGE_AFTER, false, false, false,
	  PCIQ_NO_VERDICT },
};

static void guard_desc(const struct guard_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(guard, guard_cases, guard_desc);

static void guard_rearm(void)
{
	pciq_guard.reached = PCIQ_STAGE_BEFORE;
	pciq_guard.inside_cpu = PCIQ_NO_CPU;
	memset(&pciq_crash_run, 0, sizeof(pciq_crash_run));
}

static void nested_test(struct kunit *test)
{
	const struct guard_case *c = test->param_value;
	struct fake *fake = test->priv;
	bool jumps, inside;

	poke(fake, PORT, CAP + PCI_EXP_DEVCTL, 0x281f);
	begin(fake);
	pciq_mask_errors(&fake->run);
	fake->run.record->verdict = PCIQ_NO_VERDICT;

	migrate_disable();
	pciq_crash_run = fake->run;
	pciq_guard.reached = c->reached;
	if (c->inside)
		pciq_guard.inside_cpu =
			raw_smp_processor_id() + !c->here;
	jumps = kexec_pci_quiesce_interrupted();
	inside = pciq_guard.inside_cpu != PCIQ_NO_CPU;
	guard_rearm();
	migrate_enable();

	KUNIT_EXPECT_EQ(test, jumps, c->jumps);
	KUNIT_EXPECT_EQ(test, inside, c->inside && !c->jumps);
	KUNIT_EXPECT_EQ(test, fake->run.record->verdict, c->verdict);
	KUNIT_EXPECT_EQ(test, peek(fake, PORT, CAP + PCI_EXP_DEVCTL),
			c->verdict == PCIQ_ABORTED ? 0x281f : 0x2810);
}

static void once_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	bool first, second, stays;

	if (!real_ctl.slot[PCIQ_SLOT_A])
		kunit_skip(test, "not armed");
	first = kexec_pci_quiesce();
	KUNIT_EXPECT_EQ(test, peek(fake, ENDPOINT, PCI_COMMAND), 0x0543);
	poke(fake, ENDPOINT, PCI_COMMAND, 0x0147);
	second = kexec_pci_quiesce();
	stays = peek(fake, ENDPOINT, PCI_COMMAND) == 0x0147;
	guard_rearm();
	KUNIT_EXPECT_TRUE(test, first);
	KUNIT_EXPECT_FALSE(test, second);
	KUNIT_EXPECT_TRUE(test, stays);
}

/* What is not known to be quiet has to be waited for. */
static void not_clean_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	bool clean;

	if (!real_ctl.slot[PCIQ_SLOT_A])
		kunit_skip(test, "not armed");
	fake->newest->funcs[ENDPOINT].flags |= PCIQ_F_EXCLUDE_USER;
	seal(&fake->newest->image);
	clean = kexec_pci_quiesce();
	guard_rearm();
	KUNIT_EXPECT_FALSE(test, clean);
}

/* panic_on_oops, and the note that a crash would write anew, as they were. */
static int kept_panic_on_oops;
static u8 kept_note[VMCOREINFO_NOTE_SIZE];

static int guard_init(struct kunit *test)
{
	kept_panic_on_oops = panic_on_oops;
	memcpy(kept_note, phys_to_virt(paddr_vmcoreinfo_note()),
	       sizeof(kept_note));
	return fake_init(test);
}

static void guard_exit(struct kunit *test)
{
	memcpy(phys_to_virt(paddr_vmcoreinfo_note()), kept_note,
	       sizeof(kept_note));
	panic_on_oops = kept_panic_on_oops;
	fake_exit(test);
}

static void note_test(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct elf_note *note = phys_to_virt(paddr_vmcoreinfo_note());
	const char *text = (void *)(note + 1) + ALIGN(note->n_namesz, 4);
	u32 before = note->n_descsz;
	char wanted[64];

	if (!real_ctl.slot[PCIQ_SLOT_A])
		kunit_skip(test, "not armed");
	KUNIT_ASSERT_GT(test, before, 0);
	kexec_pci_quiesce();
	guard_rearm();
	KUNIT_ASSERT_GT(test, note->n_descsz, before);
	snprintf(wanted, sizeof(wanted), PCIQ_NOTE_RECORD "0x%llx,%zu\n",
		 (u64)fake->newest->image.record_phys,
		 sizeof(struct pciq_record) +
		 NR * sizeof(struct pciq_entry));
	KUNIT_EXPECT_NOT_NULL(test, strnstr(text + before, wanted,
					    note->n_descsz - before));
	KUNIT_EXPECT_NOT_NULL(test, strnstr(text + before,
					    PCIQ_NOTE_VERDICT "clean 3/3 ",
					    note->n_descsz - before));
}

/* === The machine that this runs on === */

static const struct pciq_func *
funcs_of(const struct pciq_image *image)
{
	return (const void *)image + image->funcs_offset;
}

static void capture_all_test(struct kunit *test)
{
	const struct pciq_image *image = pciq_newest();
	const struct pciq_func *func = funcs_of(image);
	struct pci_dev *dev = NULL;
	unsigned int nr = 0, i;

	for_each_pci_dev(dev)
		nr++;
	KUNIT_EXPECT_EQ(test, image->nr_funcs, nr);
	for (i = 0; i < image->nr_funcs; i++) {
		dev = pci_get_domain_bus_and_slot(func[i].domain, func[i].bus,
						  func[i].devfn);
		KUNIT_EXPECT_NOT_NULL(test, dev);
		if (!dev)
			continue;
		KUNIT_EXPECT_EQ(test, func[i].vendor, dev->vendor);
		KUNIT_EXPECT_EQ(test, func[i].device, dev->device);
		KUNIT_EXPECT_EQ(test, func[i].class, dev->class);
		KUNIT_EXPECT_EQ(test, func[i].pcie_cap, pci_pcie_cap(dev));
		pci_dev_put(dev);
		if (func[i].parent != PCIQ_NONE)
			KUNIT_EXPECT_GT(test, func[i].parent, i);
	}
}

static void capture_turns_test(struct kunit *test)
{
	const struct pciq_image *before = pciq_newest();
	u32 generation = before->generation;
	const struct pciq_image *after;
	struct pciq_run run = { .tsc_khz = pciq_ctl.tsc_khz };
	enum pciq_source source;

	KUNIT_ASSERT_EQ(test, pciq_capture(), 0);
	after = pciq_newest();
	KUNIT_EXPECT_PTR_NE(test, after, before);
	KUNIT_EXPECT_EQ(test, after->generation, generation + 1);
	KUNIT_EXPECT_EQ(test, before->generation, generation);

	run.start = pciq_arch_clock();
	run.until = run.start + 2000ULL * run.tsc_khz;
	run.work_until = run.until;
	KUNIT_EXPECT_PTR_EQ(test, pciq_pick_image(&run, &source),
			    after);
	KUNIT_EXPECT_EQ(test, source, PCIQ_FROM_NEWEST);
}

static void capture_read_only_test(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		const struct pciq_image *image =
			pciq_ctl.slot[i];
		u8 byte;

		KUNIT_ASSERT_NOT_NULL(test, image);
		KUNIT_EXPECT_EQ(test, copy_from_kernel_nofault(&byte, image, 1),
				0);
		KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault((void *)image,
							     &byte, 1),
				-EFAULT);
		/* What the crash path writes to is another matter. */
		KUNIT_EXPECT_EQ(test,
				copy_to_kernel_nofault((void *)(unsigned long)image->record_virt,
						       &byte, 1), 0);
	}
}

/* An allocation of its own: the crash path's record is not touched. */
static void capture_dry_run_test(struct kunit *test)
{
	const struct pciq_record *record;
	const struct pciq_entry *entry;
	u32 generation, nr, i;
	size_t bytes = 0;

	pciq_lock();
	generation = pciq_newest()->generation;
	nr = pciq_newest()->nr_funcs;
	record = pciq_dry_run(&bytes);
	pciq_unlock();
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(record));
	KUNIT_EXPECT_EQ(test, record->generation, generation);
	KUNIT_EXPECT_EQ(test, record->nr_entries, nr);
	KUNIT_EXPECT_EQ(test, record->total_bytes, bytes);
	KUNIT_EXPECT_EQ(test, record->writes, 0);
	KUNIT_EXPECT_NE(test, record->reads, 0);
	entry = (const void *)(record + 1);
	for (i = 0; i < record->nr_entries; i++, entry++) {
		struct pci_dev *dev =
			pci_get_domain_bus_and_slot(entry->domain, entry->bus,
						    entry->devfn);
		u16 command;

		if (!dev)
			continue;
		pci_read_config_word(dev, PCI_COMMAND, &command);
		pci_dev_put(dev);
		if (entry->done & PCIQ_DID_READ)
			KUNIT_EXPECT_EQ(test, command, entry->command_before);
		if (entry->outcome == PCIQ_QUIET)
			KUNIT_EXPECT_FALSE(test, entry->command_after &
						 PCI_COMMAND_MASTER);
	}
	kvfree(record);
}

static u32 captured_flags(struct kunit *test, struct pci_dev *dev, u8 *plan)
{
	const struct pciq_image *image;
	const struct pciq_func *func;
	u32 flags = 0, i;

	KUNIT_EXPECT_EQ(test, pciq_capture(), 0);
	pciq_lock();
	image = pciq_newest();
	func = funcs_of(image);
	for (i = 0; i < image->nr_funcs; i++, func++) {
		if (func->domain != pci_domain_nr(dev->bus) ||
		    func->bus != dev->bus->number || func->devfn != dev->devfn)
			continue;
		flags = func->flags;
		*plan = func->plan[PCIQ_BUSMASTER];
	}
	pciq_unlock();
	return flags;
}

struct master_case {
	const char *name;
	u32 class;
	bool master;	/* a driver has called pci_set_master() */
	u32 flags;
	u8 plan;
};

static const struct master_case master_cases[] = {
	{ "host bridge", 0x060000, false, F(EXCLUDE_CLASS), PLAN(LEAVE) },
	{ "host bridge, a master", 0x060000, true, 0, PLAN(GATE) },
	{ "DMA controller", 0x080100, false, F(EXCLUDE_CLASS), PLAN(LEAVE) },
	{ "DMA controller, a master", 0x080100, true, 0, PLAN(GATE) },
	{ "NTB", 0x068000, false, F(EXCLUDE_CLASS), PLAN(LEAVE) },
	{ "NTB, a master", 0x068000, true, F(PEER), PLAN(LEAVE) },
	{ "of no such class", 0x020000, false, 0, PLAN(GATE) },
};

static void master_desc(const struct master_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(master, master_cases, master_desc);

/* A host bridge plays them: it has no driver that would mind. */
static void capture_master_test(struct kunit *test)
{
	const struct master_case *c = test->param_value;
	struct pci_dev *dev = pci_get_class(PCI_CLASS_BRIDGE_HOST << 8, NULL);
	u8 plan = U8_MAX;
	u32 class, flags;

	if (!dev || dev->driver || dev->is_busmaster) {
		pci_dev_put(dev);
		kunit_skip(test, "no host bridge without a driver");
	}
	class = dev->class;
	dev->class = c->class;
	dev->is_busmaster = c->master;
	flags = captured_flags(test, dev, &plan);
	dev->class = class;
	dev->is_busmaster = false;
	KUNIT_EXPECT_EQ(test, pciq_capture(), 0);
	pci_dev_put(dev);
	KUNIT_EXPECT_EQ(test, flags & (F(EXCLUDE_CLASS) | F(PEER)), c->flags);
	KUNIT_EXPECT_EQ(test, plan, c->plan);
}

/* What one window does not reach, another one does, from its first bus on. */
static void capture_windows_test(struct kunit *test)
{
	struct pciq_window windows[8] = { }, first;
	const struct pciq_image *image;
	int nr, i;

	pciq_lock();
	image = pciq_newest();
	first = *(const struct pciq_window *)
			((const void *)image + image->windows_offset);
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
				first.phys + 2 * BUS_BYTES);
	}
	KUNIT_EXPECT_LT(test, i, nr);
	pciq_arch_release(&windows[1], nr - 1);
}

#ifdef CONFIG_ACPI
/* What MCFG says ends before the buses do: 0xCF8 and 0xCFC reach the rest. */
static void capture_mcfg_test(struct kunit *test)
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

static int capture_init(struct kunit *test)
{
	if (!pciq_newest())
		kunit_skip(test, "not armed");
	return 0;
}

static struct kunit_case fake_cases[] = {
	KUNIT_CASE_PARAM(image_test, image_gen_params),
	KUNIT_CASE_PARAM(slot_test, slot_gen_params),
	KUNIT_CASE(saved_headers_test),
	KUNIT_CASE_PARAM(plan_test, plan_gen_params),
	KUNIT_CASE_PARAM(mask_test, control_gen_params),
	KUNIT_CASE_PARAM(run_test, run_gen_params),
	KUNIT_CASE(off_test),
	KUNIT_CASE(window_test),
	KUNIT_CASE(arrival_test),
	KUNIT_CASE(reset_test),
	KUNIT_CASE(no_answer_test),
	KUNIT_CASE(bad_headers_test),
	KUNIT_CASE(not_current_test),
	KUNIT_CASE(held_test),
	KUNIT_CASE(pending_test),
	KUNIT_CASE(reset_user_test),
	KUNIT_CASE_PARAM(clamp_test, clamp_gen_params),
	KUNIT_CASE(late_test),
	KUNIT_CASE(expired_test),
	KUNIT_CASE(expired_release_test),
	{ }
};

static struct kunit_suite fake_suite = {
	.name = "kexec_pci_quiesce",
	.suite_init = fake_suite_init,
	.suite_exit = fake_suite_exit,
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = fake_cases,
};

static struct kunit_case guard_suite_cases[] = {
	KUNIT_CASE_PARAM(nested_test, guard_gen_params),
	KUNIT_CASE(once_test),
	KUNIT_CASE(not_clean_test),
	KUNIT_CASE(note_test),
	{ }
};

static struct kunit_suite guard_suite = {
	.name = "kexec_pci_quiesce_guard",
	.suite_init = fake_suite_init,
	.suite_exit = fake_suite_exit,
	.init = guard_init,
	.exit = guard_exit,
	.test_cases = guard_suite_cases,
};

static struct kunit_case capture_cases[] = {
	KUNIT_CASE(capture_all_test),
	KUNIT_CASE(capture_turns_test),
	KUNIT_CASE(capture_read_only_test),
	KUNIT_CASE(capture_dry_run_test),
	KUNIT_CASE_PARAM(capture_master_test, master_gen_params),
	KUNIT_CASE(capture_windows_test),
#ifdef CONFIG_ACPI
	KUNIT_CASE(capture_mcfg_test),
#endif
	{ }
};

static struct kunit_suite capture_suite = {
	.name = "kexec_pci_quiesce_capture",
	.init = capture_init,
	.test_cases = capture_cases,
};

kunit_test_suites(&fake_suite, &guard_suite, &capture_suite);

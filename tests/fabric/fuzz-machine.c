// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the engine calls instead of arch/x86/kernel/crash_pci.c, for the fuzzer.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/mm.h>
#include <linux/pci_regs.h>

#include "fuzz-machine.h"

#define ALL_ONES(size)	(~0U >> (32 - 8 * (size)))
#define MAX_DEVICES	2048U
#define NO_DEVICE	0xffffU
#define SPACE		256U
#define DEEP		0x40U
#define CLOCK_NS	10U
#define RELAX_NS	20000U
#define HANG_NS		50000000U
#define BACK_NS		7000000000ULL

/*
 * After the deadline: two writes and reads of each link in reset, see
 * pciq_release_links(), in each of three stages.  Otherwise what is left of the
 * function that it was at: to restore one takes the most.
 */
#define LATE_RELEASES	12U
#define LATE_ACCESSES	80U

/* How a function responds; not named: it obeys. */
enum kind {
	KEEPS_BME	= 4,
	PENDS		= 5,
	DEAD		= 6,
	FAULTS		= 7,
	NOISE		= 8,
	DIES		= 9,
	HANGS		= 10,
	KEEPS_BME_ONCE	= 11,	/* until it is reset */
	PENDS_ONCE	= 12,
	BACK_LATE	= 13,
	IGNORES_WRITES	= 14,
	LIES		= 15,
	NR_KINDS
};

struct device {
	u16 key;
	u16 resets;	/* of machine.resets, those that it has seen */
	u32 accesses;
	u32 since_reset;
	bool was_reset;
	bool saved;
	u8 space[SPACE] __aligned(8);
};

static struct {
	const struct fuzz_plan *plan;
	const struct fuzz_snapshot *snapshots;
	const struct pciq_run *run;
	u64 now;
	u64 deadline;
	u64 start;
	u32 late;
	u32 late_releases;
	u32 events;
	u16 resets;
	bool left;
	jmp_buf out;
	bool inside;
} machine;

/* By bus and devfn, whatever the window: one more than the index. */
static u16 device_of[65536];
static u16 func_of[65536];
static struct device devices[MAX_DEVICES];
static u32 nr_devices;

void finding(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("found: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

static u32 mix(u32 a, u32 b)
{
	u64 z = ((u64)a << 32 | b) + 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z >> 32;
}

/* === Time, and the end === */

static u32 clamp_to(u32 value, u32 low, u32 high)
{
	return value < low ? low : value > high ? high : value;
}

/**
 * machine_deadline_ms() - the deadline of a plan
 * @plan: the plan
 *
 * Return: one that a parameter can have.
 */
u32 machine_deadline_ms(const struct fuzz_plan *plan)
{
	return clamp_to(plan->deadline_ms, PCIQ_MIN_DEADLINE_MS,
			PCIQ_MAX_DEADLINE_MS);
}

/**
 * machine_khz() - the TSC frequency of a plan
 * @plan: the plan
 *
 * Return: one that a machine can have.
 */
u32 machine_khz(const struct fuzz_plan *plan)
{
	return clamp_to(plan->tsc_khz, 100000, 10000000);
}

static void set_deadline(void)
{
	machine.start = machine.now;
	machine.deadline = machine.now + 1000000 +
			   machine_deadline_ms(machine.plan) * 1000000ULL;
}

static void check_time(u16 reg)
{
	/* Having jumped backwards, all of it is late. */
	if (machine.now <= machine.deadline && machine.now >= machine.start)
		return;
	if (reg == PCI_BRIDGE_CONTROL &&
	    ++machine.late_releases <= machine.run->nr_funcs * LATE_RELEASES)
		return;
	if (++machine.late > LATE_ACCESSES)
		finding("%u accesses after the deadline, %u functions",
			machine.late, machine.run->nr_funcs);
}

static void begin_event(u64 ns)
{
	const struct fuzz_plan *plan = machine.plan;
	unsigned int i;

	machine.events++;
	machine.now += ns;
	if (machine.events == plan->back_at)
		machine.now -= BACK_NS;
	for (i = 0; i < ARRAY_SIZE(plan->oops); i++) {
		if (machine.inside && plan->oops[i] &&
		    machine.events == plan->oops[i]) {
			machine.inside = false;
			longjmp(machine.out, 1);
		}
	}
}

/**
 * machine_enter() - run a stage of the engine, as module/escape.S does
 * @stage: which
 * @run: the run
 *
 * Return: false if an oops took it out.
 */
bool machine_enter(void (*stage)(struct pciq_run *run),
		   struct pciq_run *run)
{
	/* After an oops it is renewed, once. */
	if (stage != pciq_abort)
		set_deadline();
	if (setjmp(machine.out))
		return false;
	machine.inside = true;
	stage(run);
	machine.inside = false;
	return true;
}

u64 pciq_arch_clock(void)
{
	machine.now += CLOCK_NS;
	return (__uint128_t)machine.now * machine_khz(machine.plan) / 1000000;
}

void pciq_arch_relax(void)
{
	begin_event(RELAX_NS);
}

bool pciq_arch_machine_check(void)
{
	return false;
}

/* === Memory === */

bool pciq_arch_probe(const void *address)
{
	unsigned int i;

	begin_event(CLOCK_NS);
	for (i = 0; i < PCIQ_NR_SLOTS; i++) {
		const struct fuzz_snapshot *snapshot = &machine.snapshots[i];
		size_t offset = (const u8 *)address - snapshot->at;

		if (!snapshot->at || (const u8 *)address < snapshot->at ||
		    offset >= snapshot->bytes)
			continue;
		return !snapshot->hidden || offset / PAGE_SIZE !=
						    snapshot->hidden / PAGE_SIZE;
	}
	return false;
}

/* === Functions === */

static enum kind kind_of(u16 key)
{
	return machine.plan->kind[mix(machine.plan->seed, key) % 8] % NR_KINDS;
}

/* What is restored is what is there: addresses, bus numbers. */
static void fill_saved(struct device *device, u32 i)
{
	const struct pciq_restore *restore = machine.run->restores;
	const struct pciq_reset *reset = &machine.run->resets[i];
	u32 k;

	for (k = reset->first; k < reset->first + reset->nr; k++)
		if (restore[k].reg + restore[k].size <= SPACE)
			memcpy(device->space + restore[k].reg,
			       &restore[k].value, restore[k].size);
}

/* A function of the snapshot is who it was. */
static void fill_identity(struct device *device, const struct pciq_entry *entry)
{
	u32 id = entry->vendor | (u32)entry->device << 16;

	memcpy(device->space + PCI_VENDOR_ID, &id, 4);
	memcpy(device->space + PCI_CLASS_REVISION, &entry->class_revision, 4);
}

static void fill(struct device *device)
{
	u32 offset, i = func_of[device->key];

	for (offset = 0; offset < DEEP; offset += 4)
		*(u32 *)(device->space + offset) =
			mix(machine.plan->seed ^ offset, device->key);
	for (; offset < SPACE; offset += 2)
		*(u16 *)(device->space + offset) = machine.plan->deep;
	if (i && machine.run->funcs && i <= machine.run->nr_funcs)
		fill_identity(device, &machine.run->funcs[i - 1].entry);
	device->saved = false;
}

/* The second part is known from when the engine has found it valid. */
static void fill_once(struct device *device)
{
	u32 i = func_of[device->key];

	if (device->saved || !i || !machine.run->resets ||
	    i > machine.run->nr_funcs)
		return;
	device->saved = true;
	fill_saved(device, i - 1);
}

static bool is_there(u16 key)
{
	return func_of[key] || mix(~machine.plan->seed, key) % 256 <
				       machine.plan->density;
}

static struct device *device_at(u8 bus, u8 devfn)
{
	u16 key = bus << 8 | devfn;
	struct device *device;

	if (device_of[key]) {
		device = &devices[device_of[key] - 1];
		fill_once(device);
		return device;
	}
	if (nr_devices == MAX_DEVICES || !is_there(key))
		return NULL;
	device = &devices[nr_devices++];
	device_of[key] = nr_devices;
	memset(device, 0, sizeof(*device));
	device->key = key;
	device->resets = machine.resets;
	fill(device);
	return device;
}

static void reset(struct device *device)
{
	device->was_reset = true;
	device->since_reset = 0;
	memset(device->space + PCI_COMMAND, 0, 2);
	memset(device->space + PCI_BASE_ADDRESS_0, 0, 0x20);
}

static bool responds(struct device *device, u32 size, u32 *value)
{
	enum kind kind = kind_of(device->key);

	if (device->resets != machine.resets) {
		device->resets = machine.resets;
		reset(device);
	}
	device->accesses++;
	device->since_reset++;
	if (kind == HANGS)
		machine.now += HANG_NS;
	if (kind == NOISE)
		*value = mix(machine.plan->seed, machine.events) &
			 ALL_ONES(size);
	return kind != DEAD && kind != NOISE &&
	       !(kind == DIES && device->accesses > 5) &&
	       !(kind == BACK_LATE && device->was_reset &&
		 device->since_reset < 20);
}

static u32 twist(const struct device *device, u16 reg, u32 size, u32 value)
{
	enum kind kind = kind_of(device->key);

	if (reg == PCI_COMMAND &&
	    (kind == KEEPS_BME || (kind == KEEPS_BME_ONCE && !device->was_reset)))
		value |= PCI_COMMAND_MASTER;
	if (reg >= DEEP &&
	    (kind == PENDS || (kind == PENDS_ONCE && !device->was_reset)))
		value |= PCI_EXP_DEVSTA_TRPND;
	if (kind == LIES && device->accesses % 4 == 3)
		value ^= 1U << mix(machine.plan->seed, machine.events) % 32;
	return value & ALL_ONES(size);
}

static void store(struct device *device, u16 reg, u32 size, u32 value)
{
	if (kind_of(device->key) == IGNORES_WRITES || reg + size > SPACE)
		return;
	memcpy(device->space + reg, &value, size);
	if (reg == PCI_BRIDGE_CONTROL && value & PCI_BRIDGE_CTL_BUS_RESET)
		machine.resets++;
	if (reg >= DEEP && size == 2 && value & PCI_EXP_DEVCTL_BCR_FLR)
		reset(device);
}

/* === Windows === */

/* Only through the table of the snapshot that was chosen, and not beyond it. */
static void check_window(const struct pciq_window *window, u16 reg,
			 unsigned int size)
{
	const struct pciq_run *run = machine.run;
	u64 offset = (const u8 *)window - (const u8 *)run->windows;

	if (!run->snapshot || window < run->windows ||
	    offset % sizeof(*window) ||
	    offset / sizeof(*window) >= run->snapshot->windows.nr)
		finding("an access through what is no window");
	if (size != 2 && size != 4)
		finding("an access of %u bytes at %03x", size, reg);
}

/* As the accessors of crash_pci.c refuse what a window does not reach. */
static bool covers(const struct pciq_window *window, u8 bus, u16 reg,
		   unsigned int size)
{
	u16 end = window->type == PCIQ_ECAM ? 4096 : 256;

	return bus >= window->bus_start && bus <= window->bus_end &&
	       reg + size <= end && !(reg & (size - 1));
}

static struct device *reach(const struct pciq_window *window, u8 bus,
			    u8 devfn, u16 reg, unsigned int size, bool *fault)
{
	struct device *device;

	begin_event((machine.plan->access + 1) * 10000ULL);
	check_time(reg);
	check_window(window, reg, size);
	*fault = !covers(window, bus, reg, size);
	if (*fault)
		return NULL;
	device = device_at(bus, devfn);
	*fault = device && kind_of(device->key) == FAULTS;
	return *fault ? NULL : device;
}

bool pciq_arch_read(const struct pciq_window *window, u8 bus,
		    u8 devfn, u16 reg, unsigned int size, u32 *value)
{
	struct device *device;
	bool fault;

	device = reach(window, bus, devfn, reg, size, &fault);
	*value = ALL_ONES(size);
	if (!device || !responds(device, size, value))
		return !fault;
	*value = machine.plan->deep * 0x10001U;
	if (reg + size <= SPACE) {
		*value = 0;
		memcpy(value, device->space + reg, size);
	}
	*value = twist(device, reg, size, *value);
	return true;
}

bool pciq_arch_write(const struct pciq_window *window, u8 bus,
		     u8 devfn, u16 reg, unsigned int size, u32 value)
{
	struct device *device;
	u32 noise;
	bool fault;

	device = reach(window, bus, devfn, reg, size, &fault);
	if (device && responds(device, size, &noise))
		store(device, reg, size, value);
	return !fault;
}

/* === The whole === */

static void know_funcs(const struct fuzz_snapshot *snapshot, bool forget)
{
	const struct pciq_snapshot *head = (const void *)snapshot->at;
	struct pciq_entry entry;
	u32 i;
	u64 at;

	if (!head || snapshot->bytes < sizeof(*head) || snapshot->hidden)
		return;
	for (i = 0; i < head->funcs.nr && i < PCIQ_MAX_FUNCS; i++) {
		at = (u64)head->funcs.offset + i * sizeof(struct pciq_func);
		if (at + sizeof(struct pciq_func) > snapshot->bytes)
			return;
		/* Of a snapshot whose sums are wrong it may be anywhere. */
		memcpy(&entry, snapshot->at + at, sizeof(entry));
		func_of[entry.bus << 8 | entry.devfn] = forget ? 0 : i + 1;
	}
}

/**
 * machine_begin() - a machine as an input wants it
 * @plan: the input
 * @snapshots: what is published
 * @run: the run that is to be
 */
void machine_begin(const struct fuzz_plan *plan,
		   const struct fuzz_snapshot snapshots[PCIQ_NR_SLOTS],
		   const struct pciq_run *run)
{
	unsigned int i;

	memset(&machine, 0, sizeof(machine));
	machine.plan = plan;
	machine.snapshots = snapshots;
	machine.run = run;
	machine.now = 3600000000000ULL;
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		know_funcs(&snapshots[i], false);
}

/**
 * machine_end() - forget it
 */
void machine_end(void)
{
	unsigned int i;

	while (nr_devices)
		device_of[devices[--nr_devices].key] = 0;
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		know_funcs(&machine.snapshots[i], true);
}

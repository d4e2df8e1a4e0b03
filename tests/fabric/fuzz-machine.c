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
 * After the deadline: three writes and reads of each link in reset, see
 * pciq_release_links(), in each of three stages.  Otherwise what is
 * left of the function that it was at: to restore one takes the most.
 */
#define LATE_RELEASES	18U
#define LATE_ACCESSES	80U

/* How a function answers; not named: it obeys. */
enum kind {
	KEEPS_BME	= 4,
	PENDS		= 5,
	SILENT		= 6,
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
	u8 space[SPACE] __aligned(8);
};

static struct {
	const struct fuzz_plan *plan;
	const struct fuzz_image *images;
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

static u64 clamp_to(u64 value, u64 low, u64 high)
{
	return value < low ? low : value > high ? high : value;
}

/* What the engine makes of the numbers, reckoned independently. */
static u64 budget_ns(void)
{
	return clamp_to(machine.plan->deadline_ms, PCIQ_MIN_DEADLINE_MS,
			PCIQ_MAX_DEADLINE_MS) * 1000000;
}

/* The frequency that it goes by: so that its milliseconds are ours. */
static u32 khz(void)
{
	u32 khz = machine.plan->tsc_khz;

	return khz < 100000 || khz > 10000000 ? 5000000 : khz;
}

static void set_deadline(void)
{
	machine.start = machine.now;
	machine.deadline = machine.now + budget_ns() + 1000000;
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
	return (__uint128_t)machine.now * khz() / 1000000;
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
		const struct fuzz_image *image = &machine.images[i];
		size_t offset = (const u8 *)address - image->at;

		if (!image->at || (const u8 *)address < image->at ||
		    offset >= image->bytes)
			continue;
		return !image->hidden || offset / PAGE_SIZE !=
						 image->hidden / PAGE_SIZE;
	}
	return false;
}

/* === Functions === */

static enum kind kind_of(u16 key)
{
	return machine.plan->kind[mix(machine.plan->seed, key) % 8] % NR_KINDS;
}

/* What was saved of a function, NULL if the image does not reach so far. */
static const u8 *header_of(u32 i)
{
	const struct pciq_image *image = machine.run->image;
	u32 bytes = 0, slot;
	u64 offset;

	if (!image || machine.plan->hidden)
		return NULL;
	/* Its own numbers may say anything. */
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		if (machine.images[slot].at == (const u8 *)image)
			bytes = machine.images[slot].bytes;
	offset = image->saved_offset +
		 (u64)i * sizeof(struct pciq_saved);
	return offset + DEEP <= bytes ? (const u8 *)image + offset : NULL;
}

/* A function of the image has the header that was saved of it. */
static void fill(struct device *device)
{
	u32 offset, i = func_of[device->key];
	const u8 *header = i ? header_of(i - 1) : NULL;

	for (offset = 0; offset < DEEP; offset += 4)
		*(u32 *)(device->space + offset) =
			mix(machine.plan->seed ^ offset, device->key);
	for (; offset < SPACE; offset += 2)
		*(u16 *)(device->space + offset) = machine.plan->deep;
	if (header)
		memcpy(device->space, header, DEEP);
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

	if (device_of[key])
		return &devices[device_of[key] - 1];
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

static bool answers(struct device *device, u32 size, u32 *value)
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
	return kind != SILENT && kind != NOISE &&
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

/* Only through the table of the image that was chosen, and not beyond it. */
static void check_window(const struct pciq_window *window, u16 reg,
			 unsigned int size)
{
	const struct pciq_run *run = machine.run;
	u64 offset = (const u8 *)window - (const u8 *)run->windows;

	if (!run->image || window < run->windows ||
	    offset % sizeof(*window) ||
	    offset / sizeof(*window) >= run->image->nr_windows)
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
	if (!device || !answers(device, size, value))
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
	if (device && answers(device, size, &noise))
		store(device, reg, size, value);
	return !fault;
}

/* === The whole === */

static void know_funcs(const struct fuzz_image *image, bool forget)
{
	const struct pciq_image *head = (const void *)image->at;
	const struct pciq_func *func;
	u32 i, at;

	if (!head || image->bytes < sizeof(*head) || image->hidden)
		return;
	for (i = 0; i < head->nr_funcs && i < U16_MAX; i++) {
		at = pciq_funcs_offset(head->nr_windows % 257) +
		     i * sizeof(*func);
		if (at + sizeof(*func) > image->bytes)
			return;
		func = (const void *)(image->at + at);
		func_of[func->bus << 8 | func->devfn] = forget ? 0 : i + 1;
	}
}

/**
 * machine_begin() - a machine as an input wants it
 * @plan: the input
 * @images: what is published
 * @run: the run that is to be
 */
void machine_begin(const struct fuzz_plan *plan,
		   const struct fuzz_image images[PCIQ_NR_SLOTS],
		   const struct pciq_run *run)
{
	unsigned int i;

	memset(&machine, 0, sizeof(machine));
	machine.plan = plan;
	machine.images = images;
	machine.run = run;
	machine.now = 3600000000000ULL;
	for (i = 0; i < PCIQ_NR_SLOTS; i++)
		know_funcs(&images[i], false);
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
		know_funcs(&machine.images[i], true);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the engine calls instead of arch/x86/kernel/crash_pci*.c: windows onto
 * the simulated machine, its clock, and memory that may be gone.
 */
#include "fabric.h"

#include <linux/ktime.h>

#define CLOCK_NS	10U

/* Should the engine never end, so shall the case. */
#define MAX_EVENTS	100000000ULL

struct fabric fabric;

static void give_up(const char *why)
{
	broken(NULL, "does not end: %s", why);
	if (fabric.give_up)
		longjmp(*fabric.give_up, 1);
}

/**
 * arch_pass() - let simulated time pass
 * @ns: so much
 */
void arch_pass(u64 ns)
{
	fabric.now += ns;
	if (fabric.crashed && fabric.end_of_time &&
	    fabric.now > fabric.end_of_time)
		give_up("out of time");
}

/* An oops, or a machine check: the routine is left where it is. */
static void maybe_escape(bool after)
{
	if (!fabric.crashed || !fabric.escape_at ||
	    fabric.events != fabric.escape_at || fabric.escape_after != after)
		return;
	fabric.escape_at = 0;
	fabric.escaped++;
	if (fabric.busy_with)
		fabric.busy_with->interrupted = true;
	if (fabric.trace)
		printf("%12llu oops\n", (unsigned long long)fabric.now);
	longjmp(*fabric.escape, 1);
}

static void begin_event(void)
{
	fabric.busy_with = NULL;
	if (!fabric.crashed)
		return;
	if (++fabric.events > MAX_EVENTS)
		give_up("too many accesses");
	maybe_escape(false);
}

/* === Windows === */

/**
 * arch_cookie() - what stands for the mapping of a window
 * @host: the host bridge
 *
 * Return: a number that is not an address.
 */
u64 arch_cookie(const struct host *host)
{
	u32 i;

	for (i = 0; i < fabric.nr_hosts; i++)
		if (fabric.hosts[i] == host)
			break;
	return (u64)(i + 1) << 40;
}

/**
 * pciq_arch_windows() - a window for each root bus without one
 * @windows: the table, appended to
 * @nr: windows in it
 * @max: room in it
 *
 * Return: windows in it now.
 */
int pciq_arch_windows(struct pciq_window *windows, int nr,
		      int max)
{
	u32 i, k;

	for (i = 0; i < fabric.nr_hosts; i++) {
		const struct host *host = fabric.hosts[i];

		if (!host->window || nr == max)
			continue;
		for (k = 0; k < (u32)nr; k++)
			if (windows[k].domain == host->domain &&
			    windows[k].bus_start == host->first)
				break;
		if (k < (u32)nr)
			continue;
		windows[nr++] = (struct pciq_window) {
			.domain = host->domain,
			.bus_start = host->first,
			.bus_end = host->last,
			.type = host->window,
			.phys = arch_cookie(host) >> 4,
			.virt = host->window == PCIQ_ECAM ?
					arch_cookie(host) : 0,
		};
	}
	return nr;
}

/**
 * pciq_arch_release() - forget the windows
 * @windows: the table
 * @nr: windows in it
 */
void pciq_arch_release(struct pciq_window *windows, int nr)
{
	(void)windows;
	(void)nr;
}

/*
 * Which host bridge claims it.  Through ECAM the one whose mapping that is,
 * anything else is a page fault; ports 0xCF8 and 0xCFC cannot fault.
 */
static struct host *host_of(const struct pciq_window *window, u8 bus)
{
	u32 i;

	for (i = 0; i < fabric.nr_hosts; i++) {
		struct host *host = fabric.hosts[i];

		if (bus < host->first || bus > host->last || !host->window)
			continue;
		if (window->type == PCIQ_CF8 ? !host->domain :
		    window->virt == arch_cookie(host) &&
			    window->bus_start == host->first)
			return host;
	}
	return NULL;
}

static bool covers(const struct pciq_window *window, u8 bus, u16 reg,
		   unsigned int size)
{
	u16 end = window->type == PCIQ_CF8 ? 256 : 4096;

	return bus >= window->bus_start && bus <= window->bus_end &&
	       reg + size <= end && !(reg & (size - 1));
}

static void trace(const struct host *host, u8 bus, u8 devfn, u16 reg,
		  unsigned int size, char how, u32 value, bool fine)
{
	if (fabric.trace)
		printf("%12llu %c%u %04x:%02x:%02x.%x %03x %0*x%s\n",
		       (unsigned long long)fabric.now, how, 8 * size,
		       host ? host->domain : 0xdead, bus, devfn >> 3, devfn & 7,
		       reg, 2 * size, value, fine ? "" : " fault");
}

/* What the engine has now been shown of a function. */
static void note_answer(struct function *f, u16 reg, unsigned int size,
			u32 value)
{
	/* A VF has no ID of its own (SR-IOV 9.3.4.1.1). */
	if (f->pf && reg == PCI_VENDOR_ID)
		return;
	/* Command has reserved bits: all ones are no answer, whatever Status is. */
	if (size == 2 || reg == PCI_COMMAND ? (u16)value == 0xffff :
					      value == ~0U) {
		f->silent = true;
		f->trouble = true;
	}
	oracle_answer(f, reg, size, value);
	if (reg == PCI_COMMAND && f->gated && value & PCI_COMMAND_MASTER)
		f->trouble = true;
	if (f->pcie && reg == f->pcie + PCI_EXP_DEVSTA &&
	    value & PCI_EXP_DEVSTA_TRPND)
		f->trouble = true;
}

static bool read_function(struct function *f, u16 reg, unsigned int size,
			  u32 *value)
{
	enum answer answer;

	watch_access(f, reg, size, false, 0);
	answer = behaviour_on_access(f, false);
	if (answer == DOES_FAULT) {
		f->silent = true;
		f->trouble = true;
		oracle_fault(f);
		return false;
	}
	if (answer == ANSWERS) {
		*value = behaviour_on_read(f, reg, size,
					   config_read(f, reg, size));
		dma_flush(f);
	}
	note_answer(f, reg, size, *value);
	return true;
}

static bool write_function(struct function *f, u16 reg, unsigned int size,
			   u32 value)
{
	enum answer answer;

	watch_access(f, reg, size, true, value);
	answer = behaviour_on_access(f, true);
	if (answer == DOES_FAULT) {
		f->silent = true;
		oracle_fault(f);
		return false;
	}
	watch_stored(f, reg, value);
	if (answer == ANSWERS && fabric.now >= f->rrs_until)
		config_write(f, reg, size, value);
	return true;
}

static void access_memory(struct host *host, u16 reg, unsigned int size,
			  u32 *value, bool write)
{
	if (!write) {
		*value = config_get(host->page, reg, size);
		return;
	}
	broken(NULL, "memory that is no config space was written at %03x", reg);
	config_put(host->page, reg, size, *value);
}

static bool access(const struct pciq_window *window, u8 bus, u8 devfn,
		   u16 reg, unsigned int size, u32 *value, bool write)
{
	struct host *host;
	struct function *f;

	if (!covers(window, bus, reg, size))
		return false;
	host = host_of(window, bus);
	if (!host)
		return false;
	f = host->by_bus[bus] ? host->by_bus[bus][devfn] : NULL;
	if (fabric.crashed && window->type == PCIQ_ECAM &&
	    host->faults_at && ++host->accesses >= host->faults_at) {
		if (f) {
			f->silent = true;
			f->trouble = true;
			oracle_fault(f);
		}
		return false;
	}
	if (fabric.crashed && window->type == PCIQ_ECAM &&
	    (host->remapped || (f && f->remapped))) {
		access_memory(host, reg, size, value, write);
		return true;
	}
	if (!f)
		return true;
	if (!fabric.crashed) {
		if (!write)
			*value = f->asleep || f->dead ? ~0U >> (32 - 8 * size) :
							config_read(f, reg, size);
		return true;
	}
	fabric.busy_with = f;
	return write ? write_function(f, reg, size, *value) :
		       read_function(f, reg, size, value);
}

/**
 * pciq_arch_read() - read config space
 * @window: the window to go through
 * @bus: bus number
 * @devfn: device and function
 * @reg: register, aligned to @size
 * @size: 2 or 4 bytes
 * @value: where to; all ones if false is returned
 *
 * Return: false if the window does not reach the register or the access faulted.
 */
bool pciq_arch_read(const struct pciq_window *window, u8 bus,
		    u8 devfn, u16 reg, unsigned int size, u32 *value)
{
	bool fine;

	begin_event();
	arch_pass(fabric.access_ns);
	*value = size == 2 ? 0xffff : ~0U;
	fabric.reads += fabric.crashed;
	if (!fabric.crashed && window->type == PCIQ_CF8)
		broken(NULL, "ports 0xCF8 and 0xCFC used behind the kernel's back");
	fine = access(window, bus, devfn, reg, size, value, false);
	if (!fine)
		*value = size == 2 ? 0xffff : ~0U;
	fabric.unanswered += fabric.crashed && fine &&
			     *value == (size == 2 ? 0xffff : ~0U);
	fabric.faults += fabric.crashed && !fine;
	trace(host_of(window, bus), bus, devfn, reg, size, 'r', *value, fine);
	maybe_escape(true);
	return fine;
}

/**
 * pciq_arch_write() - write config space
 * @window: the window to go through
 * @bus: bus number
 * @devfn: device and function
 * @reg: register, aligned to @size
 * @size: 2 or 4 bytes
 * @value: what
 *
 * Return: false if the window does not reach the register or the access faulted.
 */
bool pciq_arch_write(const struct pciq_window *window, u8 bus,
		     u8 devfn, u16 reg, unsigned int size, u32 value)
{
	bool fine;

	begin_event();
	arch_pass(fabric.access_ns);
	fabric.writes += fabric.crashed;
	trace(host_of(window, bus), bus, devfn, reg, size, 'w', value, true);
	fine = access(window, bus, devfn, reg, size, &value, true);
	fabric.faults += fabric.crashed && !fine;
	maybe_escape(true);
	return fine;
}

/* === Memory and time === */

/**
 * pciq_arch_probe() - whether memory can be read
 * @address: one byte of it
 *
 * Return: false if the load would fault.
 */
bool pciq_arch_probe(const void *address)
{
	begin_event();
	arch_pass(CLOCK_NS);
	return memory_readable(address);
}

/**
 * pciq_arch_clock() - TSC ticks
 *
 * Return: of the simulated time.
 */
u64 pciq_arch_clock(void)
{
	arch_pass(CLOCK_NS);
	return (__uint128_t)fabric.now * fabric.tsc_khz / 1000000;
}

/**
 * pciq_arch_relax() - between two polls
 */
void pciq_arch_relax(void)
{
	begin_event();
	arch_pass(fabric.relax_ns);
	maybe_escape(true);
}

/**
 * pciq_arch_machine_check() - whether one is being handled
 *
 * Return: as the case has it.
 */
bool pciq_arch_machine_check(void)
{
	return fabric.mcip || (fabric.machine_check && fabric.escaped);
}

/**
 * ktime_get() - time of the healthy kernel
 *
 * Return: nanoseconds.
 */
ktime_t ktime_get(void)
{
	return fabric.now += CLOCK_NS;
}

/**
 * ktime_get_real_seconds() - likewise, since the epoch
 *
 * Return: seconds.
 */
s64 ktime_get_real_seconds(void)
{
	return 1790000000 + fabric.now / 1000000000;
}

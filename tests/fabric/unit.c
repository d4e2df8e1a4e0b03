// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests have in common: a machine, the log, and complaints.
 */
#include <stdlib.h>

#include "names.h"
#include "unit.h"

struct unit unit;

const struct shape root_port = {
	.vendor = 0x8086, .device = 0x3420, .class = 0x060400,
	.type = TYPE_ROOT_PORT, .bridge = true, .speed = 3, .pin = 1,
	.link_active = true, .slot = true, .hotplug = true, .aer = true,
	.dpc = true,
};

/* 5 GT/s, and does not report Link Active. */
const struct shape slow_root_port = {
	.vendor = 0x8086, .device = 0x3421, .class = 0x060400,
	.type = TYPE_ROOT_PORT, .bridge = true, .speed = 2,
};

const struct shape upstream_port = {
	.vendor = 0x104c, .device = 0x8232, .class = 0x060400,
	.type = TYPE_UPSTREAM, .bridge = true, .speed = 2,
};

const struct shape downstream_port = {
	.vendor = 0x104c, .device = 0x8233, .class = 0x060400,
	.type = TYPE_DOWNSTREAM, .bridge = true, .speed = 2,
};

const struct shape pcie_to_pci = {
	.vendor = 0x1b36, .device = 0x000e, .class = 0x060400,
	.type = TYPE_PCI_BRIDGE, .bridge = true, .speed = 1,
};

const struct shape pci_bridge = {
	.vendor = 0x1b36, .device = 0x0001, .class = 0x060400,
	.type = CONVENTIONAL, .bridge = true,
};

const struct shape endpoint = {
	.vendor = 0x8086, .device = 0x10d3, .class = 0x020000,
	.type = TYPE_ENDPOINT, .pin = 1,
};

const struct shape endpoint_with_flr = {
	.vendor = 0x8086, .device = 0x10c9, .class = 0x020000,
	.type = TYPE_ENDPOINT, .pin = 1, .flr = true,
};

const struct shape integrated = {
	.vendor = 0x8086, .device = 0x2668, .class = 0x040300,
	.type = TYPE_RC_END, .pin = 1,
};

const struct shape integrated_with_flr = {
	.vendor = 0x8086, .device = 0x2669, .class = 0x040300,
	.type = TYPE_RC_END, .pin = 1, .flr = true,
};

const struct shape conventional = {
	.vendor = 0x8086, .device = 0x100e, .class = 0x020000,
	.type = CONVENTIONAL, .pin = 1,
};

const struct shape physical = {
	.vendor = 0x8086, .device = 0x10c9, .class = 0x020000,
	.type = TYPE_ENDPOINT, .pin = 1, .flr = true, .sriov = true,
};

const struct shape virtual = {
	.vendor = 0x8086, .device = 0x10ca, .class = 0x020000,
	.type = TYPE_ENDPOINT, .vf = true, .flr = true,
};

/* === Building === */

static void forget(void)
{
	memory_hide(NULL);
	pciq_release();
	if (memory_in_use())
		fail_msg("%u allocations are not freed", memory_in_use());
}

/**
 * unit_set_time() - what time the crash path has
 * @deadline_ms: so much
 *
 * Before a snapshot is taken: the header of a record says it, too.
 */
void unit_set_time(u32 deadline_ms)
{
	pciq_free_memory();
	pciq_memory.tsc_khz = fabric.tsc_khz;
	pciq_memory.deadline_ms = deadline_ms;
	if (pciq_make_memory(1))
		abort();
}

/**
 * unit_begin() - a machine with one root bus and nothing on it
 */
void unit_begin(void)
{
	forget();
	build_reset(1);
	fabric.tsc_khz = 1000000;
	fabric.access_ns = ACCESS_NS;
	fabric.relax_ns = RELAX_NS;
	fabric.delay_ns = 0;
	fabric.sleep_hangs = true;
	unit_set_time(10000);
	pciq_ctl.policy = PCIQ_ESCALATE;
	memset(&unit.run, 0, sizeof(unit.run));
	unit.head = NULL;
	unit.nr = 0;
	unit.quirks = false;
	unit.oops_ns = 0;
	unit.lent = NULL;
	unit.on_access = NULL;
	unit.host = build_host(0, 0, 0xff, PCIQ_ECAM, true);
}

int unit_setup(void **state)
{
	(void)state;
	unit.row = NULL;
	unit_begin();
	return 0;
}

int unit_teardown(void **state)
{
	(void)state;
	fabric.crashed = false;
	forget();
	return 0;
}

static void set_up(struct function *f, u16 command)
{
	memcpy(f->now, f->initial, SPACE);
	unit_set(f, PCI_COMMAND, 2, command);
	f->boot_ns = BOOT_NS;
	if (f->link.train_ns)
		f->link.train_ns = TRAIN_NS;
}

/**
 * unit_add() - add a function that its driver has made a master; no BAR is set
 * @parent: the bridge above, NULL on the root bus
 * @devfn: device and function
 * @shape: what kind it is
 *
 * Return: the function.
 */
struct function *unit_add(struct function *parent, u8 devfn,
			  const struct shape *shape)
{
	struct host *host = parent ? parent->host : unit.host;
	u8 bus = parent ? parent->now[PCI_SECONDARY_BUS] : host->first;
	struct function *f = build_function(host, parent, bus, devfn, shape);

	set_up(f, COMMAND);
	f->driver = !f->bridge && !is_excluded_class(f->class);
	f->made_master = f->driver;
	return f;
}

/**
 * unit_bridge() - add a bridge or port that forwards
 * @parent: the bridge above, NULL on the root bus
 * @devfn: device and function
 * @shape: what kind it is
 * @secondary: bus directly below
 * @subordinate: last bus below
 *
 * Return: the bridge.
 */
struct function *unit_bridge(struct function *parent, u8 devfn,
			     const struct shape *shape, u8 secondary,
			     u8 subordinate)
{
	struct function *f = unit_add(parent, devfn, shape);

	build_buses(f, secondary, subordinate);
	return f;
}

/**
 * unit_vf() - add a VF that masters
 * @pf: its PF
 * @devfn: ARI function number, on the bus of the PF
 *
 * Return: the function.
 */
struct function *unit_vf(struct function *pf, u8 devfn)
{
	struct function *vf = build_vf(pf, pf->bus, devfn, &virtual);

	set_up(vf, PCI_COMMAND_MASTER);
	vf->driver = true;
	vf->made_master = true;
	return vf;
}

/**
 * unit_set() - let a register have a value, and keep what is written
 * @f: the function
 * @reg: register
 * @size: bytes
 * @value: the value; bits that are RW1C, or constant, remain so
 */
void unit_set(struct function *f, u32 reg, unsigned int size, u32 value)
{
	u32 keeps = value & ~config_get(f->rw1c, reg, size) &
		    ~config_get(f->initial, reg, size);

	config_put(f->now, reg, size, value);
	config_put(f->writable, reg, size,
		   config_get(f->writable, reg, size) | keeps);
}

static void add_match(struct pciq_match_list *list,
		      const struct function *f)
{
	list->match[list->nr++] = (struct pciq_match) {
		.type = PCIQ_MATCH_ADDRESS,
		.domain = f->host->domain,
		.bus = f->bus,
		.devfn = f->devfn,
	};
}

/**
 * unit_exclude() - name a function in exclude=
 * @f: the function
 */
void unit_exclude(struct function *f)
{
	add_match(&pciq_ctl.exclude, f);
	f->named = true;
	f->excluded = true;
}

/**
 * unit_noreset() - name a function in noreset=
 * @f: the function
 */
void unit_noreset(struct function *f)
{
	add_match(&pciq_ctl.noreset, f);
	f->noreset = true;
}

/**
 * unit_reset() - name a function in reset=
 * @f: the function
 */
void unit_reset(struct function *f)
{
	add_match(&pciq_ctl.reset, f);
	f->named_reset = true;
}

/* === Running === */

/**
 * unit_snapshot() - the healthy side describes the machine, twice
 */
void unit_snapshot(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (is_left_alone(f))
			f->excluded = true;
	}
	build_healthy();
	if (pciq_take_snapshot() || pciq_take_snapshot())
		fail_msg("no snapshot");
}

/**
 * unit_crash() - from now on nothing is written but by the engine
 *
 * What a test knows better it says after this.
 */
void unit_crash(void)
{
	build_crash();
	fabric.policy = pciq_ctl.policy;
	fabric.source = PCIQ_FROM_NEWEST;
	fabric.headers_good = true;
	fabric.slowness = 1;
	fabric.deadline = fabric.now + pciq_memory.deadline_ms * NS_PER_MS;
	fabric.end_of_time = fabric.now + 100000 * NS_PER_MS;
}

static void enter(void (*stage)(struct pciq_run *run))
{
	jmp_buf oops;

	fabric.escape = &oops;
	if (!setjmp(oops))
		stage(&unit.run);
	else
		fabric.now += unit.oops_ns;
}

/**
 * unit_go() - run the engine, as the hook of the module does
 */
void unit_go(void)
{
	jmp_buf out;

	fabric.give_up = &out;
	if (!setjmp(out)) {
		enter(pciq_run);
		if (fabric.escaped) {
			enter(pciq_recover);
			enter(pciq_abort);
		}
	}
	fabric.crashed = false;
	unit.head = unit.run.record;
	if (unit.head && !unit.quirks)
		verify_run(&unit.run);
	if (fabric.broken && !unit.quirks)
		fail_msg("%s: %s", unit.row ?: "-", fabric.complaint);
}

/**
 * unit_run() - take a snapshot, crash, and go
 * @policy: enum pciq_policy
 */
void unit_run(unsigned int policy)
{
	pciq_ctl.policy = policy;
	unit_snapshot();
	unit_crash();
	unit_go();
}

/**
 * unit_get() - what is in a register now
 * @f: the function
 * @reg: register
 * @size: bytes
 *
 * Return: the value.
 */
u32 unit_get(const struct function *f, u32 reg, unsigned int size)
{
	return config_get(f->now, reg, size);
}

/**
 * unit_func() - what the newest snapshot says about a function
 * @f: the function
 *
 * Return: its place there.
 */
const struct pciq_func *unit_func(const struct function *f)
{
	const struct pciq_func *func = pci_captured(pciq_newest(), f);

	if (!func)
		fail_msg("%s is not in the snapshot", function_name(f));
	return func;
}

/**
 * unit_index() - index of a function in the newest snapshot
 * @f: the function
 *
 * Return: the index.
 */
u32 unit_index(const struct function *f)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	const struct pciq_func *funcs = pciq_table(snapshot, &snapshot->funcs);

	return unit_func(f) - funcs;
}

/**
 * unit_plan() - how the newest snapshot has a function reset
 * @f: the function
 *
 * Return: its place in the second part.
 */
const struct pciq_reset *unit_plan(const struct function *f)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	const struct pciq_reset *resets = pciq_table(snapshot,
						     &snapshot->resets);

	return &resets[unit_index(f)];
}

/**
 * unit_entry() - what the record says about a function
 * @f: the function
 *
 * Return: its entry.
 */
const struct pciq_entry *unit_entry(const struct function *f)
{
	const struct pciq_entry *entry = (const void *)(unit.head + 1);
	u32 i;

	for (i = 0; i < unit.head->nr_entries; i++, entry++)
		if (entry->domain == f->host->domain && entry->bus == f->bus &&
		    entry->devfn == f->devfn)
			return entry;
	fail_msg("%s is not in the record", function_name(f));
	return NULL;
}

/* When the next step began; some do not. */
static u64 end_of(unsigned int step)
{
	while (++step < PCIQ_NR_STEPS)
		if (unit.head->tsc[step])
			return unit.head->tsc[step];
	return NEVER;
}

/**
 * unit_took() - how long a step took
 * @step: the step
 *
 * Return: simulated ns.
 */
u64 unit_took(enum pciq_step step)
{
	return end_of(step) - unit.head->tsc[step];
}

/* === The log === */

static void note(const struct pciq_window *window, u8 bus, u8 devfn,
		 struct access access)
{
	access.f = build_find(window->domain, bus, devfn);
	access.at = fabric.now;
	access.value &= ~0U >> (32 - 8 * access.size);
	if (!fabric.crashed || !access.f)
		return;
	if (unit.nr == ARRAY_SIZE(unit.log))
		fail_msg("more accesses than a small machine takes");
	unit.log[unit.nr++] = access;
	if (unit.on_access)
		unit.on_access(&access);
}

bool __wrap_pciq_arch_read(const struct pciq_window *window,
			   u8 bus, u8 devfn, u16 reg,
			   unsigned int size, u32 *value)
{
	note(window, bus, devfn, (struct access) { .reg = reg, .size = size });
	return __real_pciq_arch_read(window, bus, devfn, reg, size,
				     value);
}

bool __wrap_pciq_arch_write(const struct pciq_window *window,
			    u8 bus, u8 devfn, u16 reg,
			    unsigned int size, u32 value)
{
	note(window, bus, devfn, (struct access) {
		.write = true, .reg = reg, .size = size, .value = value,
	});
	return __real_pciq_arch_write(window, bus, devfn, reg, size,
				      value);
}

bool __wrap_pciq_arch_probe(const void *address)
{
	if (unit.lent && (const u8 *)address >= unit.lent &&
	    (const u8 *)address < unit.lent + unit.lent_bytes)
		return true;
	return __real_pciq_arch_probe(address);
}

/* One tick is one ns. */
static bool is_selected(struct selection which, const struct access *access)
{
	bool in_step = which.step == RUN;

	if (!in_step && unit.head->tsc[which.step])
		in_step = access->at >= unit.head->tsc[which.step] &&
			  access->at < end_of(which.step);
	return in_step && (!which.f || access->f == which.f) &&
	       (!which.writes || access->write);
}

/**
 * unit_count() - how many accesses there were
 * @which: of these
 *
 * Return: that many.
 */
u32 unit_count(struct selection which)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += is_selected(which, &unit.log[i]);
	return nr;
}

/**
 * unit_first() - the first access to a register
 * @which: of these
 * @reg: the register
 *
 * Return: the access.
 */
const struct access *unit_first(struct selection which, u16 reg)
{
	u32 i;

	for (i = 0; i < unit.nr; i++)
		if (is_selected(which, &unit.log[i]) && unit.log[i].reg == reg)
			return &unit.log[i];
	fail_msg("%s: no access to register %03x", unit.row ?: "-", reg);
	return NULL;
}

/* === Complaints === */

static bool same(const struct access *a, const struct access *b)
{
	return a->f == b->f && a->write == b->write && a->reg == b->reg &&
	       a->size == b->size && a->value == b->value;
}

static void print_access(const char *mark, const struct access *access)
{
	if (!access)
		print_error("%s nothing\n", mark);
	else if (access->write)
		print_error("%s %s %03x = %0*x\n", mark,
			    function_name(access->f), access->reg,
			    2 * access->size, access->value);
	else
		print_error("%s %s %03x, %u bytes\n", mark,
			    function_name(access->f), access->reg, access->size);
}

/**
 * unit_expect() - these accesses, and no others
 * @which: of these
 * @expected: what they are
 * @nr: that many
 * @file: who says so
 * @line: where
 */
void unit_expect(struct selection which, const struct access *expected,
		 size_t nr, const char *file, int line)
{
	const struct access *seen, *wanted;
	size_t at = 0;
	u32 i;

	for (i = 0; i <= unit.nr; i++) {
		seen = i < unit.nr ? &unit.log[i] : NULL;
		if (seen && !is_selected(which, seen))
			continue;
		wanted = at < nr ? &expected[at] : NULL;
		if (!seen && !wanted)
			return;
		if (!seen || !wanted || !same(seen, wanted)) {
			print_error("%s: access %zu of step %u\n",
				    unit.row ?: "-", at, which.step);
			print_access("expected", wanted);
			print_access("seen    ", seen);
			_fail(file, line);
		}
		at++;
	}
}

static bool has(const struct access *list, size_t nr, bool *taken,
		const struct access *access)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (taken[i] || !same(&list[i], access))
			continue;
		taken[i] = true;
		return true;
	}
	return false;
}

/**
 * unit_expect_any_order() - these accesses, and no others, in any order
 * @which: of these
 * @expected: what they are
 * @nr: that many
 * @file: who says so
 * @line: where
 */
void unit_expect_any_order(struct selection which,
			   const struct access *expected, size_t nr,
			   const char *file, int line)
{
	bool taken[64] = { false }, fine = true;
	size_t i;

	assert_true(nr <= ARRAY_SIZE(taken));
	for (i = 0; i < unit.nr; i++) {
		if (!is_selected(which, &unit.log[i]) ||
		    has(expected, nr, taken, &unit.log[i]))
			continue;
		print_access("not expected:", &unit.log[i]);
		fine = false;
	}
	for (i = 0; i < nr; i++) {
		if (taken[i])
			continue;
		print_access("not seen:", &expected[i]);
		fine = false;
	}
	if (fine)
		return;
	print_error("%s\n", unit.row ?: "-");
	_fail(file, line);
}

/**
 * unit_expect_recorded() - what the record says about a function
 * @f: the function
 * @outcome: what became of it
 * @reason: why
 * @file: who says so
 * @line: where
 */
void unit_expect_recorded(const struct function *f,
			  enum pciq_outcome outcome, enum pciq_reason reason,
			  const char *file, int line)
{
	const struct pciq_entry *entry = unit_entry(f);
	char unknown[4][NAME_LEN];

	if (entry->outcome == outcome && entry->reason == reason)
		return;
	print_error("%s: %s: expected %s (%s), recorded %s (%s)\n",
		    unit.row ?: "-", function_name(f),
		    name_of(&outcome_names, outcome, unknown[0]),
		    name_of(&reason_names, reason, unknown[1]),
		    name_of(&outcome_names, entry->outcome, unknown[2]),
		    name_of(&reason_names, entry->reason, unknown[3]));
	_fail(file, line);
}

/**
 * unit_expect_verdict() - what the record says about the machine
 * @verdict: the verdict
 * @quiet: functions that are
 * @total: of so many
 * @file: who says so
 * @line: where
 */
void unit_expect_verdict(enum pciq_verdict verdict, u32 quiet,
			 u32 total, const char *file, int line)
{
	char unknown[2][NAME_LEN];

	if (unit.head->verdict == verdict && unit.head->quiet == quiet &&
	    unit.head->total == total)
		return;
	print_error("%s: expected %s %u/%u, recorded %s %u/%u\n", unit.row ?: "-",
		    name_of(&verdict_names, verdict, unknown[0]), quiet, total,
		    name_of(&verdict_names, unit.head->verdict, unknown[1]),
		    unit.head->quiet, unit.head->total);
	_fail(file, line);
}

/**
 * unit_expect_between() - a number is in a range
 * @what: the expression
 * @value: its value
 * @low: at least
 * @high: at most
 * @file: who says so
 * @line: where
 */
void unit_expect_between(const char *what, u64 value, u64 low, u64 high,
			 const char *file, int line)
{
	if (value >= low && value <= high)
		return;
	print_error("%s: %s is %llu (0x%llx), expected %llu to %llu\n",
		    unit.row ?: "-", what, (unsigned long long)value,
		    (unsigned long long)value, (unsigned long long)low,
		    (unsigned long long)high);
	_fail(file, line);
}

/**
 * unit_expect_number() - a number is this one
 * @what: the expression
 * @value: its value
 * @number: what it should be
 * @file: who says so
 * @line: where
 */
void unit_expect_number(const char *what, u64 value, u64 number,
			const char *file, int line)
{
	unit_expect_between(what, value, number, number, file, line);
}

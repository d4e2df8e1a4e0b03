/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests of the engine, on small machines made by hand.
 *
 * All registers are what a reset leaves but for what a test sets.  Every config
 * access of the engine is logged, so a test says exactly what is to be written,
 * and where it matters, in which order.  One TSC tick is one simulated nanosecond.
 */
#ifndef FABRIC_UNIT_H
#define FABRIC_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fabric.h"

#define ACCESS_NS	1000U
#define RELAX_NS	10000U
#define TRAIN_NS	(5 * NS_PER_MS)
#define BOOT_NS		(10 * NS_PER_MS)

#define PORT_COMMAND	(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)
#define COMMAND		(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

/* What is in Command once that function has been disabled. */
#define DISABLED	(PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE)

/**
 * struct access - one config access
 * @f: whose register
 * @write: it was a write
 * @reg: register
 * @size: bytes
 * @value: what was written
 * @at: simulated time
 */
struct access {
	const struct function *f;
	bool write;
	u16 reg;
	u8 size;
	u32 value;
	u64 at;
};

#define R2(f, reg)		{ f, false, reg, 2, 0, 0 }
#define R4(f, reg)		{ f, false, reg, 4, 0, 0 }
#define W2(f, reg, value)	{ f, true, reg, 2, value, 0 }
#define W4(f, reg, value)	{ f, true, reg, 4, value, 0 }

/**
 * struct unit - the machine of a test, and what the engine made of it
 * @host: its first host bridge
 * @run: the run
 * @head: its record
 * @log: accesses of the engine to functions that are there
 * @nr: that many
 * @row: of the table of a test, for complaints
 * @quirks: model and engine are not to be compared: the test knows better
 * @oops_ns: an oops takes so long to print itself
 * @lent: memory that can be read, besides that of snapshots, NULL = none
 * @lent_bytes: so much
 * @on_access: called before each access that is logged, NULL = nothing
 */
struct unit {
	struct host *host;
	struct pciq_run run;
	const struct pciq_record *head;
	struct access log[16384];
	u32 nr;
	const char *row;
	bool quirks;
	u64 oops_ns;
	const u8 *lent;
	size_t lent_bytes;
	void (*on_access)(const struct access *access);
};

extern struct unit unit;

/* What functions there are. */
extern const struct shape root_port;
extern const struct shape slow_root_port;
extern const struct shape upstream_port;
extern const struct shape downstream_port;
extern const struct shape pcie_to_pci;
extern const struct shape pci_bridge;
extern const struct shape endpoint;
extern const struct shape endpoint_with_flr;
extern const struct shape integrated;
extern const struct shape integrated_with_flr;
extern const struct shape conventional;
extern const struct shape physical;
extern const struct shape virtual;

/* Building. */
void unit_begin(void);
void unit_set_time(u32 deadline_ms);
struct function *unit_add(struct function *parent, u8 devfn,
			  const struct shape *shape);
struct function *unit_bridge(struct function *parent, u8 devfn,
			     const struct shape *shape, u8 secondary,
			     u8 subordinate);
struct function *unit_vf(struct function *pf, u8 devfn);
void unit_set(struct function *f, u32 reg, unsigned int size, u32 value);
void unit_exclude(struct function *f);
void unit_noreset(struct function *f);
void unit_reset(struct function *f);

/* Running. */
void unit_snapshot(void);
void unit_crash(void);
void unit_go(void);
void unit_run(unsigned int policy);
u32 unit_get(const struct function *f, u32 reg, unsigned int size);
const struct pciq_func *unit_func(const struct function *f);
const struct pciq_reset *unit_plan(const struct function *f);
const struct pciq_entry *unit_entry(const struct function *f);
u32 unit_index(const struct function *f);
u64 unit_took(enum pciq_step step);

/**
 * struct selection - of the log
 * @step: begun, and the next one not yet; RUN: all of them
 * @f: of this function only, NULL: of all
 * @writes: only those
 */
struct selection {
	unsigned int step;
	const struct function *f;
	bool writes;
};

#define RUN		PCIQ_NR_STEPS

void unit_expect(struct selection which, const struct access *expected,
		 size_t nr, const char *file, int line);
void unit_expect_any_order(struct selection which,
			   const struct access *expected, size_t nr,
			   const char *file, int line);
u32 unit_count(struct selection which);
const struct access *unit_first(struct selection which, u16 reg);
void unit_expect_recorded(const struct function *f,
			  enum pciq_outcome outcome, enum pciq_reason reason,
			  const char *file, int line);
void unit_expect_verdict(enum pciq_verdict verdict, u32 quiet,
			 u32 total, const char *file, int line);
void unit_expect_between(const char *what, u64 value, u64 low, u64 high,
			 const char *file, int line);
void unit_expect_number(const char *what, u64 value, u64 number,
			const char *file, int line);

#define STEP(name)	PCIQ_STEP_##name
#define OF(step, f)	((struct selection) { STEP(step), f, false })
#define ALL(step)	OF(step, NULL)
#define WRITES(step)	((struct selection) { STEP(step), NULL, true })
#define WRITES_OF(step, f) ((struct selection) { STEP(step), f, true })
#define ALL_OF(f)	((struct selection) { RUN, f, false })
#define ALL_WRITES	((struct selection) { RUN, NULL, true })
#define ALL_WRITES_OF(f) ((struct selection) { RUN, f, true })

/* Exactly these accesses, in this order. */
#define expect(which, ...) \
	unit_expect(which, (const struct access[]) { __VA_ARGS__ }, \
		    sizeof((const struct access[]) { __VA_ARGS__ }) / \
			    sizeof(struct access), __FILE__, __LINE__)
/* Exactly these, in any order. */
#define expect_set(which, ...) \
	unit_expect_any_order(which, (const struct access[]) { __VA_ARGS__ }, \
			      sizeof((const struct access[]) { __VA_ARGS__ }) / \
				      sizeof(struct access), __FILE__, __LINE__)
#define expect_none(which) \
	unit_expect(which, NULL, 0, __FILE__, __LINE__)
#define expect_recorded(f, outcome, reason) \
	unit_expect_recorded(f, PCIQ_##outcome, PCIQ_##reason, \
			 __FILE__, __LINE__)
#define expect_verdict(verdict, quiet, total) \
	unit_expect_verdict(PCIQ_##verdict, quiet, total, __FILE__, \
			    __LINE__)
#define expect_number(value, number) \
	unit_expect_number(#value, value, number, __FILE__, __LINE__)
#define expect_between(value, low, high) \
	unit_expect_between(#value, value, low, high, __FILE__, __LINE__)

int unit_setup(void **state);
int unit_teardown(void **state);

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_setup, unit_teardown)

/* A file's tests. */
#define SUITE(name) \
	extern const struct CMUnitTest name##_tests[]; \
	extern const size_t nr_##name##_tests

SUITE(disable);
SUITE(ports);
SUITE(errors);
SUITE(drain);
SUITE(af);
SUITE(reset);
SUITE(restore);
SUITE(contain);
SUITE(exclusion);
SUITE(plan);
SUITE(validate);
SUITE(identity);
SUITE(scan);
SUITE(record);
SUITE(deadline);
SUITE(oops);
SUITE(stages);
SUITE(snapshot);
SUITE(sleep);
SUITE(driver);
SUITE(dry_run);

/* Around what the engine calls: see --wrap of ld. */
bool __real_pciq_arch_read(const struct pciq_window *window,
			   u8 bus, u8 devfn, u16 reg,
			   unsigned int size, u32 *value);
bool __wrap_pciq_arch_read(const struct pciq_window *window,
			   u8 bus, u8 devfn, u16 reg,
			   unsigned int size, u32 *value);
bool __real_pciq_arch_write(const struct pciq_window *window,
			    u8 bus, u8 devfn, u16 reg,
			    unsigned int size, u32 value);
bool __real_pciq_arch_probe(const void *address);
bool __wrap_pciq_arch_probe(const void *address);
bool __wrap_pciq_arch_write(const struct pciq_window *window,
			    u8 bus, u8 devfn, u16 reg,
			    unsigned int size, u32 value);

#endif /* FABRIC_UNIT_H */

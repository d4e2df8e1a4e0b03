// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stages, as whatever gets control after a fault calls them: each begins once,
 * and a fault costs the stage that it hits.
 *
 * There is one crash in the life of a kernel: each of these is in a process of its
 * own.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/smp.h>
#include <linux/xxhash.h>

#include "unit.h"

#define BAR		0xfe000000U
#define MAX_CALLS	6

/**
 * struct report - what a process has to say
 * @wrong: line of the first thing that is not as it should be, 0 = none
 * @detail: some number, for the complaint
 */
struct report {
	int wrong;
	u64 detail;
};

static struct report *report;

/* cmocka would go on with the next test, in a process that is not its own. */
#define CHECK(condition, number) \
	do { \
		if (!(condition)) { \
			report->wrong = __LINE__; \
			report->detail = number; \
			_exit(1); \
		} \
	} while (0)

static void in_process(void (*body)(u32 number), u32 number)
{
	int status;
	pid_t child;

	if (!report)
		report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	report->wrong = 0;
	child = fork();
	if (!child) {
		body(number);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	    WEXITSTATUS(status))
		fail_msg("number %u: line %d: %llu", number, report->wrong,
			 (unsigned long long)report->detail);
}

static struct function *port, *refuser, *neighbor;

static void small_machine(void)
{
	unit_begin();
	fabric.relax_ns = NS_PER_MS;
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	refuser = unit_add(port, 0, &endpoint);
	refuser->set = 1U << STUCK_UNTIL_RESET;
	unit_set(refuser, PCI_BASE_ADDRESS_0, 4, BAR);
	neighbor = unit_add(port, 1, &endpoint);
	unit_set(neighbor, PCI_BASE_ADDRESS_0, 4, BAR);
	unit_snapshot();
	unit_crash();
}

static bool result;

/* As module/hook.c calls it. True if it returned. */
static bool call(void)
{
	jmp_buf oops;

	fabric.escape = &oops;
	if (setjmp(oops))
		return false;
	result = pciq_continue();
	return true;
}

static u64 checksum(void)
{
	const struct pciq_record *head = pciq_crash_run.record;
	u32 summed = offsetofend(struct pciq_record, checksum);

	return xxh64((const u8 *)head + summed, head->total_bytes - summed, 0);
}

/* === Without a fault === */

/* A panic of somebody else's is not ours to continue. */
static bool is_refused(void)
{
	u32 nr = unit.nr;

	return pciq_reenter() == -EINVAL && unit.nr == nr;
}

static void all_is_well(u32 number)
{
	u32 accesses;

	(void)number;
	small_machine();
	/* A panic of before. */
	CHECK(is_refused(), 0);
	CHECK(call(), 0);
	CHECK(result, 0);
	CHECK(pciq_crash_run.record->verdict == PCIQ_CLEAN,
	      pciq_crash_run.record->verdict);
	CHECK(pciq_crash_run.record->checksum == checksum(), 0);
	/* Neither is anything done twice, nor is one of afterwards. */
	accesses = unit.nr;
	fabric.now += 1000 * NS_PER_MS;
	CHECK(is_refused(), 0);
	CHECK(call(), 0);
	CHECK(result, 0);
	CHECK(unit.nr == accesses, unit.nr);
	CHECK(pciq_crash_run.record->checksum == checksum(), 0);
}

static void test_all_is_well(void **state)
{
	(void)state;
	in_process(all_is_well, 0);
}

/* Not every function is known to be quiet. */
static void one_refuses(u32 number)
{
	(void)number;
	pciq_ctl.policy = PCIQ_BUSMASTER;
	small_machine();
	pciq_ctl.policy = PCIQ_BUSMASTER;
	fabric.policy = PCIQ_BUSMASTER;
	CHECK(call(), 0);
	CHECK(!result, 0);
	CHECK(pciq_crash_run.record->verdict == PCIQ_PARTIAL,
	      pciq_crash_run.record->verdict);
}

static void policy_is_off(u32 number)
{
	(void)number;
	small_machine();
	pciq_ctl.policy = PCIQ_OFF;
	CHECK(call(), 0);
	CHECK(!result, 0);
	CHECK(!pciq_crash_run.record, 0);
	CHECK(!unit.nr, unit.nr);
	CHECK(is_refused(), 0);
}

static void test_result(void **state)
{
	(void)state;
	in_process(one_refuses, 0);
	in_process(policy_is_off, 0);
}

/* === Faults === */

/* A fault at an event of each call, up to @number of them; then none. */
static u32 first_event, other_event;

static u32 calls(u32 faults)
{
	u32 nr = 0;
	bool returned;

	do {
		fabric.escape_at = nr >= faults ? 0 :
				   nr ? fabric.events + other_event : first_event;
		returned = call();
		nr++;
	} while (!returned && nr < MAX_CALLS);
	return nr;
}

static u32 identity_reads(const struct function *f)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += unit.log[i].f == f && !unit.log[i].write &&
		      unit.log[i].reg == PCI_VENDOR_ID;
	return nr;
}

static void one_fault(u32 number)
{
	u32 nr;

	small_machine();
	first_event = number;
	nr = calls(1);
	CHECK(nr == 2, nr);
	CHECK(!result, 0);
	CHECK(fabric.escaped == 1, fabric.escaped);
	CHECK(pciq_crash_run.record->verdict == PCIQ_ABORTED,
	      pciq_crash_run.record->verdict);
	CHECK(pciq_crash_run.record->checksum == checksum(), 0);
	CHECK(pciq_crash_run.record->policy == pciq_ctl.policy,
	      pciq_crash_run.record->policy);
	CHECK(pciq_crash_run.record->microseconds < 10000000,
	      pciq_crash_run.record->microseconds);
	CHECK(is_refused(), 0);
	/* Nothing began anew: the port is read once, as it was not reset. */
	CHECK(identity_reads(port) <= 1, identity_reads(port));
	CHECK(!(unit_get(port, PCI_BRIDGE_CONTROL, 2) &
		PCI_BRIDGE_CTL_BUS_RESET), 0);
	CHECK(unit_get(refuser, PCI_BASE_ADDRESS_0, 4) == BAR, 0);
	CHECK(unit_get(neighbor, PCI_BASE_ADDRESS_0, 4) == BAR, 0);
	/* What remains of it is nothing. */
	nr = unit.nr;
	CHECK(call(), 0);
	CHECK(unit.nr == nr, unit.nr);
}

static void test_one_fault(void **state)
{
	u32 event;

	(void)state;
	for (event = 1; event < 150; event += 2)
		in_process(one_fault, event);
}

/* In the middle of what follows a fault. */
static void two_faults(u32 number)
{
	u32 nr;

	small_machine();
	first_event = 60;	/* in a reset */
	other_event = number;
	nr = calls(2);
	CHECK(fabric.escaped == 2, fabric.escaped);
	CHECK(nr == 3, nr);
	CHECK(!result, 0);
	CHECK(pciq_crash_run.record->verdict == PCIQ_ABORTED,
	      pciq_crash_run.record->verdict);
	CHECK(!(unit_get(port, PCI_BRIDGE_CONTROL, 2) &
		PCI_BRIDGE_CTL_BUS_RESET), 0);
	CHECK(is_refused(), 0);
}

static void test_two_faults(void **state)
{
	u32 event;

	(void)state;
	for (event = 1; event < 60; event++)
		in_process(two_faults, event);
}

/* One for each stage: then there is none left, and that is the end of it. */
static void fault_in_each(u32 number)
{
	u32 nr;

	small_machine();
	first_event = 60;
	other_event = number;
	nr = calls(3);
	CHECK(fabric.escaped == 3, fabric.escaped);
	CHECK(nr == 4, nr);
	CHECK(!result, 0);
	CHECK(pciq_crash_run.record->verdict == PCIQ_ABORTED,
	      pciq_crash_run.record->verdict);
	CHECK(pciq_crash_run.record->policy == pciq_ctl.policy,
	      pciq_crash_run.record->policy);
	/* It did not get to its end, and that shows. */
	CHECK(pciq_crash_run.record->checksum != checksum(), 0);
	CHECK(is_refused(), 0);
	nr = unit.nr;
	CHECK(call(), 0);
	CHECK(unit.nr == nr, unit.nr);
}

static void test_fault_in_each(void **state)
{
	(void)state;
	in_process(fault_in_each, 1);
	in_process(fault_in_each, 2);
}

/*
 * In the kernel it is a nested panic(), deep inside the first: that continues, and
 * then starts the crash kernel.  On that CPU only.
 */
static jmp_buf crash_kernel;
static u32 panics_at;
static bool continued;

static void panic_inside(const struct access *access)
{
	(void)access;
	if (fabric.reads + fabric.writes < panics_at || continued)
		return;
	shim_cpu = 4;
	CHECK(is_refused(), 0);
	shim_cpu = 3;
	continued = true;
	CHECK(!pciq_reenter(), 0);
	longjmp(crash_kernel, 1);
}

static void whose_fault(u32 number)
{
	small_machine();
	shim_cpu = 3;
	panics_at = number;
	unit.on_access = panic_inside;
	if (!setjmp(crash_kernel)) {
		call();
		CHECK(false, number);
	}
	CHECK(pciq_crash_run.record->verdict == PCIQ_ABORTED,
	      pciq_crash_run.record->verdict);
	CHECK(pciq_crash_run.record->checksum == checksum(), 0);
	CHECK(!(unit_get(port, PCI_BRIDGE_CONTROL, 2) &
		PCI_BRIDGE_CTL_BUS_RESET), 0);
	CHECK(unit_get(neighbor, PCI_BASE_ADDRESS_0, 4) == BAR, 0);
	CHECK(is_refused(), 0);
}

static void test_whose_fault(void **state)
{
	u32 number;

	(void)state;
	for (number = 1; number < 60; number++)
		in_process(whose_fault, number);
}

/* Before there is a record: nothing to recover, and nothing to say it in. */
static void at_once(u32 number)
{
	(void)number;
	small_machine();
	memset(&pciq_crash_run, 0xa5, sizeof(pciq_crash_run));
	pciq_memory.record = NULL;
	CHECK(call(), 0);
	CHECK(!result, 0);
	CHECK(!unit.nr, unit.nr);
}

static void test_not_armed(void **state)
{
	(void)state;
	in_process(at_once, 0);
}

const struct CMUnitTest stages_tests[] = {
	UNIT(test_all_is_well),
	UNIT(test_result),
	UNIT(test_one_fault),
	UNIT(test_two_faults),
	UNIT(test_fault_in_each),
	UNIT(test_whose_fault),
	UNIT(test_not_armed),
};

const size_t nr_stages_tests = ARRAY_SIZE(stages_tests);

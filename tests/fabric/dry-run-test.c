// SPDX-License-Identifier: GPL-2.0-only
/* The dry run: on a healthy machine, by the kernel's accessors, of what is awake. */
#include <linux/err.h>
#include <linux/slab.h>

#include "unit.h"

static struct pciq_record *record;

static void look(unsigned int policy)
{
	size_t bytes;
	u32 i;

	pciq_ctl.policy = policy;
	for (i = 0; i < fabric.nr; i++) {
		fabric.functions[i]->healthy_reads = 0;
		memcpy(fabric.functions[i]->before, fabric.functions[i]->now,
		       SPACE);
	}
	record = pciq_dry_run(&bytes);
	if (IS_ERR(record))
		fail_msg("no record");
	expect_number(bytes, record->total_bytes);
	unit.head = record;
	/* Nothing was written. */
	for (i = 0; i < fabric.nr; i++)
		if (memcmp(fabric.functions[i]->before, fabric.functions[i]->now,
			   SPACE))
			fail_msg("%s was written",
				 function_name(fabric.functions[i]));
	if (fabric.broken)
		fail_msg("%s", fabric.complaint);
}

static void forget(void)
{
	kvfree(record);
	unit.head = NULL;
}

static void test_what_a_crash_would_do(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *off = unit_add(port, 1, &endpoint);
	struct function *left = unit_add(NULL, 0x18, &conventional);

	(void)state;
	unit_set(off, PCI_COMMAND, 2, 0x0402);
	unit_exclude(left);
	unit_snapshot();
	look(PCIQ_RESET);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_number(unit_entry(f)->command_before, COMMAND);
	expect_number(unit_entry(f)->command_after, DISABLED);
	expect_recorded(off, ALREADY_QUIET, BY_PLAN);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
	expect_recorded(left, EXCLUDED, BY_USER);
	expect_number(left->healthy_reads, 0);
	expect_verdict(PARTIAL, 2, 3);
	expect_number(record->writes, 0);
	expect_number(record->policy, PCIQ_RESET);
	forget();
}

/* What has no power, by its port or by itself, is not read. */
static void test_asleep(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *below = unit_add(port, 0, &endpoint);
	struct function *alone = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_snapshot();
	port->dev.current_state = PCI_D3hot;
	alone->dev.current_state = PCI_D3cold;
	look(PCIQ_ESCALATE);
	expect_number(below->healthy_reads + alone->healthy_reads, 0);
	expect_recorded(below, ABSENT, BY_POWER);
	expect_recorded(alone, ABSENT, BY_POWER);
	expect_verdict(CLEAN, 0, 0);
	forget();
}

/* A VF has the power of its PF, whatever its own pci_dev says. */
static void test_vf_of_sleeping_pf(void **state)
{
	struct function *pf = unit_add(NULL, 0x18, &integrated);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	unit_snapshot();
	pf->dev.current_state = PCI_D3cold;
	look(PCIQ_ESCALATE);
	expect_number(vf->healthy_reads, 0);
	expect_recorded(vf, ABSENT, BY_POWER);
	forget();
}

/* Ports 0xCF8 and 0xCFC are the kernel's: the model complains of any other use. */
static void test_cf8(void **state)
{
	struct function *f;

	(void)state;
	unit.host->window = PCIQ_CF8;
	f = unit_add(NULL, 0x18, &conventional);
	unit_snapshot();
	look(PCIQ_ESCALATE);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_number(fabric.broken, 0);
	forget();
}

static void test_gone(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	unit_snapshot();
	f->unfound = true;
	look(PCIQ_ESCALATE);
	expect_recorded(f, ABSENT, BY_NO_RESPONSE);
	forget();
}

static void test_nothing_armed(void **state)
{
	size_t bytes;

	(void)state;
	assert_true(IS_ERR(pciq_dry_run(&bytes)));
	unit_add(NULL, 0x18, &conventional);
	unit_snapshot();
	pciq_ctl.policy = PCIQ_OFF;
	assert_true(IS_ERR(pciq_dry_run(&bytes)));
}

const struct CMUnitTest dry_run_tests[] = {
	UNIT(test_what_a_crash_would_do),
	UNIT(test_asleep),
	UNIT(test_vf_of_sleeping_pf),
	UNIT(test_cf8),
	UNIT(test_gone),
	UNIT(test_nothing_armed),
};

const size_t nr_dry_run_tests = ARRAY_SIZE(dry_run_tests);

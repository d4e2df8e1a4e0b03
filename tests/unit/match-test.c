// SPDX-License-Identifier: GPL-2.0-only
/*
 * drivers/pci/quiesce/match.c, as it is, in user space, and what the crash path has
 * of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "quiesce.h"

/* One function that the lists below are held against. */
static const struct pciq_entry nic = {
	.domain = 0x0001, .bus = 0x3b, .devfn = 0x1f << 3 | 5,
	.vendor = 0x8086, .device = 0x10d3, .class_revision = 0x02000003,
};

static const struct {
	const char *text;
	int result;		/* tokens, or negative errno */
	const char *bad;	/* the token that is named */
	bool matches;		/* whether it names the NIC */
} lists[] = {
	{ "", 0 },
	{ "\n", 0 },
	{ "0001:3b:1f.5", 1, .matches = true },
	{ "0001:3B:1F.5\n", 1, .matches = true },
	{ "00000001:3b:1f.5", 1, .matches = true },
	{ "0000:3b:1f.5", 1 },
	{ "0001:3c:1f.5", 1 },
	{ "0001:3b:1f.4", 1 },
	{ "8086:10d3", 1, .matches = true },
	{ "8086:10d4", 1 },
	{ "class=0200", 1, .matches = true },
	{ "class=0300", 1 },
	{ "class=0300,8086:ffff,0001:3b:1f.5", 3, .matches = true },
	{ "foo", -EINVAL, "foo" },
	{ "8086:10d3,foo,class=0200", -EINVAL, "foo" },
	{ "8086:10d", -EINVAL, "8086:10d" },
	{ "8086:10d33", -EINVAL, "8086:10d33" },
	{ "8086", -EINVAL, "8086" },
	{ "0001:3b:20.0", -EINVAL, "0001:3b:20.0" },
	{ "0001:3b:1f.8", -EINVAL, "0001:3b:1f.8" },
	{ "1:3b:1f.5", -EINVAL, "1:3b:1f.5" },
	{ "0001:3b:1f", -EINVAL, "0001:3b:1f" },
	{ "0001:3b:1f.5 ", -EINVAL, "0001:3b:1f.5 " },
	{ "class=02", -EINVAL, "class=02" },
	{ "class=02000", -EINVAL, "class=02000" },
	{ "class=", -EINVAL, "class=" },
	{ ",", -EINVAL, "" },
	{ "8086:10d3,", -EINVAL, "" },
	{ "0123456789012345678901234567890123456789", -EINVAL,
	  "0123456789012345678901234567890123456789" },
};

static void test_lists(void **state)
{
	struct pciq_match_list list;
	char bad[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		int err = pciq_parse_list(lists[i].text, &list, bad,
					  sizeof(bad));

		if (lists[i].result < 0) {
			assert_int_equal(err, lists[i].result);
			assert_string_equal(bad, lists[i].bad);
			assert_int_equal(list.nr, 0);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(list.nr, lists[i].result);
		assert_int_equal(pciq_matches(&list, &nic),
				 lists[i].matches);
	}
}

static void test_too_many(void **state)
{
	struct pciq_match_list list;
	char text[(PCIQ_MAX_MATCHES + 1) * 10 + 1] = "";
	char bad[16];
	int i;

	(void)state;
	for (i = 0; i < PCIQ_MAX_MATCHES; i++)
		strcat(text, i ? ",8086:10d3" : "8086:10d3");
	assert_int_equal(pciq_parse_list(text, &list, bad,
					 sizeof(bad)), 0);
	assert_int_equal(list.nr, PCIQ_MAX_MATCHES);
	strcat(text, ",8086:10d3");
	assert_int_equal(pciq_parse_list(text, &list, bad,
					 sizeof(bad)), -E2BIG);
	assert_string_equal(bad, "8086:10d3");
}

static void test_list_corrupted(void **state)
{
	struct pciq_match_list list = { .nr = UINT32_MAX };

	(void)state;
	memset(list.match, 0xff, sizeof(list.match));
	assert_false(pciq_matches(&list, &nic));
}

static void test_policies(void **state)
{
	(void)state;
	assert_int_equal(pciq_parse_policy("off"), 0);
	assert_int_equal(pciq_parse_policy("busmaster\n"), 1);
	assert_int_equal(pciq_parse_policy("escalate"), 2);
	assert_int_equal(pciq_parse_policy("reset\n"), 3);
	assert_int_equal(pciq_parse_policy("resets"), -EINVAL);
	assert_int_equal(pciq_parse_policy("bus"), -EINVAL);
	assert_int_equal(pciq_parse_policy("busmaster "), -EINVAL);
	assert_int_equal(pciq_parse_policy(""), -EINVAL);
	assert_string_equal(pciq_policy_name(1), "busmaster");
	assert_string_equal(pciq_policy_name(2), "escalate");
	assert_string_equal(pciq_policy_name(3), "reset");
	assert_string_equal(pciq_policy_name(99), "unknown");
}

static void test_classes(void **state)
{
	static const struct { u32 class; bool excluded; } classes[] = {
		{ 0x020000, false },	/* Ethernet */
		{ 0x010802, false },	/* NVMe */
		{ 0x030000, false },	/* VGA: disabled, never reset */
		{ 0x050000, true },	/* RAM */
		{ 0x050210, true },	/* CXL memory */
		{ 0x060000, true },	/* host bridge */
		{ 0x060100, true },	/* ISA bridge */
		{ 0x060400, false },	/* PCI-PCI bridge */
		{ 0x060401, false },	/* subtractive decode */
		{ 0x068000, true },	/* other bridge, NTB among them */
		{ 0x080010, true },	/* I/O APIC */
		{ 0x080501, false },	/* SD host controller */
		{ 0x080600, true },	/* IOMMU */
		{ 0x080700, true },	/* RCEC */
		{ 0x088000, false },	/* other system peripheral */
		{ 0x120000, false },	/* accelerator */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(classes); i++)
		assert_int_equal(pciq_class_excluded(classes[i].class),
				 classes[i].excluded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_list_corrupted),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

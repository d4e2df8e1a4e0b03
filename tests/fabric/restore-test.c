// SPDX-License-Identifier: GPL-2.0-only
/* Step "ready": when a function may be read after its reset, and what is restored. */
#include "unit.h"

#define DEVCTL		0x5937		/* MPS, MRRS, tags, reporting */
#define LTR		PCI_EXP_DEVCTL2_LTR_EN
#define SETTLE		(100 * NS_PER_MS)
#define CONVENTIONAL_SETTLE (1100 * NS_PER_MS)
#define POLL		(2 * NS_PER_MS)

static void set_bars(struct function *f)
{
	u32 i;

	for (i = 0; i < 6; i++)
		unit_set(f, PCI_BASE_ADDRESS_0 + 4 * i, 4, 0xfe000000 + (i << 16));
	unit_set(f, PCI_ROM_ADDRESS, 4, 0xfd000001);
	unit_set(f, PCI_CACHE_LINE_SIZE, 2, 0x4010);
	unit_set(f, PCI_INTERRUPT_LINE, 1, 11);
}

/* A list that is too long to be written down in each test. */
static struct access wanted[32];
static size_t nr_wanted;

static void want(struct access access)
{
	wanted[nr_wanted++] = access;
}

#define WRITE2(f, reg, value)	want((struct access)W2(f, reg, value))
#define WRITE4(f, reg, value)	want((struct access)W4(f, reg, value))

static void expect_wanted(struct selection which, int line)
{
	size_t nr = nr_wanted;

	nr_wanted = 0;
	unit_expect_any_order(which, wanted, nr, __FILE__, line);
}

static void want_bars(const struct function *f)
{
	u32 i;

	for (i = 0; i < 6; i++)
		WRITE4(f, PCI_BASE_ADDRESS_0 + 4 * i, 0xfe000000 + (i << 16));
	WRITE4(f, PCI_ROM_ADDRESS, 0xfd000001);
	WRITE2(f, PCI_CACHE_LINE_SIZE, 0x4010);
	WRITE2(f, PCI_INTERRUPT_LINE, 0x010b);
}

/* Whether it was the last write of the restore; else it would decode too early. */
static void expect_command_last(const struct function *f, u16 value)
{
	const struct access *last = NULL;
	u32 i;

	for (i = 0; i < unit.nr; i++) {
		if (unit.log[i].f == f && unit.log[i].write &&
		    unit.log[i].at >= unit.head->tsc[STEP(READY)] &&
		    unit.log[i].at < unit.head->tsc[STEP(CONTAIN)])
			last = &unit.log[i];
	}
	assert_non_null(last);
	expect_number(last->reg, PCI_COMMAND);
	expect_number(last->value, value);
}

/* Who was reset is as it was, but for BME and INTx. */
static void expect_as_before(const struct function *f)
{
	u16 reg;

	for (reg = 0; reg < SPACE; reg += 2) {
		u16 before = config_get(f->before, reg, 2);

		if (reg == PCI_COMMAND)
			before = (before & ~PCI_COMMAND_MASTER) |
				 PCI_COMMAND_INTX_DISABLE;
		/* Set up by the next kernel: 5.4.1.3 allows it to be off. */
		if (f->pcie && reg == f->pcie + PCI_EXP_LNKCTL)
			before &= ~PCI_EXP_LNKCTL_ASPMC;
		if (is_restored(f, reg))
			expect_number(config_get(f->now, reg, 2), before);
	}
}

/* === What === */

static void test_endpoint(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	u16 cap = f->pcie;

	(void)state;
	set_bars(f);
	unit_set(f, PCI_COMMAND, 2, 0x0147);
	unit_set(f, PCI_STATUS, 2, 0xf910);
	unit_set(f, cap + PCI_EXP_DEVCTL, 2, DEVCTL);
	unit_set(f, cap + PCI_EXP_DEVCTL2, 2, 0x0409 & ~LTR);
	unit_set(f, cap + PCI_EXP_LNKCTL, 2, 0x0143);
	unit_set(f, cap + PCI_EXP_LNKCTL2, 2, 0x0043);
	unit_run(PCIQ_RESET);
	want_bars(f);
	WRITE2(f, cap + PCI_EXP_DEVCTL, DEVCTL);
	WRITE2(f, cap + PCI_EXP_DEVCTL2, 0x0009);
	WRITE2(f, cap + PCI_EXP_LNKCTL2, 0x0043);
	WRITE2(f, cap + PCI_EXP_LNKCTL, 0x0140);	/* without ASPM */
	WRITE2(f, PCI_COMMAND, 0x0543);
	expect_wanted(WRITES_OF(READY, f), __LINE__);
	expect_command_last(f, 0x0543);
	expect_as_before(f);
	expect_number(unit_entry(f)->command_before, 0x0147);
	expect_number(unit_entry(f)->command_after, 0x0543);
	expect_number(unit_entry(f)->done & PCIQ_DID_RESTORE,
		      PCIQ_DID_RESTORE);
}

static void test_conventional(void **state)
{
	struct shape shape = conventional;
	struct function *bridge, *f, *x;

	(void)state;
	bridge = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
	f = unit_add(bridge, 0, &shape);
	shape.pcix = true;
	x = unit_add(bridge, 8, &shape);
	set_bars(f);
	set_bars(x);
	unit_set(x, x->pcix + PCI_X_CMD, 2, 0x002e);
	unit_run(PCIQ_RESET);
	want_bars(f);
	WRITE2(f, PCI_COMMAND, DISABLED);
	expect_wanted(WRITES_OF(READY, f), __LINE__);
	want_bars(x);
	WRITE2(x, x->pcix + PCI_X_CMD, 0x002e);
	WRITE2(x, PCI_COMMAND, DISABLED);
	expect_wanted(WRITES_OF(READY, x), __LINE__);
	expect_as_before(f);
	expect_as_before(x);
}

/* FLR leaves Link Control, which an integrated endpoint does not have. */
static void test_integrated(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated_with_flr);

	(void)state;
	set_bars(f);
	unit_set(f, f->pcie + PCI_EXP_DEVCTL, 2, DEVCTL);
	unit_run(PCIQ_RESET);
	want_bars(f);
	WRITE2(f, f->pcie + PCI_EXP_DEVCTL, DEVCTL);
	WRITE2(f, PCI_COMMAND, DISABLED);
	expect_wanted(WRITES_OF(READY, f), __LINE__);
	expect_as_before(f);
}

/* What FLR leaves stays: ASPM and LTR are as they are found. */
static void test_flr_leaves(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);
	u16 cap = f->pcie;

	(void)state;
	f->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_set(f, cap + PCI_EXP_DEVCTL2, 2, LTR | 0x0009);
	unit_set(f, cap + PCI_EXP_LNKCTL, 2, 0x0143);
	unit_set(f, cap + PCI_EXP_LNKCTL2, 2, 0x0043);
	unit_run(PCIQ_RESET);
	expect_number(f->flrs, 1);
	expect_number(unit_first(WRITES_OF(READY, f),
				 cap + PCI_EXP_LNKCTL)->value, 0x0143);
	expect_number(unit_get(f, cap + PCI_EXP_LNKCTL, 2), 0x0143);
	/* LTR is lost with it, and is not switched on: nor is what is above. */
	expect_number(unit_get(f, cap + PCI_EXP_DEVCTL2, 2), 0x0009);
}

/* Of all other bits, what was saved counts. */
static void test_only_those_bits(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);
	u16 reg = f->pcie + PCI_EXP_LNKCTL;

	(void)state;
	f->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_set(f, reg, 2, 0x0043);
	pciq_ctl.policy = PCIQ_RESET;
	unit_snapshot();
	unit_set(f, reg, 2, 0x0101);
	unit_crash();
	unit.quirks = true;	/* what was saved is not what was there */
	unit_go();
	expect_number(f->flrs, 1);
	expect_number(unit_first(WRITES_OF(READY, f), reg)->value, 0x0041);
}

/*
 * Of a capability's first version there is less; and what read as 0 was nothing, or
 * is what a reset leaves.
 */
static void test_no_second_registers(void **state)
{
	struct shape old = endpoint;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f, *zero = unit_add(port, 1, &endpoint);

	(void)state;
	old.pcie_version = 1;
	f = unit_add(port, 0, &old);
	unit_set(zero, zero->pcie + PCI_EXP_DEVCTL2, 2, 0);
	config_put(zero->initial, zero->pcie + PCI_EXP_LNKCTL2, 2, 0);
	unit_set(zero, zero->pcie + PCI_EXP_LNKCTL2, 2, 0);
	unit_run(PCIQ_RESET);
	expect_set(WRITES_OF(READY, f), W4(f, PCI_BASE_ADDRESS_0, 0),
		   W4(f, PCI_BASE_ADDRESS_1, 0), W4(f, PCI_BASE_ADDRESS_2, 0),
		   W4(f, PCI_BASE_ADDRESS_3, 0), W4(f, PCI_BASE_ADDRESS_4, 0),
		   W4(f, PCI_BASE_ADDRESS_5, 0), W4(f, PCI_ROM_ADDRESS, 0),
		   W2(f, PCI_CACHE_LINE_SIZE, 0),
		   W2(f, PCI_INTERRUPT_LINE, 0x0100),
		   W2(f, f->pcie + PCI_EXP_DEVCTL, 0x2810),
		   W2(f, f->pcie + PCI_EXP_LNKCTL, 0),
		   W2(f, PCI_COMMAND, DISABLED));
	expect_set(WRITES_OF(READY, zero), W4(zero, PCI_BASE_ADDRESS_0, 0),
		   W4(zero, PCI_BASE_ADDRESS_1, 0),
		   W4(zero, PCI_BASE_ADDRESS_2, 0),
		   W4(zero, PCI_BASE_ADDRESS_3, 0),
		   W4(zero, PCI_BASE_ADDRESS_4, 0),
		   W4(zero, PCI_BASE_ADDRESS_5, 0),
		   W4(zero, PCI_ROM_ADDRESS, 0),
		   W2(zero, PCI_CACHE_LINE_SIZE, 0),
		   W2(zero, PCI_INTERRUPT_LINE, 0x0100),
		   W2(zero, zero->pcie + PCI_EXP_DEVCTL, 0x2810),
		   W2(zero, zero->pcie + PCI_EXP_LNKCTL, 0),
		   W2(zero, PCI_COMMAND, DISABLED));
}

/* A reserved bit that reads as 1 would act: Initiate FLR, Retrain Link. */
static void test_bits_that_act(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint_with_flr);

	(void)state;
	unit_set(f, f->pcie + PCI_EXP_DEVCTL, 2, DEVCTL);
	unit_set(down, down->pcie + PCI_EXP_LNKCTL, 2, 0x0040);
	config_put(f->now, f->pcie + PCI_EXP_DEVCTL, 2, 0x8000 | DEVCTL);
	config_put(down->now, down->pcie + PCI_EXP_LNKCTL, 2,
		   0x0040 | PCI_EXP_LNKCTL_RL);
	pciq_ctl.policy = PCIQ_RESET;
	unit_snapshot();
	config_put(f->now, f->pcie + PCI_EXP_DEVCTL, 2, DEVCTL);
	config_put(down->now, down->pcie + PCI_EXP_LNKCTL, 2, 0x0040);
	unit_crash();
	unit_go();
	expect_number(f->flrs, 0);
	expect_number(unit_first(WRITES_OF(READY, f),
				 f->pcie + PCI_EXP_DEVCTL)->value, DEVCTL);
	expect_number(unit_first(WRITES_OF(READY, down),
				 down->pcie + PCI_EXP_LNKCTL)->value, 0x0040);
}

static void set_windows(struct function *bridge)
{
	unit_set(bridge, PCI_IO_BASE, 2, 0x2111);
	unit_set(bridge, PCI_SEC_STATUS, 2, 0xf900);
	unit_set(bridge, PCI_MEMORY_BASE, 4, 0xfe10fe00);
	unit_set(bridge, PCI_PREF_MEMORY_BASE, 4, 0x10110001);
	unit_set(bridge, PCI_PREF_BASE_UPPER32, 4, 0x00000380);
	unit_set(bridge, PCI_PREF_LIMIT_UPPER32, 4, 0x00000381);
	unit_set(bridge, PCI_IO_BASE_UPPER16, 4, 0x00020001);
	unit_set(bridge, PCI_BASE_ADDRESS_0, 4, 0xfe200000);
	unit_set(bridge, PCI_ROM_ADDRESS1, 4, 0xfe300001);
	unit_set(bridge, PCI_CACHE_LINE_SIZE, 2, 0x0010);
	unit_set(bridge, PCI_BRIDGE_CONTROL, 2,
		 PCI_BRIDGE_CTL_VGA | PCI_BRIDGE_CTL_SERR);
}

static void want_windows(const struct function *f, u32 buses)
{
	WRITE4(f, PCI_PRIMARY_BUS, buses);
	WRITE4(f, PCI_BASE_ADDRESS_0, 0xfe200000);
	WRITE4(f, PCI_BASE_ADDRESS_1, 0);
	WRITE2(f, PCI_IO_BASE, 0x2111);
	WRITE4(f, PCI_MEMORY_BASE, 0xfe10fe00);
	WRITE4(f, PCI_PREF_MEMORY_BASE, 0x10110001);
	WRITE4(f, PCI_PREF_BASE_UPPER32, 0x380);
	WRITE4(f, PCI_PREF_LIMIT_UPPER32, 0x381);
	WRITE4(f, PCI_IO_BASE_UPPER16, 0x00020001);
	WRITE4(f, PCI_ROM_ADDRESS1, 0xfe300001);
	WRITE2(f, PCI_CACHE_LINE_SIZE, 0x0010);
	WRITE2(f, PCI_INTERRUPT_LINE, 0);
}

/* Secondary Status, RW1C, shares a dword with the I/O window: not written. */
static void test_bridge(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	struct function *f = unit_bridge(port, 0, &pcie_to_pci, 2, 2);
	u16 cap = f->pcie;

	(void)state;
	unit_add(f, 0, &conventional);
	set_windows(f);
	unit_set(f, cap + PCI_EXP_DEVCTL, 2, 0x8000 | DEVCTL);
	unit_set(f, cap + PCI_EXP_LNKCTL, 2, 0x0040);
	unit_run(PCIQ_RESET);
	want_windows(f, 0x00020201);
	WRITE2(f, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA | PCI_BRIDGE_CTL_SERR);
	WRITE2(f, cap + PCI_EXP_DEVCTL, 0x8000 | DEVCTL);
	WRITE2(f, cap + PCI_EXP_LNKCTL2, 0x0003);
	WRITE2(f, cap + PCI_EXP_LNKCTL, 0x0040);
	WRITE2(f, PCI_COMMAND, DISABLED);
	expect_wanted(WRITES_OF(READY, f), __LINE__);
	expect_command_last(f, DISABLED);
	/* Below it nothing is reached without its bus numbers. */
	assert_true(unit_first(WRITES_OF(READY, f), PCI_PRIMARY_BUS)->at <
		    unit_first(WRITES_OF(READY, f), PCI_MEMORY_BASE)->at);
	expect_none(WRITES(UNDO));
	expect_as_before(f);
	expect_recorded(f, WAS_RESET, BY_BRIDGE);
}

/* Discard Timer Status is RW1C: what was saved as 1 is not written back. */
static void test_bridge_status(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	struct function *f = unit_bridge(port, 0, &pcie_to_pci, 2, 2);

	(void)state;
	unit_add(f, 0, &conventional);
	unit_set(f, PCI_BRIDGE_CONTROL, 2, 0x0400 | PCI_BRIDGE_CTL_VGA);
	unit_run(PCIQ_RESET);
	expect_number(unit_first(WRITES_OF(READY, f),
				 PCI_BRIDGE_CONTROL)->value,
		      PCI_BRIDGE_CTL_VGA);
}

static void test_bridge_that_was_in_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	struct function *f = unit_bridge(port, 0, &pcie_to_pci, 2, 2);

	(void)state;
	unit_set(f, PCI_BRIDGE_CONTROL, 2,
		 PCI_BRIDGE_CTL_BUS_RESET | 0x0400);
	unit_run(PCIQ_RESET);
	/* It would be released by a reset above it. */
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_HELD);
	expect_number(port->asserts + f->asserts, 0);
	expect_number(unit_get(f, PCI_BRIDGE_CONTROL, 2),
		      PCI_BRIDGE_CTL_BUS_RESET | 0x0400);
}

/* Downwards; the slot's interrupts stay off, and so do its others off. */
static void test_switch(void **state)
{
	struct shape with_slot = downstream_port;
	struct function *port, *up, *down, *f;
	bool native;

	(void)state;
	with_slot.slot = true;
	with_slot.hotplug = true;
	for (native = false;; native = true) {
		unit_begin();
		unit.host->bridge.native_pcie_hotplug = native;
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
		up = unit_bridge(port, 0, &upstream_port, 2, 3);
		down = unit_bridge(up, 0, &with_slot, 3, 3);
		f = unit_add(down, 0, &endpoint);
		unit_set(down, down->pcie + PCI_EXP_SLTCTL, 2, 0x1039);
		unit_run(PCIQ_RESET);
		expect_number(unit_first(WRITES_OF(READY, down),
					 down->pcie + PCI_EXP_SLTCTL)->value,
			      native ? 0x1019 : 0x1039);
		expect_number(unit_get(down, down->pcie + PCI_EXP_SLTCTL, 2),
			      native ? 0x1019 : 0x1039);
		/* Downwards. */
		assert_true(unit_first(WRITES_OF(READY, up), PCI_COMMAND)->at <
			    unit_first(OF(READY, down), PCI_VENDOR_ID)->at);
		assert_true(unit_first(WRITES_OF(READY, down),
				       PCI_COMMAND)->at <
			    unit_first(OF(READY, f), PCI_VENDOR_ID)->at);
		expect_recorded(f, WAS_RESET, BY_PLAN);
		expect_verdict(CLEAN, 1, 1);
		if (native)
			break;
	}
}

/* What has no slot, or no settings of one, is not written there. */
static void test_no_slot(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	u32 i;

	(void)state;
	unit_add(down, 0, &endpoint);
	unit_run(PCIQ_RESET);
	for (i = 0; i < unit.nr; i++)
		if (unit.log[i].f == down)
			assert_int_not_equal(unit.log[i].reg,
					     down->pcie + PCI_EXP_SLTCTL);
}

/* Command as it was in the snapshot, if the crash has not read it. */
static void test_command_of_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	struct function *f = unit_bridge(port, 0, &pcie_to_pci, 2, 2);

	(void)state;
	unit_add(f, 0, &conventional);
	unit_set(f, PCI_COMMAND, 2, 0x0147);
	unit_run(PCIQ_RESET);
	expect_command_last(f, 0x0543);
}

/* And if it has, what it has read: a driver may have changed that since. */
static void test_command_as_read(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	pciq_ctl.policy = PCIQ_RESET;
	unit_snapshot();
	unit_set(f, PCI_COMMAND, 2, 0x0143);
	unit_crash();
	unit_go();
	expect_command_last(f, 0x0543);
}

/* A downstream port loses LTR when its own link goes down. */
static void test_port_itself(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	u16 reg = port->pcie + PCI_EXP_DEVCTL2;

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_set(port, reg, 2, LTR | 0x0009);
	unit_run(PCIQ_RESET);
	expect_none(WRITES_OF(READY, port));
	expect(WRITES_OF(UNDO, port), W2(port, reg, LTR | 0x0009));
}

/* Of its events those that the reset caused; what was there is evidence. */
static void test_events(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	u16 slot = port->pcie + PCI_EXP_SLTSTA, dpc = port->dpc;

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_set(port, slot, 2, PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC |
		 PCI_EXP_SLTSTA_PFD);
	unit_set(port, dpc + PCI_EXP_DPC_CTL, 2, PCI_EXP_DPC_CTL_EN_NONFATAL);
	unit_set(port, dpc + PCI_EXP_DPC_STATUS, 2,
		 0x1f00 | PCI_EXP_DPC_STATUS_INTERRUPT);
	unit_run(PCIQ_RESET);
	expect_set(WRITES_OF(UNDO, port),
		   W2(port, slot, PCI_EXP_SLTSTA_DLLSC),
		   W2(port, dpc + PCI_EXP_DPC_CTL, PCI_EXP_DPC_CTL_EN_NONFATAL));
	expect_number(unit_get(port, slot, 2), PCI_EXP_SLTSTA_PDS |
		      PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_PFD);
	expect_number(unit_get(port, dpc + PCI_EXP_DPC_STATUS, 2),
		      0x1f00 | PCI_EXP_DPC_STATUS_INTERRUPT);
}

/* All three of its kind, and no other. */
static void events_of_reset(const struct access *access)
{
	struct function *port = fabric.functions[0];

	if (access->reg == PCI_BRIDGE_CONTROL && access->write && !access->value)
		config_put(port->now, port->pcie + PCI_EXP_SLTSTA, 2,
			   PCI_EXP_SLTSTA_PDS | 0x001f | PCI_EXP_SLTSTA_DLLSC);
}

static void test_which_events(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	u16 slot = port->pcie + PCI_EXP_SLTSTA;

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_set(port, slot, 2, PCI_EXP_SLTSTA_PDS);
	unit.on_access = events_of_reset;
	unit.quirks = true;	/* the model makes no such events */
	unit_run(PCIQ_RESET);
	expect_number(unit_first(WRITES_OF(UNDO, port), slot)->value,
		      PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_CC |
		      PCI_EXP_SLTSTA_DLLSC);
	expect_number(unit_get(port, slot, 2), PCI_EXP_SLTSTA_PDS |
		      PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PFD |
		      PCI_EXP_SLTSTA_MRLSC);
}

static void test_events_of_firmware(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	u16 slot = port->pcie + PCI_EXP_SLTSTA;

	(void)state;
	memset(&unit.host->bridge, 0, sizeof(unit.host->bridge));
	unit_add(port, 0, &endpoint);
	unit_run(PCIQ_RESET);
	expect_none(WRITES_OF(UNDO, port));
	expect_number(unit_get(port, slot, 2) & PCI_EXP_SLTSTA_DLLSC,
		      PCI_EXP_SLTSTA_DLLSC);
}

/* === When === */

static u64 released_at(const struct function *port)
{
	return port->link.released_at;
}

static u64 read_at(const struct function *f)
{
	return unit_first(OF(READY, f), PCI_VENDOR_ID)->at;
}

static void test_slow_link(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_RESET);
	expect_between(read_at(f) - released_at(port), SETTLE, SETTLE + POLL);
	expect_between(unit_entry(f)->ready_us, 100000, 102000);
}

/* Above 5 GT/s the time counts from Link Active. */
static void test_fast_link(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	port->link.train_ns = 60 * NS_PER_MS;
	unit_run(PCIQ_RESET);
	expect_between(read_at(f) - released_at(port),
		       SETTLE + port->link.train_ns,
		       SETTLE + port->link.train_ns + 2 * POLL);
	expect_recorded(f, WAS_RESET, BY_PLAN);
}

static void test_conventional_bus(void **state)
{
	struct function *bridge = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
	struct function *f = unit_add(bridge, 0, &conventional);

	(void)state;
	unit_run(PCIQ_RESET);
	expect_between(read_at(f) - released_at(bridge), CONVENTIONAL_SETTLE,
		       CONVENTIONAL_SETTLE + POLL);
}

static void test_after_flr(void **state)
{
	static const struct {
		const char *name;
		u16 vendor;
		u16 device;
		u64 ms;
	} ids[] = {
		{ "any", 0x8086, 0x2669, 100 },
		{ "Intel DC P3700", 0x8086, 0x0953, 350 },
		{ "Intel DC P4500", 0x8086, 0x0a54, 350 },
		{ "Solidigm", 0x025e, 0xf1ac, 350 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		struct shape shape = integrated_with_flr;
		struct function *f;

		unit.row = ids[i].name;
		unit_begin();
		shape.vendor = ids[i].vendor;
		shape.device = ids[i].device;
		f = unit_add(NULL, 0x18, &shape);
		unit_run(PCIQ_RESET);
		/* And the time of the links that are reset meanwhile. */
		expect_between(read_at(f) - f->flr_at, ids[i].ms * NS_PER_MS,
			       ids[i].ms * NS_PER_MS + 2 * POLL);
		expect_recorded(f, WAS_RESET, BY_PLAN);
	}
}

/* The link below a port that was itself reset goes through the same. */
static void test_links_in_a_row(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_RESET);
	expect_between(read_at(up) - released_at(port), SETTLE, SETTLE + POLL);
	expect_between(read_at(down) - read_at(up), 0, POLL);
	expect_between(read_at(f) - read_at(down), SETTLE, SETTLE + POLL);
}

/* === Who does not respond at once === */

static void test_late(void **state)
{
	static const struct {
		const char *name;
		u32 set;
		u32 ms;
		u8 reason;
		u32 ready_ms;
	} late[] = {
		{ "no response for long", 1U << BACK_LATE, 900,
		  PCIQ_BY_PLAN, 900 },
		{ "says that it is not ready", 1U << RETRIES, 300,
		  PCIQ_BY_PLAN, 300 },
		{ "says so for long", 1U << RETRIES, 1100, PCIQ_BY_PLAN, 1100 },
		{ "too late", 1U << BACK_LATE, 1300,
		  PCIQ_BY_NOT_READY, 0 },
		{ "never", 1U << NEVER_BACK, 0, PCIQ_BY_NOT_READY, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(late); i++) {
		struct function *port, *f, *other;

		unit.row = late[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		other = unit_add(port, 1, &endpoint);
		f->set = late[i].set;
		f->ms = late[i].ms;
		unit_run(PCIQ_RESET);
		/* Nobody else waits for it to be restored. */
		expect_between(unit_entry(other)->ready_us, 100000, 103000);
		expect_number(unit_entry(f)->reason, late[i].reason);
		if (!late[i].ready_ms) {
			/* 1 s beyond what resets take at most; then cut off. */
			expect_between(unit_took(STEP(READY)),
				       1219 * NS_PER_MS, 1222 * NS_PER_MS);
			expect_none(WRITES_OF(READY, f));
			expect_recorded(f, WAS_CONTAINED, BY_NOT_READY);
			expect_number(unit_entry(f)->ready_us, 0);
			continue;
		}
		expect_recorded(f, WAS_RESET, BY_PLAN);
		expect_between(unit_entry(f)->ready_us,
			       late[i].ready_ms * 1000,
			       (late[i].ready_ms + 120) * 1000);
	}
}

/* Index of the first access in step "ready", from 1. */
static u32 first_of_ready(const struct function *f)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++) {
		if (unit.log[i].at >= unit.head->tsc[STEP(READY)])
			return nr + 1;
		nr += unit.log[i].f == f;
	}
	return 0;
}

static u32 command_writes(const struct function *f)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += unit.log[i].f == f && unit.log[i].write &&
		      unit.log[i].reg == PCI_COMMAND &&
		      unit.log[i].at >= unit.head->tsc[STEP(READY)];
	return nr;
}

static struct function *reset_one(u32 set, u32 at)
{
	struct function *port, *f;

	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	f = unit_add(port, 0, &endpoint);
	set_bars(f);
	f->set = set;
	f->at = at;
	unit_run(PCIQ_RESET);
	return f;
}

/* Another ID is not it: nothing is written to whatever that is, until it is. */
static void test_lie_about_id(void **state)
{
	struct function *port, *f = NULL;
	u32 at;

	(void)state;
	for (at = 1; at < 30; at++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		set_bars(f);
		f->set = 1U << LIES_ONCE;
		f->at = at;	/* of its reads */
		f->lie = 0x00010000;
		unit_run(PCIQ_RESET);
		if (unit_count(WRITES_OF(READY, f)) &&
		    unit_first(WRITES_OF(READY, f), PCI_BASE_ADDRESS_0)->at -
			    read_at(f) > 900000)
			break;
	}
	assert_true(at < 30);
	assert_true(f->lied);
	expect_between(unit_first(WRITES_OF(READY, f),
				  PCI_BASE_ADDRESS_0)->at - read_at(f),
		       900000, POLL);
	expect_recorded(f, WAS_RESET, BY_PLAN);
	expect_as_before(f);
}

/*
 * An access of the restore that faults was never made: all is written once more,
 * and the addresses that are there by then do not pass for what no reset cleared.
 */
static void test_restored_twice(void **state)
{
	struct function *f = reset_one(0, 0);
	u32 first = first_of_ready(f), last = f->accesses, at;

	(void)state;
	for (at = first; at <= last; at++) {
		f = reset_one(1U << FAULTS_ONCE, at);
		/* It decodes its addresses once it has them. */
		expect_number(command_writes(f), at < last - 1 ? 1 : 2);
		expect_number(unit.head->faults, 1);
		expect_as_before(f);
		expect_recorded(f, WAS_RESET, BY_PLAN);
		expect_verdict(PARTIAL, 1, 1);
	}
}

/* Back, and as bad as before. */
static void test_still_refuses(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << STUCK | 1U << PENDS_FOREVER;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 1);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_number(unit_entry(f)->done & PCIQ_DID_RESTORE,
		      PCIQ_DID_RESTORE);
	expect_verdict(CONTAINED, 0, 1);
}

const struct CMUnitTest restore_tests[] = {
	UNIT(test_endpoint),
	UNIT(test_conventional),
	UNIT(test_integrated),
	UNIT(test_flr_leaves),
	UNIT(test_only_those_bits),
	UNIT(test_no_second_registers),
	UNIT(test_bits_that_act),
	UNIT(test_bridge),
	UNIT(test_bridge_status),
	UNIT(test_bridge_that_was_in_reset),
	UNIT(test_switch),
	UNIT(test_no_slot),
	UNIT(test_command_of_port),
	UNIT(test_command_as_read),
	UNIT(test_port_itself),
	UNIT(test_events),
	UNIT(test_which_events),
	UNIT(test_events_of_firmware),
	UNIT(test_slow_link),
	UNIT(test_fast_link),
	UNIT(test_conventional_bus),
	UNIT(test_after_flr),
	UNIT(test_links_in_a_row),
	UNIT(test_late),
	UNIT(test_lie_about_id),
	UNIT(test_restored_twice),
	UNIT(test_still_refuses),
};

const size_t nr_restore_tests = ARRAY_SIZE(restore_tests);

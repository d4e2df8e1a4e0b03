// SPDX-License-Identifier: GPL-2.0-only
/* Steps "mask" and "unmask": error reporting, and the interrupts of ports. */
#include "unit.h"

#define ALL_REPORTING	0x000f
#define ROOT_ERRORS	0x0007
#define MPS_MRRS	0x2820
#define DISCARD_STATUS	0x0400

static void switch_on(struct function *f)
{
	unit_set(f, PCI_COMMAND, 2, PORT_COMMAND | PCI_COMMAND_SERR);
	if (f->bridge)
		unit_set(f, PCI_BRIDGE_CONTROL, 2,
			 PCI_BRIDGE_CTL_SERR | PCI_BRIDGE_CTL_VGA);
	if (f->pcie)
		unit_set(f, f->pcie + PCI_EXP_DEVCTL, 2,
			 MPS_MRRS | ALL_REPORTING);
}

/* Also what belongs to the interrupts of a root port with a slot. */
static struct function *full_root_port(void)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	switch_on(port);
	unit_set(port, port->pcie + PCI_EXP_SLTCTL, 2, 0x1039);
	unit_set(port, port->pcie + PCI_EXP_RTCTL, 2, 0x001f);
	unit_set(port, port->pcie + PCI_EXP_LNKCTL, 2, 0x0c42);
	unit_set(port, port->msi + PCI_MSI_FLAGS, 2, 0x0081);
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, 0x000a);
	unit_set(port, port->aer + PCI_ERR_ROOT_COMMAND, 4, 7);
	return port;
}

static void test_root_port(void **state)
{
	struct function *port = full_root_port();
	u16 cap = port->pcie;

	(void)state;
	unit_run(PCIQ_BUSMASTER);
	/* INTx before MSI, to which it would fall back. */
	expect(ALL(MASK),
	       R2(port, PCI_COMMAND), W2(port, PCI_COMMAND, 0x0506),
	       R2(port, port->msi + PCI_MSI_FLAGS),
	       W2(port, port->msi + PCI_MSI_FLAGS, 0x0080),
	       R2(port, cap + PCI_EXP_SLTCTL),
	       W2(port, cap + PCI_EXP_SLTCTL, 0x1019),
	       R2(port, port->dpc + PCI_EXP_DPC_CTL),
	       W2(port, port->dpc + PCI_EXP_DPC_CTL, 0x0002),
	       R2(port, cap + PCI_EXP_LNKCTL),
	       W2(port, cap + PCI_EXP_LNKCTL, 0x0042),
	       R2(port, cap + PCI_EXP_RTCTL),
	       W2(port, cap + PCI_EXP_RTCTL, 0x0017),
	       R4(port, port->aer + PCI_ERR_ROOT_COMMAND),
	       W4(port, port->aer + PCI_ERR_ROOT_COMMAND, 0),
	       R2(port, PCI_COMMAND), W2(port, PCI_COMMAND, 0x0406),
	       R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA),
	       R2(port, cap + PCI_EXP_RTCTL),
	       W2(port, cap + PCI_EXP_RTCTL, 0x0010),
	       R2(port, cap + PCI_EXP_DEVCTL),
	       W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS));
	/* Interrupts stay off, the rest is as it was. */
	expect(ALL(UNMASK),
	       W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS | ALL_REPORTING),
	       W2(port, cap + PCI_EXP_RTCTL, 0x0017),
	       W2(port, PCI_BRIDGE_CONTROL,
		  PCI_BRIDGE_CTL_VGA | PCI_BRIDGE_CTL_SERR),
	       W2(port, PCI_COMMAND, 0x0506), R2(port, PCI_COMMAND));
	expect_number(unit_entry(port)->done,
		      PCIQ_DID_MASK | PCIQ_DID_UNMASK);
}

static void test_nothing_on(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	(void)state;
	unit_set(port, PCI_COMMAND, 2, 0x0406);
	unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, MPS_MRRS);
	unit_run(PCIQ_BUSMASTER);
	expect_none(WRITES(MASK));
	expect_none(ALL(UNMASK));
	expect_number(unit_entry(port)->done, 0);
}

/*
 * What firmware owns is neither read nor written; errors are masked.  Nobody owns
 * MSI Enable, without which nothing of it is sent, or bandwidth notifications.
 */
static void test_owned_by_firmware(void **state)
{
	struct function *port = full_root_port();
	u16 cap = port->pcie;

	(void)state;
	memset(&unit.host->bridge, 0, sizeof(unit.host->bridge));
	unit_run(PCIQ_BUSMASTER);
	expect(ALL(MASK),
	       R2(port, PCI_COMMAND), W2(port, PCI_COMMAND, 0x0506),
	       R2(port, port->msi + PCI_MSI_FLAGS),
	       W2(port, port->msi + PCI_MSI_FLAGS, 0x0080),
	       R2(port, cap + PCI_EXP_LNKCTL),
	       W2(port, cap + PCI_EXP_LNKCTL, 0x0042),
	       R2(port, PCI_COMMAND), W2(port, PCI_COMMAND, 0x0406),
	       R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA),
	       R2(port, cap + PCI_EXP_RTCTL),
	       W2(port, cap + PCI_EXP_RTCTL, 0x0018),
	       R2(port, cap + PCI_EXP_DEVCTL),
	       W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS));
	expect_number(unit_get(port, port->aer + PCI_ERR_ROOT_COMMAND, 4), 7);
}

/* One owner each: with only this one Linux's, only this register changes. */
static void test_one_owner_each(void **state)
{
	static const struct {
		const char *name;
		struct pci_host_bridge owns;
	} owners[] = {
		{ "AER", { .native_aer = true } },
		{ "DPC", { .native_dpc = true } },
		{ "hotplug", { .native_pcie_hotplug = true } },
		{ "PME", { .native_pme = true } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		struct function *port;
		bool off[4];

		unit.row = owners[i].name;
		unit_begin();
		port = full_root_port();
		unit.host->bridge = owners[i].owns;
		unit_run(PCIQ_BUSMASTER);
		off[0] = !unit_get(port, port->aer + PCI_ERR_ROOT_COMMAND, 4);
		off[1] = !(unit_get(port, port->dpc + PCI_EXP_DPC_CTL, 2) &
			   PCI_EXP_DPC_CTL_INT_EN);
		off[2] = !(unit_get(port, port->pcie + PCI_EXP_SLTCTL, 2) &
			   PCI_EXP_SLTCTL_HPIE);
		off[3] = !(unit_get(port, port->pcie + PCI_EXP_RTCTL, 2) &
			   PCI_EXP_RTCTL_PMEIE);
		expect_number(off[0], i == 0);
		expect_number(off[1], i == 1);
		expect_number(off[2], i == 2);
		expect_number(off[3], i == 3);
	}
}

static void test_other_bridges(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *pci = unit_bridge(NULL, 0x10, &pci_bridge, 4, 4);

	(void)state;
	switch_on(up);
	switch_on(down);
	switch_on(pci);
	unit_run(PCIQ_BUSMASTER);
	/* No Root Control below a root, no Device Control before PCIe. */
	expect(WRITES_OF(MASK, up), W2(up, PCI_COMMAND, 0x0506),
	       W2(up, PCI_COMMAND, 0x0406),
	       W2(up, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA),
	       W2(up, up->pcie + PCI_EXP_DEVCTL, MPS_MRRS));
	expect(WRITES_OF(MASK, down), W2(down, PCI_COMMAND, 0x0506),
	       W2(down, PCI_COMMAND, 0x0406),
	       W2(down, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA),
	       W2(down, down->pcie + PCI_EXP_DEVCTL, MPS_MRRS));
	expect(WRITES_OF(MASK, pci), W2(pci, PCI_COMMAND, 0x0506),
	       W2(pci, PCI_COMMAND, 0x0406),
	       W2(pci, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA));
	/* Parents first: that is the way errors would come. */
	assert_true(unit_first(OF(UNMASK, up), PCI_COMMAND)->at <
		    unit_first(OF(UNMASK, down), PCI_COMMAND)->at);
}

/* Bridge Configuration Retry Enable is where others have Initiate FLR. */
static void test_bits_that_act(void **state)
{
	struct function *bridge = unit_bridge(NULL, 8, &pcie_to_pci, 1, 1);
	struct function *f = unit_add(NULL, 0x18, &integrated_with_flr);
	u16 reg = bridge->pcie + PCI_EXP_DEVCTL;

	(void)state;
	unit_set(bridge, PCI_BRIDGE_CONTROL, 2,
		 PCI_BRIDGE_CTL_SERR | DISCARD_STATUS);
	unit_set(bridge, reg, 2, 0x8000 | ALL_REPORTING);
	unit_set(f, f->pcie + PCI_EXP_DEVCTL, 2, ALL_REPORTING);
	f->set = 1U << LIES_ONCE;
	f->at = 2;	/* after its ID */
	f->lie = 0x8000;
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit_first(WRITES_OF(MASK, bridge),
				 PCI_BRIDGE_CONTROL)->value, 0);
	expect_number(unit_first(WRITES_OF(UNMASK, bridge),
				 PCI_BRIDGE_CONTROL)->value,
		      PCI_BRIDGE_CTL_SERR);
	expect_number(unit_get(bridge, PCI_BRIDGE_CONTROL, 2),
		      PCI_BRIDGE_CTL_SERR | DISCARD_STATUS);
	expect_number(unit_first(WRITES_OF(MASK, bridge), reg)->value, 0x8000);
	expect_number(unit_first(WRITES_OF(UNMASK, bridge), reg)->value,
		      0x8000 | ALL_REPORTING);
	/* Of an endpoint it would start one, should it read as 1. */
	reg = f->pcie + PCI_EXP_DEVCTL;
	expect_number(unit_first(WRITES_OF(MASK, f), reg)->value, 0);
	expect_number(unit_first(WRITES_OF(UNMASK, f), reg)->value,
		      ALL_REPORTING);
	expect_number(f->flrs, 0);
}

/*
 * A port that is found in reset stays in it, as seven of one real machine are for
 * good; and one that just says so is not written what it says.
 */
static void test_found_in_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *says = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);

	(void)state;
	unit_set(port, PCI_BRIDGE_CONTROL, 2, 0x0043);
	unit_set(says, PCI_COMMAND, 2, 0x0406);
	unit_set(says, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	says->set = 1U << LIES_ONCE;
	says->at = 6;	/* ID, Command, MSI, Link Control and Command once more */
	says->lie = PCI_BRIDGE_CTL_BUS_RESET;
	unit_run(PCIQ_RESET);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0x0043);
	expect_number(port->asserts, 0);
	expect_number(unit_func(port)->forbidden, PCIQ_NOT_HELD);
	expect_number(unit_get(says, PCI_BRIDGE_CONTROL, 2),
		      PCI_BRIDGE_CTL_SERR);
	expect_number(says->asserts, 0);
}

/* Who is masked itself: what sits on a root bus, and speaks PCIe. */
static void test_endpoints(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *below = unit_add(port, 0, &endpoint);
	struct function *root = unit_add(NULL, 0x18, &integrated);
	struct function *pci = unit_add(NULL, 0x20, &conventional);
	u16 reg = root->pcie + PCI_EXP_DEVCTL;

	(void)state;
	switch_on(below);
	switch_on(root);
	switch_on(pci);
	unit_run(PCIQ_BUSMASTER);
	expect_none(OF(MASK, below));
	expect_none(OF(MASK, pci));
	expect(OF(MASK, root), R2(root, reg), W2(root, reg, MPS_MRRS));
	expect(OF(UNMASK, root), W2(root, reg, MPS_MRRS | ALL_REPORTING),
	       R2(root, PCI_COMMAND));
	expect_none(OF(UNMASK, below));
}

static void test_silent_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	(void)state;
	port->set = 1U << DEAD;
	unit_run(PCIQ_BUSMASTER);
	expect_none(WRITES(MASK));
	expect_none(ALL(UNMASK));
}

/* What did not come back from its reset is not asked again. */
static void test_lost_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);

	(void)state;
	switch_on(port);
	switch_on(up);
	up->set = 1U << NEVER_BACK;
	unit_add(down, 1, &endpoint)->set = 1U << STUCK_UNTIL_RESET;
	pciq_ctl.policy = PCIQ_RESET;
	unit_capture();
	unit_crash();
	unit_go();
	expect_told(up, REFUSED, BY_BRIDGE);
	expect_told(f, WAS_CONTAINED, BY_SILENCE);
	expect_none(OF(UNMASK, up));
	expect_none(OF(UNMASK, down));
}

const struct CMUnitTest errors_tests[] = {
	UNIT(test_root_port),
	UNIT(test_nothing_on),
	UNIT(test_owned_by_firmware),
	UNIT(test_one_owner_each),
	UNIT(test_other_bridges),
	UNIT(test_bits_that_act),
	UNIT(test_found_in_reset),
	UNIT(test_endpoints),
	UNIT(test_silent_port),
	UNIT(test_lost_port),
};

const size_t nr_errors_tests = ARRAY_SIZE(errors_tests);

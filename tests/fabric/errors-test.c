// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error reporting of a port: off before its link is reset or it is closed, and on
 * again afterwards.  Of no other port, and not if nothing refuses.
 */
#include "kexec_pci_internal.h"
#include "unit.h"

#define ALL_REPORTING	0x000f
#define MPS_MRRS	0x2820
#define DISCARD_STATUS	0x0400
#define SBR		PCI_BRIDGE_CTL_BUS_RESET
#define SERR		PCI_BRIDGE_CTL_SERR
#define VGA		PCI_BRIDGE_CTL_VGA
#define DPC_BOTH	(PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL)
#define LTR		PCI_EXP_DEVCTL2_LTR_EN
#define BANDWIDTH	(PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE)

static void switch_on(struct function *f)
{
	unit_set(f, PCI_COMMAND, 2, PORT_COMMAND | PCI_COMMAND_SERR);
	if (f->bridge)
		unit_set(f, PCI_BRIDGE_CONTROL, 2, SERR | VGA);
	if (f->pcie)
		unit_set(f, f->pcie + PCI_EXP_DEVCTL, 2,
			 MPS_MRRS | ALL_REPORTING);
}

/* All that is written before a reset is on. */
static struct function *add_port(u8 devfn, u8 bus)
{
	struct function *port = unit_bridge(NULL, devfn, &root_port, bus, bus);

	switch_on(port);
	unit_set(port, port->pcie + PCI_EXP_RTCTL, 2, 0x0017);
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, DPC_BOTH);
	unit_set(port, port->pcie + PCI_EXP_DEVCTL2, 2, LTR | 0x0009);
	unit_set(port, port->pcie + PCI_EXP_LNKCTL, 2, 0x0040 | BANDWIDTH);
	unit_set(port, port->pcie + PCI_EXP_SLTSTA, 2,
		 PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_PFD);
	return port;
}

static struct function *add_refuser(struct function *parent, u8 devfn)
{
	struct function *f = unit_add(parent, devfn, &endpoint);

	f->set = 1U << STUCK_UNTIL_RESET;
	return f;
}

/* A neighbor that must not be reset leaves nothing but containment. */
static struct function *add_display(struct function *port, u8 devfn)
{
	struct shape shape = endpoint;

	shape.class = 0x030000;
	return unit_add(port, devfn, &shape);
}

/* One that nothing refuses below, of whatever kind, is in each of these machines. */
static struct function *add_bystander(void)
{
	struct function *port = add_port(0x10, 2);

	unit_add(port, 0, &endpoint);
	return port;
}

static void expect_untouched(const struct function *port)
{
	u16 reg;

	for (reg = 0; reg < SPACE; reg += 2) {
		u16 changed = config_get(port->before, reg, 2) ^
			      unit_get(port, reg, 2);

		/* Its interrupts, in every crash. */
		if (reg == PCI_COMMAND)
			changed &= ~PCI_COMMAND_INTX_DISABLE;
		if (reg == port->msi + PCI_MSI_FLAGS)
			changed &= ~PCI_MSI_FLAGS_ENABLE;
		expect_number(changed, 0);
	}
}

/* Before a link is reset, each register of the port, and after it. */
static void test_before_reset(void **state)
{
	struct function *port = add_port(8, 1);
	struct function *f = add_refuser(port, 0), *other = add_bystander();
	u16 cap = port->pcie, dpc = port->dpc + PCI_EXP_DPC_CTL;

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_set(WRITES(RESET), W2(port, PCI_COMMAND, 0x0406),
		   W2(port, PCI_BRIDGE_CONTROL, VGA),
		   W2(port, cap + PCI_EXP_RTCTL, 0x0010),
		   W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS),
		   W2(port, dpc, 0), W2(port, cap + PCI_EXP_DEVCTL2, 0x0009),
		   W2(port, cap + PCI_EXP_LNKCTL, 0x0040),
		   W2(port, PCI_BRIDGE_CONTROL, VGA | SBR),
		   W2(port, PCI_BRIDGE_CONTROL, VGA),
		   W2(port, PCI_BRIDGE_CONTROL, VGA));
	/* LTR was lost, and of the events in the slot one is of the reset. */
	expect_set(WRITES(UNDO), W2(port, PCI_COMMAND, 0x0506),
		   W2(port, PCI_BRIDGE_CONTROL, SERR | VGA),
		   W2(port, cap + PCI_EXP_RTCTL, 0x0017),
		   W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS | ALL_REPORTING),
		   W2(port, dpc, DPC_BOTH),
		   W2(port, cap + PCI_EXP_DEVCTL2, LTR | 0x0009),
		   W2(port, cap + PCI_EXP_LNKCTL, 0x0040 | BANDWIDTH),
		   W2(port, cap + PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_DLLSC));
	expect_number(unit_get(port, cap + PCI_EXP_SLTSTA, 2),
		      PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC |
		      PCI_EXP_SLTSTA_PFD);
	expect_untouched(other);
	expect_number(unit_entry(port)->done, PCIQ_DID_READ | PCIQ_DID_MASK |
		      PCIQ_DID_ASSERT | PCIQ_DID_UNMASK);
	expect_number(unit_entry(other)->done, PCIQ_DID_READ);
	expect_recorded(f, WAS_RESET, BY_BME);
}

/* All of it before Secondary Bus Reset. */
static void test_before_is_before(void **state)
{
	struct function *port = add_port(8, 1);
	const struct access *access;
	bool asserted = false;
	u32 i;

	(void)state;
	add_refuser(port, 0);
	unit_run(PCIQ_ESCALATE);
	for (i = 0; i < unit.nr; i++) {
		access = &unit.log[i];
		if (access->f != port || !access->write ||
		    access->at < unit.head->tsc[STEP(RESET)] ||
		    access->at >= unit.head->tsc[STEP(READY)])
			continue;
		if (access->reg != PCI_BRIDGE_CONTROL)
			assert_false(asserted);
		asserted |= access->reg == PCI_BRIDGE_CONTROL &&
			    access->value & SBR;
	}
	assert_true(asserted);
}

/* Before a port is closed: nothing that belongs to a link. It stays so. */
static void test_before_containment(void **state)
{
	struct function *port = add_port(8, 1), *other;
	struct function *f = add_refuser(port, 0);
	u16 cap = port->pcie;

	(void)state;
	add_display(port, 1);
	other = add_bystander();
	unit_run(PCIQ_ESCALATE);
	expect_none(WRITES(RESET));
	expect_set(WRITES(CONTAIN), W2(port, PCI_COMMAND, 0x0406),
		   W2(port, PCI_BRIDGE_CONTROL, VGA),
		   W2(port, cap + PCI_EXP_RTCTL, 0x0010),
		   W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS),
		   W2(port, PCI_COMMAND, 0x0402));
	expect_none(ALL(UNDO));
	expect_untouched(other);
	expect_number(unit_entry(port)->done, PCIQ_DID_READ | PCIQ_DID_MASK |
		      PCIQ_DID_CONTAIN);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
}

/* A port that keeps its BME contains nothing, and may report errors again. */
static void test_containment_fails(void **state)
{
	struct function *port = add_port(8, 1);
	struct function *f = add_refuser(port, 0);

	(void)state;
	add_display(port, 1);
	port->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, REFUSED, BY_BME);
	expect_untouched(port);
	expect_number(unit_entry(port)->done, PCIQ_DID_READ | PCIQ_DID_MASK |
		      PCIQ_DID_UNMASK);
}

/* Reset, still refusing, closed: what was found first is what counts. */
static void test_reset_then_contained(void **state)
{
	struct function *port = add_port(8, 1);
	struct function *f = add_refuser(port, 0);
	u16 cap = port->pcie;

	(void)state;
	f->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect(WRITES(CONTAIN), W2(port, PCI_COMMAND, 0x0402));
	expect_none(WRITES(UNDO));
	expect_number(unit_get(port, cap + PCI_EXP_DEVCTL, 2), MPS_MRRS);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), VGA);

	/* And if it cannot be closed, all is on again. */
	unit_begin();
	port = add_port(8, 1);
	f = add_refuser(port, 0);
	f->set = 1U << STUCK;
	port->set = 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, REFUSED, BY_BME);
	expect_untouched(port);
}

/* What is off is not written, and not switched on. */
static void test_nothing_on(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	(void)state;
	unit.host->bridge.native_pcie_hotplug = false;
	unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, MPS_MRRS);
	add_refuser(port, 0);
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(port, PCI_BRIDGE_CONTROL, SBR),
	       W2(port, PCI_BRIDGE_CONTROL, 0),
	       W2(port, PCI_BRIDGE_CONTROL, 0));
	expect_none(ALL(UNDO));
	expect_number(unit_entry(port)->done, PCIQ_DID_READ | PCIQ_DID_ASSERT);
}

/* Each register by itself: it alone is switched off, and on again. */
static void test_one_each(void **state)
{
	static const struct {
		const char *name;
		u16 cap_reg;
		bool dpc;
		u16 value;
		u16 masked;
	} rows[] = {
		{ "SERR#", 0, false, 0x0106, 0x0006 },
		{ "corrected", PCI_EXP_DEVCTL, false, 0x0001, 0 },
		{ "non-fatal", PCI_EXP_DEVCTL, false, 0x0002, 0 },
		{ "fatal", PCI_EXP_DEVCTL, false, 0x0004, 0 },
		{ "unsupported request", PCI_EXP_DEVCTL, false, 0x0008, 0 },
		{ "system error, corrected", PCI_EXP_RTCTL, false, 0x0001, 0 },
		{ "system error, non-fatal", PCI_EXP_RTCTL, false, 0x0002, 0 },
		{ "system error, fatal", PCI_EXP_RTCTL, false, 0x0004, 0 },
		{ "DPC, fatal", 0, true, 0x0001, 0 },
		{ "DPC, non-fatal", 0, true, 0x0002, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *port;
		u16 reg;

		unit.row = rows[i].name;
		unit_begin();
		unit.host->bridge.native_pcie_hotplug = false;
		unit.host->bridge.native_pme = false;
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		reg = rows[i].dpc ? port->dpc + PCI_EXP_DPC_CTL :
		      rows[i].cap_reg ? port->pcie + rows[i].cap_reg :
					PCI_COMMAND;
		unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, 0);
		unit_set(port, reg, 2, rows[i].value);
		add_refuser(port, 0);
		unit_run(PCIQ_ESCALATE);
		expect_set(WRITES(RESET), W2(port, reg, rows[i].masked),
			   W2(port, PCI_BRIDGE_CONTROL, SBR),
			   W2(port, PCI_BRIDGE_CONTROL, 0),
			   W2(port, PCI_BRIDGE_CONTROL, 0));
		expect(WRITES(UNDO), W2(port, reg, rows[i].value));
	}
}

/* What firmware owns: DPC, events of the slot.  Errors are of the machine. */
static void test_owned_by_firmware(void **state)
{
	struct function *port = add_port(8, 1);
	u16 cap = port->pcie, slot = cap + PCI_EXP_SLTSTA;

	(void)state;
	memset(&unit.host->bridge, 0, sizeof(unit.host->bridge));
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, 0);
	add_refuser(port, 0);
	unit_run(PCIQ_ESCALATE);
	expect_set(WRITES(RESET), W2(port, PCI_COMMAND, 0x0006),
		   W2(port, PCI_BRIDGE_CONTROL, VGA),
		   W2(port, cap + PCI_EXP_RTCTL, 0x0010),
		   W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS),
		   W2(port, cap + PCI_EXP_DEVCTL2, 0x0009),
		   W2(port, PCI_BRIDGE_CONTROL, VGA | SBR),
		   W2(port, PCI_BRIDGE_CONTROL, VGA),
		   W2(port, PCI_BRIDGE_CONTROL, VGA));
	/* Bandwidth notifications were switched off for good. */
	expect_set(WRITES(UNDO), W2(port, PCI_COMMAND, 0x0106),
		   W2(port, PCI_BRIDGE_CONTROL, SERR | VGA),
		   W2(port, cap + PCI_EXP_RTCTL, 0x0017),
		   W2(port, cap + PCI_EXP_DEVCTL, MPS_MRRS | ALL_REPORTING),
		   W2(port, cap + PCI_EXP_DEVCTL2, LTR | 0x0009));
	expect_number(unit_get(port, slot, 2) & PCI_EXP_SLTSTA_DLLSC,
		      PCI_EXP_SLTSTA_DLLSC);
}

/* Only ports: what is reset by itself reports nothing of it. */
static void test_function_by_itself(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated_with_flr);

	(void)state;
	switch_on(f);
	f->set = 1U << STUCK_UNTIL_RESET;
	unit_run(PCIQ_ESCALATE);
	expect_number(unit_entry(f)->done & (PCIQ_DID_MASK | PCIQ_DID_UNMASK),
		      0);
	expect_none(ALL(UNDO));
	expect_number(unit_get(f, f->pcie + PCI_EXP_DEVCTL, 2),
		      MPS_MRRS | ALL_REPORTING);
}

/* No Root Control below a root, no Device Control before PCI Express. */
static void test_other_bridges(void **state)
{
	static const struct {
		const char *name;
		const struct shape *shape, *below;
		bool pcie;
	} rows[] = {
		{ "downstream port", &downstream_port, &endpoint, true },
		{ "PCIe to PCI", &pcie_to_pci, &conventional, true },
		{ "PCI bridge", &pci_bridge, &conventional, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *root, *up, *port, *f;

		unit.row = rows[i].name;
		unit_begin();
		root = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
		up = unit_bridge(root, 0, &upstream_port, 2, 3);
		port = unit_bridge(rows[i].pcie ? up : NULL, 0x20, rows[i].shape,
				   rows[i].pcie ? 3 : 4, rows[i].pcie ? 3 : 4);
		f = unit_add(port, 0, rows[i].below);
		f->set = 1U << STUCK_UNTIL_RESET;
		switch_on(root);
		switch_on(up);
		switch_on(port);
		unit_run(PCIQ_ESCALATE);
		expect_none(WRITES_OF(RESET, root));
		expect_none(WRITES_OF(RESET, up));
		if (rows[i].pcie)
			expect_set(WRITES_OF(RESET, port),
				   W2(port, PCI_COMMAND, 0x0006),
				   W2(port, PCI_BRIDGE_CONTROL, VGA),
				   W2(port, port->pcie + PCI_EXP_DEVCTL,
				      MPS_MRRS),
				   W2(port, PCI_BRIDGE_CONTROL, VGA | SBR),
				   W2(port, PCI_BRIDGE_CONTROL, VGA),
				   W2(port, PCI_BRIDGE_CONTROL, VGA));
		else
			expect_set(WRITES_OF(RESET, port),
				   W2(port, PCI_COMMAND, 0x0006),
				   W2(port, PCI_BRIDGE_CONTROL, VGA),
				   W2(port, PCI_BRIDGE_CONTROL, VGA | SBR),
				   W2(port, PCI_BRIDGE_CONTROL, VGA),
				   W2(port, PCI_BRIDGE_CONTROL, VGA));
		expect_recorded(f, WAS_RESET, BY_BME);
		expect_untouched(port);
	}
}

/* Bits that act: written 0, whatever they read as. */
static void test_bits_that_act(void **state)
{
	struct function *bridge = unit_bridge(NULL, 8, &pcie_to_pci, 1, 1);
	struct function *port = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);
	u16 reg = bridge->pcie + PCI_EXP_DEVCTL;

	(void)state;
	unit_add(bridge, 0, &conventional)->set = 1U << STUCK_UNTIL_RESET;
	add_refuser(port, 0);
	unit_set(bridge, PCI_BRIDGE_CONTROL, 2, SERR | DISCARD_STATUS);
	/* Bridge Configuration Retry Enable is where others have Initiate FLR. */
	unit_set(bridge, reg, 2, 0x8000 | ALL_REPORTING);
	unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, ALL_REPORTING);
	config_put(port->now, port->pcie + PCI_EXP_DEVCTL, 2,
		   0x8000 | ALL_REPORTING);
	unit.quirks = true;	/* the bit of a port is reserved */
	unit_run(PCIQ_ESCALATE);
	expect_number(unit_first(WRITES_OF(RESET, bridge), reg)->value, 0x8000);
	expect_number(unit_first(WRITES_OF(UNDO, bridge), reg)->value,
		      0x8000 | ALL_REPORTING);
	/* Discard Timer Status is RW1C. */
	expect_number(unit_first(WRITES_OF(RESET, bridge),
				 PCI_BRIDGE_CONTROL)->value, 0);
	expect_number(unit_first(WRITES_OF(UNDO, bridge),
				 PCI_BRIDGE_CONTROL)->value, SERR);
	expect_number(unit_get(bridge, PCI_BRIDGE_CONTROL, 2),
		      SERR | DISCARD_STATUS);
	reg = port->pcie + PCI_EXP_DEVCTL;
	expect_number(unit_first(WRITES_OF(RESET, port), reg)->value, 0);
	expect_number(unit_first(WRITES_OF(UNDO, port), reg)->value,
		      ALL_REPORTING);
}

/*
 * What changes meanwhile in the other bits of a register stays as it is; so does
 * what is found in Secondary Bus Reset.
 */
static struct function *changes;
static bool has_changed;

static void change(const struct access *access)
{
	if (has_changed || access->f != changes ||
	    access->reg != changes->pcie + PCI_EXP_LNKSTA)
		return;
	has_changed = true;
	config_put(changes->now, changes->pcie + PCI_EXP_DEVCTL, 2, 0x5930);
	config_put(changes->now, PCI_COMMAND, 2, 0x0407);
	config_put(changes->now, PCI_BRIDGE_CONTROL, 2,
		   PCI_BRIDGE_CTL_ISA | VGA);
}

static void test_undo_keeps_other_bits(void **state)
{
	struct function *port = add_port(8, 1);

	(void)state;
	add_refuser(port, 0);
	changes = port;
	has_changed = false;
	unit.on_access = change;
	unit.quirks = true;	/* registers do not change by themselves */
	unit_run(PCIQ_ESCALATE);
	assert_true(has_changed);
	expect_number(unit_get(port, port->pcie + PCI_EXP_DEVCTL, 2),
		      0x5930 | ALL_REPORTING);
	expect_number(unit_get(port, PCI_COMMAND, 2), 0x0507);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2),
		      PCI_BRIDGE_CTL_ISA | VGA | SERR);
}

/* Undone once: whatever happens afterwards is not of this routine. */
static void test_undo_twice(void **state)
{
	struct function *port = add_port(8, 1);
	u32 nr;

	(void)state;
	add_refuser(port, 0);
	unit_run(PCIQ_ESCALATE);
	unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, 0);
	nr = unit.nr;
	fabric.crashed = true;
	pciq_undo_ops(&unit.run);
	fabric.crashed = false;
	expect_number(unit.nr, nr);
	expect_number(unit_get(port, port->pcie + PCI_EXP_DEVCTL, 2), 0);
}

/* Not undone yet as it no longer responds: then it is left alone, later not. */
static void test_undo_of_no_response(void **state)
{
	struct function *port = add_port(8, 1);
	u16 reg = port->pcie + PCI_EXP_DEVCTL;

	(void)state;
	add_refuser(port, 0);
	pciq_ctl.policy = PCIQ_ESCALATE;
	unit_snapshot();
	unit_crash();
	unit_go();
	expect_number(unit_get(port, reg, 2), MPS_MRRS | ALL_REPORTING);
	/* As if it had not been. */
	unit_set(port, reg, 2, MPS_MRRS);
	unit.run.work[unit_index(port)].to_undo = 0xff;
	port->dead = true;
	fabric.crashed = true;
	unit.nr = 0;
	pciq_undo_ops(&unit.run);
	expect_none(ALL_WRITES);
	port->dead = false;
	pciq_undo_ops(&unit.run);
	fabric.crashed = false;
	expect_number(unit_get(port, reg, 2), MPS_MRRS | ALL_REPORTING);
}

/* Switched off twice: undone to what was found first, whatever came in between. */
static bool was_asserted;

static void change_again(const struct access *access)
{
	was_asserted |= access->f == changes && access->write &&
			access->reg == PCI_BRIDGE_CONTROL && access->value & SBR;
	if (has_changed || !was_asserted || access->f != changes ||
	    access->reg != PCI_COMMAND || access->write)
		return;
	has_changed = true;
	config_put(changes->now, changes->pcie + PCI_EXP_DEVCTL, 2,
		   MPS_MRRS | PCI_EXP_DEVCTL_CERE);
}

static void test_undo_to_the_first(void **state)
{
	struct function *port = add_port(8, 1);

	(void)state;
	add_refuser(port, 0)->set = 1U << STUCK;
	port->set = 1U << STUCK;
	changes = port;
	has_changed = false;
	was_asserted = false;
	unit.on_access = change_again;
	unit.quirks = true;
	unit_run(PCIQ_ESCALATE);
	assert_true(has_changed);
	expect_number(unit_first(WRITES_OF(CONTAIN, port),
				 port->pcie + PCI_EXP_DEVCTL)->value, MPS_MRRS);
	expect_number(unit_get(port, port->pcie + PCI_EXP_DEVCTL, 2),
		      MPS_MRRS | ALL_REPORTING);
}

/* A link that stays in reset: its port is not written there once more. */
static void test_undo_of_link_in_reset(void **state)
{
	struct function *port = add_port(8, 1);
	u32 i;

	(void)state;
	add_refuser(port, 0);
	port->set = 1U << KEEPS_SBR | 1U << STUCK;
	unit_run(PCIQ_ESCALATE);
	for (i = 0; i < unit.nr; i++) {
		if (unit.log[i].at >= unit.head->tsc[STEP(UNDO)] &&
		    unit.log[i].reg == PCI_BRIDGE_CONTROL)
			assert_false(unit.log[i].write);
	}
	expect_number(unit_get(port, port->pcie + PCI_EXP_DEVCTL, 2),
		      MPS_MRRS | ALL_REPORTING);
}

/* Parents first: that is the way errors would come. */
static void test_undo_parents_first(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 4);
	struct function *a = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *b = unit_bridge(NULL, 0x10, &slow_root_port, 5, 5);

	(void)state;
	switch_on(a);
	switch_on(b);
	add_refuser(a, 0);
	add_refuser(b, 0);
	unit_run(PCIQ_ESCALATE);
	assert_true(unit_first(WRITES_OF(UNDO, b), PCI_COMMAND)->at <
		    unit_first(WRITES_OF(UNDO, a), PCI_COMMAND)->at);
	/* Of one port, what was off first is on last. */
	assert_true(unit_first(WRITES_OF(UNDO, a), PCI_BRIDGE_CONTROL)->at <
		    unit_first(WRITES_OF(UNDO, a), PCI_COMMAND)->at);
}

/*
 * A port that is found in reset stays in it, as seven of one real machine are for
 * good; and one that just says so is not written what it says.
 */
static void test_found_in_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *beside = add_port(0x18, 3);

	(void)state;
	add_refuser(beside, 0);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, SERR | SBR);
	unit_run(PCIQ_RESET);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), SERR | SBR);
	expect_number(port->asserts, 0);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_HELD);
}

static void test_says_it_is_in_reset(void **state)
{
	u32 at, lied = 0;

	(void)state;
	for (at = 1; at <= 40; at++) {
		struct function *port;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		unit_set(port, PCI_BRIDGE_CONTROL, 2, SERR);
		add_refuser(port, 0)->set = 1U << STUCK;
		port->set = 1U << LIES_ONCE;
		port->at = at;
		port->lie = SBR;
		unit_run(PCIQ_ESCALATE);
		lied += port->lied;
		expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2) & SBR, 0);
	}
	assert_true(lied > 10);
}

/* One below the reset that is not ready again is not read again either. */
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
	unit_run(PCIQ_RESET);
	expect_recorded(up, REFUSED, BY_BRIDGE);
	expect_recorded(f, WAS_CONTAINED, BY_NOT_READY);
	expect_none(OF(UNDO, up));
	expect_none(OF(UNDO, down));
	expect_none(OF(CONTAIN, up));
	expect_none(OF(CONTAIN, down));
}

const struct CMUnitTest errors_tests[] = {
	UNIT(test_before_reset),
	UNIT(test_before_is_before),
	UNIT(test_before_containment),
	UNIT(test_containment_fails),
	UNIT(test_reset_then_contained),
	UNIT(test_nothing_on),
	UNIT(test_one_each),
	UNIT(test_owned_by_firmware),
	UNIT(test_function_by_itself),
	UNIT(test_other_bridges),
	UNIT(test_bits_that_act),
	UNIT(test_undo_keeps_other_bits),
	UNIT(test_undo_twice),
	UNIT(test_undo_of_no_response),
	UNIT(test_undo_to_the_first),
	UNIT(test_undo_of_link_in_reset),
	UNIT(test_undo_parents_first),
	UNIT(test_found_in_reset),
	UNIT(test_says_it_is_in_reset),
	UNIT(test_lost_port),
};

const size_t nr_errors_tests = ARRAY_SIZE(errors_tests);

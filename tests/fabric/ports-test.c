// SPDX-License-Identifier: GPL-2.0-only
/*
 * Step "ports": the interrupts of ports, by their sources or by how they are sent,
 * in every crash.  Nothing else of a port is written if nothing refuses.
 */
#include "unit.h"

#define ROOT_ERRORS	0x0007	/* RTCTL: system errors */
#define BANDWIDTH	(PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE)

/* Registers of a port that it may interrupt for. */
static u16 slot_control(const struct function *port)
{
	return port->pcie + PCI_EXP_SLTCTL;
}

static u16 root_control(const struct function *port)
{
	return port->pcie + PCI_EXP_RTCTL;
}

static u16 root_command(const struct function *port)
{
	return port->aer + PCI_ERR_ROOT_COMMAND;
}

static u16 dpc_control(const struct function *port)
{
	return port->dpc + PCI_EXP_DPC_CTL;
}

static u16 link_control(const struct function *port)
{
	return port->pcie + PCI_EXP_LNKCTL;
}

static u16 msi_control(const struct function *port)
{
	return port->msi + PCI_MSI_FLAGS;
}

/* Everything that it can interrupt for is on, and so is all error reporting. */
static struct function *add_port(const struct shape *shape)
{
	struct function *port = unit_bridge(NULL, 8, shape, 1, 1);

	unit_set(port, PCI_COMMAND, 2, PORT_COMMAND | PCI_COMMAND_SERR);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, 0x283f);
	unit_set(port, msi_control(port), 2, 0x0081);
	if (shape->slot)
		unit_set(port, slot_control(port), 2, 0x1039);
	if (shape->dpc)
		unit_set(port, dpc_control(port), 2, 0x000a);
	if (shape->type == TYPE_ROOT_PORT)
		unit_set(port, root_control(port), 2, 0x001f);
	if (shape->aer && shape->type == TYPE_ROOT_PORT)
		unit_set(port, root_command(port), 4, 7);
	return port;
}

static struct shape root_port_with(bool pin, bool slot, bool aer, bool dpc)
{
	struct shape shape = root_port;

	shape.pin = pin;
	shape.slot = slot;
	shape.hotplug = slot;
	shape.aer = aer;
	shape.dpc = dpc;
	return shape;
}

/*
 * The sources, each of those that a port has: one access for a register of nothing
 * but enables, two for any other.  All other bits stay.
 */
/* What makes a port is its header: the class is that of something else. */
static void test_class_of_another(void **state)
{
	static const u32 classes[] = { 0x060000, 0x060940, 0x020000 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		struct shape shape = slow_root_port;
		struct function *port, *f;

		unit_begin();
		shape.class = classes[i];
		port = unit_bridge(NULL, 8, &shape, 1, 1);
		f = unit_add(port, 0, &endpoint);
		unit_set(port, PCI_COMMAND, 2, PORT_COMMAND);
		f->set = 1U << STUCK_UNTIL_RESET;
		unit_run(PCIQ_BUSMASTER);
		expect_number(unit_get(port, PCI_COMMAND, 2), PORT_COMMAND);
		expect_recorded(port, UNTOUCHED, BY_BRIDGE);
		unit_begin();
		port = unit_bridge(NULL, 8, &shape, 1, 1);
		f = unit_add(port, 0, &endpoint);
		f->set = 1U << STUCK_UNTIL_RESET;
		unit_run(PCIQ_ESCALATE);
		expect_number(port->asserts, 1);
		expect_recorded(f, WAS_RESET, BY_BME);
		expect_verdict(CLEAN, 1, 1);
		/* With nothing below the kernel does not make it a master. */
		unit_begin();
		port = unit_bridge(NULL, 8, &shape, 1, 1);
		unit_set(port, root_control(port), 2, PCI_EXP_RTCTL_PMEIE);
		unit_run(PCIQ_BUSMASTER);
		expect_number(unit_get(port, root_control(port), 2), 0);
	}
}

static void test_by_source(void **state)
{
	struct shape shape = root_port_with(true, true, true, false);
	struct function *port = add_port(&shape);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_set(ALL(PORTS), R2(port, slot_control(port)),
		   W2(port, slot_control(port), 0x1019),
		   W2(port, root_control(port), 0x0017),
		   W2(port, root_command(port), 0));
	expect_set(ALL_WRITES, W2(port, slot_control(port), 0x1019),
		   W2(port, root_control(port), 0x0017),
		   W2(port, root_command(port), 0));
	expect_number(unit_get(port, msi_control(port), 2), 0x0081);
	expect_number(unit_entry(port)->done, PCIQ_DID_READ);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
}

/* More sources than ways to send: INTx first, to which it would fall back. */
static void test_by_message(void **state)
{
	struct function *port = add_port(&root_port);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect(ALL(PORTS), R2(port, PCI_COMMAND), W2(port, PCI_COMMAND, 0x0506),
	       R2(port, msi_control(port)), W2(port, msi_control(port), 0x0080));
	expect(ALL_WRITES, W2(port, PCI_COMMAND, 0x0506),
	       W2(port, msi_control(port), 0x0080));
	/* No source has changed. */
	expect_number(unit_get(port, slot_control(port), 2), 0x1039);
	expect_number(unit_get(port, root_control(port), 2), 0x001f);
	expect_number(unit_get(port, root_command(port), 2), 7);
	expect_number(unit_get(port, dpc_control(port), 2), 0x000a);
}

/* By what takes fewer accesses; by source if both take the same. */
static void test_fewer_accesses(void **state)
{
	static const struct {
		const char *name;
		bool pin, slot, aer, dpc, bandwidth;
		u32 accesses;
		bool by_message;
	} rows[] = {
		{ "PME", .pin = true, .accesses = 1 },
		{ "PME, no pin", .accesses = 1 },
		{ "PME and AER, no pin", .aer = true, .accesses = 2 },
		{ "PME and DPC, no pin", .dpc = true, .accesses = 2,
		  .by_message = true },
		{ "PME and a slot, no pin", .slot = true, .accesses = 2,
		  .by_message = true },
		{ "PME and a slot", .pin = true, .slot = true, .accesses = 3 },
		{ "PME, AER and a slot", .pin = true, .slot = true, .aer = true,
		  .accesses = 4 },
		{ "PME, DPC and a slot", .pin = true, .slot = true, .dpc = true,
		  .accesses = 4, .by_message = true },
		{ "PME, AER and bandwidth", .pin = true, .aer = true,
		  .bandwidth = true, .accesses = 4 },
		{ "PME, bandwidth and a slot", .pin = true, .slot = true,
		  .bandwidth = true, .accesses = 4, .by_message = true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = root_port_with(rows[i].pin, rows[i].slot,
						    rows[i].aer, rows[i].dpc);
		struct function *port;

		unit.row = rows[i].name;
		unit_begin();
		port = add_port(&shape);
		if (rows[i].bandwidth)
			unit_set(port, link_control(port), 2, 0x0040 | BANDWIDTH);
		unit_run(PCIQ_BUSMASTER);
		/* And nothing can interrupt: verify_run() looks. */
		expect_number(unit_count(WRITES(PORTS)) > 0, true);
		expect_number(unit_get(port, msi_control(port), 2) &
			      PCI_MSI_FLAGS_ENABLE, !rows[i].by_message);
		expect_between(unit_count(ALL(PORTS)), 1,
			       rows[i].by_message ? 4 : rows[i].accesses);
		if (!rows[i].by_message)
			expect_number(unit_count(ALL(PORTS)), rows[i].accesses);
	}
}

/* Where MSI-X is on, MSI cannot be. */
static void test_msix(void **state)
{
	struct function *port = add_port(&root_port);
	const u16 msix = 0xe0;

	(void)state;
	unit.host->bridge.native_dpc = false;	/* by message in any case */
	unit.quirks = true;			/* the model has no MSI-X */
	port->msix = msix;
	unit_set(port, msi_control(port), 2, 0x0080);
	unit_set(port, msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE | 7);
	config_put(port->writable, msix + PCI_MSIX_FLAGS, 2,
		   PCI_MSIX_FLAGS_ENABLE);
	unit_run(PCIQ_BUSMASTER);
	expect(WRITES(PORTS), W2(port, PCI_COMMAND, 0x0506),
	       W2(port, msix + PCI_MSIX_FLAGS, 7));
	expect_number(unit_count(ALL(PORTS)), 4);
	expect_number(unit_get(port, msix + PCI_MSIX_FLAGS, 2), 7);
}

/* Found as it should be: a register that was read is not written. */
static void test_nothing_on(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct shape shape = root_port_with(true, true, false, false);
	struct function *other = unit_bridge(NULL, 0x10, &shape, 2, 2);

	(void)state;
	unit_set(port, PCI_COMMAND, 2, 0x0406);
	unit_set(other, root_control(other), 2, 0x0010);
	unit_run(PCIQ_BUSMASTER);
	expect_none(WRITES_OF(PORTS, port));
	/* Except what is not read: it keeps its value. */
	expect(WRITES_OF(PORTS, other), W2(other, root_control(other), 0x0010));
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
}

/* What firmware owns, and has on, is not Linux's to write: by message. */
static void test_owned_by_firmware(void **state)
{
	static const struct {
		const char *name;
		struct pci_host_bridge owns;
	} owners[] = {
		{ "nothing is Linux's", { } },
		{ "AER is", { .native_aer = true } },
		{ "DPC is", { .native_dpc = true } },
		{ "hotplug is", { .native_pcie_hotplug = true } },
		{ "PME is", { .native_pme = true } },
		{ "all but AER is", { .native_dpc = true, .native_pme = true,
		  .native_pcie_hotplug = true } },
		{ "all but PME is", { .native_dpc = true, .native_aer = true,
		  .native_pcie_hotplug = true } },
		{ "all but hotplug is", { .native_dpc = true,
		  .native_pme = true, .native_aer = true } },
		{ "all but DPC is", { .native_pcie_hotplug = true,
		  .native_pme = true, .native_aer = true } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		struct function *port;

		unit.row = owners[i].name;
		unit_begin();
		port = add_port(&root_port);
		unit.host->bridge = owners[i].owns;
		unit_run(PCIQ_BUSMASTER);
		expect(ALL_WRITES, W2(port, PCI_COMMAND, 0x0506),
		       W2(port, msi_control(port), 0x0080));
	}
}

/* One source each, and the same with firmware as its owner. */
static void test_one_source_each(void **state)
{
	static const struct {
		const char *name;
		bool slot, aer, dpc, pme;
	} rows[] = {
		{ "hotplug", .slot = true },
		{ "AER", .aer = true },
		{ "DPC", .dpc = true },
		{ "PME", .pme = true },
	};
	struct shape shape = root_port_with(true, true, true, true);
	size_t i;
	bool native;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t k = i / 2;
		struct function *port;
		u16 reg;

		native = i % 2;
		unit.row = rows[k].name;
		unit_begin();
		shape.slot = rows[k].slot;
		shape.hotplug = rows[k].slot;
		shape.aer = rows[k].aer;
		shape.dpc = rows[k].dpc;
		port = unit_bridge(NULL, 8, &shape, 1, 1);
		unit.host->bridge.native_aer = native && rows[k].aer;
		unit.host->bridge.native_dpc = native && rows[k].dpc;
		unit.host->bridge.native_pme = native && rows[k].pme;
		unit.host->bridge.native_pcie_hotplug = native && rows[k].slot;
		unit_set(port, msi_control(port), 2, 0x0081);
		reg = rows[k].slot ? slot_control(port) :
		      rows[k].aer ? root_command(port) :
		      rows[k].dpc ? dpc_control(port) : root_control(port);
		unit_set(port, reg, 2, rows[k].slot ? 0x0028 :
			 rows[k].aer ? 0x0001 : 0x0008);
		unit_run(PCIQ_BUSMASTER);
		if (native)
			expect(ALL_WRITES, W2(port, reg,
					      rows[k].slot ? 0x0008 : 0));
		else
			expect(ALL_WRITES, W2(port, PCI_COMMAND, DISABLED |
					      PCI_COMMAND_MASTER),
			       W2(port, msi_control(port), 0x0080));
	}
}

/* What firmware owns and has off is no source: the port is not even read. */
static void test_firmware_has_it_off(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	(void)state;
	memset(&unit.host->bridge, 0, sizeof(unit.host->bridge));
	unit_run(PCIQ_BUSMASTER);
	expect_none(ALL(PORTS));
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
}

/* A slot without a hotplug controller interrupts for nothing. */
static void test_slot_without_hotplug(void **state)
{
	struct shape shape = root_port_with(true, true, false, false);
	struct function *port;

	(void)state;
	shape.hotplug = false;
	port = unit_bridge(NULL, 8, &shape, 1, 1);
	unit.host->bridge.native_pme = false;
	unit_run(PCIQ_BUSMASTER);
	expect_none(OF(PORTS, port));
}

/* Bandwidth notifications are nobody's: of those ports that had them on. */
static void test_bandwidth(void **state)
{
	static const u16 bits[] = { 0, PCI_EXP_LNKCTL_LBMIE,
				    PCI_EXP_LNKCTL_LABIE };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		struct function *port;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		memset(&unit.host->bridge, 0, sizeof(unit.host->bridge));
		unit_set(port, link_control(port), 2, 0x0140 | bits[i]);
		unit_run(PCIQ_BUSMASTER);
		if (bits[i])
			expect(ALL_WRITES, W2(port, link_control(port), 0x0140));
		else
			expect_none(OF(PORTS, port));
	}
}

/* Upstream ports and bridges to PCI have no sources, downstream ports some. */
static void test_other_bridges(void **state)
{
	struct shape with_slot = downstream_port;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 4);
	struct function *to_pci, *down, *pci;

	(void)state;
	with_slot.slot = true;
	with_slot.hotplug = true;
	with_slot.pin = 1;
	down = unit_bridge(up, 0, &with_slot, 3, 3);
	to_pci = unit_bridge(up, 8, &pcie_to_pci, 4, 4);
	pci = unit_bridge(NULL, 0x10, &pci_bridge, 5, 5);
	unit_set(down, slot_control(down), 2, 0x1039);
	unit_run(PCIQ_BUSMASTER);
	expect_set(WRITES(PORTS), W2(down, slot_control(down), 0x1019),
		   W2(port, root_control(port), 0));
	expect_none(OF(PORTS, up));
	expect_none(OF(PORTS, to_pci));
	expect_none(OF(PORTS, pci));
}

/* AER and PME interrupt at a root port; below it those registers mean nothing. */
static void test_no_root_registers_below(void **state)
{
	struct shape with_aer = downstream_port;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down;

	(void)state;
	with_aer.aer = true;
	down = unit_bridge(up, 0, &with_aer, 3, 3);
	unit_run(PCIQ_BUSMASTER);
	expect_none(OF(PORTS, down));
}

/* Extended config space is out of sight: what is there may be on. */
static void test_cf8(void **state)
{
	struct function *port, *up, *pci;

	(void)state;
	unit.host->window = PCIQ_CF8;
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	up = unit_bridge(port, 0, &upstream_port, 2, 2);
	pci = unit_bridge(NULL, 0x10, &pci_bridge, 3, 3);
	unit_set(port, msi_control(port), 2, 0x0081);
	unit_set(up, msi_control(up), 2, 0x0081);
	unit_run(PCIQ_BUSMASTER);
	expect_set(ALL_WRITES, W2(port, msi_control(port), 0x0080),
		   W2(up, msi_control(up), 0x0080));
	expect_none(OF(PORTS, pci));
}

/* It could not be read as the snapshot was taken: by message. */
static void test_asleep_at_snapshot(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);

	(void)state;
	unit_set(down, msi_control(down), 2, 0x0081);
	unit_set(down, link_control(down), 2, BANDWIDTH);
	topology_sleep_below(port);
	down->offline = true;
	up->offline = true;
	unit_snapshot();
	topology_wake_below(port);
	unit_crash();
	unit_go();
	expect(WRITES_OF(PORTS, down), W2(down, msi_control(down), 0x0080));
}

/* Responds to its identity, and then no more: nothing is written. */
static void test_no_response(void **state)
{
	struct shape shape = root_port_with(true, true, true, false);
	struct function *port = add_port(&shape);

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_set(port, port->pm + PCI_PM_CTRL, 2, 0);
	port->set = 1U << DIES;
	port->at = 3;		/* identity, power state */
	unit_run(PCIQ_BUSMASTER);
	expect_none(WRITES_OF(PORTS, port));
	expect_number(unit_count(OF(PORTS, port)), 1);
	expect_recorded(port, ABSENT, BY_NO_RESPONSE);
}

static void test_never_responds(void **state)
{
	struct function *port = add_port(&root_port);

	(void)state;
	port->set = 1U << DEAD;
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit_count(ALL_OF(port)), 1);
	expect_recorded(port, ABSENT, BY_NO_RESPONSE);
}

/* Their identity is not what it was: nothing at all. */
static void test_another_port(void **state)
{
	struct function *port = add_port(&root_port);

	(void)state;
	unit_snapshot();
	config_put(port->now, PCI_DEVICE_ID, 2, 0x1234);
	unit_crash();
	unit.quirks = true;	/* the model knows nothing of another port */
	unit_go();
	expect_none(ALL_WRITES);
	expect_number(unit_count(ALL_OF(port)), 1);
	expect_recorded(port, UNTOUCHED, BY_IDENTITY);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

static void test_excluded(void **state)
{
	struct function *port = add_port(&root_port);

	(void)state;
	unit_exclude(port);
	unit_run(PCIQ_BUSMASTER);
	expect_number(pciq_newest()->ops.nr, 0);
	expect_number(pciq_newest()->reset_ops.nr, 0);
	expect_none(ALL_OF(port));
	expect_recorded(port, EXCLUDED, BY_USER);
}

/* Deepest first, as functions; and functions before any port. */
static void test_order(void **state)
{
	struct shape with_slot = downstream_port;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down, *f;

	(void)state;
	with_slot.slot = true;
	with_slot.hotplug = true;
	with_slot.pin = 1;
	down = unit_bridge(up, 0, &with_slot, 3, 3);
	f = unit_add(NULL, 0x18, &integrated);
	unit_set(down, slot_control(down), 2, PCI_EXP_SLTCTL_HPIE);
	unit_run(PCIQ_BUSMASTER);
	expect(ALL_WRITES, W2(f, PCI_COMMAND, DISABLED),
	       W2(down, slot_control(down), 0),
	       W2(port, root_control(port), 0));
}

const struct CMUnitTest ports_tests[] = {
	UNIT(test_class_of_another),
	UNIT(test_by_source),
	UNIT(test_by_message),
	UNIT(test_fewer_accesses),
	UNIT(test_msix),
	UNIT(test_nothing_on),
	UNIT(test_owned_by_firmware),
	UNIT(test_one_source_each),
	UNIT(test_firmware_has_it_off),
	UNIT(test_slot_without_hotplug),
	UNIT(test_bandwidth),
	UNIT(test_other_bridges),
	UNIT(test_no_root_registers_below),
	UNIT(test_cf8),
	UNIT(test_asleep_at_snapshot),
	UNIT(test_no_response),
	UNIT(test_never_responds),
	UNIT(test_another_port),
	UNIT(test_excluded),
	UNIT(test_order),
};

const size_t nr_ports_tests = ARRAY_SIZE(ports_tests);

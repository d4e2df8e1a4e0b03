// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the crash path would take on real machines, on paper: simulated time,
 * nothing misbehaves but one refuser, config accesses take what one says.
 *
 * Root ports of 8 GT/s whose links train in 10 ms, four functions below each, all
 * of them mastering and with nothing pending.  One row of an rst table a line.
 */
#include <stdio.h>

#include "fabric.h"
#include "trial.h"

#define BELOW_A_PORT		4
#define PORTS_OF_SEGMENT	200
#define TRAIN_MS		10
#define BOOT_MS			50

/* prior-art: Indoh 2012, 5 ms and 500 ms for each port, one after the other. */
#define INDOH_MS		505
/* pci_bridge_secondary_bus_reset(): 2 ms, link training, 100 ms, for each. */
#define LINUX_MS		(2 + TRAIN_MS + 100)

static const struct shape port_shape = {
	.vendor = 0x8086, .device = 1, .class = 0x060400,
	.type = PCI_EXP_TYPE_ROOT_PORT, .speed = 3, .bridge = true,
	.link_active = true, .aer = true,
};

static const struct shape endpoint_shape = {
	.vendor = 0x8086, .device = 2, .class = 0x020000,
	.type = PCI_EXP_TYPE_ENDPOINT, .speed = 3, .pin = 1, .aer = true,
};

static u32 lay_out(u32 nr)
{
	struct function *port = NULL, *f;
	struct host *host = NULL;
	u32 ports = 0, below = BELOW_A_PORT;

	while (fabric.nr < nr) {
		if (below < BELOW_A_PORT) {
			f = build_function(host, port, port->now[PCI_SECONDARY_BUS],
					   below++, &endpoint_shape);
			f->boot_ns = BOOT_MS * NS_PER_MS;
			build_command(f, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY, 0);
			continue;
		}
		if (ports % PORTS_OF_SEGMENT == 0)
			host = build_host(ports / PORTS_OF_SEGMENT, 0, 255,
					  PCIQ_ECAM, true);
		port = build_function(host, NULL, 0, 8 + ports % PORTS_OF_SEGMENT,
				      &port_shape);
		port->link.train_ns = TRAIN_MS * NS_PER_MS;
		build_command(port, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY, 0);
		build_buses(port, 1 + ports % PORTS_OF_SEGMENT,
			    1 + ports % PORTS_OF_SEGMENT);
		ports++;
		below = 0;
	}
	return ports;
}

/* Milliseconds of simulated time. */
static double measure(u32 nr, u32 access_ns, unsigned int policy, bool refuser,
		      u32 *ports)
{
	struct pciq_run run = { 0 };
	u64 taken;

	build_reset(1);
	fabric.tsc_khz = 2000000;
	fabric.access_ns = access_ns;
	fabric.relax_ns = 1000;
	fabric.delay_ns = 0;
	pciq_memory.tsc_khz = fabric.tsc_khz;
	pciq_ctl.policy = policy;
	*ports = lay_out(nr);
	build_healthy();
	if (pciq_take_snapshot() || pciq_take_snapshot())
		return -1;
	if (refuser)
		fabric.functions[1]->set = 1U << STUCK_UNTIL_RESET;
	build_crash();
	fabric.policy = policy;
	fabric.source = PCIQ_FROM_NEWEST;
	fabric.headers_good = true;
	fabric.deadline = NEVER;
	fabric.end_of_time = NEVER;
	trial_engine(&run);
	taken = fabric.now - fabric.start;
	fabric.crashed = false;
	if (run.record->verdict != PCIQ_CLEAN)
		fprintf(stderr, "cost: verdict %u: %u of %u\n",
			run.record->verdict, run.record->quiet,
			run.record->total);
	memory_hide(NULL);
	pciq_release();
	return (double)taken / NS_PER_MS;
}

int main(void)
{
	static const u32 sizes[] = { 10, 200, 1000, 4000 };
	static const u32 access_ns[] = { 500, 1000, 2000 };
	u32 i, k, ports;

	printf("functions  us/access  no reset  one refuser  all links  Indoh, all   Linux, all\n");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (k = 0; k < ARRAY_SIZE(access_ns); k++) {
			double none = measure(sizes[i], access_ns[k],
					      PCIQ_ESCALATE, false,
					      &ports);
			double one = measure(sizes[i], access_ns[k],
					     PCIQ_ESCALATE, true,
					     &ports);
			double all = measure(sizes[i], access_ns[k],
					     PCIQ_RESET, false,
					     &ports);

			printf("%-9u  %-9.1f  %-8.2f  %-11.1f  %-9.1f  %-11u  %u\n",
			       sizes[i], access_ns[k] / 1000.0, none, one, all,
			       ports * INDOH_MS, ports * LINUX_MS);
		}
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* pciq.so: the record of kexec_pci_quiesce, as a command of crash. */
#include <crash/defs.h>

#include "draw/show-plan.h"
#include "draw/show.h"
#include "explain/names.h"
#include "explain/pcinames.h"

#include "dump.h"
#include "function.h"

static char *help_pciq[] = {
	"pciq",
	"PCI functions stopped before the crash kernel was started",
	"[-t] [-s] [-d address] ...",
	"  This command displays the record that kexec_pci_quiesce left in memory when",
	"  the kernel panicked.  Without an option: the verdict, a table of all PCI",
	"  functions, how those refused that did, what was tried, and which functions",
	"  may still write memory or interrupt.  No debug information of the module is",
	"  needed.",
	" ",
	"    -t  display when each step of the crash path began, and how long it took.",
	"    -s  display the snapshot that the crash path used: config windows, functions,",
	"        and the plan for each.  Before a panic, as on a live system, it is the",
	"        newest.",
	"    -d  display everything about one function; the address is that of lspci,",
	"        [dddd:]bb:dd.f, in hexadecimal.",
	" ",
	"  The words are explained in kexec-quiesce(1).",
	"\nEXAMPLES",
	"  The time of each step:\n",
	"    %s> pciq -t",
	" ",
	"    Step         began at us        took us",
	"    validate           0.000        390.530",
	"    disable          390.530       6784.719",
	"    ...",
	" ",
	"  One function:\n",
	"    %s> pciq -d 03:00.0",
	"       ADDRESS: 0000:03:00.0",
	"         CLASS: 020000 Ethernet controller",
	"        DEVICE: 8086:10d3 Intel Corporation 82574L Gigabit Network Connection",
	"          PORT: 0000:02:00.0",
	"       OUTCOME: quiet",
	"    ...",
	NULL
};

static void show_snapshot_head(const struct snapshot *snap)
{
	struct pciq_window window;
	unsigned int i;

	for (i = 0; i < snap->head.windows.nr; i++) {
		window = snapshot_window(snap, i);
		fprintf(fp, "Window: %s, domain %04x, buses %02x-%02x, phys 0x%llx\n",
			window.type == PCIQ_CF8 ? "cf8" : "ecam",
			window.domain, window.bus_start, window.bus_end,
			window.phys);
	}
	fprintf(fp, "Kernel: %s, taken in %u us\n\n",
		snap->head.record.release, snap->head.took_us);
}

/* The one that the record was made from; the newest if there is none. */
static bool read_snapshot(struct plan *plan, void **buf, const struct ctl *ctl,
			  const struct record *rec, struct complaint *why)
{
	bool other = rec && rec->head.source == PCIQ_FROM_OTHER;
	unsigned int newest = ctl->newest & 1;
	struct snapshot *snap = &plan->snap;

	if (dump_snapshot(snap, buf, ctl->slot[newest], why)) {
		if (!other ||
		    snap->head.record.generation == rec->head.generation)
			return true;
	} else if (!other) {
		return false;
	}
	free(*buf);
	return dump_snapshot(snap, buf, ctl->slot[!newest], why);
}

static void show_snapshot(const struct record *rec)
{
	struct plan plan = { 0 };
	struct complaint why;
	void *buf = NULL;
	struct ctl ctl;

	if (!dump_ctl(&ctl, &why) ||
	    !read_snapshot(&plan, &buf, &ctl, rec, &why)) {
		error(INFO, "%s\n", why.text);
		free(buf);
		return;
	}
	plan.policy = rec ? rec->head.policy : ctl.policy;
	if (plan.policy >= PCIQ_NR_POLICIES)
		plan.policy = PCIQ_ESCALATE;
	plan.in_force = plan.policy;
	show_snapshot_head(&plan.snap);
	plan_summary(fp, &plan);
	plan_list(fp, &plan);
	free(buf);
}

static void show_function(const struct record *rec, const char *address)
{
	unsigned int domain, bus, devfn, i;

	if (!function_parse(address, &domain, &bus, &devfn)) {
		error(INFO, "bad address \"%s\": [dddd:]bb:dd.f expected, in hexadecimal\n",
		      address);
		return;
	}
	i = function_find(rec, domain, bus, devfn);
	if (i == NO_ENTRY)
		error(INFO, "%s is none of the %u functions of the record\n",
		      address, rec->head.nr_entries);
	else
		function_show(fp, rec, i);
}

static void show_all(const struct record *rec)
{
	show_summary(fp, rec);
	show_table(fp, rec);
	show_refusers(fp, rec);
}

struct wanted {
	bool timing;
	bool snapshot;
	const char *address;
};

static void show(const struct wanted *wanted)
{
	struct complaint why;
	struct record rec;
	void *buf;

	if (!dump_record(&rec, &buf, &why)) {
		if (wanted->snapshot)
			show_snapshot(NULL);
		if (!wanted->snapshot || wanted->timing || wanted->address)
			error(INFO, "%s\n", why.text);
		free(buf);
		return;
	}
	if (!wanted->timing && !wanted->snapshot && !wanted->address)
		show_all(&rec);
	if (wanted->address)
		show_function(&rec, wanted->address);
	if (wanted->timing)
		show_steps(fp, &rec);
	if (wanted->snapshot)
		show_snapshot(&rec);
	free(buf);
	pci_names_close();
}

static void cmd_pciq(void)
{
	struct wanted wanted = { 0 };
	int c;

	while ((c = getopt(argcnt, args, "tsd:")) != EOF) {
		switch (c) {
		case 't':
			wanted.timing = true;
			break;
		case 's':
			wanted.snapshot = true;
			break;
		case 'd':
			wanted.address = optarg;
			break;
		default:
			argerrs++;
		}
	}
	if (argerrs || args[optind])
		cmd_usage(pc->curcmd, SYNOPSIS);
	show(&wanted);
}

static struct command_table_entry command_table[] = {
	{ "pciq", cmd_pciq, help_pciq, 0 },
	{ NULL }
};

static void __attribute__((constructor)) pciq_init(void)
{
	register_extension(command_table);
}

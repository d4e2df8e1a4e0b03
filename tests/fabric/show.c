// SPDX-License-Identifier: GPL-2.0-only
/*
 * One case in words, and many in numbers.
 */
#include "fabric.h"
#include "names.h"
#include "trial.h"

static const char *name(const struct names *names, u32 value)
{
	static char unknown[8][NAME_LEN];
	static unsigned int next;
	const char *text = name_of(names, value, unknown[next++ % 8]);

	return *text ? text : "-";
}

static const char *type_name(const struct function *f)
{
	switch (f->type) {
	case TYPE_ENDPOINT:
		return f->pf ? "vf" : f->vf ? "pf" : "endpoint";
	case TYPE_ROOT_PORT:
		return "root-port";
	case TYPE_UPSTREAM:
		return "upstream";
	case TYPE_DOWNSTREAM:
		return "downstream";
	case TYPE_PCI_BRIDGE:
		return "pcie-pci";
	case CONVENTIONAL:
		return f->bridge ? "pci-bridge" : "pci";
	default:
		return "rciep";
	}
}

static void describe_function(const struct function *f)
{
	u32 k;

	printf("%s %-10s %06x %04x:%04x below %s", function_name(f),
	       type_name(f), f->class, f->vendor, f->device,
	       f->pf ? function_name(f->pf) :
	       f->parent ? function_name(f->parent) : "-");
	printf(" pcie %02x aer %03x dpc %03x%s%s%s%s%s%s%s%s", f->pcie, f->aer,
	       f->dpc, f->fast ? " fast" : "", f->excluded ? " excluded" : "",
	       f->noreset ? " noreset" : "", f->offline ? " offline" : "",
	       f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET ? " no-bus-reset" : "",
	       f->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET ? " no-flr" : "",
	       f->pcie && config_flr_bit(f, f->pcie + PCI_EXP_DEVCTL) ?
		       " flr" : "",
	       f->af && config_flr_bit(f, f->af + PCI_AF_CTRL) ?
		       " af-flr" : "");
	for (k = OBEYS + 1; k < NR_BEHAVIOURS; k++)
		if (behaves(f, k))
			printf(" %s(at %u, %u us, %u ms, %x)",
			       behaviour_names[k], f->at, f->us, f->ms, f->lie);
	printf("\n");
}

/**
 * trial_describe() - print the machine and what is about to go wrong
 */
void trial_describe(void)
{
	u32 i;

	printf("policy %s deadline %u ms tsc %u kHz (really %u) source %s headers %s\n",
	       name(&policy_names, fabric.policy), pciq_memory.deadline_ms,
	       pciq_memory.tsc_khz, fabric.tsc_khz,
	       name(&source_names, fabric.source),
	       fabric.headers_good ? "good" : "bad");
	printf("oops at event %llu %s\n", (unsigned long long)fabric.escape_at,
	       fabric.escape_after ? "after it" : "before it");
	for (i = 0; i < fabric.nr_hosts; i++) {
		const struct host *host = fabric.hosts[i];

		printf("host %04x:%02x-%02x window %u native %u vmd %u faults at %u remapped %u\n",
		       host->domain, host->first, host->last, host->window,
		       host->bridge.native_aer, !!host->vmd, host->faults_at,
		       host->remapped);
	}
	for (i = 0; i < fabric.nr; i++)
		describe_function(fabric.functions[i]);
}

/**
 * trial_report() - print a record
 * @run: the run
 */
void trial_report(const struct pciq_run *run)
{
	const struct pciq_record *head = run->record;
	const struct pciq_entry *entry = (const void *)(head + 1);
	u32 i;

	printf("verdict %s: %u quiet of %u, %u us, %u reads, %u writes, %u faults, ",
	       name(&verdict_names, head->verdict), head->quiet, head->total,
	       head->microseconds, head->reads, head->writes, head->faults);
	printf("reset %u links %u functions, %u contained\n",
	       head->links_reset, head->functions_reset, head->ports_contained);
	for (i = 0; i < head->nr_entries; i++, entry++)
		printf("%04x:%02x:%02x.%x %s (%s) %04x %04x done %03x no_reset %s ready %u us\n",
		       entry->domain, entry->bus, entry->devfn >> 3,
		       entry->devfn & 7, name(&outcome_names, entry->outcome),
		       name(&reason_names, entry->reason), entry->command_before,
		       entry->command_after, entry->done,
		       name(&no_reset_names, entry->no_reset), entry->ready_us);
}

static void row(const char *title, const struct names *names,
		const u64 *counts, u32 nr)
{
	u32 i;

	printf("# %s:", title);
	for (i = 0; i < nr; i++)
		printf(" %s %llu", name(names, i),
		       (unsigned long long)counts[i]);
	printf("\n");
}

/**
 * trial_coverage() - print what cases have seen
 * @coverage: of all of them
 */
void trial_coverage(const struct coverage *coverage)
{
	u32 i, k;

	printf("# %llu functions, %llu accesses, %llu oopses\n",
	       (unsigned long long)coverage->functions,
	       (unsigned long long)coverage->accesses,
	       (unsigned long long)coverage->oopses);
	printf("# %llu functions reset by link, %llu alone\n",
	       (unsigned long long)coverage->resets[0],
	       (unsigned long long)coverage->resets[1]);
	printf("# accesses begun after the deadline, at most: %llu\n",
	       (unsigned long long)coverage->late);
	for (k = 0; k < NR_FINDINGS; k++)
		if (coverage->found[k])
			printf("# found %s: %llu cases, the first is seed %llu\n",
			       finding_names[k],
			       (unsigned long long)coverage->found[k],
			       (unsigned long long)coverage->first[k]);
	row("policies", &policy_names, coverage->policies,
	    PCIQ_NR_POLICIES);
	row("sources", &source_names, coverage->sources,
	    PCIQ_NR_SOURCES);
	row("outcomes", &outcome_names, coverage->outcomes,
	    PCIQ_NR_OUTCOMES);
	row("reasons", &reason_names, coverage->reasons,
	    PCIQ_NR_REASONS);
	row("no_reset", &no_reset_names, coverage->no_reset,
	    PCIQ_NR_NO_RESETS);
	row("verdicts", &verdict_names, coverage->verdicts,
	    PCIQ_NR_VERDICTS);
	printf("# %-22s", "cases with a function");
	for (i = 1; i < PCIQ_NR_VERDICTS; i++)
		printf(" %10s", name(&verdict_names, i));
	printf("\n");
	for (k = 0; k < NR_BEHAVIOURS; k++) {
		printf("# %-22s", behaviour_names[k]);
		for (i = 1; i < PCIQ_NR_VERDICTS; i++)
			printf(" %10llu",
			       (unsigned long long)coverage->met[k][i]);
		printf("\n");
	}
}

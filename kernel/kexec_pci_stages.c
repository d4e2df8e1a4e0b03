// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of the crash path, and what becomes of a fault in it.
 *
 * Each stage is counted before it begins: a fault costs the stage that it hits,
 * and those that are left follow, from whatever gets control after the fault
 * (module/hook.c, or the nested __crash_kexec()).
 */
#include <linux/smp.h>

#include "kexec_pci_internal.h"

enum pciq_stage {
	PCIQ_STAGE_RUN = 1,
	PCIQ_STAGE_RECOVER,
	PCIQ_STAGE_ABORT,
	PCIQ_STAGE_AFTER
};

/* Written by the CPU that starts the crash kernel, and no other. */
static enum pciq_stage pciq_stage;
static unsigned int pciq_cpu;

/* If nothing refused, and nothing is to be reset in any case, that was all. */
static __quiesce bool pciq_more_is_due(struct pciq_run *run)
{
	const struct pciq_snapshot *snapshot = run->snapshot;
	bool due = snapshot->always & 1U << run->policy;
	u32 i;

	for (i = 0; i < run->nr_funcs; i++)
		due |= pciq_may_master(pciq_entry(run, i));
	if (!due || run->policy < PCIQ_ESCALATE ||
	    snapshot->resets.nr != run->nr_funcs ||
	    !pciq_is_valid(run, (const void *)snapshot + snapshot->hot_bytes,
			   snapshot->total_bytes - snapshot->hot_bytes,
			   snapshot->cold_sum))
		return false;
	run->resets = pciq_table(snapshot, &snapshot->resets);
	run->restores = pciq_table(snapshot, &snapshot->restores);
	return true;
}

/**
 * pciq_run() - stop all PCI functions that can be stopped
 * @run: its content is not looked at
 *
 * @run->record is the record; NULL if the policy is off.
 *
 * Context: crash path: the other CPUs stopped, interrupts off.  Takes no lock,
 * does not allocate or print.
 */
__quiesce void pciq_run(struct pciq_run *run)
{
	if (!pciq_begin(run))
		return;
	if (run->record->source == PCIQ_FROM_SCAN)
		pciq_scan(run);
	/*
	 * Endpoints before ports: HPE's crash kernels of 2019 died of the
	 * reverse.
	 */
	pciq_begin_step(run, PCIQ_STEP_DISABLE);
	pciq_disable_functions(run);
	pciq_begin_step(run, PCIQ_STEP_PORTS);
	pciq_apply_ops(run, &run->snapshot->ops, 0);
	if (pciq_more_is_due(run)) {
		pciq_reset_refused(run);
		pciq_begin_step(run, PCIQ_STEP_CONTAIN);
		pciq_contain(run);
		pciq_begin_step(run, PCIQ_STEP_UNDO);
		pciq_undo_ops(run);
	}
	pciq_finish(run, PCIQ_CLEAN);
}

/**
 * pciq_recover() - end the resets that are under way after a fault
 * @run: the run that pciq_run() did not return from
 *
 * An oops that prints itself to a serial line takes seconds, so the deadline
 * counts anew.  Not after a machine check, see pciq_abort().
 *
 * Context: crash path.
 */
__quiesce void pciq_recover(struct pciq_run *run)
{
	if (!run->resets || pciq_arch_machine_check())
		return;
	pciq_set_deadline(run);
	pciq_release_links(run);
	pciq_wait_ready(run);
}

/**
 * pciq_abort() - undo what is left, and complete the record, after a fault
 * @run: the run that pciq_run() did not return from
 *
 * A second machine check while MCIP is set shuts the processor down (Intel SDM
 * volume 3, IA32_MCG_STATUS), and the first may be the response to a config
 * access.  So after one, links are released, as all below would be lost to the
 * crash kernel, and nothing else is done.
 *
 * Context: crash path.
 */
__quiesce void pciq_abort(struct pciq_run *run)
{
	if (!run->record)
		return;
	if (run->resets) {
		/* A second fault may have hit pciq_recover(). */
		pciq_release_links(run);
		if (!pciq_arch_machine_check())
			pciq_undo_ops(run);
	}
	pciq_finish(run, PCIQ_ABORTED);
}

/* Before it begins: whatever happens in it, it is not repeated. */
static __quiesce bool pciq_enter(enum pciq_stage stage)
{
	if (READ_ONCE(pciq_stage) >= stage)
		return false;
	WRITE_ONCE(pciq_stage, stage);
	barrier();
	return true;
}

/**
 * pciq_continue() - carry out the stages that are left
 *
 * Context: crash path.
 * Return: true if every function is known to be quiet.
 */
__quiesce bool pciq_continue(void)
{
	struct pciq_run *run = &pciq_crash_run;

	WRITE_ONCE(pciq_cpu, raw_smp_processor_id());
	if (pciq_enter(PCIQ_STAGE_RUN)) {
		pciq_run(run);
		pciq_enter(PCIQ_STAGE_ABORT);
	}
	if (pciq_enter(PCIQ_STAGE_RECOVER))
		pciq_recover(run);
	if (pciq_enter(PCIQ_STAGE_ABORT))
		pciq_abort(run);
	pciq_enter(PCIQ_STAGE_AFTER);
	return run->record && run->record->verdict == PCIQ_CLEAN;
}

/**
 * pciq_reenter() - after a fault or panic inside the crash path, continue
 *
 * Context: any.
 * Return: 0 on the CPU that was in it; -EINVAL, with nothing done, on any other
 * CPU, and once all stages are over.
 */
__quiesce int pciq_reenter(void)
{
	if (!READ_ONCE(pciq_stage) || READ_ONCE(pciq_stage) >= PCIQ_STAGE_AFTER ||
	    READ_ONCE(pciq_cpu) != raw_smp_processor_id())
		return -EINVAL;
	pciq_continue();
	return 0;
}

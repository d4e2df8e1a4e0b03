// SPDX-License-Identifier: GPL-2.0-only
/* What of a machine can be reset, and why not. */
#include <stdio.h>

#include "explain/names.h"
#include "machines.h"

static bool is_by_express(const struct function *f,
			  const struct pciq_reset *reset)
{
	return f->pcie && reset->flr_reg == f->pcie + PCI_EXP_DEVCTL;
}

/* As pci_pm_reset(). */
static bool is_lost_in_d3hot(const struct function *f)
{
	return f->pm && !(config_get(f->now, f->pm + PCI_PM_CTRL, 2) &
			  PCI_PM_CTRL_NO_SOFT_RESET);
}

static void count(struct census *census, const struct function *f,
		  const struct pciq_reset *reset)
{
	census->live++;
	if (reset->method == PCIQ_RESET_LINK) {
		census->by_link++;
	} else if (reset->method == PCIQ_RESET_FLR && is_by_express(f, reset)) {
		census->by_flr++;
	} else if (reset->method == PCIQ_RESET_FLR) {
		census->by_af++;
	} else {
		census->by_none[reset->no_reset]++;
		census->by_pm += is_lost_in_d3hot(f);
	}
}

/**
 * census_take() - look at the machine that is being simulated
 * @census: filled in from its newest snapshot
 */
void census_take(struct census *census)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	const struct pciq_func *funcs = pciq_table(snapshot, &snapshot->funcs);
	const struct pciq_reset *resets = pciq_table(snapshot, &snapshot->resets);
	u32 i;

	*census = (struct census) { .functions = fabric.nr };
	for (i = 0; i < fabric.nr; i++) {
		const struct function *f = fabric.functions[i];
		const struct pciq_func *func = pci_captured(snapshot, f);

		if (!f->bridge && f->made_master && func)
			count(census, f, &resets[func - funcs]);
	}
}

/**
 * census_add() - put machines together
 * @to: added to
 * @census: what is added
 */
void census_add(struct census *to, const struct census *census)
{
	u32 i;

	to->functions += census->functions;
	to->live += census->live;
	to->by_link += census->by_link;
	to->by_flr += census->by_flr;
	to->by_af += census->by_af;
	to->by_pm += census->by_pm;
	for (i = 0; i < PCIQ_NR_NO_RESETS; i++)
		to->by_none[i] += census->by_none[i];
}

/**
 * census_resettable() - how many live functions can be reset
 * @census: of one machine, or more
 *
 * Return: their number.
 */
u32 census_resettable(const struct census *census)
{
	return census->by_link + census->by_flr + census->by_af;
}

/**
 * census_reasons() - why live functions cannot be reset
 * @census: of one machine, or more
 *
 * Return: no-reset reasons with their numbers, valid until the next call.
 */
const char *census_reasons(const struct census *census)
{
	static char text[512];
	char buf[NAME_LEN];
	u32 i, len = 0;

	text[0] = '\0';
	for (i = 0; i < PCIQ_NR_NO_RESETS; i++)
		if (census->by_none[i])
			len += snprintf(text + len, sizeof(text) - len,
					"%s%u %s", len ? ", " : "",
					census->by_none[i],
					name_of(&no_reset_names, i, buf));
	return text;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions, ports and windows that do not behave.
 *
 * What belongs to a register or a reset is done where that is modelled; here is
 * what happens when the engine asks.
 */
#include "fabric.h"

const char *const behaviour_names[NR_BEHAVIOURS] = {
	[OBEYS] = "obeys",
	[STUCK_UNTIL_RESET] = "stuck-until-reset",
	[STUCK] = "stuck",
	[LIES_ABOUT_BME] = "lies-about-bme",
	[RESTARTS] = "restarts",
	[NEVER_DRAINS] = "never-drains",
	[PENDS_FOREVER] = "pends-forever",
	[DRAINS_LATE] = "drains-late",
	[DEAD] = "dead",
	[DIES] = "dies",
	[MUTE] = "mute",
	[HANGS] = "hangs",
	[LIES_ONCE] = "lies-once",
	[FAULTS_ONCE] = "faults-once",
	[FAULTS] = "faults",
	[BACK_LATE] = "back-late",
	[RETRIES] = "retries",
	[NEVER_BACK] = "never-back",
	[IGNORES_FLR] = "ignores-flr",
	[IGNORES_SBR] = "ignores-sbr",
	[KEEPS_SBR] = "keeps-sbr",
	[LINK_SLOW] = "link-slow",
	[LINK_NEVER] = "link-never",
	[TRIGGERS_DPC] = "triggers-dpc",
	[TRIGGERS_DPC_AT_RESET] = "triggers-dpc-at-reset",
	[GOES_DOWN] = "goes-down",
	[WAKES] = "wakes",
	[BANDWIDTH_BLOCKS] = "bandwidth-blocks",
	[PTM_HANGS] = "ptm-hangs",
};

/* Which of PCI's rules the end of a Root Complex follows for RRS (2.3.1). */
#define RRS_VENDOR	0x0001

/**
 * behaviour_begin() - the machine crashes: what lasts begins
 * @f: the function
 */
void behaviour_begin(struct function *f)
{
	if (behaves(f, DEAD))
		f->dead = true;
	if (behaves(f, WAKES)) {
		f->asleep = false;
		f->active = !f->idle;
		f->now[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	}
	if (behaves(f, STUCK) || behaves(f, STUCK_UNTIL_RESET)) {
		f->now[PCI_COMMAND] |= PCI_COMMAND_MASTER;
		f->active = !f->bridge && !f->idle;
	}
	if (behaves(f, NEVER_DRAINS) || behaves(f, PENDS_FOREVER))
		f->pending_until = NEVER;
	else if (behaves(f, DRAINS_LATE))
		f->pending_until = fabric.now + f->us * NS_PER_US;
}

static void happen(struct function *f)
{
	if (f->accesses != f->at)
		return;
	if (behaves(f, DIES))
		f->dead = true;
	if (behaves(f, TRIGGERS_DPC)) {
		f->odd_events = true;
		link_contain(f);
	}
	if (behaves(f, GOES_DOWN))
		link_go_down(f);
}

/**
 * behaviour_on_access() - the engine asks a function
 * @f: the function
 * @write: it writes
 *
 * Return: whether it answers.
 */
enum answer behaviour_on_access(struct function *f, bool write)
{
	f->accesses++;
	f->reads += !write;
	if (f->asleep)
		oracle_sleeper(f);
	if (behaves(f, HANGS))
		arch_pass(f->us * NS_PER_US);
	happen(f);
	if (behaves(f, FAULTS) && f->accesses >= f->at)
		return DOES_FAULT;
	if (behaves(f, FAULTS_ONCE) && f->accesses == f->at)
		return DOES_FAULT;
	if (behaves(f, MUTE) && f->accesses >= f->at)
		return IS_SILENT;
	return link_reaches(f) ? ANSWERS : IS_SILENT;
}

static void note_lie(struct function *f, u16 reg, u32 truth, u32 told)
{
	f->lied = true;
	if (reg == PCI_COMMAND && truth & ~told & PCI_COMMAND_MASTER)
		f->hid = true;
}

/**
 * behaviour_on_read() - what a function says instead
 * @f: the function
 * @reg: register
 * @size: bytes
 * @value: what it should say
 *
 * Return: what it says.
 */
u32 behaviour_on_read(struct function *f, u16 reg, unsigned int size, u32 value)
{
	u32 ones = size == 2 ? 0xffff : ~0U;

	/* Only a read of both IDs gets to see it; others wait, then time out. */
	if (fabric.now < f->rrs_until)
		return reg == PCI_VENDOR_ID ? (ones & ~0xffffU) | RRS_VENDOR :
					      ones;
	if (!behaves(f, LIES_ONCE) || f->reads != f->at)
		return value;
	if (f->lie == ~0U)
		return ones;
	note_lie(f, reg, value, (value ^ f->lie) & ones);
	return (value ^ f->lie) & ones;
}

/**
 * behaviour_is_mute() - whether the last writes to a function went nowhere
 * @f: the function
 *
 * Nothing shows that, if it was not read since.
 *
 * Return: true if so.
 */
bool behaviour_is_mute(const struct function *f)
{
	return behaves(f, MUTE) && f->accesses >= f->at;
}

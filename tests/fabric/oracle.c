// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a run did to the machine, judged by the state of the machine.
 *
 * Nothing here knows how the engine decides: no class list, no plan, no flag of
 * a snapshot.  It knows from the specifications what lets a function write
 * memory or interrupt, what a driver finds when it probes, and what was seen of
 * a function that was reset.  Of the record it reads the verdict, and whether a
 * function is reported quiet.
 *
 * What differs between machines and is documented nowhere is chosen for each
 * case: whether a request to what has no power is ever completed, whether Bus
 * Master Enable of a VMD endpoint governs what is behind it, who owns DPC,
 * whether a port forwards with its Bus Master Enable off.
 */
#include "fabric.h"

#define SLOT_ENABLES	(PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PFDE | \
			 PCI_EXP_SLTCTL_MRLSCE | PCI_EXP_SLTCTL_PDCE | \
			 PCI_EXP_SLTCTL_CCIE | PCI_EXP_SLTCTL_DLLSCE)
#define ROOT_ERRORS	(PCI_ERR_ROOT_CMD_COR_EN | \
			 PCI_ERR_ROOT_CMD_NONFATAL_EN | \
			 PCI_ERR_ROOT_CMD_FATAL_EN)
#define DECODE		(PCI_COMMAND_IO | PCI_COMMAND_MEMORY)

/* Slow, or harmed by what should not be done to them: they work as they should. */
static const u32 harmless = 1U << OBEYS | 1U << BANDWIDTH_BLOCKS |
			 1U << PTM_HANGS | 1U << TRIGGERS_DPC_AT_RESET;

const char *const finding_names[NR_FINDINGS] = {
	[MASTERS] = "masters",
	[MASTERS_CLASS] = "masters-class",
	[MASTERS_BEHIND_VMD] = "masters-behind-vmd",
	[MASTERS_UNWRITTEN] = "masters-unwritten",
	[INTERRUPTS] = "interrupts",
	[PORT_INTERRUPTS] = "port-interrupts",
	[LOSES_BME] = "loses-bme",
	[LOSES_ADDRESS] = "loses-address",
	[LOSES_LINK] = "loses-link",
	[LOSES_LINK_TO_DPC] = "loses-link-to-dpc",
	[LOSES_LINK_TRAINING] = "loses-link-training",
	[LOSES_REGISTERS] = "loses-registers",
	[UNDUE_RESET] = "undue-reset",
	[UNDUE_RESET_PENDING] = "undue-reset-pending",
	[UNDUE_RESET_STOPPED] = "undue-reset-stopped",
	[UNDUE_RESET_ASLEEP] = "undue-reset-asleep",
	[UNDUE_CLOSE] = "undue-close",
	[SLEEP_READ] = "sleep-read",
};

static void found(enum finding what, const struct function *f,
		  const char *text)
{
	fabric.found |= 1U << what;
	broken(f, "%s: %s", finding_names[what], text);
	if (fabric.trace)
		printf("%12llu FOUND %s: %s %s\n",
		       (unsigned long long)fabric.now, finding_names[what],
		       f ? function_name(f) : "-", text);
}

static u16 word(const struct function *f, u32 reg)
{
	return config_get(f->now, reg, 2);
}

static bool works(const struct function *f)
{
	return !(f->set & ~harmless) && !f->dead && !f->gone && !f->lost;
}

static bool has_working_path(const struct function *f)
{
	const struct function *port;

	if (f->pf && !works(f->pf))
		return false;
	for (port = f->parent; port; port = port->parent)
		if (!works(port))
			return false;
	return !f->host->vmd || works(f->host->vmd);
}

/* === Who can write memory, or interrupt === */

/*
 * No register shows it: a read was falsified, or never said what is so; or the
 * capability that does could not be read.
 */
static bool is_hidden(const struct function *f)
{
	return behaves(f, LIES_ABOUT_BME) || f->hid ||
	       (f->offline && behaves(f, MUTE)) ||
	       dma_is_hidden(f);
}

/*
 * INTx is a message of its own, which Bus Master Enable does not govern
 * (7.5.1.1.3), at the function or above it.  That INTx Disable has no effect is
 * known of some devices, and not to a walk.
 */
static bool asserts_intx(const struct function *f)
{
	return f->uses_intx && !f->asleep && !was_reset(f) && !fabric.raw &&
	       !(f->told && f->told->done & PCIQ_DID_RESET && !shows_reset(f)) &&
	       link_reaches(f) &&
	       (f->intx_broken ||
		!(word(f, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE));
}

/* Sources of a port: 6.7.3.4, 6.1.6, 7.8.4.9, 6.2.11.1, 7.5.3.7. */
static bool has_source(const struct function *port)
{
	u16 cap = port->pcie;

	if (!cap)
		return false;
	if (word(port, cap + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_SLOT &&
	    word(port, cap + PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_HPIE &&
	    word(port, cap + PCI_EXP_SLTCTL) & SLOT_ENABLES)
		return true;
	if (port->dpc && word(port, port->dpc + PCI_EXP_DPC_CTL) &
				 PCI_EXP_DPC_CTL_INT_EN)
		return true;
	if ((port->type == TYPE_ROOT_PORT || port->type == TYPE_DOWNSTREAM) &&
	    word(port, cap + PCI_EXP_LNKCTL) &
		    (PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE))
		return true;
	if (port->type != TYPE_ROOT_PORT)
		return false;
	return word(port, cap + PCI_EXP_RTCTL) & PCI_EXP_RTCTL_PMEIE ||
	       (port->aer && word(port, port->aer + PCI_ERR_ROOT_COMMAND) &
				     ROOT_ERRORS);
}

/**
 * oracle_port_can_interrupt() - whether a port can send an interrupt of its own
 * @port: the port
 *
 * An MSI is a memory write, and needs Bus Master Enable; else it is INTx.
 *
 * Return: true if so.
 */
bool oracle_port_can_interrupt(const struct function *port)
{
	u16 command = word(port, PCI_COMMAND);

	if (port->asleep || !link_reaches(port) || !has_source(port))
		return false;
	if (config_msi_is_on(port) || config_msix_is_on(port))
		return command & PCI_COMMAND_MASTER;
	return port->initial[PCI_INTERRUPT_PIN] &&
	       !(command & PCI_COMMAND_INTX_DISABLE);
}

static enum finding kind_of_master(const struct function *f)
{
	if (!fabric.writes)
		return MASTERS_UNWRITTEN;
	if (f->host->vmd)
		return MASTERS_BEHIND_VMD;
	return f->excluded ? MASTERS_CLASS : MASTERS;
}

static bool is_reported_quiet(const struct function *f)
{
	return f->told && (f->told->outcome == PCIQ_QUIET ||
			   f->told->outcome == PCIQ_ALREADY_QUIET ||
			   f->told->outcome == PCIQ_WAS_RESET);
}

static void judge_quiet(const struct function *f, bool clean)
{
	if (is_hidden(f) || !(clean || is_reported_quiet(f)))
		return;
	if (dma_masters(f) && (clean || dma_gate_is_open(f)))
		found(kind_of_master(f), f, "can write memory");
	if (!f->bridge && !f->lied && asserts_intx(f))
		found(INTERRUPTS, f, "can assert INTx");
	if (f->bridge && clean && !f->lied && !behaviour_is_mute(f) &&
	    oracle_port_can_interrupt(f))
		found(PORT_INTERRUPTS, f, "can interrupt");
}

/* === Who is worse off than at the panic === */

/**
 * oracle_begin() - the panic: what works?
 */
void oracle_begin(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		f->worked = works(f) && has_working_path(f) && link_reaches(f);
	}
}

static bool addresses_differ(const struct function *f)
{
	u32 first = PCI_BASE_ADDRESS_0, last = PCI_BASE_ADDRESS_5 + 2, reg;

	if (f->bridge)
		first = PCI_PRIMARY_BUS, last = PCI_SUBORDINATE_BUS;
	for (reg = first; reg <= last; reg += 2)
		if (config_get(f->before, reg, 2) != word(f, reg))
			return true;
	return (config_get(f->before, PCI_COMMAND, 2) ^ word(f, PCI_COMMAND)) &
	       DECODE;
}

static enum finding kind_of_loss(const struct function *f)
{
	const struct function *port;

	for (port = f->parent; port; port = port->parent) {
		if (port->link.blocked)
			return LOSES_LINK_TRAINING;
		if (port->dpc && word(port, port->dpc + PCI_EXP_DPC_STATUS) &
					 PCI_EXP_DPC_STATUS_TRIGGER)
			return LOSES_LINK_TO_DPC;
	}
	return LOSES_LINK;
}

/*
 * A walk knows no drivers.  A VF is gone with a reset of its PF, whose driver
 * in the next kernel has none.
 */
static void judge_worse(const struct function *f)
{
	if (!f->worked || f->pf || is_out_of_reach(f))
		return;
	if (f->hung)
		found(LOSES_REGISTERS, f, "was reset with PTM on");
	else if (!link_reaches(f))
		found(kind_of_loss(f), f, "answered at the panic, and does not");
	else if (addresses_differ(f))
		found(LOSES_ADDRESS, f, "addresses or decode have changed");
	else if (f->needs_bme && !fabric.raw &&
		 config_get(f->before, PCI_COMMAND, 2) &
			 ~word(f, PCI_COMMAND) & PCI_COMMAND_MASTER)
		found(LOSES_BME, f, "its driver never sets Bus Master Enable");
}

/* === What was called for === */

/* A port that is not to be touched cannot be asked for its power state. */
static bool is_below_excluded(const struct function *f)
{
	for (f = f->parent; f; f = f->parent)
		if (f->named)
			return true;
	return false;
}

/**
 * is_known_sleeper() - whether a port says that a function has no power
 * @f: the function
 *
 * And a request gets as far as that port. One that did not respond, or whose page of
 * the window shows something else, cannot say so.
 *
 * Return: true if so.
 */
bool is_known_sleeper(const struct function *f)
{
	const struct function *port, *sleeping = NULL;

	for (port = f->parent; port; port = port->parent) {
		if (port->silent || port->lied || port->remapped)
			return false;
		if (link_is_asleep(port))
			sleeping = port;
	}
	if (sleeping)
		return link_reaches(sleeping);
	return is_own_sleeper(f) && !fabric.raw;
}

/**
 * oracle_answer() - the engine has been shown a register
 * @f: the function
 * @reg: register
 * @size: bytes
 * @value: what it read
 */
void oracle_answer(struct function *f, u16 reg, unsigned int size, u32 value)
{
	/* A VF has no ID of its own (SR-IOV 9.3.4.1.1). */
	if (f->pf && reg == PCI_VENDOR_ID)
		return;
	if (size == 2 || reg == PCI_COMMAND ? (u16)value == 0xffff :
					      value == ~0U) {
		oracle_fault(f);
		return;
	}
	f->unseen = false;
	if (reg == PCI_COMMAND && f->gated && value & PCI_COMMAND_MASTER)
		f->refused = true;
}

/**
 * oracle_fault() - a read has not been answered, or an access has faulted
 * @f: by this function
 */
void oracle_fault(struct function *f)
{
	bool asleep = f->asleep && !is_below_excluded(f) && is_known_sleeper(f);

	f->stopped |= !asleep && !f->offline;
}

/**
 * oracle_sleeper() - the engine asks what has no power
 * @f: the function
 */
void oracle_sleeper(const struct function *f)
{
	if (fabric.sleep_hangs && !is_below_excluded(f) && is_known_sleeper(f))
		found(SLEEP_READ, f, "the request is never completed");
}

typedef bool cause(const struct function *f);

static bool refused(const struct function *f)
{
	return f->refused || f->named_reset;
}

/*
 * Whether read, or not even reached, after a reset; or its answer was falsified.  Of
 * a VF's own FLR no register shows that it is not restored yet.
 */
static bool refused_or_stopped(const struct function *f)
{
	return refused(f) || f->stopped || f->lied || f->unseen ||
	       (f->pf && f->flrs) ||
	       (was_reset(f) && (!link_reaches(f) || addresses_differ(f) ||
				 fabric.now < f->rrs_until));
}

static bool is_pending(const struct function *f)
{
	return fabric.now < f->pending_until;
}

static bool is_asleep(const struct function *f)
{
	return f->asleep;
}

static bool any_vf(const struct function *f, cause *cause)
{
	for (f = f->vf; f; f = f->sibling)
		if (cause(f))
			return true;
	return false;
}

/* Of a port, what is below it; of a function, itself and its VFs as well. */
static bool any(const struct function *f, cause *cause)
{
	const struct function *child;

	if (!f->bridge && (cause(f) || any_vf(f, cause)))
		return true;
	for (child = f->child; child; child = child->sibling)
		if (cause(child) || any(child, cause))
			return true;
	return false;
}

/* With all that is below it. */
static bool is_named(const struct function *f)
{
	for (; f; f = f->parent)
		if (f->named_reset)
			return true;
	return false;
}

/* Whether or not the reset has an effect. */
static void lose_sight(struct function *f)
{
	struct function *vf, *child;

	f->unseen = true;
	for (vf = f->vf; vf; vf = vf->sibling)
		vf->unseen = true;
	for (child = f->child; child; child = child->sibling)
		lose_sight(child);
}

/**
 * oracle_reset() - the engine resets a function, or a link
 * @f: the function; the port above the link
 */
void oracle_reset(struct function *f)
{
	lose_sight(f);
	f->unseen = !f->bridge;
	if (fabric.policy == PCIQ_RESET || is_named(f) ||
	    any(f, refused))
		return;
	found(any(f, is_asleep) ? UNDUE_RESET_ASLEEP :
	      any(f, refused_or_stopped) ? UNDUE_RESET_STOPPED :
	      any(f, is_pending) ? UNDUE_RESET_PENDING : UNDUE_RESET, f,
	      "reset, and nothing refused");
}

/**
 * oracle_close() - the engine clears Bus Master Enable of a port
 * @port: the port
 */
void oracle_close(const struct function *port)
{
	if (!was_reset(port) && !port->lied && !any(port, refused_or_stopped))
		found(UNDUE_CLOSE, port, "closed, and nothing refused below");
}

/**
 * oracle_judge() - hold a run against the machine
 * @head: its record
 */
void oracle_judge(const struct pciq_record *head)
{
	bool clean = head->verdict == PCIQ_CLEAN;
	u32 i;

	for (i = 0; i < fabric.nr; i++)
		if (!fabric.escaped)
			judge_quiet(fabric.functions[i], clean);
	/* Waits that are wrong, or cut short, bring nothing back. */
	if (fabric.escaped || !fabric.strict_time || !ended_in_time() ||
	    something_hangs())
		return;
	for (i = 0; i < fabric.nr; i++)
		judge_worse(fabric.functions[i]);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariants of single accesses: who may be asked when, which bits may be
 * written, what may be reset.
 */
#include <stdarg.h>

#include "fabric.h"

#define DEVCTL_REPORTING 0x000f		/* CERE, NFERE, FERE, URRE */
#define RTCTL_ERRORS	0x0007		/* SECEE, SENFEE, SEFEE */
#define ROOT_COMMAND	0x0007		/* AER: interrupts of all kinds */
#define DPC_TRIGGERS	(PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL)
#define SLOT_EVENTS	(PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC | \
			 PCI_EXP_SLTSTA_CC)
#define DPC_EVENTS	(PCI_EXP_DPC_STATUS_TRIGGER | \
			 PCI_EXP_DPC_STATUS_INTERRUPT)

/* === Complaints === */

/**
 * function_name() - address of a function
 * @f: the function
 *
 * Return: dddd:bb:dd.f, until four more are asked for.
 */
const char *function_name(const struct function *f)
{
	static char names[4][24];
	static unsigned int next;
	char *name = names[next++ % 4];

	snprintf(name, sizeof(names[0]), "%04x:%02x:%02x.%x", f->host->domain,
		 f->bus, f->devfn >> 3, f->devfn & 7);
	return name;
}

/**
 * broken() - an invariant is violated
 * @f: by or at this function, NULL if by none
 * @format: printf() format of what is wrong
 */
void broken(const struct function *f, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!fabric.broken++)
		snprintf(fabric.complaint, sizeof(fabric.complaint), "%s%s%s",
			 f ? function_name(f) : "", f ? ": " : "", text);
	if (fabric.trace)
		printf("%12llu BROKEN %s %s\n", (unsigned long long)fabric.now,
		       f ? function_name(f) : "-", text);
}

/* === When === */

/*
 * From the end of a reset to the first request to what is directly below
 * (6.6.1): 100 ms, beyond 5 GT/s from Link Active; conventional PCI: Trhfa and
 * another 100 ms (PCI 4.3.2).  What firmware asks for counts as well.
 */
static u64 below_may_be_asked(const struct function *port)
{
	const struct function *f;
	u64 ms = 100;

	if (port->type == TYPE_UPSTREAM)
		return 0;
	if (port->type == CONVENTIONAL || port->type == TYPE_PCI_BRIDGE)
		ms = 1100;
	for (f = port->child; f; f = f->sibling)
		if (f->d3cold_delay > ms && f->d3cold_delay <= 1100 &&
		    !f->uncaptured)
			ms = f->d3cold_delay;
	if (!port->fast)
		return port->link.released_at + ms * NS_PER_MS;
	return port->link.up_at == NEVER ? NEVER :
					   port->link.up_at + ms * NS_PER_MS;
}

/* Some NVMe controllers need longer (pci_dev_reset_methods[]). */
static u64 flr_ns(const struct function *f)
{
	bool slow = (f->vendor == 0x8086 && (f->device == 0x0953 ||
					     f->device == 0x0a54)) ||
		    (f->vendor == 0x025e && f->device == 0xf1ac);

	return (slow ? 350 : 100) * NS_PER_MS;
}

static void watch_time(const struct function *f)
{
	const struct function *port = f->parent;
	u64 when;

	if (!fabric.strict_time)
		return;
	if (f->flr_at && fabric.now < f->flr_at + flr_ns(f))
		broken(f, "asked %llu us after its FLR",
		       (fabric.now - f->flr_at) / NS_PER_US);
	if (port && !port->odd_events && !port->lied && !is_out_of_hand(port) &&
	    (port->link.asserted_at || port->link.released_at)) {
		when = below_may_be_asked(port);
		if (port->link.asserted_at && !behaves(port, IGNORES_SBR))
			broken(f, "asked while its link is in reset");
		else if (fabric.now < when && !port->link.down)
			broken(f, "asked %llu us after reset of its link, %lld us early",
			       (fabric.now - port->link.released_at) / NS_PER_US,
			       when == NEVER ? -1LL :
			       (long long)((when - fabric.now) / NS_PER_US));
	}
}

/* === What === */

/**
 * is_restored() - registers that a reset loses and the engine gives back
 * @f: the function
 * @reg: register, of 16 bits
 *
 * Return: true if it is one of them.
 */
bool is_restored(const struct function *f, u16 reg)
{
	u16 cap = f->pcie;

	if (cap && (reg == cap + PCI_EXP_DEVCTL ||
		    reg == cap + PCI_EXP_LNKCTL ||
		    (reg == cap + PCI_EXP_SLTCTL &&
		     config_get(f->initial, cap + PCI_EXP_FLAGS, 2) &
			     PCI_EXP_FLAGS_SLOT) ||
		    (f->pcie_version > 1 && (reg == cap + PCI_EXP_DEVCTL2 ||
					     reg == cap + PCI_EXP_LNKCTL2))))
		return true;
	if (reg == PCI_COMMAND || reg == PCI_CACHE_LINE_SIZE ||
	    reg == PCI_INTERRUPT_LINE)
		return true;
	if (f->bridge)
		return (reg >= PCI_BASE_ADDRESS_0 && reg <= PCI_IO_BASE) ||
		       (reg >= PCI_MEMORY_BASE && reg <= PCI_IO_LIMIT_UPPER16) ||
		       (reg >= PCI_ROM_ADDRESS1 && reg < PCI_INTERRUPT_LINE) ||
		       reg == PCI_BRIDGE_CONTROL;
	return (reg >= PCI_BASE_ADDRESS_0 && reg < PCI_CARDBUS_CIS) ||
	       (reg >= PCI_ROM_ADDRESS && reg < PCI_ROM_ADDRESS + 4) ||
	       (f->pcix && reg == f->pcix + PCI_X_CMD);
}

/* Sources that are nobody's: what may send, and bandwidth notifications. */
static u16 may_stop(const struct function *f, u16 reg)
{
	if (reg == f->msi + PCI_MSI_FLAGS)
		return PCI_MSI_FLAGS_ENABLE;
	if (f->pcie && reg == f->pcie + PCI_EXP_LNKCTL &&
	    (f->type == TYPE_ROOT_PORT || f->type == TYPE_DOWNSTREAM))
		return PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE;
	return 0;
}

static bool is_port_interrupt(const struct function *f, u16 reg, u16 *may)
{
	const struct pci_host_bridge *host = &f->host->bridge;

	if (f->pcie && reg == f->pcie + PCI_EXP_SLTCTL &&
	    host->native_pcie_hotplug &&
	    config_get(f->now, f->pcie + PCI_EXP_SLTCAP, 4) & PCI_EXP_SLTCAP_HPC)
		*may = PCI_EXP_SLTCTL_HPIE;
	else if (f->dpc && reg == f->dpc + PCI_EXP_DPC_CTL && host->native_dpc)
		*may = PCI_EXP_DPC_CTL_INT_EN | DPC_TRIGGERS;
	else if (f->aer && reg == f->aer + PCI_ERR_ROOT_COMMAND &&
		 host->native_aer && f->type == TYPE_ROOT_PORT)
		*may = ROOT_COMMAND;
	else if (f->pcie && reg == f->pcie + PCI_EXP_RTCTL &&
		 f->type == TYPE_ROOT_PORT)
		*may = RTCTL_ERRORS |
		       (host->native_pme ? PCI_EXP_RTCTL_PMEIE : 0);
	else
		return false;
	return true;
}

static bool may_contain(const struct function *port)
{
	return fabric.policy >= PCIQ_ESCALATE && port->bridge &&
	       !fabric.raw;
}

/**
 * was_reset() - whether a function went through a reset since the crash
 * @f: the function
 *
 * Return: true if so.
 */
bool was_reset(const struct function *f)
{
	return f->resets || f->flrs;
}

/*
 * Bits of a control register that may change, of a function that has not been
 * reset.  0: this register is not to be written at all.
 */
static u16 may_change(const struct function *f, u16 reg)
{
	u16 may = 0;

	if (reg == PCI_COMMAND && f->bridge)
		return PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE |
		       (may_contain(f) ? PCI_COMMAND_MASTER : 0);
	if (reg == PCI_COMMAND)
		return PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
	if (reg == PCI_BRIDGE_CONTROL && f->bridge)
		return PCI_BRIDGE_CTL_SERR | (fabric.headers_good &&
					      may_contain(f) ?
				PCI_BRIDGE_CTL_BUS_RESET : 0);
	if (f->pcie && f->bridge && reg == f->pcie + PCI_EXP_DEVCTL)
		return DEVCTL_REPORTING;
	if (!f->bridge && config_flr_bit(f, reg))
		return config_flr_bit(f, reg);
	if (f->pcie && f->bridge && f->pcie_version > 1 &&
	    reg == f->pcie + PCI_EXP_DEVCTL2)
		return PCI_EXP_DEVCTL2_LTR_EN;
	if (f->ptm && reg == f->ptm + PCI_PTM_CTRL)
		return PCI_PTM_CTRL_ENABLE;
	if (!f->bridge)
		return 0;
	return is_port_interrupt(f, reg, &may) ? may : may_stop(f, reg);
}

/* Something was about to provoke errors: a reset, or a closed port. */
static bool is_provoked(void)
{
	u32 i;

	if (fabric.policy == PCIQ_RESET)
		return true;
	for (i = 0; i < fabric.nr && fabric.policy == PCIQ_ESCALATE; i++) {
		const struct function *f = fabric.functions[i];

		if (f->refused || f->silent || f->lied || f->named_reset)
			return true;
	}
	return false;
}

/* What is written in every crash: Command, and the interrupt enables of ports. */
static u16 is_always_written(const struct function *f, u16 reg)
{
	u16 may = 0;

	if (reg == PCI_COMMAND)
		return f->bridge ? PCI_COMMAND_INTX_DISABLE :
				   PCI_COMMAND_MASTER |
					   PCI_COMMAND_INTX_DISABLE;
	if (!f->bridge)
		return 0;
	if (is_port_interrupt(f, reg, &may))
		return may & ~(RTCTL_ERRORS | DPC_TRIGGERS) ?: may;
	return may_stop(f, reg);
}

/* Events: of a reset of ours, and not what was there before. */
static bool is_event(const struct function *f, u16 reg, u16 value)
{
	u16 old = config_get(f->before, reg, 2);

	if (was_reset(f) || ignores_reset(f))
		old = 0;
	if (!f->bridge)
		return false;
	if (f->pcie && reg == f->pcie + PCI_EXP_SLTSTA &&
	    f->host->bridge.native_pcie_hotplug)
		return !(value & (old | ~SLOT_EVENTS));
	if (f->dpc && reg == f->dpc + PCI_EXP_DPC_STATUS &&
	    f->host->bridge.native_dpc)
		return !(value & (old | ~DPC_EVENTS));
	return false;
}

/* Only off and on again: never further on than it was. */
static void watch_direction(const struct function *f, u16 reg, u16 now,
			    u16 value)
{
	u16 before = config_get(f->before, reg, 2);

	if (reg == PCI_COMMAND) {
		if (value & ~now & PCI_COMMAND_MASTER)
			broken(f, "bus mastering switched on: %04x", value);
		if (now & ~value & PCI_COMMAND_INTX_DISABLE)
			broken(f, "INTx switched on: %04x", value);
		before |= PCI_COMMAND_INTX_DISABLE;
	}
	if (reg == PCI_BRIDGE_CONTROL)
		before |= PCI_BRIDGE_CTL_BUS_RESET;
	before |= config_flr_bit(f, reg);
	if (value & ~now & ~before)
		broken(f, "register %03x: %04x set in %04x, was %04x", reg,
		       value & ~now & ~before, value, before);
}

/* Root Error Command has 32 bits, of which the upper half does nothing. */
static bool is_harmless(const struct function *f, u16 reg, u16 value)
{
	return f->aer && reg == f->aer + PCI_ERR_ROOT_COMMAND + 2 &&
	       value == config_get(f->now, reg, 2);
}

/* Restoring what was not reset changes nothing. */
static bool is_idle_restore(const struct function *f, u16 reg, u16 now,
			    u16 value)
{
	return value == now && is_restored(f, reg);
}

static void watch_word(struct function *f, u16 reg, u16 value)
{
	u16 now = config_read(f, reg, 2);
	u16 rw1c = config_get(f->rw1c, reg, 2);
	u16 may = may_change(f, reg);

	if ((value ^ now) & ~is_always_written(f, reg) & ~rw1c &&
	    !is_provoked())
		broken(f, "register %03x written, and nothing refused", reg);

	if (is_event(f, reg, value) || is_harmless(f, reg, value) ||
	    is_idle_restore(f, reg, now, value))
		return;
	if (value & rw1c & now)
		broken(f, "status in register %03x cleared: %04x written, was %04x",
		       reg, value, now);
	else if ((was_reset(f) || ignores_reset(f)) && is_restored(f, reg))
		watch_direction(f, reg, now, value);
	else if (!may && !(f->asserts && reg == PCI_BRIDGE_CONTROL))
		broken(f, "register %03x written: %04x, was %04x", reg, value,
		       now);
	else if ((value ^ now) & ~may & ~rw1c)
		broken(f, "register %03x: bits %04x changed: %04x, was %04x",
		       reg, (value ^ now) & ~may & ~rw1c, value, now);
	else
		watch_direction(f, reg, now, value);
}

/* The engine cannot know better than what it was shown. */
static bool was_misled(const struct function *f)
{
	return f->lied || f->was_in_reset || (fabric.raw && f->silent) ||
	       (f->pf && f->flr_writes && f->silent) ||
	       ((behaves(f, MUTE) || behaves(f, FAULTS)) &&
			   f->accesses >= f->at);
}

static void watch_write(struct function *f, u16 reg, unsigned int size,
			u32 value)
{
	u16 low = value;

	/* What lies about who it is, is taken for somebody else in a walk. */
	if ((f->excluded && !(fabric.raw && f->lied)) ||
	    (f->spared && !fabric.raw && !f->lied))
		broken(f, "written though excluded: register %03x", reg);
	if (reg == PCI_COMMAND && !(low & PCI_COMMAND_MASTER)) {
		f->gated = true;
		if (f->bridge && f->now[PCI_COMMAND] & PCI_COMMAND_MASTER &&
		    !was_reset(f) && !was_misled(f))
			watch_close(f);
	}
	if (reg == PCI_BRIDGE_CONTROL && f->bridge &&
	    low & PCI_BRIDGE_CTL_BUS_RESET)
		f->asserts++;
	if (was_misled(f) || !link_reaches(f))
		return;
	watch_word(f, reg, low);
	if (size == 4)
		watch_word(f, reg + 2, value >> 16);
}

/**
 * watch_stored() - a write of the engine did not fault
 * @f: the function
 * @reg: register
 * @value: what was written
 */
void watch_stored(struct function *f, u16 reg, u32 value)
{
	if (value & config_flr_bit(f, reg))
		f->flr_writes++;
}

static void watch_deadline(const struct function *f, u16 reg)
{
	if (!fabric.deadline || fabric.now <= fabric.deadline)
		return;
	if (f->bridge && reg == PCI_BRIDGE_CONTROL && f->asserts)
		fabric.late_releases++;
	else
		fabric.late_accesses++;
}

/**
 * watch_access() - the engine is about to ask a function
 * @f: the function
 * @reg: register
 * @size: 2 or 4 bytes
 * @write: it writes
 * @value: what it writes
 */
void watch_access(struct function *f, u16 reg, unsigned int size, bool write,
		  u32 value)
{
	watch_time(f);
	watch_deadline(f, reg);
	/* What was found by looking has to be looked at. */
	if (f->excluded && !fabric.raw && !write)
		broken(f, "read though excluded: register %03x", reg);
	if (write)
		watch_write(f, reg, size, value);
}

/* === Masks === */

static bool is_on(const struct function *f, u16 reg, u16 bits)
{
	return config_get(f->now, reg, 2) & bits;
}

/*
 * What must not happen at a port that is about to see errors.  One that does
 * not do as it is told is not the engine's fault.
 */
static void watch_masked(const struct function *port, const char *when)
{
	u16 cap = port->pcie;

	if (port->set || port->excluded || was_reset(port) ||
	    is_out_of_reach(port))
		return;
	if (is_on(port, PCI_COMMAND, PCI_COMMAND_SERR) ||
	    (is_on(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR) &&
	     !is_on(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET)) ||
	    (cap && is_on(port, cap + PCI_EXP_DEVCTL, DEVCTL_REPORTING)))
		broken(port, "reports errors %s", when);
	if (!fabric.raw && oracle_port_can_interrupt(port))
		broken(port, "may interrupt %s", when);
	if (!cap)
		return;
	if (port->type == TYPE_ROOT_PORT &&
	    is_on(port, cap + PCI_EXP_RTCTL, RTCTL_ERRORS))
		broken(port, "makes system errors %s", when);
}

static bool in_time(void)
{
	/* Steps end at 7/8 of the deadline; what was left out then is told. */
	return !fabric.deadline || fabric.now - fabric.start <
				(fabric.deadline - fabric.start) / 8 * 7;
}

/**
 * watch_close() - the engine is about to clear Bus Master Enable of a port
 * @port: the port
 */
void watch_close(const struct function *port)
{
	if (in_time())
		watch_masked(port, "as it is closed");
}

/* === Resets === */

/**
 * is_excluded_class() - whether functions of a class are no masters by themselves
 * @class: class code
 *
 * Return: true if so.
 */
bool is_excluded_class(u32 class)
{
	u32 sub = class >> 8;

	return class >> 16 == 5 || (class >> 16 == 6 && sub != 0x0604) ||
	       (sub >= 0x0800 && sub <= 0x0807 && sub != 0x0805);
}

/**
 * is_left_alone() - whether a function is of such a class
 * @f: the function
 *
 * Return: true unless a driver has made it a master.
 */
bool is_left_alone(const struct function *f)
{
	return !f->bridge && !f->made_master && !f->user_driver &&
	       is_excluded_class(f->class);
}

/**
 * is_vmd_endpoint() - whether there is a host bridge behind a function
 * @f: the function
 *
 * Return: true if so.
 */
bool is_vmd_endpoint(const struct function *f)
{
	u32 i;

	for (i = 0; i < fabric.nr_hosts; i++)
		if (fabric.hosts[i]->vmd == f)
			return true;
	return false;
}

/* Firmware that boots for tens of seconds: RAID, SAS, and the MPT family of LSI. */
static bool is_slow_storage(const struct function *f)
{
	if (f->vendor == 0x1000 && f->device == 0x0058)
		return !f->named_reset;
	return (f->class >> 8 == 0x0104 || f->class >> 8 == 0x0107) &&
	       !f->named_reset;
}

/**
 * is_protected() - whether a function must not be reset by any means
 * @f: the function
 *
 * NO_BUS_RESET is about links only, and not in here.
 *
 * Return: true if so.
 */
bool is_protected(const struct function *f)
{
	return f->excluded || f->spared || f->noreset || is_vmd_endpoint(f) ||
	       f->class >> 16 == PCI_BASE_CLASS_DISPLAY ||
	       f->class >> 8 == 0x0502 || is_slow_storage(f) ||
	       (f->dvsec && f->host->window == PCIQ_ECAM) ||
	       is_left_alone(f) || f->offline ||
	       !f->host->window ||
	       (f->bridge && config_get(f->before, PCI_BRIDGE_CONTROL, 2) &
				     PCI_BRIDGE_CTL_BUS_RESET);
}

static bool needs_gate(const struct function *f)
{
	return !f->bridge && !f->gated && !f->silent && !f->lied &&
	       !f->uncaptured &&
	       f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

/**
 * watch_reset() - the engine resets a function
 * @f: the function; what is below it follows
 * @alone: through FLR
 */
void watch_reset(struct function *f, bool alone)
{
	if (is_protected(f) || (f->asleep && is_known_sleeper(f)))
		broken(f, "reset though that is forbidden");
	if (alone ? !f->pf && f->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET :
		    f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		broken(f, "reset though a quirk forbids it");
	if (fabric.policy < PCIQ_ESCALATE || fabric.raw ||
	    !fabric.headers_good)
		broken(f, "reset though nothing may be");
	if (needs_gate(f) && !is_out_of_reach(f) && !fabric.escaped)
		broken(f, "reset before its BME was written");
}

/**
 * watch_assert() - the engine sets Secondary Bus Reset
 * @port: of this port
 */
void watch_assert(struct function *port)
{
	if (!fabric.first_assert)
		fabric.first_assert = fabric.now;
	if (port->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		broken(port, "its link is reset though a quirk forbids it");
	if (link_is_asleep(port) && !port->silent && !port->lied)
		broken(port, "its link is reset while it sleeps");
	if (!in_time() || is_out_of_reach(port))
		return;
	watch_masked(port, "as its link is reset");
	/* Some devices do not survive them, see BANDWIDTH_BLOCKS. */
	if (!port->set && port->pcie &&
	    may_stop(port, port->pcie + PCI_EXP_LNKCTL) &&
	    is_on(port, port->pcie + PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LBMIE |
						     PCI_EXP_LNKCTL_LABIE))
		broken(port, "its link is reset, and may signal bandwidth changes");
}

/**
 * watch_release() - the engine clears Secondary Bus Reset
 * @port: of this port
 */
void watch_release(struct function *port)
{
	u64 held = fabric.now - port->link.asserted_at;

	fabric.last_release = fabric.now;
	/* Trst (PCI 4.3.2) */
	if (held < NS_PER_MS && fabric.strict_time)
		broken(port, "reset for %llu us only", held / NS_PER_US);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links and resets.
 *
 * Nothing happens by itself: an event leaves points in time behind, and whoever
 * asks compares them with the clock.
 */
#include "fabric.h"

static u16 word(const struct function *f, u32 reg)
{
	return config_get(f->now, reg, 2);
}

static bool is_contained(const struct function *port)
{
	return port->dpc && word(port, port->dpc + PCI_EXP_DPC_STATUS) &
				    PCI_EXP_DPC_STATUS_TRIGGER;
}

static bool is_disabled(const struct function *port)
{
	return port->pcie && word(port, port->pcie + PCI_EXP_LNKCTL) &
				     port->writable[port->pcie + PCI_EXP_LNKCTL] &
				     PCI_EXP_LNKCTL_LD;
}

/**
 * link_is_asleep() - whether a port is in a low-power state
 * @port: the port
 *
 * Its own config space answers in D1 to D3hot (PCIe 5.3.1); nothing below does.
 *
 * Return: true if so.
 */
bool link_is_asleep(const struct function *port)
{
	return port->pm && word(port, port->pm + PCI_PM_CTRL) &
				   PCI_PM_CTRL_STATE_MASK;
}

static bool answers(const struct function *f)
{
	return !f->dead && !f->asleep && !f->gone && fabric.now >= f->ready_at;
}

/**
 * link_is_up() - whether the link below a port is active
 * @port: the port; of a bridge without a link, its secondary bus
 *
 * Return: true if it is.
 */
bool link_is_up(const struct function *port)
{
	return !port->link.down && fabric.now >= port->link.up_at &&
	       !is_contained(port) && !is_disabled(port);
}

/**
 * link_carries() - whether a port passes packets on
 * @port: the port
 *
 * Return: true if it works and its link is up.
 */
bool link_carries(const struct function *port)
{
	return answers(port) && link_is_up(port) && !link_is_asleep(port);
}

/*
 * A Type 1 request becomes Type 0 on the secondary bus (7.3.3).  VFs may have
 * bus numbers of their own, which their device captures (SR-IOV 2.1.2).
 */
static bool routes_to(const struct function *port, const struct function *f)
{
	u8 secondary = port->now[PCI_SECONDARY_BUS];
	u8 subordinate = port->now[PCI_SUBORDINATE_BUS];

	if (f->parent == port && !f->pf)
		return f->bus == secondary;
	if (f->pf && f->parent == port)
		return f->bus >= secondary && f->bus <= subordinate;
	return f->bus > secondary && f->bus <= subordinate;
}

/**
 * link_reaches() - whether a config request gets to a function and back
 * @f: the function
 *
 * Return: false if it would be answered by all ones on its way.
 */
bool link_reaches(const struct function *f)
{
	const struct function *port;

	for (port = f->parent; port; port = port->parent)
		if (!link_carries(port) || !routes_to(port, f))
			return false;
	return answers(f);
}

/* === Reset === */

static void down_below(struct function *port, bool by_engine);

static void vfs_go(struct function *pf, bool by_engine)
{
	struct function *vf;

	/* VF Enable is 0 after a reset of the PF (SR-IOV 2.2.2). */
	for (vf = pf->vf; vf; vf = vf->sibling) {
		vf->gone = true;
		vf->lost |= !by_engine;
		vf->in_flight_until = 0;
		vf->resets++;
	}
}

static void after_reset(struct function *f)
{
	f->active = behaves(f, RESTARTS) || behaves(f, STUCK);
	f->pending_until = behaves(f, PENDS_FOREVER) ? NEVER : 0;
}

/* A PTM dialogue under way when a reset comes wedges some devices. */
static void note_ptm(struct function *f)
{
	f->hung |= behaves(f, PTM_HANGS) && f->ptm &&
		   word(f, f->ptm + PCI_PTM_CTRL) & PCI_PTM_CTRL_ENABLE;
}

/* Hot reset (6.6.1): on a link that went down it comes to the same. */
static void enter_reset(struct function *f, bool by_engine)
{
	struct function *vf;

	if (by_engine) {
		watch_reset(f, false);
		for (vf = f->vf; vf; vf = vf->sibling)
			watch_reset(vf, false);
	} else {
		f->lost = true;
	}
	f->resets++;
	note_ptm(f);
	vfs_go(f, by_engine);
	config_reset(f, false);
	after_reset(f);
	f->ready_at = NEVER;
	f->in_flight_until = 0;
	if (f->bridge)
		down_below(f, by_engine);
}

static void down_below(struct function *port, bool by_engine)
{
	struct function *f;

	port->link.up_at = NEVER;
	for (f = port->child; f; f = f->sibling)
		enter_reset(f, by_engine);
}

static void come_up(struct function *port, u64 when);

static void leave_reset(struct function *f, u64 when)
{
	if (behaves(f, NEVER_BACK))
		return;
	f->ready_at = when + f->boot_ns;
	if (behaves(f, BACK_LATE))
		f->ready_at += f->ms * NS_PER_MS;
	f->rrs_until = f->ready_at;
	if (behaves(f, RETRIES))
		f->rrs_until += f->ms * NS_PER_MS;
	/* The links below a switch train by themselves. */
	if (f->bridge)
		come_up(f, when);
}

static void come_up(struct function *port, u64 when)
{
	struct function *f;

	port->link.released_at = when;
	if (behaves(port, LINK_NEVER) || port->link.down || port->link.blocked)
		return;
	port->link.up_at = when + port->link.train_ns;
	if (behaves(port, LINK_SLOW))
		port->link.up_at += port->ms * NS_PER_MS;
	for (f = port->child; f; f = f->sibling)
		leave_reset(f, port->link.up_at);
}

/* 7.5.3.10, 7.5.3.16; with surprise-down reporting off or SBR set no error. */
static void link_went_down(struct function *port)
{
	u16 cap = port->pcie;

	if (!cap)
		return;
	if (config_get(port->now, cap + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_SLOT)
		config_put(port->now, cap + PCI_EXP_SLTSTA, 2,
			   word(port, cap + PCI_EXP_SLTSTA) |
				   PCI_EXP_SLTSTA_DLLSC);
	if (port->pcie_version > 1 &&
	    (port->type == TYPE_ROOT_PORT || port->type == TYPE_DOWNSTREAM))
		config_put(port->now, cap + PCI_EXP_DEVCTL2, 2,
			   word(port, cap + PCI_EXP_DEVCTL2) &
				   ~PCI_EXP_DEVCTL2_LTR_EN);
}

static bool dpc_is_on(const struct function *port)
{
	return port->dpc && word(port, port->dpc + PCI_EXP_DPC_CTL) &
				    (PCI_EXP_DPC_CTL_EN_FATAL |
				     PCI_EXP_DPC_CTL_EN_NONFATAL);
}

/**
 * link_assert() - Secondary Bus Reset was set (7.5.1.3.13)
 * @port: the port
 */
void link_assert(struct function *port)
{
	watch_assert(port);
	oracle_reset(port);
	port->link.asserted_at = fabric.now;
	if (behaves(port, IGNORES_SBR))
		return;
	if (dma_masters_below(port))
		dma_leave_in_flight(port);
	if (behaves(port, TRIGGERS_DPC_AT_RESET) && dpc_is_on(port))
		link_contain(port);
	if (behaves(port, BANDWIDTH_BLOCKS) && port->pcie &&
	    word(port, port->pcie + PCI_EXP_LNKCTL) &
		    (PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE))
		port->link.blocked = true;
	link_went_down(port);
	down_below(port, true);
}

/**
 * link_release() - Secondary Bus Reset was cleared
 * @port: the port
 */
void link_release(struct function *port)
{
	watch_release(port);
	port->link.asserted_at = 0;
	if (behaves(port, IGNORES_SBR))
		return;
	come_up(port, fabric.now);
}

/**
 * link_contain() - DPC triggers (6.2.11): the link is down until told otherwise
 * @port: the port
 */
void link_contain(struct function *port)
{
	if (!dpc_is_on(port) || is_contained(port))
		return;
	config_put(port->now, port->dpc + PCI_EXP_DPC_STATUS, 2,
		   word(port, port->dpc + PCI_EXP_DPC_STATUS) |
			   PCI_EXP_DPC_STATUS_TRIGGER |
			   PCI_EXP_DPC_STATUS_INTERRUPT);
	link_went_down(port);
	down_below(port, false);
}

/**
 * link_recover() - containment or Link Disable ended
 * @port: the port
 */
void link_recover(struct function *port)
{
	if (!port->link.asserted_at)
		come_up(port, fabric.now);
}

/**
 * link_go_down() - surprise-down: what is below was pulled out
 * @port: the port
 */
void link_go_down(struct function *port)
{
	port->link.down = true;
	port->odd_events = true;
	link_went_down(port);
	down_below(port, false);
}

/**
 * link_flr() - Initiate Function Level Reset was written (6.6.2)
 * @f: the function
 */
void link_flr(struct function *f)
{
	struct function *vf;

	watch_reset(f, true);
	oracle_reset(f);
	f->flr_at = fabric.now;
	if (behaves(f, IGNORES_FLR))
		return;
	for (vf = f->vf; vf; vf = vf->sibling)
		watch_reset(vf, true);
	if (dma_masters(f))
		dma_leave_in_flight(f);
	f->flrs++;
	note_ptm(f);
	vfs_go(f, true);
	config_reset(f, true);
	after_reset(f);
	f->ready_at = NEVER;
	leave_reset(f, fabric.now);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who can still write memory.
 *
 * A function writes if its own gate is open and every bridge above passes the
 * request on (7.5.1.1.3; PCI-to-PCI Bridge 3.2.4.3).  What it sent before the
 * gate closed is under way until the fabric has delivered it, which a read of
 * the same path brings about: completions do not pass posted writes (2.4.1).
 */
#include "fabric.h"

static bool is_free(const struct function *f)
{
	return (behaves(f, STUCK_UNTIL_RESET) || behaves(f, LIES_ABOUT_BME)) &&
	       !f->resets && !f->flrs;
}

/**
 * dma_gate_is_open() - whether Bus Master Enable lets a function or port send
 * @f: the function
 *
 * Return: true if it does.
 */
bool dma_gate_is_open(const struct function *f)
{
	return behaves(f, STUCK) || is_free(f) ||
	       f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

/**
 * dma_path_is_open() - whether all that is above a function passes requests on
 * @f: the function
 *
 * Return: true if it does.
 */
bool dma_path_is_open(const struct function *f)
{
	const struct function *port, *vmd = f->host->vmd;

	for (port = f->parent; port; port = port->parent)
		if (!link_carries(port) || !dma_gate_is_open(port))
			return false;
	/* Below VMD requests carry its ID; whether they need its BME is not known. */
	return !vmd || ((!fabric.vmd_gates || dma_gate_is_open(vmd)) &&
			!vmd->dead && fabric.now >= vmd->ready_at &&
			dma_path_is_open(vmd));
}

/**
 * dma_is_hidden() - whether nothing shows that Bus Master Enable is not all
 * @f: the function
 *
 * Return: true if the capability that says so could not be read.
 */
bool dma_is_hidden(const struct function *f)
{
	return f->cache && (f->offline || f->was_in_reset || fabric.raw ||
			    f->host->window == PCIQ_CF8);
}

/**
 * dma_masters() - whether a function writes memory now
 * @f: the function
 *
 * Not in D3hot (5.3.1.4.1).
 *
 * Return: true if it does.
 */
bool dma_masters(const struct function *f)
{
	return !f->bridge && f->active && !f->dead && !f->asleep && !f->gone &&
	       !link_is_asleep(f) && fabric.now >= f->ready_at &&
	       (f->cache || dma_gate_is_open(f)) && dma_path_is_open(f);
}

static bool masters_or_vf_does(const struct function *f)
{
	const struct function *vf;

	if (dma_masters(f))
		return true;
	for (vf = f->vf; vf; vf = vf->sibling)
		if (dma_masters(vf))
			return true;
	return false;
}

/**
 * dma_masters_below() - whether anything below a bridge writes memory now
 * @port: the bridge
 *
 * Return: true if so.
 */
bool dma_masters_below(const struct function *port)
{
	const struct function *f;

	for (f = port->child; f; f = f->sibling)
		if (f->bridge ? dma_masters_below(f) : masters_or_vf_does(f))
			return true;
	return false;
}

/**
 * dma_in_flight() - whether writes from here upwards are still under way
 * @f: the function, or the port that stopped forwarding
 *
 * Return: true if so, and nothing above stops them either.
 */
bool dma_in_flight(const struct function *f)
{
	return fabric.now < f->in_flight_until && dma_path_is_open(f);
}

/**
 * dma_leave_in_flight() - something that sends is about to be stopped
 * @f: the function, or the port above it
 */
void dma_leave_in_flight(struct function *f)
{
	f->in_flight_until = fabric.now + fabric.delay_ns;
}

/**
 * dma_flush() - a read was answered
 * @f: by this function
 */
void dma_flush(struct function *f)
{
	struct function *vmd = f->host->vmd;

	for (; f; f = f->parent)
		f->in_flight_until = 0;
	if (vmd)
		dma_flush(vmd);
}

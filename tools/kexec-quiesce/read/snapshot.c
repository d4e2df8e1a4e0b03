// SPDX-License-Identifier: GPL-2.0-only
/* Parser of struct pciq_image: pure, trusts nothing it reads. */
#include <string.h>

#include "read/snapshot.h"

static_assert(sizeof(struct pciq_image) == 192, "layout changed");
static_assert(sizeof(struct pciq_window) == 32, "layout changed");
static_assert(sizeof(struct pciq_func) == 64, "layout changed");

static bool check_identity(const struct pciq_image *head,
			   struct complaint *why)
{
	if (memcmp(head->magic, PCIQ_IMAGE_MAGIC,
		   sizeof(head->magic))) {
		complain(why, "wrong magic: a snapshot begins with %s",
			 PCIQ_IMAGE_MAGIC);
		return false;
	}
	if (head->version > PCIQ_VERSION) {
		complain(why, "snapshot version %u, this tool knows %u: use a newer kexec-quiesce",
			 head->version, PCIQ_VERSION);
		return false;
	}
	if (!head->version) {
		complain(why, "snapshot version 0 does not exist");
		return false;
	}
	return true;
}

static bool check_array(const struct pciq_image *head,
			const char *what, __u32 offset, __u32 nr,
			size_t size, size_t min, struct complaint *why)
{
	__u64 end = (__u64)nr * size + offset;

	if (size < min) {
		complain(why, "damaged snapshot: %s of %zu bytes, at least %zu expected",
			 what, size, min);
		return false;
	}
	if (offset < head->header_size || end > head->total_bytes) {
		complain(why, "damaged snapshot: %u %s at %u do not fit into %u bytes",
			 nr, what, offset, head->total_bytes);
		return false;
	}
	return true;
}

static bool check_layout(const struct pciq_image *head, size_t len,
			 struct complaint *why)
{
	if (head->header_size < sizeof(*head)) {
		complain(why, "damaged snapshot: header of %u bytes, at least %zu expected",
			 head->header_size, sizeof(*head));
		return false;
	}
	if (head->total_bytes > len) {
		complain(why, "truncated snapshot: it says %u bytes, there are %zu",
			 head->total_bytes, len);
		return false;
	}
	return check_array(head, "windows", head->windows_offset,
			   head->nr_windows,
			   sizeof(struct pciq_window),
			   sizeof(struct pciq_window), why) &&
	       check_array(head, "functions", head->funcs_offset,
			   head->nr_funcs, head->func_size,
			   sizeof(struct pciq_func), why);
}

/* Parents come later, so following them always ends. */
static bool check_links(const struct snapshot *snap, struct complaint *why)
{
	struct pciq_func func;
	unsigned int i;

	for (i = 0; i < snap->head.nr_funcs; i++) {
		func = snapshot_func(snap, i);
		if (func.parent != PCIQ_NONE &&
		    (func.parent <= i || func.parent >= snap->head.nr_funcs)) {
			complain(why, "damaged snapshot: function %u has parent %u of %u",
				 i, func.parent, snap->head.nr_funcs);
			return false;
		}
		if (func.window != PCIQ_NO_WINDOW &&
		    func.window >= snap->head.nr_windows) {
			complain(why, "damaged snapshot: function %u has window %u of %u",
				 i, func.window, snap->head.nr_windows);
			return false;
		}
	}
	return true;
}

/**
 * snapshot_parse() - validate a snapshot
 * @snap: filled in, refers to @buf
 * @buf: the snapshot as user space sees it: its sums are of the kernel's copy
 * @len: bytes readable at @buf
 * @why: filled in on failure
 *
 * Return: true if everything lies inside @buf.
 */
bool snapshot_parse(struct snapshot *snap, const void *buf, size_t len,
		    struct complaint *why)
{
	memset(snap, 0, sizeof(*snap));
	if (len < sizeof(snap->head)) {
		complain(why, "truncated snapshot: %zu bytes, its header alone has %zu",
			 len, sizeof(snap->head));
		return false;
	}
	memcpy(&snap->head, buf, sizeof(snap->head));
	if (!check_identity(&snap->head, why) ||
	    !check_layout(&snap->head, len, why))
		return false;
	snap->windows = (const unsigned char *)buf + snap->head.windows_offset;
	snap->funcs = (const unsigned char *)buf + snap->head.funcs_offset;
	return check_links(snap, why);
}

/**
 * snapshot_func() - one function of a snapshot
 * @snap: snapshot
 * @i: below @snap->head.nr_funcs
 *
 * Return: a copy, as the buffer need not be aligned.
 */
struct pciq_func snapshot_func(const struct snapshot *snap,
			       unsigned int i)
{
	struct pciq_func func;

	memcpy(&func, snap->funcs + (size_t)i * snap->head.func_size,
	       sizeof(func));
	return func;
}

/**
 * snapshot_window() - one config window of a snapshot
 * @snap: snapshot
 * @i: below @snap->head.nr_windows
 *
 * Return: a copy.
 */
struct pciq_window snapshot_window(const struct snapshot *snap,
				   unsigned int i)
{
	struct pciq_window window;

	memcpy(&window, snap->windows + (size_t)i * sizeof(window),
	       sizeof(window));
	return window;
}

/**
 * func_intx_stays() - may a function assert INTx whatever its Command says
 * @func: function
 *
 * Return: true if its driver uses INTx, and INTx Disable has no effect.
 */
bool func_intx_stays(const struct pciq_func *func)
{
	const unsigned int flags = PCIQ_F_INTX |
				   PCIQ_F_INTX_USED |
				   PCIQ_F_INTX_BROKEN;

	return (func->flags & flags) == flags;
}

/**
 * func_missed() - why the crash path cannot quiesce a function
 * @func: function
 *
 * Return: the reason, NULL if it is not missed.
 */
const char *func_missed(const struct pciq_func *func)
{
	if (func->flags & PCIQ_F_EXCLUDE_USER)
		return "excluded by exclude=";
	if (func->flags & PCIQ_F_PEER)
		return "another machine masters through it";
	if (func->flags & PCIQ_F_FIRMWARE_BME)
		return "only firmware enabled bus mastering";
	if (func->flags & PCIQ_F_UNREAD)
		return "in D3cold at the snapshot: never read";
	if (func->flags & PCIQ_F_EXCLUDE_CLASS)
		return func->flags & PCIQ_F_INTX_USED ?
			       "left alone for its class, its driver uses INTx" :
			       NULL;
	if (func->window == PCIQ_NO_WINDOW)
		return "no config window reaches it";
	if (func->flags & PCIQ_F_CXL_CACHE)
		return "CXL.cache does not depend on BME";
	if (func_intx_stays(func))
		return "INTx Disable has no effect";
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Parser of struct pciq_snapshot: pure, trusts nothing it reads. */
#include <string.h>

#include <xxhash.h>

#include "read/record.h"
#include "read/snapshot.h"

static_assert(sizeof(struct pciq_snapshot) == 376, "layout changed");
static_assert(sizeof(struct pciq_window) == 24, "layout changed");
static_assert(sizeof(struct pciq_func) == 56, "layout changed");
static_assert(sizeof(struct pciq_op) == 14, "layout changed");
static_assert(sizeof(struct pciq_reset) == 32, "layout changed");
static_assert(sizeof(struct pciq_restore) == 12, "layout changed");

/* What the first checksum covers begins behind it. */
#define SUMMED		offsetof(struct pciq_snapshot, cold_sum)

static bool check_identity(const struct pciq_snapshot *head,
			   struct complaint *why)
{
	if (memcmp(head->magic, PCIQ_SNAPSHOT_MAGIC, sizeof(head->magic))) {
		complain(why, "wrong magic: a snapshot begins with %s",
			 PCIQ_SNAPSHOT_MAGIC);
		return false;
	}
	if (head->version != PCIQ_SNAPSHOT_VERSION) {
		complain(why,
			 "snapshot version %u, this tool knows %u: use the kexec-quiesce of its module",
			 head->version, PCIQ_SNAPSHOT_VERSION);
		return false;
	}
	return true;
}

static bool check_sizes(const struct pciq_snapshot *head, size_t len,
			struct complaint *why)
{
	if (head->header_size != sizeof(*head)) {
		complain(why, "damaged snapshot: header of %u bytes, %zu expected",
			 head->header_size, sizeof(*head));
		return false;
	}
	if (head->total_bytes > len) {
		complain(why, "truncated snapshot: it says %u bytes, there are %zu",
			 head->total_bytes, len);
		return false;
	}
	if (head->hot_bytes < sizeof(*head) ||
	    head->hot_bytes > head->total_bytes) {
		complain(why, "damaged snapshot: a first part of %u bytes, of %u",
			 head->hot_bytes, head->total_bytes);
		return false;
	}
	return true;
}

static bool check_sums(const struct snapshot *snap, struct complaint *why)
{
	const struct pciq_snapshot *head = &snap->head;

	if (XXH64(snap->bytes + SUMMED, head->hot_bytes - SUMMED, 0) !=
	    head->hot_sum) {
		complain(why, "damaged snapshot: the checksum of its first part is wrong");
		return false;
	}
	if (XXH64(snap->bytes + head->hot_bytes,
		  head->total_bytes - head->hot_bytes, 0) != head->cold_sum) {
		complain(why, "damaged snapshot: the checksum of its second part is wrong");
		return false;
	}
	return true;
}

static bool check_part(const struct pciq_part *part, const char *what,
		       size_t size, __u32 start, __u32 end,
		       struct complaint *why)
{
	if (part->offset >= start &&
	    part->offset + (__u64)part->nr * size <= end)
		return true;
	complain(why, "damaged snapshot: %u %s at %u do not fit between %u and %u",
		 part->nr, what, part->offset, start, end);
	return false;
}

static bool check_parts(const struct pciq_snapshot *head,
			struct complaint *why)
{
	__u32 start = sizeof(*head), middle = head->hot_bytes;
	__u32 end = head->total_bytes;

	if (head->resets.nr != head->funcs.nr) {
		complain(why, "damaged snapshot: %u resets for %u functions",
			 head->resets.nr, head->funcs.nr);
		return false;
	}
	return check_part(&head->windows, "windows",
			  sizeof(struct pciq_window), start, middle, why) &&
	       check_part(&head->funcs, "functions",
			  sizeof(struct pciq_func), start, middle, why) &&
	       check_part(&head->ops, "operations",
			  sizeof(struct pciq_op), start, middle, why) &&
	       check_part(&head->resets, "resets",
			  sizeof(struct pciq_reset), middle, end, why) &&
	       check_part(&head->restores, "registers",
			  sizeof(struct pciq_restore), middle, end, why) &&
	       check_part(&head->reset_ops, "operations",
			  sizeof(struct pciq_op), middle, end, why);
}

/* Parents come later, so following them always ends. */
static bool check_func(const struct snapshot *snap, unsigned int i,
		       struct complaint *why)
{
	struct function func = snapshot_func(snap, i);
	__u64 end = (__u64)func.reset.first + func.reset.nr;

	if (func.reset.parent != PCIQ_NONE &&
	    (func.reset.parent <= i || func.reset.parent >= snap->nr_funcs)) {
		complain(why, "damaged snapshot: function %u has parent %u of %u",
			 i, func.reset.parent, snap->nr_funcs);
		return false;
	}
	if (func.window != PCIQ_NO_WINDOW &&
	    func.window >= snap->head.windows.nr) {
		complain(why, "damaged snapshot: function %u has window %u of %u",
			 i, func.window, snap->head.windows.nr);
		return false;
	}
	if (end > snap->head.restores.nr) {
		complain(why, "damaged snapshot: function %u has registers up to %llu of %u",
			 i, end, snap->head.restores.nr);
		return false;
	}
	return true;
}

static bool check_ops(const struct snapshot *snap,
		      const struct pciq_part *part, struct complaint *why)
{
	unsigned int i, func;

	for (i = 0; i < part->nr; i++) {
		func = snapshot_op(snap, part, i).func;
		if (func >= snap->nr_funcs) {
			complain(why, "damaged snapshot: operation %u is of function %u of %u",
				 i, func, snap->nr_funcs);
			return false;
		}
	}
	return true;
}

static bool check_links(const struct snapshot *snap, struct complaint *why)
{
	unsigned int i;

	for (i = 0; i < snap->nr_funcs; i++)
		if (!check_func(snap, i, why))
			return false;
	for (i = 0; i < snap->head.restores.nr; i++)
		if (snapshot_restore(snap, i).size != 2 &&
		    snapshot_restore(snap, i).size != 4) {
			complain(why, "damaged snapshot: register %u has %u bytes",
				 i, snapshot_restore(snap, i).size);
			return false;
		}
	return check_ops(snap, &snap->head.ops, why) &&
	       check_ops(snap, &snap->head.reset_ops, why);
}

/**
 * snapshot_parse() - validate a snapshot
 * @snap: filled in, refers to @buf
 * @buf: the snapshot
 * @len: bytes readable at @buf
 * @why: filled in on failure
 *
 * Return: true if its checksums are right, everything lies inside @buf, and all
 * that refers to something else in it does so.
 */
bool snapshot_parse(struct snapshot *snap, const void *buf, size_t len,
		    struct complaint *why)
{
	struct pciq_snapshot *head = &snap->head;

	memset(snap, 0, sizeof(*snap));
	if (len < sizeof(*head)) {
		complain(why, "truncated snapshot: %zu bytes, its header alone has %zu",
			 len, sizeof(*head));
		return false;
	}
	memcpy(head, buf, sizeof(*head));
	make_printable(head->record.release, sizeof(head->record.release));
	snap->bytes = buf;
	if (!check_identity(head, why) || !check_sizes(head, len, why) ||
	    !check_sums(snap, why) || !check_parts(head, why))
		return false;
	snap->nr_funcs = head->funcs.nr;
	return check_links(snap, why);
}

/* A copy, as the buffer need not be aligned. */
static void take(const struct snapshot *snap, const struct pciq_part *part,
		 unsigned int i, void *to, size_t size)
{
	memcpy(to, snap->bytes + part->offset + (size_t)i * size, size);
}

/**
 * snapshot_func() - one function of a snapshot
 * @snap: snapshot
 * @i: below @snap->nr_funcs
 *
 * Return: a copy.
 */
struct function snapshot_func(const struct snapshot *snap, unsigned int i)
{
	struct function joined;
	struct pciq_func func;

	take(snap, &snap->head.funcs, i, &func, sizeof(func));
	joined.entry = func.entry;
	joined.window = func.window;
	take(snap, &snap->head.resets, i, &joined.reset, sizeof(joined.reset));
	return joined;
}

/**
 * snapshot_window() - one config window of a snapshot
 * @snap: snapshot
 * @i: below @snap->head.windows.nr
 *
 * Return: a copy.
 */
struct pciq_window snapshot_window(const struct snapshot *snap,
				   unsigned int i)
{
	struct pciq_window window;

	take(snap, &snap->head.windows, i, &window, sizeof(window));
	return window;
}

/**
 * snapshot_op() - one operation of a snapshot
 * @snap: snapshot
 * @part: @snap->head.ops or @snap->head.reset_ops
 * @i: below @part->nr
 *
 * Return: a copy.
 */
struct pciq_op snapshot_op(const struct snapshot *snap,
			   const struct pciq_part *part, unsigned int i)
{
	struct pciq_op op;

	take(snap, part, i, &op, sizeof(op));
	return op;
}

/**
 * snapshot_restore() - one register of a snapshot that a reset loses
 * @snap: snapshot
 * @i: below @snap->head.restores.nr
 *
 * Return: a copy.
 */
struct pciq_restore snapshot_restore(const struct snapshot *snap,
				     unsigned int i)
{
	struct pciq_restore restore;

	take(snap, &snap->head.restores, i, &restore, sizeof(restore));
	return restore;
}

/**
 * func_intx_stays() - may a function assert INTx whatever its Command says
 * @func: function
 *
 * Return: true if its driver uses INTx, and INTx Disable has no effect.
 */
bool func_intx_stays(const struct function *func)
{
	const unsigned int flags = PCIQ_F_INTX |
				   PCIQ_F_INTX_USED |
				   PCIQ_F_INTX_BROKEN;

	return (func->entry.flags & flags) == flags;
}

/**
 * func_missed() - why the crash path cannot quiesce a function
 * @func: function
 *
 * Return: the reason, NULL if it is not missed.
 */
const char *func_missed(const struct function *func)
{
	if (func->entry.flags & PCIQ_F_EXCLUDE_USER)
		return "excluded by exclude=";
	if (func->entry.flags & PCIQ_F_PEER)
		return "another machine masters through it";
	if (func->entry.flags & PCIQ_F_FIRMWARE_BME)
		return "only firmware enabled bus mastering";
	if (func->entry.flags & PCIQ_F_UNREAD)
		return "in D3cold at the snapshot: never read";
	if (func->entry.flags & PCIQ_F_EXCLUDE_CLASS)
		return func->entry.flags & PCIQ_F_INTX_USED ?
			       "left alone for its class, its driver uses INTx" :
			       NULL;
	if (func->window == PCIQ_NO_WINDOW)
		return "no config window reaches it";
	if (func->entry.flags & PCIQ_F_CXL_CACHE)
		return "CXL.cache does not depend on BME";
	if (func_intx_stays(func))
		return "INTx Disable has no effect";
	return NULL;
}

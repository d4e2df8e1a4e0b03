/* SPDX-License-Identifier: GPL-2.0-only */
/* Work is put down and never done: a test calls what it is for. */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include "kernel.h"

struct work_struct {
	void (*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
	bool scheduled;
};

#define DECLARE_DELAYED_WORK(name, function) \
	struct delayed_work name = { .work = { .func = (function) } }
#define msecs_to_jiffies(ms)	((unsigned long)(ms))

/* What was put down last. */
extern struct delayed_work *queued_work;

struct workqueue_struct;
static struct workqueue_struct *const system_freezable_wq;

static inline bool queue_delayed_work(struct workqueue_struct *queue,
				      struct delayed_work *work,
				      unsigned long delay)
{
	bool was = work->scheduled;

	(void)queue;
	(void)delay;
	work->scheduled = true;
	queued_work = work;
	return !was;
}

static inline bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was = work->scheduled;

	work->scheduled = false;
	return was;
}

#endif /* SHIM_LINUX_WORKQUEUE_H */

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

static inline bool schedule_delayed_work(struct delayed_work *work,
					 unsigned long delay)
{
	bool was = work->scheduled;

	(void)delay;
	work->scheduled = true;
	return !was;
}

static inline bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was = work->scheduled;

	work->scheduled = false;
	return was;
}

#endif /* SHIM_LINUX_WORKQUEUE_H */

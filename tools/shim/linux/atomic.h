/* SPDX-License-Identifier: GPL-2.0-only */
/* There is one thread. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include "kernel.h"

static inline int atomic_read(const atomic_t *v)
{
	return READ_ONCE(v->counter);
}

static inline void atomic_inc(atomic_t *v)
{
	v->counter++;
}

#endif /* SHIM_LINUX_ATOMIC_H */

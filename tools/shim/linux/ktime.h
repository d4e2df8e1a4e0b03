/* SPDX-License-Identifier: GPL-2.0-only */
/* Simulated: the model of the machine has the clock. */
#ifndef SHIM_LINUX_KTIME_H
#define SHIM_LINUX_KTIME_H

#include "kernel.h"

typedef s64 ktime_t;

ktime_t ktime_get(void);
s64 ktime_get_real_seconds(void);

static inline s64 ktime_us_delta(ktime_t later, ktime_t earlier)
{
	return (later - earlier) / 1000;
}

#endif /* SHIM_LINUX_KTIME_H */

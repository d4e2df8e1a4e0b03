/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SORT_H
#define SHIM_LINUX_SORT_H

#include <stdlib.h>
#include "kernel.h"

#define sort(base, nr, size, compare, swap) \
	((void)(swap), qsort(base, nr, size, compare))

#endif /* SHIM_LINUX_SORT_H */

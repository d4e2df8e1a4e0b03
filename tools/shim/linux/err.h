/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ERR_H
#define SHIM_LINUX_ERR_H

#include "kernel.h"

#define ERR_PTR(error)		((void *)(intptr_t)(error))
#define IS_ERR(pointer)		((uintptr_t)(pointer) >= (uintptr_t)-4095)

#endif /* SHIM_LINUX_ERR_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* There is one CPU, unless a test is on another one. */
#ifndef SHIM_LINUX_SMP_H
#define SHIM_LINUX_SMP_H

#include "kernel.h"

/* Weak: one for the program, whoever includes this. */
__attribute__((weak)) unsigned int shim_cpu;

#define raw_smp_processor_id()	shim_cpu

#endif /* SHIM_LINUX_SMP_H */

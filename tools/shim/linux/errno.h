/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library comes here too. */
#include <asm/errno.h>

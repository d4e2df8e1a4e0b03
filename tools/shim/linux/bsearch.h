/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library's bsearch() has the same arguments. */
#include <stdlib.h>
#include "kernel.h"

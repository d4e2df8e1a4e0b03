/* SPDX-License-Identifier: GPL-2.0-only */
/* What libFuzzer, or replay.c, calls with each input. */
#ifndef FABRIC_FUZZ_H
#define FABRIC_FUZZ_H

#include <stddef.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#endif /* FABRIC_FUZZ_H */

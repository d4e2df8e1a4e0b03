#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# KASAN, UBSAN, lockdep and might_sleep() have nothing to say about a few panics.
# One of each kind: a run takes minutes here.  TAP.
exec env KERNEL=intree-6.12-debug "$(dirname "$0")/../panic/run.py" --few -j 1

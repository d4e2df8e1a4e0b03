#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Real kernels, real panics (KERNEL: 6.1, 6.12 or 7.2); see run.py.
exec "$(dirname "$0")/run.py"

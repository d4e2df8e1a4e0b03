#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The command, crash and drgn agree on the same dumps (KERNEL: 6.1, 6.12 or 7.2).
exec "$(dirname "$0")/agree.py"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The ten seconds of 7.2 for crashkernel=,cma; see cma.py.  TAP.
exec "$(dirname "$0")/../panic/cma.py"

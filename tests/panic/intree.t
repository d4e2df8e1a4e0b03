#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A few cases on a kernel that has us built in; all of them: make check-intree.  TAP.
exec env KERNEL=intree-6.12 "$(dirname "$0")/run.py" --few

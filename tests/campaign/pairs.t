#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A fixed dozen of pairs of the campaign (KERNEL: 6.1, 6.12 or 7.2); see tests/panic/campaign.py.
exec "$(dirname "$0")/../panic/campaign.py" --fixed --kernel "${KERNEL:-6.1}"

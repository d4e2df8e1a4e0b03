#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the documentation says that it costs is what the engine takes in simulated
# time, which is the same on any machine.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

out=${OUT:-$PWD/out}/fabric/plain
make -s -f tests/fabric/Makefile O="$out" "$out/cost" >&2
rows() { sed -nE 's/[[:space:]]+$//; /^[0-9]+ +[0-9.]+( +[0-9.]+){5}$/p' "$@"; }

said=$("$out/cost" | rows)
written=$(rows Documentation/kdump/pci-quiesce.rst)
[ "$(wc -l <<<"$said")" -eq 12 ] && [ "$said" = "$written" ]
result $? "the table of costs is what the engine takes" "$(diff <(echo "$written") <(echo "$said"))"
echo "1..$nr"

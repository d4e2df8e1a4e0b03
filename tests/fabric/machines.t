#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The promises of the crash path on machines that were read from dumps: files that
# "lspci -xxxx" has printed, in MACHINES (../shared/machines).  TAP.
set -eu

cd "$(dirname "$0")/../.."
dumps=${MACHINES:-../shared/machines}
out=${OUT:-$PWD/out}/fabric/machines

shopt -s nullglob
files=("$dumps"/*.lspci)
if [ ${#files[@]} -eq 0 ]; then
	echo "1..0 # SKIP no dump of a machine in $dumps (MACHINES=)"
	exit
fi
make -s -f tests/fabric/Makefile O="$out" space=4096 "$out/machines" >&2
echo "1..${#files[@]}"
"$out/machines" "${files[@]}"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The inputs that the fuzz targets are kept with, without libFuzzer, under
# AddressSanitizer and UBSan.  TAP.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/fabric/sanitized
make -s -f tests/fabric/Makefile O="$out" sanitize=1 "$out/replay-snapshot" "$out/replay-record" >&2
nr=0
for target in snapshot record; do
	nr=$((nr + 1))
	if said=$("$out/replay-$target" "tests/fabric/corpus/$target" 2>&1); then
		echo "ok $nr - fuzz-$target takes all $(echo "$said" | wc -l) inputs"
	else
		echo "not ok $nr - fuzz-$target"
		echo "$said" | sed 's/^/# /'
	fi
done
echo "1..$nr"

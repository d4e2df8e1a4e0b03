#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# As property.t, under AddressSanitizer and UBSan: other cases, and fewer.  TAP.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/fabric/sanitized
make -s -f tests/fabric/Makefile O="$out" sanitize=1 all >&2
exec "$out/property" --first 1000001 --cases $((${FABRIC_CASES:-100000} / 20)) --jobs "$(nproc)"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The engine against random machines, random misbehaviour, random corruption:
# FABRIC_CASES of them (100,000).  TAP.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/fabric/plain
make -s -f tests/fabric/Makefile O="$out" all >&2
exec "$out/property" --cases "${FABRIC_CASES:-100000}" --jobs "$(nproc)"

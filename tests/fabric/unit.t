#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each step and each exclusion on small machines made by hand, under
# AddressSanitizer and UBSan.  TAP, from cmocka.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/fabric/sanitized
make -s -f tests/fabric/Makefile O="$out" sanitize=1 "$out/unit" >&2
CMOCKA_MESSAGE_OUTPUT=TAP exec "$out/unit"

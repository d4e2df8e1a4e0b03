#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The snapshot parser and the plan of kexec-quiesce, under sanitizers.  TAP, from cmocka.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/tools
make -s -C tools/kexec-quiesce O="$out/asan" sanitize=1 "$out/asan/plan-test" >&2
CMOCKA_MESSAGE_OUTPUT=TAP exec "$out/asan/plan-test"

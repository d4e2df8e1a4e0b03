#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The sentences of kexec-quiesce report, under sanitizers.  TAP, from cmocka.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/tools
make -s -C tools/kexec-quiesce O="$out/asan" sanitize=1 "$out/asan/story-test" >&2
CMOCKA_MESSAGE_OUTPUT=TAP exec "$out/asan/story-test"

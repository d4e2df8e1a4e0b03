#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# How kexec_pci_hold reads the record of the kernel that crashed, under sanitizers.  Here
# u64 is no long long, which its formats want, and sscanf() is from stdio.h.
# TAP, from cmocka.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/unit
mkdir -p "$out"
gcc -std=gnu11 -g -Wall -Wextra -Wno-missing-field-initializers -Wno-sign-compare -Wno-format \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-include stdio.h -Itools/shim -Iinclude -Imodule/hold -o "$out/hold-test" \
	tests/unit/hold-test.c module/hold/record.c -lcmocka -lxxhash
for case in good line-other; do
	python3 tests/tools/samples.py vmcore $case "$out/$case"
done
CMOCKA_MESSAGE_OUTPUT=TAP exec "$out/hold-test" "$out/good" "$out/line-other"

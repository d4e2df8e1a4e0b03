#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernel files that need no kernel, under sanitizers.  TAP, from cmocka.
set -eu

cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out}/unit
mkdir -p "$out"
gcc -std=gnu11 -g -Wall -Wextra -Wno-missing-field-initializers \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-Itools/shim -Iinclude -Idrivers/pci/quiesce -o "$out/match-test" \
	tests/unit/match-test.c drivers/pci/quiesce/match.c -lcmocka
CMOCKA_MESSAGE_OUTPUT=TAP exec "$out/match-test"

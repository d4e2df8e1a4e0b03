#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a kernel marks in drivers/pci/quirks.c, machines that are read from dumps
# have, too: tools/kexec-quiesce/machine/quirks.c is of the newest.  VERSIONS: which kernels.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1

# shellcheck source=tests/tap.sh
. tests/tap.sh

for version in ${VERSIONS:-6.1 6.12 7.2}; do
	source=$(scripts/fetch source "$version") || { echo "Bail out! no source of $version"; exit 1; }
	rows=$(scripts/make-quirks "$source")
	missing=$(grep -vxFf tools/kexec-quiesce/machine/quirks.c <<<"$rows")
	[ "$(wc -l <<<"$rows")" -gt 30 ] && [ -z "$missing" ]
	result $? "$version: tools/kexec-quiesce/machine/quirks.c has each row of scripts/make-quirks" "$missing"
done
said=$(scripts/make-quirks /nonexistent 2>&1)
[ $? -eq 3 ] && [[ $said == "make-quirks: /nonexistent/"*": No such file or directory" ]]
result $? "no source: said in one line" "$said"
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# "make mutants" can still make each of its mistakes.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

said=$(tests/fabric/mutate --check 2>&1)
result $? "the engine has the text of each mutant" "$said"
echo "1..$nr"

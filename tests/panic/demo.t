#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The demo still shows what it promises, crash included.  TAP.
set -u -o pipefail

echo 1..1
out=${OUT:-$(dirname "$0")/../../out}/demo.t
mkdir -p "$out"
if "$(dirname "$0")/demo.py" --out "$out" 2>&1 | sed 's/^/# /' &&
   grep -q '"verdict": "clean"' "$out/demo.json" && grep -q 'PCIQ_CLEAN' "$out/demo.json"; then
	echo "ok 1 - demo: harm without the module, none with it, crash reads the record"
else
	echo "not ok 1 - demo: harm without the module, none with it, crash reads the record"
fi
rm -rf "$out/demo"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kexec-quiesce plan --from on the machines of tests/machines: its numbers are those
# of the crash path in the fabric, which is built from the same files but has a
# healthy kernel of its own.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

out=${OUT:-$PWD/out}
program=${KEXEC_QUIESCE:-$out/tools/kexec-quiesce}
fabric=$out/fabric/machines
make -s -f tests/fabric/Makefile O="$fabric" space=4096 "$fabric/machines" "$fabric/describe-machine" >&2 || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# In the words of "plan": of the fabric, FLR of either kind is one number.
in_words()
{
	sed -nE 's/, [0-9]+ of these by D3hot and D0;/;/; s/^ok - [^:]*: ([0-9]+) functions, ([0-9]+) live, [0-9]+ can be reset: ([0-9]+) by link, ([0-9]+) by FLR, ([0-9]+) by AF FLR(, and not: (.*))?; ([0-9]+) accesses.*/\1 \2 \3 \4 \5 \8 \7/p' |
		while read -r functions live link flr af accesses reasons; do
			echo "$functions functions, $live of them master: $link can be reset by their link, $((flr + af)) by FLR, $((live - link - flr - af)) by nothing${reasons:+: $reasons}"
			echo "$accesses"
		done
}

planned=0
for machine in tests/machines/*; do
	name=${machine##*/}
	"$fabric/describe-machine" --hex "$machine" >"$tmp/$name" || exit 1
	"$fabric/machines" --pairs 0 "$machine" >"$tmp/row"
	said=$("$program" plan --from "$tmp/$name" 2>&1)
	status=$?
	if grep -q '^# no extended config space in it' "$tmp/row" && [ $status -ne 0 ]; then
		[ $status -eq 3 ] && [[ $said == *" has 256 bytes, 4096 are needed: lspci -xxxx as root prints them" ]]
		result $? "$name: its ports have too little config space"
		continue
	fi
	{ read -r want; read -r accesses; } < <(in_words <"$tmp/row")
	nothing "$name: what can be reset, and why not" "$(diff <(head -n 1 <<<"$said" | sed 's/^[^:]*: //') <(echo "$want"))"
	most=$(sed -n 's/^At most \([0-9]*\) config accesses.*/\1/p' <<<"$said")
	[ "${accesses:-0}" -gt 0 ] && [ "${most:-0}" -ge "$accesses" ] && [ "$most" -le $((accesses * 5 / 4)) ]
	result $? "$name: $accesses config accesses are at most $most"
	planned=$((planned + 1))
done
[ "$planned" -ge 20 ]
result $? "$planned machines were planned"
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The promises of the crash path on real machines: on their descriptions in
# tests/machines, and on the files that these were made of, which "lspci -xxxx" has
# printed, in MACHINES (../shared/machines).  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

dumps=${MACHINES:-../shared/machines}
out=${OUT:-$PWD/out}/fabric/machines
make -s -f tests/fabric/Makefile O="$out" space=4096 "$out/machines" "$out/describe-machine" >&2 || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# promises ROWS FILE...: a result for each of the files.
promises()
{
	local rows=$1 status

	shift
	"$out/machines" "$@" | tee "$rows"
	status=${PIPESTATUS[0]}
	nr=$((nr + $(grep -cE '^(not )?ok' "$rows")))
	[ "$status" -le 1 ] && [ "$(grep -cE '^(not )?ok' "$rows")" -eq $# ]
	result $? "all $# are machines"
}

# again FILE DESCRIPTION: whether the file is described by that description.
again()
{
	"$out/describe-machine" --name "$(sed -n 's/^# Machine: //p' "$2")" "$1" | diff "$2" - 2>&1
}

# row ROWS NAME: what the results say of a machine, and of what is missing in its file.
row()
{
	sed -E 's/^((not )?ok - [^ ]*)\.lspci: /\1: /' "$1" |
		awk -v name="$2:" '/^(not )?ok/ { found = ($0 ~ /^not/ ? $4 : $3) == name } found'
}

shopt -s nullglob
machines=(tests/machines/*)
promises "$tmp/described" "${machines[@]}"
for machine in "${machines[@]}"; do
	nothing "${machine##*/}: as its description describes it" "$(again "$machine" "$machine")"
done

files=("$dumps"/*.lspci)
if [ ${#files[@]} -eq 0 ]; then
	nr=$((nr + 1))
	echo "ok $nr # SKIP no dump of a machine in $dumps (MACHINES=)"
	echo "1..$nr"
	exit
fi
promises "$tmp/dumped" "${files[@]}"
for file in "${files[@]}"; do
	name=$(basename "$file" .lspci)
	machine=tests/machines/$name
	[ -f "$machine" ] || continue
	nothing "$name: the description is that of the dump" "$(again "$file" "$machine")"
	said=$(diff <(row "$tmp/dumped" "$name") <(row "$tmp/described" "$name"))
	[ -n "$(row "$tmp/dumped" "$name")" ] && [ -z "$said" ]
	result $? "$name: the description has all that decides" "$said"
done
echo "1..$nr"

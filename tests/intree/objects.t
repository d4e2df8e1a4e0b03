#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The rules of the crash path hold for the objects in the kernel as they do for
# those of the module, and for vmlinux.o, which objtool has been over. Its section is
# part of the kernel's text, what lies outside is mapped without execute permission;
# and of that part of it in which kprobes are refused.
# VERSIONS: which kernels.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1

# shellcheck source=tests/tap.sh
. tests/tap.sh

# Names of the crash path's functions in objects, those that the compiler has split off included.
functions()
{
	local object section
	for object; do
		section=$(readelf -SW "$object" | sed -n 's/^ *\[ *\([0-9]*\)\] \.text\.\.quiesce .*/\1/p')
		[ -z "$section" ] || readelf -sW "$object" | awk -v s="$section" '$7 == s && $4 == "FUNC" { print $8 }'
	done | sort
}

address() { awk -v name="$2" '$3 == name { print $1 }' "$1/System.map"; }

for version in ${VERSIONS:-6.1 6.12 7.2}; do
	kernel=$(scripts/build-kernel "$version") || { echo "Bail out! $version does not build"; exit 1; }
	objects=()
	while read -r source; do
		object=$kernel/build/${source%.c}.o
		[ -z "$(functions "$object")" ] || objects+=("$object")
	done < <(awk '!/^#/ && /\.c( |$)/ { print $3 ? $3 : $2 }' patches/files)
	said=$(scripts/check-crash-path "${objects[@]}")
	result $? "$version: scripts/check-crash-path passes" "$said"

	# In the linked section is the code of these objects, and of no other.
	said=$(scripts/check-crash-path --linked "$kernel/build/vmlinux.o") &&
		[ "$(functions "$kernel/build/vmlinux.o")" = "$(functions "${objects[@]}")" ] &&
		[ -n "$(functions "${objects[@]}")" ]
	result $? "$version: vmlinux.o passes too, and has nothing else in the section" "$said"

	outside=$(functions "${objects[@]}" | while read -r symbol; do
		for at in $(address "$kernel" "$symbol"); do
			[[ $at < $(address "$kernel" __kprobes_text_start) || ! $at < $(address "$kernel" __kprobes_text_end) ]] || continue 2
		done
		echo "$symbol"
	done)
	[ -z "$outside" ] && [ -n "$(address "$kernel" pciq_crash)" ]
	result $? "$version: its functions are in the kernel's text, and no kprobe may be set on them" "$outside"
done
echo "1..$nr"

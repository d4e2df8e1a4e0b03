#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With CONFIG_KEXEC_PCI_QUIESCE=n the code of the files that the glue changes is
# that of the kernel without the patches, to the byte; with =y it is not, or
# this compares nothing.  VERSIONS: which kernels.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
work=${OUT:-out}/intree-off
rm -rf "$work"
mkdir -p "$work"
work=$(realpath "$work")

# shellcheck source=tests/tap.sh
. tests/tap.sh

# Code, and what it refers to, of an object.
code()
{
	local section
	objdump -h "$1" | awk '$2 ~ /^\.(text|init\.text|noinstr\.text)/ { print $2 }' | while read -r section; do
		echo "$section"
		objcopy -O binary -j "$section" "$1" /dev/stdout | sha256sum
		objdump -r -j "$section" "$1" | awk '/R_X86/ { print $1, $2, $3 }'
	done
}

# Compile the objects: $1 source tree, $2 build directory, $3... objects.
compile()
{
	local tree=$1 build=$2
	shift 2
	mkdir -p "$build"
	{
		nice -n 10 make -C "$tree" O="$build" KCONFIG_ALLCONFIG="$work/all.config" allnoconfig &&
			nice -n 10 make -C "$tree" O="$build" -j2 "$@"
	} >"$build.log" 2>&1 || { tail -n 5 "$build.log" | sed 's/^/# /'; return 1; }
}

for version in ${VERSIONS:-6.1 6.12 7.2}; do
	source=$(scripts/fetch source "$version") || exit 1
	objects=(kernel/kexec.o kernel/kexec_file.o kernel/kexec_core.o)
	[ "$version" = 6.1 ] || objects+=(kernel/crash_core.o)
	cp -al "$source" "$work/tree"
	scripts/intree "$version" "$work/tree" 2>/dev/null || { echo "Bail out! $version is not patched"; exit 1; }

	cat tests/intree/base.config tests/intree/off.config >"$work/all.config"
	compile "$source" "$work/plain" "${objects[@]}" && compile "$work/tree" "$work/off" "${objects[@]}"
	result $? "$version: compiles without the patches, and with them and =n"
	cat tests/intree/base.config >"$work/all.config"
	cp -a "$work/off" "$work/on"
	ours=$(awk '!/^#/ && $2 ~ /\.c$/ { sub(/c$/, "o", $2); print $2 }' patches/files)
	# shellcheck disable=SC2086 # a list of words
	compile "$work/tree" "$work/on" W=1 "${objects[@]}" $ours
	result $? "$version: compiles with =y"
	said=$(grep -E '(kexec_pci_|crash_pci).*(warning|error):' "$work/on.log")
	[ -z "$said" ]
	result $? "$version: no warning with W=1" "$said"

	for object in "${objects[@]}"; do
		plain=$(code "$work/plain/$object")
		[ -n "$plain" ] && [ "$plain" = "$(code "$work/off/$object")" ]
		result $? "$version: $object is the same with =n" "$(wc -l <<<"$plain") lines of sections and relocations"
	done
	object=${objects[-1]}
	[ "$(code "$work/plain/$object")" != "$(code "$work/on/$object")" ]
	result $? "$version: $object differs with =y"
	rm -rf "$work"/{tree,plain,off,on}
done
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The series as it would be mailed: each commit compiles, checkpatch --strict and
# sparse find nothing, the documentation is clean.  Then its objects with each
# option off that they could depend on, and with clang; and one kernel without any
# such option.  VERSIONS: which kernels.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
clang="clang-19"	# 7.2 wants 17 at least
mkdir -p "${OUT:-out}"
work=$(mktemp -d "$(realpath "${OUT:-out}")/compile.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/tap.sh
. tests/tap.sh

# A source tree of links to $1 in $2; what the series changes is a file of its own.
tree()
{
	local path
	cp -al "$1" "$2"
	sed -n 's|^--- a/||p' "patches/$version"/*.patch | sort -u | while read -r path; do
		cp --remove-destination "$1/$path" "$2/$path"
	done
}

kernel_make() { nice -n 10 make -C "$work/tree" O="$work/$build" -j2 "${compiler[@]}" "$@" >>"$work/$build.log" 2>&1; }

is_on() { grep -q "^CONFIG_$1=y" "$work/$build/.config"; }

# Objects that this configuration has: ours that are there (they depend on SYSFS), and of the files
# that the series changes.
objects()
{
	! is_on SYSFS || awk '!/^#/ && $2 ~ /\.c$/ { print $2 }' patches/files | while read -r path; do
		[ ! -e "$work/tree/$path" ] || echo "${path%.c}.o"
	done
	sed -n 's|^--- a/\(.*\)\.c$|\1.o|p' "patches/$version"/*.patch | sort -u | while read -r path; do
		[ "$path" != kernel/kexec_file.o ] || is_on KEXEC_FILE || continue
		echo "$path"
	done
}

# Compile with base.config and the lines of $1, options that are off, on top; say what
# is wrong.
compile()
{
	local lines=$1 line
	mkdir -p "$work/$build"
	: >"$work/$build.log"
	{ cat tests/intree/base.config; printf '%s\n' "$lines"; } >"$work/all.config"
	kernel_make KCONFIG_ALLCONFIG="$work/all.config" allnoconfig || { tail -n 5 "$work/$build.log"; return; }
	while read -r line; do
		[ -n "$line" ] || continue
		! grep -q "^$(cut -d' ' -f2 <<<"$line")=" "$work/$build/.config" || echo "no effect: $line"
	done <<<"$lines"
	mapfile -t targets < <(objects)
	kernel_make W=1 "${targets[@]}" || grep -E 'error|Error' "$work/$build.log" | head -n 5
	grep -E '(kexec_pci_|crash_pci)[a-z_]*\.[ch]:.*(warning|error):' "$work/$build.log"
}

off() { printf '# CONFIG_%s is not set\n' "$@"; }

# But that the "*" of a linker script multiplies.
no_linker_script()
{
	local file line rest
	while IFS=: read -r file line rest; do
		[[ $(sed -n "${line}p" "$file") =~ ^\+[[:space:]]*\*\(\. ]] || echo "$file:$line:$rest"
	done
}

# With nothing on that is not asked for, the kernel links: no symbol is missing.
check_link()
{
	local said
	printf 'CONFIG_%s=y\n' 64BIT PCI SYSFS PROC_FS KEXEC CRASH_DUMP KEXEC_PCI_QUIESCE >"$work/link.config"
	: >"$work/$build.log"
	kernel_make KCONFIG_ALLCONFIG="$work/link.config" allnoconfig && kernel_make vmlinux
	# Not "error" alone: kexec_pci_errors.o is compiled, too.
	said=$(grep -E 'undefined|error:|Error [0-9]' "$work/$build.log" | head -n 5)
	grep -q ' pciq_crash$' "$work/$build/System.map" && [ -z "$said" ]
	result $? "$version: links with PCI and kdump, and nothing else" "$said"
}

check_series()
{
	local patch said
	for patch in "$work"/series/000[1-9]*.patch; do
		patch -d "$work/tree" -p1 -s -F0 <"$patch"
		said=$(compile "")
		[ -z "$said" ]
		result $? "$version: compiles after $(basename "$patch")" "$said"
	done
	# Nobody is named for MAINTAINERS yet, and one file is for kernels before and after 6.17;
	# the rest is as in tests/check/style.t.
	said=$(cd "$work/tree" && perl scripts/checkpatch.pl --strict --terse --no-summary \
		--ignore FILE_PATH_CHANGES,LINUX_VERSION_CODE,CONSTANT_COMPARISON,CONST_STRUCT,CAMELCASE,EMBEDDED_FUNCTION_NAME,PREFER_DEFINED_ATTRIBUTE_MACRO "$work"/series/000[1-9]*.patch 2>&1 | no_linker_script)
	[ -z "$said" ]
	result $? "$version: checkpatch --strict finds nothing in the series" "$said"

	mapfile -t targets < <(objects)
	: >"$work/$build.log"
	kernel_make C=2 "${targets[@]}"
	said=$(grep -E '(kexec_pci_|crash_pci)[a-z_]*\.[ch]:.*(warning|error):' "$work/$build.log")
	if grep -q 'C=2 specified, but sparse is not available or not up to date' "$work/$build.log"; then
		result 0 "$version: sparse finds nothing # SKIP this kernel wants a newer sparse than $(sparse --version)"
		return
	fi
	grep -q CHECK "$work/$build.log" && [ -z "$said" ]
	result $? "$version: sparse finds nothing" "$said"
}

check_documentation()
{
	local said
	said=$(rst2html --strict --report=info "$work/tree/Documentation/admin-guide/kdump/pci-quiesce.rst" 2>&1 >/dev/null)
	result $? "$version: the documentation is clean reStructuredText" "$said"
	grep -q pci-quiesce "$work/tree/Documentation/admin-guide/kdump/index.rst"
	result $? "$version: and in the index"
}

# name|options that are off
variants='
PCIEAER, PCIE_DPC|PCIEAER PCIE_DPC
PCIE_DPC|PCIE_DPC
HOTPLUG_PCI_PCIE|HOTPLUG_PCI_PCIE
PCI_MMCONFIG|PCI_MMCONFIG
PCI_IOV|PCI_IOV
ACPI (and with it PCI_MMCONFIG)|ACPI HOTPLUG_PCI_ACPI ACPI_PROCESSOR
PCI_QUIRKS, PCIEPORTBUS|PCI_QUIRKS PCIEPORTBUS PCIEAER PCIE_DPC HOTPLUG_PCI_PCIE
KEXEC_FILE|KEXEC_FILE
XEN, HYPERVISOR_GUEST|XEN XEN_PVHVM XEN_PVHVM_GUEST PARAVIRT HYPERVISOR_GUEST
SMP|SMP
SYSFS|SYSFS
'

for version in ${VERSIONS:-6.1 6.12 7.2}; do
	source=$(scripts/fetch source "$version") || exit 1
	rm -rf "$work"/{tree,gcc,clang,series}
	tree "$source" "$work/tree"
	scripts/make-series "$version" "$work/series" >/dev/null || { echo "Bail out! no series for $version"; exit 1; }
	build=gcc compiler=()
	check_series
	check_documentation
	while IFS='|' read -r name options; do
		[ -n "$name" ] || continue
		# shellcheck disable=SC2086 # a list of words
		said=$(compile "$(off $options)")
		[ -z "$said" ]
		result $? "$version: compiles without $name" "$said"
	done <<<"$variants"
	check_link
	build=clang compiler=("CC=$clang")
	said=$(compile "")
	[ -z "$said" ] && [ -e "$work/clang/kernel/kexec_pci_init.o" ]
	result $? "$version: compiles with $clang" "$said"
done
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/intree puts the project into a tree of each version, refuses what does
# not fit and leaves it as it was; scripts/make-series comes to the same tree.
# Nothing is compiled here: see compile.t.  VERSIONS: which kernels.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/tap.sh
. tests/tap.sh

# The files of a kernel tree that matter here: $1 version, $2 directory.
tree()
{
	local path source
	source=$(scripts/fetch source "$1") || exit 1
	rm -rf "$2"
	{
		printf '%s\n' Makefile kernel/kexec.c
		sed -n 's|^--- a/||p' "patches/$1"/*.patch
	} | sort -u | while read -r path; do
		mkdir -p "$2/$(dirname "$path")"
		cp "$source/$path" "$2/$path"
	done
}

sums() { (cd "$1" && find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum); }

committed()
{
	git -C "$1" init -q
	git -C "$1" add -A
	git -C "$1" -c user.name=t -c user.email=t@localhost commit -qm base
}

for version in ${VERSIONS:-$(cd patches && echo */ | tr -d /)}; do
	tree "$version" "$work/$version"
	said=$(scripts/intree "$version" "$work/$version" 2>&1)
	status=$?
	missing=$(awk '!/^#/ && NF { print $1, $2, $3 ? $3 : $2 }' patches/files | while read -r _ from to; do
		cmp -s "$from" "$work/$version/$to" || echo "$to"
	done)
	[ $status -eq 0 ] && [ -z "$missing" ] && [ "$(wc -l <<<"$said")" -eq 1 ]
	result $? "$version: the files and the glue go in" "$said $missing"

	left=$(find "$work/$version" -name '*.orig' -o -name '*.rej')
	[ -z "$left" ]
	result $? "$version: nothing is left over" "$left"

	tree "$version" "$work/am"
	committed "$work/am"
	said=$(scripts/make-series "$version" "$work/series" 2>&1 &&
		git -C "$work/am" -c user.name=t -c user.email=t@localhost am -q "$work"/series/000[1-9]*.patch 2>&1)
	status=$?
	[ $status -eq 0 ] && [ "$(sums "$work/am")" = "$(sums "$work/$version")" ]
	result $? "$version: git am of the series comes to the same tree" "$(tail -n 3 <<<"$said")"

	# Counted in the patches themselves.
	missing=$(for patch in "$work"/series/000[1-9]*.patch; do
		lines=$(sed -n '/^diff --git/,$p' "$patch" | grep -c '^+\($\|[^+]\|+[^+]\)')
		grep -q "^  kexec: .* $lines\$\|^  PCI: .* $lines\$" "$work"/series/0000-*.patch || echo "${patch##*/}: $lines"
	done)
	[ -z "$missing" ]
	result $? "$version: the cover letter says what each patch adds" "$missing"
done

# name|what to do to a good tree of 6.12 in $t|version to ask for|what must be said
# shellcheck disable=SC2016 # for eval
refusals='
no tree|rm -r $t|6.12|no such directory
something else|rm $t/Makefile|6.12|not a kernel tree
another version|:|6.1|is Linux 6.12, not 6.1
an unknown version|:|6.13|unknown version
patched already|scripts/intree 6.12 $t|6.12|already
one of our files|mkdir -p $t/arch/x86/kernel; touch $t/arch/x86/kernel/crash_pci.c|6.12|has arch/x86/kernel/crash_pci.c already
a file missing|rm $t/kernel/crash_core.c|6.12|has no kernel/crash_core.c
another call|sed -i s/machine_crash_shutdown/machine_crash_stop/ $t/kernel/crash_core.c|6.12|does not apply
changes of its own|committed $t; echo >>$t/kernel/Makefile|6.12|changes of its own in kernel/Makefile
'
t=$work/t
while IFS='|' read -r name spoil version wanted; do
	[ -n "$name" ] || continue
	tree 6.12 "$t"
	eval "$spoil" >/dev/null 2>&1
	before=$(sums "$t" 2>/dev/null)
	said=$(scripts/intree "$version" "$t" 2>&1)
	status=$?
	[ $status -eq 2 ] && [ "$(wc -l <<<"$said")" -eq 1 ] && [[ $said == *"$wanted"* ]] &&
		[ "$(sums "$t" 2>/dev/null)" = "$before" ]
	result $? "refused, and left as it was: $name" "$said"
done <<<"$refusals"

tree 6.12 "$t"
rm -rf "$work/links"
cp -al "$t" "$work/links"
before=$(sums "$t")
scripts/intree 6.12 "$work/links" 2>/dev/null
[ "$(sums "$t")" = "$before" ]
result $? "a tree of hard links: the other tree is not changed through them"

# Each file that the kernel needs is listed: nothing is compiled that is not there.
unlisted=$(sed -n 's/^+.*[+:]= //p' "patches/6.12"/*.patch | grep -oE '(kexec_pci|crash_pci)[a-z_]*\.o' |
	sed 's/\.o$/.c/' | sort -u | while read -r file; do
		grep -q "/$file\( \|$\)" patches/files || echo "$file"
	done)
[ -z "$unlisted" ]
result $? "every object of the glue has its file" "$unlisted"
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# checkpatch --strict, sparse, kernel-doc, shellcheck, SPDX lines, and nothing
# in the tree that belongs to one machine.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
built=$(scripts/build-modules 6.1) || exit 1
source=$(scripts/fetch source 6.1) || exit 1

# shellcheck source=tests/tap.sh
. tests/tap.sh

mapfile -t files < <(git ls-files)
mapfile -t c_files < <(git ls-files '*.c' '*.h' '*.S' ':!tools/shim')
mapfile -t kernel_files < <(git ls-files 'kernel/*' 'drivers/*' 'arch/*' 'include/*' 'module/*.[chS]')
mapfile -t shells < <(grep -lE '^#!/bin/(ba)?sh' "${files[@]}")

# Code for one kernel needs no version checks; ours is for three.  Only the test
# module has a BUG(), on purpose: scripts/check-crash-path knows about the rest.
# Libraries have capitals in their names; tools/shim stands in for kernel headers.
trap 'rm -f .checkpatch-camelcase.*' EXIT
said=$(perl "$source/scripts/checkpatch.pl" --no-tree --strict --terse --no-summary \
	--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,FILE_PATH_CHANGES,AVOID_BUG,CAMELCASE \
	-f "${c_files[@]}" 2>&1 | grep -E ': (ERROR|WARNING|CHECK):')
nothing "checkpatch --strict finds nothing in ${#c_files[@]} files" "$said"

said=$(ROOT=$built/tree scripts/build-module 6.1 "$built/tree/module" C=2 modules 2>&1 |
	grep -E '/tree/.*(warning|error):')
nothing "sparse finds nothing" "$said"

said=$(perl "$source/scripts/kernel-doc" -none -Werror "${kernel_files[@]}" 2>&1 |
	grep -E 'warning|error')
nothing "kernel-doc finds nothing in ${#kernel_files[@]} files" "$said"

# Every function with linkage has kernel-doc that says in which context it runs.
# shellcheck disable=SC2016 # awk's own
said=$(git ls-files 'kernel/*.c' 'drivers/*.c' 'arch/*.c' 'module/*.c' | xargs awk '
	/^\/\*\*$/ { doc = 1; name = ""; context = 0 }
	doc && name == "" && / \* \w+\(\) - / { name = $2 }
	doc && /^ \* Context: / { context = 1 }
	doc && /^ \*\// { if (name != "" && !context) print FILENAME ": " name " has no Context: line"; doc = 0 }')
nothing "kernel-doc says the context" "$said"

said=$(shellcheck -x "${shells[@]}" 2>&1 | head -n 40)
nothing "shellcheck finds nothing in ${#shells[@]} scripts" "$said"

said=$(for file in "${files[@]}"; do
	case $file in
	*.md | *.rst | VERSION | Documentation/ABI/* | .gitignore | *.svg | *.json | *.txt) continue ;;
	# Mail, not source: what they change has its own line.
	patches/*.patch | patches/cover-letter) continue ;;
	# Inputs, to the byte.
	tests/fabric/corpus/*) continue ;;
	# Debian's formats have no room for it.
	debian/changelog | debian/source/format) continue ;;
	esac
	head -n 4 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || echo "$file"
done)
nothing "every file has its SPDX line" "$said"

said=$(git grep -nE '(deb|security|archive|snapshot|registry)\.(debian|npmjs)\.(org|com)|(^|[^].$})a-z*"])/(work|root|home)/' \
	-- . ':!tests/check/style.t')
nothing "no package host, no path of one machine" "$said"
echo "1..$nr"

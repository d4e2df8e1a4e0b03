#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The build for tests has an accessor in front of the real one; the module that
# users get has nothing of it, and its crash path is the same machine code.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
normal=$(scripts/build-modules 6.1) || exit 1
for_tests=$(scripts/build-modules 6.1 inject) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

nr=0
result()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then echo "ok $nr - $2"; else echo "not ok $nr - $2"; fi
	[ -z "${3:-}" ] || echo "# ${3//$'\n'/$'\n'# }"
}

symbols() { nm "$1/kexec_pci_quiesce.ko" | grep -E 'pciq_(inject|real_)'; }

# The code itself; what it refers to has other names.
code() { objcopy -O binary --only-section=.text..quiesce "$1/tree/$2" "$work/code" && md5sum <"$work/code"; }

said=$(symbols "$normal")
[ -z "$said" ]
result $? "the module has nothing of the build for tests" "$said"
said=$(symbols "$for_tests")
[ "$(wc -l <<<"$said")" = 3 ]
result $? "the build for tests has its accessor in front of the real one" "$said"

objects=(module/escape.o)
while read -r object; do
	objects+=("$object")
done < <(cd "$normal/tree" && grep -l text..quiesce module/hook.o module/note.o kernel/*.o arch/x86/kernel/*.o)
said=
for object in "${objects[@]}"; do
	[ "$(code "$normal" "$object")" = "$(code "$for_tests" "$object")" ] || said+="$object differs"$'\n'
done
[ -z "$said" ] && [ "${#objects[@]}" -ge 9 ]
result $? "the crash path of both is the same, in ${#objects[@]} objects" "$said"

for object in "${objects[@]}" tools/kexec-quiesce-inject/module/accessor.o; do
	echo "$for_tests/tree/$object"
done >"$work/objects"
said=$(xargs scripts/check-crash-path <"$work/objects")
result $? "scripts/check-crash-path passes the build for tests, too" "$said"
echo "1..$nr"

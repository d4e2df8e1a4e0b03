#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/check-crash-path passes the module as built, and fails each of these
# additions to the engine.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
built=$(scripts/build-modules 6.1) || exit 1
work=$(mktemp -d "$built/variants.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/tap.sh
. tests/tap.sh

# name|what to include|statement added to the engine|what the check must name
variants='
none|kernel.h||
printk|printk.h|_printk("quiescing");|_printk
mutex|mutex.h|{ static DEFINE_MUTEX(m); mutex_lock(\&m); }|mutex_lock
spinlock|spinlock.h|{ static DEFINE_SPINLOCK(s); spin_lock(\&s); }|_raw_spin_lock
kmalloc|slab.h|run->work = kmalloc(run->nr_funcs, GFP_ATOMIC);|__kmalloc
pci_get|pci.h|run->work = (void *)pci_get_device(0x8086, 1, NULL);|pci_get_device
pci_dev|pci.h|((struct pci_dev *)run->work)->devfn = 0;|pci_dev
warn|bug.h|WARN_ON(run->nr_funcs);|BUG() or WARN()
indirect|kernel.h|((void (*)(void))run->work)();|__x86_indirect_thunk
memset|string.h|memset(run->work, 0, run->nr_funcs);|memset
'

cp -r "$built/tree/." "$work/tree"
mkdir "$work/tree/variants"
cp kernel/kexec_pci_internal.h "$work/tree/variants"
kbuild=$work/tree/variants/Kbuild
cat >"$kbuild" <<'END'
LINUXINCLUDE := -I$(src)/../include -I$(src)/../include/uapi $(LINUXINCLUDE)
include $(src)/../scripts/Makefile.quiesce
END
while IFS='|' read -r name header statement _; do
	[ -n "$name" ] || continue
	sed -e "s|^#include <linux/mm.h>|&\n#include <linux/$header>|" \
	    -e "s|^\tpciq_begin_entries(run, |\t$statement\n&|" \
	    kernel/kexec_pci_quiesce.c >"$work/tree/variants/$name.c"
	cmp -s kernel/kexec_pci_quiesce.c "$work/tree/variants/$name.c" &&
		{ echo "Bail out! no place was found to add a statement"; exit 1; }
	printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' \
		>>"$work/tree/variants/$name.c"
	echo "obj-m += $name.o" >>"$kbuild"
	# shellcheck disable=SC2016 # for make to expand
	echo '$(call quiesce-flags,'"$name.o)" >>"$kbuild"
done <<<"$variants"
# Undefined symbols are to be expected: the objects are not a whole module.
ROOT=$work/tree scripts/build-module 6.1 "$work/tree/variants" \
	KBUILD_MODPOST_WARN=1 modules >"$work/log" 2>&1 ||
	{ sed 's/^/# /' "$work/log"; echo "Bail out! the variants do not build"; exit 1; }

rest=()
for object in module/hook.o module/escape.o module/note.o \
	      kernel/kexec_pci_contain.o kernel/kexec_pci_reset.o \
	      kernel/kexec_pci_walk.o kernel/kexec_pci_stages.o \
	      arch/x86/kernel/crash_pci.o; do
	rest+=("$built/tree/$object")
done

said=$(scripts/check-crash-path "$built/tree/kernel/kexec_pci_quiesce.o" "${rest[@]}")
result $? "the module as built passes"
echo "# ${said//$'\n'/, }"

while IFS='|' read -r name _ statement wanted; do
	[ -n "$name" ] || continue
	said=$(scripts/check-crash-path "$work/tree/variants/$name.o" "${rest[@]}")
	status=$?
	if [ -z "$statement" ]; then
		result $status "the engine built alone passes"
		continue
	fi
	[ $status -eq 1 ] && [[ $said == *"$wanted"* ]]
	result $? "an added $name fails"
	echo "# ${said//$'\n'/, }"
done <<<"$variants"

# What the check looks for comes first, and then more than a pipe holds: who stops
# reading there must not take the writer's SIGPIPE for an answer.
mkdir "$work/bin"
cat >"$work/bin/readelf" <<'END'
#!/bin/sh
PATH=${PATH#*:}
readelf "$@" || exit
case "$FLOOD $*" in
"sections -SW "*)
	seq 200000 ;;
"types --debug-dump=info "*)
	seq 200000 | sed 's/.*/ <1><&>: Abbrev Number: 1 (DW_TAG_structure_type)\n    <&>   DW_AT_name        : type_&/' ;;
esac
END
chmod +x "$work/bin/readelf"
said=$(FLOOD=sections PATH=$work/bin:$PATH scripts/check-crash-path "$work/tree/variants/none.o" "${rest[@]}")
result $? "debug information is found, however many sections follow" "$said"
said=$(FLOOD=types PATH=$work/bin:$PATH scripts/check-crash-path "$work/tree/variants/pci_dev.o" "${rest[@]}")
[ $? -eq 1 ] && [[ $said == *"knows struct pci_dev"* ]]
result $? "struct pci_dev is found, however many types follow" "$said"

said=$(scripts/check-crash-path "$built/tree/drivers/pci/quiesce/snapshot.o")
[ $? -eq 1 ]
result $? "an object without crash-path code is not passed unchecked"
# vmlinux.o of 6.1 has as many: more names than fit into an argument.
seq 10000 | sed 's/.*/.section a_section_of_vmlinux_&,"a"\n.byte 0/' | as -o "$work/many.o" - &&
	ld -r -z noexecstack -o "$work/linked.o" "$built/tree/kernel/kexec_pci_quiesce.o" "${rest[@]}" "$work/many.o"
said=$(scripts/check-crash-path --linked "$work/linked.o" 2>&1)
result $? "10,000 sections are not too many"
echo "# ${said//$'\n'/, }"
echo "1..$nr"

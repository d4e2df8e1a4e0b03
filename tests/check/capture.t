#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the packages run in the crash kernel, against a fake one: the verdict is told and
# saved, and whatever goes wrong is one line and no error.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tool=${OUT:-$top/out}/tools
verdict=$top/packaging/capture/verdict
PATH=$tool:$PATH
export KPCIQ_STATE=$work/run KPCIQ_VMCORE=$work/vmcore KPCIQ_VERDICT=$verdict

nr=0
expect() { # NAME WANTED GOT
	nr=$((nr + 1))
	# shellcheck disable=SC2053 # a pattern
	if [[ $3 == $2 ]]; then
		echo "ok $nr - $1"
	else
		printf 'not ok %d - %s\n# wanted: %s\n# got: %s\n' "$nr" "$1" "$2" "${3//$'\n'/$'\n# '}"
	fi
}

# Run "$@" afresh: prints what it says and, if that is not 0, its exit status.
try() {
	rm -rf "$KPCIQ_STATE"
	"$@" 2>&1 || echo "exit $?"
}

kexec-quiesce --version >/dev/null || { echo "Bail out! no kexec-quiesce in $tool"; exit 1; }
python3 tests/tools/samples.py vmcore good "$work/vmcore" || { echo 'Bail out! no sample'; exit 1; }

expect 'tell: one line' 'kexec-pci-quiesce: partial: * of * PCI functions quiet, * us' "$(try "$verdict" tell)"
expect 'tell: the report is kept' 'same' \
	"$(kexec-quiesce report --json "$work/vmcore" | cmp - "$work/run/quiesce.json" && echo same)"

mkdir "$work/crash"
expect 'save: beside the dump' "kexec-pci-quiesce: report is in $work/crash/quiesce.json" "$("$verdict" save "$work/crash")"
expect 'save: nothing else' 'quiesce.json' "$(ls "$work/crash")"
expect 'save: nowhere' 'kexec-pci-quiesce: report not saved: *none*' "$("$verdict" save "$work/none" 2>&1 || echo bad)"
expect 'save: no room' 'kexec-pci-quiesce: report not saved: *' "$("$verdict" save /proc/self 2>&1 || echo bad)"

# In between drivers came, and functions were reset before them.
mkdir -p "$work/bin" "$work/late"
: >"$work/functions"
printf '#!/bin/sh\necho "{ later }"\n' >"$work/bin/kexec-quiesce"
chmod +x "$work/bin/kexec-quiesce"
PATH=$work/bin:$PATH KPCIQ_HOLD=$work/functions "$verdict" save "$work/late" >/dev/null
expect 'save: with what became of what was held' '{ later }' "$(cat "$work/late/quiesce.json")"
printf '#!/bin/sh\nexit 3\n' >"$work/bin/kexec-quiesce"
PATH=$work/bin:$PATH KPCIQ_HOLD=$work/functions "$verdict" save "$work/late" >/dev/null
expect 'save: what there was, if that fails' '{ later }' "$(cat "$work/late/quiesce.json")"
rm -r "${work:?}/bin"

head -c 100 /dev/urandom >"$work/nonsense"
expect 'tell: not a dump' 'kexec-pci-quiesce: no verdict: kexec-quiesce: *' "$(KPCIQ_VMCORE=$work/nonsense try "$verdict" tell)"
expect 'tell: no dump' 'kexec-pci-quiesce: no verdict: kexec-quiesce: *' "$(KPCIQ_VMCORE=$work/none try "$verdict" tell)"
expect 'save: nothing was told' '' "$("$verdict" save "$work/crash" 2>&1 || echo bad)"
expect 'tell: no place for the report' 'kexec-pci-quiesce: no verdict: cannot write to /proc/none' \
	"$(KPCIQ_STATE=/proc/none "$verdict" tell 2>&1 || echo bad)"

mkdir "$work/bin"
# shellcheck disable=SC2016
printf '#!/bin/sh\nexec sleep 1000\n' >"$work/bin/kexec-quiesce"
chmod +x "$work/bin/kexec-quiesce"
expect 'tell: a command that hangs is ended' 'kexec-pci-quiesce: no verdict: kexec-quiesce took more than 1 s' \
	"$(PATH=$work/bin:$PATH KPCIQ_LIMIT=1 try "$verdict" tell)"
printf '#!/bin/sh\nkill -SEGV $$\n' >"$work/bin/kexec-quiesce"
expect 'tell: a command that dies' 'kexec-pci-quiesce: no verdict: *' "$(PATH=$work/bin:$PATH try "$verdict" tell)"
expect 'tell: no command' 'kexec-pci-quiesce: no verdict: kexec-quiesce is not installed here' \
	"$(PATH=/usr/sbin:/usr/bin:/sbin:/bin try "$verdict" tell)"
expect 'usage' 'kexec-pci-quiesce: usage: *' "$(try "$verdict" tell more)"

# Debian: kdump-config makes its directory some time later.
mkdir -p "$work/var/20200101" && touch -d 2020-01-01 "$work/var/20200101/dump.20200101"
echo "KDUMP_COREDIR=$work/var" >"$work/defaults"
kdump_tools=$top/packaging/capture/kdump-tools
told=$(
	{ sleep 1; mkdir "$work/var/now"; : >"$work/var/now/dmesg.now"; } &
	KPCIQ_DEFAULTS=$work/defaults try "$kdump_tools"
)
expect 'kdump-tools: told and saved' "kexec-pci-quiesce: partial: *report is in $work/var/now/quiesce.json" "$told"
expect 'kdump-tools: not beside an old dump' 'now/quiesce.json' "$(cd "$work/var" && ls -- */quiesce.json)"

# kdumpctl: pre.d without an argument, post.d with the exit status of the dump.
hook=$top/packaging/dracut/kdump-hook
mkdir -p "$work/sysroot/dumps/127.0.0.1-2020" "$work/sysroot/dumps/127.0.0.1-2026"
touch -d 2020-01-01 "$work/sysroot/dumps/127.0.0.1-2020/vmcore"
: >"$work/sysroot/dumps/127.0.0.1-2026/vmcore-incomplete"
printf 'none /proc proc rw 0 0\n/dev/vda %s ext4 rw 0 0\n' "$work/sysroot" >"$work/mounts"
printf '#path /wrong\npath /dumps # here\ncore_collector makedumpfile\n' >"$work/kdump.conf"
export KPCIQ_MOUNTS=$work/mounts KPCIQ_KDUMP_CONF=$work/kdump.conf
for shell in dash bash 'busybox sh'; do
	[ "$(command -v "${shell% *}")" ] || continue
	rm -f "$work"/sysroot/dumps/*/quiesce.json
	# shellcheck disable=SC2086 # two words
	expect "kdumpctl, $shell: told before the dump" 'kexec-pci-quiesce: partial: *' "$(try $shell "$hook")"
	# shellcheck disable=SC2086
	expect "kdumpctl, $shell: saved after it, also if it failed" \
		"kexec-pci-quiesce: report is in $work/sysroot/dumps/127.0.0.1-2026/quiesce.json" "$($shell "$hook" 1 2>&1 || echo bad)"
done
: >"$work/mounts"
expect 'kdumpctl: no dump on a file system' '' "$("$hook" 0 2>&1 || echo bad)"

# The dracut module is for kdump's initramfs only, and asks for all that the hook calls.
# It brings its own check().
# shellcheck source=packaging/dracut/module-setup.sh
source "$top/packaging/dracut/module-setup.sh"
inst_multiple() { printf '%s\n' "$@"; }
inst_simple() { :; }
inst_hook() { [ -x "$3" ] && printf '%s\n' "hook $1" >&3; }
instmods() { printf '%s\n' "modules $*"; }
moddir=$top/packaging/dracut
exec 3>"$work/hooks"
commands='timeout grep sed head tail mkdir mv cp rm sync dirname awk cut tr find cat date basename kexec-quiesce'
called=$(grep -ohE "\\b(${commands// /|}) [-\"\$]" "$verdict" "$hook" | cut -d' ' -f1 | sort -u)
unset IN_KDUMP
expect 'dracut: not in an ordinary initramfs' 'no' "$(check && echo yes || echo no)"
expect 'dracut: kexec_pci_hold, if it is there' 'modules -s kexec_pci_hold' "$(installkernel)"
expect 'dracut: has all that the hook calls' '' "$(comm -13 <(install | sort) - <<<"$called")"
expect 'dracut: loads it before udev' 'hook pre-udev' "$(cat "$work/hooks")"

# Loaded in the crash kernel only, and whatever comes of that is no error.
printf '#!/bin/sh\necho "$@"\nexit 1\n' >"$work/bin/modprobe"
chmod +x "$work/bin/modprobe"
for start in packaging/initramfs-tools/init-top packaging/dracut/hold.sh; do
	expect "$start: in the crash kernel" '-q kexec_pci_hold' "$(PATH=$work/bin:$PATH try "$start")"
	expect "$start: in another" '' "$(PATH=$work/bin:$PATH KPCIQ_VMCORE=$work/none try "$start")"
done
expect 'initramfs-tools: it depends on nothing' '' "$(try packaging/initramfs-tools/init-top prereqs)"
echo 'manual_add_modules() { echo "modules $*"; }' >"$work/hook-functions"
expect 'initramfs-tools: the module goes into it' 'modules kexec_pci_hold' \
	"$(KPCIQ_HOOK_FUNCTIONS=$work/hook-functions try packaging/initramfs-tools/hook)"
echo "1..$nr"

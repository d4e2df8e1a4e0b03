#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kexec-quiesce-inject as a user meets it, with a made-up table in place of the
# module's; and that nothing of it is ever installed.  TAP.
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
program=${OUT:-$here/out}/tools/kexec-quiesce-inject
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
make -s -C "$here/tools/kexec-quiesce-inject" O="$(dirname "$program")" all || exit 1
cd "$tmp" || exit 1

mkdir debugfs
printf '%s\t%s\t%s\t%s\n' lists pci '' 'lists overwritten' \
	fault routine 'at=read|write|mask once' 'a page fault' \
	refuse device 'device=ADDRESS ms=NUMBER' 'does not obey' >debugfs/faults
printf '%s\t%s\t%s\t%s\n' sysrq triggers '' 'sysrq-c' nmi triggers '' 'in NMI' >debugfs/triggers
: >debugfs/arm
: >debugfs/crash

nr=0
result()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr - $2"
	else
		echo "not ok $nr - $2"
		sed 's/^/# /' out err
	fi
}

inject()
{
	"$program" --debugfs debugfs "$@" >out 2>err
	status=$?
}

# MESSAGE ARGUMENTS: exit 2, and nothing but this line
refuses()
{
	local message=$1
	shift
	inject "$@"
	[ $status = 2 ] && [ ! -s out ] && [ "$(cat err)" = "kexec-quiesce-inject: $message" ]
	result $? "${*:-no command}: $message"
}

inject --help
[ $status = 0 ] && grep -q '^Usage: kexec-quiesce-inject COMMAND' out
result $? "--help"
inject list
[ $status = 0 ] && [ "$(grep -c '^  ' out)" = 5 ] && grep -q '^  fault  *a page fault \[at=read|write|mask once\]$' out
result $? "list: a line for each fault and trigger"

refuses 'no command (commands: list, arm, crash; see --help)'
refuses 'unknown command "lst", did you mean "list"? (commands: list, arm, crash)' lst
refuses 'bad option "--list" (options: --help)' --list
refuses 'list: unexpected "now"' list now
refuses 'arm needs a fault: arm FAULT [key=value]... (see: list)' arm
refuses 'unknown fault "list", did you mean "lists"? (see: list)' arm list
refuses 'unknown trigger "nmj", did you mean "nmi"? (see: list)' crash nmj
refuses 'fault "lists" takes no argument: "x"' arm lists x
refuses 'fault: unknown at=rite, did you mean at=write?' arm fault at=rite
refuses 'fault: unknown argument "a", did you mean "at"?' arm fault a=read
refuses 'fault: "at" takes a value' arm fault at
refuses 'fault: "once" takes no value' arm fault once=1
refuses 'refuse: device=1:2 is no address of a function, like 0000:01:00.0' arm refuse device=1:2
refuses 'refuse: device=0000:01:20.0 is no address of a function, like 0000:01:00.0' arm refuse device=0000:01:20.0
refuses 'refuse: ms=1s is no number' arm refuse ms=1s
refuses 'unknown fault "", did you mean "lists"? (see: list)' arm ''
refuses "unknown fault \"$(printf %0100d 0)\", did you mean \"lists\"? (see: list)" arm "$(printf %0100d 0)"

inject arm fault at=mask once
[ $status = 0 ] && [ "$(cat debugfs/arm)" = "fault at=mask once" ]
result $? "arm: what the module gets"
inject crash
[ $status = 1 ] && [ "$(cat debugfs/crash)" = sysrq ] && grep -q 'still alive' err
result $? "crash: sysrq by default, and exit 1 if it comes back"

rm -r debugfs
inject arm lists
[ $status = 3 ] && grep -q 'insmod pciq_inject.ko i_know=1 first' err
result $? "without the module: exit 3, and what to do"

make -n -C "$here" install DESTDIR=/nowhere OUT="$tmp" >out 2>err && grep -q 'kexec-quiesce' out && ! grep -q 'quiesce[-_]inject' out
result $? "make install does not know of it"
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in the Debian under test, as root, once at each boot: the next stage. Lines
# "KPCIQ ok TEXT" and "KPCIQ not ok TEXT" go to the console; system.py reads them.
# Which stage is next is kept on the disk, since some of them panic.
set -u

here=$(dirname "$0")
next=/var/tmp/kpciq-stage
armed=/sys/kernel/kexec_pci_quiesce/armed
unit=kexec-pci-quiesce.service

say() { echo "KPCIQ $*"; }
# check TEXT COMMAND...: the command is to succeed; what it says is shown if it does not.
check() {
	local text=$1 said
	shift
	if said=$("$@" 2>&1); then
		say "ok $text"
	else
		say "not ok $text"
		printf '# %s\n' "$*" "$said" | tail -n 20
		return 1
	fi
}
# Without this, what follows would tell nothing.
must() {
	check "$@" && return
	systemctl poweroff
	exit 1
}
not() { ! "$@"; }
then_stage() { echo "$1" >$next; sync; }
is_armed() { [[ $(cat $armed) == 1 ]] && systemctl is-active -q $unit; }
module_loaded() { [[ -d /sys/module/kexec_pci_quiesce ]]; }
crash() {
	say "crashing"
	sleep 1
	echo c >/proc/sysrq-trigger
}
# For the log: why the unit is not as it should be.
explain() {
	systemctl --no-pager status $unit kdump-tools.service
	dmesg | grep -i 'quiesce\|crash'
}

install() {
	must "the crash kernel is loaded by kdump-tools alone" grep -qx 1 /sys/kernel/kexec_crash_loaded
	find / -xdev | sort >/var/tmp/kpciq-before
	echo "deb [trusted=yes] file:$here/mirror ./" >/etc/apt/sources.list
	apt-get -qq update
	must "apt installs both packages" apt-get -qy install "$here"/debs/kexec-pci-quiesce-{dkms,tools}_*.deb
	check "DKMS has built the module for this kernel" grep -q "$(uname -r).*installed" <(dkms status)
	check "armed when installed" is_armed || explain
	then_stage crash
	systemctl reboot
}

crash_stage() {
	check "armed at boot" is_armed || explain
	check "status says so" kexec-quiesce status
	then_stage dumped
	crash
}

the_dump() { ls -d /var/crash/2*/dump.2*; }
# What kdump-tools saves is flattened, which this Debian's libkdumpfile does not open.
report_is_the_same() {
	makedumpfile -R /var/tmp/dump <"$(the_dump)"
	diff <(kexec-quiesce report --json /var/tmp/dump | grep -v '"file"') <(grep -v '"file"' /var/crash/2*/quiesce.json)
}

dumped() {
	ls -l /var/crash /var/crash/2*
	check "the dump was saved" the_dump
	check "quiesce.json is beside it" ls /var/crash/2*/quiesce.json
	check "its verdict is clean" grep -q '"verdict": *"clean"' /var/crash/2*/quiesce.json
	check "it is what the dump says" report_is_the_same
	# Once more, with a command that hangs for good.
	mv /var/crash/2* /var/tmp
	mv /usr/bin/kexec-quiesce /var/tmp
	printf '#!/bin/sh\nexec sleep 100000\n' >/usr/bin/kexec-quiesce
	chmod +x /usr/bin/kexec-quiesce
	check "still armed" is_armed
	then_stage upgrade
	crash
}

upgrade() {
	ls -l /var/crash /var/crash/2*
	check "the dump was saved although the report hung" the_dump
	check "and has no quiesce.json" not ls /var/crash/2*/quiesce.json
	rm -r /var/crash/2*
	mv /var/tmp/kexec-quiesce /usr/bin
	echo "deb [trusted=yes] file:$here/mirror ./" >/etc/apt/sources.list
	apt-get -qq update
	check "apt installs kernel 6.12" apt-get -qy install '^linux-(image|headers)-6.12.*-amd64$'
	check "DKMS has built the module for it" grep -q "6\.12.*installed" <(dkms status)
	then_stage upgraded
	systemctl poweroff
}

upgraded() {
	check "this is 6.12" grep -q '^6\.12' <(uname -r)
	check "armed at boot on 6.12" is_armed || explain
	then_stage off
	systemctl poweroff
}

# What the bootloader says counts: policy=off, and systemd.mask=.
off() {
	check "the command line says off" grep -q kexec_pci_quiesce.policy=off /proc/cmdline
	check "policy=off: the module is not loaded" not module_loaded
	check "policy=off: the unit has not failed" not systemctl is-failed -q $unit
	check "policy=off: the crash kernel is loaded as ever" grep -qx 1 /sys/kernel/kexec_crash_loaded
	then_stage masked
	systemctl poweroff
}

masked() {
	check "systemd.mask=: the module is not loaded" not module_loaded
	then_stage purge
	systemctl poweroff
}

# What is there now, was not, and has our name or is where DKMS installs.
left_over() {
	find / -xdev | sort | comm -13 /var/tmp/kpciq-before - |
		grep -iE 'quiesce|^/(usr/)?lib/modules/[^/]*/updates' | grep -vE '^/var/(crash|tmp|log)/'
}

purge() {
	check "armed before it is removed" is_armed
	check "apt purges both packages" apt-get -qy purge kexec-pci-quiesce-dkms kexec-pci-quiesce-tools
	check "the module is gone from the kernel" not module_loaded
	check "the unit is gone" not systemctl cat $unit
	left_over
	check "no file is left" not left_over
	check "the crash kernel is loaded as ever" grep -qx 1 /sys/kernel/kexec_crash_loaded
	then_stage none
	systemctl poweroff
}

stage=$(cat $next 2>/dev/null || echo install)
say "stage=$stage $(uname -r)"
case $stage in
crash) crash_stage ;;
install | dumped | upgrade | upgraded | off | masked | purge) "$stage" ;;
*) say "not ok unknown stage $stage"; systemctl poweroff ;;
esac
say "stage-end=$stage"

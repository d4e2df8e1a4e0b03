#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Dracut module: what the hook of kdumpctl needs goes into the crash kernel's
# initramfs, and into no other. mkdumprd sets IN_KDUMP.

check() {
	[[ ${IN_KDUMP:-} && -f /etc/kdump.conf ]]
}

depends() {
	echo kdumpbase
}

install() {
	inst_multiple kexec-quiesce timeout grep sed head tail mkdir mv cp rm sync dirname
	inst_simple /usr/libexec/kexec-pci-quiesce/verdict
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 00 "$moddir/hold.sh"
}

# If DKMS has built it for that kernel.
installkernel() {
	hostonly='' instmods -s kexec_pci_hold
}

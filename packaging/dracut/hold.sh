#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Before udev loads drivers, as packaging/initramfs-tools/init-top.

[ ! -e "${KPCIQ_VMCORE:-/proc/vmcore}" ] || modprobe -q kexec_pci_hold || :

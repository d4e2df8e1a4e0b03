#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a kernel marks in drivers/pci/quirks.c, machines that are read from dumps
# have, too: machine/quirks.c of kexec-quiesce is of the newest.  What it knows about
# resets, drivers/pci/quiesce honours.  VERSIONS: which kernels.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1

# shellcheck source=tests/tap.sh
. tests/tap.sh

for version in ${VERSIONS:-6.1 6.12 7.2}; do
	source=$(scripts/fetch source "$version") || { echo "Bail out! no source of $version"; exit 1; }
	rows=$(scripts/make-quirks "$source")
	missing=$(grep -vxFf tools/kexec-quiesce/machine/quirks.c <<<"$rows")
	[ "$(wc -l <<<"$rows")" -gt 30 ] && [ -z "$missing" ]
	result $? "$version: tools/kexec-quiesce/machine/quirks.c has each row of scripts/make-quirks" "$missing"
	ignored=$(scripts/make-quirks --ignored "$source" 2>&1)
	result $? "$version: what it knows about resets is honoured" "$ignored"
done

# The newest with a line more: that is found, and nothing else.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
finds() { # NAME FILE SED WANT: --ignored with the file edited
	rm -rf "$tmp/tree" && mkdir -p "$tmp/tree/drivers/pci" "$tmp/tree/include/linux" || exit 1
	cp "$source/drivers/pci/quirks.c" "$tmp/tree/drivers/pci"
	cp "$source"/include/linux/pci{,_ids}.h "$tmp/tree/include/linux"
	sed -i "$3" "$tmp/tree/$2"
	local said rc
	said=$(scripts/make-quirks --ignored "$tmp/tree" 2>&1)
	rc=$?
	[ $rc -ne 0 ] && [ "$said" = "$4" ]
	result $? "$1: found" "exit $rc: $said"
}
finds "a method for another device" drivers/pci/quirks.c \
	's/^\t{ PCI_VENDOR_ID_SAMSUNG, 0xa804,/\t{ PCI_VENDOR_ID_REALTEK, 0x8168,\n\t\treset_realtek },\n&/' \
	'pci_dev_reset_methods[]: PCI_VENDOR_ID_REALTEK 0x8168, reset_realtek(): no row in plan.c'
finds "a longer delay" drivers/pci/quirks.c 's/0x0a54, delay_250ms_after_flr/0x0a54, delay_900ms_after_flr/' \
	'pci_dev_reset_methods[]: PCI_VENDOR_ID_INTEL 0x0a54, delay_900ms_after_flr(): plan.c has 250'
finds "a row of another form" drivers/pci/quirks.c 's/0xa804, nvme_disable_and_flr/0xa804, nvme_disable_and_flr, 1/' \
	'make-quirks: pci_dev_reset_methods[] has rows of another form'
finds "a flag" include/linux/pci.h \
	's/^\tPCI_DEV_FLAGS_NO_FLR_RESET = /\tPCI_DEV_FLAGS_NO_LINK_RESET = 0,\n&/' \
	'PCI_DEV_FLAGS_NO_LINK_RESET: not copied in describe.c'
# shellcheck disable=SC2016 # sed's own
finds "a function that sets a known flag" drivers/pci/quirks.c \
	'$a static void quirk_new(struct pci_dev *dev)\n{\n\tdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;\n}' \
	'quirk_new(): not in FUNCTIONS of scripts/make-quirks'
said=$(scripts/make-quirks /nonexistent 2>&1)
[ $? -eq 3 ] && [[ $said == "make-quirks: /nonexistent/"*": No such file or directory" ]]
result $? "no source: said in one line" "$said"
echo "1..$nr"

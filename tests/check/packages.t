#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The packages build, and lintian and rpmlint find nothing but what is overridden.  TAP.
# How they behave on a system: make check-package.
set -u

cd "$(dirname "$0")/../.." || exit 1
out=${OUT:-$PWD/out}
version=$(cat VERSION)

# shellcheck source=tests/tap.sh
. tests/tap.sh

# contents FILE-LIST WANTED...: the paths that are not there.
lacks() {
	local path list=$1
	shift
	for path; do
		grep -qxE "$path" <<<"$list" || echo "lacks $path"
	done
}

source=usr/src/kexec-pci-quiesce-$version
libexec=usr/libexec/kexec-pci-quiesce
said=$(nice scripts/package deb 2>&1 >/dev/null)
nothing "deb builds" "$said"
# Whoever runs it may be root.
said=$(lintian --allow-root --fail-on none --display-info "$out"/deb/*.changes 2>&1 | grep -v '^N:')
nothing "lintian finds nothing" "$said"
list=$(dpkg-deb -c "$out"/deb/kexec-pci-quiesce-dkms_*.deb | awk '{ print substr($6, 3) }')
nothing "kexec-pci-quiesce-dkms has module and unit" \
	"$(lacks "$list" "$source/dkms.conf" "$source/module/Kbuild" lib/systemd/system/kexec-pci-quiesce.service)"
list=$(dpkg-deb -c "$out"/deb/kexec-pci-quiesce-tools_*.deb | awk '{ print substr($6, 3) }')
share=usr/share/kexec-pci-quiesce
nothing "kexec-pci-quiesce-tools has what reads dumps: command, extension of crash, script for drgn, schema" \
	"$(lacks "$list" usr/bin/kexec-quiesce usr/share/man/man1/kexec-quiesce.1.gz usr/share/bash-completion/completions/kexec-quiesce \
		usr/lib/crash/extensions/pciq.so "$share/pciq.py" "$share/kexec-quiesce-1.json" "$libexec/hardware-report")"
nothing "and the hook" \
	"$(lacks "$list" "$libexec/verdict" "$libexec/kdump-tools" \
		lib/systemd/system/kdump-tools-dump.service.d/kexec-pci-quiesce.conf)"
nothing "the unit names the hook where it is" \
	"$(dpkg-deb --fsys-tarfile "$out"/deb/kexec-pci-quiesce-tools_*.deb |
		tar -xO ./lib/systemd/system/kexec-pci-quiesce-verdict.service | grep -qx "ExecStart=/$libexec/kdump-tools" || echo it does not)"

said=$(nice scripts/package rpm 2>&1 >/dev/null)
nothing "rpm builds" "$said"
said=$(rpmlint -c packaging/rpm/rpmlint.toml packaging/rpm/kexec-pci-quiesce.spec "$out"/rpm/*/*.rpm 2>&1 | grep -E ': [EW]: ')
nothing "rpmlint finds nothing" "$said"
list=$(rpm -qpl "$out"/rpm/noarch/kexec-pci-quiesce-dkms-*.rpm | cut -c2-)
nothing "its dkms package has module and unit" "$(lacks "$list" "$source/dkms.conf" "$source/module/Kbuild" '.*/kexec-pci-quiesce.service')"
list=$(rpm -qpl "$out"/rpm/x86_64/kexec-pci-quiesce-tools-*.rpm | cut -c2-)
nothing "its tools package has command, manual page and hook" \
	"$(lacks "$list" usr/bin/kexec-quiesce 'usr/share/man/man1/kexec-quiesce.1.*' "$libexec/verdict" etc/kdump/pre.d/90-kexec-pci-quiesce \
		"$share/pciq.py" "$share/kexec-quiesce-1.json" "$libexec/hardware-report" etc/kdump/post.d/90-kexec-pci-quiesce usr/lib/dracut/modules.d/95kexec-pci-quiesce/module-setup.sh)"

# The same version everywhere.
nothing "changelog and spec have the version of VERSION" \
	"$(head -n 1 debian/changelog | grep -qF "($version-" || echo debian/changelog; grep -qE "^Version: +$version$" packaging/rpm/*.spec || echo spec)"
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The reader and the writer of descriptions of machines, under AddressSanitizer
# and UBSan: all that a description may have, and each complaint.  TAP.
set -u

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

out=${OUT:-$PWD/out}/fabric/sanitized
make -s -f tests/fabric/Makefile O="$out" sanitize=1 "$out/describe-machine" >&2 || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1

# described NAME: the machine in the file "machine" is described as standard input says.
described()
{
	local said

	{
		echo "# SPDX-License-Identifier: GPL-2.0-only"
		echo "# Machine: made up"
		echo "# What decides something for the crash path, from its config space: written by"
		echo "# tests/fabric/describe-machine; description-read.c beside it has the format."
		cat
	} >expected
	said=$("$out/describe-machine" --name "made up" machine 2>&1 | diff expected - 2>&1)
	nothing "$1" "$said"
}

# refused LINE COMPLAINT: that is what is said of the description on standard input.
refused()
{
	local said

	{
		echo "# SPDX-License-Identifier: GPL-2.0-only"
		echo "# Machine: made up"
		cat
	} >bad
	said=$("$out/describe-machine" bad 2>&1; echo "exit $?")
	nothing "$2" "$(diff <(echo "describe-machine: bad:$1: $2"; echo "exit 3") - <<<"$said")"
}

# with PART...: a function whose last part is this one, in line 4.
with()
{
	printf '0000:00:00.0 1234:5678 class 020000 rev 00,\n\t%s\n' "$*"
}

# What lspci prints of a Root Port, and of a function of PCI-X: by hand, not by what is tested.
cat >machine <<'END'
00:1c.0 Made up
00: 34 12 78 56 07 05 10 00 2a 00 04 06 00 00 81 00
10: 04 40 bf fe 01 00 00 00 00 01 05 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
30: 00 00 00 00 50 00 00 00 00 00 00 00 00 02 42 04
40: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
50: 10 90 42 01 00 80 00 00 07 00 00 00 03 0c 10 00
60: 02 04 12 30 40 00 00 00 28 00 00 00 18 00 00 00
70: 00 00 00 00 00 00 00 00 06 04 00 00 00 00 00 00
80: 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
90: 05 a0 81 00 00 00 00 00 00 00 00 00 00 00 00 00
a0: 01 00 00 00 03 01 00 00 00 00 00 00 00 00 00 00
b0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
c0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
d0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
e0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
f0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00

01:00.0 Made up
00: 34 12 bc 9a 46 01 10 00 01 02 08 01 00 00 00 00
10: 0c 00 00 00 60 00 00 00 01 e0 00 00 00 00 10 fe
20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
30: 00 00 00 00 40 00 00 00 00 00 00 00 00 01 00 00
40: 13 48 06 03 00 00 00 00 07 60 22 00 00 00 00 00
50: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
60: 11 6e 03 80 00 00 00 00 00 00 00 00 0c 00 00 00
70: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
80: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
90: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
a0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
b0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
c0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
d0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
e0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
f0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
END
described "what lspci prints" <<'END'
0000:00:1c.0 1234:5678 class 060400 rev 2a,
	bridge 00 01-05 serr bus-reset discard-status,
	command io mem bme serr intx-disable, pin 2, bar0 mem64 16K, express@50
	root-port version=2 slot cere nfere fere 8GT dlllarc dllla aspm-l1 lbmie
	hpc hpie sltctl=8 pmeie crssve ltr devctl2=6 lnkctl2=3, msi@90 on 64bit,
	pm@a0 d3hot
0000:01:00.0 1234:9abc class 010802 rev 01, command mem bme parity serr, pin 1,
	bar0 mem64 128G, bar2 io 8K, bar3 mem32 1M, af@40 tp flr,
	pcix@48 command=22, msix@60 on, cap-0c@6c
END

# The same again: whatever the reader has understood, the writer has found.
cat >all <<'END'
0000:00:00.0 1234:0000 class 060000 rev 00
0000:00:01.0 1234:0001 class 088000 rev 01, header 7f,
	command special mwi vga parity fast-back, pin 255
0000:00:02.0 1234:0002 class 060700 rev 02, 4096 bytes, cardbus 00 02-05,
	bar0 mem32 16, pm@40 d1, agp@50, vpd@60, ht@70, vendor@80, debug@84,
	ssvid@88, sata@90, ea@a0, express@b0 type=f version=f speed=f,
	cap-ffff@100
0000:00:03.0 1234:0003 class ff0000 rev 03, 64 bytes, bridge 00 06-06,
	command bme, bar0 io 4, bar1 mem32 2G
0000:00:04.0 1234:0004 class 060400 rev 04, 4096 bytes, bridge 00 07-07,
	pcix@40, msi@48 on, express@b0 downstream version=2 slot flr cere nfere
	fere urre 32GT dlllarc dllla aspm-l0s aspm-l1 link-disable lbmie labie
	hpc nccs hpie sltctl=1fdf ltr devctl2=fbff lnkctl2=ffff,
	aer@100 cor-en nonfatal-en fatal-en, vc@150, dsn@160, power@170,
	rc-link@180, rc-ec@190, vendor@1a0, acs@1b0, ari@1c0, ats@1d0,
	sriov@200 vfe mse, multicast@240, pri@250, rebar@260, dpa@270, tph@280,
	ltr@290, secpci@2a0, pasid@2b0,
	dpc@2c0 en-fatal en-nonfatal int-en triggered, l1ss@300, ptm@310 on,
	cxl@320 cache, cxl@340, dvsec@360, dlf@370, pl16gt@380, cap-0000@ffc
0000:00:05.0 1234:0005 class 060400 rev 05, bridge 00 00-00,
	express@40 root-port version=1 slot secee senfee sefee pmeie crssve
0000:00:1f.7 no response
10000:ff:1f.7 no response, 4096 bytes
END
{
	printf '\n# Machine: made up\n'
	cat all
	printf '# The end\n\n'
} >machine
described "what a description has" <all

with bar0 mem64 8G, bar2 mem64 128T, bar4 mem64 4E | sed '1i # SPDX\n# Machine: made up' >machine
described "addresses above 4 GiB" <<END
0000:00:00.0 1234:5678 class 020000 rev 00, bar0 mem64 8G, bar2 mem64 128T,
	bar4 mem64 4E
END

# What is expected where it is not.
identity="IDs, class and revision are expected, as 8086:a330 class 060400 rev f0"
part="bytes, bridge, cardbus, header, command, pin, bar0 or a capability, as pm@40, is expected"

refused 3 "a function is expected, as 0000:00:1f.3 8086:a330 class 060400 rev f0" </dev/null
refused 3 '"00:1f.3": an address is expected, as 0000:00:1f.3' <<<"00:1f.3 1234:5678"
refused 3 '"0000:00:20.0": an address is expected, as 0000:00:1f.3' <<<"0000:00:20.0"
refused 3 '"bridge": an address is expected, as 0000:00:1f.3' <<<"	bridge 00 01-01"
refused 3 "0000:00:1f.3: $identity" <<<"0000:00:1f.3"
refused 3 "0000:00:1f.3: $identity" <<<"0000:00:1f.3 1234:567 class 020000 rev 00"
refused 3 "0000:00:1f.3: $identity" <<<"0000:00:1f.3 1234:5678 class 0200 rev 00"
refused 3 "0000:00:1f.3: $identity" <<<"0000:00:1f.3 1234:5678 class 020000 rev 0x1"
refused 4 "0000:00:00.0: addresses are expected in ascending order" <<'END'
0000:00:00.0 no response
0000:00:00.0 no response
END
refused 3 "a part is expected beside each comma" <<<"0000:00:1f.3 no response, , 64 bytes"
refused 3 "a part is expected beside each comma" <<<"0000:00:1f.3 no response,"
refused 4 "no more than 40 words are expected in a part" < <(with "$(printf 'x %.0s' {1..41})")
refused 4 "\"brigde\": $part" < <(with brigde 00 01-01)
refused 4 '"pin": nothing but bytes is expected after no response' <<'END'
0000:00:1f.3 no response,
	pin 1
END
refused 4 "256: 64 bytes or 4096 bytes are expected" < <(with 256 bytes)
refused 4 "bytes are expected once" < <(with 64 bytes, 64 bytes)
refused 4 "bridge: bus numbers are expected, as 00 01-05" < <(with bridge 00 1-5)
refused 4 "cardbus: bus numbers are expected, as 00 01-05" < <(with cardbus)
refused 4 "bridge: one header is expected, before base addresses" < <(with bar2 io 32, bridge 00 01-01)
refused 4 "cardbus: one header is expected, before base addresses" < <(with header 05, cardbus 00 01-01)
refused 4 '"serr": nothing after the bus numbers is expected' < <(with cardbus 00 01-01 serr)
refused 4 "header: a type from 03 to 7f is expected" < <(with header 01)
refused 4 "header: one header is expected" < <(with bridge 00 01-01, header 05)
refused 4 "pin: a number from 1 to 255 is expected" < <(with pin 0)
refused 4 "pin: one pin is expected" < <(with pin 1, pin 2)
refused 4 '"bme+": a word of command is expected' < <(with command "bme+")
refused 4 '"bme": each bit is expected once' < <(with command bme io bme)
refused 4 '"bar6": base addresses from bar0 to bar5 are expected' < <(with bar6 io 32)
refused 4 '"bar5": base addresses from bar0 to bar5 are expected' < <(with bar5 mem64 16K)
refused 4 '"bar2": base addresses from bar0 to bar1 are expected' < <(with bridge 00 01-01, bar2 io 32)
refused 4 "bar0: io, mem32 or mem64 is expected, and a power of 2, as 16K" < <(with bar0 mem 16K)
refused 4 "bar0: io, mem32 or mem64 is expected, and a power of 2, as 16K" < <(with bar0 mem32 3K)
refused 4 "bar0: io, mem32 or mem64 is expected, and a power of 2, as 16K" < <(with bar0 mem32 4G)
refused 4 "bar0: io, mem32 or mem64 is expected, and a power of 2, as 16K" < <(with bar0 mem64 16E)
refused 4 "bar1: each base address is expected once" < <(with bar0 mem64 16K, bar1 io 32)
refused 4 "pm@42: an offset from 40 to ffc that 4 divides is expected" < <(with pm@42)
refused 4 "pm@3c: an offset from 40 to ffc that 4 divides is expected" < <(with pm@3c)
refused 4 "pm@40: one capability at an offset is expected" < <(with vpd@40, pm@40)
refused 4 "aer@100: express is expected before extended capabilities" < <(with 4096 bytes, aer@100)
refused 4 "aer@140: the first extended capability is expected at 100" < <(with 4096 bytes, express@40, aer@140)
refused 4 '"pmm@40": a capability is expected, by its name, or as cap-0c' < <(with pmm@40)
refused 4 '"pm@100": a capability is expected, by its name, or as cap-0030' < <(with express@40, pm@100)
refused 4 '"d3cold": a word of pm is expected' < <(with pm@40 d3cold)
refused 4 '"d3hot": each bit is expected once' < <(with pm@40 d2 d3hot)
refused 4 '"x": a word of cap-0c is expected' < <(with cap-0c@40 x)
refused 4 '"command=80": a hexadecimal number within 7f is expected' < <(with pcix@40 command=80)
refused 4 '"command=0x2": a hexadecimal number within 7f is expected' < <(with pcix@40 command=0x2)
refused 4 '"lnkctl2=" is beyond the end: a capability that ends there is expected' < <(with express@e0 lnkctl2=3)
refused 4 "no capability is expected in 64 bytes" < <(with 64 bytes, pm@40)
refused 4 "4096 bytes are expected with an extended capability" < <(with express@40, aer@100)
refused 1 "a text is expected" < <(printf 'x\0y\n')

said=$("$out/describe-machine" none 2>&1; echo "exit $?")
[ "$said" = "describe-machine: none: No such file or directory"$'\n'"exit 3" ]
result $? "no such file"
said=$("$out/describe-machine" 2>&1; echo "exit $?")
[[ $said == "Usage: describe-machine "*"exit 2" ]]
result $? "no file"
echo "1..$nr"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What bash offers to complete a kexec-quiesce command line with.  TAP.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${KEXEC_QUIESCE:-${OUT:-$root/out}/tools/kexec-quiesce}
# shellcheck source=tools/kexec-quiesce/completion.bash
. "$root/tools/kexec-quiesce/completion.bash"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
touch 'dump 1' dump2 other

count=0
tap() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# WANTED WORD...: the last word is the one to complete
offers() {
	local wanted=$1 offered
	shift
	COMP_WORDS=(kexec-quiesce "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_kexec_quiesce
	offered=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd,)
	[ "$offered" = "$wanted" ]
	tap $? "kexec-quiesce $* -> $wanted"
	[ "$offered" = "$wanted" ] || echo "# $offered"
}

offers '--help,--json,--version,config-time,dry-run,plan,report,status' ''
offers 'plan' p
offers 'dry-run' d
offers '--tree' plan --t
offers '--exclude,--from,--help,--json,--noreset,--policy,--registers,--reset,--svg,--tree,--version' plan -
offers 'busmaster,escalate,off,reset' plan --policy ''
offers 'escalate' plan --policy e
offers '--help,--json,--svg,--version' report -
offers 'dump 1,dump2' report d
offers 'other' report --svg o
offers 'other' plan --from o
offers '--registers' plan --reg
offers 'dump 1,dump2,other' report --json ''
offers '--help,--json,--svg,--version' dry-run ''
offers '--help,--json,--version' status --
offers '--help,--version' config-time --

# All options and commands of the program are offered somewhere, and no others.
missing=$("$program" --help | grep -oE -- '^ +(--[a-z]+|[a-z-]+ )' | while read -r word; do
	grep -qw -e "$word" "$root/tools/kexec-quiesce/completion.bash" || echo "$word"
done)
[ -z "$missing" ]
tap $? "whatever --help has is offered: $missing"
unknown=$(grep -oE -- '--[a-z]{3,}' "$root/tools/kexec-quiesce/completion.bash" | sort -u | while read -r word; do
	"$program" --help | grep -qw -e "$word" || echo "$word"
done)
[ -z "$unknown" ]
tap $? "and nothing else: $unknown"
complete -p kexec-quiesce >/dev/null 2>&1
tap $? "bash knows it"
echo "1..$count"

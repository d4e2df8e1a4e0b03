# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests in shell have in common.  To be sourced; the plan is theirs: echo "1..$nr"

nr=0

# result STATUS NAME [REMARKS]: ok if the status is 0; remarks are shown in either case.
result()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then echo "ok $nr - $2"; else echo "not ok $nr - $2"; fi
	[ -z "${3:-}" ] || echo "# ${3//$'\n'/$'\n'# }"
}

# nothing NAME COMPLAINT: ok if there is no complaint.
nothing()
{
	[ -z "$2" ]
	result $? "$1" "$2"
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of kexec-quiesce for bash.

_kexec_quiesce_command()
{
	local word

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		status | plan | dry-run | report | config-time) echo "$word"; return ;;
		esac
	done
}

_kexec_quiesce()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local options='--json --help --version'

	case $prev in
	--policy)
		mapfile -t COMPREPLY < <(compgen -W 'off busmaster escalate reset' -- "$cur")
		return
		;;
	--svg | --from)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	case $(_kexec_quiesce_command) in
	'') options="status plan dry-run report config-time $options" ;;
	plan) options+=' --tree --registers --policy --from --exclude --noreset --reset --svg' ;;
	dry-run) options+=' --svg' ;;
	config-time) options='--help --version' ;;
	report)
		options+=' --svg'
		if [[ $cur != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
}

complete -o filenames -F _kexec_quiesce kexec-quiesce

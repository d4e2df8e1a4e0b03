#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# kexec-quiesce as a user meets it: output, messages and exit codes, as TAP.
# KEXEC_QUIESCE names the program (else it is the one that make tools builds),
# REAL_VMCORE a vmcore to try as well.
here=$(cd "$(dirname "$0")" && pwd)
program=${KEXEC_QUIESCE:-${OUT:-$here/../../out}/tools/kexec-quiesce}
samples=$here/samples.py
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
# Where an unprivileged user can run it, too.
cp "$program" "$tmp/kexec-quiesce" || exit 1
kq=$tmp/kexec-quiesce
cd "$tmp" || exit 1
unset NO_COLOR
count=0

tap() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# out: /' out | head -n 20
		sed 's/^/# err: /' err | head -n 20
	fi
}

skip() { # NAME WHY
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

run() { # ARGUMENTS: leaves out, err and $rc
	"$kq" "$@" >out 2>err </dev/null
	rc=$?
}

# NAME RC PATTERN ARGUMENTS: all of what it prints, one line with PATTERN in it
answers() {
	name=$1 want=$2 pattern=$3
	shift 3
	run "$@"
	[ "$rc" = "$want" ] && [ ! -s err ] && grep -q -e "$pattern" out
	tap $? "$name: exit $want"
}

# NAME RC MESSAGE ARGUMENTS: nothing but exactly this one line on stderr
refuses() {
	name=$1 want=$2 message=$3
	shift 3
	run "$@"
	[ "$rc" = "$want" ] && [ ! -s out ] &&
		[ "$(cat err)" = "kexec-quiesce: $message" ]
	tap $? "$name: exit $want"
}

sample() { # CASE
	[ -e "$1" ] || python3 "$samples" vmcore "$1" "$1" || exit 1
}

reports() { # CASE RC PATTERN
	sample "$1"
	answers "report $1" "$2" "$3" report "$1"
}

no_report() { # CASE MESSAGE
	sample "$1"
	refuses "report $1" 3 "$1: $2" report "$1"
}

json_says() { # NAME RC EXPRESSION ARGUMENTS: j is the document
	name=$1 want=$2 expression=$3
	shift 3
	run "$@"
	[ "$rc" = "$want" ] && python3 -c "
import json, sys
j = json.load(open('out'))
sys.exit(not ($expression))" 2>>err
	tap $? "$name"
}

usage() {
	commands='commands: status, plan, dry-run, report, config-time'
	options='options: --json, --tree, --registers, --policy, --from, --exclude, --noreset, --reset, --svg, --help, --version'
	answers "--help" 0 '^Usage: kexec-quiesce COMMAND' --help
	answers "report --help" 0 '^Usage:' report --help
	answers "--version" 0 '^kexec-quiesce [0-9].*record version 2' --version
	refuses "no command" 2 "no command ($commands; see --help)"
	refuses "nearest command" 2 \
		"unknown command \"reprot\", did you mean \"report\"? ($commands)" reprot
	refuses "nearest command 2" 2 \
		"unknown command \"dryrun\", did you mean \"dry-run\"? ($commands)" dryrun
	refuses "no near command" 2 "unknown command \"xyzzyxyzzy\" ($commands)" xyzzyxyzzy
	refuses "long command" 2 \
		"unknown command \"$(printf %0100d 0)\" ($commands)" "$(printf %0100d 0)"
	refuses "bad option" 2 "bad option \"--jsn\" ($options)" report --jsn x
	refuses "bad short option" 2 "bad option \"-x\" ($options)" -x status
	refuses "option with value" 2 "bad option \"--json=1\" ($options)" status --json=1
	refuses "no file" 2 'report needs a file: kexec-quiesce report VMCORE' report
	refuses "two files" 2 'report: unexpected "b"' report a b
	refuses "status with operand" 2 'status: unexpected "now"' status now
	refuses "--tree elsewhere" 2 'report takes no --tree, only plan does' report --tree x
	refuses "--registers elsewhere" 2 'report takes no --registers, only plan does' report --registers x
	refuses "--from elsewhere" 2 'dry-run takes no --from, only plan does' dry-run --from x
	refuses "no file for --from" 2 '--from needs a value: --from FILE' plan --from
	refuses "--tree --registers" 2 '--tree and --registers exclude each other' plan --registers --tree
	refuses "--policy elsewhere" 2 'status takes no --policy, only plan does' \
		--policy reset status
	refuses "bad policy" 2 \
		'bad policy "rest" (policies: off, busmaster, escalate, reset)' plan --policy rest
	refuses "no policy" 2 '--policy needs a value: --policy NAME' plan --policy
	refuses "no file for --svg" 2 '--svg needs a value: --svg FILE' report x --svg
	refuses "--svg elsewhere" 2 'status takes no --svg, only plan, report and dry-run do' status --svg x
	refuses "--svg --tree" 2 '--tree and --svg exclude each other' plan --svg x --tree
	refuses "no list for --exclude" 2 '--exclude needs a value: --exclude LIST' plan --exclude
	refuses "--noreset elsewhere" 2 'dry-run takes no --noreset, only plan does' dry-run --noreset 8086:1503
	refuses "--svg --json" 2 '--svg and --json exclude each other' report x --svg y --json
	refuses "--tree --json" 2 '--tree and --json exclude each other' plan --tree --json
}

good_reports() {
	reports good 1 '^Verdict: *partial (something may still write memory or interrupt)$'
	cp out good.out
	grep -q '^Kernel: *6.1.0-test, kexec_pci_quiesce 0.1.0$' out
	tap $? "report good: release and module"
	grep -q '^Snapshot: *newest, generation 7, taken 2026-01-01 00:00:00 UTC$' out
	tap $? "report good: snapshot"
	grep -q '^Config: *40 reads, 12 writes, 1 faults$' out
	tap $? "report good: accesses"
	sed -n '/^Step/,/^$/p' out | sed '1d;$d' | tr -s ' ' | paste -sd, >steps
	[ "$(cat steps)" = 'validate 0.000 2.000,disable 2.000 3.000,ports 5.000 20.000,done 25.000 -' ]
	tap $? "report good: the steps that began, and no others"
	grep -q '^0000:01:00.0 .* 8086:10d3 e1000e quiet  *held  0507 -> 0503 *1.234  read,disable$' out
	tap $? "report good: a quiet function"
	grep -q '^0000:02:00.0 .* refused (bme-stuck) ' out
	tap $? "report good: reason"
	grep -q '^10000:00:01.1 .* untouched (asleep)  *-  *- -> -' out
	tap $? "report good: domain of a VMD, Command never read"
	[ "$(sed -n '/^May still/,$p' out | wc -l)" = 3 ]
	tap $? "report good: two functions that may still write"
	! grep -q '^All ones:' out && ! grep -q '^May still interrupt' out && ! grep -q '^Checksum:' out
	tap $? "report good: no line for a count of 0, no empty list"
	says "report good: disabled is not reset" '^Stopped:   1 disabled, 0 reset, 1 found quiet, 0 contained, 2 not stopped, 2 left alone or absent$' \
		'^Held:      1 of them, until a driver of the crash kernel calls pci_set_master()$' \
		'^Resets:    links: 0, functions by FLR: 0; ports contained: 0$'
	reports clean 0 '^Verdict: *clean'
	reports arm64 1 '^Verdict: *partial'
	reports kdump 1 '^Verdict: *partial'
	reports many 0 '^0000:01:05.3 '
	reports kdump-many 0 '^0000:01:05.3 '
	reports longer 1 '^0000:03:00.0 .* absent '
	cmp -s out good.out
	tap $? "report longer: as if it were not"
	reports tight 1 '^Resets:    links: 0, functions by FLR: 0; ports contained: 0$'
	reports bad-sum 1 '^Verdict: *clean'
	says "report bad-sum: shown, and not good" '^Checksum:  wrong: the routine did not get to its end, or the record is damaged$' \
		'^0000:01:00.0 .* quiet  *held '
	reports twice 1 '^Verdict: *partial'
	reports unknown 1 '^Verdict: *unknown(7)'
	grep -q 'unknown(99) (unknown(77))' out && ! LC_ALL=C grep -q '[^ -~]' out
	tap $? "report unknown: nothing but printable ASCII"
	reports aborted 1 '^ports  *5.000  *-$'
	! grep -qE '^(reset|ready|contain|undo|done) ' out && grep -q '^Checksum:  wrong' out
	tap $? "report aborted: no step that did not begin"
	reports never 1 '^Verdict: *none (the routine did not run)$'
	! grep -q '^Checksum' out
	tap $? "report never: no checksum to complain about"
}

# NAME PATTERN...: what was printed last has a line with each
says() {
	name=$1 missing=0
	shift
	: >err
	for pattern; do
		grep -q -e "$pattern" out || {
			echo "no line: $pattern" >>err
			missing=1
		}
	done
	tap $missing "$name"
}

reset_reports() {
	reports contained 1 '^Verdict: *contained (functions that refused are cut off at the port above)$'
	says "report contained: disabled is not reset" \
		'^Stopped:   1 disabled, 3 reset, 0 found quiet, 1 contained, 0 not stopped, 0 left alone or absent$' \
		'^           contained: until the port driver opens the port (not with pcie_ports=compat)$' \
		'^Resets:    links: 1, functions by FLR: 1; ports contained: 1$'
	says "report contained: outcomes" \
		'^0000:01:00.1 .* e1000e  *reset (shared-link)  *lasts 0507 -> 0503 .*  read,disable,reset,restore$' \
		'^0000:02:00.0 .* contained (bme-stuck) *held .*  read,disable; no reset: display$' \
		'^0000:00:02.0 .* mask,unmask,assert$' '^0000:00:03.0 .* mask,contain$'
	sed -n '/^Links reset/,$p' out >stories
	cat >expected <<-'END'
	Links reset, below port:
	  0000:00:02.0

	Contained, bus mastering off at port:
	  0000:00:03.0

	Refused, or not reset:
	  0000:01:00.0  refused (BME read back set), link of 0000:00:02.0 reset, ready after 103 ms, restored: quiet
	  0000:00:05.0  refused (BME read back set), transactions were pending, FLR, ready after 100 ms, restored: quiet
	  0000:02:00.0  refused (BME read back set), reset blocked (display): contained at 0000:00:03.0
	END
	cmp -s stories expected
	tap $? "report contained: the explanation of each"
	reports not-ready 1 '^Verdict: *partial'
	says "report not-ready: the port whose link it was, also two ports up" \
		'^  0000:01:00.0  refused .*, link of 0000:00:02.0 reset, ready after 103 ms, restored: quiet$' \
		'^  0000:05:00.0  refused .*, link of 0000:00:04.0 reset, no response: may still write memory$' \
		'^  0000:04:00.0  link of 0000:00:04.0 reset, no response: a port, no response from below it$' \
		'^  0000:02:00.0  refused .*: contained at 0000:00:03.0$' \
		'^  0000:05:00.0 .*: .*1234:11e8$'
	for unsaid in no-ports bad-ports; do
		reports $unsaid 1 '^Verdict: *partial'
		says "report $unsaid: no port is guessed" \
			'^  0000:01:00.0  refused .*, the link above reset, ready after 103 ms, restored: quiet$' \
			'^  0000:05:00.0  refused .*, the link above reset, no response: may still write memory$' \
			'^  0000:02:00.0  refused .*: contained at a port above$'
	done
	reports late 0 '^Verdict: *clean'
	says "report late: only disabled, and why" '^Policy: *reset, ' \
		'^Stopped:   2 disabled, 0 reset, ' '^  0000:01:00.1  not reset (no-time): disabled$'
}

# What keeps a function from being quiet, and what that means.
reason_reports() {
	reports reasons 1 '^All ones:  3 reads; where unsupported, a port may have reported an error$'
	says "report reasons: outcomes" \
		'^0000:01:00.0 .* untouched (firmware-bme)  *-  *- -> - ' \
		'^0000:02:00.0 .* untouched (peer)  *-  *- -> - ' \
		'^0000:00:06.0 .* untouched (asleep)  *-  *- -> - ' \
		'^0000:00:07.0 .* untouched (intx-stuck)  *-  *- -> - ' \
		'^0000:03:00.0 .* snd_emu10k1x refused (intx-stuck)  *-  *0007 -> 0403 ' \
		'^0000:04:00.0 .* refused (cxl-cache)  *-  *0406 -> 0402 ' \
		'^0000:05:00.0 .* absent (asleep)  *-  *- -> - ' \
		'^0000:06:00.0 .* contained (no-response)  *held  *- -> - ' \
		'^0000:07:00.0 .* contained (bme-stuck) .*; no reset: slow-storage$' \
		'^0000:00:03.0 .* pcieport  *untouched (no-window) ' '^0000:00:04.0 .* absent (no-response) ' \
		'^0000:00:08.0 .* untouched (identity) ' \
		'^Stopped:   0 disabled, 0 reset, 0 found quiet, 5 contained, 7 not stopped, 1 left alone or absent$'
	sed -n '/^Refused/,/^$/p' out >stories
	sed -n '/^May still/,$p' out | cut -d' ' -f1-3 >>stories
	cat >expected <<-'END'
	Refused, or not reset:
	  0000:03:00.0  refused (INTx Disable has no effect): may still interrupt
	  0000:04:00.0  refused (CXL.cache does not depend on BME): may still write memory
	  0000:06:00.0  no response (reads as all ones): contained at 0000:00:05.0
	  0000:07:00.0  refused (BME read back set), reset blocked (slow-storage): contained at 0000:00:05.0
	  0000:07:00.1  refused (BME read back set), reset blocked (firmware-dpc): contained at 0000:00:05.0
	  0000:07:00.2  refused (BME read back set), reset blocked (held-in-reset): contained at 0000:00:05.0
	  0000:07:00.3  refused (BME read back set), not reset (changed): contained at 0000:00:05.0

	May still write
	  0000:01:00.0
	  0000:02:00.0
	  0000:00:06.0
	  0000:04:00.0
	  0000:00:08.0

	May still interrupt:
	  0000:00:07.0
	  0000:03:00.0
	  0000:00:03.0
	  0000:00:04.0
	END
	cmp -s stories expected
	tap $? "report reasons: how each refused, and which may still write or interrupt"
	json_says "json: reasons" 1 "j['unanswered'] == 3 and [(f['outcome'], f['reason'], f['no_reset'])
		for f in j['functions']] == [('untouched', 'firmware-bme', ''), ('untouched', 'peer', ''),
		('untouched', 'asleep', ''), ('untouched', 'intx-stuck', ''), ('refused', 'intx-stuck', ''), ('refused', 'cxl-cache', ''),
		('absent', 'asleep', ''), ('contained', 'no-response', ''), ('contained', 'bme-stuck', 'slow-storage'),
		('contained', 'bme-stuck', 'firmware-dpc'), ('contained', 'bme-stuck', 'held-in-reset'),
		('contained', 'bme-stuck', 'changed'), ('untouched', 'bridge', ''), ('untouched', 'no-window', ''),
		('absent', 'no-response', ''), ('contained', 'bridge', ''), ('untouched', 'identity', '')]" report reasons --json
	json_says "json: flags" 1 "[f['flags'] for f in j['functions'][:5]] == [['firmware-bme', 'slow-storage'],
		['peer'], ['offline', 'unread'], ['exclude-class', 'intx', 'intx-used'], ['intx', 'intx-used', 'intx-broken']]" \
		report reasons --json
}

incomplete() {
	reports arrived 1 '^Verdict: *partial'
	says "report arrived: functions that are in no table" '^Missing:   functions may have come after the snapshot'
	run report good
	! grep -q '^Missing' out
	tap $? "report good: nothing is missing"
	json_says "json: incomplete" 1 "j['incomplete'] is True" report arrived --json
	json_says "json: complete" 1 "j['incomplete'] is False" report good --json
}

json_reports() {
	json_says "json: head" 1 "[j[k] for k in ('schema', 'file', 'verdict', 'policy', 'source',
		'release', 'build', 'generation', 'taken_at', 'deadline_ms', 'quiet', 'total',
		'microseconds', 'reads', 'writes', 'faults')] == [1, 'good', 'partial',
		'busmaster', 'newest', '6.1.0-test', '0.1.0', 7, 1767225600, 1000, 2, 3, 25, 40, 12, 1]" \
		report good --json
	json_says "json: counts" 1 "j['counts']['refused'] == 1 and len(j['counts']) == 8" \
		--json report good
	json_says "json: steps" 1 "[s['us'] for s in j['steps']] == [2, 3, 20] + [None] * 5 and
		[s['at_us'] for s in j['steps']] == [0, 2, 5] + [None] * 4 + [25]" \
		report --json good
	json_says "json: functions" 1 "j['functions'][1] == {'address': '0000:02:00.0', 'port': None,
		'class': '00ff00', 'vendor': '1234', 'device': '11e8', 'driver': '', 'duration': '', 'outcome': 'refused',
		'reason': 'bme-stuck', 'command_before': 0x107, 'command_after': 0x507,
		'done': ['read', 'disable'], 'us': 4.5, 'no_reset': '', 'ready_us': 0,
		'flags': ['flr']}" report good --json
	json_says "json: resets" 1 "[j[k] for k in ('verdict', 'policy', 'links_reset',
		'functions_reset', 'ports_contained')] == ['contained', 'escalate', 1, 1, 1]" \
		report contained --json
	json_says "json: what was reset" 1 "[(f['outcome'], f['reason'], f['no_reset'], f['ready_us'],
		f['done'][2:]) for f in j['functions'][:4]] == [
		('reset', 'bme-stuck', '', 103456, ['reset', 'restore']),
		('reset', 'shared-link', '', 103400, ['reset', 'restore']),
		('reset', 'bme-stuck', '', 100001, ['drain', 'reset', 'flr', 'restore']),
		('contained', 'bme-stuck', 'display', 0, [])]" report contained --json
	json_says "json: ports" 1 "[f['done'] for f in j['functions'][5:]] == [
		['mask', 'unmask', 'assert'], ['mask', 'contain']]" report contained --json
	json_says "json: port" 1 "[f['port'] for f in j['functions']] == ['0000:00:02.0'] * 2 + [
		None, '0000:00:03.0', None, None, None, '0000:04:00.0', '0000:00:04.0', None]" \
		report not-ready --json
	json_says "json: damaged ports" 1 "[f['port'] for f in j['functions']] ==
		[None] * 7 + ['0000:04:00.0', None, None]" report bad-ports --json
	json_says "json: checksum" 1 "j['checksum_ok'] is True" report good --json
	json_says "json: wrong checksum" 1 "j['checksum_ok'] is False and j['verdict'] == 'clean'" report bad-sum --json
	json_says "json: whether quiet lasts, and how many it does not" 1 "j['held'] == 2 and [f['duration'] for f in j['functions']] ==
		['lasts'] * 3 + ['held'] * 2 + [''] * 2" report contained --json
	json_says "json: drivers, cut off" 1 "[f['driver'] for f in j['functions'] if f['driver']] ==
		['snd_emu10k1x', 'e1000e'] + ['pcieport'] * 4 + ['e1000e']" report reasons --json
	json_says "json: Command never read" 1 "j['functions'][3]['command_before'] is None and
		j['functions'][5]['command_before'] == 0xffff" report good --json
	json_says "json: unknown values" 1 "j['verdict'] == 'unknown(7)' and
		j['release'] == '?[31m?\"\\\\' and j['build'] == '?[2J' and j['functions'][0]['duration'] == 'unknown(9)'" report unknown --json
	json_says "json: no TSC" 1 "all(s['us'] is None and s['at_us'] is None
		for s in j['steps'])" report never --json
	json_says "json: 300 functions" 0 "len(j['functions']) == 300" report many --json
}

# The words of a picture, one element a line, and how many of each class.
svg_says() { # NAME EXPRESSION: words, classes
	python3 -c "
import sys, xml.etree.ElementTree as x
tree = x.parse('picture.svg').getroot()
of = '{http://www.w3.org/2000/svg}'
words = [t.text for t in tree.iter(of + 'text')]
titles = [t.text for t in tree.iter(of + 'title')]
classes = [g.get('class') for g in tree.iter(of + 'g') if g.find(of + 'title') is not None]
bars = [r.get('class') for r in tree.iter(of + 'rect')]
width, height = int(tree.get('width')), int(tree.get('height'))
boxes = [[int(r.get(k)) for k in ('x', 'y', 'width', 'height')] for r in tree.iter(of + 'rect') if r.get('class') == 'box']
sys.exit(not ($2))" >out 2>err
	tap $? "$1"
}

draws() { # CASE RC
	sample "$1"
	rm -f picture.svg
	run report "$1" --svg picture.svg
	[ "$rc" = "$2" ] && [ ! -s out ] && [ ! -s err ]
	tap $? "report $1 --svg: exit $2, and nothing is printed"
}

pictures() {
	draws not-ready 1
	svg_says "svg: verdict" "'partial: 4 of 3 functions in scope quiet, in 25 us' in words"
	svg_says "svg: no count of 0" "not any('all ones' in w for w in words)"
	svg_says "svg: each function by its outcome, each port by what was done to it" \
		"sorted(classes) == ['o1', 'o3', 'o3', 'o3', 'o4', 'o5 danger', 'port', 'port closed', 'port linkreset', 'port linkreset']"
	svg_says "svg: words on a function" "{'01:00.1', 'Ethernet controller', 'reset (shared-link)',
		'00:03.0 contains', '00:02.0 link reset', 'bus 0000:00'} <= set(words)"
	svg_says "svg: stories" "'refused (BME read back set), reset blocked (display): contained at 0000:00:03.0' in words"
	svg_says "svg: what a pointing device shows" \
		"any(t.startswith('0000:05:00.0 ') and 'refused (not-ready), done: read,disable,reset' in t for t in titles)"
	svg_says "svg: steps" "{'validate', 'disable', '11 us', 'at 25 us'} <= set(words) and bars.count('bar') == 8"
	svg_says "svg: drivers" "any(', driver pcieport' in t for t in titles) and 'checksum' not in ' '.join(words)"
	draws bad-sum 1
	svg_says "svg of a wrong checksum, and only the steps that began" "any(w.startswith('checksum wrong: ') for w in words) and
		{'validate', 'disable', 'ports', 'done'} <= set(words) and not {'reset', 'ready', 'contain', 'undo'} & set(words)"
	draws reasons 1
	svg_says "svg of reasons: red if it may still write or interrupt" "sorted(classes) == ['o0 danger', 'o0 danger',
		'o0 danger', 'o0 danger', 'o0 danger', 'o4', 'o4', 'o4', 'o4', 'o4', 'o5 danger', 'o5 danger', 'o6', 'port', 'port closed',
		'port danger', 'port danger'] and 'may still write memory or interrupt' in words"
	svg_says "svg of reasons: in words" "{'untouched (firmware-bme): may still write memory', 'untouched (peer): may still write memory',
		'untouched (no-window): may still interrupt', 'refused (INTx Disable has no effect): may still interrupt',
		'absent (no-response): may still interrupt'} <= set(words) and any(w.endswith(', reads of all ones: 3') for w in words)"
	draws forest 1
	svg_says "svg of 306 functions: each once" "len(classes) == 306 and len(set(titles[1:])) == 306"
	# Children first in a record, and drawn after their port: whatever overlaps lies inside.
	svg_says "svg of 306 functions: none over another, all in the picture" "all(x + w < width and y + h < height
		for x, y, w, h in boxes) and not any(a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and
		b[1] < a[1] + a[3] and not (a[0] <= b[0] and a[1] <= b[1] and a[0] + a[2] >= b[0] + b[2] and
		a[1] + a[3] >= b[1] + b[3]) for i, a in enumerate(boxes[9:]) for b in boxes[10 + i:])"
	draws aborted 1
	svg_says "svg of an aborted run: what did not end, and nothing that did not begin" \
		"words.count('did not end') == 1 and 'reset' not in words and bars.count('open') == 1"
	draws never 1
	svg_says "svg of a run that never was" "'No step has a time.' in words"
	draws unknown 1
	svg_says "svg of unknown values" "any('unknown(7)' in w for w in words) and classes == ['o0']"
	draws no-ports 1
	svg_says "svg without ports: a box for each bus" "{'bus 0000:05', 'bus 0000:01'} <= set(words)"
	draws bad-ports 1
	svg_says "svg of damaged ports" "len(classes) == 10"
	run --sysfs sys dry-run --svg picture.svg
	[ "$rc" = 1 ] && [ ! -s out ] && [ ! -s err ]
	tap $? "dry-run --svg: exit 1, and nothing is printed"
	svg_says "dry-run --svg" "len(classes) == 6"
	refuses "svg to nowhere" 3 'absent/x.svg: cannot be written: No such file or directory' \
		report good --svg absent/x.svg
}

# NAME ARGUMENTS: a full disk is told, whatever is printed
full() {
	name=$1
	shift
	"$kq" "$@" >/dev/full 2>err
	rc=$?
	: >out
	[ $rc = 3 ] && [ "$(cat err)" = "kexec-quiesce: standard output: cannot be written: No space left on device" ]
	tap $? "full disk, $name: exit 3"
}

full_disk() {
	if [ ! -w /dev/full ]; then
		skip "full disk" "no /dev/full"
		return
	fi
	full "help" --help
	full "table" report good
	full "json" report good --json
	full "json of 300 functions" report many --json
	full "plan" --sysfs sys plan
	refuses "full disk, svg" 3 '/dev/full: cannot be written: No space left on device' \
		report good --svg /dev/full
	if mkdir small && mount -t tmpfs -o size=4k small small 2>/dev/null; then
		run report forest --svg small/x.svg
		[ $rc = 3 ] && [ ! -e small/x.svg ] && grep -q 'small/x.svg: cannot be written: No space' err
		tap $? "full disk, svg: no half picture is left behind"
		umount small
	else
		skip "full disk, svg: no half picture is left behind" "cannot mount"
	fi
}

no_reports() {
	key='KEXEC_PCI_QUIESCE(record)='
	form='0x<address>,<bytes> expected'
	range='280 to 67108864 bytes expected'
	refuses "no such file" 3 'absent: no such file' report absent
	refuses "a directory" 3 '.: a directory, not a vmcore' report .
	no_report empty 'empty file: the dump was never written'
	no_report text 'not a vmcore: neither ELF nor from makedumpfile'
	no_report program 'not a vmcore: ELF, but no little-endian 64-bit core file'
	no_report big-endian 'not a vmcore: ELF, but no little-endian 64-bit core file'
	no_report no-vmcoreinfo 'no VMCOREINFO in this vmcore'
	no_report no-line "no record: VMCOREINFO has no line $key (module not loaded?)"
	no_report arm64-no-line "no record: VMCOREINFO has no line $key (module not loaded?)"
	no_report line-other "no record: VMCOREINFO has no line $key (module not loaded?)"
	no_report line-no-0x "malformed line ${key}1234000,300: $form"
	no_report line-no-bytes "malformed line ${key}0x1234000: $form"
	no_report line-sign "malformed line ${key}0x1234000,-300: $form"
	no_report line-tail "malformed line ${key}0x1234000,300 : $form"
	no_report line-control "malformed line ${key}?[31m: $form"
	no_report line-overflow "malformed line ${key}0x11234567812345678,300: $form"
	no_report line-wrap "malformed line ${key}0xffffffffffffff00,300: $range"
	no_report line-small "malformed line ${key}0x1234000,279: $range"
	no_report line-huge "malformed line ${key}0x1234000,99999999999: $range"
	no_report no-page "the record's page at 0x7000000 is not in the dump"
	no_report kdump-no-page "the record's page at 0x1234000 is not in the dump"
	no_report kdump-incomplete \
		"half-written dump: the record's page at 0x1234000 is missing"
	no_report half-record "the record's page at 0x1235000 is not in the dump"
	no_report half-file 'half-written dump: it ends before the record at 0x1234000'
	no_report half-head 'half-written dump: its headers promise more'
	no_report half-kdump "half-written dump: the record's page at 0x1234000 is missing"
	no_report room 'truncated record: it says 592 bytes, there is room for 591'
	no_report zeros 'wrong magic: zeros where a record should begin with KPCIQREC'
	no_report magic 'wrong magic: a record begins with KPCIQREC'
	no_report newer 'record version 3, this tool knows 2: use the kexec-quiesce of its module'
	no_report version-1 'record version 1, this tool knows 2: use the kexec-quiesce of its module'
	no_report header-size 'damaged record: header of 279 bytes, at least 280 expected'
	no_report entry-size 'damaged record: entries of 51 bytes, at least 52 expected'
	no_report nr 'damaged record: 7 entries need 644 bytes, it says it has 592'
	no_report nr-wrap 'damaged record: 4294967295 entries need 281470681678105 bytes, it says it has 592'
}

# Newer versions of libkdumpfile open it as it is.
flattened() {
	sample flattened
	run report flattened
	if [ "$rc" = 1 ]; then
		grep -q '^Verdict: *partial' out
	else
		[ "$rc" = 3 ] && [ "$(cat err)" = "kexec-quiesce: flattened: flattened dump: run makedumpfile -R NEW < FILE first" ]
	fi
	tap $? "report flattened: opened, or told what to run"
	if ! command -v makedumpfile >/dev/null; then
		skip "flattened, rearranged" "no makedumpfile"
		return
	fi
	makedumpfile -R rearranged <flattened >/dev/null 2>&1
	answers "flattened, rearranged" 1 '^Verdict: *partial' report rearranged
}

# As nobody, if we are root: root may read everything.
permission() {
	cp good secret
	chmod 000 secret
	mkdir -p locked/kernel/kexec_pci_quiesce locked/kernel
	echo 1 >locked/kernel/kexec_crash_loaded
	: >locked/kernel/kexec_pci_quiesce/snapshot
	chmod 000 locked/kernel/kexec_pci_quiesce/snapshot
	if [ "$(id -u)" != 0 ]; then
		as=
	elif setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
		as='setpriv --reuid 65534 --clear-groups'
	else
		skip "no permission" "root, and no setpriv"
		return
	fi
	$as "$kq" report secret >out 2>err
	[ $? = 3 ] && [ "$(cat err)" = 'kexec-quiesce: secret: no permission to read it: run as root' ]
	tap $? "report without permission: exit 3"
	$as "$kq" --sysfs locked plan >out 2>err
	[ $? = 3 ] && [ "$(cat err)" = 'kexec-quiesce: locked/kernel/kexec_pci_quiesce/snapshot: no permission to read it: run as root' ]
	tap $? "plan without permission: exit 3"
	cp -r sys sys-user
	chmod 000 sys-user/kernel/kexec_pci_quiesce/snapshot
	$as "$kq" --sysfs sys-user status >out 2>err &&
		grep -q '^Missed: *unknown: only root may read the snapshot$' out
	tap $? "status without permission: what is missed stays unknown"
}

status() {
	ours=sys/kernel/kexec_pci_quiesce
	answers "status armed" 0 '^Armed: *yes$' --sysfs sys status
	says "status: policy" '^Policy: *escalate$'
	grep -q '^  0000:03:00.0 .*(excluded by exclude=)$' out &&
		grep -q '^  0002:00:01.0 .*(no config window reaches it)$' out
	tap $? "status: what is missed"
	json_says "status --json" 0 "j['armed'] is True and j['why_not'] is None and
		j['functions'] == 14 and j['policy'] == 'escalate' and len(j['missed']) == 2" --sysfs sys status --json
	mkdir -p unloaded/kernel
	echo 1 >unloaded/kernel/kexec_crash_loaded
	answers "status not loaded" 1 '^Armed: *no (not loaded: modprobe kexec_pci_quiesce)$' \
		--sysfs unloaded status
	json_says "status --json not loaded" 1 "j['armed'] is False and
		j['policy'] is None and j['missed'] is None" --sysfs unloaded status --json
	echo off >$ours/policy
	answers "status off" 1 '^Armed: *no (policy is off: write another into /sys/kernel/kexec_pci_quiesce/policy)$' --sysfs sys status
	echo escalate >$ours/policy
	echo 0 >sys/kernel/kexec_crash_loaded
	answers "status no crash kernel" 1 '^Armed: *no (no crash kernel is loaded: kdump-config load, or kexec -p)$' \
		--sysfs sys status
	echo 1 >sys/kernel/kexec_crash_loaded
	mkdir -p bare/kernel "lib/$(uname -r)"
	echo 0 >bare/kernel/kexec_crash_loaded
	answers "status: first of all a crash kernel" 1 \
		'^Armed: *no (no crash kernel is loaded: kdump-config load, or kexec -p)$' --sysfs bare status
	echo 0 >bare/kernel/kexec_crash_size
	answers "status: or memory for it" 1 \
		'^Armed: *no (no memory for a crash kernel: boot with crashkernel=)$' --sysfs bare status
	echo kernel/fs/ext4/ext4.ko: >"lib/$(uname -r)/modules.dep"
	answers "status: not built for this kernel" 1 \
		"^Armed: *no (not built for kernel $(uname -r): install its headers, then dkms autoinstall)$" \
		--sysfs unloaded --modules lib status
	echo updates/dkms/kexec_pci_quiesce.ko.xz: >>"lib/$(uname -r)/modules.dep"
	answers "status: built, not loaded" 1 '^Armed: *no (not loaded: modprobe kexec_pci_quiesce)$' \
		--sysfs unloaded --modules lib status
	echo 0 >$ours/armed
	answers "status disarmed" 1 '^Armed: *no (the kernel says no' --sysfs sys status
	echo 1 >$ours/armed
}

plan() {
	ours=sys/kernel/kexec_pci_quiesce
	answers "plan" 0 '^Policy escalate, generation 7, taken 2026-01-01 00:00:00 UTC$' \
		--sysfs sys plan
	says "plan: disabled is not reset" \
		'^Under escalate: 7 functions only disabled (if they refuse: 3 by link, 2 by FLR, 1 contained, 1 not stopped), 0 reset, 3 left alone$' \
		'^Under reset: 2 functions only disabled (if they refuse: 1 contained, 1 not stopped), 5 reset (3 by link, 2 by FLR; links: 1), 3 left alone$' \
		'^Disabled: until a driver of the crash kernel calls pci_set_master(), which lets blocked DMA through.$'
	says "plan: if it refuses" \
		'^0000:02:00.0 .* disable disabled; if it refuses: reset by link of 0000:01:00.0 \[flr,intx\]$' \
		'^0000:02:02.0 .* disable disabled; if it refuses: reset by link of 0000:01:00.0 \[vf\]$' \
		'^0000:00:05.0 .* disable disabled; if it refuses: FLR (link: no-port) \[root-bus,flr\]$' \
		'^0000:04:00.0 .* disable disabled; if it refuses: contained at 0000:00:03.0 (display) \[display\]$' \
		'^0000:00:1f.2 .* disable disabled; if it refuses: nothing stops it (no-port) \[root-bus\]$' \
		'^0000:00:02.1 .* port    .*; its link cannot be reset (excluded) \[bridge,root-bus\]$' \
		'^0000:00:1f.0 .* leave   a class that no driver has made a bus master '
	answers "plan --policy busmaster" 0 '^Policy busmaster (in force: escalate), ' \
		--sysfs sys plan --policy busmaster
	says "plan --policy busmaster: three summaries, and what could be" \
		'^Under busmaster: 7 functions only disabled, 0 reset, 3 left alone$' \
		'^Under escalate: ' '^Under reset: ' \
		'^0000:02:02.0 .* disable bus mastering off until pci_set_master(); could be reset by link of 0000:01:00.0 \[vf\]$' \
		'^0000:04:00.0 .* disable bus mastering off until pci_set_master(); cannot be reset (display) '
	answers "plan --policy reset" 0 '^Policy reset (in force: escalate), ' \
		--policy reset --sysfs sys plan
	says "plan --policy reset: the topmost link" \
		'^0000:02:00.0 .* reset   reset by link of 0000:00:02.0 ' \
		'^0000:01:00.0 .* reset   a port: interrupts off; reset by link of 0000:00:02.0 ' \
		'^0000:00:02.0 .* reset   a port: interrupts off; its link is reset ' \
		'^0000:04:00.1 .* reset   reset by FLR (link: display) ' \
		'^0000:04:00.0 .* disable only disabled, cannot be reset (display); if it refuses: contained at 0000:00:03.0 ' \
		'^0002:00:01.0 .* unknown(9)'
	cp out by-option
	echo reset >$ours/policy
	answers "plan under policy reset" 0 '^Policy reset, generation' --sysfs sys plan
	[ "$(grep -c '^Under ' out)" = 1 ]
	tap $? "plan under policy reset: one summary"
	"$kq" --sysfs sys plan --policy busmaster | grep '^Under ' | cut -d: -f1 >order
	[ "$(paste -sd, order)" = "Under busmaster,Under reset" ]
	tap $? "plan --policy busmaster under policy reset: two summaries"
	sed '1,/^Address/d' by-option >expected
	sed '1,/^Address/d' out | cmp -s - expected
	tap $? "plan --policy: as if it were in force"
	echo escalate >$ours/policy
	answers "plan --tree" 0 '^           |   .-00.0-\[02\]  port ' --sysfs sys plan --tree
	sed -E '1,/^disable>X: /d; /^$/d; s/  (leave|port|disable)(>[a-z]*)?  .*/  \1\2/' out >tree
	cat >expected <<-'END'
	-[0000:00]-+-02.0-[01-02]  port
	           |   \-00.0-[02]  port
	           |       +-00.0  disable>link
	           |       \-01.0  disable>link
	           |           \-02.0  disable>link
	           +-02.1-[03]  port
	           |   \-00.0  leave
	           +-03.0-[04]  port
	           |   +-00.0  disable>contain
	           |   \-00.1  disable>flr
	           +-05.0  disable>flr
	           +-1f.0  leave
	           \-1f.2  disable>nothing
	-[0002:00]---01.0  leave
	END
	cmp -s tree expected
	tap $? "plan --tree: its shape and marks"
	says "plan --tree: reasons, summaries" '  disable>contain  .* (link: display)$' \
		'^-.0000:00.-+-02.0-.01-02.  port  .* (can reset its link)$' '^Under escalate: ' '^Under reset: '
	answers "plan --tree --policy reset" 0 '^reset:X: reset by its link, or by FLR$' \
		--sysfs sys plan --tree --policy reset
	says "plan --tree --policy reset: marks" '^-.0000:00.-+-02.0-.01-02.  port  .* (resets its link)$' \
		'  reset:link  ' '  reset:flr  .* (link: no-port)$' '  disable>contain  ' 'unknown(9)'
	answers "plan --tree --policy busmaster" 0 '  disable  .*[^)]$' \
		--sysfs sys plan --tree --policy busmaster
	! grep -q "disable>" out
	tap $? "plan --tree --policy busmaster: no fallback"
	json_says "plan --json" 0 "j['policy'] == 'escalate' and j['in_force'] == 'escalate' and
		j['functions'][1]['parent'] == '0000:02:01.0' and
		j['functions'][13]['window'] is None" --sysfs sys plan --json
	json_says "plan --json: means" 0 "[[f[k] for k in ('plan', 'reset', 'no_reset', 'link',
		'contain', 'settle_ms')] for f in (j['functions'][i] for i in (0, 3, 5, 10))] == [
		['disable', 'link', '', '0000:01:00.0', '0000:01:00.0', 100],
		['disable', 'none', 'display', None, '0000:00:03.0', 0],
		['disable', 'flr', 'display', None, '0000:00:03.0', 100],
		['disable', 'none', 'no-port', None, None, 0]]" --sysfs sys plan --json
	json_says "plan --json: each policy" 0 "j['functions'][0]['plans'] == {'off': 'leave',
		'busmaster': 'disable', 'escalate': 'disable', 'reset': 'reset'}" --sysfs sys plan --json
	json_says "plan --json: summary" 0 "j['summary']['off'] == {'gated': 0, 'reset': 0, 'left': 10,
		'links': 0, 'flr': 0} and j['summary']['escalate'] == {'gated': 7, 'reset': 0, 'left': 3,
		'links': 0, 'flr': 0, 'if_refused': {'link': 3, 'flr': 2, 'contain': 1, 'nothing': 1}} and
		j['summary']['reset'] == {'gated': 2, 'reset': 5, 'left': 3, 'links': 1, 'flr': 2,
		'if_refused': {'link': 0, 'flr': 0, 'contain': 1, 'nothing': 1}}" --sysfs sys plan --json
	json_says "plan --json --policy" 0 "j['policy'] == 'reset' and j['in_force'] == 'escalate' and
		j['functions'][0]['plan'] == 'reset' and j['functions'][0]['link'] == '0000:00:02.0'" \
		--sysfs sys plan --json --policy reset
	echo sideways >$ours/policy
	refuses "plan of an unknown policy" 3 \
		"$ours/policy: policy \"sideways\" is not known to this tool" --sysfs sys plan
	echo escalate >$ours/policy
	refuses "plan not loaded" 3 \
		'unloaded/kernel/kexec_pci_quiesce/snapshot: no such file: modprobe kexec_pci_quiesce first' \
		--sysfs unloaded plan
	cp $ours/snapshot good-snapshot
	plan_registers
	plan_flags
	size=$(wc -c <good-snapshot)
	bad_plan bad-magic 'wrong magic: a snapshot begins with KPCIQSNP'
	bad_plan bad-newer 'snapshot version 4, this tool knows 3: use the kexec-quiesce of its module'
	bad_plan bad-older 'snapshot version 2, this tool knows 3: use the kexec-quiesce of its module'
	bad_plan bad-short 'truncated snapshot: 100 bytes, its header alone has 376'
	bad_plan bad-cut "truncated snapshot: it says $size bytes, there are $((size - 1))"
	bad_plan bad-header 'damaged snapshot: header of 100 bytes, 376 expected'
	bad_plan bad-first 'damaged snapshot: the checksum of its first part is wrong'
	bad_plan bad-second 'damaged snapshot: the checksum of its second part is wrong'
	bad_plan bad-parts "damaged snapshot: a first part of 100 bytes, of $size"
	bad_plan bad-count 'damaged snapshot: 4294967295 windows at 376 do not fit between 376 and 1432'
	bad_plan bad-resets 'damaged snapshot: 1 resets for 14 functions'
	bad_plan bad-parent 'damaged snapshot: function 3 has parent 2 of 14'
	bad_plan bad-window 'damaged snapshot: function 0 has window 2 of 2'
	bad_plan bad-op 'damaged snapshot: operation 0 is of function 14 of 14'
	bad_plan bad-reset-op 'damaged snapshot: operation 1 is of function 65535 of 14'
	bad_plan bad-restores 'damaged snapshot: function 0 has registers up to 2 of 1'
	bad_plan bad-register 'damaged snapshot: register 0 has 1 bytes'
	cp good-snapshot $ours/snapshot
}

# What would be written to which register.
plan_registers() {
	answers "plan --registers" 0 '^In every crash, functions before the ports above them:$' --sysfs sys plan --registers
	cp out registers
	says "plan --registers: as setpci takes it" \
		'^  0000:02:00.0 04.w=0400:0404          COMMAND$' '^  0000:00:1f.2 04.w=0000:0004          COMMAND$' \
		'^  0000:00:02.0 04.w=0400:0400          COMMAND$' '^  0000:00:02.0 4a.w=0000:0001$' \
		'^  0000:00:02.0 6c.w=0000:0020          CAP_EXP+18$' '^  0000:00:02.0 12c.w=0000:ffff$' \
		'^  0000:00:02.0 3e.w=0000:0442          BRIDGE_CONTROL$' \
		'^  0000:00:02.0 6e.w                    CAP_EXP+1a; only read, and afterwards 0108:0108 of what was 0$' \
		'^  0000:00:05.0 5c.w=0000:800f          CAP_EXP+8$' '^  0000:00:05.0 5c.w=8000:8000          CAP_EXP+8$' \
		'^  0000:00:02.0 3e.w=0040:0440          BRIDGE_CONTROL$' \
		'^  0000:02:00.0 10.l=fe000000:ffffffff  BASE_ADDRESS_0; compared before the reset, which is not made if it differs$' \
		'^  0000:01:00.0 3e.w=0003:fbff          BRIDGE_CONTROL$' '^  0000:02:00.0 04.w=0503:ffff          COMMAND$'
	! grep -qE '^  (0000:03:00.0|0000:00:1f.0|0002:00:01.0) ' out
	tap $? "plan --registers: nothing of what is left alone"
	# Children first, and Command last.
	[ "$(grep -nE '0000:02:00.0 04.w=0400:0404|0000:02:00.0 10.l|0000:02:00.0 04.w=0503' out | sort -n | sed 's/^[0-9]*:  //' | cut -c14-17 | paste -sd,)" = 04.w,10.l,04.w ] &&
		[ "$(grep -n '3e.w=0040' out | sed 's/.*0000:\(.....\).*/\1/' | paste -sd,)" = 00:02,01:00 ]
	tap $? "plan --registers: in order"
	answers "plan --registers under busmaster" 0 '^  0000:02:00.0 04.w=0400:0404 ' --sysfs sys plan --registers --policy busmaster
	[ "$(grep -c ':$' out)" = 1 ]
	tap $? "plan --registers under busmaster: only what every crash does"
	answers "plan --registers under reset" 0 '^  0000:00:02.0 3e.w=0040:0440          BRIDGE_CONTROL; whether or not a function refuses$' \
		--sysfs sys plan --registers --policy reset
	answers "plan --registers under off" 0 '^Nothing is written.$' --sysfs sys plan --registers --policy off
	! grep -q '\.[wl]=' out
	tap $? "plan --registers under off: nothing"
	if command -v setpci >/dev/null; then
		# Of a device in a file, and without writing there.
		python3 -c 'print("00:00.0 made up")
for at in range(0, 4096, 16): print(f"{at:02x}:" + 16 * " 5a")' >device
		sed -n 's/^  \(\S*\) \(\S*=\S*\).*/\2/p' registers | sort -u >operations
		# shellcheck disable=SC2046 # one word each
		setpci -D -v -A dump -O dump.name=device -s 0:0.0 $(cat operations) >out 2>err
		[ ! -s err ] && [ "$(wc -l <out)" = "$(wc -l <operations)" ] && [ "$(wc -l <operations)" -gt 15 ] &&
			grep -q '^0000:00:00.0 @04 5a5a->(0400:0404)->5e5a$' out
		tap $? "plan --registers: setpci takes each operation"
	else
		skip "plan --registers: setpci takes each operation" "no setpci"
	fi
	json_says "plan --registers --json" 0 "j['registers'][0] == {'address': '0000:02:00.0', 'register': 4, 'name': 'COMMAND', 'size': 2,
		'clear': 4, 'set': 0x400, 'never': 0, 'events': 0, 'when': 'always', 'requested': False} and
		j['restores'][3] == {'address': '0000:01:00.0', 'register': 0x18, 'name': 'PRIMARY_BUS', 'size': 4,
		'value': 0x40302, 'keep': 0, 'compare': True} and j['restores'][4]['keep'] == 0x400 and
		sorted({r['when'] for r in j['registers']}) == ['always', 'before-contain', 'before-link-reset', 'before-reset',
		'contain', 'flr', 'link-release', 'link-reset']" --sysfs sys plan --registers --json
	json_says "plan --registers --json under busmaster" 0 "{r['when'] for r in j['registers']} == {'always'} and
		j['restores'] == []" --sysfs sys plan --registers --json --policy busmaster
	json_says "plan --json: without --registers they are not in it" 0 "'registers' not in j" --sysfs sys plan --json
	answers "plan --from" 0 '^Policy escalate, generation 7' --sysfs unloaded plan --registers --from good-snapshot
	cmp -s out registers
	tap $? "plan --from: as that of this machine"
	answers "plan --from --policy" 0 '^Policy reset, generation 7' --sysfs unloaded plan --from good-snapshot --policy reset
	refuses "plan --from a snapshot --exclude" 2 \
		'--exclude needs --from with config space, not a snapshot' \
		plan --from good-snapshot --exclude 8086:1503
	refuses "plan --from nothing" 3 'absent: cannot be read: No such file or directory' plan --from absent
	refuses "plan --from a record" 3 'good: dump: line too long or unterminated: the output of "lspci -xxxx" is expected' plan --from good
}

# A function for each flag that changes the plan.
plan_flags() {
	cp $ours/flags $ours/snapshot
	answers "plan flags" 0 \
		'^Under escalate: 4 functions only disabled (if they refuse: 3 contained, 1 not stopped), 2 reset (2 by link, 0 by FLR; links: 1), 3 left alone$' \
		--sysfs sys plan
	says "plan flags: each, and why" \
		'^0000:01:00.0 .* leave   left alone: only firmware enabled bus mastering \[firmware-bme,slow-storage\]$' \
		'^0000:01:01.0 .* disable disabled; if it refuses: contained at 0000:00:02.0 (slow-storage) \[slow-storage\]$' \
		'^0000:02:00.1 .* reset   reset by link of 0000:00:03.0 \[reset-user,slow-storage\]$' \
		'^0000:03:00.0 .* disable .* (unsaved); no power or no response at the snapshot \[offline\]$' \
		'^0000:04:00.0 .* disable .* (held-in-reset); INTx Disable has no effect \[intx,intx-used,intx-broken\]$' \
		'^0000:00:06.0 .* leave   never read: it was in D3cold at the snapshot \[offline,unread\]$' \
		'^0000:00:07.0 .* leave   left alone: another machine masters through it \[peer\]$' \
		'^0000:00:08.0 .* disable .*; CXL.cache does not depend on BME \[cxl,cxl-cache\]$' \
		'^0000:00:03.0 .* reset   a port: interrupts off; its link is reset \[bridge,reset-user\]$' \
		'^0000:00:05.0 .* port    .*; its link cannot be reset (held-in-reset) \[bridge,held\]$'
	json_says "plan flags --json" 0 "j['summary']['escalate'] == {'gated': 4, 'reset': 2, 'left': 3, 'links': 1,
		'flr': 0, 'if_refused': {'link': 0, 'flr': 0, 'contain': 3, 'nothing': 1}} and
		j['functions'][2]['plans']['escalate'] == 'reset' and j['functions'][2]['link'] == '0000:00:03.0' and
		j['functions'][2]['flags'] == ['reset-user', 'slow-storage']" --sysfs sys plan --json
	answers "plan flags --tree: resets under escalate" 0 '^reset:X: reset by its link, or by FLR$' --sysfs sys plan --tree
	says "plan flags --tree: marks and notes" '  reset:link  ' '  disable>contain  .* (link: slow-storage)$' \
		'  leave  .* (left alone: only firmware enabled bus mastering)$' \
		'  disable>contain  .* (link: unsaved; no power or no response at the snapshot)$'
	answers "status flags" 0 '^  0000:01:00.0 .*(only firmware enabled bus mastering)$' --sysfs sys status
	says "status flags: each that is missed" '^  0000:00:06.0 .*(in D3cold at the snapshot: never read)$' \
		'^  0000:00:07.0 .*(another machine masters through it)$' '^  0000:04:00.0 .*(INTx Disable has no effect)$' \
		'^  0000:00:08.0 .*(CXL.cache does not depend on BME)$'
	[ "$(grep -c '^  ' out)" = 5 ]
	tap $? "status flags: no other"
}

bad_plan() { # CASE MESSAGE
	cp "$ours/$1" "$ours/snapshot"
	refuses "plan $1" 3 "$ours/snapshot: $2" --sysfs sys plan
}

dry_run() {
	ours=sys/kernel/kexec_pci_quiesce
	answers "dry-run" 1 '^Verdict: *partial' --sysfs sys dry-run
	json_says "dry-run --json" 1 "len(j['functions']) == 6" --sysfs sys dry-run --json
	refuses "dry-run not loaded" 3 \
		'unloaded/kernel/kexec_pci_quiesce/dry_run: no such file: modprobe kexec_pci_quiesce first' \
		--sysfs unloaded dry-run
	mv $ours/dry_run record
	refuses "dry-run, another module" 3 \
		"$ours/dry_run: no such file: the module is not of this version" \
		--sysfs sys dry-run
	mv record $ours/dry_run
	head -c 300 $ours/dry_run >short
	cp short $ours/dry_run
	refuses "dry-run truncated" 3 \
		"$ours/dry_run: truncated record: it says 592 bytes, there is room for 300" \
		--sysfs sys dry-run
}

# ADDRESS POWER_STATE RUNTIME_STATUS [CONFIG]: a function in sysfs
function_in_sysfs() {
	mkdir -p "sys/bus/pci/devices/$1/power"
	echo "$2" >"sys/bus/pci/devices/$1/power_state"
	echo "$3" >"sys/bus/pci/devices/$1/power/runtime_status"
	[ -z "$4" ] || printf "%$4s" ' ' >"sys/bus/pci/devices/$1/config"
}

config_time() {
	refuses "config-time, no PCI" 3 'sys/bus/pci/devices: cannot be read: No such file or directory' \
		--sysfs sys config-time
	refuses "config-time --json" 2 'config-time takes no --json' --sysfs sys config-time --json
	function_in_sysfs 0000:00:01.0 D0 active 4096
	function_in_sysfs 0000:00:02.0 D0 active 256
	function_in_sysfs 0000:00:03.0 D0 active 4096
	head -c 256 /dev/zero | tr '\0' '\377' >sys/bus/pci/devices/0000:00:03.0/config
	# These have nothing to be read: that would be said.
	function_in_sysfs 0000:00:04.0 D3cold suspended
	function_in_sysfs 0000:00:05.0 D0 suspended
	function_in_sysfs 0000:00:06.0 D3hot active
	function_in_sysfs 0000:00:07.0 D0 active
	answers "config-time" 0 '^# address offset access_ns' --sysfs sys config-time
	sed 's/\( [0-9a-f]\{3\}\)\( -\{0,1\}[0-9]*\)\{6\}$/\1 times/' out | sed 1d >lines
	diff - lines <<-END >>out
	0000:00:01.0 000 times
	0000:00:01.0 100 times
	0000:00:02.0 000 times
	0000:00:03.0 skipped no-response
	0000:00:04.0 skipped D3cold suspended
	0000:00:05.0 skipped D0 suspended
	0000:00:06.0 skipped D3hot active
	0000:00:07.0 skipped No such file or directory
	END
	tap $? "config-time: what is awake is read, and nothing else"
}

colours() {
	escape=$(printf '\033')
	run report good
	! grep -q "$escape" out
	tap $? "no colours in a pipe"
	if ! script -qec true /dev/null >/dev/null 2>&1; then
		skip "colours on a terminal" "no script(1)"
		return
	fi
	TERM=xterm script -qec "'$kq' report good" /dev/null </dev/null >out 2>err
	grep -q "$escape" out
	tap $? "colours on a terminal"
	NO_COLOR=1 TERM=xterm script -qec "'$kq' report good" /dev/null </dev/null >out 2>err
	! grep -q "$escape" out && grep -q '^Verdict' out
	tap $? "NO_COLOR respected"
	TERM=dumb script -qec "'$kq' report good" /dev/null </dev/null >out 2>err
	! grep -q "$escape" out && grep -q '^Verdict' out
	tap $? "no colours on a dumb terminal"
}

# A kernel that takes its time: a pipe that gives nothing until the sign of life was seen.
progress() {
	if ! script -qec true /dev/null >/dev/null 2>&1; then
		skip "progress" "no script(1)"
		return
	fi
	cp -r sys slow
	rm slow/kernel/kexec_pci_quiesce/dry_run
	mkfifo slow/kernel/kexec_pci_quiesce/dry_run
	{
		for _ in $(seq 600); do
			grep -q 'the kernel reads config space ... 2 s' typescript && break
			sleep 0.1
		done
		cat sys/kernel/kexec_pci_quiesce/dry_run
	} >slow/kernel/kexec_pci_quiesce/dry_run &
	: >typescript
	script -qefc "'$kq' --sysfs slow dry-run" typescript </dev/null >out 2>err
	wait $!
	grep -q 'kexec-quiesce: the kernel reads config space ... 2 s' out
	tap $? "progress on a terminal, after a second"
	tr '\r' '\n' <out | sed 's/^.\[K//' | grep -q '^Dry run: nothing was written'
	tap $? "progress leaves nothing behind"
	{ sleep 2; cat sys/kernel/kexec_pci_quiesce/dry_run; } >slow/kernel/kexec_pci_quiesce/dry_run &
	run --sysfs slow dry-run
	wait $!
	[ "$rc" = 1 ] && [ ! -s err ] && ! grep -q 'reads config space' out
	tap $? "no progress into a file"
}

# In a mount namespace of its own, an empty file takes the place of pci.ids.
without_pci_ids() {
	ids=/usr/share/misc/pci.ids
	: >no.ids
	if ! unshare -m mount --bind no.ids $ids 2>/dev/null; then
		skip "without pci.ids" "cannot hide pci.ids"
		return
	fi
	unshare -m sh -c "mount --bind no.ids $ids && '$kq' report good" >out 2>err
	[ $? = 1 ] && grep -q '^0000:00:1f.2  *\(class 0106\|SATA controller\) ' out
	tap $? "report without pci.ids"
	unshare -m sh -c "mount --bind no.ids $ids && '$kq' --sysfs sys plan --tree" >out 2>err &&
		[ ! -s err ]
	tap $? "plan --tree without pci.ids"
}

real_vmcore() {
	if [ -z "$REAL_VMCORE" ]; then
		skip "a real vmcore" "REAL_VMCORE is not set"
		return
	fi
	run report "$REAL_VMCORE"
	[ "$rc" -le 1 ] && [ ! -s err ] && grep -q '^Verdict: ' out && ! grep -q unknown out
	tap $? "a real vmcore"
	json_says "a real vmcore as JSON" "$rc" "j['schema'] == 1 and len(j['functions']) > 0" \
		report "$REAL_VMCORE" --json
}

manual() {
	page=$here/../../Documentation/man/kexec-quiesce.1
	: >err
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$page" >out
		tap $? "manual: mandoc finds nothing"
	else
		skip "manual: mandoc finds nothing" "no mandoc"
	fi
	if command -v man >/dev/null && LC_ALL=C.UTF-8 man --warnings -l "$page" >out 2>err; then
		[ ! -s err ]
		tap $? "manual: man --warnings finds nothing"
	else
		skip "manual: man --warnings finds nothing" "no man"
	fi
	: >out
	{
		"$kq" report good --json
		"$kq" --sysfs sys plan --registers --json
		"$kq" --sysfs sys status --json
	} | grep -o '"[a-z_]*":' | sort -u | tr -d '":' |
		while read -r key; do
			grep -q "$key" "$page" || echo "$key is not in the manual"
		done >out
	[ ! -s out ]
	tap $? "manual: every key of the JSON of report, plan and status is in it"
	for names in resets no_resets reasons outcomes durations steps sources dones flags; do
		sed -n "/$names\[\] = {/,/^}/p" "$here/../../tools/kexec-quiesce/explain/names.c"
	done | grep -o '"[a-z-]*"' | tr -d '"' | sed 's/-/.*/g' |
		while read -r key; do
			grep -q "$key" "$page" || echo "$key is not in the manual"
		done >out
	[ ! -s out ]
	tap $? "manual: every name of a reset, reason, outcome or flag is in it"
}

python3 "$samples" sysfs sys || exit 1
usage
good_reports
reset_reports
reason_reports
incomplete
json_reports
pictures
full_disk
no_reports
flattened
status
plan
permission
progress
dry_run
config_time
colours
without_pci_ids
manual
real_vmcore
echo "1..$count"

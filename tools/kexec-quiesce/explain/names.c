// SPDX-License-Identifier: GPL-2.0-only
/* The names of the numbers in a record and in a snapshot. */
#include <stdio.h>
#include <string.h>

#include <linux/kexec_quiesce_snapshot.h>

#include "base/compiler.h"
#include "explain/names.h"

static const char * const policies[] = {
	"off", "busmaster", "escalate", "reset",
};

static const char * const verdicts[] = {
	"none", "clean", "contained", "partial", "skipped", "aborted",
};

static const char * const outcomes[] = {
	"untouched", "quiet", "already-quiet", "reset", "contained",
	"refused", "absent", "excluded",
};

static const char * const reasons[] = {
	"", "deadline", "bridge", "class", "user", "no-window", "identity",
	"bme-stuck", "no-response", "not-ready", "shared-link", "asleep",
	"firmware-bme", "peer", "intx-stuck", "cxl-cache",
};

static const char * const steps[] = {
	"validate", "disable", "ports", "reset", "ready", "contain", "undo",
	"done",
};

static const char * const sources[] = {
	"none", "newest", "other", "scan",
};

static const char * const plans[] = {
	"leave", "port", "disable", "reset",
};

static const char * const resets[] = {
	"none", "link", "flr",
};

static const char * const no_resets[] = {
	"", "display", "cxl", "no-bus-reset", "noreset", "excluded", "vmd",
	"unsaved", "no-port", "no-flr", "empty", "no-time",
	"no-effect", "slow-storage", "firmware-dpc",
	"held-in-reset", "changed",
};

static const char * const durations[] = {
	"", "held", "lasts",
};

static const char * const dones[] = {
	"read", "disable", "mask", "unmask", "drain", "reset", "flr",
	"restore", "assert", "contain",
};

static const char * const flags[] = {
	"bridge", "vf", "pf", "vmd", "root-bus", "scan", "exclude-class",
	"exclude-user", "noreset-user", "reset-user", "no-bus-reset", "no-flr",
	"flr", "display", "cxl", "cxl-cache", "intx", "intx-used",
	"intx-broken", "offline", "unread", "unsaved", "firmware-bme", "peer",
	"held", "slow-storage",
};

const struct names policy_names = { policies, ARRAY_SIZE(policies) };
const struct names verdict_names = { verdicts, ARRAY_SIZE(verdicts) };
const struct names outcome_names = { outcomes, ARRAY_SIZE(outcomes) };
const struct names reason_names = { reasons, ARRAY_SIZE(reasons) };
const struct names step_names = { steps, ARRAY_SIZE(steps) };
const struct names source_names = { sources, ARRAY_SIZE(sources) };
const struct names plan_names = { plans, ARRAY_SIZE(plans) };
const struct names reset_names = { resets, ARRAY_SIZE(resets) };
const struct names no_reset_names = { no_resets, ARRAY_SIZE(no_resets) };
const struct names duration_names = { durations, ARRAY_SIZE(durations) };
const struct names done_names = { dones, ARRAY_SIZE(dones) };
const struct names flag_names = { flags, ARRAY_SIZE(flags) };

static_assert(ARRAY_SIZE(policies) == PCIQ_NR_POLICIES,
	      "policies without a name");
static_assert(ARRAY_SIZE(verdicts) == PCIQ_NR_VERDICTS,
	      "verdicts without a name");
static_assert(ARRAY_SIZE(outcomes) == PCIQ_NR_OUTCOMES,
	      "outcomes without a name");
static_assert(ARRAY_SIZE(reasons) == PCIQ_NR_REASONS,
	      "reasons without a name");
static_assert(ARRAY_SIZE(steps) == PCIQ_NR_STEPS,
	      "steps without a name");
static_assert(ARRAY_SIZE(sources) == PCIQ_NR_SOURCES,
	      "sources without a name");
static_assert(ARRAY_SIZE(plans) == PCIQ_PLAN_RESET + 1,
	      "plans without a name");
static_assert(ARRAY_SIZE(resets) == PCIQ_NR_RESETS,
	      "resets without a name");
static_assert(ARRAY_SIZE(no_resets) == PCIQ_NR_NO_RESETS,
	      "reasons against a reset without a name");
static_assert(ARRAY_SIZE(durations) == PCIQ_NR_DURATIONS,
	      "durations without a name");
static_assert(1U << (ARRAY_SIZE(dones) - 1) == PCIQ_DID_CONTAIN,
	      "bits of done without a name");
static_assert(1U << (ARRAY_SIZE(flags) - 1) == PCIQ_F_SLOW_STORAGE,
	      "flags without a name");

/**
 * name_of() - the name of a value that may be out of range
 * @names: table
 * @value: number found
 * @buf: used for a value without a name
 *
 * Return: the name, or "unknown(<value>)".
 */
const char *name_of(const struct names *names, unsigned int value,
		    char buf[NAME_LEN])
{
	if (value < names->nr)
		return names->name[value];
	snprintf(buf, NAME_LEN, "unknown(%u)", value);
	return buf;
}

/**
 * value_of() - the value with a name
 * @names: table
 * @name: name looked for
 *
 * Return: the value, or -1.
 */
int value_of(const struct names *names, const char *name)
{
	unsigned int i;

	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->name[i], name))
			return i;
	return -1;
}

/**
 * join_bits() - the names of all set bits, with commas
 * @names: table by bit number
 * @bits: bits found; one without a name becomes "unknown(<bit>)"
 * @buf: result, always terminated
 * @len: room in @buf; names that do not fit are left out
 *
 * Return: length of the result.
 */
size_t join_bits(const struct names *names, unsigned int bits, char *buf,
		 size_t len)
{
	char unknown[NAME_LEN];
	size_t used = 0;
	unsigned int bit;
	int n;

	buf[0] = '\0';
	for (bit = 0; bit < 32; bit++) {
		if (!(bits & (1U << bit)))
			continue;
		n = snprintf(buf + used, len - used, "%s%s", used ? "," : "",
			     name_of(names, bit, unknown));
		if (n < 0 || (size_t)n >= len - used) {
			buf[used] = '\0';
			break;
		}
		used += n;
	}
	return used;
}

// SPDX-License-Identifier: GPL-2.0-only
/* exclude=, noreset=, reset= and policy=: from text. */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "quiesce.h"

static const char * const pciq_policy_names[PCIQ_NR_POLICIES] = {
	[PCIQ_OFF] = "off",
	[PCIQ_BUSMASTER] = "busmaster",
	[PCIQ_ESCALATE] = "escalate",
	[PCIQ_RESET] = "reset",
};

/**
 * pciq_policy_name() - name of a policy
 * @policy: enum pciq_policy
 *
 * Context: process.
 * Return: the name, "unknown" if there is none.
 */
const char *pciq_policy_name(unsigned int policy)
{
	return policy < PCIQ_NR_POLICIES ? pciq_policy_names[policy] :
					   "unknown";
}

/**
 * pciq_parse_policy() - policy by name
 * @token: the name; one trailing newline is forgiven, as sysfs brings it
 *
 * Context: process.
 * Return: enum pciq_policy, -EINVAL if there is no such name.
 */
int pciq_parse_policy(const char *token)
{
	unsigned int i;

	for (i = 0; i < PCIQ_NR_POLICIES; i++) {
		if (sysfs_streq(token, pciq_policy_names[i]))
			return i;
	}
	return -EINVAL;
}

static u32 pciq_hex_digit(char c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* From @min to @max hex digits, then @end; NULL if not so. */
static const char *pciq_parse_hex(const char *text, unsigned int min,
				  unsigned int max, char end, u32 *value)
{
	unsigned int digits = 0;

	*value = 0;
	while (digits < max && isxdigit(text[digits]))
		*value = *value << 4 | pciq_hex_digit(text[digits++]);
	if (digits < min || text[digits] != end)
		return NULL;
	return text + digits + (end != '\0');
}

static bool pciq_parse_address(const char *token, struct pciq_match *match)
{
	u32 domain, bus, slot, function;

	token = pciq_parse_hex(token, 4, 8, ':', &domain);
	if (token)
		token = pciq_parse_hex(token, 2, 2, ':', &bus);
	if (token)
		token = pciq_parse_hex(token, 2, 2, '.', &slot);
	if (token)
		token = pciq_parse_hex(token, 1, 1, '\0', &function);
	if (!token || slot > 31 || function > 7)
		return false;

	match->type = PCIQ_MATCH_ADDRESS;
	match->domain = domain;
	match->bus = bus;
	match->devfn = slot << 3 | function;
	return true;
}

static bool pciq_parse_id(const char *token, struct pciq_match *match)
{
	u32 vendor, device;

	token = pciq_parse_hex(token, 4, 4, ':', &vendor);
	if (!token || !pciq_parse_hex(token, 4, 4, '\0', &device))
		return false;

	match->type = PCIQ_MATCH_ID;
	match->vendor = vendor;
	match->device = device;
	return true;
}

static bool pciq_parse_class(const char *token, struct pciq_match *match)
{
	u32 class;

	if (strncmp(token, "class=", 6) ||
	    !pciq_parse_hex(token + 6, 4, 4, '\0', &class))
		return false;

	match->type = PCIQ_MATCH_CLASS;
	match->class = class;
	return true;
}

static bool pciq_parse_token(const char *token, struct pciq_match *match)
{
	memset(match, 0, sizeof(*match));
	return pciq_parse_class(token, match) ||
	       pciq_parse_address(token, match) || pciq_parse_id(token, match);
}

/**
 * pciq_parse_list() - parse exclude=, noreset= or reset=
 * @text: comma-separated tokens, each dddd:bb:dd.f, vvvv:dddd or class=cccc,
 *	all in hexadecimal; the empty text is the empty list
 * @list: the result; empty on error
 * @bad: the token that was not understood, on -EINVAL
 * @bad_size: room there
 *
 * Context: process.
 * Return: 0, -EINVAL for a malformed token, -E2BIG for too many.
 */
int pciq_parse_list(const char *text,
		    struct pciq_match_list *list,
		    char *bad, size_t bad_size)
{
	size_t length = strcspn(text, "\n");
	const char *end = text + length;
	unsigned int nr = 0;
	char token[32];

	list->nr = 0;
	while (length && text <= end) {
		size_t span = strcspn(text, ",\n");

		strscpy(bad, text, min(bad_size, span + 1));
		if (span >= sizeof(token))
			return -EINVAL;
		strscpy(token, text, span + 1);
		if (nr == PCIQ_MAX_MATCHES)
			return -E2BIG;
		if (!pciq_parse_token(token, &list->match[nr++]))
			return -EINVAL;
		text += span + 1;
	}
	list->nr = nr;
	return 0;
}

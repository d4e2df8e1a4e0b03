// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which functions: classes that are left alone, exclude=, noreset= and
 * reset= lists, policy names.  Parsing happens while the kernel is healthy;
 * matching also in the crash path, when functions are found by walking the
 * windows.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/string.h>

static const char * const policy_names[PCIQ_NR_POLICIES] = {
	[PCIQ_OFF] = "off",
	[PCIQ_BUSMASTER] = "busmaster",
	[PCIQ_ESCALATE] = "escalate",
	[PCIQ_RESET] = "reset",
};

/**
 * pciq_class_excluded() - whether nobody re-enables such a function
 * @class: 24-bit class code
 *
 * Host, ISA and other bridges but PCI-PCI, memory, and system peripherals but
 * SD host controllers have no driver that calls pci_set_master(): an I/O APIC
 * delivers interrupts as memory writes, the AMD IOMMU is itself a function.
 * Xen cleared them all in 2011 (c24c3e21e3c9) and had to revert it.
 *
 * Context: any, including the crash path.
 * Return: true if the function is to be left alone.
 */
__quiesce bool pciq_class_excluded(u32 class)
{
	u32 sub = class >> 8;

	if (class >> 16 == 0x05)
		return true;
	if (class >> 16 == 0x06)
		return sub != 0x0604;
	return sub >= 0x0800 && sub <= 0x0807 && sub != 0x0805;
}

static __always_inline bool match_one(const struct pciq_match *match,
				      const struct pciq_func *func)
{
	if (match->type == PCIQ_MATCH_ADDRESS)
		return func->domain == match->domain &&
		       func->bus == match->bus && func->devfn == match->devfn;
	/* A VF found by walking the windows hides its ID: it may be this one. */
	if (match->type == PCIQ_MATCH_ID && func->vendor == 0xffff)
		return true;
	if (match->type == PCIQ_MATCH_ID)
		return func->vendor == match->vendor &&
		       func->device == match->device;
	return func->class >> 8 == match->class;
}

/**
 * pciq_matches() - whether a list names a function
 * @list: parsed list
 * @func: the function; address, IDs and class are looked at
 *
 * Context: any, including the crash path.
 * Return: true if a token of the list fits.
 */
__quiesce bool
pciq_matches(const struct pciq_match_list *list,
	     const struct pciq_func *func)
{
	unsigned int i;

	for (i = 0; i < list->nr && i < PCIQ_MAX_MATCHES; i++) {
		if (match_one(&list->match[i], func))
			return true;
	}
	return false;
}

/**
 * pciq_policy_name() - name of a policy
 * @policy: enum pciq_policy
 *
 * Context: process.
 * Return: the name, "unknown" if there is none.
 */
const char *pciq_policy_name(unsigned int policy)
{
	return policy < PCIQ_NR_POLICIES ? policy_names[policy] :
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
		if (sysfs_streq(token, policy_names[i]))
			return i;
	}
	return -EINVAL;
}

static u32 hex_digit(char c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* From @min to @max hex digits, then @end; NULL if not so. */
static const char *parse_hex(const char *text, unsigned int min,
			     unsigned int max, char end, u32 *value)
{
	unsigned int digits = 0;

	*value = 0;
	while (digits < max && isxdigit(text[digits]))
		*value = *value << 4 | hex_digit(text[digits++]);
	if (digits < min || text[digits] != end)
		return NULL;
	return text + digits + (end != '\0');
}

static bool parse_address(const char *token, struct pciq_match *match)
{
	u32 domain, bus, slot, function;

	token = parse_hex(token, 4, 8, ':', &domain);
	if (token)
		token = parse_hex(token, 2, 2, ':', &bus);
	if (token)
		token = parse_hex(token, 2, 2, '.', &slot);
	if (token)
		token = parse_hex(token, 1, 1, '\0', &function);
	if (!token || slot > 31 || function > 7)
		return false;

	match->type = PCIQ_MATCH_ADDRESS;
	match->domain = domain;
	match->bus = bus;
	match->devfn = slot << 3 | function;
	return true;
}

static bool parse_id(const char *token, struct pciq_match *match)
{
	u32 vendor, device;

	token = parse_hex(token, 4, 4, ':', &vendor);
	if (!token || !parse_hex(token, 4, 4, '\0', &device))
		return false;

	match->type = PCIQ_MATCH_ID;
	match->vendor = vendor;
	match->device = device;
	return true;
}

static bool parse_class(const char *token, struct pciq_match *match)
{
	u32 class;

	if (strncmp(token, "class=", 6) ||
	    !parse_hex(token + 6, 4, 4, '\0', &class))
		return false;

	match->type = PCIQ_MATCH_CLASS;
	match->class = class;
	return true;
}

static bool parse_token(const char *token, struct pciq_match *match)
{
	memset(match, 0, sizeof(*match));
	return parse_class(token, match) || parse_address(token, match) ||
	       parse_id(token, match);
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
		if (!parse_token(token, &list->match[nr++]))
			return -EINVAL;
		text += span + 1;
	}
	list->nr = nr;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* The ways to misbehave. */
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"

#define MAX_MS		60000UL

static const struct mode modes[] = {
	{ .name = "obeys" },
	{ .name = "logs", .takes_ms = true, .logs = true },
	{ .name = "ignores-bme", .deaf = true, .sticky = true },
	{ .name = "silent-rogue", .deaf = true },
	{ .name = "pending", .deaf = true, .pending = true },
	{ .name = "all-ones", .deaf = true, .vanishes = true },
	{ .name = "all-ones-forever", .deaf = true, .vanishes = true,
	  .stays_away = true },
	{ .name = "late", .takes_ms = true, .deaf = true, .sticky = true,
	  .late = true },
	{ .name = "slow", .takes_ms = true, .slow = true },
	{ .name = "never", .deaf = true, .sticky = true, .unstoppable = true },
};

static bool parse_ms(const char *text, unsigned int *ms)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > MAX_MS)
		return false;
	*ms = value;
	return true;
}

/**
 * mode_parse() - find a mode
 * @text: its name, with "=MILLISECONDS" where it takes them
 * @ms: where to put those
 *
 * Return: the mode, NULL if there is none of that name.
 */
const struct mode *mode_parse(const char *text, unsigned int *ms)
{
	size_t length = strcspn(text, "=");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strlen(modes[i].name) != length ||
		    strncmp(modes[i].name, text, length))
			continue;
		if (!modes[i].takes_ms && !text[length])
			return &modes[i];
		if (modes[i].takes_ms && text[length] &&
		    parse_ms(text + length + 1, ms))
			return &modes[i];
	}
	return NULL;
}

/**
 * mode_print_all() - print what mode_parse() takes
 * @to: file
 */
void mode_print_all(FILE *to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		fprintf(to, "%s%s%s", i ? ", " : "", modes[i].name,
			modes[i].takes_ms ? "=MILLISECONDS" : "");
}

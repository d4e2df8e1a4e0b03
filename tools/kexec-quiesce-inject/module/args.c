// SPDX-License-Identifier: GPL-2.0-only
/* What is written after the name of a fault or trigger: key=value, or key. */
#define pr_fmt(fmt) "pciq_inject: " fmt

#include <linux/kernel.h>
#include <linux/string.h>

#include "inject.h"

const char *inject_arg(const struct inject_args *args, const char *key)
{
	unsigned int i;

	for (i = 0; i < args->nr; i++) {
		if (!strcmp(args->key[i], key))
			return args->value[i];
	}
	return NULL;
}

unsigned int inject_number(const struct inject_args *args, const char *key,
			   unsigned int otherwise)
{
	const char *text = inject_arg(args, key);
	unsigned int value;

	return text && !kstrtouint(text, 0, &value) ? value : otherwise;
}

/* Whether a row takes the key: rows say it as "at=first|last once". */
static bool takes(const struct inject_row *row, const char *key)
{
	size_t length = strlen(key);
	const char *at = row->args;

	for (; at; at = strchr(at, ' ')) {
		at += strspn(at, " ");
		if (!strncmp(at, key, length) &&
		    (!at[length] || at[length] == '=' || at[length] == ' '))
			return true;
	}
	return false;
}

/* @args->text holds all after the name; it is cut into pieces in place. */
int inject_cut_args(const struct inject_row *row, struct inject_args *args)
{
	char *rest = strim(args->text), *word;

	while ((word = strsep(&rest, " ")) && args->nr < INJECT_MAX_ARGS) {
		char *value = strchr(word, '=');

		if (!*word)
			continue;
		if (value)
			*value++ = '\0';
		if (!takes(row, word)) {
			pr_err("%s takes no \"%s\"\n", row->name, word);
			return -EINVAL;
		}
		args->key[args->nr] = word;
		args->value[args->nr++] = value ?: "";
	}
	return 0;
}

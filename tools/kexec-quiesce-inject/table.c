// SPDX-License-Identifier: GPL-2.0-only
/* What the module can do, and whether what is asked of it makes sense. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

#define MAX_KEYS	16
#define ADDRESS_FORM	"0000:01:00.0"

/**
 * table_read() - read the table of faults, or of triggers
 * @table: where to
 * @what: what is in it, for messages
 * @path: file of the module, a line each: name, family, arguments, help
 *
 * Lines stay allocated: the program ends soon.
 *
 * Return: false if it cannot be read.
 */
bool table_read(struct table *table, const char *what, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	table->what = what;
	table->nr = 0;
	if (!file)
		return false;
	while (table->nr < MAX_ROWS && getline(&line, &size, file) > 0) {
		struct row *row = &table->row[table->nr];
		char *rest = line;

		line[strcspn(line, "\n")] = '\0';
		row->name = strsep(&rest, "\t");
		row->family = strsep(&rest, "\t");
		row->args = strsep(&rest, "\t");
		row->help = rest;
		if (rest)
			table->nr++;
		line = NULL;
		size = 0;
	}
	fclose(file);
	return table->nr;
}

/**
 * table_find() - find a row by its name
 * @table: the table
 * @name: name
 *
 * Return: the row, NULL if there is none.
 */
const struct row *table_find(const struct table *table, const char *name)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		if (!strcmp(table->row[i].name, name))
			return &table->row[i];
	return NULL;
}

/**
 * table_nearest() - the name that was probably meant
 * @table: the table
 * @name: what was given
 *
 * Return: a name of the table.
 */
const char *table_nearest(const struct table *table, const char *name)
{
	const char *names[MAX_ROWS];
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		names[i] = table->row[i].name;
	return nearest(name, names, table->nr, HOWEVER_FAR);
}

/* Cut "a|b|c" or "a b c" at its separator; returns how many. */
static unsigned int cut(char *text, const char *separator, const char **piece)
{
	unsigned int nr = 0;
	char *word;

	while ((word = strsep(&text, separator)) && nr < MAX_KEYS)
		if (*word)
			piece[nr++] = word;
	return nr;
}

static bool is_number(const char *text)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	strtoul(text, &end, 0);
	return !*end;
}

static bool is_address(const char *text)
{
	unsigned int domain, bus, slot, function;
	int end = 0;

	return sscanf(text, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function,
		      &end) == 4 && !text[end] && slot < 32 && function < 8;
}

/* @form is what is after "key=" in the table. */
static int check_value(const struct row *row, const char *key, char *form,
		       const char *value)
{
	const char *words[MAX_KEYS];
	unsigned int i, nr;

	if (!strcmp(form, "NUMBER"))
		return is_number(value) ? EXIT_GOOD :
			usage_error("%s: %s=%s is no number", row->name, key, value);
	if (!strcmp(form, "ADDRESS"))
		return is_address(value) ? EXIT_GOOD :
			usage_error("%s: %s=%s is no address of a function, like "
				    ADDRESS_FORM, row->name, key, value);
	nr = cut(form, "|", words);
	for (i = 0; i < nr; i++)
		if (!strcmp(words[i], value))
			return EXIT_GOOD;
	return usage_error("%s: unknown %s=%s, did you mean %s=%s?", row->name,
			   key, value, key, nearest(value, words, nr, HOWEVER_FAR));
}

/**
 * row_check() - whether a fault or trigger takes an argument
 * @row: the fault or trigger
 * @what: which of the two
 * @argument: "key=value", or "key"
 *
 * Return: EXIT_GOOD, or what usage_error() returns.
 */
int row_check(const struct row *row, const char *what, const char *argument)
{
	char *forms = strdup(row->args), *given = strdup(argument), *value;
	const char *keys[MAX_KEYS];
	char *form[MAX_KEYS];
	unsigned int i, nr;

	value = strchr(given, '=');
	if (value)
		*value++ = '\0';
	nr = cut(forms, " ", keys);
	if (!nr)
		return usage_error("%s \"%s\" takes no argument: \"%s\"", what,
				   row->name, argument);
	for (i = 0; i < nr; i++) {
		form[i] = strchr(keys[i], '=');
		if (form[i])
			*form[i]++ = '\0';
	}
	for (i = 0; i < nr; i++) {
		if (strcmp(keys[i], given))
			continue;
		if (!form[i] != !value)
			return usage_error("%s: \"%s\" takes %s value", row->name,
					   given, form[i] ? "a" : "no");
		return value ? check_value(row, given, form[i], value) : EXIT_GOOD;
	}
	return usage_error("%s: unknown argument \"%s\", did you mean \"%s\"?",
			   row->name, given, nearest(given, keys, nr, HOWEVER_FAR));
}

// SPDX-License-Identifier: GPL-2.0-only
/* Which of some words was probably meant. */
#include <string.h>

#include "base/nearest.h"

#define LONGEST	32

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Levenshtein distance: one row of the matrix at a time. */
static unsigned int distance(const char *a, const char *b)
{
	size_t length = strlen(b), i;
	unsigned int row[LONGEST], above, left;

	if (length >= LONGEST)
		return LONGEST;
	for (i = 0; i <= length; i++)
		row[i] = i;
	for (; *a; a++) {
		above = row[0]++;
		for (i = 1; i <= length; i++) {
			left = above + (*a != b[i - 1]);
			above = row[i];
			row[i] = min3(left, above + 1, row[i - 1] + 1);
		}
	}
	return row[length];
}

/**
 * nearest() - the word that needs the fewest changes
 * @word: what was given
 * @among: words that would be right
 * @nr: how many
 * @within: fewer changes than that
 *
 * Return: one of @among, NULL if none is near enough.
 */
const char *nearest(const char *word, const char *const *among, unsigned int nr,
		    unsigned int within)
{
	unsigned int i, d, best = within;
	const char *found = NULL;

	for (i = 0; i < nr; i++) {
		d = distance(word, among[i]);
		if (d < best) {
			best = d;
			found = among[i];
		}
	}
	return found;
}

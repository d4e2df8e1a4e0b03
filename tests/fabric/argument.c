// SPDX-License-Identifier: GPL-2.0-only
/* Arguments of the programs. */
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"

/**
 * argument_number() - the number that an option is given; exits if it is none
 * @program: for the complaint
 * @option: likewise
 * @text: the argument
 *
 * Return: the number.
 */
u64 argument_number(const char *program, const char *option, const char *text)
{
	char *end;
	u64 value = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "%s: --%s %s: digits are expected\n", program,
			option, text);
		exit(2);
	}
	return value;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* The explanation for a function that refused, in a sentence. */
#ifndef KQ_STORY_H
#define KQ_STORY_H

#include "read/record.h"

#define STORY_LEN 256

/**
 * struct stopped - functions, without ports, by what stopped them
 * @disabled: Bus Master Enable or INTx Disable, and no more than that
 * @reset: a reset
 * @found_quiet: nothing, they were quiet
 * @contained: the port above
 * @not_stopped: nothing: they may still write memory or interrupt
 * @left: nothing: out of scope, absent or without power
 */
struct stopped {
	unsigned int disabled;
	unsigned int reset;
	unsigned int found_quiet;
	unsigned int contained;
	unsigned int not_stopped;
	unsigned int left;
};

bool story_link_reset(const struct pciq_entry *entry);
bool story_port_closed(const struct pciq_entry *entry);
bool story_worthy(const struct pciq_entry *entry);
const char *story_of(const struct record *rec, unsigned int i,
		     char buf[STORY_LEN]);
struct stopped story_count(const struct record *rec);

#endif /* KQ_STORY_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Machines that were not made up. */
#ifndef FABRIC_LOAD_H
#define FABRIC_LOAD_H

#include "fabric.h"

struct lspci;

/**
 * struct load_report - what the text of a machine does not say
 * @extended: some have extended config space, so where none is, it is zeros
 * @headers: functions of which there are 64 bytes only
 * @silent: functions that did not respond
 * @lost_buses: buses to which no bridge leads: of silent functions
 */
struct load_report {
	bool extended;
	u32 headers;
	u32 silent;
	u32 lost_buses;
};

struct load_report load_machine(const struct lspci *machine);

#endif /* FABRIC_LOAD_H */

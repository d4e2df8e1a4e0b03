/* SPDX-License-Identifier: GPL-2.0-only */
/* Parser of struct pciq_record: pure, trusts nothing it reads. */
#ifndef KQ_RECORD_H
#define KQ_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/kexec_quiesce.h>

#include "base/fail.h"

#define RECORD_MAX	(64U << 20)	/* more than a million functions */
#define NO_ENTRY	0xffffffffU	/* no such function */
#define DRIVER_LEN	(sizeof(((struct pciq_entry *)0)->driver) + 1)

/**
 * struct record - a validated record
 * @head: header; @head.release and @head.build are terminated and printable
 * @entries: first entry, inside the caller's buffer
 * @checksum_ok: the routine got to its end, and nothing changed since
 */
struct record {
	struct pciq_record head;
	const unsigned char *entries;
	bool checksum_ok;
};

void make_printable(void *text, size_t len);
bool record_parse_head(struct record *rec, const void *buf, size_t len,
		       size_t room, struct complaint *why);
bool record_parse(struct record *rec, const void *buf, size_t len,
		  struct complaint *why);
struct pciq_entry record_entry(const struct record *rec,
			       unsigned int i);
unsigned int record_port(const struct record *rec, unsigned int i);
double record_ticks_us(const struct record *rec, __u64 ticks);
double record_step_at(const struct record *rec, unsigned int step);
double record_step_took(const struct record *rec, unsigned int step);
bool record_cut_short(const struct record *rec);
bool entry_command_known(const struct pciq_entry *entry,
			 unsigned int command);
const char *entry_driver(const struct pciq_entry *entry, char buf[DRIVER_LEN]);
bool entry_may_master(const struct pciq_entry *entry);
bool entry_may_interrupt(const struct pciq_entry *entry);

#endif /* KQ_RECORD_H */

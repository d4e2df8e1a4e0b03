// SPDX-License-Identifier: GPL-2.0-only
/* A record as JSON; the schema is described in the manual page. */
#include <string.h>

#include "base/json.h"
#include "draw/show.h"
#include "explain/names.h"
#include "explain/pcinames.h"

static void put_name(struct json *j, const char *key,
		     const struct names *names, unsigned int value)
{
	char unknown[NAME_LEN];

	json_string(j, key, name_of(names, value, unknown));
}

static void put_hex(struct json *j, const char *key, unsigned int digits,
		    unsigned int value)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%0*x", digits, value);
	json_string(j, key, buf);
}

static void put_bits(struct json *j, const char *key,
		     const struct names *names, unsigned int bits)
{
	unsigned int bit;

	json_open(j, key, '[');
	for (bit = 0; bit < 32; bit++)
		if (bits & (1U << bit))
			put_name(j, NULL, names, bit);
	json_close(j, ']');
}

static void put_steps(struct json *j, const struct record *rec)
{
	unsigned int step;

	json_open(j, "steps", '[');
	for (step = 0; step < PCIQ_NR_STEPS; step++) {
		json_open(j, NULL, '{');
		put_name(j, "name", &step_names, step);
		json_us(j, "at_us", record_step_at(rec, step));
		json_us(j, "us", record_step_took(rec, step));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_command(struct json *j, const char *key,
			const struct pciq_entry *entry,
			unsigned int command)
{
	if (entry_command_known(entry, command))
		json_uint(j, key, command);
	else
		json_null(j, key);
}

/* The address of an entry, or null for NO_ENTRY. */
static void put_address(struct json *j, const char *key,
			const struct record *rec, unsigned int i)
{
	struct pciq_entry entry;
	char address[PCI_ADDRESS_LEN];

	if (i == NO_ENTRY) {
		json_null(j, key);
		return;
	}
	entry = record_entry(rec, i);
	json_string(j, key, pci_address(entry.domain, entry.bus, entry.devfn,
					address));
}

static void put_function(struct json *j, const struct record *rec,
			 unsigned int i)
{
	struct pciq_entry entry = record_entry(rec, i);
	char driver[DRIVER_LEN];

	json_open(j, NULL, '{');
	put_address(j, "address", rec, i);
	put_address(j, "port", rec, record_port(rec, i));
	put_hex(j, "class", 6, entry.class_revision >> 8);
	put_hex(j, "vendor", 4, entry.vendor);
	put_hex(j, "device", 4, entry.device);
	json_string(j, "driver", entry_driver(&entry, driver));
	put_name(j, "outcome", &outcome_names, entry.outcome);
	put_name(j, "reason", &reason_names, entry.reason);
	put_name(j, "duration", &duration_names, entry.duration);
	put_command(j, "command_before", &entry, entry.command_before);
	put_command(j, "command_after", &entry, entry.command_after);
	put_bits(j, "done", &done_names, entry.done);
	json_us(j, "us", record_ticks_us(rec, entry.ticks));
	put_name(j, "no_reset", &no_reset_names, entry.no_reset);
	json_uint(j, "ready_us", entry.ready_us);
	put_bits(j, "flags", &flag_names, entry.flags);
	json_close(j, '}');
}

static void put_head(struct json *j, const struct record *rec)
{
	const struct pciq_record *head = &rec->head;

	json_bool(j, "checksum_ok", rec->checksum_ok);
	put_name(j, "verdict", &verdict_names, head->verdict);
	put_name(j, "policy", &policy_names, head->policy);
	put_name(j, "source", &source_names, head->source);
	put_name(j, "step", &step_names, head->step);
	json_string(j, "release", (const char *)head->release);
	json_string(j, "build", (const char *)head->build);
	json_uint(j, "generation", head->generation);
	json_uint(j, "taken_at", head->taken_at);
	json_uint(j, "deadline_ms", head->deadline_ms);
	json_uint(j, "quiet", head->quiet);
	json_uint(j, "total", head->total);
	json_uint(j, "held", head->held);
	json_uint(j, "microseconds", head->microseconds);
	json_uint(j, "reads", head->reads);
	json_uint(j, "writes", head->writes);
	json_uint(j, "faults", head->faults);
	json_uint(j, "links_reset", head->links_reset);
	json_uint(j, "functions_reset", head->functions_reset);
	json_uint(j, "ports_contained", head->ports_contained);
	json_bool(j, "incomplete", head->incomplete);
	json_uint(j, "unanswered", head->unanswered);
}

/* Lines of an address and a state, as kexec_pci_hold has them. */
static void put_hold(struct json *j, char *hold)
{
	char *line, *state;

	if (!hold) {
		json_null(j, "hold");
		return;
	}
	json_open(j, "hold", '[');
	while ((line = strsep(&hold, "\n"))) {
		state = strchr(line, ' ');
		if (!state)
			continue;
		*state++ = '\0';
		json_open(j, NULL, '{');
		json_string(j, "address", line);
		json_string(j, "state", state);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/**
 * show_json() - print a record as JSON
 * @rec: record
 * @file: where it was found
 * @hold: in the crash kernel, what was reset when its driver came, and is taken
 *	to pieces; else NULL
 */
void show_json(const struct record *rec, const char *file, char *hold)
{
	struct json j;
	unsigned int i;

	json_start(&j, stdout);
	json_uint(&j, "schema", 1);
	json_string(&j, "file", file);
	put_head(&j, rec);
	json_open(&j, "counts", '{');
	for (i = 0; i < PCIQ_NR_OUTCOMES; i++)
		json_uint(&j, outcome_names.name[i], rec->head.counts[i]);
	json_close(&j, '}');
	put_steps(&j, rec);
	json_open(&j, "functions", '[');
	for (i = 0; i < rec->head.nr_entries; i++)
		put_function(&j, rec, i);
	json_close(&j, ']');
	put_hold(&j, hold);
	json_finish(&j);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI Express endpoint that misbehaves on demand, served to QEMU over
 * vfio-user: what no device that QEMU itself models will do.
 *
 * main.c      arguments, the two threads
 * protocol.c  vfio-user messages
 * mode.c      the ways to misbehave
 * config.c    config space, resets
 * dma.c       guest memory, registers in BAR 0, the writer
 * log.c       what was done to the device, for the harness
 * driver.c    the guest's side: starts the endpoints it finds
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

#include "registers.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define __attr(what)		__attribute__((what))
#define __printf(at, args)	__attr(format(printf, at, args))

#define CONFIG_SIZE	4096U
#define MAX_MAPPINGS	64
#define MARKER_BYTES	32	/* of a line; the rest is a counter */

/**
 * struct mode - a way to misbehave, from "run" until a reset
 * @name: as given to --mode
 * @takes_ms: the name is followed by "=MILLISECONDS"
 * @logs: has firmware that writes a line of its log each so many milliseconds,
 *	for ever, and obeys
 * @deaf: goes on writing whatever Bus Master Enable says
 * @sticky: Bus Master Enable reads back as set whatever is written to it
 * @pending: Transaction Pending stays set
 * @vanishes: all ones from the moment that Bus Master Enable is written 0
 * @stays_away: and after a reset, for good
 * @late: all ones for some time after a reset
 * @slow: the first read after Bus Master Enable is written 0 takes its time,
 *	then it obeys
 * @unstoppable: a reset changes nothing
 */
struct mode {
	const char *name;
	bool takes_ms;
	bool logs;
	bool deaf;
	bool sticky;
	bool pending;
	bool vanishes;
	bool stays_away;
	bool late;
	bool slow;
	bool unstoppable;
};

/**
 * struct mapping - guest memory that QEMU let us map
 * @iova: where the device sees it; without an IOMMU, the physical address
 * @size: that many bytes
 * @at: where we see it
 */
struct mapping {
	__u64 iova;
	__u64 size;
	void *at;
};

/**
 * struct endpoint - the device
 * @mode: how it misbehaves
 * @ms: the time of a mode that takes one
 * @marker: what its writes begin with
 * @has_flr: it offers Function Level Reset
 * @has_af: it is of conventional PCI, and offers it by Advanced Features
 * @log: see log.c
 * @lock: for all that follows: messages and the writer are two threads
 * @config: config space as stored
 * @registers: BAR 0 as stored
 * @wild: the mode is in effect
 * @gone: answers all ones, for good
 * @silent_until: answers all ones until then, CLOCK_MONOTONIC milliseconds
 * @dawdles: the next config read takes @ms
 * @mappings: guest memory
 * @lines: lines that were written
 */
struct endpoint {
	const struct mode *mode;
	unsigned int ms;
	char marker[MARKER_BYTES];
	bool has_flr;
	bool has_af;
	FILE *log;

	pthread_mutex_t lock;
	__u8 config[CONFIG_SIZE];
	__u8 registers[ENDPOINT_BAR_BYTES];
	bool wild;
	bool gone;
	__u64 silent_until;
	bool dawdles;
	struct mapping mappings[MAX_MAPPINGS];
	__u64 lines;
};

/* mode.c */
const struct mode *mode_parse(const char *text, unsigned int *ms);
void mode_print_all(FILE *to);

/* config.c */
void config_power_on(struct endpoint *ep);
unsigned int config_delay(struct endpoint *ep);
void config_read(struct endpoint *ep, __u64 offset, __u8 *data, __u32 count);
void config_write(struct endpoint *ep, __u64 offset, const __u8 *data,
		  __u32 count);
void config_reset(struct endpoint *ep, const char *how);
bool config_masters(const struct endpoint *ep);

/* dma.c */
int dma_map(struct endpoint *ep, int fd, __u64 offset, __u64 iova, __u64 size);
void dma_unmap(struct endpoint *ep, __u64 iova, __u64 size);
void dma_unmap_all(struct endpoint *ep);
void bar_read(struct endpoint *ep, __u64 offset, __u8 *data, __u32 count);
void bar_write(struct endpoint *ep, __u64 offset, const __u8 *data,
	       __u32 count);
void *dma_thread(void *endpoint);

/* log.c */
__u64 now_ms(void);
void __printf(2, 3) log_event(struct endpoint *ep, const char *format, ...);

/* protocol.c */
int protocol_serve(struct endpoint *ep, int fd);

#endif /* ENDPOINT_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory, and who writes to it.
 *
 * QEMU hands us guest RAM as a file to map.  Writes to such a mapping pass no
 * gate of QEMU's: whether Bus Master Enable is obeyed is up to us.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "endpoint.h"

#define LINE		64U
#define LINE_US		5000

/**
 * dma_map() - guest memory has appeared
 * @ep: endpoint, locked
 * @fd: file of the memory
 * @offset: where in it
 * @iova: its address for the device
 * @size: bytes
 *
 * Return: 0 or a negative errno.
 */
int dma_map(struct endpoint *ep, int fd, __u64 offset, __u64 iova, __u64 size)
{
	struct mapping *free = NULL;
	unsigned int i;

	for (i = 0; i < MAX_MAPPINGS && !free; i++) {
		if (!ep->mappings[i].at)
			free = &ep->mappings[i];
	}
	if (!free)
		return -ENOSPC;
	free->at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			offset);
	if (free->at == MAP_FAILED) {
		free->at = NULL;
		return -errno;
	}
	free->iova = iova;
	free->size = size;
	return 0;
}

/**
 * dma_unmap() - guest memory has gone
 * @ep: endpoint, locked
 * @iova: its address for the device
 * @size: bytes
 */
void dma_unmap(struct endpoint *ep, __u64 iova, __u64 size)
{
	unsigned int i;

	for (i = 0; i < MAX_MAPPINGS; i++) {
		struct mapping *mapping = &ep->mappings[i];

		if (mapping->at && mapping->iova >= iova &&
		    mapping->iova - iova < size) {
			munmap(mapping->at, mapping->size);
			mapping->at = NULL;
		}
	}
}

/**
 * dma_unmap_all() - all of it
 * @ep: endpoint, locked
 */
void dma_unmap_all(struct endpoint *ep)
{
	dma_unmap(ep, 0, ~0ULL);
}

static void *find(const struct endpoint *ep, __u64 iova, __u64 size)
{
	unsigned int i;

	for (i = 0; i < MAX_MAPPINGS; i++) {
		const struct mapping *mapping = &ep->mappings[i];

		if (mapping->at && iova >= mapping->iova &&
		    size <= mapping->size &&
		    iova - mapping->iova <= mapping->size - size)
			return (char *)mapping->at + (iova - mapping->iova);
	}
	return NULL;
}

static __u32 reg(const struct endpoint *ep, unsigned int offset)
{
	__u32 value;

	memcpy(&value, ep->registers + offset, sizeof(value));
	return value;
}

/**
 * bar_read() - read BAR 0
 * @ep: endpoint, locked
 * @offset: where
 * @data: to there
 * @count: bytes, within the BAR
 */
void bar_read(struct endpoint *ep, __u64 offset, __u8 *data, __u32 count)
{
	memcpy(data, ep->registers + offset, count);
}

/**
 * bar_write() - write BAR 0
 * @ep: endpoint, locked
 * @offset: where
 * @data: from there
 * @count: bytes, within the BAR
 */
void bar_write(struct endpoint *ep, __u64 offset, const __u8 *data,
	       __u32 count)
{
	memcpy(ep->registers + offset, data, count);
	if (offset <= ENDPOINT_RUN && offset + count > ENDPOINT_RUN &&
	    reg(ep, ENDPOINT_RUN)) {
		ep->wild = true;
		log_event(ep, "run");
	}
}

static void write_line(struct endpoint *ep)
{
	__u64 base = (__u64)reg(ep, ENDPOINT_BUFFER_HIGH) << 32 |
		     reg(ep, ENDPOINT_BUFFER_LOW);
	__u64 counter[(LINE - MARKER_BYTES) / sizeof(__u64)];
	__u32 nr_lines = reg(ep, ENDPOINT_BUFFER_BYTES) / LINE;
	unsigned int i;
	char *at;

	at = nr_lines ? find(ep, base + ep->lines % nr_lines * LINE, LINE) :
			NULL;
	if (!at)
		return;
	ep->lines++;
	for (i = 0; i < ARRAY_SIZE(counter); i++)
		counter[i] = ep->lines;
	memcpy(at, ep->marker, MARKER_BYTES);
	memcpy(at + MARKER_BYTES, counter, sizeof(counter));
}

/**
 * dma_thread() - write, for as long as the device is on
 * @endpoint: struct endpoint
 *
 * Under the lock, so that a device that obeys writes nothing more once the
 * guest's config write has been answered.
 *
 * Return: never.
 */
void *dma_thread(void *endpoint)
{
	struct endpoint *ep = endpoint;

	for (;;) {
		pthread_mutex_lock(&ep->lock);
		if (reg(ep, ENDPOINT_RUN) && config_masters(ep))
			write_line(ep);
		pthread_mutex_unlock(&ep->lock);
		usleep(ep->mode->logs ? ep->ms * 1000 : LINE_US);
	}
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the endpoint and its driver in the guest have to agree on. */
#ifndef REGISTERS_H
#define REGISTERS_H

#define ENDPOINT_VENDOR		0x1234	/* nobody's; QEMU's own edu has it too */
#define ENDPOINT_DEVICE		0x4b51
#define ENDPOINT_CLASS		0x00ff00	/* no driver binds */

/* BAR 0, written in units of 32 bits. */
#define ENDPOINT_BAR_BYTES	4096U
#define ENDPOINT_BUFFER_LOW	0x00	/* physical address to write to */
#define ENDPOINT_BUFFER_HIGH	0x04
#define ENDPOINT_BUFFER_BYTES	0x08
#define ENDPOINT_RUN		0x0c	/* 1: write, over and over */

#endif /* REGISTERS_H */

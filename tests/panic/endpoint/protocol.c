// SPDX-License-Identifier: GPL-2.0-only
/*
 * The messages of vfio-user that QEMU sends to a plain PCI device.  No interrupts:
 * nobody handles any once the kernel is dead.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "endpoint.h"

enum command {
	CMD_VERSION = 1,
	CMD_DMA_MAP = 2,
	CMD_DMA_UNMAP = 3,
	CMD_GET_INFO = 4,
	CMD_GET_REGION_INFO = 5,
	CMD_GET_IRQ_INFO = 7,
	CMD_SET_IRQS = 8,
	CMD_REGION_READ = 9,
	CMD_REGION_WRITE = 10,
	CMD_RESET = 13,
};

#define FLAG_REPLY	0x01
#define FLAG_NO_REPLY	0x10
#define FLAG_ERROR	0x20

#define MAX_DATA	8192U

struct header {
	__u16 id;
	__u16 command;
	__u32 size;
	__u32 flags;
	__u32 error;
};

struct version {
	__u16 major;
	__u16 minor;
	char capabilities[];	/* JSON */
};

struct dma {
	__u32 argsz;
	__u32 flags;
	__u64 offset;
	__u64 iova;
	__u64 size;
};

struct undma {
	__u32 argsz;
	__u32 flags;
	__u64 iova;
	__u64 size;
};

struct access {
	__u64 offset;
	__u32 region;
	__u32 count;
	__u8 data[];
};

/* The answer is made in place. */
struct message {
	struct header header;
	union {
		__u8 data[MAX_DATA];
		struct version version;
		struct dma dma;
		struct undma undma;
		struct vfio_device_info info;
		struct vfio_region_info region;
		struct vfio_irq_info irq;
		struct access access;
	};
	__u32 length;	/* of the data */
	int fd;		/* that came with it, or -1 */
};

static bool read_all(int fd, void *to, size_t size)
{
	ssize_t n;

	for (; size; size -= n, to = (char *)to + n) {
		n = read(fd, to, size);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool write_all(int fd, const void *from, size_t size)
{
	ssize_t n;

	for (; size; size -= n, from = (const char *)from + n) {
		n = send(fd, from, size, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
	}
	return true;
}

/* A file descriptor comes with the first byte of its message. */
static bool receive(int fd, struct message *msg)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { &msg->header, sizeof(msg->header) };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &mh, MSG_CMSG_CLOEXEC);
	struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&mh) : NULL;

	msg->fd = -1;
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(&msg->fd, CMSG_DATA(cmsg), sizeof(msg->fd));
	if (n <= 0 || !read_all(fd, (char *)&msg->header + n,
				sizeof(msg->header) - n))
		return false;
	msg->length = msg->header.size - sizeof(msg->header);
	memset(msg->data, 0, sizeof(msg->data));
	return msg->header.size >= sizeof(msg->header) &&
	       msg->length <= MAX_DATA && read_all(fd, msg->data, msg->length);
}

static int version(struct message *msg)
{
	static const char capabilities[] =
		"{\"capabilities\":{\"max_msg_fds\":1}}";

	/* The only one that QEMU 11 takes. */
	msg->version.major = 0;
	msg->version.minor = 0;
	memcpy(msg->version.capabilities, capabilities, sizeof(capabilities));
	msg->length = sizeof(msg->version) + sizeof(capabilities);
	return 0;
}

static int map(struct endpoint *ep, struct message *msg)
{
	int err = 0;

	/* Without a file it is no RAM: the registers of some other device. */
	if (msg->fd >= 0 && msg->dma.flags & VFIO_DMA_MAP_FLAG_WRITE)
		err = dma_map(ep, msg->fd, msg->dma.offset, msg->dma.iova,
			      msg->dma.size);
	msg->length = 0;
	return err;
}

static int unmap(struct endpoint *ep, struct message *msg)
{
	if (msg->undma.flags & VFIO_DMA_UNMAP_FLAG_ALL)
		dma_unmap_all(ep);
	else
		dma_unmap(ep, msg->undma.iova, msg->undma.size);
	return 0;
}

static int get_info(struct message *msg)
{
	msg->info.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI;
	msg->info.num_regions = VFIO_PCI_NUM_REGIONS;
	msg->info.num_irqs = VFIO_PCI_NUM_IRQS;
	return 0;
}

static __u64 region_bytes(__u32 region)
{
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return CONFIG_SIZE;
	return region == VFIO_PCI_BAR0_REGION_INDEX ? ENDPOINT_BAR_BYTES : 0;
}

static int get_region_info(struct message *msg)
{
	msg->region.argsz = sizeof(msg->region);
	msg->region.size = region_bytes(msg->region.index);
	msg->region.flags = msg->region.size ? VFIO_REGION_INFO_FLAG_READ |
					       VFIO_REGION_INFO_FLAG_WRITE : 0;
	msg->region.cap_offset = 0;
	msg->region.offset = 0;
	msg->length = sizeof(msg->region);
	return 0;
}

static int get_irq_info(struct message *msg)
{
	msg->irq.flags = 0;
	msg->irq.count = 0;
	return 0;
}

static bool is_inside(const struct access *access, __u32 data)
{
	__u64 size = region_bytes(access->region);

	return access->count <= size && access->offset <= size - access->count &&
	       data <= MAX_DATA - sizeof(*access);
}

static int region_read(struct endpoint *ep, struct message *msg)
{
	struct access *access = &msg->access;
	unsigned int ms;

	if (!is_inside(access, access->count))
		return -EINVAL;
	msg->length = sizeof(*access) + access->count;
	if (access->region == VFIO_PCI_BAR0_REGION_INDEX) {
		bar_read(ep, access->offset, access->data, access->count);
		return 0;
	}
	ms = config_delay(ep);
	if (ms) {
		pthread_mutex_unlock(&ep->lock);
		usleep(ms * 1000);
		pthread_mutex_lock(&ep->lock);
	}
	config_read(ep, access->offset, access->data, access->count);
	return 0;
}

static int region_write(struct endpoint *ep, struct message *msg)
{
	struct access *access = &msg->access;

	if (!is_inside(access, access->count) ||
	    msg->length < sizeof(*access) + access->count)
		return -EINVAL;
	if (access->region == VFIO_PCI_BAR0_REGION_INDEX)
		bar_write(ep, access->offset, access->data, access->count);
	else
		config_write(ep, access->offset, access->data, access->count);
	msg->length = sizeof(*access);
	return 0;
}

static int reset(struct endpoint *ep)
{
	config_reset(ep, "reset");
	return 0;
}

/* Returns 0 or a negative errno for QEMU. */
static int handle(struct endpoint *ep, struct message *msg)
{
	switch (msg->header.command) {
	case CMD_VERSION:
		return version(msg);
	case CMD_DMA_MAP:
		return map(ep, msg);
	case CMD_DMA_UNMAP:
		return unmap(ep, msg);
	case CMD_GET_INFO:
		return get_info(msg);
	case CMD_GET_REGION_INFO:
		return get_region_info(msg);
	case CMD_GET_IRQ_INFO:
		return get_irq_info(msg);
	case CMD_SET_IRQS:
		msg->length = 0;
		return 0;
	case CMD_REGION_READ:
		return region_read(ep, msg);
	case CMD_REGION_WRITE:
		return region_write(ep, msg);
	case CMD_RESET:
		return reset(ep);
	default:
		return -EOPNOTSUPP;
	}
}

static bool answer(int fd, struct message *msg, int err)
{
	if (msg->header.flags & FLAG_NO_REPLY)
		return true;
	msg->header.flags = FLAG_REPLY;
	msg->header.error = -err;
	if (err) {
		msg->header.flags |= FLAG_ERROR;
		msg->length = 0;
	}
	msg->header.size = sizeof(msg->header) + msg->length;
	return write_all(fd, msg, msg->header.size);
}

/**
 * protocol_serve() - answer QEMU until it ends
 * @ep: endpoint
 * @fd: socket
 *
 * Return: 0 if QEMU has ended, -1 if what it sent cannot be understood.
 */
int protocol_serve(struct endpoint *ep, int fd)
{
	static struct message msg;
	int err;

	while (receive(fd, &msg)) {
		pthread_mutex_lock(&ep->lock);
		err = handle(ep, &msg);
		if (err)
			log_event(ep, "error %u %s", msg.header.command,
				  strerror(-err));
		pthread_mutex_unlock(&ep->lock);
		if (msg.fd >= 0)
			close(msg.fd);
		if (!answer(fd, &msg, err))
			break;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * audioload DEVICE: endless DMA from a sound card, started in the first kernel.
 *
 * Capture into a ring buffer that nobody reads and that never stops: a sound
 * controller needs no CPU to keep writing, so it goes on after the panic.  The
 * emulated microphone records silence, which would not show in memory that is
 * silent already: the ring is painted with a marker first, and is long enough
 * (2 MiB, 32 s) that the device is still on its first round in the capture kernel.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sound/asound.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MARKER		"QAUD"	/* one sample of both channels */
#define RATE		16000U
#define CHANNELS	2U
#define FRAME		(CHANNELS * 2)	/* bytes, 16-bit samples */
#define BUFFER		(2U << 20)
#define PERIOD		(64U << 10)	/* an interrupt a second; 32 periods at most */

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static void set_mask(struct snd_pcm_hw_params *p, int param, unsigned int bit)
{
	struct snd_mask *mask = &p->masks[param - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	memset(mask, 0, sizeof(*mask));
	mask->bits[bit / 32] = 1U << (bit % 32);
}

static void set_interval(struct snd_pcm_hw_params *p, int param, unsigned int value)
{
	struct snd_interval *i = &p->intervals[param - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

	i->min = value;
	i->max = value;
	i->integer = 1;
}

static void any(struct snd_pcm_hw_params *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	memset(p->masks, 0xff, sizeof(p->masks));
	for (i = 0; i < ARRAY_SIZE(p->intervals); i++)
		p->intervals[i].max = ~0U;
	p->rmask = ~0U;
	p->info = ~0U;
}

int main(int argc, char **argv)
{
	struct snd_pcm_hw_params hw;
	struct snd_pcm_sw_params sw = { .period_step = 1, .avail_min = 1 };
	char *ring;
	unsigned int at;
	int fd;

	fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
	if (fd < 0) {
		perror(argc == 2 ? argv[1] : "usage: audioload DEVICE");
		return 1;
	}
	any(&hw);
	set_mask(&hw, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_MMAP_INTERLEAVED);
	set_mask(&hw, SNDRV_PCM_HW_PARAM_FORMAT, SNDRV_PCM_FORMAT_S16_LE);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_CHANNELS, CHANNELS);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_RATE, RATE);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, PERIOD / FRAME);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, BUFFER / FRAME);
	if (ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &hw)) {
		perror("audioload: hardware parameters");
		return 1;
	}

	/* The end of the buffer never comes: an overrun does not stop the capture. */
	sw.boundary = BUFFER / FRAME;
	while (sw.boundary * 2 <= 0x7fffffffffffffffUL - BUFFER / FRAME)
		sw.boundary *= 2;
	sw.start_threshold = sw.boundary;
	sw.stop_threshold = sw.boundary;
	if (ioctl(fd, SNDRV_PCM_IOCTL_SW_PARAMS, &sw) || ioctl(fd, SNDRV_PCM_IOCTL_PREPARE)) {
		perror("audioload: software parameters");
		return 1;
	}

	ring = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    SNDRV_PCM_MMAP_OFFSET_DATA);
	if (ring == MAP_FAILED) {
		perror("audioload: mmap");
		return 1;
	}
	for (at = 0; at < BUFFER; at += strlen(MARKER))
		memcpy(ring + at, MARKER, strlen(MARKER));

	if (ioctl(fd, SNDRV_PCM_IOCTL_START)) {
		perror("audioload: start");
		return 1;
	}
	pause();
	return 0;
}

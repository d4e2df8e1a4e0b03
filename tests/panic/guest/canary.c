// SPDX-License-Identifier: GPL-2.0-only
/*
 * canary FILE SECONDS MAX_RUNS: does the dead kernel's memory still change?
 *
 * Runs in the capture kernel.  FILE is /proc/vmcore: an ELF image of the memory
 * of the kernel that died.  Nothing should write to it any more, so two passes
 * over all of it, SECONDS apart, must see the same bytes.  Each 64-byte line
 * (the smallest unit a device usually writes) is kept as a 32-bit hash.
 *
 * The first MiB is left out: the capture kernel itself starts from there.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE	64UL
#define WINDOW	(16UL << 20)	/* mapped at a time */
#define LOW_MEM	0x100000UL

/* Changed lines that follow each other are printed as one run. */
static unsigned long nr_lines, nr_changed, max_printed;
static __u64 run_start, run_end;

static __u32 hash_line(const __u64 *word)
{
	__u64 hash = 0;
	unsigned int i;

	for (i = 0; i < LINE / sizeof(*word); i++)
		hash = (hash ^ word[i]) * 0x9e3779b97f4a7c15ULL + 1;
	return hash >> 32;
}

static void print_run(void)
{
	if (run_end > run_start && max_printed) {
		max_printed--;
		printf("KPCIQ canary-run=0x%llx,%llu\n", (unsigned long long)run_start,
		       (unsigned long long)(run_end - run_start) / LINE);
	}
}

static void changed(__u64 phys)
{
	nr_changed++;
	if (phys != run_end) {
		print_run();
		run_start = phys;
	}
	run_end = phys + LINE;
}

static void check_line(__u32 *seen, const void *line, __u64 phys, int pass)
{
	__u32 hash = hash_line(line);

	if (pass == 0)
		*seen = hash;
	else if (*seen != hash)
		changed(phys);
}

/* One pass over one piece of old memory; returns the hashes it used. */
static unsigned long check_segment(int fd, const Elf64_Phdr *ph, __u32 *seen, int pass)
{
	__u64 done, size, off;
	unsigned long used = 0;

	for (done = 0; done < ph->p_filesz; done += size) {
		char *map;

		size = ph->p_filesz - done < WINDOW ? ph->p_filesz - done : WINDOW;
		map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, ph->p_offset + done);
		if (map == MAP_FAILED) {
			perror("canary: mmap");
			exit(1);
		}
		for (off = 0; off + LINE <= size; off += LINE) {
			__u64 phys = ph->p_paddr + done + off;

			if (phys >= LOW_MEM)
				check_line(&seen[used++], map + off, phys, pass);
		}
		munmap(map, size);
	}
	return used;
}

static void *read_at(int fd, off_t off, size_t size)
{
	void *buf = malloc(size);

	if (!buf || pread(fd, buf, size, off) != (ssize_t)size) {
		perror("canary: read");
		exit(1);
	}
	return buf;
}

int main(int argc, char **argv)
{
	Elf64_Ehdr *eh;
	Elf64_Phdr *ph;
	__u32 *seen;
	__u64 bytes = 0;
	int fd, i, pass;

	if (argc != 4) {
		fprintf(stderr, "usage: canary FILE SECONDS MAX_RUNS\n");
		return 2;
	}
	max_printed = strtoul(argv[3], NULL, 0);
	fd = open(argv[1], O_RDONLY);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	eh = read_at(fd, 0, sizeof(*eh));
	ph = read_at(fd, eh->e_phoff, eh->e_phnum * sizeof(*ph));
	for (i = 0; i < eh->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD)
			bytes += ph[i].p_filesz;
	seen = malloc(bytes / LINE * sizeof(*seen));
	if (!seen) {
		perror("canary: malloc");
		return 1;
	}

	for (pass = 0; pass < 2; pass++) {
		if (pass)
			sleep(strtoul(argv[2], NULL, 0));
		for (i = 0, nr_lines = 0; i < eh->e_phnum; i++)
			if (ph[i].p_type == PT_LOAD)
				nr_lines += check_segment(fd, &ph[i], seen + nr_lines, pass);
	}
	print_run();
	printf("KPCIQ canary-lines=%lu\n", nr_lines);
	printf("KPCIQ canary-lines-changed=%lu\n", nr_changed);
	return 0;
}

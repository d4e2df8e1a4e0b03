// SPDX-License-Identifier: GPL-2.0-only
/* What a file is, judged by its first bytes: to explain why it cannot be read. */
#include <linux/elf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read/vmfile.h"

/* The part of makedumpfile's header that says where its data begins. */
struct kdump_head {
	char signature[8];
	__u32 version;
	char utsname[6 * 65 + 6];	/* and padding */
	__u64 timestamp[2];
	__u32 status;
	__s32 block_size;
	__s32 sub_hdr_size;
	__u32 bitmap_blocks;
};

static_assert(sizeof(struct kdump_head) == 440, "header has a hole");

#define KDUMP_STATUS_INCOMPLETE 0x8

static enum vmfile_kind elf_kind(const struct elf64_hdr *ehdr)
{
	if (ehdr->e_ident[EI_CLASS] == ELFCLASS64 &&
	    ehdr->e_ident[EI_DATA] == ELFDATA2LSB && ehdr->e_type == ET_CORE)
		return VMFILE_ELF;
	return VMFILE_ELF_OTHER;
}

/**
 * vmfile_kind() - look at the first bytes
 * @fd: file
 *
 * Return: what they say.
 */
enum vmfile_kind vmfile_kind(int fd)
{
	union {
		struct elf64_hdr elf;
		char magic[sizeof(struct elf64_hdr)];
	} head = { 0 };
	ssize_t len = pread(fd, &head, sizeof(head), 0);

	if (len < 0)
		return VMFILE_UNREADABLE;
	if (!len)
		return VMFILE_EMPTY;
	if (!memcmp(head.magic, ELFMAG, SELFMAG))
		return elf_kind(&head.elf);
	if (!memcmp(head.magic, "KDUMP   ", 8) ||
	    !memcmp(head.magic, "DISKDUMP", 8))
		return VMFILE_KDUMP;
	if (!memcmp(head.magic, "makedumpfile", 13))
		return VMFILE_FLATTENED;
	return VMFILE_OTHER;
}

static bool read_phdr(int fd, const struct elf64_hdr *ehdr, unsigned int i,
		      struct elf64_phdr *phdr)
{
	return pread(fd, phdr, sizeof(*phdr),
		     ehdr->e_phoff + i * sizeof(*phdr)) == sizeof(*phdr);
}

/* Is some of physical memory [phys, phys + len) promised, but behind the end? */
static bool phdr_lacks(const struct elf64_phdr *phdr, __u64 size, __u64 phys,
		       __u64 len)
{
	__u64 want;

	if (phdr->p_type != PT_LOAD || phys + len <= phdr->p_paddr)
		return false;
	if (phys > phdr->p_paddr && phys - phdr->p_paddr >= phdr->p_filesz)
		return false;
	want = phys + len - phdr->p_paddr;
	if (want > phdr->p_filesz)
		want = phdr->p_filesz;
	return phdr->p_offset > size || want > size - phdr->p_offset;
}

static bool elf_cut_short(int fd, __u64 size)
{
	struct elf64_hdr ehdr;
	struct elf64_phdr phdr;
	unsigned int i;

	if (pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		return true;
	for (i = 0; i < ehdr.e_phnum; i++) {
		if (!read_phdr(fd, &ehdr, i, &phdr))
			return true;
		if (phdr.p_filesz > size ||
		    phdr.p_offset > size - phdr.p_filesz)
			return true;
	}
	return false;
}

static bool kdump_cut_short(int fd, __u64 size)
{
	struct kdump_head head;
	__u64 blocks;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		return true;
	if (head.status & KDUMP_STATUS_INCOMPLETE)
		return true;
	blocks = 1 + (__u64)(__u32)head.sub_hdr_size +
		 head.bitmap_blocks;
	return head.block_size <= 0 || blocks * head.block_size >= size;
}

/**
 * vmfile_cut_short() - is this a dump that was not written to its end
 * @fd: file
 * @kind: its kind
 *
 * Return: true if its own headers say that something is missing.
 */
bool vmfile_cut_short(int fd, enum vmfile_kind kind)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	if (kind == VMFILE_ELF)
		return elf_cut_short(fd, st.st_size);
	if (kind == VMFILE_KDUMP)
		return kdump_cut_short(fd, st.st_size);
	return false;
}

/**
 * vmfile_lacks() - does the file end before some physical memory
 * @fd: file
 * @phys: physical address
 * @len: bytes
 *
 * libkdumpfile reads zeros behind the end of a file, which must not pass for
 * entries of a record.
 *
 * Return: true for an ELF file that promises the memory and ends before it.
 */
bool vmfile_lacks(int fd, __u64 phys, __u64 len)
{
	struct elf64_hdr ehdr;
	struct elf64_phdr phdr;
	struct stat st;
	unsigned int i;

	if (vmfile_kind(fd) != VMFILE_ELF || fstat(fd, &st) ||
	    !S_ISREG(st.st_mode) ||
	    pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		return false;
	for (i = 0; i < ehdr.e_phnum; i++)
		if (!read_phdr(fd, &ehdr, i, &phdr) ||
		    phdr_lacks(&phdr, st.st_size, phys, len))
			return true;
	return false;
}

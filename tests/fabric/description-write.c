// SPDX-License-Identifier: GPL-2.0-only
/* The description of a machine, from its config space. */
#include <stdarg.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/pci_regs.h>

#include "machine/buses.h"

#include "description.h"
#include "description-words.h"

#define COLUMNS		80
#define TAB		8
#define NR_BARS		6

/* === Lines === */

/**
 * struct text - where the description goes
 * @out: the file
 * @column: after what is there
 * @part: words that are not there yet
 * @len: of these
 */
struct text {
	FILE *out;
	u32 column;
	char part[512];
	u32 len;
};

static void __printf(2, 3) put_word(struct text *text, const char *format, ...)
{
	u32 room = sizeof(text->part) - text->len;
	va_list args;

	if (text->len) {
		text->part[text->len++] = ' ';
		room--;
	}
	va_start(args, format);
	text->len += vsnprintf(text->part + text->len, room, format, args);
	va_end(args);
}

static void put_apart(struct text *text, const char *words, u32 len)
{
	if (text->column && text->column + 1 + len > COLUMNS) {
		fputs("\n\t", text->out);
		text->column = TAB;
	} else if (text->column) {
		fputc(' ', text->out);
		text->column++;
	}
	fwrite(words, 1, len, text->out);
	text->column += len;
}

/* A part is kept in one line if it fits into one. */
static void flush(struct text *text)
{
	char *words = text->part, *word;

	if (text->len < COLUMNS - TAB) {
		put_apart(text, words, text->len);
	} else {
		while ((word = strsep(&words, " ")))
			put_apart(text, word, strlen(word));
	}
	text->len = 0;
}

static void end_part(struct text *text)
{
	text->part[text->len++] = ',';
	text->part[text->len] = '\0';
	flush(text);
}

static void end_function(struct text *text)
{
	flush(text);
	fputc('\n', text->out);
	text->column = 0;
}

/* === Parts === */

/* As the kernel: what a kind of function has not got is not read. */
static bool is_implemented(const u8 *config, u16 cap, u16 reg)
{
	u16 flags = reg_get(config, cap + PCI_EXP_FLAGS, 2);
	u8 type = (flags & PCI_EXP_FLAGS_TYPE) >> 4;
	bool link = type != PCI_EXP_TYPE_RC_END && type != PCI_EXP_TYPE_RC_EC;
	bool second = (flags & PCI_EXP_FLAGS_VERS) > 1;

	switch (reg) {
	case PCI_EXP_LNKCAP:
	case PCI_EXP_LNKCTL:
	case PCI_EXP_LNKSTA:
		return link;
	case PCI_EXP_SLTCAP:
	case PCI_EXP_SLTCTL:
		return (type == PCI_EXP_TYPE_ROOT_PORT ||
			type == PCI_EXP_TYPE_DOWNSTREAM) &&
		       flags & PCI_EXP_FLAGS_SLOT;
	case PCI_EXP_RTCTL:
		return type == PCI_EXP_TYPE_ROOT_PORT ||
		       type == PCI_EXP_TYPE_RC_EC;
	case PCI_EXP_DEVCTL2:
		return second;
	case PCI_EXP_LNKCTL2:
		return second && link;
	default:
		return true;
	}
}

static bool is_written(const struct word *word, const u8 *config, u16 base,
		       u32 left)
{
	u32 value = reg_get(config, base + word->reg, word_size(word));

	if (base && base < PCI_CFG_SPACE_SIZE &&
	    config[base] == PCI_CAP_ID_EXP &&
	    !is_implemented(config, base, word->reg))
		return false;
	if (word_is_number(word))
		return value & word->mask & left;
	return !(word->mask & ~left) && word_is_said(word, config, base);
}

/* Bits for which a word stands are not in a number that comes later. */
static void put_words(struct text *text, const struct word *word,
		      const u8 *config, u16 base)
{
	u32 left = ~0U, value;
	u16 reg = 0;

	for (; word && word->name; word++) {
		value = reg_get(config, base + word->reg, word_size(word));
		if (word->reg != reg)
			left = ~0U;
		reg = word->reg;
		if (!is_written(word, config, base, left))
			continue;
		if (word_is_number(word))
			put_word(text, "%s%x", word->name,
				 (value & word->mask & left) >>
					 word_shift(word));
		else
			put_word(text, "%s", word->name);
		left &= ~word->mask;
	}
}

static void put_header(struct text *text, const u8 *config, u8 header)
{
	bool bridge = header == PCI_HEADER_TYPE_BRIDGE;

	if (header == PCI_HEADER_TYPE_NORMAL)
		return;
	end_part(text);
	if (!bridge && header != PCI_HEADER_TYPE_CARDBUS) {
		put_word(text, "header");
		put_word(text, "%02x", header);
		return;
	}
	put_word(text, bridge ? "bridge" : "cardbus");
	put_word(text, "%02x", config[PCI_PRIMARY_BUS]);
	put_word(text, "%02x-%02x", config[PCI_SECONDARY_BUS],
		 config[PCI_SUBORDINATE_BUS]);
	if (bridge)
		put_words(text, bridge_control_words, config, 0);
}

static bool is_any_written(const struct word *word, const u8 *config)
{
	for (; word->name; word++)
		if (is_written(word, config, 0, ~0U))
			return true;
	return false;
}

static void put_command(struct text *text, const u8 *config)
{
	if (is_any_written(command_words, config)) {
		end_part(text);
		put_word(text, "command");
		put_words(text, command_words, config, 0);
	}
	if (config[PCI_INTERRUPT_PIN]) {
		end_part(text);
		put_word(text, "pin");
		put_word(text, "%u", config[PCI_INTERRUPT_PIN]);
	}
}

/* === Base addresses === */

static void put_size(struct text *text, u64 size)
{
	static const char units[] = "KMGTPE";
	u32 i;

	for (i = 0; size >= 1024 && i < sizeof(units) - 1; i++)
		size /= 1024;
	if (i)
		put_word(text, "%u%c", (u32)size, units[i - 1]);
	else
		put_word(text, "%u", (u32)size);
}

/* Of the address only what it is a multiple of. */
static void put_bars(struct text *text, const u8 *config, u8 header)
{
	u32 nr = header == PCI_HEADER_TYPE_NORMAL ? NR_BARS :
		 header == PCI_HEADER_TYPE_BRIDGE ? 2 : 1, i;

	for (i = 0; i < nr; i++) {
		u32 reg = PCI_BASE_ADDRESS_0 + 4 * i, which = i;
		u32 value = reg_get(config, reg, 4);
		bool io = value & PCI_BASE_ADDRESS_SPACE_IO;
		bool wide = !io && i + 1 < nr &&
			    (value & PCI_BASE_ADDRESS_MEM_TYPE_MASK) ==
				    PCI_BASE_ADDRESS_MEM_TYPE_64;
		u64 address = value & (io ? PCI_BASE_ADDRESS_IO_MASK :
					    PCI_BASE_ADDRESS_MEM_MASK);

		if (wide)
			address |= (u64)reg_get(config, reg + 4, 4) << 32;
		i += wide;
		if (!address)
			continue;
		end_part(text);
		put_word(text, "bar%u", which);
		put_word(text, io ? "io" : wide ? "mem64" : "mem32");
		put_size(text, address & -address);
	}
}

/* === Capabilities === */

static void put_capability(struct text *text, const u8 *config, u16 at,
			   u8 header)
{
	const struct capability *cap = capability_at(config, at, header);

	end_part(text);
	if (cap) {
		put_word(text, "%s@%02x", cap->name, at);
		put_words(text, cap->words, config, at);
	} else if (at < PCI_CFG_SPACE_SIZE) {
		put_word(text, "cap-%02x@%02x", config[at], at);
	} else {
		put_word(text, "cap-%04x@%02x", reg_get(config, at, 2), at);
	}
}

/* A list may lead back to where it was. */
static bool was_there(u8 *seen, u16 at)
{
	bool was = seen[at / 4];

	seen[at / 4] = true;
	return was;
}

static bool put_conventional(struct text *text, const u8 *config, u8 header,
			     u8 *seen)
{
	u16 link = header == PCI_HEADER_TYPE_CARDBUS ? PCI_CB_CAPABILITY_LIST :
						       PCI_CAPABILITY_LIST;
	bool express = false;
	u16 at;

	if (!(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return false;
	at = config[link] & 0xfc;
	while (at >= PCI_STD_HEADER_SIZEOF && !was_there(seen, at)) {
		put_capability(text, config, at, header);
		express |= config[at] == PCI_CAP_ID_EXP;
		at = config[at + PCI_CAP_LIST_NEXT] & 0xfc;
	}
	return express;
}

static void put_capabilities(struct text *text, const u8 *config, u8 header)
{
	u8 seen[PCI_CFG_SPACE_EXP_SIZE / 4] = { 0 };
	u16 at = PCI_CFG_SPACE_SIZE;
	u32 id;

	if (!put_conventional(text, config, header, seen))
		return;
	while (at >= PCI_CFG_SPACE_SIZE && !was_there(seen, at)) {
		id = reg_get(config, at, 4);
		if (!id || id == ~0U)
			return;
		put_capability(text, config, at, header);
		at = PCI_EXT_CAP_NEXT(id);
	}
}

/* === Functions === */

static void put_bytes(struct text *text, u32 len)
{
	bool extended = len > PCI_CFG_SPACE_SIZE;

	if (len == PCI_CFG_SPACE_SIZE)
		return;
	end_part(text);
	put_word(text, "%u", extended ? PCI_CFG_SPACE_EXP_SIZE : len);
	put_word(text, "bytes");
}

static void put_function(struct text *text, const struct lspci_function *f)
{
	u8 header = buses_header(f);
	const u8 *config = f->config;

	put_word(text, "%04x:%02x:%02x.%x", f->domain, f->bus, f->devfn >> 3,
		 f->devfn & 7);
	if (buses_silent(f)) {
		put_word(text, "no");
		put_word(text, "response");
		put_bytes(text, f->len);
		return;
	}
	put_word(text, "%04x:%04x", reg_get(config, PCI_VENDOR_ID, 2),
		 reg_get(config, PCI_DEVICE_ID, 2));
	put_word(text, "class");
	put_word(text, "%06x", reg_get(config, PCI_CLASS_REVISION, 4) >> 8);
	put_word(text, "rev");
	put_word(text, "%02x", config[PCI_REVISION_ID]);
	put_bytes(text, f->len);
	put_header(text, config, header);
	put_command(text, config);
	put_bars(text, config, header);
	if (f->len >= PCI_CFG_SPACE_SIZE)
		put_capabilities(text, config, header);
}

/**
 * description_write() - write the description of a machine
 * @out: where to
 * @machine: its config space, from lspci_read() or description_read()
 * @name: which machine it is, for those who read the description
 */
void description_write(FILE *out, const struct lspci *machine, const char *name)
{
	struct text text = { .out = out };
	u32 i;

	/* Not whole: checkpatch would take it for that of this file. */
	fprintf(out, "# SPDX-License-%s: GPL-2.0-only\n", "Identifier");
	fprintf(out, "# Machine: %s\n", name);
	fputs("# What decides something for the crash path, from its config space: written by\n"
	      "# tests/fabric/describe-machine; description-read.c beside it has the format.\n",
	      out);
	for (i = 0; i < machine->nr; i++) {
		put_function(&text, &machine->functions[i]);
		end_function(&text);
	}
}

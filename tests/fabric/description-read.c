// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read the description of a machine.
 *
 * A description has what of the config space of a machine decides something for
 * the crash path, or for the model of the fabric, and nothing else: no base
 * addresses, no subsystem IDs, no serial numbers.  A function begins at the
 * beginning of a line, and goes on in lines that begin with a blank:
 *
 *	0000:00:1d.0 8086:a330 class 060400 rev f0, 4096 bytes,
 *		bridge 00 02-02 serr, command io mem bme, pin 1,
 *		express@40 root-port version=2 slot cere 8GT dlllarc dllla,
 *		msi@80 on, ssvid@90, pm@a0, aer@100 cor-en, cap-0030@220
 *
 * Functions are in the order of their addresses.  "#" begins a line for people;
 * the second line is "# Machine:" and a name, which tells the file from a dump.
 * First come address, IDs, class and revision, and then, with a comma before
 * each, these parts, of which a function has some:
 *
 *	64 bytes		config space as far as it was read;
 *	4096 bytes		256 if it does not say
 *	bridge PP SS-UU ...	header type 1: primary, secondary and
 *				subordinate bus; Bridge Control
 *	cardbus PP SS-UU	header type 2, likewise
 *	header NN		another one; without these, 0
 *	command ...		bits that are set
 *	pin N			Interrupt Pin
 *	barN KIND SIZE		KIND: io, mem32 or mem64; SIZE: what the
 *				address is a multiple of, as 32 or 16K
 *	NAME@OFFSET ...		capability, in the order of the list
 *	cap-ID@OFFSET		one that has no name here
 *
 * description-words.c has the names of capabilities, the words that may follow
 * in place of "...", and what they stand for.  Numbers are hexadecimal, but for
 * 64, N and SIZE.  A function that is there and did not respond has its
 * address, "no response", and nothing else but how many bytes were read.
 *
 * Base addresses and the like are made up: a reset is to have something to lose.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/pci_regs.h>

#include "description.h"
#include "description-words.h"

#define NR_BARS		6
#define MAX_WORDS	40
#define BLANKS		" \t\r\n"
#define UNITS		"KMGTPE"

/* Made up, and not 0: what is 0 anyway does not show whether it is restored. */
#define IO_ADDRESS	0x8000
#define MEM_ADDRESS	0x80000000U
#define HIGH_ADDRESS	0x400000000000ULL
#define CACHE_LINE	0x10
#define INTERRUPT_LINE	0x0b
#define CLOSED_WINDOW	0xfff0

/**
 * struct reader - how far it has come
 * @machine: what was read
 * @room: for that many functions there is memory
 * @f: the function that is being read, NULL before the first
 * @why: the complaint, if there is one
 * @line: number of the line in which the part has begun
 * @words: of the part that is being read
 * @nr: that many
 * @parts: of the function, that have ended
 * @last: where the list of capabilities goes on
 * @last_extended: the last extended capability, 0 = none
 * @express: it has that capability
 * @silent: it has not responded
 * @said: bits of config space that something was said about
 */
struct reader {
	struct lspci *machine;
	u32 room;
	struct lspci_function *f;
	struct complaint *why;
	u32 line;
	char *words[MAX_WORDS];
	u32 nr;
	u32 parts;
	u16 last;
	u16 last_extended;
	bool express;
	bool silent;
	u8 said[LSPCI_SPACE];
};

static bool __printf(2, 3) bad(struct reader *reader, const char *format, ...)
{
	char text[sizeof(reader->why->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complain(reader->why, "%u: %s", reader->line, text);
	return false;
}

/* Numbers, in the one form that they are written in. */
static bool scan(const char *text, const char *scanned, const char *printed,
		 u32 v[4])
{
	char again[64];

	memset(v, 0, 4 * sizeof(*v));
	if (sscanf(text, scanned, &v[0], &v[1], &v[2], &v[3]) < 1)
		return false;
	snprintf(again, sizeof(again), printed, v[0], v[1], v[2], v[3]);
	return !strcmp(text, again);
}

/* Whether nothing was said about bits of a register yet. */
static bool claim(struct reader *reader, u16 reg, u32 size, u32 mask)
{
	bool is_free = true;

	for (; size--; reg++, mask >>= 8) {
		is_free &= !(reader->said[reg] & mask);
		reader->said[reg] |= mask;
	}
	return is_free;
}

/* === Words === */

static const struct word *find_word(const struct word *words, const char *text)
{
	const char *number = strchr(text, '=');
	size_t len = number ? (size_t)(number + 1 - text) : strlen(text);

	for (; words && words->name; words++)
		if (strlen(words->name) == len &&
		    !strncmp(words->name, text, len))
			return words;
	return NULL;
}

static bool set_bits(struct reader *reader, const struct word *word, u16 base,
		     u32 value)
{
	u16 reg = base + word->reg;
	u32 size = word_size(word);

	if (reg + size > (base < PCI_CFG_SPACE_SIZE ? PCI_CFG_SPACE_SIZE :
						      LSPCI_SPACE))
		return bad(reader,
			   "\"%s\" is beyond the end: a capability that ends there is expected",
			   word->name);
	if (!claim(reader, reg, size, word->mask))
		return bad(reader, "\"%s\": each bit is expected once", word->name);
	reg_put(reader->f->config, reg, size,
		reg_get(reader->f->config, reg, size) | value);
	return true;
}

static bool read_number(struct reader *reader, const struct word *word,
			u16 base, const char *text)
{
	u32 max = word->mask >> word_shift(word), v[4];

	if (!scan(strchr(text, '=') + 1, "%8x", "%x", v) || v[0] > max ||
	    v[0] << word_shift(word) & ~word->mask)
		return bad(reader, "\"%s\": a hexadecimal number within %x is expected",
			   text, max);
	return set_bits(reader, word, base, v[0] << word_shift(word));
}

static bool read_words(struct reader *reader, const struct word *words,
		       u16 base, u32 from)
{
	u32 i;

	for (i = from; i < reader->nr; i++) {
		const char *text = reader->words[i];
		const struct word *word = find_word(words, text);

		if (!word)
			return bad(reader, "\"%s\": a word of %s is expected",
				   text, reader->words[0]);
		if (word_is_number(word) ?
			    !read_number(reader, word, base, text) :
			    !set_bits(reader, word, base, word_value(word)))
			return false;
	}
	return true;
}

/* === Parts of the header === */

static bool read_buses(struct reader *reader, u8 header)
{
	u8 *config = reader->f->config;
	u32 primary[4], v[4];

	if (reader->nr < 3 || !scan(reader->words[1], "%2x", "%02x", primary) ||
	    !scan(reader->words[2], "%2x-%2x", "%02x-%02x", v))
		return bad(reader, "%s: bus numbers are expected, as 00 01-05",
			   reader->words[0]);
	if (!claim(reader, PCI_HEADER_TYPE, 1, 0xff) ||
	    !claim(reader, PCI_PRIMARY_BUS, 4, ~0U))
		return bad(reader, "%s: one header is expected, before base addresses",
			   reader->words[0]);
	config[PCI_HEADER_TYPE] = header;
	config[PCI_PRIMARY_BUS] = primary[0];
	config[PCI_SECONDARY_BUS] = v[0];
	config[PCI_SUBORDINATE_BUS] = v[1];
	return true;
}

static bool read_bridge(struct reader *reader)
{
	return read_buses(reader, PCI_HEADER_TYPE_BRIDGE) &&
	       read_words(reader, bridge_control_words, 0, 3);
}

static bool read_cardbus(struct reader *reader)
{
	if (reader->nr > 3)
		return bad(reader, "\"%s\": nothing after the bus numbers is expected",
			   reader->words[3]);
	return read_buses(reader, PCI_HEADER_TYPE_CARDBUS);
}

static bool read_header(struct reader *reader)
{
	u32 v[4];

	if (reader->nr != 2 || !scan(reader->words[1], "%2x", "%02x", v) ||
	    v[0] <= PCI_HEADER_TYPE_CARDBUS || v[0] > PCI_HEADER_TYPE_MASK)
		return bad(reader, "header: a type from 03 to 7f is expected");
	if (!claim(reader, PCI_HEADER_TYPE, 1, 0xff))
		return bad(reader, "header: one header is expected");
	reader->f->config[PCI_HEADER_TYPE] = v[0];
	return true;
}

static bool read_command(struct reader *reader)
{
	return read_words(reader, command_words, 0, 1);
}

static bool read_pin(struct reader *reader)
{
	u32 v[4];

	if (reader->nr != 2 || !scan(reader->words[1], "%3u", "%u", v) ||
	    !v[0] || v[0] > U8_MAX)
		return bad(reader, "pin: a number from 1 to 255 is expected");
	if (!claim(reader, PCI_INTERRUPT_PIN, 1, 0xff))
		return bad(reader, "pin: one pin is expected");
	reader->f->config[PCI_INTERRUPT_PIN] = v[0];
	return true;
}

/* A power of 2, as 32 or 16K. */
static bool read_size(const char *text, u64 *size)
{
	char digits[8] = "";
	const char *unit;
	size_t len = strlen(text);
	u32 v[4];

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	unit = strchr(UNITS, digits[len - 1]);
	if (unit)
		digits[len - 1] = '\0';
	if (!scan(digits, "%4u", "%u", v) || v[0] >= 1024 || !v[0] ||
	    v[0] & (v[0] - 1))
		return false;
	*size = (u64)v[0] << (unit ? 10 * (unit - UNITS + 1) : 0);
	return *size;
}

/* Some address that is a multiple of it, and of nothing larger. */
static void set_bar(u8 *config, u16 reg, char kind, u64 size)
{
	if (kind == 'i') {
		reg_put(config, reg, 4, PCI_BASE_ADDRESS_SPACE_IO | size |
			(size < IO_ADDRESS ? IO_ADDRESS : 0));
		return;
	}
	if (size >> 32)
		size |= size < HIGH_ADDRESS ? HIGH_ADDRESS : 0;
	else
		size |= size < MEM_ADDRESS ? MEM_ADDRESS : 0;
	reg_put(config, reg, 4, (u32)size |
		(kind == '6' ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0));
	if (kind == '6')
		reg_put(config, reg + 4, 4, size >> 32);
}

static bool read_bar(struct reader *reader)
{
	u8 header = reader->f->config[PCI_HEADER_TYPE];
	u32 nr = header == PCI_HEADER_TYPE_NORMAL ? NR_BARS :
		 header == PCI_HEADER_TYPE_BRIDGE ? 2 : 1, v[4];
	const char *kind = reader->nr == 3 ? reader->words[1] : "";
	bool io = !strcmp(kind, "io"), wide = !strcmp(kind, "mem64");
	u64 size;

	if (!scan(reader->words[0], "bar%1x", "bar%x", v) ||
	    v[0] + wide >= nr)
		return bad(reader, "\"%s\": base addresses from bar0 to bar%u are expected",
			   reader->words[0], nr - 1);
	if ((!io && !wide && strcmp(kind, "mem32")) ||
	    !read_size(reader->words[2], &size) || size < (io ? 4 : 16) ||
	    (!wide && size >> 32))
		return bad(reader, "%s: io, mem32 or mem64 is expected, and a power of 2, as 16K",
			   reader->words[0]);
	v[0] = PCI_BASE_ADDRESS_0 + 4 * v[0];
	if (!claim(reader, v[0], 4, ~0U) ||
	    (wide && !claim(reader, v[0] + 4, 4, ~0U)))
		return bad(reader, "%s: each base address is expected once",
			   reader->words[0]);
	set_bar(reader->f->config, v[0], io ? 'i' : wide ? '6' : '3', size);
	return true;
}

/* === Capabilities === */

static void link_conventional(struct reader *reader, u16 at, u16 id)
{
	u8 *config = reader->f->config;
	bool cardbus = config[PCI_HEADER_TYPE] == PCI_HEADER_TYPE_CARDBUS;

	if (!reader->last)
		reader->last = cardbus ? PCI_CB_CAPABILITY_LIST :
					 PCI_CAPABILITY_LIST;
	config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	config[reader->last] = at;
	config[at] = id;
	reader->last = at + PCI_CAP_LIST_NEXT;
	reader->express |= id == PCI_CAP_ID_EXP;
}

static void link_extended(struct reader *reader, u16 at, u16 id)
{
	u16 last = reader->last_extended;

	if (last)
		reg_put(reader->f->config, last + 2, 2, at << 4 | 1);
	reg_put(reader->f->config, at, 4, 1U << 16 | id);
	reader->last_extended = at;
}

static bool is_offset(struct reader *reader, const char *text, u32 v[4])
{
	bool good = scan(text, "%3x", "%02x", v);
	u32 at = v[0];

	if (!good || at < PCI_STD_HEADER_SIZEOF || at % 4)
		return bad(reader, "%s@%s: an offset from 40 to ffc that 4 divides is expected",
			   reader->words[0], text);
	if (at >= PCI_CFG_SPACE_SIZE && !reader->express)
		return bad(reader, "%s@%s: express is expected before extended capabilities",
			   reader->words[0], text);
	if (at > PCI_CFG_SPACE_SIZE && !reader->last_extended)
		return bad(reader, "%s@%s: the first extended capability is expected at 100",
			   reader->words[0], text);
	if (!claim(reader, at, at < PCI_CFG_SPACE_SIZE ? 2 : 4, ~0U))
		return bad(reader, "%s@%s: one capability at an offset is expected",
			   reader->words[0], text);
	return true;
}

static bool read_capability(struct reader *reader, char *offset)
{
	const struct capability *cap;
	const struct word *fixed;
	u32 v[4], id[4];
	bool extended;
	u16 at;

	*offset++ = '\0';
	if (!is_offset(reader, offset, v))
		return false;
	at = v[0];
	extended = at >= PCI_CFG_SPACE_SIZE;
	cap = capability_by_name(reader->words[0], extended,
				 reader->f->config[PCI_HEADER_TYPE]);
	if (!cap && !scan(reader->words[0], extended ? "cap-%4x" : "cap-%2x",
			  extended ? "cap-%04x" : "cap-%02x", id))
		return bad(reader, "\"%s@%s\": a capability is expected, by its name, or as cap-%s",
			   reader->words[0], offset, extended ? "0030" : "0c");
	if (cap)
		id[0] = cap->id;
	if (extended)
		link_extended(reader, at, id[0]);
	else
		link_conventional(reader, at, id[0]);
	for (fixed = cap ? cap->fixed : NULL; fixed && fixed->name; fixed++)
		if (!set_bits(reader, fixed, at, word_value(fixed)))
			return false;
	return read_words(reader, cap ? cap->words : NULL, at, 1);
}

/* === Functions === */

static bool read_bytes(struct reader *reader)
{
	u32 v[4];

	if (reader->nr != 2 || !scan(reader->words[0], "%4u", "%u", v) ||
	    (v[0] != PCI_STD_HEADER_SIZEOF && v[0] != LSPCI_SPACE))
		return bad(reader, "%s: 64 bytes or 4096 bytes are expected",
			   reader->words[0]);
	if (reader->f->len != PCI_CFG_SPACE_SIZE)
		return bad(reader, "bytes are expected once");
	reader->f->len = v[0];
	return true;
}

static bool read_part(struct reader *reader)
{
	static const struct {
		const char *name;
		bool (*read)(struct reader *reader);
	} parts[] = {
		{ "bridge", read_bridge }, { "cardbus", read_cardbus },
		{ "header", read_header }, { "command", read_command },
		{ "pin", read_pin },
	};
	char *first = reader->words[0], *offset = strchr(first, '@');
	u32 i;

	if (reader->nr == 2 && !strcmp(reader->words[1], "bytes"))
		return read_bytes(reader);
	if (reader->silent)
		return bad(reader, "\"%s\": nothing but bytes is expected after no response",
			   first);
	if (offset)
		return read_capability(reader, offset);
	if (!strncmp(first, "bar", 3))
		return read_bar(reader);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(first, parts[i].name))
			return parts[i].read(reader);
	return bad(reader,
		   "\"%s\": bytes, bridge, cardbus, header, command, pin, bar0 or a capability, as pm@40, is expected",
		   first);
}

static bool read_identity(struct reader *reader)
{
	u8 *config = reader->f->config;
	char **words = reader->words;
	u32 id[4], class[4], revision[4];

	if (reader->nr == 3 && !strcmp(words[1], "no") &&
	    !strcmp(words[2], "response")) {
		reader->silent = true;
		return true;
	}
	if (reader->nr != 6 || strcmp(words[2], "class") ||
	    strcmp(words[4], "rev") ||
	    !scan(words[1], "%4x:%4x", "%04x:%04x", id) ||
	    !scan(words[3], "%6x", "%06x", class) ||
	    !scan(words[5], "%2x", "%02x", revision))
		return bad(reader,
			   "%s: IDs, class and revision are expected, as 8086:a330 class 060400 rev f0",
			   words[0]);
	reg_put(config, PCI_VENDOR_ID, 2, id[0]);
	reg_put(config, PCI_DEVICE_ID, 2, id[1]);
	reg_put(config, PCI_CLASS_REVISION, 4, class[0] << 8 | revision[0]);
	return true;
}

static bool add_function(struct reader *reader)
{
	struct lspci *machine = reader->machine;
	struct lspci_function *functions = machine->functions;

	if (machine->nr == reader->room) {
		reader->room = reader->room ? 2 * reader->room : 32;
		functions = realloc(functions, reader->room * sizeof(*functions));
		if (!functions)
			return bad(reader, "%s", strerror(ENOMEM));
		machine->functions = functions;
	}
	reader->f = &functions[machine->nr++];
	memset(reader->f, 0, sizeof(*reader->f));
	reader->f->len = PCI_CFG_SPACE_SIZE;
	reader->last = 0;
	reader->last_extended = 0;
	reader->express = false;
	reader->silent = false;
	memset(reader->said, 0, sizeof(reader->said));
	return true;
}

static u64 address_of(const struct lspci_function *f)
{
	return (u64)f->domain << 16 | f->bus << 8 | f->devfn;
}

static bool read_address(struct reader *reader)
{
	const struct lspci_function *functions;
	u32 nr, v[4];

	if (!scan(reader->words[0], "%8x:%2x:%2x.%1x", "%04x:%02x:%02x.%x",
		  v) || v[2] > 31 || v[3] > 7)
		return bad(reader, "\"%s\": an address is expected, as 0000:00:1f.3",
			   reader->words[0]);
	if (!add_function(reader))
		return false;
	reader->f->domain = v[0];
	reader->f->bus = v[1];
	reader->f->devfn = v[2] << 3 | v[3];
	functions = reader->machine->functions;
	nr = reader->machine->nr;
	if (nr > 1 && address_of(&functions[nr - 2]) >= address_of(reader->f))
		return bad(reader, "%s: addresses are expected in ascending order",
			   reader->words[0]);
	return read_identity(reader);
}

/* What a reset loses is not 0 anywhere. */
static void make_up(struct reader *reader)
{
	u8 *config = reader->f->config;

	config[PCI_CACHE_LINE_SIZE] = CACHE_LINE;
	if (config[PCI_INTERRUPT_PIN])
		config[PCI_INTERRUPT_LINE] = INTERRUPT_LINE;
	if (config[PCI_HEADER_TYPE] != PCI_HEADER_TYPE_BRIDGE)
		return;
	config[PCI_IO_BASE] = (u8)CLOSED_WINDOW;
	reg_put(config, PCI_MEMORY_BASE, 2, CLOSED_WINDOW);
	reg_put(config, PCI_PREF_MEMORY_BASE, 2, CLOSED_WINDOW);
}

static bool end_function(struct reader *reader)
{
	struct lspci_function *f = reader->f;

	reader->parts = 0;
	if (!f)
		return true;
	if (reader->silent) {
		memset(f->config, 0xff, f->len);
		return true;
	}
	if (reader->last && f->len < PCI_CFG_SPACE_SIZE)
		return bad(reader, "no capability is expected in 64 bytes");
	if (reader->last_extended && f->len < LSPCI_SPACE)
		return bad(reader, "4096 bytes are expected with an extended capability");
	make_up(reader);
	return true;
}

/* === The file === */

static bool end_part(struct reader *reader)
{
	bool good = !reader->nr ? bad(reader, "a part is expected beside each comma") :
		    reader->parts ? read_part(reader) : read_address(reader);

	reader->parts++;
	reader->nr = 0;
	return good;
}

/* A comma ends a part, and what follows may be in the next line. */
static bool read_word(struct reader *reader, char *word, u32 line)
{
	size_t len = strlen(word);
	bool last = word[len - 1] == ',';

	if (!reader->nr)
		reader->line = line;
	if (last)
		word[len - 1] = '\0';
	if (reader->nr == MAX_WORDS)
		return bad(reader, "no more than %u words are expected in a part",
			   MAX_WORDS);
	if (*word)
		reader->words[reader->nr++] = word;
	return !last || end_part(reader);
}

static bool end_all(struct reader *reader)
{
	return (!reader->f && !reader->nr) ||
	       (end_part(reader) && end_function(reader));
}

static bool read_line(struct reader *reader, char *text, u32 line)
{
	bool begins = *text && !strchr(BLANKS, *text);
	char *word;

	if (*text == '#')
		return true;
	if (begins && !end_all(reader))
		return false;
	while ((word = strsep(&text, BLANKS)))
		if (*word && !read_word(reader, word, line))
			return false;
	return true;
}

static bool read_lines(struct reader *reader, char *text)
{
	char *line;
	u32 nr = 0;

	while ((line = strsep(&text, "\n")))
		if (!read_line(reader, line, ++nr))
			return false;
	if (!end_all(reader))
		return false;
	if (reader->machine->nr)
		return true;
	reader->line = nr;
	return bad(reader,
		   "a function is expected, as 0000:00:1f.3 8086:a330 class 060400 rev f0");
}

static char *read_text(const char *path, struct complaint *why)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file) {
		complain(why, "%s", strerror(errno));
		return NULL;
	}
	/* To the end: a text has no NUL. */
	len = getdelim(&text, &room, '\0', file);
	if (len <= 0 || strlen(text) != (size_t)len) {
		complain(why, "1: a text is expected");
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/**
 * description_read() - read a machine
 * @machine: filled in, to be given to lspci_free()
 * @path: a file that description_write() has written, or a person
 * @why: filled in if it cannot be read, with the number of the line
 *
 * Return: true if it is one whole machine.
 */
bool description_read(struct lspci *machine, const char *path,
		      struct complaint *why)
{
	struct reader reader = { .machine = machine, .why = why };
	char *text = read_text(path, why);
	bool good;

	*machine = (struct lspci) { 0 };
	if (!text)
		return false;
	good = read_lines(&reader, text);
	if (!good)
		lspci_free(machine);
	free(text);
	return good;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * One case: a machine, its capture, what goes wrong, the engine, the invariants.
 */
#include <stdlib.h>

#include <linux/mm.h>

#include "fabric.h"
#include "trial.h"

#define MAX_FUNCTIONS	4000
#define MAX_TOKENS	4

static bool chance(u32 percent)
{
	return random_chance(&fabric.random, percent);
}

static u32 below(u32 n)
{
	return random_below(&fabric.random, n);
}

static u32 log_of(u32 max)
{
	return random_log(&fabric.random, max);
}

static struct function *any_function(void)
{
	return fabric.functions[below(fabric.nr)];
}

/* === The operator === */

/* Append a token that names a function of the machine, or nothing of it. */
static u32 append_token(char *text, u32 room)
{
	const struct function *f = any_function();

	switch (below(4)) {
	case 0:
		return snprintf(text, room, "%04x:%04x", f->vendor, f->device);
	case 1:
		return snprintf(text, room, "class=%04x", f->class >> 8);
	default:
		return snprintf(text, room, "%04x:%02x:%02x.%x",
				f->host->domain, f->bus, f->devfn >> 3,
				f->devfn & 7);
	}
}

static void random_list(struct pciq_match_list *list, char *text,
			u32 room)
{
	u32 nr = chance(70) ? 0 : 1 + below(MAX_TOKENS), i, at = 0;
	char bad[64];

	text[0] = '\0';
	for (i = 0; i < nr; i++) {
		if (i)
			text[at++] = ',';
		at += append_token(text + at, room - at);
	}
	if (pciq_parse_list(text, list, bad, sizeof(bad)))
		broken(NULL, "list %s not understood: %s", text, bad);
}

/* As a whole: 10001:e1:00.0 does not name 0001:e1:00.0. */
static bool has_token(const char *list, const char *token)
{
	size_t length = strlen(token);
	const char *at;

	for (at = strstr(list, token); at; at = strstr(at + 1, token)) {
		if ((at == list || at[-1] == ',') &&
		    (!at[length] || at[length] == ','))
			return true;
	}
	return false;
}

static bool is_named(const char *list, const struct function *f)
{
	char id[16], class[16];

	if (!list[0])
		return false;
	snprintf(id, sizeof(id), "%04x:%04x", f->vendor, f->device);
	snprintf(class, sizeof(class), "class=%04x", f->class >> 8);
	return has_token(list, function_name(f)) || has_token(list, class) ||
	       has_token(list, id);
}

static void choose_lists(void)
{
	char exclude[256], noreset[256], reset[256];
	u32 i;

	random_list(&pciq_ctl.exclude, exclude, sizeof(exclude));
	random_list(&pciq_ctl.noreset, noreset, sizeof(noreset));
	random_list(&pciq_ctl.reset, reset, sizeof(reset));
	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		f->named = is_named(exclude, f);
		f->excluded = f->named || is_left_alone(f);
		f->noreset = is_named(noreset, f);
		f->named_reset = is_named(reset, f);
	}
	if (fabric.trace)
		printf("exclude=%s noreset=%s reset=%s\n", exclude, noreset,
		       reset);
}

static void choose_parameters(void)
{
	u32 policy = below(100);

	pciq_ctl.policy = policy < 20 ? PCIQ_BUSMASTER :
				   policy < 65 ? PCIQ_ESCALATE :
						 PCIQ_RESET;
	pciq_memory.deadline_ms = chance(50) ? 10000 :
					chance(40) ? 2000 : log_of(10000);
}

/* === What does not behave === */

static const u8 of_functions[] = {
	STUCK_UNTIL_RESET, STUCK_UNTIL_RESET, STUCK_UNTIL_RESET, STUCK,
	LIES_ABOUT_BME, RESTARTS, RESTARTS, NEVER_DRAINS, NEVER_DRAINS,
	PENDS_FOREVER, DRAINS_LATE, DEAD, DIES, MUTE, HANGS, LIES_ONCE,
	FAULTS_ONCE, FAULTS, BACK_LATE, RETRIES, NEVER_BACK, IGNORES_FLR,
};

static const u8 of_bridges[] = {
	STUCK, LIES_ABOUT_BME, DEAD, DIES, MUTE, HANGS, LIES_ONCE, FAULTS_ONCE,
	FAULTS, BACK_LATE, RETRIES, NEVER_BACK, IGNORES_SBR, KEEPS_SBR,
	LINK_SLOW, LINK_NEVER, TRIGGERS_DPC, TRIGGERS_DPC_AT_RESET, GOES_DOWN,
};

static void misbehave(struct function *f)
{
	u32 what = f->bridge ? of_bridges[below(ARRAY_SIZE(of_bridges))] :
			       of_functions[below(ARRAY_SIZE(of_functions))];

	f->set |= 1U << what;
	f->at = log_of(40);
	f->ms = log_of(1500);
	f->us = what == DRAINS_LATE ? log_of(80000) : log_of(50000);
	f->lie = chance(70) ? ~0U : chance(30) ? 0xffff : 1U << below(32);
}

/* Page table entries were written over. A walk takes what it sees for functions. */
static bool can_remap(struct host *host)
{
	u32 i;

	if (host->window != PCIQ_ECAM || fabric.raw)
		return false;
	if (chance(50))
		return true;
	for (i = 0; i < sizeof(host->page); i++)
		host->page[i] = below(256);
	return true;
}

static void remap_one(struct function *f)
{
	/* Its Status is not known, and it is in no list either. */
	if ((f->offline || f->was_in_reset) && f->type == CONVENTIONAL)
		return;
	f->remapped = can_remap(f->host);
	f->host->strange = f->remapped;
	/* Not by chance what the function has: nothing would tell. */
	f->host->page[PCI_STATUS] &= ~PCI_STATUS_CAP_LIST;
}

static void let_misbehave(void)
{
	u32 kind = below(100), rate, i;

	if (kind < 20)
		return;
	/* A few in the machine, or one in five. */
	rate = kind < 75 ? 1000000 / fabric.nr * (1 + below(3)) : 200000;
	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (f->offline) {
			if (f->asleep && chance(40))
				f->set |= 1U << WAKES;
			continue;
		}
		if (below(1000000) >= rate)
			continue;
		misbehave(f);
		if (chance(25))
			misbehave(f);
	}
	for (i = 0; i < fabric.nr_hosts; i++)
		if (below(1000) < 20)
			fabric.hosts[i]->faults_at = log_of(1000);
	for (i = 0; i < fabric.nr_hosts; i++)
		if (below(1000) < 20)
			fabric.hosts[i]->remapped = can_remap(fabric.hosts[i]);
	if (below(1000) < 50)
		remap_one(fabric.functions[below(fabric.nr)]);
}

/* Power comes back from the top. */
static void wake_consistently(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];
		struct function *above = f->pf ?: f->parent;

		if (behaves(f, WAKES) &&
		    ((above && above->asleep && !behaves(above, WAKES)) ||
		     (f->parent && link_is_asleep(f->parent))))
			f->set &= ~(1U << WAKES);
	}
}

/* Runtime power management, of which no event tells. */
static void let_doze(void)
{
	bool some = chance(30);
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (!f->bridge || !f->child || f->asleep || f->dead)
			continue;
		if (link_is_asleep(f) && chance(40))
			topology_wake_below(f);
		else if (some && chance(5))
			topology_sleep_below(f);
	}
}

/* Addresses that change, and no event tells either. */
static void move_one(void)
{
	struct function *f = any_function();
	u32 reg = PCI_BASE_ADDRESS_0 + 4 * below(6) + 2;

	if (chance(95) || f->bridge || f->pf)
		return;
	f->moved = true;
	config_put(f->now, reg, 2, config_get(f->now, reg, 2) ^
		   (config_get(f->writable, reg, 2) & 0x5555));
}

/* === Capture === */

static void change_something(void)
{
	u32 nr = below(4);

	while (nr--) {
		struct function *f = any_function();

		if (f->bridge || f->spared || f->idle ||
		    is_excluded_class(f->class))
			continue;
		build_command(f, PCI_COMMAND_MASTER,
			      chance(50) ? PCI_COMMAND_MASTER : 0);
		f->made_master = f->driver && !f->user_driver &&
				 f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;
		f->dev.is_busmaster = f->made_master;
	}
}

static bool is_above_others(const struct function *f)
{
	u32 i;

	for (i = 0; i < fabric.nr_hosts; i++)
		if (fabric.hosts[i]->vmd == f)
			return true;
	return f->bridge || f->pf || f->vf;
}

/* Not what must not be reset: that nobody knows of it is no excuse. */
static void hide_some(void)
{
	u32 nr = chance(90) ? 0 : 1 + below(3);

	while (nr--) {
		struct function *f = any_function();

		if (!is_above_others(f) && !f->excluded && !is_protected(f) &&
		    !(f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET))
			f->unfound = true;
	}
}

static void let_arrive(u32 percent)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++)
		if (fabric.functions[i]->unfound && chance(percent))
			pci_arrive(fabric.functions[i]);
}

/*
 * Drivers reset their functions, under the config access lock or not.  One that
 * firmware has made a master would lose that, were it not for the kernel.
 */
static u8 being_reset[3][SPACE];
static struct function *in_reset[3];

static void begin_resets(void)
{
	bool some = chance(10);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(in_reset); i++) {
		struct function *f = any_function();

		in_reset[i] = NULL;
		if (!some || f->bridge || f->pf || f->vf || f->being_reset ||
		    f->offline)
			continue;
		in_reset[i] = f;
		f->being_reset = true;
		f->was_in_reset = true;
		f->dev.block_cfg_access = f->needs_bme || chance(50);
		memcpy(being_reset[i], f->now, SPACE);
		memcpy(f->now, f->initial, SPACE);
	}
}

static void end_resets(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(in_reset); i++) {
		if (!in_reset[i])
			continue;
		memcpy(in_reset[i]->now, being_reset[i], SPACE);
		in_reset[i]->being_reset = false;
		in_reset[i]->dev.block_cfg_access = false;
	}
}

static bool capture_twice(void)
{
	bool fine = !pciq_take_snapshot();

	if (!fine)
		broken(NULL, "capture failed");
	change_something();
	let_arrive(50);
	begin_resets();
	if (chance(5))
		memory_fail_at(1 + below(20));
	if (pciq_take_snapshot() && !pciq_newest())
		broken(NULL, "no image is left after a capture failed");
	memory_fail_at(0);
	end_resets();
	return fine;
}

/* === Corruption === */

/* An image as it was published, and what has become of it. */
static struct original {
	u8 *bytes;
	u32 hot;
	u32 total;
	bool hidden_hot;
	bool hidden_cold;
	bool hot_spoiled;
	bool cold_spoiled;
} originals[PCIQ_NR_SLOTS];

static void keep_original(unsigned int slot)
{
	const struct pciq_snapshot *image = pciq_ctl.slot[slot];
	struct original *original = &originals[slot];

	memset(original, 0, sizeof(*original));
	if (!image)
		return;
	original->hot = image->hot_bytes;
	original->total = image->total_bytes;
	original->bytes = malloc(original->total);
	memcpy(original->bytes, image, original->total);
}

static void flip_bits(unsigned int slot, bool cold)
{
	const u8 *image = (const void *)pciq_ctl.slot[slot];
	struct original *original = &originals[slot];
	u32 nr = log_of(8), offset;

	if (!image || (cold && original->total == original->hot))
		return;
	while (nr--) {
		offset = cold ? original->hot +
				below(original->total - original->hot) :
				below(original->hot);
		*(u8 *)memory_writable(image + offset) ^= 1U << below(8);
	}
}

static void lose_page(unsigned int slot)
{
	const u8 *image = (const void *)pciq_ctl.slot[slot];
	struct original *original = &originals[slot];
	u32 offset;

	if (!image)
		return;
	offset = below(DIV_ROUND_UP(original->total, PAGE_SIZE)) * PAGE_SIZE;
	if (offset < original->hot)
		original->hidden_hot = true;
	else
		original->hidden_cold = true;
	memory_hide(image + offset);
}

/* What comes before the sizes and sums is for other readers. */
static bool is_unused(u32 offset)
{
	return offset < offsetof(struct pciq_snapshot, hot_bytes);
}

static void judge_image(unsigned int slot)
{
	const u8 *image = (const void *)pciq_ctl.slot[slot];
	struct original *original = &originals[slot];
	const u8 *page = NULL;
	u32 i;

	original->hot_spoiled = original->hidden_hot || !image;
	original->cold_spoiled = original->hidden_cold;
	for (i = 0; image && i < original->total; i++) {
		if (!(i % PAGE_SIZE))
			page = memory_writable(image + i);
		if (original->bytes[i] == page[i % PAGE_SIZE])
			continue;
		if (i >= original->hot)
			original->cold_spoiled = true;
		else if (!is_unused(i))
			original->hot_spoiled = true;
	}
	free(original->bytes);
	original->bytes = NULL;
}

static void spoil(u32 how)
{
	unsigned int newest = pciq_ctl.newest & 1, slot;

	if (how < 8)
		flip_bits(newest, false);
	else if (how < 16)
		flip_bits(newest, true);
	else if (how < 20)
		lose_page(newest);
	else if (how < 22)
		WRITE_ONCE(pciq_ctl.slot[newest], NULL);
	else
		for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
			if (slot != PCIQ_SLOT_WINDOWS || how == 28)
				flip_bits(slot, false);
}

static bool has_window(void)
{
	u32 i;

	for (i = 0; i < fabric.nr_hosts; i++)
		if (fabric.hosts[i]->window)
			return true;
	return false;
}

/* Of those that came late: does the image in use know them? */
static void find_uncaptured(const struct pciq_snapshot *image)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		struct function *f = fabric.functions[i];

		if (f->uncaptured)
			f->uncaptured = !fabric.raw && !pci_captured(image, f);
	}
}

/* Which image is the first that can be believed, and its headers? */
static void expect_image(void)
{
	unsigned int newest = pciq_ctl.newest & 1;
	unsigned int order[] = { newest, !newest, PCIQ_SLOT_WINDOWS };
	u32 i;

	fabric.source = PCIQ_FROM_NONE;
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (originals[order[i]].hot_spoiled)
			continue;
		fabric.source = PCIQ_FROM_NEWEST + i;
		fabric.headers_good = !originals[order[i]].cold_spoiled;
		break;
	}
	/* Without windows the seed is empty, and not taken for an image. */
	if (fabric.source == PCIQ_FROM_SCAN && !has_window())
		fabric.source = PCIQ_FROM_NONE;
	fabric.raw = fabric.source == PCIQ_FROM_SCAN;
	if (fabric.source != PCIQ_FROM_NONE)
		find_uncaptured(pciq_ctl.slot[order[i]]);
	if (fabric.raw)
		fabric.headers_good = false;
}

static void corrupt(void)
{
	u32 how = below(100);
	unsigned int slot;

	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		keep_original(slot);
	if (how < 29)
		spoil(how);
	for (slot = 0; slot < PCIQ_NR_SLOTS; slot++)
		judge_image(slot);
	expect_image();
}

/* The rest of the list is zeros, which name 0000:00:00.0. */
static void lengthen_list(struct pciq_match_list *list)
{
	struct function *f = build_find(0, 0, 0);

	list->nr = PCIQ_MAX_MATCHES + below(0x7fffffff);
	if (f && fabric.raw) {
		f->named = true;
		f->excluded = true;
	}
}

static void corrupt_numbers(void)
{
	struct pciq_ctl *ctl = &pciq_ctl;

	switch (below(50)) {
	case 0:
		ctl->policy = PCIQ_NR_POLICIES + below(0x7fffffff);
		break;
	case 1:
		lengthen_list(&ctl->exclude);
		break;
	}
}

/* It lies in memory like any other, and is not summed. */
static void spoil_run(struct pciq_run *run)
{
	u8 *byte = (u8 *)run;
	size_t i;

	for (i = 0; i < sizeof(*run) && chance(99); i++)
		byte[i] = below(256);
}

/* What the engine makes of the numbers, reckoned independently. */
static void expect_numbers(void)
{
	const struct pciq_ctl *ctl = &pciq_ctl;
	u64 ms = pciq_memory.deadline_ms;

	fabric.policy = ctl->policy < PCIQ_NR_POLICIES ?
				ctl->policy : PCIQ_BUSMASTER;
	if (fabric.mcip)
		fabric.policy = min(fabric.policy, PCIQ_BUSMASTER);
	fabric.deadline = fabric.now + ms * NS_PER_MS;
	fabric.slowness = 1;
	/* Hanging functions come on top of it: some accesses of each. */
	fabric.end_of_time = fabric.deadline + 100000 * NS_PER_MS +
			     fabric.nr * 100ULL * 50 * NS_PER_MS;
}

/* === The run === */

static void enter(struct pciq_run *run,
		  void (*stage)(struct pciq_run *run))
{
	jmp_buf out;

	fabric.escape = &out;
	if (!setjmp(out)) {
		stage(run);
		return;
	}
	/* A third is not promised to be survived. */
	if (fabric.escaped < 2 && chance(30))
		fabric.escape_at = fabric.events + log_of(500);
	fabric.escape_after = chance(50);
}

/**
 * trial_engine() - run the engine as module/hook.c does
 * @run: empty
 */
void trial_engine(struct pciq_run *run)
{
	enter(run, pciq_run);
	if (!fabric.escaped)
		return;
	enter(run, pciq_recover);
	enter(run, pciq_abort);
}

static void cover(const struct pciq_run *run, u64 seed,
		  struct coverage *coverage)
{
	const struct pciq_record *head = run->record;
	const struct pciq_entry *entry = (const void *)(head + 1);
	u32 met = 0, i, k;

	coverage->cases++;
	coverage->broken += fabric.broken > 0;
	coverage->functions += fabric.nr;
	coverage->accesses += fabric.reads + fabric.writes;
	coverage->oopses += fabric.escaped;
	if (coverage->late < fabric.late_accesses)
		coverage->late = fabric.late_accesses;
	coverage->verdicts[head->verdict]++;
	coverage->policies[fabric.policy]++;
	coverage->sources[head->source]++;
	for (i = 0; i < head->nr_entries; i++, entry++) {
		coverage->outcomes[entry->outcome]++;
		coverage->reasons[entry->reason]++;
		coverage->no_reset[entry->no_reset]++;
	}
	for (i = 0; i < fabric.nr; i++) {
		const struct function *f = fabric.functions[i];

		met |= f->set;
		coverage->resets[0] += f->resets && !f->lost;
		coverage->resets[1] += f->flrs;
	}
	for (k = OBEYS + 1; k < NR_BEHAVIOURS; k++)
		coverage->met[k][head->verdict] += met >> k & 1;
	coverage->met[OBEYS][head->verdict] += !met;
	for (k = 0; k < NR_FINDINGS; k++) {
		if (!(fabric.found >> k & 1))
			continue;
		if (!coverage->found[k]++)
			coverage->first[k] = seed;
	}
}

static void choose_oops(void)
{
	if (!chance(15))
		return;
	fabric.escape_at = log_of(8000);
	fabric.escape_after = chance(50);
}

static u32 choose_size(void)
{
	u32 size = below(100);

	return log_of(size < 80 ? 40 : size < 97 ? 400 : MAX_FUNCTIONS);
}

static void prepare(u64 seed, bool verbose)
{
	build_reset(seed);
	fabric.trace = verbose;
	fabric.sleep_hangs = chance(50);
	fabric.vmd_gates = chance(50);
	topology_random(choose_size());
	choose_parameters();
	choose_lists();
	hide_some();
	build_healthy();
}

/* From here on the engine is at work. */
static bool run_engine(struct pciq_run *run)
{
	jmp_buf out;

	build_crash();
	expect_numbers();
	if (fabric.trace)
		trial_describe();
	fabric.give_up = &out;
	if (setjmp(out))
		return false;
	trial_engine(run);
	fabric.crashed = false;
	if (fabric.trace)
		trial_report(run);
	verify_run(run);
	return true;
}

static void crash(struct pciq_run *run, u64 seed,
		  struct coverage *coverage)
{
	corrupt();
	corrupt_numbers();
	spoil_run(run);
	fabric.mcip = chance(3);
	let_doze();
	move_one();
	let_misbehave();
	wake_consistently();
	choose_oops();
	if (run_engine(run))
		cover(run, seed, coverage);
}

/* All is forgotten, and nothing is left over. */
static void end(void)
{
	pciq_unwatch();
	memory_hide(NULL);
	pciq_release();
	if (memory_in_use())
		broken(NULL, "%u allocations are not freed",
		       memory_in_use());
}

/**
 * trial_machine() - one case in which nothing goes wrong but what is chosen
 * @machine: how it is built, what goes wrong, and what comes of it
 *
 * Return: true if no invariant was violated; else fabric.complaint has the first.
 */
bool trial_machine(const struct trial_machine *machine)
{
	struct pciq_run run = { 0 };
	unsigned int slot;

	build_reset(machine->seed);
	fabric.trace = machine->verbose;
	fabric.sleep_hangs = true;
	machine->build(machine->data);
	pciq_ctl.policy = machine->policy;
	pciq_memory.deadline_ms = 10000;
	build_healthy();
	pciq_watch();
	if (pciq_take_snapshot()) {
		broken(NULL, "capture failed");
	} else {
		for (slot = 0; slot < PCIQ_NR_SLOTS; slot++) {
			keep_original(slot);
			judge_image(slot);
		}
		expect_image();
		machine->spoil(machine->data);
		if (run_engine(&run))
			machine->look(machine->data, &run);
	}
	end();
	return !fabric.broken;
}

/**
 * trial_run() - one case
 * @seed: which
 * @verbose: print the machine, each access, and the record
 * @coverage: added to
 *
 * Return: true if no invariant was violated; else fabric.complaint has the first.
 */
bool trial_run(u64 seed, bool verbose, struct coverage *coverage)
{
	struct pciq_run run = { 0 };

	prepare(seed, verbose);
	pciq_watch();
	if (capture_twice()) {
		let_arrive(100);
		crash(&run, seed, coverage);
	}
	end();
	return !fabric.broken;
}

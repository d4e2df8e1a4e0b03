// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs for the fuzzers to start from: snapshots that the healthy side took of
 * simulated machines, and records that the engine made of them.  Made anew each
 * time, so that they always have the layout of the day.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "fabric.h"
#include "fuzz-machine.h"

#define NR_MACHINES	24

/* In fuzz-record.c. */
#define AS_RECORD	0
#define AS_SNAPSHOT	1
#define AS_NOTE		2

static const char *directory;

static FILE *create(const char *target, u32 nr, const char *what)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s-%02u", directory, target, what,
		 nr);
	file = fopen(path, "w");
	if (!file) {
		fprintf(stderr, "fuzz-seeds: %s: cannot be written\n", path);
		exit(2);
	}
	return file;
}

static void build(u32 nr)
{
	build_reset(nr);
	topology_random(nr < 8 ? nr + 1 : nr < 20 ? 4 * nr : 150);
	pciq_ctl.policy = PCIQ_BUSMASTER + nr % 3;
	build_healthy();
	/* Twice: the other slot is what the fuzzer will use it for. */
	if (pciq_take_snapshot() || pciq_take_snapshot())
		exit(3);
}

/* One in four as it is, the others with one kind of trouble each. */
static struct fuzz_plan plan_of(u32 nr)
{
	static const u8 kinds[] = { 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct fuzz_plan plan = {
		.slots = 1 << PCIQ_SLOT_A | 1 << PCIQ_SLOT_WINDOWS,
		.forged = 0xff,
		.policy = PCIQ_BUSMASTER + nr % 3,
		.deadline_ms = 10000,
		.tsc_khz = 2000000,
		.seed = nr,
		.deep = PCI_EXP_LNKSTA_DLLLA,
		.density = 16,
	};
	u32 i;

	for (i = 0; nr % 4 && i < ARRAY_SIZE(plan.kind); i += 2)
		plan.kind[i] = kinds[nr % ARRAY_SIZE(kinds)];
	if (nr % 5 == 4)
		plan.slots = 1 << PCIQ_SLOT_WINDOWS;
	if (nr % 7 == 6)
		plan.oops[0] = 40 * nr;
	return plan;
}

static void save_snapshot(u32 nr)
{
	const struct pciq_snapshot *snapshot = pciq_newest();
	struct fuzz_plan plan = plan_of(nr);
	FILE *file = create("snapshot", nr, "snapshot");

	fwrite(&plan, sizeof(plan), 1, file);
	fwrite(snapshot, snapshot->total_bytes, 1, file);
	fclose(file);

	file = create("record", nr, "snapshot");
	fputc(AS_SNAPSHOT, file);
	fwrite(snapshot, snapshot->total_bytes, 1, file);
	fclose(file);
}

static void save_record(u32 nr, const struct pciq_run *run)
{
	FILE *file = create("record", nr, "record");

	fputc(AS_RECORD, file);
	fwrite(run->record, run->record->total_bytes, 1, file);
	fclose(file);
}

static void save_note(void)
{
	FILE *file = create("record", 0, "note");

	fputc(AS_NOTE, file);
	fprintf(file, "OSRELEASE=6.1.0\n%s0x%llx,%u\n%sclean 8/8 17146us\n",
		PCIQ_NOTE_RECORD, 0x12345000ULL, 568,
		PCIQ_NOTE_VERDICT);
	fclose(file);
}

int main(int argc, char **argv)
{
	struct pciq_run run;
	u32 nr;

	if (argc != 2) {
		fprintf(stderr, "Usage: fuzz-seeds DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	mkdir(directory, 0777);
	for (nr = 0; nr < NR_MACHINES; nr++) {
		memset(&run, 0, sizeof(run));
		build(nr);
		save_snapshot(nr);
		build_crash();
		pciq_run(&run);
		save_record(nr, &run);
		fabric.crashed = false;
		pciq_release();
	}
	save_note();
	return 0;
}

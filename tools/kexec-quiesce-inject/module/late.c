// SPDX-License-Identifier: GPL-2.0-only
/* Faults that are to come with the crash. */
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "inject.h"

#define MAX_ARMED	16

struct armed {
	const struct inject_row *row;
	struct inject_args args;
};

static DEFINE_MUTEX(lock);
static struct armed armed[MAX_ARMED];
static unsigned int nr_armed;

static int add(const struct inject_row *row, const struct inject_args *args)
{
	struct inject_args again = { };
	int err;

	if (nr_armed == MAX_ARMED)
		return -ENOSPC;
	/* The pieces point into the text, so cut it anew where it stays. */
	armed[nr_armed].row = row;
	armed[nr_armed].args = again;
	memcpy(armed[nr_armed].args.text, args->text, sizeof(args->text));
	err = inject_cut_args(row, &armed[nr_armed].args);
	if (!err)
		nr_armed++;
	return err;
}

/* A fault whose row says late; all of @args is in its text. */
int inject_arm_late(const struct inject_row *row,
		    const struct inject_args *args)
{
	int err;

	mutex_lock(&lock);
	err = add(row, args);
	mutex_unlock(&lock);
	return err;
}

/* Their names, a line each. */
void inject_show_late(struct seq_file *s)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < nr_armed; i++)
		seq_printf(s, "%s\n", armed[i].row->name);
	mutex_unlock(&lock);
}

/* Called by triggers, where they are about to die, with interrupts off. */
void inject_late(void)
{
	unsigned int i;

	for (i = 0; i < nr_armed; i++)
		armed[i].row->act(&armed[i].args);
}

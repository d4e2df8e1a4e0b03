// SPDX-License-Identifier: GPL-2.0-only
/*
 * pciq_inject.ko, test only: loading, and /sys/kernel/debug/pciq_inject.
 *
 *	faults, triggers	what there is: name, family, arguments, one line each
 *	arm			"FAULT [key=value...]"
 *	crash			"TRIGGER [key=value...]"
 *	armed			what is to come with the crash
 */
#define pr_fmt(fmt) "pciq_inject: " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "inject.h"

#define MAX_ARMED	16

static bool i_know;
module_param(i_know, bool, 0);
MODULE_PARM_DESC(i_know, "this machine may be destroyed");

static const struct inject_family *const families[] = {
	&inject_pci, &inject_locks, &inject_snapshot, &inject_windows,
	&inject_device, &inject_routine, &inject_memory, &inject_text,
	&inject_tracing, &inject_platform,
};

static const struct inject_family *const trigger_families[] = {
	&inject_triggers,
};

struct armed {
	const struct inject_row *row;
	struct inject_args args;
};

static DEFINE_MUTEX(lock);
static struct armed armed[MAX_ARMED];
static unsigned int nr_armed;
static struct dentry *directory;

/* === Arguments === */

const char *inject_arg(const struct inject_args *args, const char *key)
{
	unsigned int i;

	for (i = 0; i < args->nr; i++) {
		if (!strcmp(args->key[i], key))
			return args->value[i];
	}
	return NULL;
}

unsigned int inject_number(const struct inject_args *args, const char *key,
			   unsigned int otherwise)
{
	const char *text = inject_arg(args, key);
	unsigned int value;

	return text && !kstrtouint(text, 0, &value) ? value : otherwise;
}

/* Whether a row takes the key: rows say it as "at=first|last once". */
static bool takes(const struct inject_row *row, const char *key)
{
	size_t length = strlen(key);
	const char *at = row->args;

	for (; at; at = strchr(at, ' ')) {
		at += strspn(at, " ");
		if (!strncmp(at, key, length) &&
		    (!at[length] || at[length] == '=' || at[length] == ' '))
			return true;
	}
	return false;
}

/* @args->text holds all after the name; it is cut into pieces in place. */
static int cut_args(const struct inject_row *row, struct inject_args *args)
{
	char *rest = strim(args->text), *word;

	while ((word = strsep(&rest, " ")) && args->nr < INJECT_MAX_ARGS) {
		char *value = strchr(word, '=');

		if (!*word)
			continue;
		if (value)
			*value++ = '\0';
		if (!takes(row, word)) {
			pr_err("%s takes no \"%s\"\n", row->name, word);
			return -EINVAL;
		}
		args->key[args->nr] = word;
		args->value[args->nr++] = value ?: "";
	}
	return 0;
}

/* === Doing it === */

static const struct inject_row *
find_row(const struct inject_family *const *family, unsigned int nr,
	 const char *name)
{
	unsigned int i;

	for (; nr; nr--, family++) {
		for (i = 0; i < (*family)->nr; i++) {
			if (!strcmp((*family)->rows[i].name, name))
				return &(*family)->rows[i];
		}
	}
	pr_err("nothing is called \"%s\"\n", name);
	return NULL;
}

static int do_arm(const struct inject_row *row, const struct inject_args *args)
{
	struct inject_args again = { };
	int err;

	if (!row->late)
		return row->act(args);
	if (nr_armed == MAX_ARMED)
		return -ENOSPC;
	/* The pieces point into the text, so cut it anew where it stays. */
	armed[nr_armed].row = row;
	armed[nr_armed].args = again;
	memcpy(armed[nr_armed].args.text, args->text, sizeof(args->text));
	err = cut_args(row, &armed[nr_armed].args);
	if (!err)
		nr_armed++;
	return err;
}

/* Called by triggers, where they are about to die, with interrupts off. */
void inject_late(void)
{
	unsigned int i;

	for (i = 0; i < nr_armed; i++)
		armed[i].row->act(&armed[i].args);
}

/* "NAME [key=value...]" from user space. */
static ssize_t command(const char __user *user, size_t count, bool crash)
{
	const struct inject_row *row;
	char text[INJECT_MAX_TEXT], *rest = text, *name;
	struct inject_args args = { };
	int err;

	if (count >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, user, count))
		return -EFAULT;
	text[count] = '\0';
	rest = strim(text);
	name = strsep(&rest, " ");
	if (crash)
		row = find_row(trigger_families, ARRAY_SIZE(trigger_families),
			       name);
	else
		row = find_row(families, ARRAY_SIZE(families), name);
	if (!row)
		return -EINVAL;
	strscpy(args.text, rest ?: "", sizeof(args.text));
	if (!crash && row->late) {
		mutex_lock(&lock);
		err = do_arm(row, &args);
		mutex_unlock(&lock);
		return err ?: count;
	}
	err = cut_args(row, &args) ?: row->act(&args);
	return err ?: count;
}

/* === debugfs === */

static ssize_t arm_write(struct file *file, const char __user *user,
			 size_t count, loff_t *ppos)
{
	return command(user, count, false);
}

static ssize_t crash_write(struct file *file, const char __user *user,
			   size_t count, loff_t *ppos)
{
	return command(user, count, true);
}

static const struct file_operations arm_ops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = arm_write,
};

static const struct file_operations crash_ops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = crash_write,
};

static void show_rows(struct seq_file *s,
		      const struct inject_family *const *family, unsigned int nr)
{
	unsigned int i;

	for (; nr; nr--, family++) {
		for (i = 0; i < (*family)->nr; i++) {
			const struct inject_row *row = &(*family)->rows[i];

			seq_printf(s, "%s\t%s\t%s\t%s\n", row->name,
				   (*family)->name, row->args ?: "", row->help);
		}
	}
}

static int faults_show(struct seq_file *s, void *unused)
{
	show_rows(s, families, ARRAY_SIZE(families));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(faults);

static int triggers_show(struct seq_file *s, void *unused)
{
	show_rows(s, trigger_families, ARRAY_SIZE(trigger_families));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(triggers);

static int armed_show(struct seq_file *s, void *unused)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < nr_armed; i++)
		seq_printf(s, "%s\n", armed[i].row->name);
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(armed);

static int __init inject_init(void)
{
	int err;

	if (!i_know) {
		pr_err("refused: this module destroys the running kernel: load it with i_know=1 on a machine that may be lost\n");
		return -EPERM;
	}
	err = security_locked_down(LOCKDOWN_DBG_WRITE_KERNEL);
	if (err) {
		pr_err("refused: the kernel is locked down\n");
		return err;
	}
	err = inject_find_init();
	if (err)
		return err;
	add_taint(TAINT_TEST, LOCKDEP_NOW_UNRELIABLE);

	directory = debugfs_create_dir("pciq_inject", NULL);
	debugfs_create_file("faults", 0400, directory, NULL, &faults_fops);
	debugfs_create_file("triggers", 0400, directory, NULL, &triggers_fops);
	debugfs_create_file("armed", 0400, directory, NULL, &armed_fops);
	debugfs_create_file("arm", 0200, directory, NULL, &arm_ops);
	debugfs_create_file("crash", 0200, directory, NULL, &crash_ops);
	return 0;
}

/* What was broken stays so: only what a fault's own row can undo is undone there. */
static void __exit inject_exit(void)
{
	debugfs_remove_recursive(directory);
}

module_init(inject_init);
module_exit(inject_exit);

MODULE_DESCRIPTION("Test only: break the kernel, then panic");
MODULE_LICENSE("GPL");

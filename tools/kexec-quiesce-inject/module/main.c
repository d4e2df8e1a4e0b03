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
#include <linux/panic.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "inject.h"

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

static struct dentry *directory;

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
	if (!crash && row->late)
		err = inject_arm_late(row, &args);
	else
		err = inject_cut_args(row, &args) ?: row->act(&args);
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
	inject_show_late(s);
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/kexec_pci_quiesce: what is armed, and with what.
 *
 * Documented in Documentation/ABI/testing/sysfs-kernel-kexec_pci_quiesce.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/err.h>
#include <linux/kexec.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/xxhash.h>

#include "quiesce.h"

/* Since 6.17, where the Makefile finds it so. */
#ifndef PCIQ_BIN_ATTR_CONST
#define PCIQ_BIN_ATTR_CONST
#endif

static struct kobject *pciq_kobj;

static ssize_t armed_show(struct kobject *k, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%d\n",
			  pciq_ctl.policy != PCIQ_OFF &&
			  pciq_newest() && kexec_crash_loaded());
}

static ssize_t policy_show(struct kobject *k, struct kobj_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  pciq_policy_name(pciq_ctl.policy));
}

static ssize_t policy_store(struct kobject *k, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	int policy = pciq_parse_policy(buf);

	if (policy < 0)
		return policy;
	WRITE_ONCE(pciq_ctl.policy, policy);
	return count;
}

static ssize_t generation_show(struct kobject *k, struct kobj_attribute *attr,
			       char *buf)
{
	const struct pciq_snapshot *snapshot;
	u32 generation = 0;

	pciq_lock();
	snapshot = pciq_newest();
	if (snapshot)
		generation = snapshot->record.generation;
	pciq_unlock();
	return sysfs_emit(buf, "%u\n", generation);
}

static ssize_t functions_show(struct kobject *k, struct kobj_attribute *attr,
			      char *buf)
{
	const struct pciq_snapshot *snapshot;
	u32 functions = 0;

	pciq_lock();
	snapshot = pciq_newest();
	if (snapshot)
		functions = snapshot->funcs.nr;
	pciq_unlock();
	return sysfs_emit(buf, "%u\n", functions);
}

static ssize_t last_capture_us_show(struct kobject *k,
				    struct kobj_attribute *attr, char *buf)
{
	const struct pciq_snapshot *snapshot;
	u32 took_us = 0;

	pciq_lock();
	snapshot = pciq_newest();
	if (snapshot)
		took_us = snapshot->took_us;
	pciq_unlock();
	return sysfs_emit(buf, "%u\n", took_us);
}

static struct kobj_attribute armed_attr = __ATTR_RO(armed);
static struct kobj_attribute policy_attr = __ATTR_RW(policy);
static struct kobj_attribute generation_attr = __ATTR_RO(generation);
static struct kobj_attribute functions_attr = __ATTR_RO(functions);
static struct kobj_attribute last_capture_us_attr = __ATTR_RO(last_capture_us);

static struct attribute *pciq_attrs[] = {
	&armed_attr.attr,
	&policy_attr.attr,
	&generation_attr.attr,
	&functions_attr.attr,
	&last_capture_us_attr.attr,
	NULL,
};

static const struct attribute_group pciq_group = { .attrs = pciq_attrs };

/* Without kernel addresses, and with a checksum that is right. */
static void pciq_hide_addresses(struct pciq_snapshot *snapshot)
{
	struct pciq_window *window = (void *)snapshot +
				     snapshot->windows.offset;
	u32 i, summed = offsetofend(struct pciq_snapshot, hot_sum);

	for (i = 0; i < snapshot->windows.nr; i++)
		window[i].virt = 0;
	snapshot->hot_sum = xxh64((void *)snapshot + summed,
				  snapshot->hot_bytes - summed, 0);
}

static ssize_t snapshot_read(struct file *file, struct kobject *k,
			     PCIQ_BIN_ATTR_CONST struct bin_attribute *attr,
			     char *buf, loff_t pos, size_t count)
{
	const struct pciq_snapshot *snapshot;
	void *copy = NULL;
	ssize_t length = -ENODATA;

	pciq_lock();
	snapshot = pciq_newest();
	if (!snapshot)
		goto out;
	length = -ENOMEM;
	copy = kvmalloc(snapshot->total_bytes, GFP_KERNEL);
	if (!copy)
		goto out;
	memcpy(copy, snapshot, snapshot->total_bytes);
	pciq_hide_addresses(copy);
	length = memory_read_from_buffer(buf, count, &pos, copy,
					 snapshot->total_bytes);
out:
	pciq_unlock();
	kvfree(copy);
	return length;
}

/* Reading from the start makes a new one; what is read on is of that. */
static void *pciq_dry_record;
static size_t pciq_dry_bytes;

static ssize_t dry_run_read(struct file *file, struct kobject *k,
			    PCIQ_BIN_ATTR_CONST struct bin_attribute *attr,
			    char *buf, loff_t pos, size_t count)
{
	ssize_t length;

	pciq_lock();
	if (pos == 0) {
		kvfree(pciq_dry_record);
		pciq_dry_record = pciq_dry_run(&pciq_dry_bytes);
	}
	if (IS_ERR_OR_NULL(pciq_dry_record)) {
		length = PTR_ERR_OR_ZERO(pciq_dry_record);
		pciq_dry_record = NULL;
	} else {
		length = memory_read_from_buffer(buf, count, &pos,
						 pciq_dry_record,
						 pciq_dry_bytes);
	}
	pciq_unlock();
	return length;
}

static const struct bin_attribute snapshot_attr = {
	.attr = { .name = "snapshot", .mode = 0400 },
	.read = snapshot_read,
};

static const struct bin_attribute dry_run_attr = {
	.attr = { .name = "dry_run", .mode = 0400 },
	.read = dry_run_read,
};

/**
 * pciq_sysfs_add() - make /sys/kernel/kexec_pci_quiesce
 *
 * Context: process.
 * Return: 0 or an errno.
 */
int pciq_sysfs_add(void)
{
	int err;

	pciq_kobj = kobject_create_and_add("kexec_pci_quiesce", kernel_kobj);
	if (!pciq_kobj)
		return -ENOMEM;
	err = sysfs_create_group(pciq_kobj, &pciq_group) ?:
	      sysfs_create_bin_file(pciq_kobj, &snapshot_attr) ?:
	      sysfs_create_bin_file(pciq_kobj, &dry_run_attr);
	if (err)
		pciq_sysfs_remove();
	return err;
}

/**
 * pciq_sysfs_remove() - undo pciq_sysfs_add()
 *
 * Context: process; waits for readers.
 */
void pciq_sysfs_remove(void)
{
	/* Takes its files with it. */
	kobject_put(pciq_kobj);
	pciq_kobj = NULL;
	kvfree(pciq_dry_record);
	pciq_dry_record = NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/kexec_pci_quiesce: what is armed, and with what.
 *
 * Documented in Documentation/ABI/testing/sysfs-kernel-kexec_pci_quiesce.
 */
#define pr_fmt(fmt) "kexec_pci_quiesce: " fmt

#include <linux/err.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/version.h>

/* Attributes became const for their methods in 6.17. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define BIN_ATTRIBUTE	const struct bin_attribute
#else
#define BIN_ATTRIBUTE	struct bin_attribute
#endif

static struct kobject *kobj;

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

/* One number of the newest image. */
static u32 image_number(size_t offset)
{
	const struct pciq_image *image;
	u32 number = 0;

	pciq_lock();
	image = pciq_newest();
	if (image)
		number = *(const u32 *)((const void *)image + offset);
	pciq_unlock();
	return number;
}

static ssize_t generation_show(struct kobject *k, struct kobj_attribute *attr,
			       char *buf)
{
	return sysfs_emit(buf, "%u\n",
		image_number(offsetof(struct pciq_image, generation)));
}

static ssize_t functions_show(struct kobject *k, struct kobj_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%u\n",
		image_number(offsetof(struct pciq_image, nr_funcs)));
}

static ssize_t last_capture_us_show(struct kobject *k,
				    struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
		image_number(offsetof(struct pciq_image, capture_us)));
}

static struct kobj_attribute armed_attr = __ATTR_RO(armed);
static struct kobj_attribute policy_attr = __ATTR_RW(policy);
static struct kobj_attribute generation_attr = __ATTR_RO(generation);
static struct kobj_attribute functions_attr = __ATTR_RO(functions);
static struct kobj_attribute last_capture_us_attr = __ATTR_RO(last_capture_us);

static struct attribute *attrs[] = {
	&armed_attr.attr,
	&policy_attr.attr,
	&generation_attr.attr,
	&functions_attr.attr,
	&last_capture_us_attr.attr,
	NULL,
};

static const struct attribute_group group = { .attrs = attrs };

/* Kernel addresses are nobody's business. */
static void hide_addresses(struct pciq_image *image)
{
	struct pciq_window *window =
		(void *)image + image->windows_offset;
	u32 i;

	image->record_virt = 0;
	image->scratch_virt = 0;
	for (i = 0; i < image->nr_windows; i++)
		window[i].virt = 0;
}

static ssize_t snapshot_read(struct file *file, struct kobject *k,
			     BIN_ATTRIBUTE *attr, char *buf, loff_t pos,
			     size_t count)
{
	const struct pciq_image *image;
	void *copy = NULL;
	ssize_t length = -ENODATA;

	pciq_lock();
	image = pciq_newest();
	if (!image)
		goto out;
	length = -ENOMEM;
	copy = kvmalloc(image->total_bytes, GFP_KERNEL);
	if (!copy)
		goto out;
	memcpy(copy, image, image->total_bytes);
	hide_addresses(copy);
	length = memory_read_from_buffer(buf, count, &pos, copy,
					 image->total_bytes);
out:
	pciq_unlock();
	kvfree(copy);
	return length;
}

/* Reading from the start makes a new one; what is read on is of that. */
static void *dry_run;
static size_t dry_run_bytes;

static ssize_t dry_run_read(struct file *file, struct kobject *k,
			    BIN_ATTRIBUTE *attr, char *buf, loff_t pos,
			    size_t count)
{
	ssize_t length;

	pciq_lock();
	if (pos == 0) {
		kvfree(dry_run);
		dry_run = pciq_dry_run(&dry_run_bytes);
	}
	if (IS_ERR_OR_NULL(dry_run)) {
		length = PTR_ERR_OR_ZERO(dry_run);
		dry_run = NULL;
	} else {
		length = memory_read_from_buffer(buf, count, &pos, dry_run,
						 dry_run_bytes);
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

	kobj = kobject_create_and_add("kexec_pci_quiesce", kernel_kobj);
	if (!kobj)
		return -ENOMEM;
	err = sysfs_create_group(kobj, &group) ?:
	      sysfs_create_bin_file(kobj, &snapshot_attr) ?:
	      sysfs_create_bin_file(kobj, &dry_run_attr);
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
	kobject_put(kobj);
	kobj = NULL;
	kvfree(dry_run);
	dry_run = NULL;
}

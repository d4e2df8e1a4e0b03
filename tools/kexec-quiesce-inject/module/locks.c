// SPDX-License-Identifier: GPL-2.0-only
/* Faults: locks that their holder never gives back. */
#include <linux/console.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "inject.h"

static int hold_raw(const char *name)
{
	raw_spinlock_t *lock = inject_find(name);

	if (!lock)
		return -ENOENT;
	/* Without preemption count: user space may go on. */
	arch_spin_trylock(&lock->raw_lock);
	return 0;
}

static int config(const struct inject_args *args)
{
	return hold_raw("pci_config_lock") ?: hold_raw("pci_lock");
}

static int bus_sem(const struct inject_args *args)
{
	struct rw_semaphore *sem = inject_find("pci_bus_sem");

	if (!sem)
		return -ENOENT;
	down_write(sem);
	return 0;
}

static int rescan(const struct inject_args *args)
{
	pci_lock_rescan_remove();
	return 0;
}

static int ours(const struct inject_args *args)
{
	void (*take)(void);

	take = inject_find_ours("pciq_lock");
	if (!take)
		return -ENOENT;
	take();
	return 0;
}

static int console(const struct inject_args *args)
{
	console_lock();
	return 0;
}

static const struct inject_row rows[] = {
	{ "locks", NULL, "pci_lock and pci_config_lock held", config, .late = true },
	{ "locks-now", NULL, "the same at once, for a panic that comes from outside", config },
	{ "bus-sem", NULL, "pci_bus_sem held for writing", bus_sem },
	{ "rescan-lock", NULL, "pci_lock_rescan_remove() held: our captures wait", rescan },
	{ "capture-lock", NULL, "our own mutex held: our captures wait", ours },
	{ "console-lock", NULL, "console_lock() held", console },
};

INJECT_FAMILY(locks);

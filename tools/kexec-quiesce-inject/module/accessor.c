// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accessor of the build for tests: a function misbehaves as it is told to.
 *
 * "scripts/build-modules VERSION inject" gives the accessor of crash_pci.c another
 * name and puts this in front of it, see accessor.mk.  So the file that users get
 * does not know of it.
 */
#include <linux/kexec_quiesce.h>
#include <linux/pci_regs.h>

#include "accessor.h"

#define EVERY_TIME	(~0U)

struct kexec_quiesce_inject kexec_quiesce_inject;

static __quiesce void take_time(struct kexec_quiesce_inject *inject)
{
	u64 start = kexec_quiesce_arch_clock();
	u64 ticks = (u64)inject->ms * kexec_quiesce_ctl.tsc_khz;

	if (!inject->times)
		return;
	if (inject->times != EVERY_TIME)
		inject->times--;
	while (kexec_quiesce_arch_clock() - start < ticks)
		kexec_quiesce_arch_relax();
}

/* Whether it is its turn to misbehave. */
static __quiesce bool misbehaves(const struct kexec_quiesce_window *window,
				 u8 bus, u8 devfn)
{
	struct kexec_quiesce_inject *inject = &kexec_quiesce_inject;

	if (!inject->on)
		return false;
	if (!inject->every && (window->domain != inject->domain ||
			       bus != inject->bus || devfn != inject->devfn))
		return false;
	if (inject->after) {
		inject->after--;
		return false;
	}
	take_time(inject);
	return true;
}

/**
 * kexec_quiesce_arch_read() - in place of that of crash_pci.c
 * @window: the window to go through
 * @bus: bus number
 * @devfn: device and function
 * @reg: register, aligned to @size
 * @size: 2 or 4 bytes
 * @value: where to
 *
 * Context: any, including the crash path.
 * Return: false if the access faulted, or is to look as if it did.
 */
__quiesce bool
kexec_quiesce_arch_read(const struct kexec_quiesce_window *window, u8 bus,
			u8 devfn, u16 reg, unsigned int size, u32 *value)
{
	if (misbehaves(window, bus, devfn) &&
	    (kexec_quiesce_inject.gone || kexec_quiesce_inject.faults)) {
		*value = size == 2 ? 0xffff : ~0U;
		return !kexec_quiesce_inject.faults;
	}
	return kexec_quiesce_real_read(window, bus, devfn, reg, size, value);
}

/**
 * kexec_quiesce_arch_write() - in place of that of crash_pci.c
 * @window: the window to go through
 * @bus: bus number
 * @devfn: device and function
 * @reg: register, aligned to @size
 * @size: 2 or 4 bytes
 * @value: what
 *
 * Context: any, including the crash path.
 * Return: false if the access faulted, or is to look as if it did.
 */
__quiesce bool
kexec_quiesce_arch_write(const struct kexec_quiesce_window *window, u8 bus,
			 u8 devfn, u16 reg, unsigned int size, u32 value)
{
	if (misbehaves(window, bus, devfn)) {
		if (kexec_quiesce_inject.gone || kexec_quiesce_inject.faults)
			return !kexec_quiesce_inject.faults;
		if (kexec_quiesce_inject.sticky && reg == PCI_COMMAND)
			value |= PCI_COMMAND_MASTER;
	}
	return kexec_quiesce_real_write(window, bus, devfn, reg, size, value);
}

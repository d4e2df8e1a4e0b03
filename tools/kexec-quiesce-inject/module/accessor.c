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

struct pciq_inject pciq_inject;

static __quiesce void take_time(struct pciq_inject *inject)
{
	u64 start = pciq_arch_clock();
	u64 ticks = (u64)inject->ms * pciq_memory.tsc_khz;

	if (!inject->times)
		return;
	if (inject->times != EVERY_TIME)
		inject->times--;
	while (pciq_arch_clock() - start < ticks)
		pciq_arch_relax();
}

/* Whether it is its turn to misbehave. */
static __quiesce bool misbehaves(const struct pciq_window *window,
				 u8 bus, u8 devfn)
{
	struct pciq_inject *inject = &pciq_inject;

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
 * pciq_arch_read() - in place of that of crash_pci.c
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
pciq_arch_read(const struct pciq_window *window, u8 bus,
	       u8 devfn, u16 reg, unsigned int size, u32 *value)
{
	if (misbehaves(window, bus, devfn) &&
	    (pciq_inject.gone || pciq_inject.faults)) {
		*value = size == 2 ? 0xffff : ~0U;
		return !pciq_inject.faults;
	}
	return pciq_real_read(window, bus, devfn, reg, size, value);
}

/**
 * pciq_arch_write() - in place of that of crash_pci.c
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
pciq_arch_write(const struct pciq_window *window, u8 bus,
		u8 devfn, u16 reg, unsigned int size, u32 value)
{
	if (misbehaves(window, bus, devfn)) {
		if (pciq_inject.gone || pciq_inject.faults)
			return !pciq_inject.faults;
		if (pciq_inject.sticky && reg == PCI_COMMAND)
			value |= PCI_COMMAND_MASTER;
	}
	return pciq_real_write(window, bus, devfn, reg, size, value);
}

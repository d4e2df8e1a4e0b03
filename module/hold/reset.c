// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset a function that no driver has bound to yet, with the kernel's own means.
 *
 * Not pci_reset_function(): it takes the device lock, which whoever binds a
 * driver holds, and calls reset_prepare() and reset_done() of a driver that has
 * not probed.
 */
#include <linux/device.h>
#include <linux/pci.h>

#include "hold.h"

static void hold_disable(struct pci_dev *dev)
{
	pci_set_power_state(dev, PCI_D0);
	pci_save_state(dev);
	pci_write_config_word(dev, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);
}

static int hold_reset_function(struct pci_dev *dev)
{
	int err;

	hold_disable(dev);
	err = __pci_reset_function_locked(dev);
	pci_restore_state(dev);
	return err;
}

/* The others of a bus are locked as well, or it is not reset. */
static void hold_unlock_bus(struct pci_dev *dev, struct pci_dev *until)
{
	struct pci_dev *other;

	list_for_each_entry(other, &dev->bus->devices, bus_list) {
		if (other == until)
			return;
		if (other != dev)
			device_unlock(&other->dev);
	}
}

static bool hold_lock_bus(struct pci_dev *dev)
{
	struct pci_dev *other;

	list_for_each_entry(other, &dev->bus->devices, bus_list) {
		if (other == dev)
			continue;
		if (!device_trylock(&other->dev)) {
			hold_unlock_bus(dev, other);
			return false;
		}
		/* Nothing that is in use, and nothing further below. */
		if (other->dev.driver || other->subordinate) {
			device_unlock(&other->dev);
			hold_unlock_bus(dev, other);
			return false;
		}
	}
	return true;
}

static bool hold_may_reset_bus(struct pci_dev *dev)
{
	struct pci_dev *other;

	if (pci_is_root_bus(dev->bus) || !dev->bus->self ||
	    dev->bus->self->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		return false;
	list_for_each_entry(other, &dev->bus->devices, bus_list) {
		if (other->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET ||
		    other->class >> 16 == PCI_BASE_CLASS_DISPLAY)
			return false;
	}
	return true;
}

/* Functions that share a link, and have no FLR.  -EBUSY: it was not tried. */
static int hold_reset_bus(struct pci_dev *dev)
{
	struct pci_dev *other;
	int err;

	if (!hold_may_reset_bus(dev) || !hold_lock_bus(dev))
		return -EBUSY;
	list_for_each_entry(other, &dev->bus->devices, bus_list)
		hold_disable(other);
	err = pci_bridge_secondary_bus_reset(dev->bus->self);
	/* It waits for Link Active, which some ports announce and never show. */
	if (err && pci_device_is_present(dev))
		err = 0;
	list_for_each_entry(other, &dev->bus->devices, bus_list)
		pci_restore_state(other);
	hold_unlock_bus(dev, NULL);
	return err;
}

/* As the kernel has it, which tries them before D3hot. */
static bool hold_has_flr(struct pci_dev *dev)
{
	u8 af = pci_find_capability(dev, PCI_CAP_ID_AF), able = 0;
	u32 devcap = 0;

	if (dev->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET)
		return false;
	pcie_capability_read_dword(dev, PCI_EXP_DEVCAP, &devcap);
	if (af)
		pci_read_config_byte(dev, af + PCI_AF_CAP, &able);
	return devcap & PCI_EXP_DEVCAP_FLR ||
	       (able & PCI_AF_CAP_FLR && able & PCI_AF_CAP_TP);
}

/**
 * hold_reset() - reset a function, or else all that share its link
 * @dev: the function; its device lock is held, and no driver has probed it
 * @method: filled in
 *
 * The bus before D3hot, which the kernel prefers: QEMU's e1000e goes through D3hot
 * and keeps its rings.  Configuration is restored, and with it Bus Master Enable
 * as it was found: clear, unless the function refused the crashing kernel.
 *
 * Context: process; sleeps.
 * Return: 0, or an errno: -ENOTTY if nothing can reset it.
 */
int hold_reset(struct pci_dev *dev, enum hold_method *method)
{
	int err;

	*method = HOLD_BY_FLR;
	if (hold_has_flr(dev))
		return hold_reset_function(dev);
	*method = HOLD_BY_BUS;
	err = hold_reset_bus(dev);
	if (err != -EBUSY)
		return err;
	*method = HOLD_BY_OTHER;
	return hold_reset_function(dev);
}

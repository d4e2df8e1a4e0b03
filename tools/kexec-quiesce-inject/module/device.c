// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults: a function that does not do as it is told.  The config accessor of the
 * module under test plays its part, if built for tests: see accessor.h.
 */
#include <linux/pci.h>
#include <linux/string.h>

#include "accessor.h"
#include "inject.h"

#define DEFAULT_LATE_MS		20
#define DEFAULT_HANG_MS		3000
#define EVERY			(-1U)

static int misbehave(const struct inject_args *args,
		     const struct pciq_inject *how)
{
	struct pciq_inject *accessor =
		inject_find_ours("pciq_inject");
	struct pci_dev *dev = NULL;

	/* Else this is not the build for tests. */
	if (!accessor)
		return -EOPNOTSUPP;
	*accessor = *how;
	accessor->after = inject_number(args, "after", how->after);
	accessor->ms = inject_number(args, "ms", how->ms);
	accessor->every = !inject_arg(args, "device");
	if (!accessor->every) {
		dev = inject_device_at(args);
		if (!dev)
			return -ENODEV;
		accessor->domain = pci_domain_nr(dev->bus);
		accessor->bus = dev->bus->number;
		accessor->devfn = dev->devfn;
		pci_dev_put(dev);
	}
	WRITE_ONCE(accessor->on, true);
	return 0;
}

static int refuse(const struct inject_args *args)
{
	return misbehave(args, &(struct pciq_inject){ .sticky = true });
}

static int hang(const struct inject_args *args)
{
	return misbehave(args, &(struct pciq_inject){
		.ms = DEFAULT_HANG_MS, .times = 1 });
}

static int late(const struct inject_args *args)
{
	return misbehave(args, &(struct pciq_inject){
		.ms = DEFAULT_LATE_MS, .times = EVERY });
}

static int vanish(const struct inject_args *args)
{
	return misbehave(args, &(struct pciq_inject){
		.gone = true, .after = 2 });
}

static int all_ones(const struct inject_args *args)
{
	return misbehave(args, &(struct pciq_inject){ .gone = true });
}

static int fault(const struct inject_args *args)
{
	return misbehave(args, &(struct pciq_inject){ .faults = true });
}

#define WHOM	"device=ADDRESS after=NUMBER"

static const struct inject_row rows[] = {
	{ "refuse", WHOM, "Bus Master Enable cannot be cleared (test build)", refuse },
	{ "hang", WHOM " ms=NUMBER", "one config access takes 3 s, or ms (test build)", hang },
	{ "late", WHOM " ms=NUMBER", "every config access takes 20 ms, or ms (test build)", late },
	{ "vanish", WHOM, "answers twice, then all ones (test build)", vanish },
	{ "all-ones", WHOM, "answers all ones (test build)", all_ones },
	{ "access-fault", WHOM, "config accesses fault (test build)", fault },
};

INJECT_FAMILY(device);

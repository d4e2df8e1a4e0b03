// SPDX-License-Identifier: GPL-2.0-only
/*
 * Benchmark only: the loaded kexec_pci_quiesce.ko against two other ways to
 * stop bus mastering, on the same machine, in turn, with interrupts off.
 *
 *	quiesce	the engine of the loaded module, whole, with its writes
 *	walk	for each pci_dev: pci_clear_master()
 *	xen	under one lock, for each pci_dev: Command = 0 (Xen c24c3e21e3c9)
 *
 * With resets=1, how long resetting every link takes, by the policy in force
 * and by the kernel's own means, which sleep and take one link after the other:
 *
 *	quiesce	as above
 *	serial	for each port with something below: pci_reset_bus()
 *
 * Before each pass every function is put back as it was found, and, with
 * live=1, its bus mastering is turned on.  One line per pass in the log.
 * The machine is of no use afterwards.
 */
#define pr_fmt(fmt) "kpciq_bench: " fmt

#include <linux/kexec_quiesce.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <asm/tsc.h>

static unsigned int rounds = 5;
module_param(rounds, uint, 0);
static bool live = true;
module_param(live, bool, 0);
static bool resets;
module_param(resets, bool, 0);

static struct pci_dev **devices;
static unsigned int nr_devices;
static unsigned int reads, writes;
static void (*engine)(struct pciq_run *run);
static struct pciq_run *run;

/* === Count config accesses of the kernel's own accessors === */

static struct pci_ops *true_ops;

static int count_read(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 *value)
{
	reads++;
	return true_ops->read(bus, devfn, where, size, value);
}

static int count_write(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 value)
{
	writes++;
	return true_ops->write(bus, devfn, where, size, value);
}

static struct pci_ops counting_ops = {
	.read = count_read,
	.write = count_write,
};

/* All buses of a PC have the same ops. */
static void set_ops(struct pci_ops *ops)
{
	unsigned int i;

	for (i = 0; i < nr_devices; i++)
		devices[i]->bus->ops = ops;
}

/* === The three ways === */

static void way_quiesce(void)
{
	memset(run, 0, sizeof(*run));
	engine(run);
}

static void way_walk(void)
{
	struct pci_dev *dev = NULL;

	for_each_pci_dev(dev)
		pci_clear_master(dev);
}

static DEFINE_SPINLOCK(pcidevs_lock);

static void way_xen(void)
{
	struct pci_dev *dev = NULL;

	spin_lock(&pcidevs_lock);
	for_each_pci_dev(dev)
		pci_write_config_word(dev, PCI_COMMAND, 0);
	spin_unlock(&pcidevs_lock);
}

static void way_serial(void)
{
	struct pci_dev *dev = NULL;

	for_each_pci_dev(dev) {
		if (!pci_is_root_bus(dev->bus) && !PCI_FUNC(dev->devfn) &&
		    pci_reset_bus(dev))
			pci_err(dev, "kpciq_bench: not reset\n");
	}
}

static const struct {
	const char *name;
	void (*go)(void);
	bool resets;
	bool others;
	bool sleeps;
} ways[] = {
	{ "quiesce", way_quiesce, .resets = true, .others = true },
	{ "walk", way_walk, .others = true },
	{ "xen", way_xen, .others = true },
	{ "serial", way_serial, .resets = true, .sleeps = true },
};

/* === Passes === */

static void put_back(void)
{
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		struct pci_dev *dev = devices[i];

		pci_restore_state(dev);
		pci_save_state(dev);	/* restoring uses it up */
		if (dev->hdr_type != PCI_HEADER_TYPE_NORMAL)
			continue;
		if (live) {
			pci_set_master(dev);
		} else {
			pci_clear_master(dev);
			pci_intx(dev, 0);
		}
	}
}

static u64 timed(unsigned int way)
{
	unsigned long flags = 0;
	u64 start, end;

	if (!ways[way].sleeps)
		local_irq_save(flags);
	start = rdtsc_ordered();
	ways[way].go();
	end = rdtsc_ordered();
	if (!ways[way].sleeps)
		local_irq_restore(flags);
	return end - start;
}

/* Until the next step that began; 0 if it did not. */
static unsigned int step_ns(enum pciq_step step)
{
	const __u64 *tsc = run->record->tsc;
	enum pciq_step next = step + 1;

	while (next < PCIQ_STEP_DONE && !tsc[next])
		next++;
	return tsc[step] ? div64_u64((tsc[next] - tsc[step]) * 1000000, tsc_khz) : 0;
}

static void say(unsigned int round, unsigned int way, u64 ticks)
{
	const struct pciq_record *record = run->record;
	u64 ns = div64_u64(ticks * 1000000, tsc_khz);

	if (ways[way].go != way_quiesce) {
		pr_info("way=%s functions=%u live=%d round=%u ns=%llu reads=%u writes=%u\n",
			ways[way].name, nr_devices, live, round, ns, reads,
			writes);
		return;
	}
	pr_info("way=quiesce functions=%u live=%d round=%u ns=%llu reads=%u writes=%u validate=%u disable=%u ports=%u reset=%u ready=%u contain=%u undo=%u links=%u verdict=%u quiet=%u total=%u\n",
		nr_devices, live, round, ns, record->reads, record->writes,
		step_ns(PCIQ_STEP_VALIDATE), step_ns(PCIQ_STEP_DISABLE),
		step_ns(PCIQ_STEP_PORTS), step_ns(PCIQ_STEP_RESET),
		step_ns(PCIQ_STEP_READY), step_ns(PCIQ_STEP_CONTAIN),
		step_ns(PCIQ_STEP_UNDO), record->links_reset, record->verdict,
		record->quiet, record->total);
}

/* Counting costs time, so it has a pass of its own. */
static void pass(unsigned int round, unsigned int way)
{
	u64 ticks;

	put_back();
	reads = 0;
	writes = 0;
	set_ops(&counting_ops);
	ways[way].go();
	set_ops(true_ops);
	put_back();
	ticks = timed(way);
	say(round, way, ticks);
}

/* The kernel refuses a probe in the crash path: the way there is its own list. */
static void *find(const char *name)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);

	if (register_kprobe(&probe))
		return NULL;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return (void *)lookup(name);
}

static int collect(void)
{
	struct pci_dev *dev = NULL;
	unsigned int max = 0;

	for_each_pci_dev(dev)
		max++;
	devices = kvcalloc(max, sizeof(*devices), GFP_KERNEL);
	run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!devices || !run)
		return -ENOMEM;
	for_each_pci_dev(dev) {
		if (nr_devices == max)
			break;
		devices[nr_devices++] = dev;
		pci_save_state(dev);
		true_ops = dev->bus->ops;
	}
	return 0;
}

static int __init kpciq_bench_init(void)
{
	unsigned int round, way;

	engine = find("kexec_pci_quiesce:pciq_run");
	if (!engine) {
		pr_err("kexec_pci_quiesce.ko is not loaded\n");
		return -ENOENT;
	}
	if (collect())
		return -ENOMEM;
	for (round = 0; round < rounds; round++) {
		for (way = 0; way < ARRAY_SIZE(ways); way++) {
			if (resets ? ways[way].resets : ways[way].others)
				pass(round, way);
		}
	}
	put_back();
	kvfree(devices);
	kfree(run);
	return 0;
}

static void __exit kpciq_bench_exit(void)
{
}

module_init(kpciq_bench_init);
module_exit(kpciq_bench_exit);

MODULE_DESCRIPTION("Benchmark only: three ways to stop bus mastering");
MODULE_LICENSE("GPL");

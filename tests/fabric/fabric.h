/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated PCIe fabric: what the engine of the crash path is held against.
 *
 * config.c	registers: what a write does, what a reset leaves
 * bits.c	which bits can be written, and so on, from the specifications
 * layout.c	config space by chance
 * link.c	links and resets: who can be reached, how long that takes
 * dma.c	who can still write memory: the truth that a verdict is about
 * behaviour.c	functions, ports and windows that do not behave
 * arch.c	what the engine calls: accesses, clock, the way out after a fault
 * pci.c, memory.c	the healthy kernel: struct pci_dev, pages
 * build.c	machines, function by function; topology.c: at random
 * watch.c	invariants of single accesses; verify.c: of a whole run
 * oracle.c	what a run did, from the state of the machine alone
 * trial.c	one case, from a seed; property.c: many
 *
 * Section numbers without a name are of the PCI Express Base Specification.
 */
#ifndef FABRIC_H
#define FABRIC_H

#include <setjmp.h>
#include <stdio.h>

#include <linux/kernel.h>
#include <linux/kexec_quiesce.h>
#include <linux/pci.h>

#include "quiesce.h"
#include "random.h"

#define NS_PER_US	1000ULL
#define NS_PER_MS	1000000ULL
#define NEVER		UINT64_MAX

/* Modelled part of config space; what is beyond reads as 0. */
#ifndef SPACE
#define SPACE		512U
#endif

/* Device/Port Type (7.5.3.2); and of a function without that capability. */
#define TYPE_ENDPOINT	PCI_EXP_TYPE_ENDPOINT
#define TYPE_ROOT_PORT	PCI_EXP_TYPE_ROOT_PORT
#define TYPE_UPSTREAM	PCI_EXP_TYPE_UPSTREAM
#define TYPE_DOWNSTREAM	PCI_EXP_TYPE_DOWNSTREAM
#define TYPE_PCI_BRIDGE	PCI_EXP_TYPE_PCI_BRIDGE
#define TYPE_RC_END	PCI_EXP_TYPE_RC_END
#define CONVENTIONAL	0xff

#define MAX_HOSTS	64

/* Ways not to behave; behaviour.c has what each of them does. */
enum behaviour {
	OBEYS,
	STUCK_UNTIL_RESET,	/* BME reads 1 and masters until it is reset */
	STUCK,			/* likewise, and after a reset */
	LIES_ABOUT_BME,		/* BME reads 0, masters all the same */
	RESTARTS,		/* after a reset masters again once BME is set */
	NEVER_DRAINS,		/* Transaction Pending stays set until a reset */
	PENDS_FOREVER,		/* likewise, and after a reset */
	DRAINS_LATE,
	DEAD,			/* all ones since before the crash */
	DIES,			/* all ones from some access on */
	MUTE,			/* likewise, but it goes on mastering */
	HANGS,			/* each access takes long */
	LIES_ONCE,		/* one read returns something else */
	FAULTS_ONCE,		/* one access faults */
	FAULTS,			/* all of them, from some access on */
	BACK_LATE,		/* after a reset, later than others */
	RETRIES,		/* answers RRS for a while, then is back */
	NEVER_BACK,
	IGNORES_FLR,
	IGNORES_SBR,		/* a port: the bit reads 1, nothing happens */
	KEEPS_SBR,		/* a port: the bit cannot be cleared */
	LINK_SLOW,		/* a port: its link trains long */
	LINK_NEVER,		/* a port: its link does not come up again */
	TRIGGERS_DPC,		/* a port: containment at some access */
	TRIGGERS_DPC_AT_RESET,	/* a port: a reset looks like an error to it */
	GOES_DOWN,		/* a port: surprise-down at some access */
	WAKES,			/* D3cold at capture, running at the crash */
	BANDWIDTH_BLOCKS,	/* a port: no link after a reset with LBMIE or LABIE on */
	PTM_HANGS,		/* unusable after a reset with PTM on */
	NR_BEHAVIOURS
};

struct function;

/**
 * struct host - a host bridge: a root bus, and the window to it
 * @domain: PCI segment
 * @first: the root bus
 * @last: last bus below it
 * @window: enum pciq_window_type, 0 = none reaches it
 * @vmd: the VMD endpoint behind which it is
 * @faults_at: access through the window from which on all fault, 0 = never
 * @accesses: through the window since the crash
 * @remapped: since the crash its pages all show @page
 * @strange: since the crash the page of one of its functions does
 * @page: plain memory, which is somebody else's
 * @by_bus: functions of each bus, 256 each; NULL if it has none
 * @bus: as the healthy kernel has it, by bus number
 * @bridge: likewise
 */
struct host {
	u32 domain;
	u8 first;
	u8 last;
	u8 window;
	struct function *vmd;
	u32 faults_at;
	u32 accesses;
	bool remapped;
	bool strange;
	u8 page[4096];
	struct function **by_bus[256];
	struct pci_bus bus[256];
	struct pci_host_bridge bridge;
};

/**
 * struct link - the secondary side of a bridge
 * @train_ns: from the end of a reset until it is up
 * @up_at: it carries from then on; NEVER while it is in reset
 * @asserted_at: when Secondary Bus Reset was set, 0 if it is not
 * @released_at: when its last reset ended, 0 if there was none
 * @down: surprise-down
 * @blocked: bandwidth notifications kept it from training
 */
struct link {
	u64 train_ns;
	u64 up_at;
	u64 asserted_at;
	u64 released_at;
	bool down;
	bool blocked;
};

/**
 * struct function - one PCI function
 * @host: host bridge above
 * @parent: bridge above, NULL on a root bus; of a VF that of its PF
 * @pf: of a VF
 * @child: first function below a bridge; VFs hang from their PF
 * @sibling: next function with the same @parent, or next VF
 * @vf: first VF of a PF
 * @index: in the list of all functions
 * @bus: bus number
 * @devfn: device << 3 | function, or the ARI function number
 * @type: Device/Port Type, or CONVENTIONAL
 * @bridge: header type 1 or 2
 * @header: header type
 * @fast: a port that can do more than 5 GT/s, and reports Link Active
 * @no_intx_disable: from before PCI 2.3
 * @class: class code
 * @vendor: as the kernel knows it: a VF's reads as all ones
 * @device: likewise
 * @pcie: offset of the PCI Express capability; 0 = none, as with all below
 * @pcie_version: of that capability
 * @pcix: PCI-X
 * @aer: Advanced Error Reporting
 * @dpc: Downstream Port Containment
 * @sriov: Single Root I/O Virtualization
 * @pm: Power Management
 * @msi: Message Signaled Interrupts
 * @msix: likewise, Extended
 * @af: Advanced Features
 * @ptm: Precision Time Measurement
 * @dvsec: Designated Vendor-Specific, of CXL
 * @dev_flags: PCI_DEV_FLAGS_*
 * @d3cold_delay: milliseconds, from firmware
 * @driver: a driver is bound to it
 * @made_master: and has called pci_set_master()
 * @needs_bme: and never does, but uses what firmware has enabled
 * @user_driver: user space sets Bus Master Enable
 * @idle: Bus Master Enable may be set, but nothing in it masters
 * @uses_intx: has a pin, and no MSI in use
 * @intx_broken: INTx Disable has no effect
 * @cache: caches host memory over CXL.cache, which no register here governs
 * @being_reset: during the capture: registers are those after a reset
 * @was_in_reset: it was so at one of the captures
 * @moved: its addresses have changed since the capture
 * @unfound: the healthy kernel does not know it yet
 * @uncaptured: it came too late for the image in use
 * @asleep: in D3cold
 * @own_power: since before the capture, by power resources of its own
 * @offline: answered all ones when captured
 * @is_short: nobody knows whether it has extended config space
 * @excluded: by class or exclude=: never to be touched
 * @spared: not to be written, and counted: firmware, or another machine, masters
 * @named: named by exclude=
 * @noreset: named by noreset=
 * @named_reset: named by reset=
 * @remapped: since the crash its page of the window shows that of the host
 * @now: config space
 * @before: the same at the crash
 * @initial: the same after a reset
 * @writable: bits that a write changes
 * @rw1c: bits that a write of 1 clears
 * @sticky: bits that a reset leaves
 * @link: of a bridge
 * @set: 1 << enum behaviour
 * @at: access at which one of those begins that begin late, from 1
 * @us: DRAINS_LATE, HANGS: how long
 * @ms: BACK_LATE, RETRIES, LINK_SLOW: how long
 * @lie: what LIES_ONCE says: ~0, or what is xored
 * @boot_ns: from Link Active, or from FLR, until it answers
 * @ready_at: it answers from then on; NEVER while in reset
 * @rrs_until: until then it answers with RRS
 * @flr_at: when its last FLR began, 0 = none
 * @pending_until: Transaction Pending is set until then
 * @in_flight_until: posted writes from here upwards are under way until then
 * @active: masters as soon as it may
 * @dead: answers all ones
 * @gone: a VF whose PF was reset
 * @lost: reset by an event that the engine has nothing to do with
 * @interrupted: an oops came while it was being accessed
 * @accesses: since the crash, of the engine
 * @reads: those of them that were reads
 * @resets: since the crash, through a link
 * @flrs: since the crash, alone
 * @gated: BME-off was written
 * @asserts: of a port: writes that set Secondary Bus Reset
 * @flr_writes: writes that set Initiate FLR and did not fault
 * @silent: a read returned all ones, or an access faulted
 * @trouble: the engine was shown a reason to reset it
 * @lied: a lie other than all ones was told
 * @hid: a lie hid that it masters
 * @worked: at the panic it was usable
 * @refused: BME was written 0, and read 1
 * @stopped: it was awake, and a read was not answered
 * @unseen: it has not answered since a reset was written
 * @hung: it answers config requests, and its registers hang
 * @odd_events: of a port: events in Slot Status that no reset of ours made
 * @healthy_reads: of the kernel, before the crash
 * @told: what the record says
 * @dev: as the healthy kernel has it
 */
struct function {
	struct host *host;
	struct function *parent;
	struct function *pf;
	struct function *child;
	struct function *sibling;
	struct function *vf;
	u32 index;
	u8 bus;
	u8 devfn;
	u8 type;
	u8 header;
	bool bridge;
	bool fast;
	bool no_intx_disable;
	u32 class;
	u16 vendor;
	u16 device;
	u16 pcie;
	u16 pcie_version;
	u16 pcix;
	u16 aer;
	u16 dpc;
	u16 sriov;
	u16 dvsec;
	u16 pm;
	u16 msi;
	u16 msix;
	u16 af;
	u16 ptm;
	u16 dev_flags;
	u16 d3cold_delay;
	bool driver;
	bool made_master;
	bool needs_bme;
	bool user_driver;
	bool idle;
	bool uses_intx;
	bool intx_broken;
	bool cache;
	bool being_reset;
	bool was_in_reset;
	bool moved;
	bool unfound;
	bool uncaptured;
	bool asleep;
	bool own_power;
	bool offline;
	bool is_short;
	bool excluded;
	bool spared;
	bool named;
	bool noreset;
	bool named_reset;
	bool remapped;

	u8 now[SPACE];
	u8 before[SPACE];
	u8 initial[SPACE];
	u8 writable[SPACE];
	u8 rw1c[SPACE];
	u8 sticky[SPACE];

	struct link link;

	u32 set;
	u32 at;
	u32 us;
	u32 ms;
	u32 lie;

	u64 boot_ns;
	u64 ready_at;
	u64 rrs_until;
	u64 flr_at;
	u64 pending_until;
	u64 in_flight_until;
	bool active;
	bool dead;
	bool gone;
	bool lost;
	bool interrupted;

	u32 accesses;
	u32 reads;
	u32 resets;
	u32 flrs;
	u32 asserts;
	u32 flr_writes;
	bool gated;
	bool silent;
	bool trouble;
	bool lied;
	bool hid;
	bool worked;
	bool refused;
	bool stopped;
	bool unseen;
	bool hung;
	bool odd_events;

	u32 healthy_reads;
	const struct pciq_entry *told;
	struct pci_dev dev;
};

/**
 * struct fabric - a machine
 * @random: for whatever happens by chance
 * @functions: all, in the order in which a kernel would find them
 * @nr: that many
 * @room: for that many there is memory, kept from machine to machine
 * @hosts: host bridges
 * @nr_hosts: that many
 * @now: simulated time in ns
 * @tsc_khz: what the TSC really does
 * @access_ns: one config access
 * @relax_ns: one pciq_arch_relax()
 * @delay_ns: a posted write may be under way for so long
 * @crashed: the engine is at work: behaviours and invariants apply
 * @raw: and no image can be believed: functions are looked for
 * @policy: in force
 * @headers_good: saved headers can be believed
 * @strict_time: the TSC frequency is known, so waits have to be right
 * @slowness: all waits are so much longer, as the frequency is not known
 * @escaped: so often an oops took the engine out
 * @busy_with: the function that is being accessed
 * @source: enum pciq_source that is right
 * @events: accesses, probes and waits since the crash
 * @escape_at: the event that is an oops, 0 = none
 * @escape_after: the access has its effect
 * @escape: where to
 * @machine_check: it is one, and no oops
 * @mcip: the panic is one
 * @reads: config reads of the engine
 * @writes: likewise
 * @faults: those that faulted
 * @unanswered: those that returned all ones
 * @start: simulated time of the crash
 * @deadline: by when to be done
 * @late_accesses: begun after that
 * @late_releases: of those, to ports whose link is in reset
 * @first_assert: when the first link was reset, 0 = none
 * @last_release: when the last one was released
 * @end_of_time: nothing may take that long
 * @give_up: where to then
 * @sleep_hangs: a config request to what has no power is never completed
 * @vmd_gates: BME of a VMD endpoint governs what is behind it
 * @found: a bit for each enum finding
 * @trace: print each access
 * @broken: how often an invariant was violated
 * @complaint: the first time
 */
struct fabric {
	struct random random;
	struct function **functions;
	u32 nr;
	u32 room;
	struct host *hosts[MAX_HOSTS];
	u32 nr_hosts;
	u64 now;
	u32 tsc_khz;
	u32 access_ns;
	u32 relax_ns;
	u64 delay_ns;

	bool crashed;
	bool raw;
	unsigned int policy;
	bool headers_good;
	bool strict_time;
	u32 slowness;
	u32 escaped;
	struct function *busy_with;
	u32 source;

	u64 events;
	u64 escape_at;
	bool escape_after;
	jmp_buf *escape;
	bool machine_check;
	bool mcip;
	u32 reads;
	u32 writes;
	u32 faults;
	u32 unanswered;
	u64 start;
	u64 deadline;
	u32 late_accesses;
	u32 late_releases;
	u64 first_assert;
	u64 last_release;
	u64 end_of_time;
	jmp_buf *give_up;

	bool sleep_hangs;
	bool vmd_gates;
	u32 found;

	bool trace;
	u32 broken;
	char complaint[256];
};

/* The one machine there is. */
extern struct fabric fabric;

/* The window is no way to it. */
static inline bool is_out_of_reach(const struct function *f)
{
	return f->host->faults_at || f->host->remapped || f->remapped;
}

static inline bool behaves(const struct function *f, enum behaviour what)
{
	return f->set & 1U << what;
}

/**
 * struct shape - what kind of function to lay out
 * @vendor: vendor ID
 * @device: device ID
 * @class: class code
 * @type: Device/Port Type, or CONVENTIONAL
 * @pcie_version: of the capability, 0 = 2
 * @speed: of a port's link: 1 = 2.5 GT/s, 2 = 5, 3 = 8 ...
 * @pin: interrupt pin
 * @bridge: header type 1
 * @vf: a virtual function
 * @flr: capable of Function Level Reset
 * @af: AF Capabilities, 0 = it has not got that capability
 * @slot: a port with a slot
 * @hotplug: the slot is hotplug-capable
 * @link_active: a port that reports Link Active
 * @no_intx_disable: from before PCI 2.3
 * @pcix: has a PCI-X capability
 * @aer: has Advanced Error Reporting
 * @dpc: has Downstream Port Containment
 * @sriov: has SR-IOV
 * @cxl: has the DVSEC of a CXL device
 * @cxl_cache: and is Cache_Capable
 * @ptm: has Precision Time Measurement
 */
struct shape {
	u16 vendor;
	u16 device;
	u32 class;
	u8 type;
	u8 pcie_version;
	u8 speed;
	u8 pin;
	u8 af;
	bool bridge;
	bool vf;
	bool flr;
	bool slot;
	bool hotplug;
	bool link_active;
	bool no_intx_disable;
	bool pcix;
	bool aer;
	bool dpc;
	bool sriov;
	bool cxl;
	bool cxl_cache;
	bool ptm;
};

/* config.c */
u32 config_get(const u8 *space, u32 reg, unsigned int size);
void config_put(u8 *space, u32 reg, unsigned int size, u32 value);
u32 config_read(const struct function *f, u16 reg, unsigned int size);
void config_write(struct function *f, u16 reg, unsigned int size, u32 value);
void config_reset(struct function *f, bool alone);
bool config_msi_is_on(const struct function *f);
bool config_msix_is_on(const struct function *f);
u16 config_flr_bit(const struct function *f, u16 reg);

/* bits.c */
#define BITS_MAX_CAPS		48
#define BITS_CXL_VENDOR		0x1e98
u16 bits_next_capability(const struct function *f, u16 cap);
void bits_of(struct function *f);
bool bits_has_link(const struct function *f);
bool bits_is_downstream(const struct function *f);

/* layout.c */
void layout_function(struct function *f, const struct shape *shape);

/* link.c */
bool link_is_up(const struct function *port);
bool link_carries(const struct function *port);
bool link_reaches(const struct function *f);
bool link_is_asleep(const struct function *port);
void link_assert(struct function *port);
void link_release(struct function *port);
void link_contain(struct function *port);
void link_recover(struct function *port);
void link_go_down(struct function *port);
void link_flr(struct function *f);

/* dma.c */
bool dma_gate_is_open(const struct function *f);
bool dma_path_is_open(const struct function *f);
bool dma_is_hidden(const struct function *f);
bool dma_masters(const struct function *f);
bool dma_in_flight(const struct function *f);
bool dma_masters_below(const struct function *port);
void dma_leave_in_flight(struct function *f);
void dma_flush(struct function *f);

/* behaviour.c */
enum answer { ANSWERS, IS_SILENT, DOES_FAULT };
extern const char *const behaviour_names[NR_BEHAVIOURS];
void behaviour_begin(struct function *f);
bool behaviour_is_mute(const struct function *f);
enum answer behaviour_on_access(struct function *f, bool write);
u32 behaviour_on_read(struct function *f, u16 reg, unsigned int size,
		      u32 value);

/* arch.c */
u64 arch_cookie(const struct host *host);
void arch_pass(u64 ns);

/* build.c */
void build_reset(u64 seed);
struct host *build_host(u32 domain, u8 first, u8 last, u8 window, bool native);
struct function *build_blank(struct host *host, struct function *parent, u8 bus,
			     u8 devfn);
void build_times(struct function *f);
struct function *build_function(struct host *host, struct function *parent,
				u8 bus, u8 devfn, const struct shape *shape);
struct function *build_vf(struct function *pf, u8 bus, u8 devfn,
			  const struct shape *shape);
void build_buses(struct function *bridge, u8 secondary, u8 subordinate);
void build_command(struct function *f, u16 set, u16 clear);
void build_healthy(void);
void build_crash(void);
struct function *build_find(u32 domain, u8 bus, u8 devfn);

/* topology.c */
void topology_random(u32 nr);
void topology_sleep_below(struct function *port);
void topology_wake_below(struct function *port);
void topology_note_offline(void);

/* pci.c */
void pci_attach(struct function *f);
void pci_arrive(struct function *f);
const struct pciq_func *
pci_captured(const struct pciq_snapshot *image, const struct function *f);

/* memory.c */
void *memory_writable(const void *mapped);
void memory_hide(const void *page);
bool memory_readable(const void *address);
void memory_fail_at(u32 allocation);
u32 memory_in_use(void);
void memory_keep(void);

/* watch.c */
void broken(const struct function *f, const char *format, ...)
	__printf(2, 3);
const char *function_name(const struct function *f);
void watch_access(struct function *f, u16 reg, unsigned int size, bool write,
		  u32 value);
void watch_stored(struct function *f, u16 reg, u32 value);
void watch_reset(struct function *f, bool alone);
void watch_assert(struct function *port);
void watch_release(struct function *port);
void watch_close(const struct function *port);
bool is_excluded_class(u32 class);
bool is_left_alone(const struct function *f);
bool is_vmd_endpoint(const struct function *f);
bool may_need_bme(const struct function *f);
bool is_own_sleeper(const struct function *f);
bool is_protected(const struct function *f);
bool is_restored(const struct function *f, u16 reg);
bool was_reset(const struct function *f);

/* verify.c */
bool is_out_of_hand(const struct function *port);
u32 nr_uncaptured(void);
bool ignores_reset(const struct function *f);
bool shows_reset(const struct function *f);
void verify_run(const struct pciq_run *run);

/* oracle.c */
enum finding {
	MASTERS,		/* clean, and it can write memory */
	MASTERS_CLASS,		/* likewise, of a class that is said to have no masters */
	MASTERS_BEHIND_VMD,	/* likewise, in the segment of a VMD */
	MASTERS_UNWRITTEN,	/* likewise, and nothing was written at all */
	INTERRUPTS,		/* clean, and it can assert INTx */
	PORT_INTERRUPTS,	/* clean, and a port can interrupt */
	LOSES_BME,		/* its driver will never set BME again */
	LOSES_ADDRESS,		/* decode, BARs, windows or bus numbers are not what they were */
	LOSES_LINK,		/* it does not answer any more */
	LOSES_LINK_TO_DPC,	/* likewise, as DPC that firmware owns contains the port */
	LOSES_LINK_TRAINING,	/* likewise, as bandwidth notifications were on */
	LOSES_REGISTERS,	/* it answers config requests, and hangs otherwise */
	UNDUE_RESET,		/* reset, and nothing called for it */
	UNDUE_RESET_PENDING,	/* likewise, but Transaction Pending is set */
	UNDUE_RESET_STOPPED,	/* likewise, but something does not answer */
	UNDUE_RESET_ASLEEP,	/* likewise, as it has no power */
	UNDUE_CLOSE,		/* a port closed, likewise */
	SLEEP_READ,		/* a request to what has no power: here it hangs */
	NR_FINDINGS
};

extern const char *const finding_names[NR_FINDINGS];
bool is_known_sleeper(const struct function *f);
void oracle_begin(void);
bool oracle_port_can_interrupt(const struct function *port);
void oracle_answer(struct function *f, u16 reg, unsigned int size, u32 value);
void oracle_fault(struct function *f);
void oracle_sleeper(const struct function *f);
void oracle_reset(struct function *f);
void oracle_close(const struct function *port);
void oracle_judge(const struct pciq_record *head);

/* after.c */
void verify_config(void);

/* promise.c */
bool ended_in_time(void);
bool something_hangs(void);
void verify_promises(const struct pciq_record *head);

#endif /* FABRIC_H */

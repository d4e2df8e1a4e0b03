// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariants of a whole run: is what the record says true?
 */
#include "fabric.h"

/* The tool has its own. */
#undef ARRAY_SIZE
#include "record.h"

/* Lost in a reset; if it was not set, nothing shows that there was none. */
#define DECODE	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY)

static const struct pciq_entry *entries;

/* === The fabric === */

/**
 * is_out_of_hand() - whether the engine has no means to end a reset
 * @port: of the link below this port
 *
 * Return: true if so.
 */
bool is_out_of_hand(const struct function *port)
{
	return behaves(port, KEEPS_SBR) || behaves(port, FAULTS) ||
	       behaves(port, MUTE) || is_out_of_reach(port) ||
	       !link_reaches(port);
}

static void verify_no_reset_left(void)
{
	u32 i;

	for (i = 0; i < fabric.nr; i++) {
		const struct function *f = fabric.functions[i];

		if (f->bridge && f->asserts && !is_out_of_hand(f) &&
		    f->now[PCI_BRIDGE_CONTROL] & PCI_BRIDGE_CTL_BUS_RESET)
			broken(f, "its link is left in reset");
	}
}

static bool lies(const struct function *f)
{
	return behaves(f, LIES_ABOUT_BME) || f->hid;
}

/*
 * Nobody can tell: a function that says its gate is closed, or a port that
 * does; one that was without power when captured and is mute now; and what it
 * is, if it could not be read then.
 */
static bool cannot_be_known(const struct function *f)
{
	const struct function *port;

	if (lies(f) || (f->offline && f->silent) || dma_is_hidden(f))
		return true;
	for (port = f->parent; port; port = port->parent)
		if (lies(port))
			return true;
	return false;
}

static void verify_quiet(const struct pciq_record *record)
{
	u32 i;

	if (record->verdict != PCIQ_CLEAN &&
	    record->verdict != PCIQ_CONTAINED)
		return;
	for (i = 0; i < fabric.nr; i++) {
		const struct function *f = fabric.functions[i];

		if (f->named)
			broken(f, "excluded, so the verdict is not %u",
			       record->verdict);
		if (dma_masters(f) && !cannot_be_known(f))
			broken(f, "masters, and the verdict is %u",
			       record->verdict);
		if (dma_in_flight(f) && !cannot_be_known(f))
			broken(f, "writes are still in the fabric, and the verdict is %u",
			       record->verdict);
	}
}

/* === The record === */

static void verify_form(const struct pciq_run *run)
{
	const struct pciq_record *head = run->record;
	struct complaint why = { "" };
	struct record record;
	unsigned int step;

	if (!record_parse(&record, head, head->total_bytes, &why))
		broken(NULL, "the tool refuses the record: %s", why.text);
	else if (!record.checksum_ok && fabric.escaped < 2)
		broken(NULL, "the checksum of the record is wrong");
	if (head->policy != fabric.policy && fabric.escaped < 2)
		broken(NULL, "policy %u in the record, not %u", head->policy,
		       fabric.policy);
	for (step = 1; step < PCIQ_NR_STEPS; step++)
		if (head->tsc[step] && head->tsc[step] < head->tsc[step - 1])
			broken(NULL, "step %u begins before the one before it",
			       step);
	/* An oops while it was being told leaves what there was until then. */
	if (!head->tsc[PCIQ_STEP_DONE] && fabric.escaped < 2)
		broken(NULL, "the record does not say when it was done");
}

static void verify_counts(const struct pciq_record *head)
{
	u32 counts[PCIQ_NR_OUTCOMES] = { 0 };
	u32 links = 0, flrs = 0, contained = 0, i;
	bool all_seen = !fabric.faults;

	if (fabric.escaped > 1)
		return;
	for (i = 0; i < head->nr_entries; i++) {
		counts[entries[i].outcome % PCIQ_NR_OUTCOMES]++;
		contained += !!(entries[i].done & PCIQ_DID_CONTAIN);
	}
	if (memcmp(counts, head->counts, sizeof(counts)))
		broken(NULL, "the counts do not add up");
	if (head->ports_contained != contained)
		broken(NULL, "%u ports contained, and %u say so",
		       head->ports_contained, contained);
	for (i = 0; i < fabric.nr; i++) {
		links += fabric.functions[i]->asserts > 0;
		flrs += fabric.functions[i]->flr_writes;
	}
	if (fabric.escaped)
		return;
	if (head->reads != fabric.reads || head->writes != fabric.writes ||
	    head->faults != fabric.faults)
		broken(NULL, "%u reads, %u writes, %u faults, and %u, %u, %u in the record",
		       fabric.reads, fabric.writes, fabric.faults, head->reads,
		       head->writes, head->faults);
	if (head->unanswered != fabric.unanswered)
		broken(NULL, "%u reads returned all ones, and %u in the record",
		       fabric.unanswered, head->unanswered);
	if (all_seen && (head->links_reset != links ||
			 head->functions_reset != flrs))
		broken(NULL, "%u links and %u functions reset, and %u, %u in the record",
		       links, flrs, head->links_reset, head->functions_reset);
}

/* === Entries === */

static bool is_told_quiet(const struct pciq_entry *entry)
{
	return entry->outcome == PCIQ_QUIET ||
	       entry->outcome == PCIQ_ALREADY_QUIET ||
	       entry->outcome == PCIQ_WAS_RESET;
}

static void verify_told_quiet(const struct function *f,
			      const struct pciq_entry *entry)
{
	if (f->active && !f->gone && !f->dead && dma_gate_is_open(f) &&
	    !cannot_be_known(f))
		broken(f, "told quiet (%u), and its gate is open",
		       entry->outcome);
	if (entry->outcome == PCIQ_QUIET && !f->gated)
		broken(f, "told quiet, and was never gated");
	if (entry->outcome == PCIQ_ALREADY_QUIET && f->gated &&
	    !was_reset(f))
		broken(f, "told already quiet, and was written");
}

/**
 * ignores_reset() - whether a reset written for a function has no effect
 * @f: the function
 *
 * Return: true if so.
 */
bool ignores_reset(const struct function *f)
{
	const struct function *port;

	if (behaves(f, IGNORES_FLR) || (f->pf && behaves(f->pf, IGNORES_FLR)))
		return true;
	for (port = f->parent; port; port = port->parent)
		if (behaves(port, IGNORES_SBR))
			return true;
	return false;
}

/**
 * shows_reset() - whether a register shows that there was no reset
 * @f: the function
 *
 * Return: true if it has an address that would be lost.
 */
bool shows_reset(const struct function *f)
{
	u32 reg;

	for (reg = PCI_BASE_ADDRESS_0; reg <= PCI_BASE_ADDRESS_5; reg += 4)
		if (config_get(f->before, reg, 4) & ~0xfU)
			return true;
	return f->bridge;
}

static void verify_told_reset(const struct function *f,
			      const struct pciq_entry *entry)
{
	/* Of a VF's own FLR only BME would show, which is off already. */
	if (!was_reset(f) && !ignores_reset(f) && !f->lied && shows_reset(f) &&
	    config_get(f->before, PCI_COMMAND, 2) & DECODE && !f->silent)
		broken(f, "told to have been reset (%u), and was not",
		       entry->outcome);
}

static bool is_contained(const struct function *f)
{
	const struct function *port;

	for (port = f->parent; port; port = port->parent)
		if (port->told &&
		    port->told->done & PCIQ_DID_CONTAIN &&
		    (!dma_gate_is_open(port) || lies(port)))
			return true;
	return false;
}

static void verify_refused(const struct function *f,
			   const struct pciq_entry *entry)
{
	bool master = f->now[PCI_COMMAND] & PCI_COMMAND_MASTER;

	switch (entry->reason) {
	case PCIQ_BY_BME:
		if (!master && !f->lied && !was_reset(f) && !f->silent)
			broken(f, "told to refuse, and its BME is off");
		break;
	case PCIQ_BY_INTX:
		if (!f->lied && !(fabric.raw && f->silent) &&
		    (!(f->driver || fabric.raw) ||
		     !f->initial[PCI_INTERRUPT_PIN]))
			broken(f, "told to interrupt, and has nothing to do it with");
		break;
	case PCIQ_BY_CACHE:
		if (!f->cache)
			broken(f, "told to cache, and cannot");
		break;
	case PCIQ_BY_NO_RESPONSE:
		if (!f->silent)
			broken(f, "told to vanish, and always answered");
		break;
	case PCIQ_BY_NOT_READY:
		if (!(entry->done & PCIQ_DID_RESET))
			broken(f, "told silent after a reset that never was");
		break;
	case PCIQ_BY_BRIDGE:
		if (!f->bridge)
			broken(f, "told to be a bridge");
		break;
	case PCIQ_BY_DEADLINE:
		if (ended_in_time())
			broken(f, "told late, and there was time");
		break;
	default:
		broken(f, "refuses for reason %u", entry->reason);
	}
}

/* Such a port is not asked. */
static bool is_below_silent(const struct function *f)
{
	for (f = f->parent; f; f = f->parent)
		if (f->silent)
			return true;
	return false;
}

/**
 * may_need_bme() - whether firmware may have made a function a master
 * @f: the function
 *
 * Return: true if it could not be read when the snapshot was taken.
 */
bool may_need_bme(const struct function *f)
{
	return (f->class >> 16 == 1 || f->class >> 8 == 0x0805) &&
	       (f->offline || f->was_in_reset);
}

static void verify_untouched(const struct function *f,
			     const struct pciq_entry *entry)
{
	if (f->gated && !f->bridge)
		broken(f, "told untouched (%u), and was gated", entry->reason);
	switch (entry->reason) {
	case PCIQ_BY_DEADLINE:
		if (ended_in_time() && !fabric.escaped)
			broken(f, "told late, and there was time");
		break;
	case PCIQ_BY_BRIDGE:
		if (!f->bridge)
			broken(f, "told to be a bridge");
		break;
	case PCIQ_BY_POWER:
		if (!is_own_sleeper(f))
			broken(f, "told to have had no power, and had");
		break;
	case PCIQ_BY_INTX:
		if (!f->driver || !is_left_alone(f))
			broken(f, "told to be left alone and interrupt");
		break;
	case PCIQ_BY_FIRMWARE:
		if (!f->needs_bme && !may_need_bme(f))
			broken(f, "told to need what firmware has set");
		break;
	case PCIQ_BY_PEER:
		if (!f->spared || f->needs_bme)
			broken(f, "told to have a peer");
		break;
	case PCIQ_BY_IDENTITY:
		if (!is_out_of_reach(f) && !f->lied && !f->host->strange)
			broken(f, "told to be another, and is not");
		break;
	case PCIQ_BY_WINDOW:
		if (f->host->window && !is_out_of_reach(f) && !f->silent &&
		    !f->host->strange && !(f->bridge && is_below_silent(f)))
			broken(f, "told out of reach, and was not");
		break;
	default:
		broken(f, "untouched for reason %u", entry->reason);
	}
}

static bool is_below_liar(const struct function *f)
{
	for (f = f->parent; f; f = f->parent)
		if (f->lied)
			return true;
	return false;
}

/* A walk of the windows knows nothing of before. */
static bool was_offline(const struct function *f)
{
	return f->offline && !fabric.raw;
}

static void verify_absent(const struct function *f,
			  const struct pciq_entry *entry)
{
	bool known = entry->reason == PCIQ_BY_PLAN;

	if (entry->reason == PCIQ_BY_POWER) {
		if (!f->asleep && !f->lied && !is_below_liar(f))
			broken(f, "told asleep, and is not");
		return;
	}
	if (!f->silent && !(fabric.raw && f->lied))
		broken(f, "told absent, and answered");
	if (!f->bridge && known != was_offline(f))
		broken(f, "absent for reason %u", entry->reason);
}

/**
 * is_own_sleeper() - whether nothing shows if a function has power
 * @f: the function
 *
 * Return: true if it was in D3cold at capture by itself.
 */
bool is_own_sleeper(const struct function *f)
{
	return f->own_power || (f->pf && f->pf->own_power);
}

static void verify_outcome(const struct function *f,
			   const struct pciq_entry *entry)
{
	bool excluded = entry->outcome == PCIQ_EXCLUDED;
	bool by_class = entry->reason == PCIQ_BY_CLASS;

	/* Left alone as well, but counted. */
	if (entry->outcome == PCIQ_UNTOUCHED &&
	    entry->reason == PCIQ_BY_INTX)
		excluded = true;
	if (excluded && by_class == f->named && !fabric.raw &&
	    entry->reason != PCIQ_BY_INTX)
		broken(f, "excluded for reason %u", entry->reason);
	/* A walk sees no ID of a VF: any in the list may be its own. */
	if (entry->outcome == PCIQ_EXCLUDED && fabric.raw &&
	    (f->pf || f->silent || f->lied) && pciq_ctl.exclude.nr)
		return;
	if (f->excluded != excluded &&
	    !(fabric.raw && (f->lied || is_excluded_class(f->class))))
		broken(f, "excluded is %u, and the outcome %u", f->excluded,
		       entry->outcome);
	if (is_told_quiet(entry) && !f->bridge)
		verify_told_quiet(f, entry);
	switch (entry->outcome) {
	case PCIQ_WAS_CONTAINED:
		if (entry->done & PCIQ_DID_CONTAIN ?
			    dma_gate_is_open(f) && !lies(f) :
			    !is_contained(f))
			broken(f, "told contained, and is not");
		break;
	case PCIQ_REFUSED:
		verify_refused(f, entry);
		break;
	case PCIQ_ABSENT:
		verify_absent(f, entry);
		break;
	case PCIQ_UNTOUCHED:
		verify_untouched(f, entry);
		break;
	}
}

static void verify_command(const struct function *f,
			   const struct pciq_entry *entry)
{
	u16 before = config_get(f->before, PCI_COMMAND, 2);
	u16 now = config_get(f->now, PCI_COMMAND, 2);

	if (f->bridge || f->lied || f->lost || f->excluded || f->silent)
		return;
	if (entry->command_before != 0xffff && entry->command_before != before)
		broken(f, "Command was %04x, and %04x is told", before,
		       entry->command_before);
	if (is_told_quiet(entry) && entry->command_after != 0xffff &&
	    !f->pf && !fabric.escaped && entry->command_after != now)
		broken(f, "Command is %04x, and %04x is told", now,
		       entry->command_after);
}

static void verify_done(const struct function *f,
			const struct pciq_entry *entry)
{
	bool told_reset = entry->done & PCIQ_DID_RESET;

	if (entry->done & PCIQ_DID_DISABLE && !f->gated &&
	    !is_out_of_reach(f))
		broken(f, "told gated, and was not written");
	/* What is not ready may have been written in order to restore it. */
	if (f->gated && !f->bridge && !was_reset(f) && !fabric.escaped &&
	    !(entry->done & (PCIQ_DID_DISABLE | PCIQ_DID_RESET |
			     PCIQ_DID_RESTORE)))
		broken(f, "was gated, and that is not told");
	if (!!(entry->done & PCIQ_DID_ASSERT) != !!f->asserts &&
	    !is_out_of_reach(f) && !fabric.escaped)
		broken(f, "asserted %u times, told %u", f->asserts,
		       !!(entry->done & PCIQ_DID_ASSERT));
	if (!!(entry->done & PCIQ_DID_FLR) != !!f->flr_writes &&
	    !is_out_of_reach(f) && !fabric.escaped && !fabric.faults)
		broken(f, "FLR %u times, told %u", f->flr_writes,
		       !!(entry->done & PCIQ_DID_FLR));
	/* Of what was never heard of again nobody knows. */
	if (told_reset && entry->outcome == PCIQ_WAS_RESET)
		verify_told_reset(f, entry);
	if (!told_reset && was_reset(f) && !f->lost && !f->lied &&
	    !fabric.escaped)
		broken(f, "was reset, and that is not told");
	if (!told_reset && entry->ready_us)
		broken(f, "told to be back from nowhere");
	if (fabric.strict_time &&
	    entry->ready_us > (fabric.now - fabric.start) / NS_PER_US + 1)
		broken(f, "told to be back after %u us", entry->ready_us);
}

/**
 * nr_uncaptured() - how many functions the image in use does not know
 *
 * Return: that many.
 */
u32 nr_uncaptured(void)
{
	u32 i, nr = 0;

	for (i = 0; i < fabric.nr; i++)
		nr += fabric.functions[i]->uncaptured;
	return nr;
}

static bool has_reason(const struct function *f, u8 why)
{
	switch (why) {
	case PCIQ_NOT_DISPLAY:
		return f->class >> 16 == PCI_BASE_CLASS_DISPLAY;
	case PCIQ_NOT_CXL:
		return f->dvsec || f->class >> 8 == 0x0502;
	case PCIQ_NOT_QUIRK:
		return f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET;
	case PCIQ_NOT_USER:
		return f->noreset;
	case PCIQ_NOT_EXCLUDED:
		return f->excluded || f->spared || may_need_bme(f);
	case PCIQ_NOT_VMD:
		return is_vmd_endpoint(f);
	case PCIQ_NOT_STORAGE:
		return f->class >> 8 == 0x0104 || f->class >> 8 == 0x0107;
	case PCIQ_NOT_HELD:
		return f->bridge && config_get(f->before, PCI_BRIDGE_CONTROL,
					       2) & PCI_BRIDGE_CTL_BUS_RESET;
	case PCIQ_NOT_SAVED:
		return f->offline || f->was_in_reset || !f->host->window;
	case PCIQ_NOT_BELOW:
		return !f->parent;
	case PCIQ_NOT_FLR:
		return !f->parent;
	}
	return false;
}

static bool has_reason_below(const struct function *f, u8 why)
{
	const struct function *child, *vf;

	if (has_reason(f, why))
		return true;
	for (vf = f->vf; vf; vf = vf->sibling)
		if (has_reason(vf, why))
			return true;
	for (child = f->child; child; child = child->sibling)
		if (has_reason_below(child, why))
			return true;
	return false;
}

static void verify_forbidden(const struct function *f,
			     const struct pciq_entry *entry)
{
	u8 why = entry->no_reset;

	u16 resets = PCIQ_DID_RESET | PCIQ_DID_ASSERT |
		     PCIQ_DID_FLR;

	/* Written, and found to have had no effect. */
	if (why == PCIQ_NOT_TAKEN)
		resets = PCIQ_DID_RESET;
	if (why && entry->done & resets)
		broken(f, "reset, and that was forbidden: %u", why);
	switch (why) {
	case PCIQ_MAY_RESET:
	case PCIQ_NOT_TAKEN:
	case PCIQ_NOT_FIRMWARE:
	case PCIQ_NOT_CURRENT:
		return;
	case PCIQ_NOT_TIME:		/* promise.c */
		return;
	case PCIQ_NOT_HELD:
		if (f->lied || is_below_liar(f))
			return;
		break;
	case PCIQ_NOT_SAVED:
		if (fabric.raw || nr_uncaptured())
			return;
	}
	if (!has_reason_below(f->parent ?: f, why) &&
	    !(f->pf && has_reason_below(f->pf, why)))
		broken(f, "forbidden for reason %u, which there is not", why);
}

static void find_entries(const struct pciq_record *head)
{
	u32 i;

	entries = (const void *)(head + 1);
	for (i = 0; i < head->nr_entries; i++) {
		struct function *f = build_find(entries[i].domain,
						entries[i].bus,
						entries[i].devfn);

		if (f && f->told)
			broken(f, "two entries");
		if (f)
			f->told = &entries[i];
	}
}

static void verify_entries(const struct pciq_record *head)
{
	u32 known = fabric.nr - nr_uncaptured(), i;

	if (!fabric.raw && head->nr_entries && head->nr_entries != known)
		broken(NULL, "%u functions, and %u entries", known,
		       head->nr_entries);
	for (i = 0; i < head->nr_entries; i++) {
		const struct pciq_entry *entry = &entries[i];
		struct function *f = build_find(entry->domain, entry->bus,
						entry->devfn);

		if (!f) {
			broken(NULL, "an entry for %04x:%02x:%02x, which is not there",
			       entry->domain, entry->bus, entry->devfn);
			continue;
		}
		/* What was found by looking, may not have said. */
		if (!(fabric.raw && (f->silent || f->lied)) &&
		    (f->bridge != !!(entry->flags & PCIQ_F_BRIDGE) ||
		     (!fabric.raw &&
		      !f->pf == !!(entry->flags & PCIQ_F_VF))))
			broken(f, "flags %x are wrong", entry->flags);
		verify_command(f, entry);
		verify_forbidden(f, entry);
		/* After an oops a record is what was true on the way. */
		if (fabric.escaped)
			continue;
		verify_outcome(f, entry);
		verify_done(f, entry);
	}
}

/* === Verdict === */

static bool in_scope(const struct pciq_entry *entry)
{
	/* Whatever the operator excluded: what it does nobody knows. */
	if (entry->outcome == PCIQ_EXCLUDED)
		return entry->reason == PCIQ_BY_USER;
	if (entry->outcome == PCIQ_ABSENT)
		return entry->reason == PCIQ_BY_NO_RESPONSE;
	/* A port whose interrupts are off; as it said itself, in a walk. */
	if (entry->flags & PCIQ_F_BRIDGE)
		return entry->reason != PCIQ_BY_BRIDGE;
	return true;
}

static void verify_verdict(const struct pciq_record *head)
{
	u32 quiet = 0, contained = 0, total = 0, i;
	u8 expected;

	for (i = 0; i < head->nr_entries; i++) {
		const struct pciq_entry *entry = &entries[i];
		const struct function *f = build_find(entry->domain, entry->bus,
						      entry->devfn);

		if (!f || !in_scope(entry))
			continue;
		total++;
		quiet += is_told_quiet(entry);
		contained += entry->outcome == PCIQ_WAS_CONTAINED;
	}
	expected = quiet + contained != total || fabric.raw ||
		   nr_uncaptured() || fabric.faults ?
			   PCIQ_PARTIAL :
		   contained ? PCIQ_CONTAINED : PCIQ_CLEAN;
	if (fabric.escaped)
		expected = PCIQ_ABORTED;
	if (head->verdict == PCIQ_SKIPPED && !fabric.escaped) {
		if (quiet)
			broken(NULL, "skipped, and %u are quiet", quiet);
		return;
	}
	if (head->verdict != expected)
		broken(NULL, "verdict %u, not %u: %u quiet, %u contained of %u",
		       head->verdict, expected, quiet, contained, total);
	if (fabric.escaped)
		return;
	if (head->incomplete != !!nr_uncaptured() && !fabric.raw)
		broken(NULL, "incomplete is %u", head->incomplete);
	if (head->quiet != quiet || head->total != total)
		broken(NULL, "%u of %u quiet, and the record says %u of %u",
		       quiet, total, head->quiet, head->total);
}

static void verify_source(const struct pciq_record *head)
{
	if (fabric.escaped || head->source == fabric.source)
		return;
	/* Reading an image takes time that there may not be. */
	if (ended_in_time())
		broken(NULL, "image from source %u, not %u", head->source,
		       fabric.source);
}

/**
 * verify_run() - hold a run against the machine it was on
 * @run: the run
 */
void verify_run(const struct pciq_run *run)
{
	const struct pciq_record *head = run->record;

	find_entries(head);
	verify_no_reset_left();
	verify_form(run);
	verify_source(head);
	verify_counts(head);
	verify_quiet(head);
	verify_entries(head);
	verify_verdict(head);
	verify_config();
	verify_promises(head);
	oracle_judge(head);
}

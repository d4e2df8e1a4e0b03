// SPDX-License-Identifier: GPL-2.0-only
/* The plan as a tree, drawn the way lspci draws one, a line per function. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/show-plan.h"
#include "draw/term.h"
#include "explain/means.h"
#include "explain/pcinames.h"

#define NOBODY		0xffffffffU
#define INDENT_MAX	512	/* deeper functions are drawn flat */

struct node {
	struct function func;
	unsigned int index;	/* in the snapshot */
	unsigned int child;	/* first, in order of addresses */
	unsigned int next;	/* sibling */
	unsigned int highest;	/* bus at or below it */
};

struct tree {
	struct node *nodes;	/* in order of addresses */
	unsigned int *where;	/* snapshot index to node */
	unsigned int nr;
	const struct plan *plan;
};

static int by_address(const void *a, const void *b)
{
	const struct pciq_entry *x = &((const struct node *)a)->func.entry;
	const struct pciq_entry *y = &((const struct node *)b)->func.entry;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->bus != y->bus)
		return x->bus - y->bus;
	return x->devfn - y->devfn;
}

/* From the last to the first, so that each list ends up in order. */
static void link_nodes(struct tree *t)
{
	unsigned int i;
	struct node *up;

	for (i = 0; i < t->nr; i++)
		t->where[t->nodes[i].index] = i;
	for (i = t->nr; i-- > 0;) {
		if (t->nodes[i].func.reset.parent == PCIQ_NONE)
			continue;
		up = &t->nodes[t->where[t->nodes[i].func.reset.parent]];
		t->nodes[i].next = up->child;
		up->child = i;
	}
}

/* In a snapshot children come first: theirs are known by then. */
static void find_highest(struct tree *t)
{
	struct node *node, *up;
	unsigned int i;

	for (i = 0; i < t->nr; i++) {
		node = &t->nodes[t->where[i]];
		if (node->highest < node->func.entry.bus)
			node->highest = node->func.entry.bus;
		if (node->func.reset.parent == PCIQ_NONE)
			continue;
		up = &t->nodes[t->where[node->func.reset.parent]];
		if (up->highest < node->highest)
			up->highest = node->highest;
	}
}

static bool build(struct tree *t)
{
	const struct snapshot *snap = &t->plan->snap;
	unsigned int i;

	t->nr = snap->nr_funcs;
	t->nodes = calloc(t->nr + 1, sizeof(*t->nodes));
	t->where = calloc(t->nr + 1, sizeof(*t->where));
	if (!t->nodes || !t->where)
		return false;
	for (i = 0; i < t->nr; i++) {
		t->nodes[i].func = snapshot_func(snap, i);
		t->nodes[i].index = i;
		t->nodes[i].child = NOBODY;
		t->nodes[i].next = NOBODY;
	}
	qsort(t->nodes, t->nr, sizeof(*t->nodes), by_address);
	link_nodes(t);
	find_highest(t);
	return true;
}

/* Secondary and subordinate bus of a port, "" for anything else, as lspci has it. */
static void bus_range(const struct tree *t, const struct node *node, char *buf,
		      size_t len)
{
	unsigned int first;

	buf[0] = '\0';
	if (node->child == NOBODY ||
	    !(node->func.entry.flags & PCIQ_F_BRIDGE))
		return;
	first = t->nodes[node->child].func.entry.bus;
	if (first == node->highest)
		snprintf(buf, len, "-[%02x]", first);
	else
		snprintf(buf, len, "-[%02x-%02x]", first, node->highest);
}

static void draw_node(const struct tree *t, const struct node *node)
{
	const struct function *func = &node->func;
	char name[PCI_NAME_LEN], mark[MARK_LEN], note[WHY_LEN], buses[16];
	enum ink colour = func_missed(func) ? INK_WARN : INK_NONE;

	bus_range(t, node, buses, sizeof(buses));
	printf("%02x.%u%s  %s%s%s", func->entry.devfn >> 3, func->entry.devfn & 7, buses,
	       ink(stdout, colour),
	       plan_mark(t->plan, node->index, mark), ink_off(stdout, colour));
	printf("  %s", pci_class_name(func->entry.class_revision >> 8, name));
	printf(": %s", pci_device_name(func->entry.vendor, func->entry.device, name));
	plan_note(t->plan, node->index, note);
	printf(*note ? " (%s)\n" : "%s\n", note);
}

/* The first one goes on where the line is, the others begin with @indent. */
static void draw_children(const struct tree *t, unsigned int child,
			  const char *indent, bool inlined)
{
	char deeper[INDENT_MAX];
	bool last;

	for (; child != NOBODY; child = t->nodes[child].next) {
		last = t->nodes[child].next == NOBODY;
		if (inlined)
			fputs(last ? "--" : "+-", stdout);
		else
			printf("%s%s", indent, last ? "\\-" : "+-");
		inlined = false;
		draw_node(t, &t->nodes[child]);
		if (t->nodes[child].child == NOBODY)
			continue;
		if (strlen(indent) + 8 >= sizeof(deeper)) {
			printf("%s   ... too deep to draw\n", indent);
			continue;
		}
		snprintf(deeper, sizeof(deeper), "%s%s", indent,
			 last ? "    " : "|   ");
		draw_children(t, t->nodes[child].child, deeper, false);
	}
}

static void draw_root_bus(const struct tree *t, unsigned int first)
{
	const struct function *func = &t->nodes[first].func;
	char indent[32];
	int len;

	len = printf("-[%04x:%02x]-", func->entry.domain, func->entry.bus);
	snprintf(indent, sizeof(indent), "%*s", len, "");
	draw_children(t, first, indent, true);
}

static bool same_root(const struct node *a, const struct node *b)
{
	return a->func.entry.domain == b->func.entry.domain &&
	       a->func.entry.bus == b->func.entry.bus;
}

/* Roots are in order of addresses: one drawing for each root bus. */
static void draw_roots(struct tree *t)
{
	unsigned int i, first = NOBODY, prev = NOBODY;

	for (i = 0; i <= t->nr; i++) {
		if (i < t->nr &&
		    t->nodes[i].func.reset.parent != PCIQ_NONE)
			continue;
		if (prev != NOBODY &&
		    (i == t->nr || !same_root(&t->nodes[prev],
					      &t->nodes[i]))) {
			draw_root_bus(t, first);
			first = NOBODY;
		} else if (prev != NOBODY) {
			t->nodes[prev].next = i;
		}
		if (first == NOBODY)
			first = i;
		prev = i;
	}
}

static void explain_marks(const struct plan *plan)
{
	struct tally tally = means_tally(&plan->snap, plan->policy);

	if (plan->policy <= PCIQ_BUSMASTER)
		return;
	puts("disable>X: if it refuses X: its link reset, FLR, contained at a port, nothing");
	if (plan->policy == PCIQ_RESET || tally.by_link ||
	    tally.by_flr)
		puts("reset:X: reset by its link, or by FLR");
	putchar('\n');
}

/**
 * plan_tree() - draw the plan
 * @plan: plan
 *
 * Return: exit code.
 */
int plan_tree(const struct plan *plan)
{
	struct tree t = { .plan = plan };
	int ret = EXIT_GOOD;

	explain_marks(plan);
	if (build(&t))
		draw_roots(&t);
	else
		ret = fail("plan", "out of memory");
	free(t.where);
	free(t.nodes);
	return ret;
}

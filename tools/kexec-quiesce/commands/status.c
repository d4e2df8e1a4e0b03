// SPDX-License-Identifier: GPL-2.0-only
/* kexec-quiesce status: is it armed, and what would be missed. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/fail.h"
#include "base/json.h"
#include "commands/command.h"
#include "draw/term.h"
#include "explain/pcinames.h"
#include "read/live.h"
#include "read/snapshot.h"

#define MODULE_FILE	"kexec_pci_quiesce.ko"

struct status {
	char why_not[192];	/* "" if armed */
	char armed[64];
	char policy[32];
	char generation[24];
	char functions[24];
	char capture_us[24];
	char crash_loaded[8];
	const char *no_snapshot;	/* why there is none, NULL if there is */
	unsigned char *buf;
	struct snapshot snap;
};

static bool says_yes(const char *s)
{
	return !strcmp(s, "1") || !strcmp(s, "Y") || !strcmp(s, "yes");
}

static bool says_no(const char *s)
{
	return !strcmp(s, "0") || !strcmp(s, "N") || !strcmp(s, "no");
}

static void say_why_not(struct status *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(st->why_not, sizeof(st->why_not), fmt, ap);
	va_end(ap);
}

/* Before anything else: without it the module refuses to load. */
static bool lacks_crash_kernel(struct status *st, const char *sysfs)
{
	char size[24];

	if (says_yes(st->crash_loaded))
		return false;
	if (!live_line(sysfs, "kernel/kexec_crash_size", size, sizeof(size)) &&
	    !strcmp(size, "0"))
		say_why_not(st, "no memory for a crash kernel: boot with crashkernel=");
	else
		say_why_not(st, "no crash kernel is loaded: kdump-config load, or kexec -p");
	return true;
}

/* Whoever boots another kernel finds that the module was built for the last. */
static bool not_built(const char *modules)
{
	char path[LIVE_PATH_MAX];
	unsigned char *buf;
	bool missing;
	size_t len;

	live_path(path, modules, "modules.dep");
	missing = !live_load(path, &buf, &len) && len &&
		  !memmem(buf, len, MODULE_FILE, strlen(MODULE_FILE));
	free(buf);
	return missing;
}

static void judge_unloaded(struct status *st, const struct options *opt)
{
	char modules[LIVE_PATH_MAX];
	struct utsname name;

	if (lacks_crash_kernel(st, opt->sysfs))
		return;
	uname(&name);
	live_path(modules, opt->modules, name.release);
	if (not_built(modules))
		say_why_not(st,
			    "not built for kernel %s: install its headers, then dkms autoinstall",
			    name.release);
	else
		say_why_not(st, "not loaded: modprobe kexec_pci_quiesce");
}

/* The first thing that is in the way, as that is what to mend first. */
static void judge(struct status *st, const char *sysfs)
{
	if (!strcmp(st->policy, "off"))
		say_why_not(st, "policy is off: write another into /sys/%s/policy",
			    LIVE_DIR);
	else if (lacks_crash_kernel(st, sysfs) || says_yes(st->armed))
		return;
	else if (says_no(st->armed))
		say_why_not(st, "the kernel says no: its log has the reason");
	else
		say_why_not(st, "%s", *st->armed ? st->armed :
						   "the kernel does not say");
}

static int read_files(struct status *st, const struct options *opt)
{
	const char *sysfs = opt->sysfs;
	char path[LIVE_PATH_MAX];
	int ret;

	ret = live_line(sysfs, "kernel/kexec_crash_loaded", st->crash_loaded,
			sizeof(st->crash_loaded));
	if (ret && ret != -ENOENT) {
		live_path(path, sysfs, "kernel/kexec_crash_loaded");
		return live_explain(path, ret);
	}
	ret = live_line(sysfs, LIVE_DIR "/armed", st->armed,
			sizeof(st->armed));
	if (ret == -ENOENT) {
		judge_unloaded(st, opt);
		return EXIT_GOOD;
	}
	if (ret) {
		live_path(path, sysfs, LIVE_DIR "/armed");
		return live_explain(path, ret);
	}
	live_line(sysfs, LIVE_DIR "/policy", st->policy, sizeof(st->policy));
	live_line(sysfs, LIVE_DIR "/generation", st->generation,
		  sizeof(st->generation));
	live_line(sysfs, LIVE_DIR "/functions", st->functions,
		  sizeof(st->functions));
	live_line(sysfs, LIVE_DIR "/last_capture_us", st->capture_us,
		  sizeof(st->capture_us));
	judge(st, sysfs);
	return EXIT_GOOD;
}

/* Root only, so its absence leaves the rest as it is. */
static void read_snapshot(struct status *st, const char *sysfs)
{
	char path[LIVE_PATH_MAX];
	struct complaint why;
	size_t len;
	int ret;

	live_path(path, sysfs, LIVE_DIR "/snapshot");
	ret = live_load(path, &st->buf, &len);
	if (ret == -EACCES || ret == -EPERM) {
		st->no_snapshot = "only root may read the snapshot";
	} else if (ret) {
		st->no_snapshot = "there is no snapshot";
	} else if (!snapshot_parse(&st->snap, st->buf, len, &why)) {
		st->no_snapshot = "the snapshot is damaged";
		warn(path, "%s", why.text);
	}
}

static void show_missed(const struct status *st)
{
	char address[PCI_ADDRESS_LEN], name[PCI_NAME_LEN];
	struct function func;
	unsigned int i, missed = 0;

	if (st->no_snapshot) {
		printf("Missed:        unknown: %s\n", st->no_snapshot);
		return;
	}
	for (i = 0; i < st->snap.nr_funcs; i++) {
		func = snapshot_func(&st->snap, i);
		if (!func_missed(&func))
			continue;
		if (!missed++)
			puts("Missed:");
		printf("  %s%s %s%s (%s)\n", ink(stdout, INK_WARN),
		       pci_address(func.entry.domain, func.entry.bus,
				   func.entry.devfn, address),
		       pci_class_name(func.entry.class_revision >> 8, name),
		       ink_off(stdout, INK_WARN), func_missed(&func));
	}
	if (!missed)
		puts("Missed:        none");
}

static const char *or_unknown(const char *text)
{
	return *text ? text : "?";
}

static void status_text(const struct status *st)
{
	enum ink colour = *st->why_not ? INK_BAD : INK_GOOD;

	printf("Armed:         %s%s%s", ink(stdout, colour),
	       *st->why_not ? "no" : "yes", ink_off(stdout, colour));
	printf(*st->why_not ? " (%s)\n" : "%s\n", st->why_not);
	printf("Crash kernel:  %s\n",
	       says_yes(st->crash_loaded) ? "loaded" : "not loaded");
	if (!*st->policy)
		return;
	printf("Policy:        %s\n", st->policy);
	printf("Snapshot:      generation %s, %s functions, taken in %s us\n",
	       or_unknown(st->generation), or_unknown(st->functions),
	       or_unknown(st->capture_us));
	show_missed(st);
	pci_names_close();
}

static void put_number(struct json *j, const char *key, const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-')
		json_null(j, key);
	else
		json_uint(j, key, value);
}

static void put_missed(struct json *j, const struct status *st)
{
	char address[PCI_ADDRESS_LEN];
	struct function func;
	unsigned int i;

	if (st->no_snapshot) {
		json_null(j, "missed");
		return;
	}
	json_open(j, "missed", '[');
	for (i = 0; i < st->snap.nr_funcs; i++) {
		func = snapshot_func(&st->snap, i);
		if (!func_missed(&func))
			continue;
		json_open(j, NULL, '{');
		json_string(j, "address",
			    pci_address(func.entry.domain, func.entry.bus,
					func.entry.devfn, address));
		json_string(j, "reason", func_missed(&func));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void status_json(const struct status *st)
{
	struct json j;

	json_start(&j, stdout);
	json_uint(&j, "schema", 1);
	json_bool(&j, "armed", !*st->why_not);
	json_string(&j, "why_not", *st->why_not ? st->why_not : NULL);
	json_bool(&j, "crash_kernel", says_yes(st->crash_loaded));
	json_string(&j, "policy", *st->policy ? st->policy : NULL);
	put_number(&j, "generation", st->generation);
	put_number(&j, "functions", st->functions);
	put_number(&j, "last_capture_us", st->capture_us);
	put_missed(&j, st);
	json_finish(&j);
}

/**
 * cmd_status() - is it armed
 * @opt: options
 *
 * Return: EXIT_GOOD if armed, EXIT_BAD_NEWS if not, or EXIT_CANNOT_TELL.
 */
int cmd_status(const struct options *opt)
{
	struct status st = { 0 };
	int ret;

	ret = read_files(&st, opt);
	if (ret)
		return ret;
	read_snapshot(&st, opt->sysfs);
	if (opt->json)
		status_json(&st);
	else
		status_text(&st);
	free(st.buf);
	return *st.why_not ? EXIT_BAD_NEWS : EXIT_GOOD;
}

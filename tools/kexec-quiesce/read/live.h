/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that the running kernel shows in sysfs. */
#ifndef KQ_LIVE_H
#define KQ_LIVE_H

#include <stddef.h>

#define LIVE_DIR	"kernel/kexec_pci_quiesce"
#define LIVE_PATH_MAX	4096

void live_path(char path[LIVE_PATH_MAX], const char *sysfs, const char *name);
int live_line(const char *sysfs, const char *name, char *buf, size_t len);
int live_load(const char *path, unsigned char **buf, size_t *len);
int live_explain(const char *path, int error);

#endif /* KQ_LIVE_H */

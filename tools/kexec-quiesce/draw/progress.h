/* SPDX-License-Identifier: GPL-2.0-only */
/* A sign of life, for what takes over a second. */
#ifndef KQ_PROGRESS_H
#define KQ_PROGRESS_H

void progress_begin(const char *what);
void progress_end(void);

#endif /* KQ_PROGRESS_H */

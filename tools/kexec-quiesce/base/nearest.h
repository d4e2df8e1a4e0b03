/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KQ_NEAREST_H
#define KQ_NEAREST_H

/* However far: any word is better than none. */
#define HOWEVER_FAR	(~0U)

const char *nearest(const char *word, const char *const *among, unsigned int nr,
		    unsigned int within);

#endif /* KQ_NEAREST_H */

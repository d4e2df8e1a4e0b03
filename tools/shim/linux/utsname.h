/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_UTSNAME_H
#define SHIM_LINUX_UTSNAME_H

struct new_utsname {
	char release[65];
};

static inline const struct new_utsname *init_utsname(void)
{
	static const struct new_utsname name = { "6.1.0-fabric" };

	return &name;
}

#endif /* SHIM_LINUX_UTSNAME_H */

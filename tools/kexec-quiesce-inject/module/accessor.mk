# SPDX-License-Identifier: GPL-2.0-only
#
# For the build for tests, at the end of module/Kbuild: see accessor.c.
kexec_pci_quiesce-y += ../tools/kexec-quiesce-inject/module/accessor.o

CFLAGS_../arch/x86/kernel/crash_pci.o += \
	-Dpciq_arch_read=pciq_real_read \
	-Dpciq_arch_write=pciq_real_write
$(call quiesce-flags,../tools/kexec-quiesce-inject/module/accessor.o)

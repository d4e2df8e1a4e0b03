// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config accesses and the clock for the crash path on x86.
 *
 * The kernel's own accessors are no use here: raw_pci_read() takes
 * pci_config_lock, which the crashed context may hold, and looks its window up
 * in a list that may be garbage.  These take no lock, follow no pointer but the
 * window's, and a fault in them costs one access and nothing else.
 */
#include <linux/io.h>
#include <linux/kexec_quiesce.h>
#include <linux/processor.h>

#include <asm/asm.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#define CF8_ADDRESS	0xcf8
#define CF8_DATA	0xcfc
#define CF8_ENABLE	0x80000000U

/*
 * ECAM is to be accessed through al/ax/eax with a plain mov: AMD family 10h
 * ignores the rest (BKDG 3.48, 2.11.1).  @failed stays 1 if the mov faults.
 */
#define FAULTABLE(mov)							\
({									\
	asm volatile("1:	" mov "\n"				\
		     "	xorl %[failed], %[failed]\n"			\
		     "2:\n"						\
		     _ASM_EXTABLE(1b, 2b)				\
		     : [failed] "+r" (failed), "+a" (data)		\
		     : [address] "r" (address)				\
		     : "memory");					\
})

/* PCIe r6.0, sec 7.2.2: bus, device and function are address bits 27 to 12. */
static __always_inline unsigned long
ecam_address(const struct pciq_window *window, u8 bus, u8 devfn,
	     u16 reg)
{
	return window->virt + ((unsigned long)(bus - window->bus_start) << 20 |
			       (unsigned long)devfn << 12 | reg);
}

/*
 * A context that died between the address and the data port never resumes, so
 * the address port need not be restored.
 */
static __always_inline void cf8_select(u8 bus, u8 devfn, u16 reg)
{
	outl(CF8_ENABLE | bus << 16 | devfn << 8 | (reg & 0xfc), CF8_ADDRESS);
}

/**
 * pciq_arch_read() - read config space without lock or consequence
 * @window: the window to go through, which has the register
 * @bus: bus number
 * @devfn: device and function
 * @reg: register, aligned to @size
 * @size: 2 or 4 bytes
 * @value: where to; all ones if false is returned
 *
 * Context: any, including the crash path. Takes no lock.
 * Return: false if the access faulted.
 */
__quiesce bool
pciq_arch_read(const struct pciq_window *window, u8 bus,
	       u8 devfn, u16 reg, unsigned int size, u32 *value)
{
	unsigned int failed = 1;
	unsigned long address;
	u32 data = ~0U;

	*value = size == 2 ? 0xffff : ~0U;
	if (window->type == PCIQ_CF8) {
		cf8_select(bus, devfn, reg);
		*value = size == 2 ? inw(CF8_DATA + (reg & 2)) : inl(CF8_DATA);
		return true;
	}

	address = ecam_address(window, bus, devfn, reg);
	if (size == 2)
		FAULTABLE("movw (%[address]), %%ax");
	else
		FAULTABLE("movl (%[address]), %%eax");
	if (!failed)
		*value = size == 2 ? data & 0xffff : data;
	return !failed;
}

/**
 * pciq_arch_write() - write config space without lock or consequence
 * @window: the window to go through, which has the register
 * @bus: bus number
 * @devfn: device and function
 * @reg: register, aligned to @size
 * @size: 2 or 4 bytes
 * @value: what
 *
 * Posted until the caller reads from the same function.
 *
 * Context: any, including the crash path. Takes no lock.
 * Return: false if the access faulted.
 */
__quiesce bool
pciq_arch_write(const struct pciq_window *window, u8 bus,
		u8 devfn, u16 reg, unsigned int size, u32 value)
{
	unsigned int failed = 1;
	unsigned long address;
	u32 data = value;

	if (window->type == PCIQ_CF8) {
		cf8_select(bus, devfn, reg);
		if (size == 2)
			outw(value, CF8_DATA + (reg & 2));
		else
			outl(value, CF8_DATA);
		return true;
	}

	address = ecam_address(window, bus, devfn, reg);
	if (size == 2)
		FAULTABLE("movw %%ax, (%[address])");
	else
		FAULTABLE("movl %%eax, (%[address])");
	return !failed;
}

/**
 * pciq_arch_probe() - whether memory can be read
 * @address: one byte of it
 *
 * Context: any, including the crash path. Takes no lock.
 * Return: false if the load faulted.
 */
__quiesce bool pciq_arch_probe(const void *address)
{
	unsigned int failed = 1;
	u32 data = 0;

	FAULTABLE("movb (%[address]), %%al");
	return !failed;
}

/**
 * pciq_arch_clock() - the only clock that still runs
 *
 * Interrupts are off and the timers are dead: jiffies stand still.
 *
 * Context: any, including the crash path.
 * Return: TSC ticks.
 */
__quiesce u64 pciq_arch_clock(void)
{
	return rdtsc_ordered();
}

/**
 * pciq_arch_relax() - between two polls
 *
 * Context: any, including the crash path.
 */
__quiesce void pciq_arch_relax(void)
{
	cpu_relax();
}

/**
 * pciq_arch_machine_check() - whether this CPU handles a machine check
 *
 * Context: any, including the crash path.
 * Return: false also where there is no such register.
 */
__quiesce bool pciq_arch_machine_check(void)
{
	unsigned int failed = 1;
	u32 low = 0, high = 0;

	asm volatile("1:	rdmsr\n"
		     "	xorl %[failed], %[failed]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [failed] "+r" (failed), "+a" (low), "+d" (high)
		     : "c" (MSR_IA32_MCG_STATUS));
	return !failed && low & MCG_STATUS_MCIP;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A way back from a fault inside the routine.
 *
 * In the kernel itself a nested __crash_kexec() could jump; a module cannot
 * reach machine_kexec() but by returning to it.  So the stack is remembered on
 * the way in, and a die or panic notifier that finds itself inside the routine
 * drops everything above and returns from there.  Guarded calls nest: a fault
 * ends the innermost.
 *
 * From an IST stack (machine check, NMI) this leaves without IRET: NMIs stay
 * blocked until the capture kernel's first IRET, which does no harm.
 */
#include <linux/cfi_types.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm-offsets.h>
#include <asm/nospec-branch.h>

	.bss
	.balign 8
SYM_DATA(pciq_escape_stack, .quad 0)

	.section .text..quiesce, "ax"

.macro ENTER_GUARD
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	pciq_escape_stack(%rip)
	movq	%rsp, pciq_escape_stack(%rip)
.endm

.macro LEAVE_GUARD
	popq	pciq_escape_stack(%rip)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	RET
.endm

/*
 * What ftrace calls, with the arguments of an ftrace_func_t. Were the C function
 * called as it is, nothing would lead back to machine_kexec() from a fault in it.
 */
SYM_TYPED_FUNC_START(pciq_hook)
	ENTER_GUARD
	call	pciq_on_machine_kexec
	LEAVE_GUARD
SYM_FUNC_END(pciq_hook)

/* bool pciq_guarded(enum pciq_part_of_hook part): true if it ran to its end */
SYM_FUNC_START(pciq_guarded)
	ENTER_GUARD
	call	pciq_part
	movl	$1, %eax
	LEAVE_GUARD
SYM_FUNC_END(pciq_guarded)

/* void pciq_escape(void): make the guarded call return false, now */
SYM_FUNC_START(pciq_escape)
	movq	pciq_escape_stack(%rip), %rsp
	xorl	%eax, %eax
	LEAVE_GUARD
SYM_FUNC_END(pciq_escape)
	/* It switches stacks, which objtool cannot follow. */
	STACK_FRAME_NON_STANDARD pciq_escape

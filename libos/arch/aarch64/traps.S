/* Entries from the program, which runs at EL1 on SP_EL0: system calls and exceptions, both with a struct libos_frame. */
	.cfi_sections .debug_frame	/* for the debugger: none of it is in memory */
	.macro vector target
	.balign 128
	b \target
	.endm
	.section .init, "ax"		/* where the image's code begins: anywhere else what aligns them would be lost */
	.globl libos_vectors
	.balign 2048
libos_vectors:
	vector synchronous
	vector interrupt
	.rept 2
	vector unexpected
	.endr
	vector synchronous_inside
	.rept 3
	vector unexpected
	.endr
	/* nothing runs at EL0, so that the other eight are not there */

	.macro save_frame
	sub sp, sp, #288
	.cfi_def_cfa_offset 288
	.irp first, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	save_pair \first
	.endr
	str x30, [sp, #240]
	.cfi_rel_offset x30, 240
	mrs x10, elr_el1
	mrs x11, spsr_el1
	stp x10, x11, [sp, #256]
	mov x10, #-1			/* LIBOS_NO_SYSTEM_CALL */
	str x10, [sp, #272]
	.cfi_rel_offset 32, 256
	.endm
	.macro save_pair first
	save_numbers \first, %(\first + 1)
	.endm
	.altmacro
	.macro save_numbers first, second
	stp x&first, x&second, [sp, #8 * first]
	.cfi_rel_offset x&first, 8 * first
	.cfi_rel_offset x&second, 8 * first + 8
	.endm
	.macro restore_numbers first, second
	ldp x&first, x&second, [sp, #8 * first]
	.endm
	.macro restore_pair first
	restore_numbers \first, %(\first + 1)
	.endm

	.type synchronous, %function
synchronous:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column 32
	.cfi_def_cfa sp, 0
	save_frame
	mrs x10, sp_el0
	str x10, [sp, #248]
	.cfi_rel_offset sp, 248
	mrs x10, esr_el1
	lsr x11, x10, #26
	cmp x11, #0x15			/* svc */
	b.ne 3f
	stp x8, x0, [sp, #272]
	adrp x10, libos_syscall_count
	ldr w10, [x10, :lo12:libos_syscall_count]
	cmp x8, x10
	b.hs 1f
	adrp x10, libos_syscalls
	add x10, x10, :lo12:libos_syscalls
	add x10, x10, x8, lsl #2
	ldrsw x11, [x10]
	cbz x11, 1f
	add x10, x10, x11
	blr x10
2:	str x0, [sp]
	.globl libos_return
libos_return:				/* to the program, by the frame at sp */
	adrp x10, libos_attention
	ldrb w10, [x10, :lo12:libos_attention]
	cbz w10, 4f
	mov x0, sp
	bl libos_attend
4:	ldr x10, [sp, #248]
	msr sp_el0, x10
	ldp x10, x11, [sp, #256]
	msr elr_el1, x10
	msr spsr_el1, x11
	.irp first, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	restore_pair \first
	.endr
	ldr x30, [sp, #240]
	add sp, sp, #288
	eret
3:	mov x0, sp
	bl libos_exception
	b libos_return
1:
	.globl libos_unhandled_call
libos_unhandled_call:			/* a debugger can stop here */
	mov x0, #-38			/* ENOSYS */
	b 2b
	.cfi_endproc
	.size synchronous, . - synchronous

	.type interrupt, %function
interrupt:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column 32
	.cfi_def_cfa sp, 0
	save_frame
	mrs x10, sp_el0
	str x10, [sp, #248]
	.cfi_rel_offset sp, 248
	bl libos_interrupt
	b libos_return
	.cfi_endproc
	.size interrupt, . - interrupt

	.type synchronous_inside, %function
synchronous_inside:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column 32
	.cfi_def_cfa sp, 0
	/* on a stack of its own: it may be the stack that is at its end */
	msr tpidrro_el0, x0
	mov x0, sp
	msr tpidr_el1, x0
	adrp x0, exception_stack_top
	add x0, x0, :lo12:exception_stack_top
	mov sp, x0
	mrs x0, tpidrro_el0
	save_frame
	mrs x10, tpidr_el1
	str x10, [sp, #248]
	.cfi_rel_offset sp, 248
	mov x0, sp
	bl libos_exception
	ldr x10, [sp, #248]
	ldp x11, x12, [sp, #256]
	msr tpidr_el1, x10
	msr elr_el1, x11
	msr spsr_el1, x12
	.irp first, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	restore_pair \first
	.endr
	ldr x30, [sp, #240]
	ldr x1, [sp, #8]
	ldr x0, [sp]
	msr tpidrro_el0, x0
	mrs x0, tpidr_el1
	mov sp, x0
	mrs x0, tpidrro_el0
	eret
	.cfi_endproc
	.size synchronous_inside, . - synchronous_inside

	.type unexpected, %function
unexpected:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column 32
	.cfi_def_cfa sp, 0
	save_frame
	mov x0, sp
	bl libos_unexpected
	b .
	.cfi_endproc
	.size unexpected, . - unexpected

/* libos_enter(stack, entry): the program's first instruction. */
	.section .text.libos_enter, "ax"
	.globl libos_enter
	.type libos_enter, %function
libos_enter:
	.cfi_startproc
	.cfi_undefined x30
	msr sp_el0, x0
	adrp x2, libos_kernel_stack_top
	add x2, x2, :lo12:libos_kernel_stack_top
	mov sp, x2
	mov x0, #0
	mov x29, xzr
	mov x30, xzr
	msr SPSel, #0
	br x1
	.cfi_endproc
	.size libos_enter, . - libos_enter

	.section .bss.exception_stack, "aw", %nobits
	.balign 16
	.skip 4096
exception_stack_top:
	.section .note.GNU-stack, "", %progbits

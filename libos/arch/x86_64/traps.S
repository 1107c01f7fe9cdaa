/* Entries from the program: system calls and exceptions, both with a struct libos_frame on a stack of our own. */
	.cfi_sections .debug_frame	/* for the debugger: none of it is in memory */
	.set PROGRAM_CODE, 40 | 1	/* in libos_gdt, ring 1 */
	.set PROGRAM_DATA, 48 | 1

	.macro save registers:vararg
	.irp register, \registers
	push %\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %\register, 0
	.endr
	.endm
	.macro restore registers:vararg
	.irp register, \registers
	pop %\register
	.cfi_adjust_cfa_offset -8
	.cfi_restore %\register
	.endr
	.endm

/*
 * The program runs in ring 1, where the page table lets it do what ring 0 may, and privileged instructions fault: libc ends
 * with hlt where it finds memory damaged. rcx is the return address, r11 the flags; 128 bytes below rsp are the caller's.
 */
	.section .text.libos_syscall_entry, "ax"
	.globl libos_syscall_entry
	.type libos_syscall_entry, @function
libos_syscall_entry:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_register %rip, %rcx
	mov %rsp, caller_stack
	mov libos_stack_top, %rsp
	push $PROGRAM_DATA
	push caller_stack
	push %r11
	push $PROGRAM_CODE
	push %rcx
	.cfi_def_cfa %rsp, 40
	.cfi_offset %rsp, -16
	.cfi_offset %rip, -40
	push $-1			/* LIBOS_SYSTEM_CALL */
	.cfi_adjust_cfa_offset 8
	push %rax
	.cfi_adjust_cfa_offset 8
	save rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
	mov %r10, %rcx
	mov libos_syscall_count, %r10d
	cmp %r10, %rax
	jae 1f
	lea libos_syscalls(,%rax,4), %r10
	movslq (%r10), %rax
	test %rax, %rax
	jz 1f
	add %r10, %rax
	call *%rax
2:	mov %rax, 80(%rsp)		/* the result, in the frame's rax */
	.globl libos_return
libos_return:				/* to the program, by the frame at rsp */
	cmpb $0, libos_attention
	jne 3f
4:	.cfi_remember_state
	restore r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	iretq
	.cfi_restore_state
3:	mov %rsp, %rdi
	call libos_attend
	jmp 4b
1:
	.globl libos_unhandled_call
libos_unhandled_call:			/* a debugger can stop here */
	mov $-38, %rax			/* ENOSYS */
	jmp 2b
	.cfi_endproc
	.size libos_syscall_entry, . - libos_syscall_entry

	.section .text.libos_vectors, "ax"
	.globl libos_vectors
	.balign 16
libos_vectors:				/* 32 stubs of 16 bytes; some exceptions push an error code */
	.set vector, 0
	.rept 32
	.balign 16
	.if !((1 << vector) & 0x60227d00)
	push $0
	.endif
	push $vector
	jmp exception
	.set vector, vector + 1
	.endr

	.type exception, @function
exception:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa %rsp, 56
	.cfi_offset %rsp, -16
	.cfi_offset %rip, -40
	save rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
	cld				/* which an interrupt gate does not do (Intel SDM 3A, 6.12.1.3) */
	mov %rsp, %rdi
	call libos_exception
	testb $3, 144(%rsp)		/* the frame's cs */
	jnz libos_return
.Lback:	.cfi_remember_state
	restore r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	iretq
	.cfi_restore_state

/* The timer, which ends libos_pause's hlt, or interrupts the program. */
	.globl libos_timer_entry
libos_timer_entry:
	.cfi_def_cfa %rsp, 40
	.cfi_restore rdi
	.cfi_restore rsi
	.cfi_restore rdx
	.cfi_restore rcx
	.cfi_restore rax
	.cfi_restore r8
	.cfi_restore r9
	.cfi_restore r10
	.cfi_restore r11
	.cfi_restore rbx
	.cfi_restore rbp
	.cfi_restore r12
	.cfi_restore r13
	.cfi_restore r14
	.cfi_restore r15
	push $0
	.cfi_adjust_cfa_offset 8
	push $0
	.cfi_adjust_cfa_offset 8
	save rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
	cld
	mov %rsp, %rdi
	call libos_interrupt
	testb $3, 144(%rsp)
	jz .Lback
	jmp libos_return
	.cfi_endproc
	.size exception, . - exception

/* libos_enter(stack, entry): the program's first instruction. */
	.section .text.libos_enter, "ax"
	.globl libos_enter
	.type libos_enter, @function
libos_enter:
	.cfi_startproc
	.cfi_undefined %rip
	push $PROGRAM_DATA
	push %rdi
	push $2				/* flags: only the one that is always set */
	push $PROGRAM_CODE
	push %rsi
	xor %edx, %edx
	xor %ebp, %ebp
	iretq
	.cfi_endproc
	.size libos_enter, . - libos_enter

/* libos_switch_registers(from, to): by a struct libos_context; comes back when somebody switches to `from`. */
	.section .text.libos_switch_registers, "ax"
	.globl libos_switch_registers
	.type libos_switch_registers, @function
libos_switch_registers:
	.cfi_startproc
	mov (%rsp), %rax
	lea 8(%rsp), %rcx
	mov %rax, (%rdi)
	mov %rcx, 8(%rdi)
	mov %rbp, 16(%rdi)
	mov %rbx, 24(%rdi)
	mov %r12, 32(%rdi)
	mov %r13, 40(%rdi)
	mov %r14, 48(%rdi)
	mov %r15, 56(%rdi)
	mov 8(%rsi), %rsp
	mov 16(%rsi), %rbp
	mov 24(%rsi), %rbx
	mov 32(%rsi), %r12
	mov 40(%rsi), %r13
	mov 48(%rsi), %r14
	mov 56(%rsi), %r15
	jmp *(%rsi)
	.cfi_endproc
	.size libos_switch_registers, . - libos_switch_registers

	.section .bss.caller_stack, "aw", @nobits
	.balign 8
	.globl libos_stack_top
caller_stack: .skip 8
libos_stack_top: .skip 8
	.section .note.GNU-stack, "", @progbits

/* Entries from the program: system calls and exceptions, both with a struct libos_frame on a stack of our own. */
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

/* syscall in ring 0: rcx is the return address, r11 the flags; the 128 bytes below rsp are the caller's. */
	.section .text.libos_syscall_entry, "ax"
	.globl libos_syscall_entry
	.type libos_syscall_entry, @function
libos_syscall_entry:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_register %rip, %rcx
	mov %rsp, caller_stack
	mov $libos_kernel_stack_top, %rsp
	push $16
	push caller_stack
	push %r11
	push $8
	push %rcx
	.cfi_def_cfa %rsp, 40
	.cfi_offset %rsp, -16
	.cfi_offset %rip, -40
	push $0
	.cfi_adjust_cfa_offset 8
	push %rax
	.cfi_adjust_cfa_offset 8
	save rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
	mov %r10, %rcx
	cmp libos_syscall_count, %rax
	jae 1f
	mov libos_syscalls(,%rax,8), %rax
	test %rax, %rax
	jz 1f
	call *%rax
2:	restore r15, r14, r13, r12, rbp, rbx
	add $8, %rsp
	.cfi_adjust_cfa_offset -8
	restore r10, r9, r8
	add $16, %rsp			/* rax is the result */
	.cfi_adjust_cfa_offset -16
	restore rdx, rsi, rdi
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	pop %rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	add $8, %rsp
	.cfi_adjust_cfa_offset -8
	popfq
	.cfi_adjust_cfa_offset -8
	mov (%rsp), %rsp
	.cfi_def_cfa %rsp, 0
	.cfi_same_value %rsp
	jmp *%rcx
	.cfi_def_cfa %rsp, 176
	.cfi_offset %rsp, -16
	.cfi_offset %rip, -40
1:	mov $-38, %rax			/* ENOSYS */
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
	mov %rsp, %rdi
	call libos_exception
	ud2
	.cfi_endproc
	.size exception, . - exception

/* libos_enter(stack, entry): the program's first instruction. */
	.section .text.libos_enter, "ax"
	.globl libos_enter
	.type libos_enter, @function
libos_enter:
	.cfi_startproc
	.cfi_undefined %rip
	mov %rdi, %rsp
	xor %edx, %edx
	xor %ebp, %ebp
	jmp *%rsi
	.cfi_endproc
	.size libos_enter, . - libos_enter

	.section .bss.caller_stack, "aw", @nobits
	.balign 8
caller_stack: .skip 8
	.section .note.GNU-stack, "", @progbits

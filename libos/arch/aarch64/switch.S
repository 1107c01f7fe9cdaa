/* What changing threads needs in assembly. */
	.cfi_sections .debug_frame
	.arch_extension fp
	.arch_extension simd

/* libos_switch_registers(from, to): by a struct libos_context; comes back when somebody switches to `from`. */
	.section .text.libos_switch_registers, "ax"
	.globl libos_switch_registers
	.type libos_switch_registers, %function
libos_switch_registers:
	.cfi_startproc
	mov x9, sp
	stp x30, x9, [x0]
	stp x29, x30, [x0, #16]
	stp x19, x20, [x0, #32]
	stp x21, x22, [x0, #48]
	stp x23, x24, [x0, #64]
	stp x25, x26, [x0, #80]
	stp x27, x28, [x0, #96]
	ldp x10, x9, [x1]
	mov sp, x9
	ldp x29, x30, [x1, #16]
	ldp x19, x20, [x1, #32]
	ldp x21, x22, [x1, #48]
	ldp x23, x24, [x1, #64]
	ldp x25, x26, [x1, #80]
	ldp x27, x28, [x1, #96]
	br x10
	.cfi_endproc
	.size libos_switch_registers, . - libos_switch_registers

	.macro each_pair instruction
	.irp first, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	pair \instruction, \first, %(\first + 1)
	.endr
	.endm
	.altmacro
	.macro pair instruction, first, second
	\instruction q\first, q\second, [x0, #16 * \first]
	.endm

/* libos_vectors_save(to): q0-q31, FPSR, FPCR */
	.section .text.libos_vectors_save, "ax"
	.globl libos_vectors_save
	.type libos_vectors_save, %function
libos_vectors_save:
	each_pair stp
	mrs x1, fpsr
	mrs x2, fpcr
	str x1, [x0, #512]
	str x2, [x0, #520]
	ret
	.size libos_vectors_save, . - libos_vectors_save

	.section .text.libos_vectors_restore, "ax"
	.globl libos_vectors_restore
	.type libos_vectors_restore, %function
libos_vectors_restore:
	each_pair ldp
	ldr x1, [x0, #512]
	ldr x2, [x0, #520]
	msr fpsr, x1
	msr fpcr, x2
	ret
	.size libos_vectors_restore, . - libos_vectors_restore
	.section .note.GNU-stack, "", %progbits

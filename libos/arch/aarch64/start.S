/* From the machine's reset (MMU off, EL1 or EL2) to libos_main at EL1. The MMU is on before any C runs, which may access memory unaligned. */
	.section .init, "ax"
	.globl libos_entry
	.type libos_entry, %function
libos_entry:
	mov x20, x0			/* the device tree, for a bootloader; 0 from QEMU */
	mov x21, #0
	mrs x0, CurrentEL
	cmp x0, #8
	b.ne 1f
	mov x21, #1			/* EL2: firmware is above us, PSCI is by smc */
	mov x0, #(1 << 31)		/* HCR_EL2.RW */
	msr hcr_el2, x0
	mov x0, #3
	msr cnthctl_el2, x0
	msr cntvoff_el2, xzr
	mov x0, #0x33ff
	msr cptr_el2, x0
	mov x0, #0x3c5
	msr spsr_el2, x0
	adr x0, 1f
	msr elr_el2, x0
	eret
1:	msr SPSel, #1
	adrp x0, libos_kernel_stack_top
	add x0, x0, :lo12:libos_kernel_stack_top
	mov sp, x0
	mov x0, #(3 << 20)		/* FP and SIMD */
	msr cpacr_el1, x0
	adrp x0, libos_vectors
	add x0, x0, :lo12:libos_vectors
	msr vbar_el1, x0
	/* 8 GiB twice in 1 GiB blocks: where they are, until libos_use_root, and at LIBOS_DIRECT_MAP */
	adrp x2, libos_boot_root
	add x3, x2, #256 * 8
	ldr x0, =0x0060000000000401	/* never executed, accessed, device */
	str x0, [x2], #8
	str x0, [x3], #8
	ldr x0, =0x40000705		/* accessed, inner shareable, normal */
	mov x1, #0x40000000
	mov x4, #7
	mov x5, #(0x60 << 48)
2:	str x0, [x2], #8
	orr x6, x0, x5
	str x6, [x3], #8
	add x0, x0, x1
	subs x4, x4, #1
	b.ne 2b
	ldr x0, =0xff00			/* MAIR: 0 device, 1 normal write-back */
	msr mair_el1, x0
	ldr x0, =0x100803519		/* T0SZ 25, write-back, inner shareable, EPD1, 36 bits */
	msr tcr_el1, x0
	adrp x0, libos_boot_root
	bl libos_use_root
	adrp x1, libos_start_device_tree
	str x20, [x1, :lo12:libos_start_device_tree]
	adrp x1, libos_psci_by_smc
	str w21, [x1, :lo12:libos_psci_by_smc]
	mov x29, xzr
	mov x30, xzr
	bl libos_main
	b .

/* libos_use_root(root): the architecture wants no change of a mapping in use, so the MMU is off in between. */
	.globl libos_use_root
	.type libos_use_root, %function
libos_use_root:
	mrs x1, sctlr_el1
	bic x1, x1, #1
	dsb sy
	msr sctlr_el1, x1
	isb
	msr ttbr0_el1, x0
	isb
	tlbi vmalle1
	ic iallu
	dsb sy
	isb
	ldr x1, =0x30d01805		/* RES1, I, C, M */
	msr sctlr_el1, x1
	isb
	ret
	.ltorg

	/* what is constant once the program runs, and the first stack, above a page that is never there */
	.section .bss.libos_start, "aw", %nobits
	.balign 4096
	.globl libos_constant, libos_guard, libos_boot_root, libos_start_device_tree, libos_psci_by_smc, libos_stack_guard
	.globl libos_kernel_stack_top
libos_constant:
libos_boot_root: .skip 4096
libos_start_device_tree: .skip 8
libos_psci_by_smc: .skip 8
libos_stack_guard: .skip 8
	.balign 4096
libos_guard:	.skip 4096
	.skip 16384			/* LIBOS_KERNEL_STACK */
libos_kernel_stack_top:
	.section .note.GNU-stack, "", %progbits

/* From the PVH entry (32 bits, paging off) to libos_main in 64 bits. */
	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, 18			/* name size, size, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.quad libos_entry

	.section .text.libos_entry, "ax"
	.code32
	.globl libos_entry
	.type libos_entry, @function
libos_entry:
	cli
	cld
	mov $libos_kernel_stack_top, %esp
	mov %ebx, libos_start_info
	/* RAM below 4 GiB twice: where it is, until libos_use_root, and at LIBOS_DIRECT_MAP */
	movl $libos_boot_root + 3, libos_top_table
	mov $libos_boot_root, %edi
	mov $large_pages + 3, %eax
	mov $4, %ecx
1:	mov %eax, (%edi)
	mov %eax, 256 * 8(%edi)
	movl $0x80000000, 256 * 8 + 4(%edi)	/* never executed there */
	add $8, %edi
	add $4096, %eax
	loop 1b
	mov $large_pages, %edi
	mov $0x83, %eax
	mov $2048, %ecx
2:	mov %eax, (%edi)
	add $8, %edi
	add $0x200000, %eax
	loop 2b
	mov $libos_top_table, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or $0x620, %eax			/* PAE, OSFXSR, OSXMMEXCPT */
	mov %eax, %cr4
	mov $0xc0000080, %ecx		/* EFER: SCE, LME, NXE */
	rdmsr
	or $0x901, %eax
	wrmsr
	mov %cr0, %eax
	and $~0xc, %eax			/* not EM, TS */
	or $0x80000023, %eax		/* PG, NE, MP, PE; WP is libos_use_root's */
	mov %eax, %cr0
	lgdt gdt_register
	ljmp $8, $3f

	.code64
3:	mov $16, %eax
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	fninit
	mov $1, %eax
	cpuid
	bt $26, %ecx			/* XSAVE: let the program use what the CPU has */
	jnc 4f
	mov %cr4, %rax
	or $0x40000, %rax
	mov %rax, %cr4
	mov $0xd, %eax
	xor %ecx, %ecx
	cpuid
	and $0xe7, %eax
	xor %ecx, %ecx
	xor %edx, %edx
	xsetbv
4:	xor %eax, %eax
	cpuid
	cmp $7, %eax
	jb 5f
	mov $7, %eax
	xor %ecx, %ecx
	cpuid
	bt $2, %ecx			/* UMIP: the program does not learn where the descriptor tables are */
	jnc 5f
	mov %cr4, %rax
	or $0x800, %rax
	mov %rax, %cr4
5:	mov $0xc0000081, %ecx		/* STAR: syscall loads CS 8, SS 16 */
	mov $8, %edx
	xor %eax, %eax
	wrmsr
	inc %ecx			/* LSTAR */
	mov $libos_syscall_entry, %eax
	xor %edx, %edx
	wrmsr
	mov $0xc0000084, %ecx		/* FMASK: AC, NT, IOPL, DF, IF, TF, with which the program may come */
	mov $0x47700, %eax
	wrmsr
	xor %ebp, %ebp
	call libos_main
	ud2

	/* constant once libos_use_root was called; the accessed bits are set, so that the CPU does not write either */
	.section .rodata.libos_gdt, "a"
	.balign 16
	.globl libos_gdt
libos_gdt:				/* null, code, data, room for the task segment, and the program's code and data */
	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0, 0, 0x00afbb000000ffff, 0x00cfb3000000ffff
gdt_register:
	.word . - libos_gdt - 1
	.quad libos_gdt

	/* what is constant once the program runs, and the first stack, above a page that is never there */
	.section .bss.libos_start, "aw", @nobits
	.balign 4096
	.globl libos_constant, libos_guard, libos_boot_root, libos_top_table, libos_gates, libos_start_info, libos_stack_guard
	.globl libos_kernel_stack_top
libos_constant:
libos_top_table: .skip 4096
libos_boot_root: .skip 4096
large_pages:	.skip 4 * 4096
libos_gates:	.skip 16 * 80		/* LIBOS_VECTORS */
libos_start_info: .skip 8
libos_stack_guard: .skip 8
	.balign 4096
libos_guard:	.skip 4096
	.skip 16384			/* LIBOS_KERNEL_STACK */
libos_kernel_stack_top:
	.section .note.GNU-stack, "", @progbits

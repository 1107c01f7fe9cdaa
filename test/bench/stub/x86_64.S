/* The smallest guest that prints a line: from the PVH entry to the serial port, nothing in between. */
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .long start

    .text
    .code32
    .globl start
start:
    mov $line, %esi
    mov $line_end - line, %ecx
    mov $0x3f8, %edx
    rep outsb
1:  hlt
    jmp 1b
line:
    .ascii "Hello\n"
line_end:

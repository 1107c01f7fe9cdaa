/* The smallest guest that prints a line: from the machine's reset to the serial port, nothing in between. */
    .text
    .globl start
start:
    adr x0, line
    mov x1, #0x09000000 /* PL011 */
1:  ldrb w2, [x0], #1
    cbz w2, 2f
    strb w2, [x1]
    b 1b
2:  wfi
    b 2b
line:
    .asciz "Hello\n"

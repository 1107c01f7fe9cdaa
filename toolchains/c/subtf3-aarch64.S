/*
 * __subtf3(a, b): a - b of long double (binary128), as a + -b. libgcc's is a second __addtf3, and musl's printf calls both.
 * (GCC internals, "Soft float library routines")
 */
	.text
	.globl __subtf3
	.type __subtf3, %function
__subtf3:
	umov x0, v1.d[1]
	eor x0, x0, #1 << 63
	mov v1.d[1], x0
	b __addtf3
	.size __subtf3, . - __subtf3

	.section .note.GNU-stack, "", %progbits

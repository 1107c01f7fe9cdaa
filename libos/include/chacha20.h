/* kernel/chacha20.c: one block of the cipher (RFC 8439, section 2.3) */
#ifndef LIBOS_CHACHA20_H
#define LIBOS_CHACHA20_H
#include <stdint.h>

/* The input's words are four constants, the key's eight, a counter, and three of a nonce. */
void libos_chacha20(const uint32_t input[16], uint32_t output[16]);
#endif

/* The Internet checksum. */
#ifndef LIBOS_CHECKSUM_H
#define LIBOS_CHECKSUM_H
#include <stdint.h>

/* The sum of RFC 1071, not inverted, of words as they lie in memory; an odd byte is followed by zero (lwIP's LWIP_CHKSUM). */
uint16_t libos_checksum(const void *data, int size);
#endif

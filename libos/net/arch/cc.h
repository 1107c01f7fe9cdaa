/* What lwIP wants to know of the compiler: it has stdint.h, and no C library. */
#ifndef LIBOS_LWIP_CC_H
#define LIBOS_LWIP_CC_H
#include <stddef.h>

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_LIMITS_H 0
#define LWIP_NO_UNISTD_H 1
#define LWIP_TIMEVAL_PRIVATE 0
#define LWIP_ERR_T int
#define SSIZE_MAX INT32_MAX
typedef long ssize_t;
#define X8_F "x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "zu"

#define lwip_htons(number) __builtin_bswap16(number)
#define lwip_htonl(number) __builtin_bswap32(number)

#include "../checksum.h"
#define LWIP_CHKSUM libos_checksum

void *libos_allocate(size_t size);
void *libos_allocate_unset(size_t size);
void libos_free(void *memory);
#endif

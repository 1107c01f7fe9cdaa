/* What the library OS's parsers stand on when they are an ordinary program: memory that a run gives back as a whole. */
#ifndef HOST_H
#define HOST_H
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Allocations as malloc's, so that each byte beside them is guarded, and all freed by host_free_all. */
void *host_allocate(size_t size, size_t alignment);
void *host_copy(const void *bytes, size_t size);
void host_free(void *memory);
void host_free_all(void);

/* The next bytes of the input, and zeros when it is over. */
struct host_input {
	const uint8_t *next;
	size_t left;
};
uint64_t host_take(struct host_input *input, size_t bytes);
#endif

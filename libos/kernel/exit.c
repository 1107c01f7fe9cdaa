/* The end of a run. */
#include "share.h"

struct libos_exit libos_exit __attribute__((aligned(16), section(".data.libos_exit"))) = {0, 0, 0};

_Noreturn void libos_finish(uint32_t kind, uint32_t status)
{
	volatile struct libos_exit *result = &libos_exit;
	if (libos_shares_write_all_back)
		libos_shares_write_all_back();
	result->kind = kind;
	result->status = status;
	result->magic = LIBOS_EXIT_MAGIC;
	libos_console_drain();
	libos_power_off();
}

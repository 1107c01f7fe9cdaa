/* Off, by PSCI's SYSTEM_OFF. */
#include "libos.h"

extern uint32_t libos_psci_by_smc;

_Noreturn void libos_power_off(void)
{
	register uint64_t function __asm__("x0") = 0x84000008;
	if (libos_psci_by_smc)
		__asm__ volatile("smc #0" : "+r"(function)::"memory");
	else
		__asm__ volatile("hvc #0" : "+r"(function)::"memory");
	for (;;)
		__asm__ volatile("wfi");
}

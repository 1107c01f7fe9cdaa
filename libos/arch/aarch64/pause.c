/* Waiting without work for the host: wfi until the virtual timer. */
#include "interrupt.h"
#include "libos.h"

/* The interrupt controller, version 2: distributor and CPU interface. */
enum { DISTRIBUTOR = 0x08000000, ENABLE_SET = 0x100, TARGETS = 0x800, PERIPHERAL_ID_2 = 0xfe8 };
enum { CPU_INTERFACE = 0x08010000, PRIORITY_MASK = 0x4 };
enum { VIRTUAL_TIMER = 27, SHORTEST = 20000, LONGEST = 1000000000 };

static volatile uint32_t *controller(uint64_t address)
{
	return libos_physical(address);
}

/* Whether the interrupt controller is one that we know. Interrupts stay masked in the CPU: wfi ends nevertheless. */
static bool start_controller(void)
{
	static bool started, usable;
	if (started)
		return usable;
	started = true;
	usable = (*controller(DISTRIBUTOR + PERIPHERAL_ID_2) >> 4 & 15) == 2;
	if (!usable)
		return false;
	*controller(DISTRIBUTOR) = 1;
	*controller(DISTRIBUTOR + ENABLE_SET) = 1u << VIRTUAL_TIMER;
	*controller(CPU_INTERFACE + PRIORITY_MASK) = 0xff;
	*controller(CPU_INTERFACE) = 1;
	return true;
}

/* It goes to the first CPU, and is pending as long as the device says so. */
void libos_interrupt_enable(unsigned number)
{
	if (!start_controller())
		return;
	*((volatile uint8_t *)controller(DISTRIBUTOR + TARGETS) + number) = 1;
	*controller(DISTRIBUTOR + ENABLE_SET + number / 32 * 4) = 1u << number % 32;
}

void libos_pause(uint64_t nanoseconds)
{
	if (nanoseconds < SHORTEST || !start_controller())
		return;
	if (nanoseconds > LONGEST)
		nanoseconds = LONGEST;
	uint64_t hertz;
	__asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
	uint64_t end = libos_clock_ticks() + nanoseconds * hertz / 1000000000;
	__asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb; wfi; msr cntv_ctl_el0, xzr; isb" ::"r"(end), "r"(1ul)
			 : "memory");
}

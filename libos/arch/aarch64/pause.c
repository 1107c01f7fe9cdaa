/* Waiting without work for the host: wfi until the virtual timer. */
#include "device.h"
#include "interrupt.h"
#include "thread.h"

/* The interrupt controller, version 2: distributor and CPU interface. */
enum { DISTRIBUTOR = 0x08000000, ENABLE_SET = 0x100, TARGETS = 0x800, PERIPHERAL_ID_2 = 0xfe8 };
enum { CPU_INTERFACE = 0x08010000, PRIORITY_MASK = 0x4, ACKNOWLEDGE = 0xc, END_OF_INTERRUPT = 0x10 };
enum { VIRTUAL_TIMER = 27, SHORTEST = 20000, LONGEST = 1000000000 };

static volatile uint32_t *controller(uint64_t address)
{
	return libos_physical(address);
}

/* Interrupts stay masked in the CPU: wfi ends nevertheless. */
static bool start_controller(void)
{
	if ((*controller(DISTRIBUTOR + PERIPHERAL_ID_2) >> 4 & 15) != 2)
		return false;
	*controller(DISTRIBUTOR) = 1;
	*controller(DISTRIBUTOR + ENABLE_SET) = 1u << VIRTUAL_TIMER;
	*controller(CPU_INTERFACE + PRIORITY_MASK) = 0xff;
	*controller(CPU_INTERFACE) = 1;
	return true;
}

static bool has_controller(void)
{
	static bool started, usable;
	if (!started)
		usable = start_controller();
	started = true;
	return usable;
}

/* It goes to the first CPU, and is pending as long as the device says so. */
void libos_interrupt_enable(unsigned number)
{
	if (!has_controller())
		return;
	*((volatile uint8_t *)controller(DISTRIBUTOR + TARGETS) + number) = 1;
	*controller(DISTRIBUTOR + ENABLE_SET + number / 32 * 4) = 1u << number % 32;
}

void libos_arm(uint64_t nanoseconds)
{
	if (!has_controller())
		return;
	if (nanoseconds < SHORTEST)
		nanoseconds = SHORTEST;
	if (nanoseconds > LONGEST)
		nanoseconds = LONGEST;
	uint64_t hertz;
	__asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
	uint64_t end = libos_clock_ticks() + nanoseconds * hertz / 1000000000;
	__asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb" ::"r"(end), "r"(1ul) : "memory");
}

static void disarm(void)
{
	__asm__ volatile("msr cntv_ctl_el0, xzr; isb" ::: "memory");
}

void libos_interrupt(void);
void libos_interrupt(void)
{
	uint32_t number = *controller(CPU_INTERFACE + ACKNOWLEDGE);
	if (number == VIRTUAL_TIMER)
		disarm();
	else if (libos_poll_devices)
		libos_poll_devices(); /* before its end, or it is there again */
	*controller(CPU_INTERFACE + END_OF_INTERRUPT) = number;
	libos_attention |= LIBOS_TIMER;
	if (libos_preempt)
		libos_preempt();
}

void libos_pause(uint64_t nanoseconds)
{
	if (nanoseconds < SHORTEST || !has_controller())
		return;
	libos_arm(nanoseconds);
	__asm__ volatile("wfi" ::: "memory");
	disarm();
}

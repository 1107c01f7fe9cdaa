/* Waiting without work for the host: hlt until the local APIC's timer. */
#include "libos.h"
#include "device.h"
#include "gates.h"
#include "ports.h"
#include "thread.h"

/* The local APIC's registers, from its address; its timer counts nanoseconds in QEMU and in KVM. */
enum { LOCAL_APIC = 0xfee00000u };
enum { END_OF_INTERRUPT = 0xb0, SPURIOUS = 0xf0, TIMER = 0x320, LINE_0 = 0x350, INITIAL_COUNT = 0x380, DIVIDER = 0x3e0 };
enum { ENABLED = 1 << 8, MASKED = 1 << 16, DIVIDE_BY_1 = 11 };
enum { PIC_1_MASK = 0x21, PIC_2_MASK = 0xa1 };
enum { VECTOR = 47, SHORTEST = 20000 };

extern const char libos_timer_entry[];

static void write_apic(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)libos_physical(LOCAL_APIC + offset) = value;
}

void libos_local_apic_start(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	libos_out(PIC_1_MASK, 0xff);
	libos_out(PIC_2_MASK, 0xff);
	libos_set_gate(VECTOR, (uintptr_t)libos_timer_entry, 0, LIBOS_GATE);
	write_apic(SPURIOUS, ENABLED | VECTOR);
	write_apic(LINE_0, MASKED);
	write_apic(DIVIDER, DIVIDE_BY_1);
	write_apic(TIMER, VECTOR);
}

void libos_interrupt(const struct libos_frame *frame);
void libos_interrupt(const struct libos_frame *frame)
{
	write_apic(END_OF_INTERRUPT, 0);
	if (!(frame->cs & 3))
		return;
	libos_attention |= LIBOS_TIMER;
	if (libos_poll_devices)
		libos_poll_devices();
	if (libos_preempt)
		libos_preempt();
}

void libos_arm(uint64_t nanoseconds)
{
	libos_local_apic_start();
	if (nanoseconds < SHORTEST)
		nanoseconds = SHORTEST;
	write_apic(INITIAL_COUNT, nanoseconds < UINT32_MAX ? (uint32_t)nanoseconds : UINT32_MAX);
}

void libos_pause(uint64_t nanoseconds)
{
	if (nanoseconds < SHORTEST)
		return;
	libos_arm(nanoseconds);
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}

/* What is done on the way back to the program, where there is something to do. */
#include "share.h"
#include "thread.h"

uint8_t libos_attention;

void libos_attend(struct libos_frame *frame)
{
	while (libos_attention) {
		uint8_t attention = libos_attention;
		libos_attention = 0;
		if (attention & LIBOS_TIMER && libos_timers_run) {
			uint64_t next = libos_timers_run(), now = libos_clock_nanoseconds();
			if (libos_reschedule) /* it sets the clock for all that is due */
				attention |= LIBOS_RESCHEDULE;
			else if (next != LIBOS_NEVER)
				libos_arm(next > now ? next - now : 0);
		}
		if (attention & LIBOS_TRIM_SHARES && libos_shares_trim)
			libos_shares_trim();
		if (attention & LIBOS_RESCHEDULE && libos_reschedule)
			libos_reschedule();
		if (attention & LIBOS_SIGNAL && libos_signals_deliver)
			libos_signals_deliver(frame);
	}
}

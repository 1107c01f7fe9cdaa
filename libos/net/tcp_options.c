/* Options of TCP: tcp(7). */
#include "tcp.h"
#include <linux/tcp.h>

enum { SECOND = 1000 }; /* lwIP counts milliseconds */
/* tcpi_state */
enum { STATE_ESTABLISHED = 1, STATE_CLOSE = 7, STATE_LISTEN = 10, STATE_SYN_SENT = 2, STATE_CLOSE_WAIT = 8, STATE_FIN_WAIT2 = 5 };

static unsigned state_of(const struct libos_inet *inet)
{
	switch (inet->state) {
	case LIBOS_INET_LISTENING:
		return STATE_LISTEN;
	case LIBOS_INET_CONNECTING:
		return STATE_SYN_SENT;
	case LIBOS_INET_CONNECTED:
		return !inet->tcp	    ? STATE_CLOSE
		       : inet->peer_closed ? STATE_CLOSE_WAIT
		       : inet->write_shut  ? STATE_FIN_WAIT2
					    : STATE_ESTABLISHED;
	default:
		return STATE_CLOSE;
	}
}

static struct tcp_pcb *connection_of(const struct libos_inet *inet)
{
	return inet->state == LIBOS_INET_LISTENING ? NULL : inet->tcp;
}

long libos_tcp_get_option(struct libos_inet *inet, int name, void *value, size_t *size)
{
	const struct tcp_pcb *tcp = connection_of(inet);
	struct tcp_info *info = value;
	int *number = value;
	switch (name) {
	case TCP_NODELAY:
		*number = tcp && tcp_nagle_disabled(tcp);
		return 0;
	case TCP_CORK:
		*number = inet->corked;
		return 0;
	case TCP_MAXSEG:
		*number = tcp ? tcp_mss(tcp) : 536;
		return 0;
	case TCP_KEEPIDLE:
		*number = tcp ? (int)(tcp->keep_idle / SECOND) : 7200;
		return 0;
	case TCP_KEEPINTVL:
		*number = tcp ? (int)(tcp->keep_intvl / SECOND) : 75;
		return 0;
	case TCP_KEEPCNT:
		*number = tcp ? (int)tcp->keep_cnt : 9;
		return 0;
	case TCP_DEFER_ACCEPT:
	case TCP_USER_TIMEOUT:
	case TCP_QUICKACK:
	case TCP_FASTOPEN:
		*number = 0;
		return 0;
	case TCP_INFO:
		*size = offsetof(struct tcp_info, tcpi_pacing_rate);
		info->tcpi_state = (uint8_t)state_of(inet);
		if (tcp) {
			info->tcpi_snd_mss = info->tcpi_rcv_mss = tcp_mss(tcp);
			info->tcpi_snd_cwnd = tcp->cwnd / tcp_mss(tcp);
			info->tcpi_rcv_space = tcp->rcv_wnd;
		}
		return 0;
	}
	return -ENOPROTOOPT;
}

static long set_keep(u32_t *field, int value, u32_t scale, int most)
{
	if (value < 1 || value > most)
		return -EINVAL;
	if (field)
		*field = (u32_t)value * scale;
	return 0;
}

long libos_tcp_set_option(struct libos_inet *inet, int name, int value)
{
	struct tcp_pcb *tcp = connection_of(inet);
	switch (name) {
	case TCP_NODELAY:
		if (tcp && value) {
			tcp_nagle_disable(tcp);
			libos_tcp_flush(inet);
		} else if (tcp) {
			tcp_nagle_enable(tcp);
		}
		return 0;
	case TCP_CORK:
		inet->corked = value;
		if (tcp && !value && inet->state == LIBOS_INET_CONNECTED)
			libos_tcp_flush(inet);
		return 0;
	case TCP_KEEPIDLE:
		return set_keep(tcp ? &tcp->keep_idle : NULL, value, SECOND, 32767);
	case TCP_KEEPINTVL:
		return set_keep(tcp ? &tcp->keep_intvl : NULL, value, SECOND, 32767);
	case TCP_KEEPCNT:
		return set_keep(tcp ? &tcp->keep_cnt : NULL, value, 1, 127);
	case TCP_DEFER_ACCEPT: /* hints, which change nothing that a program could see */
	case TCP_USER_TIMEOUT:
	case TCP_QUICKACK:
	case TCP_FASTOPEN:
	case TCP_LINGER2:
	case TCP_SYNCNT:
	case TCP_WINDOW_CLAMP:
		return 0;
	case TCP_MAXSEG:
		return value < 88 || value > 32767 ? -EINVAL : 0;
	}
	return -ENOPROTOOPT;
}

/* Options of IPv4 and IPv6 sockets: socket(7), ip(7), ipv6(7). */
#include "inet.h"
#include <asm/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>
#include <lwip/udp.h>

enum { SMALLEST_BUFFER = 1152, LARGEST_BUFFER = 212992 };
struct linger {
	int on, seconds;
};

static struct ip_pcb *pcb_of(struct libos_inet *inet)
{
	return inet->udp ? (struct ip_pcb *)inet->udp : (struct ip_pcb *)inet->tcp;
}

static int flag_of(int name)
{
	return name == SO_KEEPALIVE ? SOF_KEEPALIVE : SOF_BROADCAST;
}

static long get_of_socket(struct libos_inet *inet, int name, int *value, size_t *size)
{
	struct ip_pcb *pcb = pcb_of(inet);
	switch (name) {
	case SO_KEEPALIVE:
	case SO_BROADCAST:
		*value = pcb && ip_get_option(pcb, flag_of(name));
		return 0;
	case SO_REUSEADDR:
		*value = inet->reuse_address;
		return 0;
	case SO_REUSEPORT:
		*value = inet->reuse_port;
		return 0;
	case SO_ERROR:
		libos_network_poll();
		*value = inet->error;
		inet->error = 0;
		return 0;
	case SO_TYPE:
		*value = inet->udp ? SOCK_DGRAM : SOCK_STREAM;
		return 0;
	case SO_DOMAIN:
		*value = inet->family;
		return 0;
	case SO_PROTOCOL:
		*value = inet->udp ? IPPROTO_UDP : IPPROTO_TCP;
		return 0;
	case SO_ACCEPTCONN:
		*value = inet->state == LIBOS_INET_LISTENING;
		return 0;
	case SO_RCVBUF:
		*value = (int)(2 * inet->receive_buffer);
		return 0;
	case SO_SNDBUF:
		*value = (int)(2 * inet->send_buffer);
		return 0;
	case SO_RCVLOWAT:
	case SO_SNDLOWAT:
		*value = 1;
		return 0;
	case SO_LINGER:
		*(struct linger *)value = (struct linger){inet->linger, (int)inet->linger_seconds};
		*size = sizeof(struct linger);
		return 0;
	case SO_OOBINLINE:
	case SO_DONTROUTE:
	case SO_PRIORITY:
	case SO_TIMESTAMP_OLD:
		*value = 0;
		return 0;
	}
	return -ENOPROTOOPT;
}

static unsigned buffer_size(int value)
{
	return value < SMALLEST_BUFFER ? SMALLEST_BUFFER : value > LARGEST_BUFFER ? LARGEST_BUFFER : (unsigned)value;
}

static long set_of_socket(struct libos_inet *inet, int name, const int *value, size_t size)
{
	struct ip_pcb *pcb = pcb_of(inet);
	const struct linger *linger = (const void *)value;
	switch (name) {
	case SO_KEEPALIVE:
	case SO_BROADCAST:
		if (pcb && *value)
			ip_set_option(pcb, flag_of(name));
		else if (pcb)
			ip_reset_option(pcb, flag_of(name));
		return 0;
	case SO_REUSEADDR:
		inet->reuse_address = *value;
		libos_inet_set_reuse(inet);
		return 0;
	case SO_REUSEPORT:
		inet->reuse_port = *value;
		libos_inet_set_reuse(inet);
		return 0;
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		inet->receive_buffer = buffer_size(*value);
		return 0;
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		inet->send_buffer = buffer_size(*value);
		return 0;
	case SO_LINGER:
		if (size < sizeof *linger)
			return -EINVAL;
		inet->linger = linger->on;
		inet->linger_seconds = (unsigned)linger->seconds;
		return 0;
	case SO_OOBINLINE: /* nothing is out of band here, sent round routes, or more urgent */
	case SO_DONTROUTE:
	case SO_PRIORITY:
	case SO_RCVLOWAT:
	case SO_SNDLOWAT:
		return 0;
	}
	return -ENOPROTOOPT;
}

static long get_of_ip(struct libos_inet *inet, bool v6, int name, int *value)
{
	const struct ip_pcb *pcb = pcb_of(inet);
	if (v6 ? name == IPV6_V6ONLY : name == IP_MTU_DISCOVER || name == IP_PKTINFO) {
		*value = v6 && inet->only_v6;
		return 0;
	}
	if (v6 ? name == IPV6_UNICAST_HOPS : name == IP_TTL) {
		*value = pcb ? pcb->ttl : 64;
		return 0;
	}
	if (v6 ? name == IPV6_TCLASS : name == IP_TOS) {
		*value = pcb ? pcb->tos : 0;
		return 0;
	}
	return -ENOPROTOOPT;
}

static long set_of_ip(struct libos_inet *inet, bool v6, int name, int value)
{
	struct ip_pcb *pcb = pcb_of(inet);
	if (v6 && name == IPV6_V6ONLY) {
		if (inet->bound || inet->state != LIBOS_INET_NEW)
			return -EINVAL;
		inet->only_v6 = value;
		return 0;
	}
	if (v6 ? name == IPV6_UNICAST_HOPS : name == IP_TTL) {
		if (value == -1)
			value = 64;
		if (value < 1 || value > 255)
			return -EINVAL;
		if (pcb)
			pcb->ttl = (u8_t)value;
		return 0;
	}
	if (v6 ? name == IPV6_TCLASS : name == IP_TOS) {
		if (pcb)
			pcb->tos = (u8_t)value;
		return 0;
	}
	if (!v6 && name == IP_MTU_DISCOVER)
		return 0;
	return -ENOPROTOOPT;
}

long libos_inet_get_option(struct libos_file *file, int level, int name, void *value, size_t *size)
{
	struct libos_inet *inet = libos_inet_of(file);
	if (level == SOL_SOCKET)
		return get_of_socket(inet, name, value, size);
	if (level == IPPROTO_TCP && !inet->udp)
		return libos_tcp_get_option(inet, name, value, size);
	if (level == IPPROTO_IP || (level == IPPROTO_IPV6 && inet->family == AF_INET6))
		return get_of_ip(inet, level == IPPROTO_IPV6, name, value);
	return level == IPPROTO_TCP || level == IPPROTO_UDP || level == IPPROTO_IPV6 ? -ENOPROTOOPT : -EOPNOTSUPP;
}

long libos_inet_set_option(struct libos_file *file, int level, int name, const void *value, size_t size)
{
	struct libos_inet *inet = libos_inet_of(file);
	if (size < sizeof(int))
		return -EINVAL;
	if (level == SOL_SOCKET)
		return set_of_socket(inet, name, value, size);
	if (level == IPPROTO_TCP && !inet->udp)
		return libos_tcp_set_option(inet, name, *(const int *)value);
	if (level == IPPROTO_IP || (level == IPPROTO_IPV6 && inet->family == AF_INET6))
		return set_of_ip(inet, level == IPPROTO_IPV6, name, *(const int *)value);
	return -ENOPROTOOPT;
}

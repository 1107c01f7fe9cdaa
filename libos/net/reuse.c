/* Sockets that have one port together: SO_REUSEADDR and SO_REUSEPORT, socket(7). */
#include "inet.h"
#include <lwip/tcp.h>
#include <lwip/udp.h>

/* Either may stand for IPv4 and IPv6 at once. */
static bool share_a_family(const ip_addr_t *one, const ip_addr_t *other)
{
	return IP_IS_ANY_TYPE_VAL(*one) || IP_IS_ANY_TYPE_VAL(*other) || IP_IS_V6(one) == IP_IS_V6(other);
}

bool libos_inet_overlap(const ip_addr_t *one, const ip_addr_t *other)
{
	return share_a_family(one, other) && (ip_addr_isany(one) || ip_addr_isany(other) || ip_addr_cmp(one, other));
}

bool libos_inet_may_share(const struct libos_inet *one, const struct libos_inet *other)
{
	return (one->reuse_address && other->reuse_address) || (one->reuse_port && other->reuse_port);
}

/* lwIP knows one of the two options: who shares with whom is looked at before it is asked. */
void libos_inet_set_reuse(struct libos_inet *inet)
{
	struct ip_pcb *pcb = inet->udp ? (struct ip_pcb *)inet->udp : (struct ip_pcb *)inet->tcp;
	if (pcb && (inet->reuse_address || inet->reuse_port))
		ip_set_option(pcb, SOF_REUSEADDR);
	else if (pcb)
		ip_reset_option(pcb, SOF_REUSEADDR);
}

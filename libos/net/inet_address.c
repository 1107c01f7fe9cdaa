/* Addresses of IPv4 and IPv6 as programs write them: ip(7), ipv6(7). */
#include "inet.h"
#include <linux/in.h>
#include <linux/in6.h>
#include <lwip/ip.h>
#include <lwip/netif.h>

enum { SHORTEST_V6 = 24 }; /* without sin6_scope_id (RFC 2133), which Linux still takes */

static bool is_mapped(const ip6_addr_t *address)
{
	return ip6_addr_isipv4mappedipv6(address);
}

long libos_inet_address(const struct libos_inet *inet, const struct libos_address *address, struct libos_endpoint *endpoint)
{
	const struct sockaddr_in *v4 = (const void *)address->bytes;
	const struct sockaddr_in6 *v6 = (const void *)address->bytes;
	if (address->size < sizeof address->family)
		return -EINVAL;
	*endpoint = (struct libos_endpoint){.port = lwip_ntohs(v4->sin_port)};
	if (inet->family == AF_INET) {
		if (address->size < sizeof *v4)
			return -EINVAL;
		if (address->family != AF_INET && !(address->family == AF_UNSPEC && v4->sin_addr.s_addr == INADDR_ANY))
			return -EAFNOSUPPORT;
		ip_addr_set_ip4_u32_val(endpoint->ip, v4->sin_addr.s_addr);
		return 0;
	}
	if (address->size < SHORTEST_V6)
		return -EINVAL;
	if (address->family != AF_INET6)
		return -EAFNOSUPPORT;
	ip6_addr_t ip;
	libos_memcpy(ip.addr, &v6->sin6_addr, sizeof ip.addr);
	ip6_addr_clear_zone(&ip);
	if (is_mapped(&ip)) {
		if (inet->only_v6)
			return -ENETUNREACH;
		ip_addr_set_ip4_u32_val(endpoint->ip, ip.addr[3]);
		return 0;
	}
	if (ip6_addr_has_scope(&ip, IP6_UNICAST))
		ip6_addr_set_zone(&ip, address->size >= sizeof *v6 && v6->sin6_scope_id ? (u8_t)v6->sin6_scope_id : netif_get_index(netif_default));
	ip_addr_copy_from_ip6(endpoint->ip, ip);
	return 0;
}

void libos_inet_write_address(const struct libos_inet *inet, const struct libos_endpoint *endpoint, struct libos_address *address)
{
	libos_memset(address, 0, sizeof *address);
	if (inet->family == AF_INET) {
		struct sockaddr_in *v4 = (void *)address->bytes;
		*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = lwip_htons(endpoint->port)};
		v4->sin_addr.s_addr = IP_IS_V4(&endpoint->ip) ? ip_addr_get_ip4_u32(&endpoint->ip) : 0;
		address->size = sizeof *v4;
		return;
	}
	struct sockaddr_in6 *v6 = (void *)address->bytes;
	*v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = lwip_htons(endpoint->port)};
	uint32_t *words = (void *)&v6->sin6_addr;
	if (IP_IS_V4_VAL(endpoint->ip) && !ip_addr_isany(&endpoint->ip)) {
		words[2] = PP_HTONL(0xffff);
		words[3] = ip_addr_get_ip4_u32(&endpoint->ip);
	} else if (IP_IS_V6_VAL(endpoint->ip)) {
		libos_memcpy(words, ip_2_ip6(&endpoint->ip)->addr, 16);
		v6->sin6_scope_id = ip6_addr_zone(ip_2_ip6(&endpoint->ip));
	}
	address->size = sizeof *v6;
}

bool libos_inet_source(const ip_addr_t *to, ip_addr_t *from)
{
	struct netif *interface = ip_route(IP46_ADDR_ANY(IP_GET_TYPE(to)), to);
	const ip_addr_t *address = interface ? ip_netif_get_local_ip(interface, to) : NULL;
	if (!address || ip_addr_isany(address))
		return false;
	*from = *address;
	return true;
}

long libos_inet_name(struct libos_file *file, struct libos_address *address, bool of_peer)
{
	struct libos_inet *inet = libos_inet_of(file);
	if (of_peer && inet->state != LIBOS_INET_CONNECTED)
		return -ENOTCONN;
	libos_inet_write_address(inet, of_peer ? &inet->peer : &inet->local, address);
	return 0;
}

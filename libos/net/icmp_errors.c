/* What a connected UDP socket learns of a datagram that nobody took: udp(7), icmp(7), RFC 792, RFC 4443. */
#include "inet.h"
#include <linux/in.h>
#include <linux/in6.h>
#include <lwip/icmp.h>
#include <lwip/icmp6.h>
#include <lwip/raw.h>
#include <lwip/udp.h>

enum { LONGEST_HEADER = 60, PORTS = 4 };

/* The ICMP message quotes the header of the packet that it is about, from IP's on. */
struct quoted {
	ip_addr_t to;
	uint16_t from_port, to_port;
};

static bool parse(const uint8_t *bytes, size_t size, bool v6, struct quoted *quoted)
{
	enum { V4_PROTOCOL = 9, V4_TO = 16, V6_PROTOCOL = 6, V6_TO = 24, V6_HEADER = 40 };
	size_t header = v6 ? V6_HEADER : (bytes[0] & 15u) * 4;
	if (size < header + PORTS || bytes[v6 ? V6_PROTOCOL : V4_PROTOCOL] != IPPROTO_UDP)
		return false;
	*quoted = (struct quoted){
		.from_port = (uint16_t)(bytes[header] << 8 | bytes[header + 1]),
		.to_port = (uint16_t)(bytes[header + 2] << 8 | bytes[header + 3]),
	};
	if (v6) {
		IP_SET_TYPE_VAL(quoted->to, IPADDR_TYPE_V6);
		libos_memcpy(ip_2_ip6(&quoted->to)->addr, bytes + V6_TO, sizeof ip_2_ip6(&quoted->to)->addr);
	} else {
		libos_memcpy(&ip_2_ip4(&quoted->to)->addr, bytes + V4_TO, sizeof ip_2_ip4(&quoted->to)->addr);
	}
	return true;
}

static u8_t on_icmp(void *argument, struct raw_pcb *raw, struct pbuf *packet, const ip_addr_t *from)
{
	enum { LEAVES_IT = 0 };
	uint8_t bytes[LONGEST_HEADER + PORTS];
	u16_t start = ip_current_header_tot_len();
	bool v6 = ip_current_is_v6();
	struct quoted quoted;
	(void)argument, (void)raw, (void)from;
	if (pbuf_get_at(packet, start) != (v6 ? ICMP6_TYPE_DUR : ICMP_DUR) ||
	    pbuf_get_at(packet, start + 1) != (v6 ? ICMP6_DUR_PORT : ICMP_DUR_PORT))
		return LEAVES_IT;
	size_t size = pbuf_copy_partial(packet, bytes, sizeof bytes, start + sizeof(struct icmp_echo_hdr));
	if (!size || !parse(bytes, size, v6, &quoted))
		return LEAVES_IT;
	for (struct udp_pcb *udp = udp_pcbs; udp; udp = udp->next) {
		struct libos_inet *inet = udp->recv_arg; /* null: it is DHCP's */
		if (!inet || !(udp->flags & UDP_FLAGS_CONNECTED) || udp->local_port != quoted.from_port ||
		    udp->remote_port != quoted.to_port || !ip_addr_cmp_zoneless(&udp->remote_ip, &quoted.to))
			continue;
		inet->error = ECONNREFUSED;
		libos_notify(&inet->socket.file.changed);
	}
	return LEAVES_IT;
}

void libos_icmp_watch(void)
{
	static struct raw_pcb *v4, *v6;
	if (!v4 && (v4 = raw_new_ip_type(IPADDR_TYPE_V4, IPPROTO_ICMP)))
		raw_recv(v4, on_icmp, NULL);
	if (!v6 && (v6 = raw_new_ip_type(IPADDR_TYPE_V6, IPPROTO_ICMPV6)))
		raw_recv(v6, on_icmp, NULL);
}

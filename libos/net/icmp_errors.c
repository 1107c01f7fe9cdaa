/* What a connected UDP socket learns of a datagram that nobody took: udp(7), icmp(7), RFC 792, RFC 4443. */
#include "inet.h"
#include <linux/in.h>
#include <linux/in6.h>
#include <lwip/icmp.h>
#include <lwip/icmp6.h>
#include <lwip/pbuf.h>
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

static void on_icmp(struct pbuf *packet, bool v6)
{
	uint8_t bytes[LONGEST_HEADER + PORTS];
	struct quoted quoted;
	if (pbuf_get_at(packet, 0) != (v6 ? ICMP6_TYPE_DUR : ICMP_DUR) || pbuf_get_at(packet, 1) != (v6 ? ICMP6_DUR_PORT : ICMP_DUR_PORT))
		return;
	size_t size = pbuf_copy_partial(packet, bytes, sizeof bytes, sizeof(struct icmp_echo_hdr));
	if (!size || !parse(bytes, size, v6, &quoted))
		return;
	for (struct udp_pcb *udp = udp_pcbs; udp; udp = udp->next) {
		struct libos_inet *inet = udp->recv_arg; /* null: it is DHCP's */
		if (!inet || !(udp->flags & UDP_FLAGS_CONNECTED) || udp->local_port != quoted.from_port ||
		    udp->remote_port != quoted.to_port || !ip_addr_cmp_zoneless(&udp->remote_ip, &quoted.to))
			continue;
		inet->error = ECONNREFUSED;
		libos_notify(&inet->socket.file.changed);
	}
}

void libos_icmp_watch(void)
{
	libos_icmp_watcher = on_icmp;
}

/* unikernel.json's static address. Who has one names this in the program's arguments.S (src/build/plan.ts); who has none asks by DHCP. */
#include "inet.h"
#include <lwip/netif.h>

/* ADDRESS/BITS, the gateway, the name server; empty: none */
extern const char libos_network_address[];
extern const char libos_network_gateway[];
extern const char libos_network_name_server[];

/* The number of bits after the slash; the address before it is left in `text`. */
static unsigned cut_bits(char *text, const char *from, size_t size)
{
	unsigned bits = 0;
	size_t length = 0;
	for (; *from && *from != '/' && length < size - 1; from++)
		text[length++] = *from;
	text[length] = 0;
	for (from += *from == '/'; *from >= '0' && *from <= '9'; from++)
		bits = bits * 10 + (unsigned)(*from - '0');
	return bits;
}

void libos_network_set_static(struct netif *card, ip_addr_t *name_server)
{
	char text[IPADDR_STRLEN_MAX];
	unsigned bits = cut_bits(text, libos_network_address, sizeof text);
	ip4_addr_t address, mask, gateway = {0};
	if (!ip4addr_aton(text, &address) || bits > 32)
		return;
	mask.addr = bits ? lwip_htonl(UINT32_MAX << (32 - bits)) : 0;
	ip4addr_aton(libos_network_gateway, &gateway);
	ipaddr_aton(libos_network_name_server, name_server);
	netif_set_addr(card, &address, &mask, &gateway);
}

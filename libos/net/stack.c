/* The network as a whole: lwIP on the network card, its clock, and the machine's addresses. */
#include "../drivers/network_card.h"
#include "device.h"
#include "inet.h"
#include "interrupt.h"
#include "network.h"
#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/init.h>
#include <lwip/nd6.h>
#include <lwip/netif.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

static const uint64_t millisecond = 1000000, patience = 3000000000;

static struct netif card;
static bool started, polling, has_card;
static ip_addr_t name_server;

u32_t sys_now(void)
{
	return (u32_t)(libos_clock_nanoseconds() / millisecond);
}

unsigned libos_random_word(void)
{
	unsigned word;
	libos_random(&word, sizeof word);
	return word;
}

void libos_dns_setserver(u8_t number, const ip_addr_t *address);
void libos_dns_setserver(u8_t number, const ip_addr_t *address)
{
	if (!number && address && (IP_IS_V4(address) || ip_addr_isany(&name_server)))
		name_server = *address;
}

const ip_addr_t *libos_dns_getserver(u8_t number);
const ip_addr_t *libos_dns_getserver(u8_t number)
{
	(void)number;
	return &name_server;
}

bool libos_name_server(char *text, size_t size)
{
	return !ip_addr_isany(&name_server) && ipaddr_ntoa_r(&name_server, text, (int)size);
}

static void fill(char *to, size_t size, void *from)
{
	pbuf_copy_partial(from, to, (u16_t)size, 0);
}

static err_t send(struct netif *interface, struct pbuf *packet)
{
	(void)interface;
	bool sent = libos_card_send(fill, packet, packet->tot_len);
	if (!polling) /* what a poll sends goes out together: to tell the device is a way to the host */
		libos_card_flush();
	return sent ? ERR_OK : ERR_MEM;
}

static err_t start_card(struct netif *interface)
{
	if (!libos_card_start(interface->hwaddr))
		return ERR_IF;
	interface->name[0] = 'e';
	interface->name[1] = 'n';
	interface->hwaddr_len = 6;
	interface->mtu = 1500;
	interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP | NETIF_FLAG_MLD6;
	interface->output = etharp_output;
	interface->output_ip6 = ethip6_output;
	interface->linkoutput = send;
	return ERR_OK;
}

bool libos_network_start(void)
{
	if (started)
		return true;
	started = true;
	lwip_init();
	if (!netif_add_noaddr(&card, NULL, start_card, ethernet_input))
		return true;
	has_card = true;
	netif_set_default(&card);
	netif_create_ip6_linklocal_address(&card, 1);
	card.ip6_autoconfig_enabled = 1;
	netif_set_up(&card);
	libos_interrupt_enable(libos_card_interrupt);
	nd6_tmr(); /* asks the routers now and not in a second */
	if (libos_network_set_static)
		libos_network_set_static(&card, &name_server);
	else
		dhcp_start(&card);
	libos_network_wait(false);
	return true;
}

static bool has_address(bool v6)
{
	if (!v6)
		return netif_ip4_addr(&card)->addr;
	for (s8_t i = 1; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		/* lwIP would do so within a second: no double is searched for (lwipopts.h) */
		if (ip6_addr_istentative(netif_ip6_addr_state(&card, i)))
			netif_ip6_addr_set_state(&card, i, IP6_ADDR_PREFERRED);
		if (ip6_addr_isvalid(netif_ip6_addr_state(&card, i)))
			return true;
	}
	return false;
}

void libos_network_wait(bool v6)
{
	uint64_t end = libos_clock_nanoseconds() + patience;
	static bool gave_up[2];
	while (has_card && !gave_up[v6] && !has_address(v6)) {
		uint64_t next = libos_poll_devices(), now = libos_clock_nanoseconds();
		gave_up[v6] = now >= end;
		if (next > now && !has_address(v6))
			libos_pause(next - now);
	}
}

static void receive(void)
{
	size_t size;
	for (const char *frame; (frame = libos_card_receive(&size));) {
		struct pbuf *packet = size <= LIBOS_LARGEST_FRAME ? pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_RAM) : NULL;
		if (!packet)
			continue;
		libos_memcpy(packet->payload, frame, size);
		if (card.input(packet, &card) != ERR_OK)
			pbuf_free(packet);
	}
}

/* Callbacks of lwIP notify queues, whose watchers may come here again. */
void libos_network_poll(void)
{
	if (!started || polling)
		return;
	polling = true;
	if (has_card)
		receive();
	netif_poll_all();
	sys_check_timeouts();
	libos_tcp_acknowledge(false);
	netif_poll_all();
	libos_card_flush();
	polling = false;
}

/* An acknowledgement waits for an answer of the program to go with, not longer: a peer may send nothing more until it comes. */
void libos_before_sleep(void)
{
	libos_tcp_acknowledge(true);
}

uint64_t libos_poll_devices(void)
{
	if (!started)
		return LIBOS_NEVER;
	/* before it looks: what comes in from now on interrupts again */
	if (has_card)
		libos_card_acknowledge();
	libos_network_poll();
	u32_t milliseconds = sys_timeouts_sleeptime();
	return milliseconds == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? LIBOS_NEVER
							      : libos_clock_nanoseconds() + milliseconds * millisecond;
}

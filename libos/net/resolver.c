/* /etc/resolv.conf, where the archive has none: the name server that the network told (resolv.conf(5)). */
#include "node.h" /* before lwIP, with which come the headers of a C library */
#include "inet.h"

static void write_text(struct libos_text *text, struct libos_node *node)
{
	char address[IPADDR_STRLEN_MAX];
	(void)node;
	libos_network_start(); /* the C library reads this before it makes a socket */
	if (!libos_name_server(address, sizeof address))
		return;
	libos_text_add(text, "nameserver ");
	libos_text_add(text, address);
	libos_text_add(text, "\n");
}

void libos_resolver_file_add(void)
{
	static const struct libos_generator generator = {write_text, NULL};
	struct libos_node *node = libos_root_add("etc/resolv.conf", S_IFREG | 0444);
	if (node && libos_is(node, S_IFREG) && !node->data.archive)
		node->generator = &generator;
}

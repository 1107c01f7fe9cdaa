/* What lwIP tells of a connection: it is kept in the socket, from where the calls take it. */
#include "tcp.h"

static err_t on_received(void *argument, struct tcp_pcb *tcp, struct pbuf *packet, err_t error)
{
	struct libos_inet *inet = argument;
	(void)error;
	if (!packet) {
		inet->peer_closed = true;
		/* both sides have ended it: lwIP frees it without a word */
		if (tcp->state == TIME_WAIT || tcp->state == CLOSING)
			libos_tcp_detach(inet);
		libos_tcp_changed(inet);
		return ERR_OK;
	}
	if (inet->read_shut) {
		tcp_recved(tcp, packet->tot_len);
		pbuf_free(packet);
		return ERR_OK;
	}
	inet->received += packet->tot_len;
	if (inet->last)
		inet->last->next = packet;
	else
		inet->first = packet;
	while (packet->next)
		packet = packet->next;
	inet->last = packet;
	libos_tcp_changed(inet);
	return ERR_OK;
}

static err_t on_sent(void *argument, struct tcp_pcb *tcp, u16_t size)
{
	struct libos_inet *inet = argument;
	(void)tcp;
	(void)size;
	if (inet->was_full && libos_tcp_has_room(inet)) {
		inet->was_full = false;
		libos_tcp_changed(inet);
	}
	return ERR_OK;
}

/* lwIP has freed the connection. */
static void on_error(void *argument, err_t error)
{
	struct libos_inet *inet = argument;
	inet->tcp = NULL;
	if (error == ERR_CLSD) {
		inet->peer_closed = true;
	} else {
		inet->error = inet->state == LIBOS_INET_CONNECTING && error == ERR_RST ? ECONNREFUSED : (int)-libos_inet_error(error);
		inet->state = LIBOS_INET_CLOSED;
	}
	libos_tcp_changed(inet);
}

static void remember_names(struct libos_inet *inet)
{
	inet->local = (struct libos_endpoint){inet->tcp->local_ip, inet->tcp->local_port};
	inet->peer = (struct libos_endpoint){inet->tcp->remote_ip, inet->tcp->remote_port};
}

err_t libos_tcp_connected(void *argument, struct tcp_pcb *tcp, err_t error)
{
	struct libos_inet *inet = argument;
	(void)tcp;
	(void)error;
	inet->state = LIBOS_INET_CONNECTED;
	remember_names(inet);
	libos_tcp_changed(inet);
	return ERR_OK;
}

/* What MSG_MORE or TCP_CORK held back does not wait for ever. */
static err_t on_time(void *argument, struct tcp_pcb *tcp)
{
	(void)argument;
	tcp_output(tcp);
	return ERR_OK;
}

void libos_tcp_attach(struct libos_inet *inet, struct tcp_pcb *tcp)
{
	inet->tcp = tcp;
	tcp_arg(tcp, inet);
	tcp_recv(tcp, on_received);
	tcp_sent(tcp, on_sent);
	tcp_err(tcp, on_error);
	tcp_poll(tcp, on_time, 1);
	if (tcp->state == ESTABLISHED)
		libos_tcp_connected(inet, tcp, ERR_OK);
}

struct tcp_pcb *libos_tcp_detach(struct libos_inet *inet)
{
	struct tcp_pcb *tcp = inet->tcp;
	inet->tcp = NULL;
	tcp_arg(tcp, NULL);
	if (tcp->state == LISTEN)
		return tcp;
	tcp_recv(tcp, NULL);
	tcp_sent(tcp, NULL);
	tcp_err(tcp, NULL);
	tcp_poll(tcp, NULL, 0);
	return tcp;
}

/* Local sockets of datagrams, with names: unix(7). To connect one says where it sends to, and from whom alone it takes. */
#include "local.h"

struct datagrams {
	struct libos_named named;
	struct datagrams *next;
};
static struct datagrams *first;

/* There is room in a socket, or it is gone: anyone may have waited for it. */
static void notify_all(void)
{
	for (struct datagrams *one = first; one; one = one->next)
		libos_notify(&one->named.local.socket.file.changed);
}

static bool may_send(const struct libos_local *from, const struct libos_local *to)
{
	return !to->peer || to->peer == from;
}

/* Who was sent to until now is told if something of it is lost. */
static void set_peer(struct libos_local *local, struct libos_local *peer)
{
	struct libos_local *old = local->peer;
	if (old && old != peer && local->incoming.size) {
		libos_local_forget(local);
		if (old->peer == local)
			old->error = ECONNRESET;
	}
	local->peer = peer;
	local->connected = peer;
	notify_all();
}

static long connect(struct libos_file *file, const struct libos_address *address)
{
	struct libos_named *named = (struct libos_named *)file, *to;
	if (address->size >= sizeof address->family && address->family == AF_UNSPEC) {
		set_peer(&named->local, NULL);
		return 0;
	}
	long error = libos_named_find(SOCK_DGRAM, address, &to);
	if (error)
		return error;
	if (!may_send(&named->local, &to->local))
		return -EPERM;
	libos_named_need_name(named);
	set_peer(&named->local, &to->local);
	named->peer_address = to->address;
	return 0;
}

static long send(struct libos_file *file, const struct libos_message *message)
{
	struct libos_named *named = (struct libos_named *)file, *to;
	struct libos_local *peer = named->local.peer;
	bool addressed = message->address && message->address->size;
	if (addressed) {
		long error = libos_named_find(SOCK_DGRAM, message->address, &to);
		if (error)
			return error;
		peer = &to->local;
	}
	if (peer && !named->local.no_more_out && !may_send(&named->local, peer))
		return -EPERM;
	libos_named_need_name(named);
	return addressed ? libos_local_send_to(&named->local, peer, message) : libos_local_send(file, message);
}

static long receive(struct libos_file *file, struct libos_message *message)
{
	long result = libos_local_receive(file, message);
	if (result >= 0)
		notify_all();
	return result;
}

static void close(struct libos_file *file)
{
	struct datagrams *closed = (struct datagrams *)file, **place = &first;
	while (*place != closed)
		place = &(*place)->next;
	*place = closed->next;
	for (struct datagrams *one = first; one; one = one->next)
		if (one->named.local.peer == &closed->named.local)
			one->named.local.peer = NULL;
	notify_all();
	libos_named_forget(&closed->named);
	closed->named.local.peer = NULL; /* it need not be whose peer it is */
	libos_local_leave(&closed->named.local);
}

static const struct libos_socket_kind socket_kind = {
	.bind = libos_named_bind,
	.connect = connect,
	.send = send,
	.receive = receive,
	.shutdown = libos_local_shutdown,
	.name = libos_named_name,
	.get_option = libos_local_get_option,
	.set_option = libos_local_set_option,
};
static const struct libos_file_kind kind = {
	.read = libos_local_read,
	.write = libos_local_write,
	.ready = libos_local_ready,
	.status = libos_local_status,
	.socket = &socket_kind,
	.close = close,
};

struct libos_file *libos_datagram_socket(void)
{
	struct datagrams *datagrams = libos_allocate(sizeof *datagrams);
	if (!datagrams)
		return NULL;
	libos_local_start(&datagrams->named.local, &kind, SOCK_DGRAM, 0);
	datagrams->named.local.name = &datagrams->named.address;
	datagrams->next = first;
	first = datagrams;
	return &datagrams->named.local.socket.file;
}

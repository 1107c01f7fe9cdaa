/* Local sockets with names: bind(2), listen(2), accept(2), connect(2) of unix(7), but for datagrams. */
#include "local.h"
#include "node.h"
#include <asm/socket.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/un.h>

enum { PATH_OFFSET = sizeof(uint16_t), LONGEST_ADDRESS = sizeof(struct sockaddr_un) };

static struct libos_named *first_bound;
static struct libos_queue room; /* of any listener's backlog */

static struct libos_named *named_of(struct libos_file *file)
{
	return (struct libos_named *)file;
}

static bool is_path(const struct libos_address *address)
{
	return address->bytes[PATH_OFFSET];
}

static long check(struct libos_address *address)
{
	if (address->size <= PATH_OFFSET || address->size > LONGEST_ADDRESS || address->family != AF_UNIX)
		return -EINVAL;
	if (is_path(address)) {
		address->bytes[address->size] = 0;
		address->size = PATH_OFFSET + libos_strlen(address->bytes + PATH_OFFSET) + 1;
	}
	return 0;
}

/* Who is bound to the node, or, null, to the name that is no path ("abstract"). */
static struct libos_named *find_bound(const struct libos_node *node, const struct libos_address *address)
{
	struct libos_named *one = first_bound;
	while (one && !(node ? one->node == node : !one->node && one->address.size == address->size && !libos_memcmp(one->address.bytes, address->bytes, address->size)))
		one = one->next_bound;
	return one;
}

static long make_node(struct libos_named *named, const char *path)
{
	struct libos_walk walk;
	long error = libos_walk_own(&walk, path, false);
	if (error)
		return error == -ENOTDIR && walk.node && walk.parent ? -EADDRINUSE : error;
	if (walk.node)
		return -EADDRINUSE;
	if (walk.ends_with_slash || !walk.parent->links)
		return -ENOENT;
	struct libos_node *node = libos_node_make(S_IFSOCK | (0777 & ~libos_umask));
	if (!node)
		return -ENOSPC;
	error = libos_name_add(walk.parent, walk.name, walk.length, node);
	if (error)
		libos_node_release(node);
	else
		named->node = node;
	return error;
}

/* A name that is no path, of five digits, for who is bound to no more than the family ("autobind"). */
static void bind_to_any(struct libos_named *named)
{
	enum { DIGITS = 5 };
	struct libos_address *address = &named->address;
	uint32_t number;
	libos_random(&number, sizeof number);
	*address = (struct libos_address){.size = PATH_OFFSET + 1 + DIGITS, .family = AF_UNIX};
	do {
		for (int i = 0; i < DIGITS; i++)
			address->bytes[PATH_OFFSET + 1 + i] = "0123456789abcdef"[number >> 4 * i & 15];
		number++;
	} while (find_bound(NULL, address));
	named->next_bound = first_bound;
	first_bound = named;
}

void libos_named_need_name(struct libos_named *named)
{
	if (named->local.wants_credentials && !named->address.size)
		bind_to_any(named);
}

long libos_named_bind(struct libos_file *file, const struct libos_address *given)
{
	struct libos_named *named = named_of(file);
	struct libos_address address = *given;
	if (address.size == PATH_OFFSET && address.family == AF_UNIX) {
		if (!named->address.size)
			bind_to_any(named);
		return 0;
	}
	long error = check(&address);
	if (error)
		return error;
	if (named->address.size)
		return -EINVAL;
	if (is_path(&address))
		error = make_node(named, address.bytes + PATH_OFFSET);
	else if (find_bound(NULL, &address))
		error = -EADDRINUSE;
	if (error)
		return error;
	named->address = address;
	named->next_bound = first_bound;
	first_bound = named;
	return 0;
}

static long listen_named(struct libos_file *file, int backlog)
{
	struct libos_named *named = named_of(file);
	if (!named->address.size || named->local.connected)
		return -EINVAL;
	named->listens = named->local.knows_peer = true;
	named->backlog = backlog < 0 || backlog > 4096 ? 4096 : (unsigned)backlog;
	libos_notify(&room);
	return 0;
}

/* What an end without a name has for one: unix(7). */
static struct libos_address name_or_family(const struct libos_address *name)
{
	return name->size ? *name : (struct libos_address){.size = PATH_OFFSET, .family = AF_UNIX};
}

static struct libos_named *take_pending(struct libos_named *named)
{
	struct libos_named *one = named->pending;
	named->pending = one->next_pending;
	if (!named->pending)
		named->last_pending = NULL;
	named->waiting--;
	libos_notify(&room);
	return one;
}

static long accept_named(struct libos_file *file, struct libos_file **accepted, struct libos_address *peer)
{
	struct libos_named *named = named_of(file);
	if (!named->listens)
		return -EINVAL;
	if (!named->pending)
		return -EAGAIN;
	struct libos_named *one = take_pending(named);
	*peer = name_or_family(&one->peer_address);
	*accepted = &one->local.socket.file;
	return 0;
}

long libos_named_find(int type, const struct libos_address *given, struct libos_named **found)
{
	struct libos_walk walk = {0};
	struct libos_address address = *given;
	long error = check(&address);
	if (error)
		return error;
	if (is_path(&address)) {
		error = libos_walk_own(&walk, address.bytes + PATH_OFFSET, true);
		if (error || !walk.node)
			return error ? error : -ENOENT;
	}
	*found = find_bound(walk.node, &address);
	return !*found ? -ECONNREFUSED : (*found)->local.type != type ? -EPROTOTYPE : 0;
}

/* It is the only connect that waits: for room in the backlog, and then it looks for the listener again. */
static long connect_named(struct libos_file *file, const struct libos_address *given)
{
	struct libos_named *named = named_of(file), *listener;
	uint64_t timeout = named->local.socket.send_timeout, deadline = timeout ? libos_clock_nanoseconds() + timeout : LIBOS_NEVER;
	for (;;) {
		long error = libos_named_find(named->local.type, given, &listener);
		if (named->listens)
			error = -EINVAL;
		if (!error && !listener->listens)
			error = -ECONNREFUSED;
		if (!error && named->local.connected)
			error = -EISCONN;
		if (error)
			return error;
		if (listener->waiting <= listener->backlog)
			break;
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		error = libos_wait(&room, deadline);
		if (error)
			return error == -ETIMEDOUT ? -EAGAIN : error;
	}
	struct libos_named *server = libos_allocate(sizeof *server);
	if (!server)
		return -ENOMEM;
	libos_local_start(&server->local, file->kind, named->local.type, 0);
	libos_named_need_name(named);
	server->local.wants_credentials = listener->local.wants_credentials;
	server->address = named->peer_address = listener->address;
	server->peer_address = named->address;
	libos_local_join(&named->local, &server->local);
	if (listener->last_pending)
		listener->last_pending->next_pending = server;
	else
		listener->pending = server;
	listener->last_pending = server;
	listener->waiting++;
	libos_notify(&listener->local.socket.file.changed);
	return 0;
}

long libos_named_name(struct libos_file *file, struct libos_address *address, bool of_peer)
{
	struct libos_named *named = named_of(file);
	if (of_peer && !named->local.connected)
		return -ENOTCONN;
	*address = name_or_family(of_peer ? &named->peer_address : &named->address);
	return 0;
}

static long send_named(struct libos_file *file, const struct libos_message *message)
{
	if (message->address && message->address->size)
		return named_of(file)->local.connected ? -EISCONN : -EOPNOTSUPP;
	return libos_local_send(file, message);
}

static long receive_named(struct libos_file *file, struct libos_message *message)
{
	const struct libos_local *local = &named_of(file)->local;
	if (!local->connected)
		return local->type == SOCK_STREAM ? -EINVAL : -ENOTCONN;
	long result = libos_local_receive(file, message);
	if (result >= 0 && message->address)
		*message->address = named_of(file)->peer_address;
	return result;
}

static long get_option(struct libos_file *file, int level, int option, void *value, size_t *size)
{
	long error = libos_local_get_option(file, level, option, value, size);
	if (level == SOL_SOCKET && option == SO_ACCEPTCONN)
		*(int *)value = named_of(file)->listens;
	return error;
}

static unsigned ready(struct libos_file *file)
{
	const struct libos_named *named = named_of(file);
	if (named->listens)
		return named->pending ? POLLIN | POLLRDNORM : 0;
	return named->local.connected ? libos_local_ready(file) : POLLOUT | POLLWRNORM | POLLHUP;
}

static void drop_pending(struct libos_named *named)
{
	while (named->pending) {
		struct libos_local *one = &take_pending(named)->local;
		if (one->peer)
			one->peer->error = ECONNRESET;
		libos_file_release(&one->socket.file);
	}
}

void libos_named_forget(struct libos_named *named)
{
	struct libos_named **place = &first_bound;
	while (*place && *place != named)
		place = &(*place)->next_bound;
	if (*place)
		*place = named->next_bound;
	if (named->node)
		libos_node_release(named->node);
}

static void close_named(struct libos_file *file)
{
	struct libos_named *named = named_of(file);
	if (named->listens)
		drop_pending(named);
	libos_named_forget(named);
	libos_notify(&room);
	libos_local_leave(&named->local);
}

static const struct libos_socket_kind socket_kind = {
	.bind = libos_named_bind,
	.listen = listen_named,
	.accept = accept_named,
	.connect = connect_named,
	.send = send_named,
	.receive = receive_named,
	.shutdown = libos_local_shutdown,
	.name = libos_named_name,
	.get_option = get_option,
	.set_option = libos_local_set_option,
};
static const struct libos_file_kind kind = {
	.read = libos_local_read,
	.write = libos_local_write,
	.ready = ready,
	.status = libos_local_status,
	.socket = &socket_kind,
	.close = close_named,
};

long libos_local_socket(int type, int protocol, struct libos_file **file)
{
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_DGRAM) {
		*file = libos_datagram_socket();
		return *file ? 0 : -ENOMEM;
	}
	if (type != SOCK_STREAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	struct libos_named *named = libos_allocate(sizeof *named);
	if (!named)
		return -ENOMEM;
	libos_local_start(&named->local, &kind, type, 0);
	*file = &named->local.socket.file;
	return 0;
}

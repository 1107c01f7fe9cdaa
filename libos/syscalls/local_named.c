/* Local sockets with names: bind(2), listen(2), accept(2), connect(2) of unix(7), for streams and packets in sequence. */
#include "local.h"
#include "node.h"
#include <asm/socket.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/un.h>

enum { PATH_OFFSET = sizeof(uint16_t), LONGEST_ADDRESS = sizeof(struct sockaddr_un) };

struct named {
	struct libos_local local;
	struct libos_address address, peer_address; /* size 0: none */
	struct libos_node *node;		    /* null: it is not bound to a path */
	struct named *next_bound;
	/* of a listener */
	bool listens;
	unsigned backlog, waiting;
	struct named *pending, *last_pending, *next_pending;
};

static struct named *first_bound;
static struct libos_queue room; /* of any listener's backlog */

static struct named *named_of(struct libos_file *file)
{
	return (struct named *)file;
}

static bool is_path(const struct libos_address *address)
{
	return address->bytes[PATH_OFFSET];
}

/* An empty name would have to be made up (autobind), which nobody asks for here. */
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
static struct named *find_bound(const struct libos_node *node, const struct libos_address *address)
{
	struct named *one = first_bound;
	while (one && !(node ? one->node == node : !one->node && one->address.size == address->size && !libos_memcmp(one->address.bytes, address->bytes, address->size)))
		one = one->next_bound;
	return one;
}

static long make_node(struct named *named, const char *path)
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

static long bind_named(struct libos_file *file, const struct libos_address *given)
{
	struct named *named = named_of(file);
	struct libos_address address = *given;
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
	struct named *named = named_of(file);
	if (!named->address.size || named->local.connected)
		return -EINVAL;
	named->listens = true;
	named->backlog = backlog < 0 || backlog > 4096 ? 4096 : (unsigned)backlog;
	libos_notify(&room);
	return 0;
}

static long accept_named(struct libos_file *file, struct libos_file **accepted)
{
	struct named *named = named_of(file), *one = named->pending;
	if (!named->listens)
		return -EINVAL;
	if (!one)
		return -EAGAIN;
	named->pending = one->next_pending;
	if (!named->pending)
		named->last_pending = NULL;
	named->waiting--;
	libos_notify(&room);
	*accepted = &one->local.socket.file;
	return 0;
}

static long find_listener(const struct named *named, const struct libos_address *address, struct named **listener)
{
	struct libos_walk walk = {0};
	if (is_path(address)) {
		long error = libos_walk_own(&walk, address->bytes + PATH_OFFSET, true);
		if (error || !walk.node)
			return error ? error : -ENOENT;
	}
	*listener = find_bound(walk.node, address);
	if (*listener && (*listener)->local.type != named->local.type)
		return -EPROTOTYPE;
	return *listener && (*listener)->listens ? 0 : -ECONNREFUSED;
}

/* It is the only connect that waits: for room in the backlog, and then it looks for the listener again. */
static long connect_named(struct libos_file *file, const struct libos_address *given)
{
	struct named *named = named_of(file), *listener;
	struct libos_address address = *given;
	uint64_t timeout = named->local.socket.send_timeout, deadline = timeout ? libos_clock_nanoseconds() + timeout : LIBOS_NEVER;
	long error = check(&address);
	for (;;) {
		if (!error && named->listens)
			error = -EINVAL;
		if (!error)
			error = find_listener(named, &address, &listener);
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
	struct named *server = libos_allocate(sizeof *server);
	if (!server)
		return -ENOMEM;
	libos_local_start(&server->local, file->kind, named->local.type, 0);
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

static long name(struct libos_file *file, struct libos_address *address, bool of_peer)
{
	struct named *named = named_of(file);
	if (of_peer && !named->local.connected)
		return -ENOTCONN;
	*address = of_peer ? named->peer_address : named->address;
	if (!address->size)
		*address = (struct libos_address){.size = PATH_OFFSET, .family = AF_UNIX};
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
	return libos_local_receive(file, message);
}

static long get_option(struct libos_file *file, int level, int option, void *value, size_t *size)
{
	long error = libos_local_get_option(file, level, option, value, size);
	if (level == SOL_SOCKET && option == SO_ACCEPTCONN)
		*(int *)value = named_of(file)->listens;
	return error;
}

static long read_named(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	return named_of(file)->local.connected ? libos_local_read(file, buffer, size, offset) : -EINVAL;
}

static unsigned ready(struct libos_file *file)
{
	const struct named *named = named_of(file);
	if (named->listens)
		return named->pending ? POLLIN | POLLRDNORM : 0;
	return named->local.connected ? libos_local_ready(file) : POLLOUT | POLLWRNORM | POLLHUP;
}

static void drop_pending(struct named *named)
{
	struct libos_file *file;
	while (!accept_named(&named->local.socket.file, &file)) {
		struct libos_local *client = named_of(file)->local.peer;
		if (client)
			client->error = ECONNRESET;
		libos_file_release(file);
	}
}

static void close_named(struct libos_file *file)
{
	struct named *named = named_of(file), **place = &first_bound;
	if (named->listens)
		drop_pending(named);
	while (*place && *place != named)
		place = &(*place)->next_bound;
	if (*place)
		*place = named->next_bound;
	if (named->node)
		libos_node_release(named->node);
	libos_notify(&room);
	libos_local_leave(&named->local);
}

static const struct libos_socket_kind socket_kind = {
	.bind = bind_named,
	.listen = listen_named,
	.accept = accept_named,
	.connect = connect_named,
	.send = send_named,
	.receive = receive_named,
	.shutdown = libos_local_shutdown,
	.name = name,
	.get_option = get_option,
	.set_option = libos_local_set_option,
};
static const struct libos_file_kind kind = {
	.read = read_named,
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
	if (type != SOCK_STREAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	struct named *named = libos_allocate(sizeof *named);
	if (!named)
		return -ENOMEM;
	libos_local_start(&named->local, &kind, type, 0);
	*file = &named->local.socket.file;
	return 0;
}

/* Making sockets of IPv4 and IPv6. */
#include "inet.h"
#include <lwip/err.h>
#include <linux/fcntl.h>
#include <linux/in.h>

long libos_inet_error(int error)
{
	switch (error) {
	case ERR_OK:
		return 0;
	case ERR_MEM:
	case ERR_BUF:
		return -ENOBUFS;
	case ERR_TIMEOUT:
	case ERR_ABRT:
		return -ETIMEDOUT;
	case ERR_RTE:
	case ERR_IF:
		return -ENETUNREACH;
	case ERR_USE:
		return -EADDRINUSE;
	case ERR_ALREADY:
		return -EALREADY;
	case ERR_ISCONN:
		return -EISCONN;
	case ERR_CONN:
		return -ENOTCONN;
	case ERR_RST:
		return -ECONNRESET;
	default:
		return -EINVAL;
	}
}

long libos_inet_socket(int family, int type, int protocol, struct libos_file **file)
{
	bool stream = type == SOCK_STREAM;
	if (!stream && type != SOCK_DGRAM)
		return type == SOCK_RAW ? -EPERM : -ESOCKTNOSUPPORT;
	if (protocol && protocol != (stream ? IPPROTO_TCP : IPPROTO_UDP))
		return -EPROTONOSUPPORT;
	long (*start)(struct libos_inet *) = stream ? libos_tcp_start : libos_udp_start;
	if (!start)
		return -EPROTONOSUPPORT;
	struct libos_inet *inet = libos_allocate(sizeof *inet);
	if (!inet)
		return -ENOBUFS;
	libos_network_start();
	inet->socket.file.references = 1;
	inet->socket.file.flags = O_RDWR;
	inet->family = family;
	inet->receive_buffer = inet->send_buffer = 106496;
	long error = start(inet);
	if (error)
		libos_free(inet);
	*file = &inet->socket.file;
	return error;
}

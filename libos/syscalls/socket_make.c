/* Making sockets: socket(2). Which families there are says the table of the program's calls: see make-table. */
#include "socket_call.h"
#include <linux/fcntl.h>
#include <linux/in.h>

enum { TYPE_MASK = 0xf, SOCK_CLOEXEC = O_CLOEXEC, SOCK_NONBLOCK = O_NONBLOCK };

long libos_sys_socket(int family, int type, int protocol)
{
	int flags = type & ~TYPE_MASK;
	struct libos_file *file;
	long error;
	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	type &= TYPE_MASK;
	if ((family == AF_INET || family == AF_INET6) && libos_inet_socket)
		error = libos_inet_socket(family, type, protocol, &file);
	else if (family == AF_UNIX && libos_local_socket)
		error = libos_local_socket(type, protocol, &file);
	else
		error = -EAFNOSUPPORT;
	if (error)
		return error;
	file->flags |= (unsigned)(flags & SOCK_NONBLOCK);
	return libos_descriptor_add(file, flags & SOCK_CLOEXEC);
}

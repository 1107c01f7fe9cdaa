/* What sockets.h offers. */
#include "sockets.h"

struct sockaddr_in loopback(void)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int bound(int type, struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	int made = socket(AF_INET, type, 0);
	*address = loopback();
	if (made < 0 || bind(made, (struct sockaddr *)address, size) || getsockname(made, (struct sockaddr *)address, &size))
		printf("not bound: %s\n", error_name(errno));
	return made;
}

int listening(struct sockaddr_in *address)
{
	int made = bound(SOCK_STREAM, address);
	if (listen(made, 5))
		printf("does not listen: %s\n", error_name(errno));
	return made;
}

void connect_pair(int *client, int *server)
{
	struct sockaddr_in address;
	int listener = listening(&address);
	*client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(*client, (struct sockaddr *)&address, sizeof address))
		printf("not connected: %s\n", error_name(errno));
	*server = accept(listener, NULL, NULL);
	close(listener);
}

void await(int descriptor, short events)
{
	struct pollfd polled = {.fd = descriptor, .events = events};
	int count = poll(&polled, 1, 3000);
	printf("%d: %x\n", count, polled.revents);
}

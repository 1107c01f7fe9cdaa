/* Pairs of connected sockets over loopback. */
#ifndef SOCKETS_H
#define SOCKETS_H
#include "case.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* 127.0.0.1 and a port that is chosen. */
struct sockaddr_in loopback(void);
/* A bound socket, with its address in *address. */
int bound(int type, struct sockaddr_in *address);
/* A listening one. */
int listening(struct sockaddr_in *address);
/* Connects two TCP sockets. */
void connect_pair(int *client, int *server);
/* Waits until one of the events is there, and prints what there is. */
void await(int descriptor, short events);

#endif

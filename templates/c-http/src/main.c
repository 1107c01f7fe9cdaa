// A small HTTP server: one process, one thread, and epoll (man 7 epoll).
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 80, MOST_EVENTS = 64 };

// What has arrived of a client's request.
struct client {
    int descriptor;
    size_t length;
    char request[2048];
};

static int polling;
static unsigned long served;

// Sends the answer, and says whether the client may ask again.
static bool answer(const struct client *client)
{
    char body[128], head[256];
    const char *path = client->request + strcspn(client->request, " ");
    bool found = strncmp(path, " / ", 3) == 0;
    bool keep = strstr(client->request, "HTTP/1.1\r\n") && !strstr(client->request, "Connection: close");
    int size = found ? snprintf(body, sizeof body, "Hello from a unikernel! You are visitor %lu.\n", ++served)
                     : snprintf(body, sizeof body, "There is nothing at this address.\n");
    int head_size = snprintf(head, sizeof head,
                             "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n",
                             found ? "200 OK" : "404 Not Found", size, keep ? "keep-alive" : "close");
    send(client->descriptor, head, (size_t)head_size, MSG_MORE | MSG_NOSIGNAL);
    send(client->descriptor, body, (size_t)size, MSG_NOSIGNAL);
    return keep;
}

static void forget(struct client *client)
{
    close(client->descriptor);
    free(client);
}

static void welcome(int listener)
{
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct client *client = descriptor < 0 ? NULL : calloc(1, sizeof *client);
    if (client == NULL) {
        if (descriptor >= 0)
            close(descriptor);
        return;
    }
    client->descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(polling, EPOLL_CTL_ADD, descriptor, &event) != 0)
        forget(client);
}

static void listen_to(struct client *client)
{
    ssize_t size = recv(client->descriptor, client->request + client->length, sizeof client->request - 1 - client->length, 0);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0) {
        forget(client);
        return;
    }
    client->length += (size_t)size;
    client->request[client->length] = 0;
    // A blank line ends a request; what comes after the first is dropped, as clients wait for the answer.
    bool complete = strstr(client->request, "\r\n\r\n") != NULL;
    bool too_long = client->length == sizeof client->request - 1;
    if (too_long || (complete && !answer(client)))
        forget(client);
    else if (complete)
        client->length = 0;
}

int main(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = in6addr_any};
    int yes = 1;
    int listener = socket(AF_INET6, SOCK_STREAM, 0); // also takes IPv4
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 128) != 0) {
        puts("The port cannot be listened at.");
        return 1;
    }
    polling = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[MOST_EVENTS];
    if (epoll_ctl(polling, EPOLL_CTL_ADD, listener, &event) != 0) {
        puts("The port cannot be watched.");
        return 1;
    }
    printf("Listening on port %d\n", PORT);
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(polling, events, MOST_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                welcome(listener);
            else
                listen_to(events[i].data.ptr);
        }
    }
}

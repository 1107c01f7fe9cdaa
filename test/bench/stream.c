/* A server of bytes: the first that a client sends says whether it gets so many (`<`), or sends more, whose end is answered with one (`>`). */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 8080, BYTES = 64 << 20 }; /* as network.ts has them */
static char bytes[64 << 10];

static void serve(int client)
{
    if (read(client, bytes, 1) != 1)
        return;
    if (*bytes == '<') {
        for (size_t left = BYTES; left > 0;) {
            ssize_t written = write(client, bytes, left < sizeof bytes ? left : sizeof bytes);
            if (written <= 0)
                return;
            left -= (size_t)written;
        }
    } else {
        while (read(client, bytes, sizeof bytes) > 0)
            continue;
        if (write(client, bytes, 1) != 1)
            perror("write");
    }
}

int main(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 1)) {
        perror("listen");
        return 1;
    }
    puts("listening");
    fflush(stdout);
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            return 1;
        serve(client);
        close(client);
    }
}

/* The first process of the Linux that a guest is compared with: it becomes the program. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

int main(void)
{
    if (mount("none", "/proc", "proc", 0, NULL) || mount("none", "/dev", "devtmpfs", 0, NULL))
        return 1;
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (dup2(open("/dev/console", O_RDWR), descriptor) < 0)
            return 1;
    execl("/program", "/program", NULL);
    perror("/program");
    return 1;
}

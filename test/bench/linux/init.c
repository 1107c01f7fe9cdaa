/* The first process of the Linux that a guest is compared with: loads the network card's drivers, takes an address, and becomes the program. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static void check(int result, const char *what)
{
    if (result >= 0)
        return;
    perror(what);
    exit(1);
}

/* In the order of their numbers (init_module(2)); whether there were any. */
static int load_modules(void)
{
    char name[32];
    for (int number = 10;; number++) {
        snprintf(name, sizeof name, "/modules/%d.ko", number);
        int file = open(name, O_RDONLY | O_CLOEXEC);
        if (file < 0)
            return number > 10;
        check((int)syscall(SYS_finit_module, file, "", 0), name);
        close(file);
    }
}

static struct sockaddr internet(const char *address)
{
    struct sockaddr_in internet = {.sin_family = AF_INET};
    struct sockaddr any;
    inet_pton(AF_INET, address, &internet.sin_addr);
    memcpy(&any, &internet, sizeof any);
    return any;
}

/* netdevice(7); the addresses of QEMU's user-mode network. */
static void bring_up(int control, const char *name, const char *address, const char *mask)
{
    struct ifreq request = {0};
    strcpy(request.ifr_name, name);
    request.ifr_addr = internet(address);
    check(ioctl(control, SIOCSIFADDR, &request), name);
    request.ifr_netmask = internet(mask);
    check(ioctl(control, SIOCSIFNETMASK, &request), name);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check(ioctl(control, SIOCSIFFLAGS, &request), name);
}

/* The card is there some time after its driver is. */
static void start_network(void)
{
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bring_up(control, "lo", "127.0.0.1", "255.0.0.0");
    while (!if_nametoindex("eth0"))
        usleep(1000);
    bring_up(control, "eth0", "10.0.2.15", "255.255.255.0");
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    route.rt_dst = route.rt_genmask = internet("0.0.0.0");
    route.rt_gateway = internet("10.0.2.2");
    check(ioctl(control, SIOCADDRT, &route), "route");
    close(control);
}

/* The kernel hands over what stands behind `--` on its command line, behind words before it that it does not know itself. */
int main(int count, char **words)
{
    (void)count;
    check(mount("none", "/proc", "proc", 0, NULL), "/proc");
    check(mount("none", "/dev", "devtmpfs", 0, NULL), "/dev");
    for (int descriptor = 0; descriptor < 3; descriptor++)
        check(dup2(open("/dev/console", O_RDWR), descriptor), "/dev/console");
    if (load_modules())
        start_network();
    check(chdir("/files"), "/files");
    while (strcmp(*words, "/program") != 0)
        words++;
    execv("/program", words);
    perror("/program");
    return 1;
}

/* The template's program, without an end: as many steps as the bench asks for, with as many locals. */
#include <stdio.h>

struct greeting {
    const char *from;
    int number;
};

static int greet(struct greeting greeting, int total) {
    int remaining = total - greeting.number;

    printf("Hello from a %s! (%d of %d)\n", greeting.from, greeting.number, total);
    return remaining;
}

int main(void) {
    const char *places[] = {"unikernel", "virtual machine", "single address space"};
    int total = sizeof places / sizeof places[0];
    int remaining = total;

    for (int i = 0; remaining <= total; i++) {
        struct greeting greeting = {places[i % total], i % total + 1};
        remaining = greet(greeting, total);
    }
    return 0;
}

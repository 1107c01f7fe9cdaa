/* A long array, and a loop that comes back for as many messages as the bench asks for. */
static int numbers[10000];
static volatile int sum;

static void settle(void) { sum = 0; }

int main(void) {
    int *first = numbers;
    for (;;) {
        settle(); /* tag: round */
        for (int i = 0; i < 1000; i++) {
            sum += first[i]; /* tag: message */
        }
    }
}

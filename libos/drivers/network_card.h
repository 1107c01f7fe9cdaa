/* A network card. */
#ifndef LIBOS_NETWORK_CARD_H
#define LIBOS_NETWORK_CARD_H
#include "libos.h"

enum { LIBOS_LARGEST_FRAME = 1514 };

/* Starts the machine's network card; false: it has none that works. */
bool libos_card_start(uint8_t address[6]);
/* Has a frame ready whose bytes `fill` writes, which `flush` sends; false: the card is busy. */
bool libos_card_send(void (*fill)(char *to, size_t size, void *from), void *from, size_t size);
void libos_card_flush(void);
/* The next frame that came in, which stays until the next call; null: none. */
const char *libos_card_receive(size_t *size);
/* The card interrupts when a frame comes in; this lets it. */
void libos_card_acknowledge(void);
extern unsigned libos_card_interrupt;
#endif

/* The configuration space of PCI's first bus, by words; the function is always the first. */
#ifndef LIBOS_PCI_H
#define LIBOS_PCI_H
#include <stdint.h>
enum { LIBOS_PCI_SLOTS = 32 };
/* arch/ARCHITECTURE/pci.c; all ones where there is no device */
uint32_t libos_pci_read(unsigned slot, unsigned offset);
void libos_pci_write(unsigned slot, unsigned offset, uint32_t value);
#endif

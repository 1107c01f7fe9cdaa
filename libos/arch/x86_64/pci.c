/* PCI's configuration space by the two ports that every PC has (PCI 3.0, 3.2.2.3.2). */
#include "pci.h"
#include "ports.h"

enum { ADDRESS = 0xcf8, DATA = 0xcfc };

static void select(unsigned slot, unsigned offset)
{
	libos_out_word(ADDRESS, 1u << 31 | slot << 11 | (offset & 0xfc));
}

uint32_t libos_pci_read(unsigned slot, unsigned offset)
{
	select(slot, offset);
	return libos_in_word(DATA);
}

void libos_pci_write(unsigned slot, unsigned offset, uint32_t value)
{
	select(slot, offset);
	libos_out_word(DATA, value);
}

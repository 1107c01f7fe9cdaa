/* The map of the address space: areas, which do not overlap, in the order of their addresses. */
#ifndef LIBOS_AREAS_H
#define LIBOS_AREAS_H
#include "file.h"

struct libos_area {
	uintptr_t start, end;
	struct libos_file *file; /* null: its pages begin as zeros; else the area has a reference */
	uint64_t offset;	 /* of the file, at `start` */
	struct libos_area *below, *above; /* the tree, which is a heap by `priority` */
	uint32_t priority;
	uint8_t prot; /* as mmap's */
	bool shared;  /* what is written goes to the file */
};

/* kernel/areas.c. All addresses are multiples of the page size; results are 0 or -ENOMEM. */
/* The first area that ends behind the address. */
struct libos_area *libos_area_from(uintptr_t address);
/* Where nothing is yet; grows a neighbour of the same kind. Takes a reference of the file. */
int libos_area_add(const struct libos_area *like);
void libos_area_remove(struct libos_area *area);
/* No area goes across the address after it. */
int libos_area_split(uintptr_t address);
/* Whether there are areas without a hole between them. */
bool libos_covered(uintptr_t address, size_t size);
/* One area for neighbours of the same kind around the address. */
void libos_area_join(uintptr_t address);

/* kernel/tables.c: what the CPU has of it, filled by and by. */
/* The entry of a page, or null where there is no table; its table is made if asked for, and null means no memory. */
uint64_t *libos_table_entry(uintptr_t page, bool make);
/* Gives the pages back. */
void libos_table_clear(uintptr_t start, uintptr_t end);
void libos_table_protect(const struct libos_area *area);
int libos_table_move(uintptr_t from, uintptr_t to, size_t size);
/* Gives back the tables of a range that has nothing mapped, from the area before it to the one behind it. */
void libos_table_release(uintptr_t start, uintptr_t end);
#endif

/* The areas of the address space, in a treap: a tree by address, kept flat by random priorities (Seidel and Aragon, 1996). */
#include "areas.h"

extern typeof(libos_file_keep) libos_file_keep __attribute__((weak));
extern typeof(libos_file_release) libos_file_release __attribute__((weak));

static struct libos_area *root;

struct libos_area *libos_area_from(uintptr_t address)
{
	struct libos_area *found = NULL;
	for (struct libos_area *area = root; area;) {
		if (address < area->end) {
			found = area;
			area = area->below;
		} else
			area = area->above;
	}
	return found;
}

static struct libos_area **side(struct libos_area *area, uintptr_t address)
{
	return address < area->start ? &area->below : &area->above;
}

static void insert(struct libos_area *area)
{
	static uint32_t random;
	struct libos_area **link = &root;
	area->priority = random = random * 1664525 + 1013904223;
	while (*link && (*link)->priority >= area->priority)
		link = side(*link, area->start);
	struct libos_area *rest = *link, **below = &area->below, **above = &area->above;
	*link = area;
	while (rest) {
		struct libos_area ***end = rest->start < area->start ? &below : &above;
		**end = rest;
		*end = side(rest, area->start);
		rest = **end;
	}
	*below = *above = NULL;
}

static void take_out(struct libos_area *area)
{
	struct libos_area **link = &root, *below = area->below, *above = area->above;
	while (*link != area)
		link = side(*link, area->start);
	while (below && above) {
		if (below->priority > above->priority) {
			*link = below;
			link = &below->above;
			below = *link;
		} else {
			*link = above;
			link = &above->below;
			above = *link;
		}
	}
	*link = below ? below : above;
}

void libos_area_remove(struct libos_area *area)
{
	take_out(area);
	if (area->file)
		libos_file_release(area->file);
	libos_free(area);
}

static int insert_copy(const struct libos_area *like)
{
	struct libos_area *area = libos_allocate(sizeof *area);
	if (!area)
		return -ENOMEM;
	*area = *like;
	if (area->file)
		libos_file_keep(area->file);
	insert(area);
	return 0;
}

int libos_area_split(uintptr_t address)
{
	struct libos_area *area = libos_area_from(address);
	if (!area || area->start >= address)
		return 0;
	struct libos_area second = *area;
	second.start = address;
	second.offset += address - area->start;
	int error = insert_copy(&second);
	if (!error)
		area->end = address;
	return error;
}

bool libos_covered(uintptr_t address, size_t size)
{
	for (uintptr_t next = address; next < address + size;) {
		const struct libos_area *area = libos_area_from(next);
		if (!area || area->start > next)
			return false;
		next = area->end;
	}
	return true;
}

static bool continues(const struct libos_area *area, const struct libos_area *next)
{
	return area && next && area->end == next->start && area->prot == next->prot && area->shared == next->shared &&
	       area->file == next->file && (!area->file || area->offset + (area->end - area->start) == next->offset);
}

void libos_area_join(uintptr_t address)
{
	struct libos_area *next = libos_area_from(address), *area = libos_area_from(address - 1);
	if (area == next || !continues(area, next))
		return;
	uintptr_t end = next->end;
	libos_area_remove(next);
	area->end = end;
}

int libos_area_add(const struct libos_area *like)
{
	struct libos_area *before = libos_area_from(like->start - 1);
	if (continues(before, like))
		before->end = like->end;
	else {
		int error = insert_copy(like);
		if (error)
			return error;
	}
	libos_area_join(like->end);
	return 0;
}

/* What shared folders (share/) are to parts that do without: weak, so that a program that shares nothing has none of it. */
#ifndef LIBOS_SHARE_H
#define LIBOS_SHARE_H
#include "libos.h"

struct libos_area;
struct libos_text;

/* share/mount.c: as the tree is made */
void libos_shares_mount(void) __attribute__((weak));
/* share/mount.c: a line for each share, as in /proc/mounts */
void libos_shares_list(struct libos_text *text) __attribute__((weak));
/* share/nodes.c: frees what has gone, and nodes not in use and mapped pages that are many; on the way back to the program, when no call has it */
void libos_shares_trim(void) __attribute__((weak));
/* share/pages.c: writes what mappings changed, of an area (the error is the host's), and of all */
long libos_shares_write_back(const struct libos_area *area) __attribute__((weak));
void libos_shares_write_all_back(void) __attribute__((weak));
#endif

/* What is kept about a file until it goes: sets of epoll(7), locks. It is in an image only with those. */
#include "file.h"

void libos_watch_file(struct libos_file *file, struct libos_watch *watch)
{
	libos_watch(&file->changed, watch);
}

void libos_file_gone(struct libos_file *file)
{
	libos_notify(&file->changed);
}

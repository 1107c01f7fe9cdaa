/* Included before each source of a tool that parses ELF files: its memory is a run's, and what ends it ends the run. */
#ifndef TOOL_H
#define TOOL_H
#include <capstone/capstone.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

void *tool_allocate(size_t count, size_t size);
void *tool_allocate_again(void *memory, size_t size);
_Noreturn void tool_end(int status, ...);
#define malloc(size) tool_allocate(1, size)
#define calloc(count, size) tool_allocate(count, size)
#define realloc(memory, size) tool_allocate_again(memory, size)
#define exit(status) tool_end(status)
#define err(status, ...) tool_end(status, __VA_ARGS__)
#define errx(status, ...) tool_end(status, __VA_ARGS__)
#define main tool_main
#endif

/* A ready static program: what is read of its ELF file, and where its parts and the library OS go. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_SIZE = 4096, MOST_SEGMENTS = 64, NAME_SIZE = 64 };

/* A piece of a segment: from one section of the file to the next. */
struct piece {
	char name[NAME_SIZE];
	uint64_t address, size;
	const unsigned char *bytes; /* null: zeros */
	unsigned segment;
};

struct segment {
	uint64_t address, size, stored; /* the rest of the size is zeros */
	uint64_t physical;
	uint32_t flags; /* PF_R and so on */
	const unsigned char *bytes;
};

struct program {
	const char *path;
	const unsigned char *file;
	size_t file_size;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections; /* null: it has none */
	struct segment segments[MOST_SEGMENTS];
	unsigned segment_count;
	struct piece *pieces; /* in the order of the segments, and of their addresses in them */
	size_t piece_count;
	uint64_t header_address;     /* of the ELF header in memory; 0: it is not there */
	uint64_t library_os_address; /* virtual and physical */
};

/* program.c: reads a program; ends this one with what is wrong with it. */
struct program read_program(const char *path, const char *architecture);
_Noreturn void refuse(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* layout.c: cuts the segments into pieces, and chooses where everything goes. */
void lay_out(struct program *program);

/* object.c, script.c: what the linker takes. */
void write_object(const struct program *program, const char *path);
void write_script(const struct program *program, const char *path);

/* The name of a section, as far as the file has it. */
const char *section_name(const struct program *program, const Elf64_Shdr *section);

static inline uint64_t round_up(uint64_t value)
{
	return (value + PAGE_SIZE - 1) & -(uint64_t)PAGE_SIZE;
}
#endif

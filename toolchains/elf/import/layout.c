/*
 * Where a program and the library OS go. The program keeps its virtual addresses. Its physical ones begin where the library OS does
 * otherwise, and the library OS, whose two kinds of addresses are the same, comes behind both.
 */
#include "program.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libos/build has the same; ROOM is more than any library OS has needed. */
enum { X86_64_START = 0x100000, AARCH64_START = 0x40100000, ROOM = 16 << 20, GIBIBYTE = 1 << 30 };

/* Sections' names in the linker's script are plain. */
static void copy_name(char *to, const char *from)
{
	int length = snprintf(to, NAME_SIZE - 8, ".program%s%s", *from == '.' ? "" : ".", from);
	for (int i = 0; i < length && to[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._", to[i]))
			to[i] = '_';
}

static bool has_piece(const struct program *program, const char *name)
{
	for (size_t i = 0; i < program->piece_count; i++)
		if (strcmp(program->pieces[i].name, name) == 0)
			return true;
	return false;
}

/* Appends what is from one address to another of a segment; stored bytes and zeros are two pieces. */
static void add(struct program *program, unsigned segment, const char *name, uint64_t from, uint64_t to)
{
	const struct segment *holder = &program->segments[segment];
	const uint64_t zeros = holder->address + holder->stored;
	if (from < zeros && to > zeros) {
		add(program, segment, name, from, zeros);
		from = zeros;
	}
	if (from >= to)
		return;
	program->pieces = realloc(program->pieces, (program->piece_count + 1) * sizeof *program->pieces);
	if (!program->pieces)
		err(1, NULL);
	struct piece piece = { .address = from, .size = to - from, .segment = segment };
	if (from < zeros)
		piece.bytes = holder->bytes + (from - holder->address);
	copy_name(piece.name, name);
	if (has_piece(program, piece.name))
		sprintf(piece.name + strlen(piece.name), ".%zu", program->piece_count % 100000);
	program->pieces[program->piece_count++] = piece;
}

/* The first section from an address on that lies in the segment; thread-local zeros take no room there. */
static const Elf64_Shdr *next_section(const struct program *program, uint64_t from, uint64_t end)
{
	const Elf64_Shdr *next = NULL;
	for (unsigned i = 0; program->sections && i < program->header->e_shnum; i++) {
		const Elf64_Shdr *section = &program->sections[i];
		if ((section->sh_flags & SHF_ALLOC) && !(section->sh_flags & SHF_TLS && section->sh_type == SHT_NOBITS) &&
		    section->sh_size && section->sh_addr >= from && section->sh_addr < end && section->sh_size <= end - section->sh_addr &&
		    (!next || section->sh_addr < next->sh_addr))
			next = section;
	}
	return next;
}

/* A piece begins with a section, and has the room behind that as well. */
static void cut_into_pieces(struct program *program, unsigned segment)
{
	uint64_t from = program->segments[segment].address, at = from;
	const uint64_t end = from + program->segments[segment].size;
	const char *name = "headers";
	for (const Elf64_Shdr *section; (section = next_section(program, at, end)); at = from + section->sh_size) {
		add(program, segment, name, from, section->sh_addr);
		name = section_name(program, section);
		from = section->sh_addr;
	}
	add(program, segment, name, from, end);
}

void lay_out(struct program *program)
{
	const uint64_t start = program->header->e_machine == EM_X86_64 ? X86_64_START : AARCH64_START;
	uint64_t next = start;
	for (unsigned i = 0; i < program->segment_count; i++) {
		struct segment *segment = &program->segments[i];
		segment->physical = next + segment->address % PAGE_SIZE;
		next = round_up(segment->physical + segment->size);
		cut_into_pieces(program, i);
	}
	/* the segments are in the order of their addresses */
	for (unsigned i = 0; i < program->segment_count; i++) {
		const uint64_t end = round_up(program->segments[i].address + program->segments[i].size);
		if (program->segments[i].address < next + ROOM && end > next)
			next = end;
	}
	if (next - start >= GIBIBYTE)
		refuse(program->path, "there is no room for the library OS within 1 GiB from 0x%lx on", start);
	program->library_os_address = next;
}

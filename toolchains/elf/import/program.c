/* Reads a ready program, and says of one that cannot be used why not. */
#include "program.h"

#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the library OS maps what the program asks for: LIBOS_MMAP_START (libos/include/libos.h). */
static const uint64_t end_of_programs = 0x1000000000;

_Noreturn void refuse(const char *path, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("%s:1: error: ", path);
	vprintf(format, arguments);
	putchar('\n');
	exit(1);
}

static bool in_file(const struct program *program, uint64_t offset, uint64_t size)
{
	return offset <= program->file_size && size <= program->file_size - offset;
}

static void map(struct program *program)
{
	struct stat status;
	int descriptor = open(program->path, O_RDONLY);
	if (descriptor < 0 || fstat(descriptor, &status) < 0)
		err(1, "%s", program->path);
	program->file_size = (size_t)status.st_size;
	if (program->file_size < sizeof(Elf64_Ehdr))
		refuse(program->path, "this is not an ELF executable");
	program->file = mmap(NULL, program->file_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	if (program->file == MAP_FAILED)
		err(1, "%s", program->path);
	close(descriptor);
	program->header = (const void *)program->file;
}

static const char *name_of_machine(unsigned machine)
{
	return machine == EM_X86_64 ? "x86_64" : machine == EM_AARCH64 ? "aarch64" : "another architecture";
}

static void check_header(const struct program *program, const char *architecture)
{
	const Elf64_Ehdr *header = program->header;
	const unsigned char *identity = header->e_ident;
	if (memcmp(identity, ELFMAG, SELFMAG) != 0)
		refuse(program->path, "this is not an ELF executable");
	if (identity[EI_CLASS] != ELFCLASS64 || identity[EI_DATA] != ELFDATA2LSB)
		refuse(program->path, "this is not a 64-bit little-endian ELF executable");
	if (strcmp(name_of_machine(header->e_machine), architecture) != 0)
		refuse(program->path, "this program is for %s, not for %s", name_of_machine(header->e_machine), architecture);
	if (header->e_phentsize != sizeof(Elf64_Phdr) || !in_file(program, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr)))
		refuse(program->path, header->e_type == ET_REL ? "this is an object file: link it to a program" : "this file is cut short");
}

static void check_kind(const struct program *program, const Elf64_Phdr *headers)
{
	for (unsigned i = 0; i < program->header->e_phnum; i++)
		if (headers[i].p_type == PT_INTERP)
			refuse(program->path, "this program is dynamically linked: link it statically, with fixed addresses (-static -no-pie)");
	if (program->header->e_type == ET_DYN)
		refuse(program->path, "this program is position-independent: link it with fixed addresses (-static -no-pie)");
	if (program->header->e_type != ET_EXEC)
		refuse(program->path, "this is not an executable");
}

static int by_address(const void *left, const void *right)
{
	const struct segment *a = left, *b = right;
	return (a->address > b->address) - (a->address < b->address);
}

static void read_segments(struct program *program, const Elf64_Phdr *headers)
{
	const uint64_t headers_end = program->header->e_phoff + (uint64_t)program->header->e_phnum * sizeof *headers;
	for (unsigned i = 0; i < program->header->e_phnum; i++) {
		const Elf64_Phdr *header = &headers[i];
		if (header->p_type != PT_LOAD || !header->p_memsz)
			continue;
		if (!in_file(program, header->p_offset, header->p_filesz) || header->p_filesz > header->p_memsz)
			refuse(program->path, "this file is cut short");
		if (header->p_vaddr < PAGE_SIZE || header->p_vaddr >= end_of_programs || header->p_memsz > end_of_programs - header->p_vaddr)
			refuse(program->path, "the program has a segment at 0x%lx, and there is room between 0x1000 and 0x%lx only",
			       header->p_vaddr, end_of_programs);
		if (program->segment_count == MOST_SEGMENTS)
			refuse(program->path, "the program has more than %d segments", MOST_SEGMENTS);
		program->segments[program->segment_count++] = (struct segment){
			.address = header->p_vaddr, .size = header->p_memsz, .stored = header->p_filesz,
			.flags = header->p_flags, .bytes = program->file + header->p_offset,
		};
		if (header->p_offset == 0 && header->p_filesz >= headers_end)
			program->header_address = header->p_vaddr;
	}
	if (!program->segment_count)
		refuse(program->path, "the program has nothing to load");
	qsort(program->segments, program->segment_count, sizeof *program->segments, by_address);
	for (unsigned i = 1; i < program->segment_count; i++)
		if (program->segments[i].address / PAGE_SIZE * PAGE_SIZE < round_up(program->segments[i - 1].address + program->segments[i - 1].size))
			refuse(program->path, "two segments of the program share the page at 0x%lx",
			       program->segments[i].address / PAGE_SIZE * PAGE_SIZE);
}

/* Sections only serve the debugger: a file whose list of them is damaged is used as one without. */
static void read_sections(struct program *program)
{
	const Elf64_Ehdr *header = program->header;
	if (!header->e_shnum || header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shstrndx >= header->e_shnum ||
	    !in_file(program, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)))
		return;
	program->sections = (const void *)(program->file + header->e_shoff);
	for (unsigned i = 0; i < header->e_shnum; i++)
		if (program->sections[i].sh_type != SHT_NOBITS && !in_file(program, program->sections[i].sh_offset, program->sections[i].sh_size))
			refuse(program->path, "this file is cut short");
}

const char *section_name(const struct program *program, const Elf64_Shdr *section)
{
	const Elf64_Shdr *names = &program->sections[program->header->e_shstrndx];
	const char *name = (const char *)program->file + names->sh_offset + section->sh_name;
	return section->sh_name < names->sh_size && memchr(name, '\0', names->sh_size - section->sh_name) ? name : "";
}

struct program read_program(const char *path, const char *architecture)
{
	struct program program = { .path = path };
	map(&program);
	check_header(&program, architecture);
	const Elf64_Phdr *headers = (const void *)(program.file + program.header->e_phoff);
	check_kind(&program, headers);
	read_segments(&program, headers);
	read_sections(&program);
	return program;
}

/*
 * pack ELF OUTPUT: leaves out of a stripped executable what booting does not need: the list of sections, and the room between segments
 * that keeps their places in the file and in memory alike (System V ABI, "Program Header"), which only a loader that maps the file wants.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8 };

_Noreturn static void fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("pack: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	exit(1);
}

static unsigned char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) || (*size = (size_t)ftell(file)) > INT32_MAX)
		fail("%s cannot be read", path);
	unsigned char *bytes = malloc(*size + 1);
	rewind(file);
	if (!bytes || fread(bytes, 1, *size, file) != *size)
		fail("%s cannot be read", path);
	fclose(file);
	return bytes;
}

/* The segment of memory that holds this place of the file. */
static const Elf64_Phdr *find_holder(const Elf64_Phdr *segments, unsigned count, uint64_t offset, uint64_t size)
{
	for (unsigned i = 0; i < count; i++)
		if (segments[i].p_type == PT_LOAD && offset >= segments[i].p_offset && size <= segments[i].p_filesz &&
		    offset - segments[i].p_offset <= segments[i].p_filesz - size)
			return &segments[i];
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: pack ELF OUTPUT\n", stderr);
		return 2;
	}
	size_t size;
	unsigned char *elf = read_file(argv[1], &size), *packed = calloc(1, size);
	const Elf64_Ehdr *header = (const void *)elf;
	if (!packed || size < sizeof *header || memcmp(elf, ELFMAG, SELFMAG) != 0 || elf[EI_CLASS] != ELFCLASS64 ||
	    header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff > size || header->e_phoff % _Alignof(Elf64_Phdr) ||
	    header->e_phnum * sizeof(Elf64_Phdr) > size - header->e_phoff)
		fail("%s is no 64-bit ELF executable", argv[1]);
	const Elf64_Phdr *before = (const void *)(elf + header->e_phoff);
	Elf64_Phdr *after = calloc(header->e_phnum, sizeof *after);
	if (!after)
		fail("no memory is left");
	memcpy(after, before, header->e_phnum * sizeof *after);
	size_t end = header->e_phoff + header->e_phnum * sizeof *after;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (before[i].p_offset > size || before[i].p_filesz > size - before[i].p_offset)
			fail("a segment of %s is beyond its end", argv[1]);
		if (before[i].p_type != PT_LOAD)
			continue;
		/* the first one holds the headers themselves, and stays where it is */
		size_t offset = before[i].p_offset ? (end + ALIGNMENT - 1) & -(size_t)ALIGNMENT : 0;
		if (offset > size || before[i].p_filesz > size - offset)
			fail("segments of %s overlap", argv[1]);
		memcpy(packed + offset, elf + before[i].p_offset, before[i].p_filesz);
		after[i].p_offset = offset;
		after[i].p_align = 1;
		if (offset + before[i].p_filesz > end)
			end = offset + before[i].p_filesz;
	}
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const Elf64_Phdr *holder = find_holder(before, header->e_phnum, before[i].p_offset, before[i].p_filesz);
		if (before[i].p_type != PT_LOAD && before[i].p_filesz && holder)
			after[i].p_offset = after[holder - before].p_offset + (before[i].p_offset - holder->p_offset);
	}
	Elf64_Ehdr *changed = (void *)packed;
	memcpy(packed, elf, sizeof *header);
	memcpy(packed + header->e_phoff, after, header->e_phnum * sizeof *after);
	changed->e_shoff = changed->e_shnum = changed->e_shstrndx = 0;
	FILE *output = fopen(argv[2], "wb");
	if (!output || fwrite(packed, 1, end, output) != end || fclose(output))
		fail("%s cannot be written", argv[2]);
	return 0;
}

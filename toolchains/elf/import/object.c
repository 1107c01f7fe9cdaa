/*
 * Writes the program as an object file: a section for each piece, its symbols, and its debug information. That is linked already, so the
 * linker's output is right only while this object is its first.
 */
#include "program.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A section of the object, beside the pieces. */
struct output {
	FILE *file;
	Elf64_Shdr *sections;
	size_t section_count;
	char *names;
	size_t names_size;
};

static uint32_t add_name(struct output *output, const char *name)
{
	const size_t size = strlen(name) + 1, at = output->names_size;
	output->names = realloc(output->names, at + size);
	if (!output->names)
		err(1, NULL);
	memcpy(output->names + at, name, size);
	output->names_size += size;
	return (uint32_t)at;
}

static Elf64_Shdr *add_section(struct output *output, const char *name, Elf64_Shdr section, const void *bytes)
{
	output->sections = realloc(output->sections, (output->section_count + 1) * sizeof section);
	if (!output->sections)
		err(1, NULL);
	while (ftell(output->file) % 8)
		fputc(0, output->file);
	section.sh_name = add_name(output, name);
	section.sh_offset = (uint64_t)ftell(output->file);
	if (bytes)
		fwrite(bytes, 1, section.sh_size, output->file);
	output->sections[output->section_count] = section;
	return &output->sections[output->section_count++];
}

static void add_pieces(struct output *output, const struct program *program)
{
	for (size_t i = 0; i < program->piece_count; i++) {
		const struct piece *piece = &program->pieces[i];
		const uint32_t flags = program->segments[piece->segment].flags;
		add_section(output, piece->name,
			    (Elf64_Shdr){ .sh_type = piece->bytes ? SHT_PROGBITS : SHT_NOBITS, .sh_size = piece->size, .sh_addralign = 1,
					  .sh_flags = SHF_ALLOC | (flags & PF_W ? SHF_WRITE : 0) | (flags & PF_X ? SHF_EXECINSTR : 0) },
			    piece->bytes);
	}
}

static bool is_debug_section(const char *name)
{
	return strncmp(name, ".debug_", 7) == 0 || strncmp(name, ".zdebug_", 8) == 0;
}

static void add_debug_information(struct output *output, const struct program *program)
{
	for (unsigned i = 0; program->sections && i < program->header->e_shnum; i++) {
		const Elf64_Shdr *section = &program->sections[i];
		const char *name = section_name(program, section);
		if (section->sh_type == SHT_PROGBITS && !(section->sh_flags & SHF_ALLOC) && is_debug_section(name))
			add_section(output, name,
				    (Elf64_Shdr){ .sh_type = SHT_PROGBITS, .sh_flags = section->sh_flags & SHF_COMPRESSED,
						  .sh_size = section->sh_size, .sh_addralign = section->sh_flags & SHF_COMPRESSED ? 8 : 1 },
				    program->file + section->sh_offset);
	}
}

/* The piece that an address belongs to; its end, too, where nothing else begins. */
static const struct piece *piece_of(const struct program *program, uint64_t address)
{
	const struct piece *ended = NULL;
	for (const struct piece *piece = program->pieces; piece < program->pieces + program->piece_count; piece++) {
		if (address >= piece->address && address < piece->address + piece->size)
			return piece;
		if (address == piece->address + piece->size)
			ended = piece;
	}
	return ended;
}

/* All are local, so that none of them is another name for something of the library OS. */
static bool convert_symbol(const struct program *program, Elf64_Sym *symbol)
{
	const unsigned type = ELF64_ST_TYPE(symbol->st_info);
	if (symbol->st_shndx == SHN_UNDEF || type == STT_SECTION || type == STT_TLS)
		return false;
	symbol->st_info = ELF64_ST_INFO(STB_LOCAL, type == STT_GNU_IFUNC ? STT_FUNC : type);
	symbol->st_other = STV_DEFAULT;
	const struct piece *piece = type == STT_FILE ? NULL : piece_of(program, symbol->st_value);
	symbol->st_shndx = SHN_ABS;
	if (piece) {
		symbol->st_shndx = (uint16_t)(piece - program->pieces + 1);
		symbol->st_value -= piece->address;
	}
	return true;
}

static void add_symbols(struct output *output, const struct program *program)
{
	const Elf64_Shdr *table = NULL;
	for (unsigned i = 0; program->sections && i < program->header->e_shnum; i++)
		if (program->sections[i].sh_type == SHT_SYMTAB && program->sections[i].sh_link < program->header->e_shnum)
			table = &program->sections[i];
	if (!table)
		return;
	const Elf64_Shdr *strings = &program->sections[table->sh_link];
	const size_t count = table->sh_size / sizeof(Elf64_Sym);
	Elf64_Sym *symbols = calloc(count + 1, sizeof *symbols);
	if (!symbols)
		err(1, NULL);
	size_t kept = 1;
	for (size_t i = 1; i < count; i++) {
		memcpy(&symbols[kept], program->file + table->sh_offset + i * sizeof *symbols, sizeof *symbols);
		if (symbols[kept].st_name < strings->sh_size && convert_symbol(program, &symbols[kept]))
			kept++;
	}
	add_section(output, ".symtab",
		    (Elf64_Shdr){ .sh_type = SHT_SYMTAB, .sh_size = kept * sizeof *symbols, .sh_entsize = sizeof *symbols, .sh_addralign = 8,
				  .sh_link = (uint32_t)output->section_count + 1, .sh_info = (uint32_t)kept },
		    symbols);
	add_section(output, ".strtab", (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_size = strings->sh_size, .sh_addralign = 1 },
		    program->file + strings->sh_offset);
	free(symbols);
}

void write_object(const struct program *program, const char *path)
{
	Elf64_Ehdr header = { .e_type = ET_REL, .e_machine = program->header->e_machine, .e_version = EV_CURRENT,
			      .e_ehsize = sizeof header, .e_shentsize = sizeof(Elf64_Shdr) };
	struct output output = { .file = fopen(path, "wb") };
	if (!output.file)
		err(1, "%s", path);
	memcpy(header.e_ident, program->header->e_ident, EI_NIDENT);
	header.e_ident[EI_OSABI] = ELFOSABI_NONE;
	fwrite(&header, 1, sizeof header, output.file);
	add_section(&output, "", (Elf64_Shdr){ 0 }, NULL)->sh_offset = 0;
	add_pieces(&output, program);
	add_debug_information(&output, program);
	add_symbols(&output, program);
	add_section(&output, ".note.GNU-stack", (Elf64_Shdr){ .sh_type = SHT_PROGBITS, .sh_addralign = 1 }, NULL);
	header.e_shstrndx = (uint16_t)output.section_count;
	Elf64_Shdr *names = add_section(&output, ".shstrtab", (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_addralign = 1 }, NULL);
	names->sh_size = output.names_size;
	fwrite(output.names, 1, output.names_size, output.file);
	while (ftell(output.file) % 8)
		fputc(0, output.file);
	header.e_shoff = (uint64_t)ftell(output.file);
	header.e_shnum = (uint16_t)output.section_count;
	fwrite(output.sections, sizeof *output.sections, output.section_count, output.file);
	rewind(output.file);
	fwrite(&header, 1, sizeof header, output.file);
	if (ferror(output.file) || fclose(output.file) != 0)
		err(1, "%s", path);
}

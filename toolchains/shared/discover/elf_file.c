#include "elf_file.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void map(struct elf_file *file, const char *path)
{
	int descriptor = open(path, O_RDONLY);
	struct stat status;

	if (descriptor < 0 || fstat(descriptor, &status) < 0)
		err(1, "%s", path);
	file->size = (size_t)status.st_size;
	if (file->size < sizeof *file->header)
		errx(1, "%s: not an ELF file", path);
	file->bytes = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	if (file->bytes == MAP_FAILED)
		err(1, "%s", path);
	close(descriptor);

	file->header = (const Elf64_Ehdr *)file->bytes;
	if (memcmp(file->header->e_ident, ELFMAG, SELFMAG) != 0 || file->header->e_ident[EI_CLASS] != ELFCLASS64)
		errx(1, "%s: not a 64-bit ELF file", path);
	if (file->header->e_shoff > file->size || file->header->e_shoff % _Alignof(Elf64_Shdr) ||
	    file->header->e_shnum * sizeof(Elf64_Shdr) > file->size - file->header->e_shoff)
		errx(1, "%s: cut short", path);
	file->sections = (const Elf64_Shdr *)(file->bytes + file->header->e_shoff);
	for (int i = 0; i < file->header->e_shnum; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		if (section->sh_type != SHT_NOBITS &&
		    (section->sh_offset > file->size || section->sh_size > file->size - section->sh_offset))
			errx(1, "%s: cut short", path);
		if (section->sh_addr + section->sh_size < section->sh_addr)
			errx(1, "%s: a section is beyond the last address", path);
	}
}

/* The names of a table of symbols: each of them ends within the section. */
static const Elf64_Shdr *strings_of(const struct elf_file *file, const Elf64_Shdr *table, const char *path)
{
	const Elf64_Shdr *strings = &file->sections[table->sh_link < file->header->e_shnum ? table->sh_link : 0];

	if (strings->sh_type != SHT_STRTAB || strings->sh_size == 0 ||
	    file->bytes[strings->sh_offset + strings->sh_size - 1] != 0 || table->sh_offset % _Alignof(Elf64_Sym))
		errx(1, "%s: its symbols are damaged", path);
	return strings;
}

static int by_start(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	/* Of two names at one place the one that has a size is first. */
	return (a->end < b->end) - (a->end > b->end);
}

/* Appends the symbols of that type in executable sections; with `gaps`, only those outside the first `known` functions. */
static void add_symbols(struct elf_file *file, const Elf64_Shdr *table, const Elf64_Shdr *strings, int type, bool gaps)
{
	const Elf64_Sym *symbols = (const Elf64_Sym *)(file->bytes + table->sh_offset);
	size_t count = table->sh_size / sizeof *symbols;
	struct elf_file known = *file;

	for (size_t i = 0; i < count; i++) {
		const Elf64_Sym *symbol = &symbols[i];
		if (ELF64_ST_TYPE(symbol->st_info) != type || symbol->st_shndx == SHN_UNDEF ||
		    symbol->st_shndx >= file->header->e_shnum || symbol->st_name >= strings->sh_size)
			continue;
		const Elf64_Shdr *section = &file->sections[symbol->st_shndx];
		const char *name = (const char *)file->bytes + strings->sh_offset + symbol->st_name;
		uint64_t start = symbol->st_value;
		if (!(section->sh_flags & SHF_EXECINSTR) || section->sh_type == SHT_NOBITS || start < section->sh_addr ||
		    start >= section->sh_addr + section->sh_size)
			continue;
		/* $x and $d tell Arm code from data. */
		if (gaps && (name[0] == '$' || elf_function_at(&known, start)))
			continue;
		struct function *function = &file->functions[file->function_count++];
		uint64_t limit = section->sh_addr + section->sh_size;
		*function = (struct function){ .name = name, .start = start,
			.end = symbol->st_size < limit - start ? start + symbol->st_size : limit,
			.bytes = file->bytes + section->sh_offset + (start - section->sh_addr) };
	}
}

static uint64_t section_end(const struct elf_file *file, uint64_t address)
{
	for (int i = 0; i < file->header->e_shnum; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		if ((section->sh_flags & SHF_EXECINSTR) && address >= section->sh_addr &&
		    address < section->sh_addr + section->sh_size)
			return section->sh_addr + section->sh_size;
	}
	return address;
}

/* Sorts, drops second names, and ends each function where the next one begins. */
static void arrange(struct elf_file *file)
{
	struct function *functions = file->functions;
	size_t kept = 0;

	qsort(functions, file->function_count, sizeof *functions, by_start);
	for (size_t i = 0; i < file->function_count; i++)
		if (kept == 0 || functions[kept - 1].start != functions[i].start)
			functions[kept++] = functions[i];
	file->function_count = kept;
	for (size_t i = 0; i < kept; i++) {
		uint64_t next = section_end(file, functions[i].start);
		if (i + 1 < kept && functions[i + 1].start < next)
			next = functions[i + 1].start;
		if (functions[i].end == functions[i].start || functions[i].end > next)
			functions[i].end = next;
	}
}

const char *elf_section_name(const struct elf_file *file, size_t index)
{
	const Elf64_Shdr *names = &file->sections[file->header->e_shstrndx < file->header->e_shnum ? file->header->e_shstrndx : 0];
	bool named = names->sh_type == SHT_STRTAB && names->sh_size > 0 && file->bytes[names->sh_offset + names->sh_size - 1] == 0;
	uint32_t name = file->sections[index].sh_name;

	return named && name < names->sh_size ? (const char *)file->bytes + names->sh_offset + name : "?";
}

static int by_place(const void *left, const void *right)
{
	const struct variable *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

/* Sorts the variables of the table; of two at one place one is kept, and each ends where the next one begins. */
static void add_variables(struct elf_file *file, const Elf64_Shdr *table, const Elf64_Shdr *strings, const char *ignored)
{
	const Elf64_Sym *symbols = (const Elf64_Sym *)(file->bytes + table->sh_offset);
	size_t count = table->sh_size / sizeof *symbols, kept = 0;
	struct variable *variables = file->variables = calloc(count + 1, sizeof *variables);

	if (!variables)
		err(1, NULL);
	for (size_t i = 0; i < count; i++) {
		const Elf64_Sym *symbol = &symbols[i];
		if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_shndx >= file->header->e_shnum ||
		    symbol->st_name >= strings->sh_size || symbol->st_size == 0 || symbol->st_size > UINT64_MAX - symbol->st_value)
			continue;
		const char *name = (const char *)file->bytes + strings->sh_offset + symbol->st_name;
		if (!*ignored || strncmp(name, ignored, strlen(ignored)) != 0)
			variables[file->variable_count++] = (struct variable){ name, symbol->st_value, symbol->st_value + symbol->st_size };
	}
	if (file->variable_count > 0)
		qsort(variables, file->variable_count, sizeof *variables, by_place);
	for (size_t i = 0; i < file->variable_count; i++) {
		if (kept > 0 && variables[kept - 1].start == variables[i].start)
			continue;
		if (kept > 0 && variables[kept - 1].end > variables[i].start)
			variables[kept - 1].end = variables[i].start;
		variables[kept++] = variables[i];
	}
	file->variable_count = kept;
}

/* Each executable section as one function, with the section's name where it has one. */
static void add_sections(struct elf_file *file)
{
	file->functions = calloc(file->header->e_shnum + 1u, sizeof *file->functions);
	if (!file->functions)
		err(1, NULL);
	for (int i = 0; i < file->header->e_shnum; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		if (!(section->sh_flags & SHF_ALLOC) || !(section->sh_flags & SHF_EXECINSTR) || section->sh_type == SHT_NOBITS)
			continue;
		file->functions[file->function_count++] = (struct function){ .name = elf_section_name(file, (size_t)i), .start = section->sh_addr,
			.end = section->sh_addr + section->sh_size, .bytes = file->bytes + section->sh_offset };
	}
}

struct elf_file elf_open(const char *path, const char *ignored)
{
	struct elf_file file = { 0 };
	const Elf64_Shdr *table = NULL;

	map(&file, path);
	file.lowest = UINT64_MAX;
	for (int i = 0; i < file.header->e_shnum; i++) {
		if (file.sections[i].sh_type == SHT_SYMTAB)
			table = &file.sections[i];
		if ((file.sections[i].sh_flags & SHF_ALLOC) && file.sections[i].sh_addr < file.lowest)
			file.lowest = file.sections[i].sh_addr;
	}
	file.has_symbols = table != NULL;
	if (!table) {
		add_sections(&file);
		if (file.function_count == 0)
			errx(1, "%s: has neither symbols nor sections", path);
		return file;
	}
	file.functions = calloc(2 * (table->sh_size / sizeof(Elf64_Sym)) + 1, sizeof *file.functions);
	if (!file.functions)
		err(1, NULL);
	const Elf64_Shdr *strings = strings_of(&file, table, path);
	add_symbols(&file, table, strings, STT_FUNC, false);
	add_symbols(&file, table, strings, STT_GNU_IFUNC, false);
	arrange(&file);
	add_symbols(&file, table, strings, STT_NOTYPE, true);
	arrange(&file);
	add_variables(&file, table, strings, ignored);

	size_t kept = 0;
	for (size_t i = 0; i < file.function_count; i++)
		if (strncmp(file.functions[i].name, ignored, strlen(ignored)) != 0 || !*ignored)
			file.functions[kept++] = file.functions[i];
	file.function_count = kept;
	return file;
}

struct function *elf_function_at(const struct elf_file *file, uint64_t address)
{
	size_t low = 0, high = file->function_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct function *function = &file->functions[middle];
		if (address < function->start)
			high = middle;
		else if (address >= function->end)
			low = middle + 1;
		else
			return function;
	}
	return NULL;
}

const struct variable *elf_variable_at(const struct elf_file *file, uint64_t address)
{
	size_t low = 0, high = file->variable_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct variable *variable = &file->variables[middle];
		if (address < variable->start)
			high = middle;
		else if (address >= variable->end)
			low = middle + 1;
		else
			return variable;
	}
	return NULL;
}

/* Where a section of data, the global offset table or another one, holds the address as a pointer, or 0. */
static uint64_t pointer_to(const struct elf_file *file, uint64_t address, bool in_offset_table)
{
	for (size_t i = 0; i < file->header->e_shnum; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		if (!(section->sh_flags & SHF_ALLOC) || (section->sh_flags & SHF_EXECINSTR) || section->sh_type == SHT_NOBITS)
			continue;
		if ((strcmp(elf_section_name(file, i), ".got") == 0) != in_offset_table)
			continue;
		for (uint64_t at = (8 - section->sh_addr % 8) % 8; at + 8 <= section->sh_size; at += 8)
			if (memcmp(file->bytes + section->sh_offset + at, &address, 8) == 0)
				return section->sh_addr + at;
	}
	return 0;
}

bool elf_data_points_to(const struct elf_file *file, uint64_t address)
{
	return pointer_to(file, address, false) != 0;
}

uint64_t elf_offset_table_entry(const struct elf_file *file, uint64_t address)
{
	return pointer_to(file, address, true);
}

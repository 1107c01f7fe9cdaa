/* A static ELF executable, mapped into memory: its functions and their bytes. */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code;

struct function {
	const char *name;
	uint64_t start, end;
	const uint8_t *bytes;
	struct code *code; /* decoded when first asked for: see code.h */
};

struct variable {
	const char *name;
	uint64_t start, end;
};

struct elf_file {
	const uint8_t *bytes;
	size_t size;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	struct function *functions; /* by address, none overlapping */
	size_t function_count;
	struct variable *variables; /* by address, none overlapping */
	size_t variable_count;
	uint64_t lowest; /* address of what is in memory */
	bool has_symbols; /* without, each executable section counts as one function */
};

/* Maps the file and lists its functions and variables, without those whose names begin with `ignored`. Ends the program on an error. */
struct elf_file elf_open(const char *path, const char *ignored);

/* The function that holds the address, or NULL. */
struct function *elf_function_at(const struct elf_file *file, uint64_t address);

/* The variable that holds the address, or NULL. */
const struct variable *elf_variable_at(const struct elf_file *file, uint64_t address);

/* The name of a section; "?" where it has none. */
const char *elf_section_name(const struct elf_file *file, size_t index);

/* Whether data holds the address as a pointer; the global offset table does not count. */
bool elf_data_points_to(const struct elf_file *file, uint64_t address);

/* Where the global offset table holds the address, or 0: code that was compiled to be anywhere calls through it. */
uint64_t elf_offset_table_entry(const struct elf_file *file, uint64_t address);

#endif

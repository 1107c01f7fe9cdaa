/* The program's first stack: argc, argv, envp and the auxiliary vector, as Linux lays them out. */
#include "libos.h"
#include <linux/auxvec.h>
#include <linux/elf.h>

extern const uint64_t libos_argument_count, libos_environment_count;
extern const char libos_arguments[], libos_environment[];
extern void _start(void);
/* the ELF header of the program: the image's own, unless the program was linked before */
extern const char libos_program_header[] __attribute__((aligned(8)));

static const char *skip_spaces(const char *line)
{
	while (*line == ' ')
		line++;
	return line;
}

/*
 * The end of a word of the boot command line, which goes into `to` unless that is 0: spaces separate,
 * double quotes keep them, a backslash keeps the next character.
 */
static const char *read_word(const char *line, char *to)
{
	for (bool quoted = false; *line && (quoted || *line != ' '); line++) {
		if (*line == '"') {
			quoted = !quoted;
			continue;
		}
		if (*line == '\\' && line[1])
			line++;
		if (to)
			*to++ = *line;
	}
	if (to)
		*to = 0;
	return line;
}

static size_t count_words(const char *line)
{
	size_t count = 0;
	for (line = skip_spaces(line); *line; line = skip_spaces(read_word(line, 0)))
		count++;
	return count;
}

uintptr_t libos_push_arguments(uintptr_t stack_end, const char *command_line)
{
	char *random = (char *)stack_end - 16;
	char *words = random - libos_strlen(command_line) - 1;
	size_t extra = count_words(command_line), arguments = libos_argument_count + extra;
	const Elf64_Ehdr *header = (const void *)libos_program_header;
	libos_random(random, 16);
	const uint64_t auxiliary[] = {
		AT_PHDR, (uint64_t)libos_program_header + header->e_phoff,
		AT_PHENT, header->e_phentsize,
		AT_PHNUM, header->e_phnum,
		AT_PAGESZ, LIBOS_PAGE_SIZE,
		AT_ENTRY, (uint64_t)_start,
		AT_UID, 0, AT_EUID, 0, AT_GID, 0, AT_EGID, 0, AT_SECURE, 0,
		AT_CLKTCK, 100,
		AT_HWCAP, libos_hardware_capabilities(),
		AT_RANDOM, (uint64_t)random,
		AT_EXECFN, (uint64_t)libos_arguments,
		AT_NULL, 0,
	};
	size_t size = 8 * (1 + arguments + 1 + libos_environment_count + 1) + sizeof auxiliary;
	uint64_t *stack = (uint64_t *)(((uintptr_t)words - size) & -16ul), *next = stack;
	*next++ = arguments;
	const char *text = libos_arguments;
	for (uint64_t i = 0; i < libos_argument_count; i++, text += libos_strlen(text) + 1)
		*next++ = (uint64_t)text;
	for (size_t i = 0; i < extra; i++, words += libos_strlen(words) + 1) {
		*next++ = (uint64_t)words;
		command_line = read_word(skip_spaces(command_line), words);
	}
	*next++ = 0;
	text = libos_environment;
	for (uint64_t i = 0; i < libos_environment_count; i++, text += libos_strlen(text) + 1)
		*next++ = (uint64_t)text;
	*next++ = 0;
	libos_memcpy(next, auxiliary, sizeof auxiliary);
	return (uintptr_t)stack;
}

/* Writes the linker's script: the program at its addresses, and the library OS. */
#include "program.h"

#include <err.h>
#include <stdio.h>

static void write_segments(const struct program *program, FILE *script)
{
	fprintf(script, "PHDRS\n{\n\theaders PT_LOAD FILEHDR PHDRS FLAGS(%d);\n\ttext PT_LOAD FLAGS(%d);\n\tdata PT_LOAD FLAGS(%d);\n",
		PF_R, PF_R | PF_X, PF_R | PF_W);
	if (program->header->e_machine == EM_X86_64)
		fprintf(script, "\tnote PT_NOTE FLAGS(%d);\n", PF_R);
	for (unsigned i = 0; i < program->segment_count; i++)
		fprintf(script, "\tprogram%u PT_LOAD FLAGS(%u);\n", i, program->segments[i].flags & (PF_R | PF_W | PF_X));
	fprintf(script, "}\n");
}

static void write_pieces(const struct program *program, FILE *script)
{
	for (size_t i = 0; i < program->piece_count; i++) {
		const struct piece *piece = &program->pieces[i];
		const struct segment *segment = &program->segments[piece->segment];
		fprintf(script, "\t%s 0x%lx : AT(0x%lx) { KEEP(*(%s)) } :program%u\n", piece->name, piece->address,
			segment->physical + (piece->address - segment->address), piece->name, piece->segment);
	}
}

void write_script(const struct program *program, const char *path)
{
	const bool has_note = program->header->e_machine == EM_X86_64;
	FILE *script = fopen(path, "w");
	if (!script)
		err(1, "%s", path);
	fprintf(script, "/* The program, and the library OS behind it. */\n");
	write_segments(program, script);
	fprintf(script, "_start = 0x%lx;\nSECTIONS\n{\n", program->header->e_entry);
	write_pieces(program, script);
	fprintf(script, "\t. = 0x%lx + SIZEOF_HEADERS;\n", program->library_os_address);
	if (has_note) /* near the beginning, where QEMU looks for it */
		fprintf(script, "\t.note.Xen : AT(ADDR(.note.Xen)) { KEEP(*(.note.Xen)) } :headers :note\n");
	fprintf(script,
		"\t.rodata : AT(ADDR(.rodata)) { *(.rodata .rodata.*) } :headers\n"
		"\t. = ALIGN(%d);\n"
		"\t.init : AT(ADDR(.init)) { KEEP(*(.init)) } :text\n"
		"\t.text : AT(ADDR(.text)) { *(.text .text.*) } :text\n"
		"\t. = ALIGN(%d);\n"
		"\t.data : AT(ADDR(.data)) { *(.data .data.*) } :data\n"
		"\t.bss : AT(ADDR(.bss)) { *(.bss .bss.* COMMON) } :data\n"
		"\t_end = .;\n",
		PAGE_SIZE, PAGE_SIZE);
	if (program->header_address)
		fprintf(script, "\tlibos_program_header = 0x%lx;\n", program->header_address);
	else
		fprintf(script, "\tlibos_program_header = __ehdr_start;\n");
	fprintf(script, "\t/DISCARD/ : { *(.note.GNU-stack .note.gnu.* .eh_frame) }\n}\n");
	if (ferror(script) || fclose(script) != 0)
		err(1, "%s", path);
}

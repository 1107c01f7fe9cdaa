#include "code.h"

#include <capstone/capstone.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_RANGE (1 << 20)

/* System V AMD64 ABI 3.2.1 (rbx rsp rbp r12-r15, numbered as instructions do) and AAPCS64 6.1.1 (r19-r29, sp as 31). */
static const struct machine machines[] = {
	{ X86_64, "x86_64", 0, 7, 6, 2, 1u << 3 | 1u << 4 | 1u << 5 | 0xf000u, 1u << 4 | 1u << 5, 4, 8 },
	{ AARCH64, "aarch64", 8, 0, 1, 2, 0xbff80000u, 1u << 29 | 1u << 31, 31, 0 },
};

const struct machine *machine_of(const struct elf_file *file)
{
	switch (file->header->e_machine) {
	case EM_X86_64:
		return &machines[0];
	case EM_AARCH64:
		return &machines[1];
	default:
		errx(1, "built for a machine that is not known (e_machine %d)", file->header->e_machine);
	}
}

location stack_slot(const struct machine *machine, location base, int64_t offset)
{
	if (base < 0 || !(machine->stack_registers >> base & 1) || offset < -SLOT_RANGE || offset >= SLOT_RANGE)
		return NO_LOCATION;
	return REGISTERS + base * (2 * SLOT_RANGE) + (location)(offset + SLOT_RANGE);
}

location slot_base(location slot)
{
	return (slot - REGISTERS) / (2 * SLOT_RANGE);
}

location slot_of_caller(const struct machine *machine, location slot)
{
	location offset = (slot - REGISTERS) % (2 * SLOT_RANGE) - SLOT_RANGE;

	/* What lies below is the function's own, and nothing put it there. */
	if (slot_base(slot) != machine->stack_pointer || offset < machine->return_address)
		return NO_LOCATION;
	return stack_slot(machine, machine->stack_pointer, offset - machine->return_address);
}

static csh handle_of(const struct machine *machine)
{
	static csh handles[2];
	csh *handle = &handles[machine->architecture];

	if (*handle)
		return *handle;
	bool x86 = machine->architecture == X86_64;
	if (cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_ARM, handle) != CS_ERR_OK)
		errx(1, "capstone does not open");
	cs_option(*handle, CS_OPT_DETAIL, CS_OPT_ON);
	return *handle;
}

const struct code *code_of(const struct machine *machine, struct function *function)
{
	if (function->code)
		return function->code;
	csh handle = handle_of(machine);
	cs_insn *decoded = cs_malloc(handle);
	size_t size = function->end - function->start, step = machine->architecture == X86_64 ? 1 : 4;
	const uint8_t *bytes = function->bytes;
	uint64_t address = function->start;
	struct code *code = calloc(1, sizeof *code);

	/* One more at the front: decoding looks at the instruction before. */
	code->instructions = calloc(size / step + 2, sizeof *code->instructions);
	if (!code->instructions)
		err(1, NULL);
	code->instructions++->compared = NO_LOCATION;
	while (size > 0) {
		/* What is not an instruction is data between instructions: step over it. */
		if (!cs_disasm_iter(handle, &bytes, &size, &address, decoded)) {
			if (size < step)
				break;
			bytes += step, address += step, size -= step;
			continue;
		}
		struct instruction *instruction = &code->instructions[code->count++];
		*instruction = (struct instruction){ .address = decoded->address, .destination = NO_LOCATION,
			.sources = { NO_LOCATION, NO_LOCATION }, .compared = NO_LOCATION };
		(machine->architecture == X86_64 ? decode_x86_64 : decode_aarch64)(machine, decoded, instruction);
	}
	cs_free(decoded, 1);
	return function->code = code;
}

static int32_t word_at(const uint8_t *bytes)
{
	int32_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

bool code_may_call_system(const struct machine *machine, const struct function *function)
{
	size_t size = function->end - function->start;

	if (machine->architecture == X86_64)
		return memmem(function->bytes, size, "\x0f\x05", 2) != NULL;
	for (size_t i = 0; i + 4 <= size; i += 4)
		if (((uint32_t)word_at(function->bytes + i) & 0xffe0001fu) == 0xd4000001u)
			return true;
	return false;
}

static bool x86_64_may_refer_to(const struct function *function, uint64_t address)
{
	size_t size = function->end - function->start;
	bool near = address + 256 > function->start && address < function->end + 256;

	for (size_t i = 0; i + 4 <= size; i++) {
		int32_t word = word_at(function->bytes + i);
		if (function->start + i + 4 + (int64_t)word == address || (uint64_t)(int64_t)word == address)
			return true;
	}
	for (size_t i = 0; near && i < size; i++)
		if (function->start + i + 1 + (int64_t)(int8_t)function->bytes[i] == address)
			return true;
	return false;
}

/* The signed field of `width` bits from bit `low` on, in units of 4 bytes. */
static int64_t offset_field(uint32_t word, int low, int width)
{
	return ((int64_t)((uint64_t)(word >> low) << (64 - width)) >> (64 - width)) * 4;
}

/* Arm Architecture Reference Manual, C4.1: branches, and ADR and ADRP. */
uint64_t code_target_aarch64(uint64_t at, const uint8_t *bytes)
{
	uint32_t word = (uint32_t)word_at(bytes);

	if ((word & 0x7c000000u) == 0x14000000u)
		return at + (uint64_t)offset_field(word, 0, 26);
	if ((word & 0xff000010u) == 0x54000000u || (word & 0x7e000000u) == 0x34000000u)
		return at + (uint64_t)offset_field(word, 5, 19);
	if ((word & 0x7e000000u) == 0x36000000u)
		return at + (uint64_t)offset_field(word, 5, 14);
	uint64_t number = (uint64_t)offset_field(word, 5, 19) + (word >> 29 & 3);
	if ((word & 0x9f000000u) == 0x10000000u)
		return at + number;
	if (is_page_address_aarch64(word))
		return (at & ~0xfffull) + (number << 12);
	return 0;
}

static bool aarch64_may_refer_to(const struct function *function, uint64_t address)
{
	for (uint64_t at = function->start; at + 4 <= function->end; at += 4) {
		const uint8_t *bytes = function->bytes + (at - function->start);
		bool page = is_page_address_aarch64((uint32_t)word_at(bytes));
		if (code_target_aarch64(at, bytes) == (page ? address & ~0xfffull : address))
			return true;
	}
	return false;
}

bool code_may_refer_to(const struct machine *machine, const struct function *function, uint64_t address)
{
	return machine->architecture == X86_64 ? x86_64_may_refer_to(function, address)
					       : aarch64_may_refer_to(function, address);
}

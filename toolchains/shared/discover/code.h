/* A function's instructions, reduced to what a search for the number of a system call needs. */
#ifndef CODE_H
#define CODE_H

#include "elf_file.h"

/* Where a value lies: a general register (0-31), or a slot on the stack. */
typedef int32_t location;
#define NO_LOCATION (-1)
#define REGISTERS 32

enum flow { FLOW_NEXT, FLOW_BRANCH, FLOW_JUMP, FLOW_CALL, FLOW_STOP, FLOW_SYSTEM_CALL };
enum equal { EQUAL_UNKNOWN, EQUAL_WHEN_TAKEN, EQUAL_WHEN_NOT_TAKEN };
enum effect { EFFECT_OTHER, EFFECT_CONSTANT, EFFECT_COPY };

struct instruction {
	uint64_t address;
	uint64_t target;    /* of a branch, jump or call; 0 when it is not constant */
	uint64_t reference; /* an address that it computes, or that its operand in memory has; or 0 */
	int64_t constant;
	location destination; /* what `effect` is about */
	location sources[2];  /* of a copy: either may be the value; the second may be NO_LOCATION */
	uint32_t overwritten; /* registers that it changes, one a bit */
	uint8_t flow, effect;
	bool padding;
	/* `compared` is what was last compared with `compared_with`; a branch may say which of its ways they are equal on. */
	location compared;
	int64_t compared_with;
	uint8_t equal;
};

struct code {
	struct instruction *instructions;
	size_t count;
};

enum architecture { X86_64, AARCH64 };

struct machine {
	enum architecture architecture;
	const char *name;
	location number;          /* the register that holds a system call's number */
	location first_parameter, second_parameter, third_parameter; /* of a function, and of a system call */
	uint32_t kept_by_calls;   /* registers that a call preserves */
	uint32_t stack_registers; /* bases of stack slots */
	location stack_pointer;
	int return_address; /* bytes that a call pushes */
};

/* The machine of that ELF e_machine. Ends the program on one that is not known. */
const struct machine *machine_of(const struct elf_file *file);

/* Decodes the function, once. */
const struct code *code_of(const struct machine *machine, struct function *function);

/* Whether the function's bytes might hold a system call instruction. */
bool code_may_call_system(const struct machine *machine, const struct function *function);

/* Whether the function's bytes might hold a branch to the address, or compute it. */
bool code_may_refer_to(const struct machine *machine, const struct function *function, uint64_t address);

/* Where the Arm branch at that address goes; the address that ADR, or the page that ADRP computes; 0 for other instructions. */
uint64_t code_target_aarch64(uint64_t at, const uint8_t *bytes);

/* Whether it is ADRP (Arm Architecture Reference Manual, C6.2). */
static inline bool is_page_address_aarch64(uint32_t word)
{
	return (word & 0x9f000000u) == 0x90000000u;
}

/* A slot on the stack as a location, or NO_LOCATION where it does not fit one. */
location stack_slot(const struct machine *machine, location base, int64_t offset);

/* The register that a slot is relative to. */
location slot_base(location slot);

/* The slot as the caller names it before the call, where the function names it so at its begin; or NO_LOCATION. */
location slot_of_caller(const struct machine *machine, location slot);

void decode_x86_64(const struct machine *machine, const void *instruction, struct instruction *result);
void decode_aarch64(const struct machine *machine, const void *instruction, struct instruction *result);

#endif

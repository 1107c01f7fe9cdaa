#include "code.h"

#include <capstone/capstone.h>

/* The register that holds this one, numbered as instructions do, or NO_LOCATION. */
static location register_of(unsigned name)
{
	static const uint16_t names[16][5] = {
		{ X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH },
		{ X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH },
		{ X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH },
		{ X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH },
		{ X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL },
		{ X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL },
		{ X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL },
		{ X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL },
		{ X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B },
		{ X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B },
		{ X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B },
		{ X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B },
		{ X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B },
		{ X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B },
		{ X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B },
		{ X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B },
	};

	for (location i = 0; i < 16; i++)
		for (int j = 0; j < 5; j++)
			if (name != X86_REG_INVALID && names[i][j] == name)
				return i;
	return NO_LOCATION;
}

/* Where the operand lies, or NO_LOCATION for other memory and for constants. */
static location location_of(const struct machine *machine, const cs_x86_op *operand)
{
	if (operand->type == X86_OP_REG)
		return register_of(operand->reg);
	if (operand->type == X86_OP_MEM && operand->mem.index == X86_REG_INVALID && operand->mem.segment == X86_REG_INVALID)
		return stack_slot(machine, register_of(operand->mem.base), operand->mem.disp);
	return NO_LOCATION;
}

static void decode_move(const struct machine *machine, const cs_x86 *x86, struct instruction *result)
{
	const cs_x86_op *to = &x86->operands[0], *from = &x86->operands[1];

	result->destination = location_of(machine, to);
	if (from->type == X86_OP_IMM) {
		result->effect = EFFECT_CONSTANT;
		result->constant = from->imm;
		result->reference = (uint64_t)from->imm;
	} else if (location_of(machine, from) != NO_LOCATION) {
		result->effect = EFFECT_COPY;
		result->sources[0] = location_of(machine, from);
	}
}

/* `push 5; pop rax`, which is the shortest way to a small constant. */
static void decode_pop(const cs_x86 *x86, struct instruction *result)
{
	const struct instruction *push = result - 1;

	result->destination = register_of(x86->operands[0].reg);
	if (push->effect == EFFECT_CONSTANT && push->destination == NO_LOCATION && push->overwritten == 1u << 4) {
		result->effect = EFFECT_CONSTANT;
		result->constant = push->constant;
	}
}

void decode_x86_64(const struct machine *machine, const void *decoded, struct instruction *result)
{
	const cs_insn *instruction = decoded;
	const cs_x86 *x86 = &instruction->detail->x86;
	const cs_x86_op *first = &x86->operands[0], *second = &x86->operands[1];

	for (int i = 0; i < instruction->detail->regs_write_count; i++)
		if (register_of(instruction->detail->regs_write[i]) != NO_LOCATION)
			result->overwritten |= 1u << register_of(instruction->detail->regs_write[i]);
	for (int i = 0; i < x86->op_count; i++)
		if (x86->operands[i].type == X86_OP_MEM)
			result->reference = (x86->operands[i].mem.base == X86_REG_RIP ? instruction->address + instruction->size : 0) +
					    (uint64_t)x86->operands[i].mem.disp;
	for (int i = 0; i < x86->op_count; i++)
		if (x86->operands[i].type == X86_OP_REG && (x86->operands[i].access & CS_AC_WRITE) &&
		    register_of(x86->operands[i].reg) != NO_LOCATION)
			result->overwritten |= 1u << register_of(x86->operands[i].reg);
	if (x86->op_count > 0 && first->type == X86_OP_MEM && (first->access & CS_AC_WRITE))
		result->destination = location_of(machine, first);

	switch (instruction->id) {
	case X86_INS_MOV:
	case X86_INS_MOVABS:
	case X86_INS_MOVZX:
	case X86_INS_MOVSX:
	case X86_INS_MOVSXD:
		decode_move(machine, x86, result);
		return;
	case X86_INS_LEA:
		return;
	case X86_INS_XOR:
	case X86_INS_SUB:
		if (first->type == X86_OP_REG && second->type == X86_OP_REG && first->reg == second->reg) {
			result->destination = register_of(first->reg);
			result->effect = EFFECT_CONSTANT;
		}
		return;
	case X86_INS_TEST:
		if (first->type == X86_OP_REG && second->type == X86_OP_REG && first->reg == second->reg && first->size >= 4)
			result->compared = register_of(first->reg);
		return;
	case X86_INS_CMP:
		if (first->type == X86_OP_REG && second->type == X86_OP_IMM && first->size >= 4) {
			result->compared = register_of(first->reg);
			result->compared_with = second->imm;
		}
		return;
	case X86_INS_PUSH:
		result->overwritten = 1u << 4;
		if (first->type == X86_OP_IMM) {
			result->effect = EFFECT_CONSTANT;
			result->constant = first->imm;
			result->reference = (uint64_t)first->imm;
		}
		return;
	case X86_INS_POP:
		if (first->type == X86_OP_REG)
			decode_pop(x86, result);
		return;
	case X86_INS_SYSCALL:
		result->flow = FLOW_SYSTEM_CALL;
		result->overwritten |= 1u << 0 | 1u << 1 | 1u << 11;
		return;
	case X86_INS_NOP:
	case X86_INS_INT3:
		result->padding = true;
		return;
	case X86_INS_HLT:
	case X86_INS_UD2:
		result->flow = FLOW_STOP;
		return;
	case X86_INS_CALL:
		result->flow = FLOW_CALL;
		result->overwritten = ~machine->kept_by_calls;
		break;
	case X86_INS_JMP:
		result->flow = FLOW_JUMP;
		break;
	default:
		if (instruction->id >= X86_INS_CMOVA && instruction->id <= X86_INS_CMOVS && second->type == X86_OP_REG) {
			result->destination = register_of(first->reg);
			result->effect = EFFECT_COPY;
			result->sources[0] = result->destination;
			result->sources[1] = register_of(second->reg);
		}
		for (int i = 0; i < instruction->detail->groups_count; i++) {
			if (instruction->detail->groups[i] == CS_GRP_RET)
				result->flow = FLOW_STOP;
			if (instruction->detail->groups[i] == CS_GRP_JUMP)
				result->flow = FLOW_BRANCH;
		}
	}
	if (instruction->id == X86_INS_JE || instruction->id == X86_INS_JNE) {
		result->compared = result[-1].compared;
		result->compared_with = result[-1].compared_with;
		result->equal = instruction->id == X86_INS_JE ? EQUAL_WHEN_TAKEN : EQUAL_WHEN_NOT_TAKEN;
	}
	if (result->flow != FLOW_NEXT && x86->op_count > 0 && first->type == X86_OP_IMM)
		result->target = (uint64_t)first->imm;
}

#include "code.h"

#include <capstone/capstone.h>

#define ZERO 32 /* the zero register, which is no location */

static location register_of(unsigned name)
{
	if (name >= ARM64_REG_W0 && name <= ARM64_REG_W30)
		return (location)(name - ARM64_REG_W0);
	if (name >= ARM64_REG_X0 && name <= ARM64_REG_X28)
		return (location)(name - ARM64_REG_X0);
	switch (name) {
	case ARM64_REG_X29:
		return 29;
	case ARM64_REG_X30:
		return 30;
	case ARM64_REG_SP:
	case ARM64_REG_WSP:
		return 31;
	case ARM64_REG_XZR:
	case ARM64_REG_WZR:
		return ZERO;
	default:
		return NO_LOCATION;
	}
}

static void constant(struct instruction *result, int64_t value)
{
	result->effect = EFFECT_CONSTANT;
	result->constant = value;
}

static void copy(struct instruction *result, location source)
{
	if (source == ZERO) {
		constant(result, 0);
	} else if (source != NO_LOCATION) {
		result->effect = EFFECT_COPY;
		result->sources[0] = source;
	}
}

static location slot_of(const struct machine *machine, const cs_arm64_op *operand)
{
	if (operand->type != ARM64_OP_MEM || operand->mem.index != ARM64_REG_INVALID)
		return NO_LOCATION;
	return stack_slot(machine, register_of(operand->mem.base), operand->mem.disp);
}

static bool is_store(unsigned id)
{
	return id == ARM64_INS_STR || id == ARM64_INS_STUR || id == ARM64_INS_STP || id == ARM64_INS_STRB ||
	       id == ARM64_INS_STRH || id == ARM64_INS_STURB || id == ARM64_INS_STURH || id == ARM64_INS_STNP ||
	       id == ARM64_INS_STLR || id == ARM64_INS_STLRB || id == ARM64_INS_STLRH;
}

static bool only_reads(unsigned id)
{
	return id == ARM64_INS_CMP || id == ARM64_INS_CMN || id == ARM64_INS_TST || id == ARM64_INS_CCMP ||
	       id == ARM64_INS_CCMN || id == ARM64_INS_MSR || id == ARM64_INS_CBZ || id == ARM64_INS_CBNZ ||
	       id == ARM64_INS_TBZ || id == ARM64_INS_TBNZ || id == ARM64_INS_BR || id == ARM64_INS_BLR || id == ARM64_INS_RET;
}

/* The registers that the instruction changes: capstone does not know it of every one. */
static uint32_t overwritten(const cs_arm64 *arm, unsigned id)
{
	bool pair = id == ARM64_INS_LDP || id == ARM64_INS_LDPSW || id == ARM64_INS_LDNP || id == ARM64_INS_LDXP ||
		    id == ARM64_INS_LDAXP;
	uint32_t registers = 0;

	for (int i = 0; i < arm->op_count; i++) {
		const cs_arm64_op *operand = &arm->operands[i];
		location place = operand->type == ARM64_OP_REG ? register_of(operand->reg) : NO_LOCATION;
		if (i < (pair ? 2 : 1) && !is_store(id) && !only_reads(id) && place >= 0 && place < REGISTERS)
			registers |= 1u << place;
		if (operand->type == ARM64_OP_MEM && arm->writeback && register_of(operand->mem.base) >= 0)
			registers |= 1u << register_of(operand->mem.base);
	}
	return registers;
}

static void decode_flow(const struct machine *machine, const cs_insn *instruction, struct instruction *result)
{
	const cs_arm64 *arm = &instruction->detail->arm64;

	switch (instruction->id) {
	case ARM64_INS_SVC:
		result->flow = FLOW_SYSTEM_CALL;
		result->overwritten = 1u << 0;
		return;
	case ARM64_INS_BL:
	case ARM64_INS_BLR:
		result->flow = FLOW_CALL;
		result->overwritten = ~machine->kept_by_calls;
		break;
	case ARM64_INS_B:
		result->flow = arm->cc == ARM64_CC_INVALID || arm->cc == ARM64_CC_AL ? FLOW_JUMP : FLOW_BRANCH;
		if (arm->cc == ARM64_CC_EQ || arm->cc == ARM64_CC_NE) {
			result->compared = result[-1].compared;
			result->compared_with = result[-1].compared_with;
			result->equal = arm->cc == ARM64_CC_EQ ? EQUAL_WHEN_TAKEN : EQUAL_WHEN_NOT_TAKEN;
		}
		break;
	case ARM64_INS_BR:
		result->flow = FLOW_JUMP;
		break;
	case ARM64_INS_CBZ:
	case ARM64_INS_CBNZ:
		result->flow = FLOW_BRANCH;
		result->compared = register_of(arm->operands[0].reg);
		result->equal = instruction->id == ARM64_INS_CBZ ? EQUAL_WHEN_TAKEN : EQUAL_WHEN_NOT_TAKEN;
		break;
	case ARM64_INS_TBZ:
	case ARM64_INS_TBNZ:
		result->flow = FLOW_BRANCH;
		break;
	case ARM64_INS_RET:
	case ARM64_INS_ERET:
	case ARM64_INS_BRK:
	case ARM64_INS_HLT:
		result->flow = FLOW_STOP;
		return;
	case ARM64_INS_NOP:
		result->padding = true;
		return;
	default:
		return;
	}
	if (arm->op_count > 0 && arm->operands[arm->op_count - 1].type == ARM64_OP_IMM)
		result->target = (uint64_t)arm->operands[arm->op_count - 1].imm;
}

/* Which of the last eight instructions has written the register last; or NULL. */
static const struct instruction *writer_of(location place, const struct instruction *result)
{
	for (int back = 1; back <= 8 && result[-back].address == result->address - 4ull * (unsigned)back; back++)
		if (place >= 0 && place < REGISTERS && (result[-back].overwritten >> place & 1))
			return &result[-back];
	return NULL;
}

/* ADRP and ADD make an address in two steps, not always one after the other, and so do ADRP and LDR. */
static void refer(location base, int64_t offset, struct instruction *result)
{
	const struct instruction *earlier = writer_of(base, result);
	if (earlier && earlier->reference)
		result->reference = earlier->reference + (uint64_t)offset;
}

/* MOVZ and MOVK make a constant of more than 16 bits. */
static void decode_movk(const cs_arm64 *arm, struct instruction *result)
{
	const cs_arm64_op *part = &arm->operands[1];
	const struct instruction *earlier = writer_of(result->destination, result);
	if (earlier && earlier->effect == EFFECT_CONSTANT && earlier->destination == result->destination)
		constant(result, (earlier->constant & ~(0xffffLL << part->shift.value)) | part->imm << part->shift.value);
}

void decode_aarch64(const struct machine *machine, const void *decoded, struct instruction *result)
{
	const cs_insn *instruction = decoded;
	const cs_arm64 *arm = &instruction->detail->arm64;
	const cs_arm64_op *operands = arm->operands;

	result->overwritten = overwritten(arm, instruction->id);
	decode_flow(machine, instruction, result);
	if (result->flow != FLOW_NEXT || arm->op_count < 2 || operands[0].type != ARM64_OP_REG)
		return;
	location first = register_of(operands[0].reg);

	switch (instruction->id) {
	case ARM64_INS_CMP:
		if (operands[1].type == ARM64_OP_IMM && operands[1].shift.value == 0) {
			result->compared = first;
			result->compared_with = operands[1].imm;
		}
		return;
	case ARM64_INS_STR:
	case ARM64_INS_STUR:
		result->destination = slot_of(machine, &operands[1]);
		copy(result, first);
		return;
	case ARM64_INS_LDR:
	case ARM64_INS_LDUR:
	case ARM64_INS_LDRSW:
		result->destination = first;
		copy(result, arm->writeback ? NO_LOCATION : slot_of(machine, &operands[1]));
		if (operands[1].type == ARM64_OP_MEM && operands[1].mem.index == ARM64_REG_INVALID && !arm->writeback)
			refer(register_of(operands[1].mem.base), operands[1].mem.disp, result);
		return;
	case ARM64_INS_MOV:
	case ARM64_INS_MOVZ:
	case ARM64_INS_SXTW:
	case ARM64_INS_UXTW:
		result->destination = first;
		if (operands[1].type == ARM64_OP_IMM)
			constant(result, operands[1].imm << operands[1].shift.value);
		else if (operands[1].type == ARM64_OP_REG)
			copy(result, register_of(operands[1].reg));
		return;
	case ARM64_INS_MOVK:
		result->destination = first;
		decode_movk(arm, result);
		return;
	case ARM64_INS_ORR:
		result->destination = first;
		if (arm->op_count == 3 && register_of(operands[1].reg) == ZERO && operands[2].type == ARM64_OP_IMM)
			constant(result, operands[2].imm);
		return;
	case ARM64_INS_CSEL:
		result->destination = first;
		if (register_of(operands[1].reg) < REGISTERS && register_of(operands[2].reg) < REGISTERS) {
			copy(result, register_of(operands[1].reg));
			result->sources[1] = register_of(operands[2].reg);
		}
		return;
	case ARM64_INS_ADR:
	case ARM64_INS_ADRP:
		result->reference = (uint64_t)operands[1].imm;
		return;
	case ARM64_INS_ADD:
		if (arm->op_count == 3 && operands[2].type == ARM64_OP_IMM)
			refer(register_of(operands[1].reg), operands[2].imm, result);
		return;
	default:
		return;
	}
}

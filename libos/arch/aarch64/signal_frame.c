/* What a signal's handler finds on its stack, as Linux lays it out on aarch64: struct rt_sigframe and a frame record. */
#include "signals.h"
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

/* PSTATE's flags N, Z, C, V */
#define FLAGS 0xf0000000u

struct signal_frame {
	siginfo_t info;
	struct ucontext context;
	uint64_t record[2];
};

/* For a handler without a restorer of its own. */
extern void libos_signal_return(void);

struct vectors { /* as switch.S saves them */
	__uint128_t q[32];
	uint64_t fpsr, fpcr;
};

/* What the first record may be: FP and SIMD, then, for an exception, the syndrome; an empty record ends them. */
static void write_records(char *next, uint64_t syndrome)
{
	struct vectors vectors;
	libos_vectors_copy(&vectors);
	struct fpsimd_context *simd = (void *)next;
	simd->head = (struct _aarch64_ctx){FPSIMD_MAGIC, sizeof *simd};
	simd->fpsr = (uint32_t)vectors.fpsr;
	simd->fpcr = (uint32_t)vectors.fpcr;
	libos_memcpy(simd->vregs, vectors.q, sizeof vectors.q);
	next += sizeof *simd;
	if (syndrome) {
		struct esr_context *exception = (void *)next;
		*exception = (struct esr_context){{ESR_MAGIC, sizeof *exception}, syndrome};
		next += sizeof *exception;
	}
	*(struct _aarch64_ctx *)next = (struct _aarch64_ctx){0, 0};
}

bool libos_signal_push(struct libos_frame *frame, uintptr_t stack, int signal, const siginfo_t *info,
		       const struct sigaction *action, uint64_t mask, uint64_t syndrome)
{
	struct signal_frame *target = (void *)((stack - sizeof *target) & -16ul);
	if (!libos_writable(target, sizeof *target))
		return false;
	libos_memset(target, 0, sizeof *target);
	target->info = *info;
	struct ucontext *context = &target->context;
	context->uc_stack = (stack_t){
		.ss_sp = (void *)libos_current->signal_stack.start,
		.ss_size = libos_current->signal_stack.size,
		.ss_flags = libos_current->signal_stack.size ? 0 : SS_DISABLE,
	};
	*libos_signal_set(&context->uc_sigmask) = mask;
	context->uc_mcontext.fault_address = syndrome ? (uint64_t)info->si_addr : 0;
	libos_memcpy(context->uc_mcontext.regs, frame->x, sizeof frame->x);
	context->uc_mcontext.sp = frame->sp;
	context->uc_mcontext.pc = frame->pc;
	context->uc_mcontext.pstate = frame->pstate & FLAGS;
	write_records((char *)context->uc_mcontext.__reserved, syndrome);
	target->record[0] = frame->x[29];
	target->record[1] = frame->x[30];
	frame->x[0] = (uint64_t)signal;
	frame->x[1] = (uint64_t)&target->info;
	frame->x[2] = (uint64_t)context;
	frame->x[29] = (uint64_t)target->record;
	frame->x[30] = (uint64_t)(action->sa_flags & SA_RESTORER ? action->sa_restorer : libos_signal_return);
	frame->sp = (uint64_t)target;
	frame->pc = (uint64_t)action->sa_handler;
	frame->call = LIBOS_NO_SYSTEM_CALL;
	return true;
}

static void load_records(const char *next, const char *end)
{
	while (next + sizeof(struct _aarch64_ctx) <= end) {
		const struct _aarch64_ctx *head = (const void *)next;
		if (!head->magic || head->size < sizeof *head || head->size % 16 || head->size > (size_t)(end - next))
			return;
		if (head->magic == FPSIMD_MAGIC && head->size >= sizeof(struct fpsimd_context)) {
			const struct fpsimd_context *simd = (const void *)next;
			struct vectors vectors = {.fpsr = simd->fpsr, .fpcr = simd->fpcr};
			libos_memcpy(vectors.q, simd->vregs, sizeof vectors.q);
			libos_vectors_load(&vectors);
		}
		next += head->size;
	}
}

bool libos_signal_pop(struct libos_frame *frame, stack_t *stack, uint64_t *mask)
{
	const struct signal_frame *source = (const void *)frame->sp;
	if (frame->sp % 16 || !libos_readable(source, sizeof *source))
		return false;
	const struct sigcontext *from = &source->context.uc_mcontext;
	load_records((const char *)from->__reserved, (const char *)from->__reserved + sizeof from->__reserved);
	libos_memcpy(frame->x, from->regs, sizeof frame->x);
	frame->sp = from->sp;
	frame->pc = from->pc;
	frame->pstate = (frame->pstate & ~(uint64_t)FLAGS) | (from->pstate & FLAGS);
	frame->call = LIBOS_NO_SYSTEM_CALL;
	*stack = source->context.uc_stack;
	sigset_t set = source->context.uc_sigmask;
	*mask = *libos_signal_set(&set);
	return true;
}

__asm__(".pushsection .text.libos_signal_return, \"ax\"\n"
	".globl libos_signal_return\n"
	".type libos_signal_return, %function\n"
	"	nop\n" /* debuggers look at the instruction before a return address */
	"libos_signal_return: mov x8, #139\n" /* rt_sigreturn */
	"	svc #0\n"
	".size libos_signal_return, . - libos_signal_return\n"
	".popsection");

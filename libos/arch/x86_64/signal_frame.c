/* What a signal's handler finds on its stack, as Linux lays it out on x86_64: struct rt_sigframe, and the XSAVE area above. */
#include "signals.h"
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

/* RFLAGS that a context may set: AC, OF, DF, TF, SF, ZF, AF, PF, CF */
enum { FLAGS = 0x40dd5, RESUME = 1 << 16, DIRECTION = 1 << 10, TRAP = 1 << 8 };
enum { USER_CODE = 0x33, USER_DATA = 0x2b };
enum { CONTEXT_XSTATE = 1, CONTEXT_STACK_SEGMENT = 2, CONTEXT_STRICT_STACK_SEGMENT = 4 };
enum { FXSAVE_SIZE = 512, MXCSR = 24, ALLOWED_MXCSR = 0xffff };

struct signal_frame {
	void (*restorer)(void);
	struct ucontext context;
	siginfo_t info;
};

/* Says in the area how large it is, where programs look for it: struct _fpx_sw_bytes. */
static void describe_vectors(char *vectors, size_t size)
{
	struct _fpx_sw_bytes *description = &((struct _fpstate_64 *)vectors)->sw_reserved;
	libos_memset(description, 0, sizeof *description);
	if (size == FXSAVE_SIZE)
		return;
	uint32_t low, high;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	description->magic1 = FP_XSTATE_MAGIC1;
	description->extended_size = (uint32_t)size + FP_XSTATE_MAGIC2_SIZE;
	description->xfeatures = (uint64_t)high << 32 | low;
	description->xstate_size = (uint32_t)size;
	*(uint32_t *)(vectors + size) = FP_XSTATE_MAGIC2;
}

bool libos_signal_push(struct libos_frame *frame, uintptr_t stack, int signal, const siginfo_t *info,
		       const struct sigaction *action, uint64_t mask, uint64_t syndrome)
{
	(void)syndrome;
	size_t vectors_size = libos_vectors_size();
	char *vectors = (char *)((stack - vectors_size - FP_XSTATE_MAGIC2_SIZE) & -64ul);
	struct signal_frame *target = (void *)((((uintptr_t)vectors - sizeof *target) & -16ul) - 8);
	if (!libos_writable(target, stack - (uintptr_t)target))
		return false;
	libos_memset(vectors, 0, vectors_size);
	libos_vectors_copy(vectors);
	describe_vectors(vectors, vectors_size);
	bool is_call = frame->error == LIBOS_SYSTEM_CALL;
	*target = (struct signal_frame){
		.restorer = action->sa_restorer,
		.info = *info,
		.context = {
			.uc_flags = (vectors_size > FXSAVE_SIZE ? CONTEXT_XSTATE : 0) | CONTEXT_STACK_SEGMENT | CONTEXT_STRICT_STACK_SEGMENT,
			.uc_stack = {
				.ss_sp = (void *)libos_current->signal_stack.start,
				.ss_size = libos_current->signal_stack.size,
				.ss_flags = libos_current->signal_stack.size ? 0 : SS_DISABLE,
			},
			.uc_mcontext = {
				.r8 = frame->r8, .r9 = frame->r9, .r10 = frame->r10, .r11 = frame->r11,
				.r12 = frame->r12, .r13 = frame->r13, .r14 = frame->r14, .r15 = frame->r15,
				.rdi = frame->rdi, .rsi = frame->rsi, .rbp = frame->rbp, .rbx = frame->rbx,
				.rdx = frame->rdx, .rax = frame->rax, .rcx = frame->rcx, .rsp = frame->rsp,
				.rip = frame->rip, .eflags = frame->rflags, .cs = USER_CODE, .ss = USER_DATA,
				.err = is_call ? 0 : frame->error, .trapno = is_call ? 0 : frame->vector,
				.oldmask = mask,
				.cr2 = !is_call && frame->vector == 14 ? (uint64_t)info->si_addr : 0,
				.fpstate = (void *)vectors,
			},
			.uc_sigmask = mask,
		},
	};
	frame->rdi = (uint64_t)signal;
	frame->rsi = (uint64_t)&target->info;
	frame->rdx = (uint64_t)&target->context;
	frame->rax = 0;
	frame->rip = (uint64_t)action->sa_handler;
	frame->rsp = (uint64_t)target;
	frame->rflags &= ~(uint64_t)(DIRECTION | TRAP | RESUME);
	frame->vector = frame->error = 0;
	return true;
}

/* Loads what the program left there, without the bits at which the CPU would fault. */
static bool load_vectors(char *vectors)
{
	size_t size = libos_vectors_size();
	if (!vectors)
		return true;
	if ((uintptr_t)vectors % 64 || !libos_writable(vectors, size))
		return false;
	*(uint32_t *)(vectors + MXCSR) &= ALLOWED_MXCSR;
	if (size > FXSAVE_SIZE) {
		uint32_t low, high;
		__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		uint64_t *header = (uint64_t *)(vectors + FXSAVE_SIZE);
		header[0] &= (uint64_t)high << 32 | low;
		libos_memset(header + 1, 0, 56);
	}
	libos_vectors_load(vectors);
	return true;
}

bool libos_signal_pop(struct libos_frame *frame, stack_t *stack, uint64_t *mask)
{
	/* the handler's return has taken the restorer off */
	const struct signal_frame *source = (const void *)(frame->rsp - 8);
	if (!libos_readable(source, sizeof *source))
		return false;
	const struct sigcontext *from = &source->context.uc_mcontext;
	if (from->rip >> 47 || !load_vectors((char *)from->fpstate))
		return false;
	struct libos_frame to = {
		.r8 = from->r8, .r9 = from->r9, .r10 = from->r10, .r11 = from->r11, .r12 = from->r12, .r13 = from->r13,
		.r14 = from->r14, .r15 = from->r15, .rdi = from->rdi, .rsi = from->rsi, .rbp = from->rbp, .rbx = from->rbx,
		.rdx = from->rdx, .rax = from->rax, .rcx = from->rcx, .rsp = from->rsp, .rip = from->rip,
		.cs = frame->cs, .ss = frame->ss, .rflags = (frame->rflags & ~(uint64_t)FLAGS) | (from->eflags & FLAGS),
	};
	*stack = source->context.uc_stack;
	*mask = source->context.uc_sigmask;
	*frame = to;
	return true;
}

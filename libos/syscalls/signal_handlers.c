/* Handlers of signals: sigaction(2), sigaltstack(2), and the call of a handler. */
#include "signals.h"

static bool on_signal_stack(const struct libos_sleeper *thread, uintptr_t stack)
{
	return stack > thread->signal_stack.start && stack - thread->signal_stack.start <= thread->signal_stack.size;
}

bool libos_signal_handle(struct libos_frame *frame, int signal, siginfo_t *info, uint64_t syndrome)
{
	struct libos_sleeper *self = libos_current;
	struct sigaction action = libos_actions[signal];
	uint64_t mask = self->has_saved ? self->saved_blocked : self->blocked;
	uintptr_t stack = libos_frame_signal_stack(frame);
	if (action.sa_flags & SA_ONSTACK && self->signal_stack.size && !on_signal_stack(self, libos_frame_stack(frame)))
		stack = self->signal_stack.start + self->signal_stack.size;
	if (!libos_signal_push(frame, stack, signal, info, &action, mask, syndrome))
		return false;
	self->has_saved = false;
	if (action.sa_flags & SA_RESETHAND)
		libos_actions[signal].sa_handler = SIG_DFL;
	libos_signal_set_mask(self->blocked | *libos_signal_set(&action.sa_mask) | (action.sa_flags & SA_NODEFER ? 0 : libos_signal_bit(signal)));
	return true;
}

bool libos_signal_fault(struct libos_frame *frame, int signal, int code, uintptr_t address, uint64_t syndrome)
{
	siginfo_t info = {.si_signo = signal, .si_code = code};
	info.si_addr = (void *)address;
	if (libos_current->blocked & libos_signal_bit(signal) || libos_actions[signal].sa_handler == SIG_DFL ||
	    libos_actions[signal].sa_handler == SIG_IGN)
		return false;
	return libos_signal_handle(frame, signal, &info, syndrome);
}

long libos_sys_rt_sigaction(int signal, const struct sigaction *action, struct sigaction *old, size_t mask_size)
{
	if (signal < 1 || signal > LIBOS_SIGNALS || mask_size != sizeof(sigset_t))
		return -EINVAL;
	if (action && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	if ((action && !libos_readable(action, sizeof *action)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	struct sigaction previous = libos_actions[signal];
	if (action) {
		libos_actions[signal] = *action;
		if (libos_signal_ignored(signal))
			libos_signal_forget(signal);
	}
	if (old)
		*old = previous;
	return 0;
}

static stack_t signal_stack(const struct libos_frame *frame)
{
	const struct libos_sleeper *self = libos_current;
	int flags = !self->signal_stack.size ? SS_DISABLE : on_signal_stack(self, libos_frame_stack(frame)) ? SS_ONSTACK : 0;
	return (stack_t){.ss_sp = (void *)self->signal_stack.start, .ss_size = self->signal_stack.size, .ss_flags = flags};
}

static long set_signal_stack(const stack_t *stack)
{
	struct libos_sleeper *self = libos_current;
	if (stack->ss_flags & ~(SS_DISABLE | SS_ONSTACK))
		return -EINVAL;
	bool none = stack->ss_flags & SS_DISABLE;
	if (!none && stack->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	self->signal_stack.start = none ? 0 : (uintptr_t)stack->ss_sp;
	self->signal_stack.size = none ? 0 : stack->ss_size;
	return 0;
}

long libos_sys_sigaltstack(const stack_t *stack, stack_t *old)
{
	stack_t previous = signal_stack(libos_caller());
	if ((stack && !libos_readable(stack, sizeof *stack)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	if (stack) {
		if (previous.ss_flags & SS_ONSTACK)
			return -EPERM;
		stack_t new = *stack;
		long error = set_signal_stack(&new);
		if (error)
			return error;
	}
	if (old)
		*old = previous;
	return 0;
}

/* The result is the register that a system call's result goes to. */
long libos_sys_rt_sigreturn(void)
{
	struct libos_frame *frame = libos_caller();
	stack_t stack;
	uint64_t mask;
	if (!libos_signal_pop(frame, &stack, &mask))
		libos_crash(frame, SIGSEGV, "a signal's handler returned to a stack that is not there");
	set_signal_stack(&stack);
	libos_signal_set_mask(mask);
	return libos_frame_result(frame);
}

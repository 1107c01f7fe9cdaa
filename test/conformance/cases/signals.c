/* Signals: sigaction(2), sigprocmask(2), kill(2), sigaltstack(2), and what handlers are told. */
#include "case.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/time.h>
#include <ucontext.h>

static siginfo_t last;
static volatile int order[8], count;

static void note(int number, siginfo_t *info, void *context)
{
	(void)context;
	last = *info;
	if (count < 8)
		order[count++] = number;
}

static void handle(int number, int flags)
{
	struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
	sigaction(number, &action, NULL);
	count = 0;
}

static sigset_t set_of(int number)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	return set;
}

CASE(kill_runs_the_handler)
{
	handle(SIGUSR1, 0);
	TRY(kill(getpid(), SIGUSR1));
	printf("%d %d %d\n", count, last.si_signo, last.si_code);
	CHECK(last.si_pid == getpid() && last.si_uid == getuid());
	TRY(raise(SIGUSR1));
	printf("%d %d\n", count, last.si_code);
}

CASE(kill_refuses)
{
	TRY(kill(getpid(), 99));
	TRY(kill(getpid(), -1));
	TRY(kill(getpid(), 0));
	TRY(kill(999999, 0));
	TRY(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1));
	TRY(syscall(SYS_tgkill, 999999, getpid(), SIGUSR1));
	TRY(syscall(SYS_tgkill, getpid(), getpid(), 99));
	TRY(syscall(SYS_tgkill, getpid(), getpid(), 0));
	TRY(syscall(SYS_tgkill, 0, getpid(), SIGUSR1));
	TRY(syscall(SYS_tkill, 0, SIGUSR1));
}

CASE(sigaction_tells_the_old)
{
	struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER}, old;
	sigaddset(&action.sa_mask, SIGUSR2);
	TRY(sigaction(SIGUSR1, &action, &old));
	CHECK(old.sa_handler == SIG_DFL);
	TRY(sigaction(SIGUSR1, NULL, &old));
	CHECK(old.sa_sigaction == note);
	printf("%x %d %d\n", old.sa_flags & 0x7bffffff & ~0x04000000, sigismember(&old.sa_mask, SIGUSR2),
	       sigismember(&old.sa_mask, SIGUSR1));
	TRY(sigaction(SIGKILL, &action, NULL));
	TRY(sigaction(SIGSTOP, &action, NULL));
	TRY(sigaction(0, &action, NULL));
	TRY(sigaction(99, &action, NULL));
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, nowhere, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, nowhere, 8));
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 7));
}

CASE(sigprocmask_blocks)
{
	sigset_t set = set_of(SIGUSR1), old, pending;
	handle(SIGUSR1, 0);
	TRY(sigprocmask(SIG_BLOCK, &set, &old));
	printf("%d\n", sigismember(&old, SIGUSR1));
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	printf("%d\n", count);
	TRY(sigpending(&pending));
	printf("%d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
	TRY(sigprocmask(SIG_UNBLOCK, &set, NULL));
	printf("%d\n", count);
	TRY(sigprocmask(99, &set, NULL));
	TRY(sigprocmask(99, NULL, &old));
	TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, nowhere, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, nowhere, 8));
	TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 7));
}

CASE(kill_and_stop_cannot_be_blocked)
{
	sigset_t all, old;
	sigfillset(&all);
	TRY(sigprocmask(SIG_SETMASK, &all, NULL));
	TRY(sigprocmask(SIG_BLOCK, NULL, &old));
	printf("%d %d %d\n", sigismember(&old, SIGKILL), sigismember(&old, SIGSTOP), sigismember(&old, SIGTERM));
}

CASE(pending_signals_come_in_order)
{
	sigset_t all, old;
	handle(SIGUSR2, 0);
	handle(SIGUSR1, 0);
	handle(SIGHUP, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	raise(SIGUSR2);
	raise(SIGHUP);
	raise(SIGUSR1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("%d\n", count);
	/* Each handler is interrupted by the next before it begins. */
	printf("%d %d %d\n", order[0], order[1], order[2]);
}

CASE(real_time_signals_queue)
{
	sigset_t set = set_of(SIGRTMIN), old;
	handle(SIGRTMIN, 0);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (int i = 1; i <= 3; i++)
		TRY(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
	for (int i = 1; i <= 3; i++) {
		siginfo_t info;
		CHECK(sigwaitinfo(&set, &info) == SIGRTMIN);
		printf("%d %d\n", info.si_code, info.si_value.sival_int);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("%d\n", count);
}

static void raise_again(int number)
{
	int depth = count++;
	printf("begin %d\n", depth);
	if (!depth)
		raise(number);
	printf("end %d\n", depth);
}

CASE(a_signal_is_blocked_in_its_handler)
{
	struct sigaction action = {.sa_handler = raise_again};
	sigaction(SIGUSR1, &action, NULL);
	count = 0;
	raise(SIGUSR1);
	puts("SA_NODEFER");
	count = 0;
	action.sa_flags = SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void raise_other(int number)
{
	printf("begin %d\n", number);
	if (number == SIGUSR1)
		raise(SIGUSR2);
	printf("end %d\n", number);
}

CASE(handlers_mask_applies)
{
	struct sigaction action = {.sa_handler = raise_other};
	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

CASE(resethand_resets)
{
	struct sigaction old;
	handle(SIGUSR1, SA_RESETHAND);
	raise(SIGUSR1);
	TRY(sigaction(SIGUSR1, NULL, &old));
	printf("%d %d\n", count, old.sa_handler == SIG_DFL);
	raise(SIGUSR1);
	puts("not here");
}

CASE(ignored_signals)
{
	sigset_t set = set_of(SIGUSR1), pending;
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	raise(SIGCHLD);
	raise(SIGURG);
	raise(SIGWINCH);
	raise(SIGCONT);
	puts("still here");
	sigprocmask(SIG_BLOCK, &set, NULL);
	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	sigpending(&pending);
	printf("%d\n", sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

CASE(sigsuspend_waits_with_a_mask)
{
	sigset_t set = set_of(SIGUSR1), none, now;
	handle(SIGUSR1, 0);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	TRY(sigsuspend(&none));
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("%d %d\n", count, sigismember(&now, SIGUSR1));
	TRY(syscall(SYS_rt_sigsuspend, nowhere, 8));
	TRY(syscall(SYS_rt_sigsuspend, &none, 7));
}

CASE(sigtimedwait_takes)
{
	sigset_t set = set_of(SIGUSR1);
	siginfo_t info;
	const struct timespec now = {0, 0}, soon = {0, 20000000}, wrong = {0, 1000000000};
	handle(SIGUSR1, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	TRY(sigtimedwait(&set, &info, &now));
	raise(SIGUSR1);
	TRY(sigtimedwait(&set, &info, &now));
	printf("%d %d\n", info.si_signo, count);
	TRY(sigtimedwait(&set, &info, &soon));
	TRY(sigtimedwait(&set, &info, &wrong));
	TRY(syscall(SYS_rt_sigtimedwait, nowhere, &info, &now, 8));
	raise(SIGUSR1);
	TRY(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8));
}

CASE(segv_tells_where)
{
	char *page = map_pages(1, PROT_READ);
	printf("%d", touch(page, true));
	printf(" %d\n", touch_code == SEGV_ACCERR);
	printf("%d", touch(nowhere, true));
	printf(" %d\n", touch_code == SEGV_MAPERR);
}

static sigjmp_buf back;
static char alternate[65536];
static bool was_on_alternate;
static int fault_signal, fault_code;

static void leave(int number, siginfo_t *info, void *context)
{
	char here;
	(void)context;
	was_on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
	fault_signal = number;
	fault_code = info->si_code;
	siglongjmp(back, 1);
}

static void catch(int number, int flags)
{
	struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO | flags};
	sigaction(number, &action, NULL);
}

static int overflow(volatile char *outer)
{
	volatile char frame[4096];
	frame[0] = *outer;
	return overflow(frame) + frame[0];
}

CASE(stack_overflow_on_the_alternate_stack)
{
	volatile char byte = 1;
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, old;
	TRY(sigaltstack(&stack, NULL));
	catch(SIGSEGV, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		overflow(&byte);
	printf("signal %d on the alternate stack %d\n", fault_signal, was_on_alternate);
	TRY(sigaltstack(NULL, &old));
	printf("%d\n", old.ss_flags);
}

CASE(sigaltstack_refuses)
{
	stack_t stack = {.ss_sp = alternate, .ss_size = 100}, old;
	TRY(sigaltstack(&stack, NULL));
	stack.ss_flags = SS_DISABLE;
	TRY(sigaltstack(&stack, NULL));
	TRY(sigaltstack(NULL, &old));
	printf("%d\n", old.ss_flags);
	stack = (stack_t){.ss_sp = alternate, .ss_size = sizeof alternate, .ss_flags = 99};
	TRY(sigaltstack(&stack, NULL));
	TRY(syscall(SYS_sigaltstack, nowhere, NULL));
	TRY(syscall(SYS_sigaltstack, NULL, nowhere));
}

static void try_to_change(int number)
{
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, old;
	(void)number;
	TRY(sigaltstack(&stack, NULL));
	TRY(sigaltstack(NULL, &old));
	printf("%d\n", old.ss_flags);
}

CASE(sigaltstack_while_on_it)
{
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, none = {.ss_flags = SS_DISABLE};
	struct sigaction action = {.sa_handler = try_to_change, .sa_flags = SA_ONSTACK};
	TRY(sigaltstack(&stack, NULL));
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	TRY(sigaltstack(&none, NULL));
}

CASE(illegal_instruction)
{
	catch(SIGILL, 0);
	if (!sigsetjmp(back, 1))
#ifdef __x86_64__
		__asm__ volatile("ud2");
#else
		__asm__ volatile("udf #0");
#endif
	printf("%d\n", fault_signal);
}

CASE(masks_come_back_after_the_handler)
{
	sigset_t set = set_of(SIGUSR2), now;
	handle(SIGUSR1, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("%d %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
}

static void change_mask(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}

CASE(handler_changes_the_context)
{
	sigset_t now;
	struct sigaction action = {.sa_sigaction = change_mask, .sa_flags = SA_SIGINFO};
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("%d %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
}

CASE(handlers_do_not_change_errno_of_a_call)
{
	handle(SIGUSR1, 0);
	errno = 0;
	TRY(kill(getpid(), SIGUSR1));
	TRY(close(99));
}

CASE(unhandled_fault_in_a_blocked_signal)
{
	sigset_t set = set_of(SIGSEGV);
	handle(SIGSEGV, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*(volatile char *)nowhere = 1;
	puts("not here");
}

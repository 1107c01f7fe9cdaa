/* What a thread is, and its end. */
#include "thread.h"
#include <linux/prctl.h>

_Noreturn void libos_sys_exit(int status)
{
	if (libos_thread_end)
		libos_thread_end();
	libos_finish(LIBOS_EXITED, (uint32_t)status & 255);
}

long libos_sys_gettid(void)
{
	return libos_current->id;
}

long libos_sys_set_tid_address(uint32_t *address)
{
	libos_current->clear_at_end = address;
	return libos_current->id;
}

long libos_sys_set_robust_list(void *head, size_t size)
{
	if (size != 3 * sizeof(long))
		return -EINVAL;
	libos_current->robust_list = head;
	return 0;
}

long libos_sys_get_robust_list(int id, void **head, size_t *size)
{
	const struct libos_sleeper *thread = libos_current;
	if (id && id != (int)thread->id)
		thread = libos_thread_of ? libos_thread_of(id) : NULL;
	if (!thread)
		return -ESRCH;
	if (!libos_writable(size, sizeof *size) || !libos_writable(head, sizeof *head))
		return -EFAULT;
	*size = 3 * sizeof(long);
	*head = thread->robust_list;
	return 0;
}

long libos_sys_prctl(int option, char *argument)
{
	static bool dumpable = true;
	switch (option) {
	case PR_GET_DUMPABLE:
		return dumpable;
	case PR_SET_DUMPABLE:
		if ((uintptr_t)argument > 1)
			return -EINVAL;
		dumpable = argument;
		return 0;
	case PR_SET_KEEPCAPS: /* of no consequence here */
	case PR_SET_NO_NEW_PRIVS:
	case PR_SET_PDEATHSIG:
	case PR_SET_TIMERSLACK:
		return 0;
	case PR_SET_NAME:
		if (!libos_readable_string(argument))
			return -EFAULT;
		libos_thread_rename(libos_current, argument, libos_strlen(argument));
		return 0;
	case PR_GET_NAME:
		if (!libos_writable(argument, LIBOS_THREAD_NAME + 1))
			return -EFAULT;
		libos_memcpy(argument, libos_current->name, LIBOS_THREAD_NAME + 1);
		return 0;
	}
	return -EINVAL;
}

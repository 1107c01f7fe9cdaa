/* Locks of open files, which conflict within a process: flock(2), and "open file description locks" of ranges (fcntl(2)). */
#include "file.h"
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

struct lock {
	struct libos_watch watch; /* of its file, with which it goes */
	struct libos_file *file;  /* the owner */
	struct lock *next;
	uint64_t device, inode, start, end; /* of the last byte */
	bool of_range, exclusive;   /* flock's, of whole files, and those of ranges know nothing of each other */
};

static const uint64_t furthest = INT64_MAX;
static struct lock *first;
static struct libos_queue given_back;

static void file_changed(struct libos_watch *watch);

/* Two open files are of one file if they have one number on one device; one that has none is alone. Gives the file's size. */
static uint64_t identify(struct lock *lock)
{
	struct stat status = {.st_ino = 0};
	if (lock->file->kind->status)
		lock->file->kind->status(lock->file, &status);
	lock->device = status.st_dev;
	lock->inode = status.st_ino ? status.st_ino : (uintptr_t)lock->file;
	return (uint64_t)status.st_size;
}

static bool is_owners(const struct lock *lock, const struct lock *wanted)
{
	return lock->file == wanted->file && lock->of_range == wanted->of_range;
}

static bool overlap(const struct lock *lock, const struct lock *other)
{
	return lock->start <= other->end && other->start <= lock->end;
}

/* The first in the file that keeps the owner from having this one; null: none. */
static const struct lock *find_conflict(const struct lock *wanted)
{
	const struct lock *found = NULL;
	for (const struct lock *lock = first; lock; lock = lock->next)
		if (lock->device == wanted->device && lock->inode == wanted->inode && lock->of_range == wanted->of_range && lock->file != wanted->file &&
		    (lock->exclusive || wanted->exclusive) && overlap(lock, wanted) && (!found || lock->start < found->start))
			found = lock;
	return found;
}

static void add(struct lock *lock, const struct lock *like)
{
	*lock = *like;
	lock->watch.notify = file_changed;
	lock->next = first;
	first = lock;
	libos_watch_file(lock->file, &lock->watch);
}

static void remove(struct lock **place)
{
	struct lock *lock = *place;
	*place = lock->next;
	libos_unwatch(&lock->file->changed, &lock->watch);
	libos_free(lock);
}

static void file_changed(struct libos_watch *watch)
{
	struct lock **place = &first;
	if (((struct lock *)watch)->file->references)
		return;
	while (*place != (struct lock *)watch)
		place = &(*place)->next;
	remove(place);
	libos_notify(&given_back);
}

/* Takes the range from the owner's locks, or gives it a lock, which becomes one with those like it that it touches. */
static long set(struct lock wanted, bool unlocks)
{
	struct lock *new = unlocks ? NULL : libos_allocate(sizeof *new), *lock;
	if (!unlocks && !new)
		return -ENOLCK;
	for (struct lock **place = &first; (lock = *place);) {
		bool alike = !unlocks && lock->exclusive == wanted.exclusive;
		bool touches = lock->start <= wanted.end + alike && wanted.start <= lock->end + alike;
		bool begins_before = lock->start < wanted.start, ends_behind = lock->end > wanted.end;
		if (is_owners(lock, &wanted) && touches) {
			if (alike) {
				wanted.start = begins_before ? lock->start : wanted.start;
				wanted.end = ends_behind ? lock->end : wanted.end;
			}
			if (alike || (!begins_before && !ends_behind)) {
				remove(place);
				continue;
			}
			if (begins_before && ends_behind) { /* it is in two from now on, and the owner's only one here */
				struct lock *rest = libos_allocate(sizeof *rest);
				if (!rest) {
					libos_free(new);
					return -ENOLCK;
				}
				add(rest, lock);
				rest->start = wanted.end + 1;
			}
			if (begins_before)
				lock->end = wanted.start - 1;
			else
				lock->start = wanted.end + 1;
		}
		place = &lock->next;
	}
	if (new)
		add(new, &wanted);
	libos_notify(&given_back);
	return 0;
}

static long acquire(const struct lock *wanted, bool waits)
{
	long result = 0;
	libos_file_keep(wanted->file);
	while (!result && find_conflict(wanted))
		result = waits ? libos_wait(&given_back, LIBOS_NEVER) : -EAGAIN;
	if (!result)
		result = set(*wanted, false);
	libos_file_release(wanted->file);
	return result;
}

/* A lock that becomes another is given back first, and so it may be lost (flock(2)). */
long libos_sys_flock(int descriptor, unsigned operation)
{
	struct libos_file *file = libos_file(descriptor);
	bool waits = !(operation & LOCK_NB);
	operation &= ~(unsigned)LOCK_NB;
	if (!file || file->flags & O_PATH)
		return -EBADF;
	if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN)
		return -EINVAL;
	struct lock wanted = {.file = file, .end = furthest, .exclusive = operation == LOCK_EX};
	identify(&wanted);
	for (const struct lock *lock = first; lock; lock = lock->next)
		if (is_owners(lock, &wanted) && operation != LOCK_UN && lock->exclusive == wanted.exclusive)
			return 0;
	set(wanted, true);
	return operation == LOCK_UN ? 0 : acquire(&wanted, waits);
}

static long read_range(const struct flock *given, uint64_t size, struct lock *wanted)
{
	int64_t start = given->l_whence == SEEK_CUR ? (int64_t)wanted->file->offset : given->l_whence == SEEK_END ? (int64_t)size : 0;
	if (given->l_whence < SEEK_SET || given->l_whence > SEEK_END)
		return -EINVAL;
	if (given->l_start > INT64_MAX - start || (given->l_len > 0 && given->l_len - 1 > INT64_MAX - start - given->l_start))
		return -EOVERFLOW;
	start += given->l_start;
	if (start < 0 || (given->l_len < 0 && start + given->l_len < 0))
		return -EINVAL;
	wanted->start = (uint64_t)(given->l_len < 0 ? start + given->l_len : start);
	wanted->end = !given->l_len ? furthest : (uint64_t)(given->l_len < 0 ? start - 1 : start + given->l_len - 1);
	return 0;
}

static long tell_conflict(const struct lock *wanted, struct flock *lock)
{
	const struct lock *found = find_conflict(wanted);
	if (!libos_writable(lock, sizeof *lock))
		return -EFAULT;
	if (!found) {
		lock->l_type = F_UNLCK;
		return 0;
	}
	*lock = (struct flock){
		.l_type = found->exclusive ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = (int64_t)found->start,
		.l_len = found->end == furthest ? 0 : (int64_t)(found->end - found->start + 1),
		.l_pid = -1, /* an open file's */
	};
	return 0;
}

long libos_range_lock(struct libos_file *file, unsigned command, struct flock *given);
long libos_range_lock(struct libos_file *file, unsigned command, struct flock *given)
{
	unsigned access = file->flags & O_ACCMODE;
	if (command < F_OFD_GETLK || command > F_OFD_SETLKW)
		return -EINVAL;
	if (file->flags & O_PATH)
		return -EBADF;
	if (!libos_readable(given, sizeof *given))
		return -EFAULT;
	bool shared = given->l_type == F_RDLCK, exclusive = given->l_type == F_WRLCK;
	struct lock wanted = {.file = file, .of_range = true, .exclusive = exclusive};
	long error = read_range(given, identify(&wanted), &wanted);
	if (error)
		return error;
	if (!shared && !exclusive && (command == F_OFD_GETLK || given->l_type != F_UNLCK))
		return -EINVAL;
	if (command != F_OFD_GETLK && ((shared && access == O_WRONLY) || (exclusive && access == O_RDONLY)))
		return -EBADF;
	if (given->l_pid)
		return -EINVAL;
	if (command == F_OFD_GETLK)
		return tell_conflict(&wanted, given);
	return shared || exclusive ? acquire(&wanted, command == F_OFD_SETLKW) : set(wanted, true);
}

/* Requests and answers of 9P2000.L. The answer is not trusted: nothing is read of it beyond what was written. */
#include "message.h"

enum { ERROR = 6, NO_TAG = 0xffff, MOST_ERRNO = 4095 };

void libos_9p_begin(struct libos_9p *session, unsigned type)
{
	session->used = 4; /* its size is known at the end */
	session->damaged = false;
	libos_9p_put(session, type, 1);
	libos_9p_put(session, type == LIBOS_9P_VERSION ? NO_TAG : 0, 2);
}

void libos_9p_put_bytes(struct libos_9p *session, const char *bytes, size_t size)
{
	if (size > session->largest - session->used) {
		session->damaged = true;
		return;
	}
	libos_memcpy(session->request + session->used, bytes, size);
	session->used += size;
}

/* Both architectures are little-endian. */
void libos_9p_put(struct libos_9p *session, uint64_t number, unsigned bytes)
{
	libos_9p_put_bytes(session, (const char *)&number, bytes);
}

void libos_9p_put_text(struct libos_9p *session, const char *text, size_t length)
{
	if (length > UINT16_MAX)
		session->damaged = true;
	libos_9p_put(session, length, 2);
	libos_9p_put_bytes(session, text, length);
}

const char *libos_9p_get_bytes(struct libos_9p *session, size_t size)
{
	if (session->damaged || size > session->end - session->next) {
		session->damaged = true;
		return NULL;
	}
	session->next += size;
	return session->answer + session->next - size;
}

uint64_t libos_9p_get(struct libos_9p *session, unsigned bytes)
{
	uint64_t number = 0;
	const char *from = libos_9p_get_bytes(session, bytes);
	if (from)
		libos_memcpy(&number, from, bytes);
	return number;
}

const char *libos_9p_get_text(struct libos_9p *session, size_t *length)
{
	*length = libos_9p_get(session, 2);
	return libos_9p_get_bytes(session, *length);
}

long libos_9p_ask(struct libos_9p *session)
{
	const uint32_t size = (uint32_t)session->used;
	const unsigned type = (unsigned char)session->request[4];
	if (session->damaged)
		return -ENAMETOOLONG;
	libos_memcpy(session->request, &size, sizeof size);
	session->asked++;
	session->next = 0;
	session->end = libos_virtqueue_exchange(&session->queue, session->request, size, session->answer, session->largest);
	const uint64_t answered = libos_9p_get(session, 4), answer = libos_9p_get(session, 1);
	const char *tag = libos_9p_get_bytes(session, 2);
	if (!tag || answered > session->end || answered < LIBOS_9P_HEADER || libos_memcmp(tag, session->request + LIBOS_9P_HEADER - 2, 2))
		return -EIO;
	session->end = answered;
	if (answer == type + 1)
		return 0;
	const uint64_t error = libos_9p_get(session, 4);
	return answer == ERROR + 1 && error && error <= MOST_ERRNO ? -(long)error : -EIO;
}

/* Control messages of local sockets: descriptors and credentials, sendmsg(2), cmsg(3), unix(7). */
#include "sockets.h"
#include <sys/un.h>

static char bytes[1000], control[1000] __attribute__((aligned(8)));
static int ends[2];

/* Sends the text with those descriptors. */
static long send_with(int descriptor, const char *text, const int *descriptors, size_t count)
{
	struct iovec part = {(void *)text, strlen(text)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
	return sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

/* Receives with room for that much of control messages, and prints what came; the descriptors are left in `got`. */
static int got[20], got_count;
static void receive_with(int descriptor, size_t size, size_t room, int flags)
{
	struct iovec part = {bytes, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room ? control : NULL, .msg_controllen = room};
	memset(bytes, 0, sizeof bytes);
	got_count = 0;
	TRY(recvmsg(descriptor, &message, flags | MSG_DONTWAIT));
	printf("\"%s\" with %zu,%s\n", bytes, (size_t)message.msg_controllen, message.msg_flags & MSG_CTRUNC ? " cut" : "");
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
		printf("level %d, type %d, %zu\n", header->cmsg_level, header->cmsg_type, (size_t)header->cmsg_len);
		if (header->cmsg_type == SCM_RIGHTS) {
			got_count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(got, CMSG_DATA(header), (size_t)got_count * sizeof(int));
		} else if (header->cmsg_len >= CMSG_LEN(sizeof(struct ucred))) {
			struct ucred *peer = (struct ucred *)CMSG_DATA(header);
			CHECK(peer->pid == getpid() && peer->uid == geteuid() && peer->gid == getegid());
		}
	}
	for (int i = 0; i < got_count; i++)
		printf("descriptor %d\n", got[i]);
}

CASE(descriptors_are_passed)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	for (int i = 0; i < 3; i++) {
		int file = make_file("file", "content"), pipes[2], sent[2];
		TRY(socketpair(AF_UNIX, types[i], 0, ends));
		TRY(pipe(pipes));
		sent[0] = file;
		sent[1] = pipes[1];
		TRY(send_with(ends[0], "hello", sent, 2));
		TRY(close(file));
		TRY(close(pipes[1]));
		receive_with(ends[1], 100, sizeof control, 0);
		print_content(got[0]);
		TRY(write(got[1], "a", 1));
		TRY(close(got[1]));
		TRY(read(pipes[0], bytes, 10));
		TRY(read(pipes[0], bytes, 10));
		TRY(fcntl(got[0], F_GETFD));
		TRY(close(got[0]));
		for (int j = 0; j < 2; j++)
			close(ends[j]);
		close(pipes[0]);
	}
}

CASE(descriptors_are_passed_to_named_sockets)
{
	struct sockaddr_un address = {AF_UNIX, "socket"};
	int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0), file = make_file("file", "content");
	TRY(bind(receiver, (struct sockaddr *)&address, sizeof address));
	TRY(connect(sender, (struct sockaddr *)&address, sizeof address));
	TRY(send_with(sender, "hello", &file, 1));
	receive_with(receiver, 100, sizeof control, MSG_CMSG_CLOEXEC);
	TRY(fcntl(got[0], F_GETFD));
	print_content(got[0]);
}

CASE(descriptors_share_the_open_file)
{
	int file = make_file("file", "content");
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(lseek(file, 3, SEEK_SET));
	TRY(send_with(ends[0], "a", &file, 1));
	TRY(lseek(file, 1, SEEK_CUR));
	receive_with(ends[1], 1, CMSG_SPACE(sizeof(int)), 0);
	TRY(lseek(got[0], 0, SEEK_CUR));
}

CASE(descriptors_that_do_not_fit_are_closed)
{
	int pipes[2], sent[3];
	TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	for (int i = 0; i < 5; i++) {
		static const size_t rooms[] = {CMSG_LEN(sizeof(int)), CMSG_SPACE(2 * sizeof(int)), CMSG_LEN(0), 5, 0};
		pipe(pipes);
		sent[0] = sent[1] = sent[2] = pipes[1];
		TRY(send_with(ends[0], "abc", sent, 3));
		close(pipes[1]);
		receive_with(ends[1], 100, rooms[i], 0);
		for (int j = 0; j < got_count; j++)
			TRY(close(got[j]));
		TRY(read(pipes[0], bytes, 1));
		close(pipes[0]);
	}
}

CASE(descriptors_that_nobody_takes_are_closed)
{
	int pipes[2];
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(pipe(pipes));
	TRY(send_with(ends[0], "abc", &pipes[1], 1));
	TRY(send_with(ends[0], "def", &pipes[1], 1));
	TRY(close(pipes[1]));
	TRY(read(ends[1], bytes, 100));
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	TRY(read(pipes[0], bytes, 1));
	TRY(close(ends[1]));
	TRY(read(pipes[0], bytes, 1));
}

CASE(descriptors_bound_what_is_read)
{
	int file = make_file("file", "content");
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(write(ends[0], "ab", 2));
	TRY(send_with(ends[0], "cdef", &file, 1));
	TRY(write(ends[0], "gh", 2));
	TRY(send_with(ends[0], "ij", &file, 1));
	TRY(write(ends[0], "kl", 2));
	receive_with(ends[1], 1, sizeof control, 0);
	receive_with(ends[1], 3, sizeof control, 0);
	receive_with(ends[1], 100, sizeof control, 0);
	TRY(read(ends[1], bytes, 100));
	TRY(send_with(ends[0], "", &file, 1));
	TRY(recv(ends[1], bytes, 100, MSG_DONTWAIT));
}

CASE(descriptors_are_peeked_at)
{
	int file = make_file("file", "content");
	TRY(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	TRY(send_with(ends[0], "ab", &file, 1));
	receive_with(ends[1], 100, sizeof control, MSG_PEEK);
	receive_with(ends[1], 100, sizeof control, 0);
}

CASE(descriptors_of_no_file_are_refused)
{
	int sent[2] = {0, 99}, file = make_file("file", "");
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(send_with(ends[0], "abc", sent, 2));
	struct iovec part = {"abc", 3};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int))};
	struct cmsghdr *header = (struct cmsghdr *)control;
	*header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = 99};
	memcpy(CMSG_DATA(header), &file, sizeof file);
	TRY(sendmsg(ends[0], &message, 0));
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = 3;
	TRY(sendmsg(ends[0], &message, 0));
	header->cmsg_len = 1000;
	TRY(sendmsg(ends[0], &message, 0));
	header->cmsg_len = CMSG_LEN(sizeof(int));
	header->cmsg_level = IPPROTO_TCP;
	TRY(sendmsg(ends[0], &message, 0));
	receive_with(ends[1], 100, sizeof control, 0);
	message.msg_control = nowhere;
	TRY(syscall(SYS_sendmsg, ends[0], &message, 0));
	TRY(recv(ends[1], bytes, 100, MSG_DONTWAIT));
}

CASE(sockets_are_passed_through_themselves)
{
	for (int i = 0; i < 50; i++) {
		int outer[2];
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, outer))
			puts("no pair");
		if (send_with(ends[0], "a", outer, 2) != 1 || send_with(outer[0], "a", ends, 1) != 1)
			puts("not sent");
		for (int j = 0; j < 2; j++) {
			close(ends[j]);
			close(outer[j]);
		}
	}
	TRY(dup(1));
}

CASE(peers_are_known)
{
	struct sockaddr_un address = {AF_UNIX, "socket"};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), datagrams[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams);
	for (int i = 0; i < 2; i++) {
		int asked[] = {listener, client, ends[0], datagrams[0], socket(AF_UNIX, SOCK_DGRAM, 0), i ? accept(listener, NULL, NULL) : ends[1]};
		for (int j = 0; j < 6; j++) {
			struct ucred peer;
			socklen_t size = sizeof peer;
			TRY(getsockopt(asked[j], SOL_SOCKET, SO_PEERCRED, &peer, &size));
			printf("%d: %u %d %d %d\n", j, size, peer.pid == getpid(), peer.uid == geteuid(), peer.gid == getegid());
		}
		bind(listener, (struct sockaddr *)&address, sizeof address);
		TRY(listen(listener, 5));
		TRY(connect(client, (struct sockaddr *)&address, sizeof address));
	}
}

CASE(credentials_are_passed)
{
	int yes = 1, value, file = make_file("file", "content");
	socklen_t size = sizeof value;
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		TRY(socketpair(AF_UNIX, type, 0, ends));
		TRY(getsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &value, &size));
		printf("%d\n", value);
		TRY(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes));
		TRY(getsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &value, &size));
		printf("%d\n", value);
		TRY(write(ends[0], "abc", 3));
		receive_with(ends[1], 100, sizeof control, 0);
		TRY(send_with(ends[0], "def", &file, 1));
		receive_with(ends[1], 100, sizeof control, 0);
		TRY(write(ends[0], "ghi", 3));
		receive_with(ends[1], 100, CMSG_LEN(4), 0);
		TRY(write(ends[0], "jkl", 3));
		receive_with(ends[1], 100, 0, 0);
		TRY(write(ends[0], "mno", 3));
		TRY(read(ends[1], bytes, 100));
	}
}

CASE(credentials_are_the_senders)
{
	struct ucred own = {getpid(), geteuid(), getegid()};
	struct iovec part = {"abc", 3};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof own)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof own), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
	memcpy(CMSG_DATA(header), &own, sizeof own);
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &own.pid, sizeof own.pid));
	TRY(sendmsg(ends[0], &message, 0));
	receive_with(ends[1], 100, sizeof control, 0);
	header->cmsg_len = CMSG_LEN(4);
	header->cmsg_type = SCM_CREDENTIALS;
	header->cmsg_level = SOL_SOCKET;
	TRY(sendmsg(ends[0], &message, 0));
}

CASE(who_passes_credentials_has_a_name)
{
	struct sockaddr_un address = {AF_UNIX, "socket"}, name;
	socklen_t size = sizeof name;
	int yes = 1, receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	TRY(bind(receiver, (struct sockaddr *)&address, sizeof address));
	TRY(setsockopt(sender, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes));
	TRY(getsockname(sender, (struct sockaddr *)&name, &size));
	printf("%u\n", size);
	TRY(sendto(sender, "abc", 3, 0, (struct sockaddr *)&address, sizeof address));
	size = sizeof name;
	TRY(getsockname(sender, (struct sockaddr *)&name, &size));
	printf("%u\n", size);
}

/*
 * Mounts the host's folders: each is a virtio device of type 9 (it is not in virtio 1.2; Linux's include/uapi/linux/virtio_9p.h), whose
 * tag is the path that the program finds it under.
 */
#include "shared.h"

enum { HAS_TAG = 1 << 0 };
static struct libos_share *shares, **last_share = &shares;
static const char version[] = "9P2000.L";

/* The tag, if it is a path. */
static bool read_tag(struct libos_virtio *device, char path[LIBOS_SHARE_TAG + 1])
{
	unsigned length = device->transport->configuration(device, 0) | (unsigned)device->transport->configuration(device, 1) << 8;
	if (length > LIBOS_SHARE_TAG)
		return false;
	for (unsigned i = 0; i < length; i++)
		path[i] = (char)device->transport->configuration(device, 2 + i);
	path[length] = 0;
	return path[0] == '/' && libos_strlen(path) > 1;
}

static bool start(struct libos_9p *session)
{
	uint64_t agreed, request = libos_pages_take(LIBOS_9P_MESSAGE / LIBOS_PAGE_SIZE), answer = libos_pages_take(LIBOS_9P_MESSAGE / LIBOS_PAGE_SIZE);
	if (!request || !answer || !libos_virtio_start(&session->device, HAS_TAG, &agreed) || !(agreed & HAS_TAG) ||
	    !libos_virtqueue_make(&session->queue, &session->device, 0))
		return false;
	libos_virtio_ready(&session->device);
	session->request = libos_physical(request);
	session->answer = libos_physical(answer);
	session->largest = LIBOS_9P_MESSAGE;
	return true;
}

static bool agree(struct libos_9p *session)
{
	enum { SMALLEST = 4096 };
	size_t length;
	libos_9p_begin(session, LIBOS_9P_VERSION);
	libos_9p_put(session, session->largest, 4);
	libos_9p_put_text(session, version, sizeof version - 1);
	if (libos_9p_ask(session))
		return false;
	const size_t largest = libos_9p_get(session, 4);
	const char *agreed = libos_9p_get_text(session, &length);
	if (!agreed || length != sizeof version - 1 || libos_memcmp(agreed, version, length) || largest < SMALLEST)
		return false;
	if (largest < session->largest)
		session->largest = largest;
	return true;
}

static struct libos_shared *attach(struct libos_share *share)
{
	struct libos_9p *session = &share->session;
	struct libos_shared *root = agree(session) ? libos_shared_make(share) : NULL;
	if (!root)
		return NULL;
	libos_9p_about(session, LIBOS_9P_ATTACH, libos_fid(&root->node, LIBOS_FID_PATH));
	libos_9p_put(session, LIBOS_9P_NO_FID, 4); /* nobody is asked who we are */
	libos_9p_put_text(session, "", 0);	   /* user, and what of the folder: all */
	libos_9p_put_text(session, "", 0);
	libos_9p_put(session, 0, 4); /* user, as a number */
	return !libos_9p_ask(session) && !libos_shared_ask(root) && libos_is(&root->node, S_IFDIR) ? root : NULL;
}

/* In the place of the directory that the path leads to, with what is in it: mount(2). */
static bool put(struct libos_shared *root, const char *path)
{
	struct libos_node *place = libos_root_add(path, S_IFDIR | 0755);
	if (!place || !libos_is(place, S_IFDIR) || place == libos_root())
		return false;
	for (struct libos_entry *entry = place->directory.parent->directory.first; entry; entry = entry->next)
		if (entry->node == place) {
			entry->node = &root->node;
			root->node.links = 2;
			root->node.directory.parent = place->directory.parent;
			return true;
		}
	return false;
}

/* A program that finds an empty folder instead would lose what it writes. */
void libos_shares_mount(void)
{
	char path[LIBOS_SHARE_TAG + 1];
	struct libos_virtio device;
	for (unsigned i = 0; libos_virtio_find(LIBOS_VIRTIO_9P, i, &device); i++) {
		if (!read_tag(&device, path))
			continue;
		struct libos_share *share = libos_allocate(sizeof *share);
		struct libos_shared *root = NULL;
		if (share) {
			share->number = i;
			share->session.device = device;
			libos_memcpy(share->path, path, sizeof path);
			*last_share = share;
			last_share = &share->next;
			root = start(&share->session) ? attach(share) : NULL;
		}
		if (!root || !put(root, path)) {
			libos_print(LIBOS_REPORT "the shared folder ");
			libos_print(path);
			libos_print(" cannot be mounted\n");
			libos_finish(LIBOS_CRASHED, 127);
		}
	}
}

/* What separates words there is written as an octal number. */
static void add_path(struct libos_text *text, const char *path)
{
	for (; *path; path++) {
		const char escaped[] = {'\\', '0', (char)('0' + (*path >> 3 & 7)), (char)('0' + (*path & 7)), 0};
		bool separates = *path == ' ' || *path == '\t' || *path == '\n';
		libos_text_add(text, *path == '\\' ? "\\134" : separates ? escaped : "");
		libos_text_add_bytes(text, path, *path != '\\' && !separates);
	}
	libos_text_add(text, " ");
}

void libos_shares_list(struct libos_text *text)
{
	for (const struct libos_share *share = shares; share; share = share->next) {
		add_path(text, share->path);
		add_path(text, share->path);
		libos_text_add(text, "9p rw,trans=virtio 0 0\n");
	}
}

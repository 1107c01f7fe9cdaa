/* The terminal's line discipline: echo, erase, and whole lines unless the program asks for bytes. */
#include "device.h"
#include "handlers.h"
#include "file.h"

enum { END_OF_FILE = 4, BACKSPACE = 8, DELETE = 127, LONGEST_LINE = 4096 };

struct termios libos_terminal = {
	.c_iflag = ICRNL,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B115200 | CS8 | CREAD | CLOCAL,
	.c_lflag = ICANON | ECHO | ECHOE | ISIG | IEXTEN,
	.c_cc = {[VEOF] = END_OF_FILE, [VERASE] = DELETE, [VMIN] = 1},
};

static char line[LONGEST_LINE];
static size_t line_length, line_position;
static bool line_complete;

/* The next byte, or -EINTR: a signal is to be handled first. */
static int get(void)
{
	while (!libos_console_ready()) {
		if (libos_sleep(libos_clock_nanoseconds() + LIBOS_CONSOLE_INTERVAL) == -EINTR)
			return -EINTR;
	}
	char byte = libos_console_get();
	return byte == '\r' && libos_terminal.c_iflag & ICRNL ? '\n' : (uint8_t)byte;
}

static void echo(const char *text, size_t size)
{
	if (libos_terminal.c_lflag & ECHO)
		libos_console_write(text, size);
}

/* 0, or -EINTR: then what was typed so far is still there for the next read. */
static int read_line(void)
{
	for (;;) {
		int got = get();
		if (got < 0)
			return got;
		char byte = (char)got;
		if (byte == END_OF_FILE)
			return 0;
		if (byte == BACKSPACE || byte == DELETE) {
			if (line_length) {
				line_length--;
				echo("\b \b", 3);
			}
			continue;
		}
		if (line_length == LONGEST_LINE - 1 && byte != '\n')
			continue;
		echo(&byte, 1);
		line[line_length++] = byte;
		if (byte == '\n')
			return 0;
	}
}

/* What is there, without waiting for more than the first byte. The buffer is looked at again: it may be gone after the wait. */
static long read_bytes(char *buffer, size_t size)
{
	size_t count = 0;
	do {
		int got = get();
		if (got < 0)
			return got;
		char byte = (char)got;
		if (!libos_still_writable(&buffer[count], 1))
			return -EFAULT;
		buffer[count++] = byte;
		echo(&byte, 1);
	} while (count < size && libos_console_ready());
	return (long)count;
}

long libos_console_read(char *buffer, size_t size)
{
	if (!size)
		return 0;
	if (!line_complete && !(libos_terminal.c_lflag & ICANON))
		return read_bytes(buffer, size);
	if (!line_complete) {
		int error = read_line();
		if (error)
			return error;
		line_complete = true;
	}
	size_t count = line_length - line_position < size ? line_length - line_position : size;
	if (!libos_still_writable(buffer, count))
		return -EFAULT;
	libos_memcpy(buffer, line + line_position, count);
	line_position += count;
	if (line_position == line_length) {
		line_length = line_position = 0;
		line_complete = false;
	}
	return (long)count;
}

bool libos_console_has_input(void)
{
	return line_complete || libos_console_ready();
}

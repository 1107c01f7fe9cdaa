/* The terminal's line discipline: echo, erase, and whole lines unless the program asks for bytes. */
#include "handlers.h"

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

static char get(void)
{
	while (!libos_console_ready())
		libos_pause(LIBOS_CONSOLE_INTERVAL);
	char byte = libos_console_get();
	return byte == '\r' && libos_terminal.c_iflag & ICRNL ? '\n' : byte;
}

static void echo(const char *text, size_t size)
{
	if (libos_terminal.c_lflag & ECHO)
		libos_console_write(text, size);
}

static void read_line(void)
{
	line_length = line_position = 0;
	for (;;) {
		char byte = get();
		if (byte == END_OF_FILE)
			return;
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
			return;
	}
}

long libos_console_read(char *buffer, size_t size)
{
	size_t count = 0;
	if (!size)
		return 0;
	if (!(libos_terminal.c_lflag & ICANON) && line_position == line_length) {
		do {
			buffer[count] = get();
			echo(&buffer[count++], 1);
		} while (count < size && libos_console_ready());
		return (long)count;
	}
	if (line_position == line_length)
		read_line();
	while (count < size && line_position < line_length)
		buffer[count++] = line[line_position++];
	return (long)count;
}

bool libos_console_has_input(void)
{
	return line_position < line_length || libos_console_ready();
}

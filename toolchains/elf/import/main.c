/* import-program ARCHITECTURE PROGRAM OBJECT SCRIPT: a ready static program as an object file, and the script that links it with the library OS. */
#include "program.h"

#include <stdio.h>

int main(int count, char **arguments)
{
	if (count != 5) {
		fputs("usage: import-program ARCHITECTURE PROGRAM OBJECT SCRIPT\n", stderr);
		return 2;
	}
	struct program program = read_program(arguments[2], arguments[1]);
	lay_out(&program);
	write_object(&program, arguments[3]);
	write_script(&program, arguments[4]);
	return 0;
}

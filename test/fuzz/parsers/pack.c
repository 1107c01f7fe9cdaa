/* pack makes the smallest file of the input. */
#include "tool.h"

int tool_main(int count, char **arguments);
void tool_use(char *path);

void tool_use(char *path)
{
	char name[] = "pack", output[] = "/dev/null", *arguments[] = {name, path, output, NULL};
	tool_main(3, arguments);
}

/*
 * discover ELF --handlers FILE [--ignore-prefix PREFIX] [--needed FILE]
 * Prints, as JSON, the system calls that a static executable can make; writes the names of the handlers that it needs.
 */
#include "paths.h"

#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
	const char *name;
	int64_t number;
};

static const struct name x86_64_names[] = {
#include "names-x86_64.inc"
	{ NULL, 0 }
};

static const struct name aarch64_names[] = {
#include "names-aarch64.inc"
	{ NULL, 0 }
};

static const struct name *names_of(const struct machine *machine)
{
	return machine->architecture == X86_64 ? x86_64_names : aarch64_names;
}

/* The name of a number; a number that has none is its own name. */
static const char *name_of(const struct machine *machine, int64_t number)
{
	static char digits[24];

	for (const struct name *names = names_of(machine); names->name; names++)
		if (names->number == number)
			return names->name;
	snprintf(digits, sizeof digits, "%" PRId64, number);
	return digits;
}

/* Of a name that the table has. */
static int64_t number_of(const struct machine *machine, const char *name)
{
	const struct name *names = names_of(machine);

	while (strcmp(names->name, name) != 0)
		names++;
	return names->number;
}

/* The whole file, ended by NUL. */
static char *read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t capacity = 0;

	if (!file)
		err(1, "%s", path);
	if (getdelim(&text, &capacity, '\0', file) < 0)
		text = calloc(1, 1);
	fclose(file);
	return text;
}

/* Whether `name` is a line of the text. */
static bool has_line(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at += length)
		if ((at == text || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
			return true;
	return false;
}

/* Linkers keep any byte but NUL in a symbol's name. */
static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

/* A function that is called as its name, one that is reached by its address as an object. */
static void print_path(struct path path)
{
	printf("], \"path\": [");
	for (size_t i = 0; i < path.count; i++) {
		const struct step *step = &path.steps[i];
		printf(step->by_address ? "{\"address\": " : "");
		print_string(step->function);
		if (step->holder) {
			printf(", \"in\": ");
			print_string(step->holder);
		}
		printf("%s%s", step->by_address ? "}" : "", i + 1 < path.count ? ", " : "");
	}
	printf("]}");
	free(path.steps);
}

static void print_reached(const struct elf_file *file, const struct machine *machine, const struct result *result)
{
	struct paths *paths = file->has_symbols ? paths_open(file, machine) : NULL;

	printf("  \"reached\": [");
	for (size_t i = 0, next; i < result->found_count; i = next) {
		const struct found *found = &result->found[i];
		printf("%s\n    {\"name\": \"%s\", \"number\": %" PRId64 ", \"from\": [", i ? "," : "", name_of(machine, found->number),
		       found->number);
		for (next = i; next < result->found_count && result->found[next].number == found->number; next++) {
			printf(next > i ? ", " : "");
			print_string(result->found[next].function->name);
		}
		print_path(paths ? path_to(paths, found, next - i) : (struct path){ NULL, 0 });
	}
	printf("\n  ],\n");
}

static void print_unresolved(const struct result *result)
{
	printf("  \"unresolved\": [");
	for (size_t i = 0; i < result->unresolved_count; i++) {
		printf("%s\n    {\"function\": ", i ? "," : "");
		print_string(result->unresolved[i].function->name);
		printf(", \"address\": \"0x%" PRIx64 "\", \"reason\": \"%s\"}", result->unresolved[i].address,
		       result->unresolved[i].reason);
	}
	printf("\n  ]\n");
}

/* The names that have a handler to `needed`, one a line; the others as JSON. */
static void print_missing(const struct machine *machine, const struct result *result, const char *handlers, FILE *needed)
{
	const char *separator = "";

	printf("  \"missing\": [");
	for (size_t i = 0; i < result->found_count; i++) {
		if (i > 0 && result->found[i - 1].number == result->found[i].number)
			continue;
		const char *name = name_of(machine, result->found[i].number);
		if (!has_line(handlers, name)) {
			printf("%s\"%s\"", separator, name);
			separator = ", ";
		} else if (needed) {
			fprintf(needed, "%s\n", name);
		}
	}
	printf("],\n");
}

/*
 * musl's own sockets: for the resolver (of IPv4 and IPv6), and for the names of interfaces and syslog, which have no
 * counterpart here. They say nothing of the families that the program itself uses.
 */
static bool is_of_resolver(const struct function *function)
{
	static const char *const names[] = { "getaddrinfo", "__lookup_name", "__res_msend", "__res_msend_rc" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(function->name, names[i]) == 0)
			return true;
	return false;
}

static bool needs_no_family(const struct function *function)
{
	static const char *const names[] = { "if_nametoindex", "if_indextoname", "__openlog", "__vsyslog", "__rtnetlink_enumerate" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(function->name, names[i]) == 0)
			return true;
	return false;
}

/* The families of the sockets that the program can ask for, as lines "socket FAMILY", or "socket any" where that is not known. */
static void print_families(const struct result *families, FILE *needed)
{
	enum { IPV4 = 2 };

	for (size_t i = 0; i < families->found_count; i++)
		if (!needs_no_family(families->found[i].function))
			fprintf(needed, "socket %" PRId64 "\n", families->found[i].number);
	for (size_t i = 0; i < families->unresolved_count; i++) {
		const struct function *function = families->unresolved[i].function;
		if (is_of_resolver(function))
			fprintf(needed, "socket %d\n", IPV4);
		else if (!needs_no_family(function))
			fprintf(needed, "socket any\n");
	}
}

/*
 * The same for their types, as lines "type TYPE". Where a kernel does not know the flags of a type, musl's socket() asks again without
 * them: that is no other type.
 */
static void print_types(const struct result *types, FILE *needed)
{
	for (size_t i = 0; i < types->found_count; i++)
		if (!needs_no_family(types->found[i].function))
			fprintf(needed, "type %" PRId64 "\n", types->found[i].number);
	for (size_t i = 0; i < types->unresolved_count; i++) {
		const struct function *function = types->unresolved[i].function;
		if (strcmp(function->name, "socket") != 0 && !needs_no_family(function))
			fprintf(needed, "type any\n");
	}
}

/* The same for what the program asks of fcntl, as lines "fcntl COMMAND". */
static void print_commands(const struct result *commands, FILE *needed)
{
	for (size_t i = 0; i < commands->found_count; i++)
		fprintf(needed, "fcntl %" PRId64 "\n", commands->found[i].number);
	if (commands->unresolved_count > 0)
		fprintf(needed, "fcntl any\n");
}

static const struct argument {
	const char *call, *line;
	bool second;
	void (*print)(const struct result *values, FILE *needed);
} arguments_that_count[] = {
	{ "socket", "socket", false, print_families },
	{ "socket", "type", true, print_types },
	{ "fcntl", "fcntl", true, print_commands },
};

/* The calls of which only a part is linked, by an argument of theirs. */
static void print_arguments(const struct elf_file *file, const struct machine *machine, const struct result *calls, FILE *needed)
{
	for (size_t i = 0; i < calls->found_count; i++) {
		int64_t number = calls->found[i].number;
		if (i > 0 && calls->found[i - 1].number == number)
			continue;
		for (size_t j = 0; j < sizeof arguments_that_count / sizeof *arguments_that_count; j++) {
			const struct argument *argument = &arguments_that_count[j];
			if (strcmp(name_of(machine, number), argument->call) != 0)
				continue;
			if (!file->has_symbols) {
				fprintf(needed, "%s any\n", argument->line);
				continue;
			}
			location parameter = argument->second ? machine->second_parameter : machine->first_parameter;
			struct result values = search_argument(file, machine, calls, number, parameter);
			argument->print(&values, needed);
		}
	}
}

/*
 * The operations that the program can ask futex for, as lines "futex OPERATION". A C library's mutexes have those of priority inheritance in
 * every program with threads, and use them where pthread_mutexattr_setprotocol said so; what else it does not tell is none of them.
 */
static void print_operations(const struct elf_file *file, const struct machine *machine, const struct result *calls, FILE *needed)
{
	enum { LOCK_PI = 6 };
	int64_t number = number_of(machine, "futex");
	bool reached = false;

	for (size_t i = 0; i < calls->found_count; i++)
		reached |= calls->found[i].number == number;
	if (!reached)
		return;
	if (!file->has_symbols) {
		fprintf(needed, "futex any\n");
		return;
	}
	for (size_t i = 0; i < file->function_count; i++)
		if (strstr(file->functions[i].name, "pthread_mutexattr_setprotocol"))
			fprintf(needed, "futex %d\n", LOCK_PI);
	struct result own = search_argument(file, machine, calls, number, machine->second_parameter);
	for (size_t i = 0; i < own.found_count; i++)
		if (!strstr(own.found[i].function->name, "pthread_mutex_"))
			fprintf(needed, "futex %" PRId64 "\n", own.found[i].number);
	struct result asked = search_argument_of_syscall(file, machine, calls, number);
	for (size_t i = 0; i < asked.found_count; i++)
		fprintf(needed, "futex %" PRId64 "\n", asked.found[i].number);
	if (asked.unresolved_count > 0)
		fprintf(needed, "futex any\n");
}

/*
 * musl looks after the standard descriptors of a program with more rights than its user (__init_libc: poll, open), and has
 * no other call there. AT_SECURE is always 0 in a unikernel, so it never comes to them.
 */
static void leave_out_secure_start(struct result *result)
{
	size_t kept = 0;

	for (size_t i = 0; i < result->found_count; i++)
		if (strcmp(result->found[i].function->name, "__init_libc") != 0)
			result->found[kept++] = result->found[i];
	result->found_count = kept;
}

/* A program without symbols may make every call that there is a handler for, where it makes any. */
static struct result keep_every_handler(const struct elf_file *file, const struct machine *machine, const char *handlers)
{
	struct result result = search_sections(file, machine);

	for (const struct name *name = names_of(machine); name->name && result.unresolved_count > 0; name++)
		if (has_line(handlers, name->name))
			add_found(&result, name->number, result.unresolved[0].function);
	return result;
}

int main(int count, char **arguments)
{
	static const struct option options[] = {
		{ "handlers", required_argument, NULL, 'h' },
		{ "ignore-prefix", required_argument, NULL, 'i' },
		{ "needed", required_argument, NULL, 'n' },
		{ 0 },
	};
	const char *handlers = NULL, *ignored = "", *needed_path = NULL;
	FILE *needed = NULL;

	for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
		if (option == 'h')
			handlers = optarg;
		else if (option == 'i')
			ignored = optarg;
		else if (option == 'n')
			needed_path = optarg;
		else
			return 2;
	}
	if (optind + 1 != count || !handlers)
		errx(2, "usage: discover ELF --handlers FILE [--ignore-prefix PREFIX] [--needed FILE]");

	struct elf_file file = elf_open(arguments[optind], ignored);
	const struct machine *machine = machine_of(&file);
	const char *handler_names = read_text(handlers);
	struct result result = file.has_symbols ? search(&file, machine) : keep_every_handler(&file, machine, handler_names);
	leave_out_secure_start(&result);

	if (needed_path && !(needed = fopen(needed_path, "w")))
		err(1, "%s", needed_path);
	printf("{\n  \"architecture\": \"%s\",\n  \"sites\": %zu,\n", machine->name, result.site_count);
	print_reached(&file, machine, &result);
	print_missing(machine, &result, handler_names, needed);
	if (needed) {
		print_arguments(&file, machine, &result, needed);
		print_operations(&file, machine, &result, needed);
	}
	print_unresolved(&result);
	printf("}\n");
	if (ferror(stdout) || fflush(stdout) != 0 || (needed && (ferror(needed) || fclose(needed) != 0)))
		err(1, "writing");
	return 0;
}

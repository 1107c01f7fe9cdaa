/*
 * From each system call instruction backwards, over every path in its function, to what put the number where it is. A
 * number that the function was called with makes the function a wrapper: the search goes on at its callers.
 */
#include "search.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

struct wrapper {
	struct function *function;
	location number; /* where the number is when the function begins */
};

struct step {
	size_t index; /* the place before that instruction */
	location wanted;
};

struct search {
	const struct elf_file *file;
	const struct machine *machine;
	struct result result;
	struct wrapper *wrappers; /* a queue, and the record of what was in it */
	size_t wrapper_count;
	struct step *steps;
	size_t step_count;
};

/* Room for one more in an array whose capacity is the next power of two. */
static void *grown(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return array;
	array = realloc(array, (count ? 2 * count : 1) * size);
	if (!array)
		err(1, NULL);
	return array;
}

static void add_unresolved(struct search *search, const struct function *function, uint64_t address, const char *reason)
{
	struct result *result = &search->result;

	for (size_t i = 0; i < result->unresolved_count; i++)
		if (result->unresolved[i].address == address && result->unresolved[i].reason == reason)
			return;
	result->unresolved = grown(result->unresolved, result->unresolved_count, sizeof *result->unresolved);
	result->unresolved[result->unresolved_count++] = (struct unresolved){ function, address, reason };
}

void add_found(struct result *result, int64_t number, const struct function *function)
{
	result->found = grown(result->found, result->found_count, sizeof *result->found);
	/* The kernel reads 32 bits of it. */
	result->found[result->found_count++] = (struct found){ (int32_t)number, function };
}

static void add_wrapper(struct search *search, struct function *function, location number)
{
	for (size_t i = 0; i < search->wrapper_count; i++)
		if (search->wrappers[i].function == function && search->wrappers[i].number == number)
			return;
	search->wrappers = grown(search->wrappers, search->wrapper_count, sizeof *search->wrappers);
	search->wrappers[search->wrapper_count++] = (struct wrapper){ function, number };
}

static void add_step(struct search *search, size_t index, location wanted)
{
	for (size_t i = 0; i < search->step_count; i++)
		if (search->steps[i].index == index && search->steps[i].wanted == wanted)
			return;
	search->steps = grown(search->steps, search->step_count, sizeof *search->steps);
	search->steps[search->step_count++] = (struct step){ index, wanted };
}

/* Whether a call of the function can come back: not when nothing in it returns, as in exit(). */
static bool can_return(const struct search *search, uint64_t target, int depth)
{
	struct function *function = target ? elf_function_at(search->file, target) : NULL;

	if (!function || depth == 0)
		return true;
	const struct code *code = code_of(search->machine, function);
	for (size_t i = 0; i < code->count; i++) {
		const struct instruction *instruction = &code->instructions[i];
		bool outside = instruction->target < function->start || instruction->target >= function->end;
		if (instruction->flow == FLOW_STOP || (instruction->flow == FLOW_JUMP && !instruction->target))
			return true;
		if ((instruction->flow == FLOW_JUMP || instruction->flow == FLOW_BRANCH) && outside &&
		    can_return(search, instruction->target, depth - 1))
			return true;
	}
	return code->count == 0;
}

/* Takes one instruction back: what must be known before it so that `wanted` is known after it. */
static const char *step_back(struct search *search, const struct function *function, size_t index, location wanted)
{
	const struct instruction *instruction = &function->code->instructions[index];

	if (instruction->destination == wanted) {
		if (instruction->effect == EFFECT_OTHER)
			return wanted < REGISTERS ? "the number is computed or read from memory" : "the number is written to the stack";
		if (instruction->effect == EFFECT_CONSTANT)
			add_found(&search->result, instruction->constant, function);
		for (int i = 0; instruction->effect == EFFECT_COPY && i < 2; i++)
			if (instruction->sources[i] != NO_LOCATION)
				add_step(search, index, instruction->sources[i]);
		return NULL;
	}
	if (instruction->flow == FLOW_CALL && !can_return(search, instruction->target, 3))
		return NULL;
	location changed = wanted < REGISTERS ? wanted : slot_base(wanted);
	if (!(instruction->overwritten >> changed & 1)) {
		add_step(search, index, wanted);
		return NULL;
	}
	/* A call leaves the stack pointer, and so our slots, as they were. */
	if (wanted >= REGISTERS && (search->machine->kept_by_calls >> changed & 1) && instruction->flow == FLOW_CALL) {
		add_step(search, index, wanted);
		return NULL;
	}
	return instruction->flow == FLOW_CALL ? "the number is what a call returned"
					      : "the number is computed or read from memory";
}

/* Whether a branch that went this way says what `wanted` is. */
static bool known_by_branch(const struct instruction *branch, bool taken, location wanted)
{
	return branch->flow == FLOW_BRANCH && branch->compared == wanted &&
	       branch->equal == (taken ? EQUAL_WHEN_TAKEN : EQUAL_WHEN_NOT_TAKEN);
}

static bool goes_on(const struct instruction *instruction)
{
	return instruction->flow != FLOW_JUMP && instruction->flow != FLOW_STOP;
}

/* What is in `wanted` before instruction `index`: found numbers, or callers to look at, or an unresolved place. */
static void search_back(struct search *search, struct function *function, size_t index, location wanted)
{
	const struct code *code = code_of(search->machine, function);
	uint64_t place = code->instructions[index].address;

	search->step_count = 0;
	add_step(search, index, wanted);
	for (size_t done = 0; done < search->step_count; done++) {
		struct step step = search->steps[done];
		uint64_t address = code->instructions[step.index].address;
		bool reached = false;

		if (step.index == 0) {
			reached = true;
			if (step.wanted < REGISTERS || slot_of_caller(search->machine, step.wanted) != NO_LOCATION)
				add_wrapper(search, function, step.wanted);
			else
				add_unresolved(search, function, place, "the number is on the stack, and nothing put it there");
		}
		/* A jump without a constant target is a jump table: it may lead to what nothing else leads to. */
		for (int tables = 0; tables < 2 && !(tables && reached); tables++) {
			for (size_t i = 0; i < code->count; i++) {
				const struct instruction *before = &code->instructions[i];
				bool follows = i + 1 == step.index && goes_on(before);
				bool jumps = (before->flow == FLOW_JUMP || before->flow == FLOW_BRANCH) && before->target == address;
				bool table = tables && before->flow == FLOW_JUMP && !before->target;
				if (!follows && !jumps && !table)
					continue;
				reached = true;
				if (follows != jumps && known_by_branch(before, jumps, step.wanted)) {
					add_found(&search->result, before->compared_with, function);
					continue;
				}
				const char *reason = step_back(search, function, i, step.wanted);
				if (reason)
					add_unresolved(search, function, place, reason);
			}
		}
		if (!reached && !code->instructions[step.index].padding)
			add_unresolved(search, function, place, "no known path leads to it");
	}
}

/* Looks at one function that may call the wrapper, or take its address from code or, where that is not 0, from the global offset table. */
static void search_caller(struct search *search, struct function *function, struct wrapper wrapper, uint64_t entry)
{
	const struct code *code = code_of(search->machine, function);
	location number = wrapper.number < REGISTERS ? wrapper.number : slot_of_caller(search->machine, wrapper.number);
	uint64_t taken = 0;
	bool called = false;

	for (size_t i = 0; i < code->count; i++) {
		const struct instruction *instruction = &code->instructions[i];
		bool transfers = instruction->flow == FLOW_CALL || instruction->flow == FLOW_JUMP || instruction->flow == FLOW_BRANCH;
		bool by_entry = entry && instruction->reference == entry;
		bool calls = instruction->target == wrapper.function->start || (by_entry && !instruction->target);
		if (transfers && calls && function != wrapper.function)
			search_back(search, function, i, instruction->flow == FLOW_CALL ? number : wrapper.number);
		else if (instruction->reference == wrapper.function->start || by_entry)
			taken = instruction->address;
	}
	/* Where its address is taken, every call through a pointer may be a call of it. */
	for (size_t i = 0; taken && i < code->count; i++) {
		const struct instruction *instruction = &code->instructions[i];
		if ((instruction->flow == FLOW_CALL || instruction->flow == FLOW_JUMP) && !instruction->target) {
			search_back(search, function, i, instruction->flow == FLOW_CALL ? number : wrapper.number);
			called = true;
		}
	}
	if (taken && !called)
		add_unresolved(search, function, taken, "the address of a function that makes system calls is handed on");
}

static void search_callers(struct search *search, struct wrapper wrapper)
{
	uint64_t entry = elf_offset_table_entry(search->file, wrapper.function->start);

	for (size_t i = 0; i < search->file->function_count; i++) {
		struct function *function = &search->file->functions[i];
		if (code_may_refer_to(search->machine, function, wrapper.function->start) ||
		    (entry && code_may_refer_to(search->machine, function, entry)))
			search_caller(search, function, wrapper, entry);
	}
	if (elf_data_points_to(search->file, wrapper.function->start))
		add_unresolved(search, wrapper.function, wrapper.function->start, "a pointer in data leads to it");
}

/*
 * Functions of C libraries whose first parameter is the number of a system call that is made elsewhere: musl has every thread make
 * those that change users and groups, and tells them by a pointer (src/unistd/setxid.c).
 */
static const char *const made_elsewhere[] = { "__setxid" };

static void add_made_elsewhere(struct search *search)
{
	for (size_t i = 0; i < search->file->function_count; i++)
		for (size_t j = 0; j < sizeof made_elsewhere / sizeof *made_elsewhere; j++)
			if (strcmp(search->file->functions[i].name, made_elsewhere[j]) == 0)
				add_wrapper(search, &search->file->functions[i], search->machine->first_parameter);
}

static int by_number(const void *left, const void *right)
{
	const struct found *a = left, *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->function->start > b->function->start) - (a->function->start < b->function->start);
}

/* From the wrappers on that are known; the result's numbers are sorted, and none is there twice. */
static void finish(struct search *search)
{
	struct result *result = &search->result;
	size_t kept = 0;

	for (size_t i = 0; i < search->wrapper_count; i++)
		search_callers(search, search->wrappers[i]);
	if (result->found_count > 0)
		qsort(result->found, result->found_count, sizeof *result->found, by_number);
	for (size_t i = 0; i < result->found_count; i++)
		if (kept == 0 || by_number(&result->found[kept - 1], &result->found[i]) != 0)
			result->found[kept++] = result->found[i];
	result->found_count = kept;
}

/* Whether the number of a system call is put where that instruction, which makes or asks for it, has it; in the same function. */
static bool makes_call(const struct elf_file *file, const struct machine *machine, struct function *function, size_t index,
		       location place, int64_t number)
{
	struct search search = { .file = file, .machine = machine };
	bool makes = false;

	search_back(&search, function, index, place);
	for (size_t i = 0; i < search.result.found_count; i++)
		makes |= search.result.found[i].number == number;
	free(search.result.found);
	free(search.result.unresolved);
	free(search.wrappers);
	free(search.steps);
	return makes;
}

struct result search_argument(const struct elf_file *file, const struct machine *machine, const struct result *calls, int64_t number,
			      location parameter)
{
	struct search search = { .file = file, .machine = machine };

	for (size_t i = 0; i < calls->found_count; i++) {
		struct function *function = elf_function_at(file, calls->found[i].function->start);
		bool made = false;
		if (calls->found[i].number != number)
			continue;
		const struct code *code = code_of(machine, function);
		for (size_t j = 0; j < code->count; j++) {
			if (code->instructions[j].flow != FLOW_SYSTEM_CALL || !makes_call(file, machine, function, j, machine->number, number))
				continue;
			search_back(&search, function, j, parameter);
			made = true;
		}
		if (!made)
			add_unresolved(&search, function, function->start, "the call is made by a function that is given its number");
	}
	finish(&search);
	return search.result;
}

struct result search_argument_of_syscall(const struct elf_file *file, const struct machine *machine, const struct result *calls, int64_t number)
{
	struct search search = { .file = file, .machine = machine };

	for (size_t i = 0; i < calls->found_count; i++) {
		struct function *function = elf_function_at(file, calls->found[i].function->start);
		if (calls->found[i].number != number)
			continue;
		const struct code *code = code_of(machine, function);
		for (size_t j = 0; j < code->count; j++) {
			const struct instruction *instruction = &code->instructions[j];
			struct function *target = instruction->target ? elf_function_at(file, instruction->target) : NULL;
			if (target && target != function && target->start == instruction->target && strcmp(target->name, "syscall") == 0 &&
			    makes_call(file, machine, function, j, machine->first_parameter, number))
				search_back(&search, function, j, machine->third_parameter);
		}
	}
	finish(&search);
	return search.result;
}

struct result search(const struct elf_file *file, const struct machine *machine)
{
	struct search search = { .file = file, .machine = machine };
	struct result *result = &search.result;

	for (size_t i = 0; i < file->function_count; i++) {
		struct function *function = &file->functions[i];
		if (!code_may_call_system(machine, function))
			continue;
		const struct code *code = code_of(machine, function);
		for (size_t j = 0; j < code->count; j++) {
			if (code->instructions[j].flow != FLOW_SYSTEM_CALL)
				continue;
			result->site_count++;
			search_back(&search, function, j, machine->number);
		}
	}
	add_made_elsewhere(&search);
	finish(&search);
	return *result;
}

struct result search_sections(const struct elf_file *file, const struct machine *machine)
{
	struct search search = { .file = file, .machine = machine };

	for (size_t i = 0; i < file->function_count; i++) {
		struct function *section = &file->functions[i];
		const struct code *code = code_of(machine, section);
		size_t before = search.result.site_count;
		for (size_t j = 0; j < code->count; j++)
			search.result.site_count += code->instructions[j].flow == FLOW_SYSTEM_CALL;
		if (search.result.site_count > before)
			add_unresolved(&search, section, section->start, "the program has no symbols, so every handler is kept");
	}
	return search.result;
}

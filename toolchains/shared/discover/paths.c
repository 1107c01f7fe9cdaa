/*
 * A graph of functions, variables and sections of data. What refers to what is seen in the bytes, without decoding all of them;
 * x86 instructions begin at any byte, so an edge there is looked at again, decoded, before it is part of a path.
 */
#include "paths.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING UINT32_MAX

enum { CALL_COST = 1, ADDRESS_COST = 1 << 20 };

struct edge {
	uint32_t source, target, next; /* nodes; the next edge of the source */
	bool by_address, checked, absent;
};

/* Nodes are the functions, then the variables, then the sections, as in the ELF file. */
struct paths {
	const struct elf_file *file;
	const struct machine *machine;
	uint32_t node_count;
	uint32_t *first; /* edge of each node */
	struct edge *edges;
	uint32_t edge_count;
	uint64_t *costs;
	uint32_t *arrivals; /* the edge of the cheapest path to each node */
	uint32_t *queue;
	bool *queued;
};

static void add_edge(struct paths *paths, uint32_t source, uint32_t target, bool by_address)
{
	uint32_t count = paths->edge_count;

	if (source == target)
		return;
	for (uint32_t i = paths->first[source], near = 0; i != NOTHING && near < 8; i = paths->edges[i].next, near++)
		if (paths->edges[i].target == target && paths->edges[i].by_address == by_address)
			return;
	if ((count & (count - 1)) == 0) {
		paths->edges = realloc(paths->edges, (count ? 2 * (size_t)count : 1) * sizeof *paths->edges);
		if (!paths->edges)
			err(1, NULL);
	}
	paths->edges[count] = (struct edge){ source, target, paths->first[source], by_address, false, false };
	paths->first[source] = paths->edge_count++;
}

static uint32_t variable_node(const struct paths *paths, uint64_t address)
{
	const struct variable *variable = elf_variable_at(paths->file, address);

	return variable ? (uint32_t)(paths->file->function_count + (size_t)(variable - paths->file->variables)) : NOTHING;
}

/* The function that begins at the address, or the variable that holds it. */
static uint32_t node_at(const struct paths *paths, uint64_t address)
{
	const struct function *function = elf_function_at(paths->file, address);

	if (function)
		return function->start == address ? (uint32_t)(function - paths->file->functions) : NOTHING;
	return variable_node(paths, address);
}

static bool is_function(const struct paths *paths, uint32_t node)
{
	return node < paths->file->function_count;
}

static void add_reference(struct paths *paths, uint32_t source, uint64_t address)
{
	uint32_t target = node_at(paths, address);

	if (target != NOTHING)
		add_edge(paths, source, target, is_function(paths, target));
}

/* Go's compiler has every function begin with a call of runtime.morestack, which says nothing of the program. */
static void add_call(struct paths *paths, uint32_t source, uint64_t address)
{
	uint32_t target = node_at(paths, address);

	if (target != NOTHING && is_function(paths, target) && strncmp(paths->file->functions[target].name, "runtime.morestack", 17) != 0)
		add_edge(paths, source, target, false);
}

/* Intel SDM volume 2, appendix A: CALL, JMP and Jcc with an offset of 32 bits or 8, RIP-relative operands, and addresses as constants. */
static void scan_x86_64(struct paths *paths, uint32_t source)
{
	const struct function *function = &paths->file->functions[source];
	const uint8_t *bytes = function->bytes;
	uint64_t low = paths->file->lowest, size = function->end - function->start;

	for (size_t i = 1; i < size; i++) {
		uint8_t code = bytes[i - 1];
		int32_t word;
		if (code == 0xeb || (code & 0xf0) == 0x70)
			add_call(paths, source, function->start + i + 1 + (uint64_t)(int8_t)bytes[i]);
		if (i + 4 > size)
			continue;
		memcpy(&word, bytes + i, 4);
		uint64_t relative = function->start + i + 4 + (uint64_t)(int64_t)word;
		if (code == 0xe8 || code == 0xe9 || (i > 1 && bytes[i - 2] == 0x0f && (code & 0xf0) == 0x80))
			add_call(paths, source, relative);
		if ((code & 0xc7) == 0x05)
			add_reference(paths, source, relative);
		if (word > 0 && (uint64_t)word >= low)
			add_reference(paths, source, (uint64_t)word);
	}
}

/* Arm Architecture Reference Manual, C4.1: B and BL, conditional branches, ADR, and ADRP with the ADD or the load that completes it. */
static void scan_aarch64(struct paths *paths, uint32_t source)
{
	const struct function *function = &paths->file->functions[source];
	uint64_t pages[32] = { 0 };

	for (uint64_t at = function->start; at + 4 <= function->end; at += 4) {
		uint32_t word, to, from, low_bits;
		uint64_t target = code_target_aarch64(at, function->bytes + (at - function->start));
		memcpy(&word, function->bytes + (at - function->start), 4);
		to = word & 31, from = word >> 5 & 31, low_bits = word >> 10 & 0xfff;
		if (is_page_address_aarch64(word))
			pages[to] = target;
		else if ((word & 0x9f000000u) == 0x10000000u)
			add_reference(paths, source, target);
		else if (target)
			add_call(paths, source, target);
		else if ((word & 0xffc00000u) == 0x91000000u && pages[from])
			add_reference(paths, source, pages[from] + low_bits);
		else if ((word & 0x3f000000u) == 0x39000000u && pages[from])
			add_reference(paths, source, pages[from] + ((uint64_t)low_bits << (word >> 30)));
	}
}

/* Pointers in data, each from the variable that it is in, or else from the section. */
static void scan_data(struct paths *paths)
{
	const struct elf_file *file = paths->file;

	for (uint32_t i = 0; i < file->header->e_shnum; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		if (!(section->sh_flags & SHF_ALLOC) || (section->sh_flags & SHF_EXECINSTR) || section->sh_type == SHT_NOBITS)
			continue;
		for (uint64_t at = (8 - section->sh_addr % 8) % 8; at + 8 <= section->sh_size; at += 8) {
			uint64_t address;
			memcpy(&address, file->bytes + section->sh_offset + at, 8);
			if (address < file->lowest || node_at(paths, address) == NOTHING)
				continue;
			uint32_t holder = variable_node(paths, section->sh_addr + at);
			add_reference(paths, holder != NOTHING ? holder : (uint32_t)(file->function_count + file->variable_count) + i, address);
		}
	}
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory)
		err(1, NULL);
	return memory;
}

/* Goes on from what is queued over every edge, to the cheapest paths. */
static void relax(struct paths *paths, size_t queued)
{
	for (size_t at = 0; queued > 0; at = (at + 1) % paths->node_count, queued--) {
		uint32_t source = paths->queue[at];
		paths->queued[source] = false;
		for (uint32_t i = paths->first[source]; i != NOTHING; i = paths->edges[i].next) {
			const struct edge *edge = &paths->edges[i];
			uint64_t cost = paths->costs[source] + (edge->by_address ? ADDRESS_COST : CALL_COST);
			if (edge->absent || cost >= paths->costs[edge->target])
				continue;
			paths->costs[edge->target] = cost;
			paths->arrivals[edge->target] = i;
			if (paths->queued[edge->target])
				continue;
			paths->queued[edge->target] = true;
			paths->queue[(at + queued++) % paths->node_count] = edge->target;
		}
	}
}

/* Begins paths at a node, where none from a better beginning has come. */
static size_t begin_at(struct paths *paths, uint32_t node, uint64_t cost, size_t queued)
{
	if (node == NOTHING || paths->costs[node] != UINT64_MAX)
		return queued;
	paths->costs[node] = cost;
	paths->queued[node] = true;
	paths->queue[queued] = node;
	return queued + 1;
}

static uint32_t function_named(const struct elf_file *file, const char *name)
{
	for (uint32_t i = 0; i < file->function_count; i++)
		if (strcmp(file->functions[i].name, name) == 0)
			return i;
	return NOTHING;
}

static void find_paths(struct paths *paths)
{
	const struct elf_file *file = paths->file;
	const struct function *entry = elf_function_at(file, file->header->e_entry);
	uint32_t of_go = function_named(file, "main.main"); /* whose `main` is of its runtime */
	size_t queued = 0;

	memset(paths->costs, 0xff, paths->node_count * sizeof *paths->costs);
	memset(paths->arrivals, 0xff, paths->node_count * sizeof *paths->arrivals);
	relax(paths, begin_at(paths, of_go != NOTHING ? of_go : function_named(file, "main"), 0, 0));
	/* Where the library OS is linked already, the entry is its own. */
	uint32_t start = entry ? (uint32_t)(entry - file->functions) : function_named(file, "_start");
	relax(paths, begin_at(paths, start, 1ull << 40, 0));
	for (uint32_t i = (uint32_t)file->function_count; i < paths->node_count; i++)
		queued = begin_at(paths, i, 2ull << 40, queued);
	relax(paths, queued);
}

struct paths *paths_open(const struct elf_file *file, const struct machine *machine)
{
	struct paths *paths = allocate(1, sizeof *paths);
	size_t count = file->function_count + file->variable_count + file->header->e_shnum;

	*paths = (struct paths){ .file = file, .machine = machine, .node_count = (uint32_t)count,
		.first = allocate(count, sizeof *paths->first), .costs = allocate(count, sizeof *paths->costs),
		.arrivals = allocate(count, sizeof *paths->arrivals), .queue = allocate(count, sizeof *paths->queue),
		.queued = allocate(count, sizeof *paths->queued) };
	memset(paths->first, 0xff, count * sizeof *paths->first);
	for (uint32_t i = 0; i < file->function_count; i++)
		(machine->architecture == X86_64 ? scan_x86_64 : scan_aarch64)(paths, i);
	scan_data(paths);
	find_paths(paths);
	return paths;
}

/* Whether an edge from a function is one indeed; Arm instructions are where they were looked for. */
static bool is_there(const struct paths *paths, const struct edge *edge)
{
	const struct elf_file *file = paths->file;

	if (!is_function(paths, edge->source) || paths->machine->architecture != X86_64)
		return true;
	const struct code *code = code_of(paths->machine, &file->functions[edge->source]);
	for (size_t i = 0; i < code->count; i++) {
		const struct instruction *instruction = &code->instructions[i];
		bool named = edge->by_address || !is_function(paths, edge->target);
		uint64_t address = named ? instruction->reference : instruction->target;
		if (address && node_at(paths, address) == edge->target)
			return true;
	}
	return false;
}

/* Looks at the edges of the path to the node; false when one of them is not there, and is left out from now on. */
static bool check_path(struct paths *paths, uint32_t node, size_t *length)
{
	*length = 1;
	for (uint32_t i = paths->arrivals[node]; i != NOTHING; i = paths->arrivals[paths->edges[i].source]) {
		struct edge *edge = &paths->edges[i];
		if (!edge->checked && !is_there(paths, edge)) {
			edge->absent = true;
			find_paths(paths);
			return false;
		}
		edge->checked = true;
		++*length;
	}
	return true;
}

static const char *name_of_holder(const struct paths *paths, uint32_t node)
{
	const struct elf_file *file = paths->file;

	node -= (uint32_t)file->function_count;
	return node < file->variable_count ? file->variables[node].name : elf_section_name(file, node - (uint32_t)file->variable_count);
}

struct path path_to(struct paths *paths, const struct found *found, size_t count)
{
	uint32_t best;
	size_t length;

	do {
		best = NOTHING;
		for (size_t i = 0; i < count; i++) {
			uint32_t node = (uint32_t)(found[i].function - paths->file->functions);
			if (paths->costs[node] != UINT64_MAX && (best == NOTHING || paths->costs[node] < paths->costs[best]))
				best = node;
		}
		if (best == NOTHING)
			return (struct path){ NULL, 0 };
	} while (!check_path(paths, best, &length));

	struct path path = { allocate(length, sizeof *path.steps), 0 };
	struct step *step = path.steps + length;
	for (uint32_t node = best, i;; node = paths->edges[i].source) {
		i = paths->arrivals[node];
		uint32_t source = i == NOTHING ? NOTHING : paths->edges[i].source;
		bool held = source != NOTHING && !is_function(paths, source);
		if (is_function(paths, node)) {
			*--step = (struct step){ paths->file->functions[node].name, held ? name_of_holder(paths, source) : NULL,
				held || (i != NOTHING && paths->edges[i].by_address) };
			path.count++;
		}
		if (source == NOTHING)
			break;
	}
	memmove(path.steps, step, path.count * sizeof *step);
	return path;
}

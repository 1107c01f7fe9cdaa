# Call frame information (DWARF 5, 6.4) for musl's functions, which come without, as assembler source:
# awk -v architecture=ARCHITECTURE -v base=BYTES -f describe-frames.awk LINK.MAP DISASSEMBLY, with the length of .debug_frame so far.
# It goes through a function once, in the order of addresses, and keeps account of the stack pointer; behind a jump or a return
# it goes on with what was noted where somebody jumped there. Offsets stay text, which the assembler adds up.

# depth: from the stack pointer to the frame's address; framed: the same from the frame pointer, where a function keeps one;
# saved: "NUMBER:DEPTH " for each register that was stored; body: all three before the function began to return.
function begin(address) {
	split("", noted)
	depth = at_call
	framed = saved = prior = written_saved = ""
	written_frame = stack_pointer ", " at_call
	body = state()
	ended = 0
	first = last = address
	count++
	printf "\t.long end%d - begin%d\nbegin%d:\t.long %s\n\t.quad 0x%s, size%d\n", count, count, count, base, address, count
	outermost = called ~ /^(_start|libc_start_main_stage2)$/
	if (outermost)
		print "\t.byte 7, " return_address
}

function finish() {
	if (first != "")
		printf "\t.set size%d, 0x%s + 1 - 0x%s\n\t.balign 8\nend%d:\n", count, place, first, count
	first = ""
}

function state() {
	return depth "|" framed "|" saved
}

function restore(text,    parts) {
	split(text, parts, "|")
	depth = parts[1]
	framed = parts[2]
	saved = parts[3]
}

function has(list, item) {
	return index(" " list, " " item) > 0
}

# One row of the table: what changed since the one before.
function write_row(    frame, i, n, parts, pair) {
	frame = framed == "" ? stack_pointer ", " depth : frame_pointer ", " framed
	if (outermost || (frame == written_frame && saved == written_saved))
		return
	printf "\t.byte 4\n\t.long 0x%s - 0x%s\n\t.byte 12\n\t.uleb128 %s\n", place, last, frame
	last = place
	n = split(written_saved, parts, " ")
	for (i = 1; i <= n; i++)
		if (!has(saved, parts[i] " "))
			printf "\t.byte 0xc0 | %d\n", parts[i]
	n = split(saved, parts, " ")
	for (i = 1; i <= n; i++)
		if (!has(written_saved, parts[i] " ")) {
			split(parts[i], pair, ":")
			printf "\t.byte 0x80 | %s\n\t.uleb128 (%s) / 8\n", pair[1], pair[2]
		}
	written_frame = frame
	written_saved = saved
}

function save(register, where) {
	if (register in number && !has(saved, number[register] ":"))
		saved = saved number[register] ":" where " "
}

function pop(register) {
	depth = depth "-8"
	if (!(register in number))
		return
	saved = " " saved
	sub(" " number[register] ":[^ ]* ", " ", saved)
	sub(/^ /, "", saved)
	if (framed != "" && register == "rbp") {
		depth = at_call
		framed = ""
	}
}

function follow_x86_64(    register) {
	register = substr($3, 2)
	if ($2 == "push") {
		depth = depth "+8"
		save(register, depth)
	} else if ($2 == "pop")
		pop(register)
	else if ($2 == "leave") {
		depth = at_call
		framed = saved = ""
	} else if ($2 == "mov" && $3 == "%rsp,%rbp" && prior == "push %rbp")
		framed = depth
	else if ($3 ~ /^\$0x[0-9a-f]+,%rsp$/ && ($2 == "sub" || $2 == "add"))
		depth = depth ($2 == "sub" ? "+" : "-") substr($3, 2, length($3) - 6)
	else if ($2 == "lea" && $3 ~ /^-?0x[0-9a-f]+\(%rsp\),%rsp$/)
		depth = depth "-(" substr($3, 1, index($3, "(") - 1) ")"
	prior = $2 " " $3
}

# A store or load by sp. What is loaded stays in memory: a saved register's place is good until the function has returned.
function access_stack(    offset, i) {
	offset = "0"
	if (match($0, /\[sp, #-?[0-9]+\]/))
		offset = substr($0, RSTART + 6, RLENGTH - 7)
	if (match($0, /\[sp, #-?[0-9]+\]!/)) {
		depth = depth "-(" offset ")"
		offset = "0"
	}
	for (i = 3; $i !~ /^\[/; i++) {
		sub(/,$/, "", $i)
		if ($2 ~ /^st/)
			save($i, depth "-(" offset "+" 8 * (i - 3) ")")
		else if ($i == "x29")
			framed = ""
	}
	if (match($0, /\[sp\], #-?[0-9]+/))
		depth = depth "-(" substr($0, RSTART + 7, RLENGTH - 7) ")"
}

function follow_aarch64(    amount) {
	amount = substr($5, 2)
	if ($6 == "lsl")
		amount = "(" substr($5, 2, length($5) - 2) "<<" substr($7, 2) ")"
	if ($2 ~ /^(stp|str|ldp|ldr)$/ && /\[sp[],]/)
		access_stack()
	else if ($3 $4 == "sp,sp," && $5 ~ /^#/)
		depth = depth ($2 == "sub" ? "+" : "-") amount
	else if ($2 == "mov" && $3 $4 == "x29,sp")
		framed = depth
	else if ($2 == "add" && $3 $4 == "x29,sp,")
		framed = depth "-" amount
	else if ($2 == "mov" && $3 $4 == "sp,x29")
		depth = framed
	else if ($2 $3 $4 == "subsp,x29,")
		depth = framed "+" amount
}

BEGIN {
	if (architecture == "x86_64") {
		number["rbx"] = 3
		number["rbp"] = frame_pointer = 6
		for (i = 12; i < 16; i++)
			number["r" i] = i
		stack_pointer = 7
		return_address = 16
		at_call = "8"
		initial = "12, 7, 8, 0x90, 1" # the return address is below rsp + 8
	} else {
		for (i = 19; i < 31; i++)
			number["x" i] = i
		frame_pointer = 29
		stack_pointer = 31
		return_address = 30
		at_call = "0"
		initial = "12, 31, 0"
	}
	print "\t.section .debug_frame, \"\", %progbits"
	print "\t.long 2f - 1f\n1:\t.long -1\n\t.byte 1, 0, 1, 0x78, " return_address ", " initial "\n\t.balign 8\n2:"
}

# the map: " .text.NAME ADDRESS SIZE FILE(MEMBER)", a long name on a line of its own
FNR == NR {
	name = $1 ~ /^0x/ ? section : $1
	address = $1 ~ /^0x/ ? $1 : $2
	size = $1 ~ /^0x/ ? $2 : $3
	section = NF == 1 ? $1 : ""
	if (name ~ /^\.text/ && sub(/^0x0*/, "", address) && address != "" && size != "0x0")
		from_libc[address] = $0 ~ /-linux-musl\/(libc\.a\(|crt1\.o)/
	next
}

/^[0-9a-f]+ <.*>:$/ {
	finish()
	sub(/^0*/, "", $1)
	if ($1 in from_libc)
		describing = from_libc[$1]
	called = substr($2, 2, length($2) - 3)
	if (describing)
		begin($1)
	next
}

first != "" && /^ +[0-9a-f]+:/ {
	sub(/[ \t]*\/\/.*/, "")
	place = $1
	sub(/:/, "", place)
	if (place in noted)
		restore(noted[place])
	else if (ended)
		restore(body)
	ended = 0
	write_row()

	if (architecture == "x86_64")
		follow_x86_64()
	else
		follow_aarch64()

	jumps = $2 ~ /^(j.*|b|b\..*|cbn?z|tbn?z)$/
	inside = index($NF, "<" called "+") == 1
	if ($2 ~ /^(call|blr?$)/ || (jumps && ($2 !~ /^(jmp|b)$/ || inside)))
		body = state()
	if (jumps && !($(NF - 1) in noted))
		noted[$(NF - 1)] = state()
	ended = $2 ~ /^(ret|jmp|hlt|ud2|b|br)$/ || /__stack_chk_fail/
}

END {
	finish()
}

# Sourced by a language's configure, with $architecture set: the parts of the ninja file that every language shares.
# ninja runs in project/, so every path is relative to it.
plan=$UNIKERNEL_WORKSPACE/plan
build=../build/$architecture
libos=$UNIKERNEL_PREFIX/libos

# Standard input with what ninja takes for itself escaped: for a path, and for text within a command.
ninja_path() { sed 's/[$ :]/$&/g'; }
ninja_text() { sed 's/\$/$$/g'; }

# Each line of standard input as one word of a shell command.
shell_words() { sed "s/'/'\\\\''/g; s/^/'/; s/\$/'/" | paste -s -d ' ' -; }

# Plan/flags, for a ninja variable that is used in commands.
plan_flags() { shell_words <"$plan/flags" | ninja_text; }

# The options that make debug information begin with /project and /libos wherever the workspace and the prefix are.
prefix_map() {
  printf '%s\n' "-ffile-prefix-map=$UNIKERNEL_WORKSPACE/project=/project" "-ffile-prefix-map=$libos=/libos" |
    shell_words | ninja_text
}

# compile_edges RULE: one edge a source.
compile_edges() {
  ninja_path <"$plan/sources" | awk -v build="$build" -v rule="$1" '{ print "build " build "/objects/" $0 ".o: " rule " " $0 }'
}

# image_rules COMPILER: what every image is made with.
image_rules() {
  name=$(cat "$plan/name")
  prefix=${1%gcc}
  libos_word=$(printf '%s\n' "$libos/$architecture" | shell_words | ninja_text)
  libos_path=$(printf '%s\n' "$libos/$architecture" | ninja_path)
  bin_word=$(printf '%s\n' "$UNIKERNEL_PREFIX" | shell_words | ninja_text)
  cat <<END

builddir = $build
libos = $libos_word
prefix = $bin_word

rule discover
  command = \$prefix/bin/discover \$in --handlers \$libos/handlers --ignore-prefix libos_ --needed $build/needed.new $
    >$build/system-calls.new && \$prefix/shared/replace $build/needed.new $build/needed && $
    \$prefix/shared/replace $build/system-calls.new $build/out/system-calls.json
  restat = 1
  description = Discover system calls

rule table
  command = \$prefix/libos/make-table $architecture \$libos/handlers \$in >\$out
  description = Choose handlers

rule compile-table
  command = $1 @\$libos/cflags $(prefix_map) -I \$prefix/libos/include -c -o \$out \$in
  description = Compile \$in

rule assemble
  command = $1 -c -o \$out \$in
  description = Assemble \$in

rule strip
  command = ${prefix}strip -o \$out.stripped \$in && \$prefix/bin/pack \$out.stripped \$out && chmod +x \$out && rm \$out.stripped
  description = Strip \$in

rule versions
  command = cp \$in \$out
  description = Write versions

rule checksums
  command = cd $build/out && sha256sum $name.elf $name link.map system-calls.json versions.json >SHA256SUMS
  description = Write checksums
END
}

# result_edges PROGRAM: from a program whose system calls are looked for to its table, and from out/NAME.elf to the other files in out/.
result_edges() {
  cat <<END

build $build/arguments.o: assemble $build/arguments.S
build $build/needed $build/out/system-calls.json: discover $1
build $build/table.c: table $build/needed
build $build/table.o: compile-table $build/table.c
build $build/out/$name: strip $build/out/$name.elf
build $build/out/versions.json: versions $libos_path/versions.json
build $build/out/SHA256SUMS: checksums $build/out/$name.elf $build/out/$name $build/out/link.map $
  $build/out/system-calls.json $build/out/versions.json
END
}

# image_edges COMPILER LINK-OPTIONS BEFORE AFTER OBJECTS: from the objects to the files in out/. BEFORE and AFTER are what the
# language links around them: start files and libraries. OBJECTS are more to link, which its own edges make.
image_edges() {
  image_rules "$1"
  place='' placement=''
  pages=$(cat "$plan/image-pages")
  if [ -n "$pages" ]; then
    place="\$prefix/libos/place \$\$(cat \$libos/address) $pages >$build/placement &&"
    placement=@$build/placement
  fi
  objects=$(ninja_path <"$plan/sources" | awk -v build="$build" '{ printf " %s/objects/%s.o", build, $0 }')${5:+ $5}
  link="$1 -static -no-pie $2 -Wl,--gc-sections -Wl,-Map=\$map @\$libos/link-flags \$placement -o \$out \$libos/boot.o $3 @\$out.rsp \$libos/datagrams.a \$libos/libos.a $4"
  # What gcc asks of the linker for erratum 843419 of Cortex-A53 adds a page for each place that it mends, unless it may only
  # have the instruction there refer to what is no further than a mebibyte: it fails where something is.
  compact=$link
  [ "$architecture" != aarch64 ] || compact="$link -Wl,--fix-cortex-a53-843419=adr 2>\$out.far || $link"
  cat <<END

rule link
  command = $link
  rspfile = \$out.rsp
  rspfile_content = \$in
  description = Link \$out

rule link-compact
  command = \$place $compact
  rspfile = \$out.rsp
  rspfile_content = \$in
  description = Link \$out

rule describe-frames
  command = \$prefix/shared/describe-frames $architecture \$in \$map \$out
  description = Describe frames

build $build/all.elf: link$objects $build/arguments.o $libos_path/table-all.o | $libos_path/datagrams.a $libos_path/libos.a $libos_path/boot.o
  map = $build/all.map
build $build/linked.elf | $build/out/link.map: link-compact$objects $build/arguments.o $build/table.o | $build/all.elf
  map = $build/out/link.map
  place = $place
  placement = $placement
build $build/out/$name.elf: describe-frames $build/linked.elf | $build/out/link.map
  map = $build/out/link.map
END
  result_edges "$build/all.elf"
}

/**
 * Cases in which the library OS differs from Linux, each with the reason. One that agrees on every target fails the
 * tests, so that this list stays true.
 */
export const expectedDifferences: Readonly<Record<string, string>> = {
  // there is one process, and no other program to run
  fork_makes_a_process: 'there is one process; fork fails, and nothing has happened',
  execve_of_nothing: 'there is no other program to run, so execve is not there at all (ENOSYS)',

  // memory
  mmap_takes_a_hint: "the program's addresses end below 255 GiB; a hint beyond them is not taken",
  read_at_the_end_with_a_bad_pointer: 'pointers are checked before anything else is done',

  // files
  a_slash_behind_a_link: 'a slash behind a link means what the link leads to',
  proc_self_exe_names_the_program: '/proc/self/exe has the name, and not the content',
};

/**
 * Cases in which the library OS differs from Linux, each with the reason. One that agrees on every target fails the
 * tests, so that this list stays true.
 */
export const expectedDifferences: Readonly<Record<string, string>> = {
  read_at_the_end_with_a_bad_pointer: 'pointers are checked before anything else is done',
  seek_finds_holes: 'a hole is told as data, which lseek(2) allows',
};

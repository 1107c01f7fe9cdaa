/** A piece of an object file that the linker put into the image. */
export interface LinkedPiece {
  /** The section of the image that it went to. */
  readonly section: string;
  /** The object file, or `archive(member)`. */
  readonly object: string;
  readonly bytes: number;
}

/** Reads the memory map that GNU ld writes (-Map): what of each object file is in each section of the image. */
export function parseLinkMap(text: string): LinkedPiece[] {
  const start = text.indexOf('\nLinker script and memory map');
  // A long name stands alone on its line, and the rest on the next.
  const map = text.slice(Math.max(start, 0)).replace(/^( ?\.\S+)\n +/gm, '$1 ');
  const pieces: LinkedPiece[] = [];
  let section = '';
  for (const line of map.split('\n')) {
    section = /^(\.\S+)/.exec(line)?.[1] ?? section;
    const piece = /^ (?:\.?[\w$.-]+) +0x[0-9a-f]+ +0x([0-9a-f]+) (\S.*)$/.exec(line);
    if (piece?.[1] === undefined || piece[2] === undefined) continue;
    const bytes = parseInt(piece[1], 16);
    if (bytes > 0) pieces.push({ section, object: piece[2], bytes });
  }
  return pieces;
}

/** Where a part of an image comes from. */
export type PartName = 'program' | 'libc' | 'library OS' | 'compiler runtime';

/** Whose an object file is, by where toolchains/README.md puts it. */
export function partOf(object: string): PartName {
  const file = object.replace(/^.*\/(?=[^/]*$)/, '');
  if (object.includes('/objects/')) return 'program';
  if (/^(?:(?:libos|datagrams)\.a\(|boot\.o$|table\.o$|arguments\.o$)/.test(file)) return 'library OS';
  if (/^(?:libc\.a\(|libm\.a\(|libpthread\.a\(|r?crt[1in]\.o$)/.test(file)) return 'libc';
  if (/^(?:libgcc|libsupc|crt(?:begin|end))/.test(file)) return 'compiler runtime';
  return 'program';
}

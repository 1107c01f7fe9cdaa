/** What an archive holds: a folder, a file of a size, or a symbolic link. */
export interface CpioEntry {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** As of stat(2): type and permissions. */
  readonly mode: number;
  /** Bytes of content that follow the header; a link's are its target. */
  readonly size: number;
}

/** The library OS uses whole pages of a file where they lie in the archive, so larger files begin at a page. */
const pageSize = 4096;
const headerSize = 110;

const padding = (length: number, unit: number): number => (unit - (length % unit)) % unit;

/**
 * The header of an entry that begins at an offset of the archive, in the format "newc" (Linux: driver-api/early-userspace/
 * buffer-format). A name may end with more than one NUL: that is what puts the content where it is to be.
 */
export function cpioHeader({ path, mode, size }: CpioEntry, offset: number, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`);
  const unit = size >= pageSize ? pageSize : 4;
  const end = offset + headerSize + name.length;
  const nameSize = name.length + (unit === pageSize ? padding(end, pageSize) : 0);
  // Inode, mode, owner, group, links, time, size, two devices, the name's size, no checksum.
  const fields = [inode, mode, 0, 0, 1, 1, size, 0, 0, 0, 0, nameSize, 0];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const header = Buffer.alloc(headerSize + nameSize + padding(headerSize + nameSize, 4));
  header.write(text, 'latin1');
  name.copy(header, headerSize);
  return header;
}

/** What follows content of a size. */
export function cpioPadding(size: number): Buffer {
  return Buffer.alloc(padding(size, 4));
}

/** The end of an archive, filled up to a page. */
export function cpioTrailer(offset: number): Buffer {
  const header = cpioHeader({ path: 'TRAILER!!!', mode: 0, size: 0 }, offset, 0);
  return Buffer.concat([header, Buffer.alloc(padding(offset + header.length, pageSize))]);
}

import { open, writeFile } from 'node:fs/promises';

const clusterBits = 16;
const clusterSize = 1 << clusterBits;

/** Bytes of the disk itself, which nobody writes to: snapshots lie behind its end. */
const diskSize = 1n << 24n;

/** Where the header ends and its extensions begin: each has a type, a length, and data up to a multiple of 8 bytes. */
const headerSize = 104;

/** The type of our extension, which QEMU keeps as it is. */
const noteType = 0x554b4e54;

/**
 * Writes an empty disk in the only format that QEMU keeps snapshots of a whole machine in (QEMU, docs/interop/qcow2.txt):
 * the header, the table of reference counts, its first block, and the table of the disk's clusters, one cluster each. A note in it says what it is of.
 */
export async function writeSnapshotDisk(path: string, note = ''): Promise<void> {
  const image = Buffer.alloc(4 * clusterSize);
  const [counts, block, clusters] = [1, 2, 3].map((number) => BigInt(number * clusterSize)) as [bigint, bigint, bigint];
  image.write('QFI\xfb', 'latin1');
  image.writeUInt32BE(3, 4);
  image.writeUInt32BE(clusterBits, 20);
  image.writeBigUInt64BE(diskSize, 24);
  image.writeUInt32BE(1, 36); // entries of the table of clusters
  image.writeBigUInt64BE(clusters, 40);
  image.writeBigUInt64BE(counts, 48);
  image.writeUInt32BE(1, 56); // clusters of the table of reference counts
  image.writeUInt32BE(4, 96); // a reference count has 2^4 bits
  image.writeUInt32BE(headerSize, 100);
  image.writeUInt32BE(note === '' ? 0 : noteType, headerSize);
  image.writeUInt32BE(Buffer.byteLength(note), headerSize + 4);
  image.write(note, headerSize + 8);
  image.writeBigUInt64BE(block, clusterSize);
  for (let cluster = 0; cluster < 4; cluster++) image.writeUInt16BE(1, Number(block) + 2 * cluster);
  await writeFile(path, image);
}

/** The note in a disk; undefined in a file that is none of ours. */
export async function readNote(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { buffer: header, bytesRead } = await file.read(Buffer.alloc(clusterSize), 0, clusterSize, 0);
    for (let at = headerSize; at + 8 <= bytesRead && header.readUInt32BE(at) !== 0;) {
      const length = header.readUInt32BE(at + 4);
      if (header.readUInt32BE(at) === noteType) return header.toString('utf8', at + 8, at + 8 + length);
      at += 8 + Math.ceil(length / 8) * 8;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

import { writeFile } from 'node:fs/promises';

const clusterBits = 16;
const clusterSize = 1 << clusterBits;

/** Bytes of the disk itself, which nobody writes to: snapshots lie behind its end. */
const diskSize = 1n << 24n;

/**
 * Writes an empty disk in the only format that QEMU keeps snapshots of a whole machine in (QEMU, docs/interop/qcow2.txt):
 * the header, the table of reference counts, its first block, and the table of the disk's clusters, one cluster each.
 */
export async function writeSnapshotDisk(path: string): Promise<void> {
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
  image.writeUInt32BE(104, 100); // the header's length
  image.writeBigUInt64BE(block, clusterSize);
  for (let cluster = 0; cluster < 4; cluster++) image.writeUInt16BE(1, Number(block) + 2 * cluster);
  await writeFile(path, image);
}

import { isElf64 } from './elf';

/** How QEMU's -kernel boots a file (QEMU sources: hw/i386/x86.c, hw/i386/multiboot.c, hw/arm/boot.c). */
export type BootProtocol = 'multiboot' | 'pvh' | 'linux' | 'elf' | 'unknown';

/** What the first look at a kernel says. */
export interface KernelFile {
  /** Undefined for a file that does not say: no ELF, no Linux image. */
  readonly architecture: 'x86_64' | 'aarch64' | undefined;
  /** 32 or 64 for an ELF. */
  readonly elfBits: 32 | 64 | undefined;
  readonly protocol: BootProtocol;
}

/** As e_machine has them (System V gABI); a 32-bit x86 kernel may be the wrapping of one that goes on in 64 bits. */
const architectures: Readonly<Record<number, 'x86_64' | 'aarch64'>> = { 3: 'x86_64', 62: 'x86_64', 183: 'aarch64' };

/** The beginning of the PVH note: the size of its name, that of its address, its type and its name (Xen, elfnote.h). */
const pvhNotes = [4, 8].map((bytes) => Buffer.from([4, 0, 0, 0, bytes, 0, 0, 0, 18, 0, 0, 0, ...Buffer.from('Xen\0')]));

/** Tells from a file's content what it runs on and how it boots. */
export function inspectKernel(file: Buffer): KernelFile {
  const elfBits = isElf64(file) ? 64 : isElf32(file) ? 32 : undefined;
  if (elfBits !== undefined) {
    const architecture = architectures[file.readUInt16LE(18)];
    return { architecture, elfBits, protocol: architecture === 'x86_64' ? protocolOfX86(file) : 'elf' };
  }
  const isArmImage = file.toString('latin1', 56, 60) === 'ARM\x64';
  if (isArmImage) return { architecture: 'aarch64', elfBits, protocol: 'linux' };
  const protocol = protocolOfX86(file);
  return { architecture: protocol === 'unknown' ? undefined : 'x86_64', elfBits, protocol };
}

function isElf32(file: Buffer): boolean {
  return file.length >= 52 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 1 && file[5] === 1;
}

/** QEMU looks in this order, too. */
function protocolOfX86(file: Buffer): BootProtocol {
  if (file.toString('latin1', 0x202, 0x206) === 'HdrS') return 'linux';
  if (hasMultibootHeader(file)) return 'multiboot';
  return pvhNotes.some((note) => file.includes(note)) ? 'pvh' : 'unknown';
}

/** The header is in the first 8 KiB, its three words add up to 0 (Multiboot Specification 0.6.96, 3.1). */
function hasMultibootHeader(file: Buffer): boolean {
  const magic = 0x1badb002;
  for (let at = 0; at + 12 <= Math.min(file.length, 8192); at += 4) {
    if (file.readUInt32LE(at) !== magic) continue;
    if ((magic + file.readUInt32LE(at + 4) + file.readUInt32LE(at + 8)) % 2 ** 32 === 0) return true;
  }
  return false;
}

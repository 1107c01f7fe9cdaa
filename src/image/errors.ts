import { messageOf, UnikernelError } from '../errors';

/** A file that should be an ELF64 image cannot be read as one. */
export function unreadableImage(file: string, cause: unknown): UnikernelError {
  return new UnikernelError(
    'image.unreadable',
    `${file} cannot be read as an image.`,
    messageOf(cause),
    { text: 'Build again, or name a 64-bit little-endian ELF file.' },
    { cause },
  );
}

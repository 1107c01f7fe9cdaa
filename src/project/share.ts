import * as z from 'zod';

/** A folder of this computer that the guest has as one of its own; what is written to it stays when the guest has ended. */
export interface Share {
  /** Absolute path on this computer. */
  readonly host: string;
  /** Absolute path in the guest. */
  readonly guest: string;
  readonly readOnly: boolean;
  /** A folder that the path on this computer must not lead out of, by whatever links. */
  readonly within?: string | undefined;
}

const pattern = /^(.+?):(\/[^:]*)(:ro|:rw)?$/;

/** QEMU's limit of what it calls a tag, less the byte at its end: the guest is told its path by that (hw/9pfs/9p.h). */
const longestGuestPath = 31;

/** Reads `data:/data` or `data:/data:ro`; undefined where it is neither. */
export function parseShare(text: string): Pick<Share, 'host' | 'guest' | 'readOnly'> | undefined {
  const [, host, guest, mode] = pattern.exec(text) ?? [];
  return host === undefined || guest === undefined ? undefined : { host, guest, readOnly: mode === ':ro' };
}

/** Why the guest cannot have a folder there; undefined when it can. */
export function badGuestPath(path: string): string | undefined {
  if (!/^(\/[^/]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path))
    return `"${path}" is no path of a folder in the guest, such as "/data"`;
  return Buffer.byteLength(path) > longestGuestPath
    ? `"${path}" is longer than ${longestGuestPath} bytes, which is the longest path that QEMU shares a folder under`
    : undefined;
}

/** Why folders cannot be shared under these paths together; undefined when they can. */
export function overlap(paths: readonly string[]): string | undefined {
  for (const [index, one] of paths.entries())
    for (const other of paths.slice(index + 1))
      if (`${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`))
        return one === other ? `"${one}" is shared twice` : `"${one}" and "${other}" are one within the other`;
  return undefined;
}

/** The smallest machine has eight places for devices, and one is the network's. */
const mostShares = 7;

/** `data:/data`, with `:ro` where the guest shall only read. */
export const shareSchema = z
  .string()
  .regex(pattern, 'must be HOST:GUEST, such as "data:/data" or "data:/data:ro"')
  .refine(
    (text) => /^(\.\/)?(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0\\]+$/.test(text.replace(/^\.\//, '').split(':')[0] ?? ''),
    {
      message: 'must begin with a folder below this file, without ".."',
    },
  )
  .superRefine((text, context) => {
    const problem = badGuestPath(parseShare(text)?.guest ?? '');
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `cannot be: ${problem}` });
  });

export const sharesSchema = z
  .array(shareSchema)
  .max(mostShares, `must not have more than ${mostShares} folders`)
  .superRefine((shares, context) => {
    const problem = overlap(shares.map((text) => parseShare(text)?.guest ?? ''));
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `cannot be: ${problem}` });
  })
  .optional()
  .describe(
    'Folders below this file\'s that the guest has as its own, for data that outlives it: with "data:/data" what the program writes to /data is in data here. ":ro" behind it lets the program only read.',
  );

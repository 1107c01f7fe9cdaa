import { resolve } from 'node:path';
import { badGuestPath, overlap, parseShare, type Share } from '../project/share';
import { badShare } from '../qemu/errors';

/** Reads what --share is given: paths are those of the shell's folder, and lead where the person says. */
export function readShares(texts: readonly string[]): Share[] {
  const shares = texts.map((text) => {
    const share = parseShare(text);
    if (share === undefined) throw badShare(text, 'It does not name a folder here and an absolute path in the guest');
    const problem = badGuestPath(share.guest);
    if (problem !== undefined) throw badShare(text, problem);
    return { ...share, host: resolve(share.host) };
  });
  const problem = overlap(shares.map(({ guest }) => guest));
  if (problem !== undefined) throw badShare(texts.join(' '), problem);
  return shares;
}

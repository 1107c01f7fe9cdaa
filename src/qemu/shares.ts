import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import { messageOf } from '../errors';
import type { Share } from '../project/share';
import type { Machine } from '../targets';
import { shareLeadsOut, shareMissing, shareUnusable } from './errors';

/**
 * Sees to it that the folders are there and may be used, and says where they really are. One that is missing is made, as docker compose
 * does, unless the guest shall only read it: there would be nothing to read.
 */
export async function prepareShares(shares: readonly Share[]): Promise<Share[]> {
  const prepared: Share[] = [];
  for (const share of shares) prepared.push({ ...share, host: await prepare(share) });
  return prepared;
}

async function prepare({ host, readOnly, within }: Share): Promise<string> {
  const isMissing = await stat(host).then(
    () => false,
    () => true,
  );
  if (within !== undefined) await checkPlace(host, within);
  if (isMissing && readOnly) throw shareMissing(host);
  try {
    await mkdir(host, { recursive: true });
    await access(host, constants.R_OK | constants.X_OK | (readOnly ? 0 : constants.W_OK));
    return await realpath(host);
  } catch (error) {
    throw shareUnusable(host, messageOf(error));
  }
}

/** The folder, or the nearest above it that is there, must be where its path says, and not where a link leads. */
async function checkPlace(host: string, within: string): Promise<void> {
  const place = await realpath(host).catch(() => undefined);
  if (place === undefined) {
    if (host !== within) await checkPlace(dirname(host), within);
    return;
  }
  const path = relative(await realpath(within), place);
  if (path.startsWith('..') || isAbsolute(path)) throw shareLeadsOut(host, place);
}

/**
 * QEMU's 9p devices (QEMU manual, "9pfs"). The guest's files are ordinary ones of this computer, owned by who runs QEMU
 * (security_model=none); inode numbers of different file systems below the folder stay different (multidevs=remap).
 */
export function shareArguments(shares: readonly Share[], machine: Machine): string[] {
  return shares.flatMap(({ host, guest, readOnly }, index) => {
    const id = `share${index}`;
    const readonly = readOnly ? ',readonly=on' : '';
    return [
      ...['-fsdev', `local,id=${id},path=${escapeCommas(host)},security_model=none,multidevs=remap${readonly}`],
      ...['-device', `${machine.sharedFolder},fsdev=${id},mount_tag=${escapeCommas(guest)}`],
    ];
  });
}

/** A comma ends an option's value; doubled, it is part of it (QEMU manual, "Standard options"). */
export function escapeCommas(value: string): string {
  return value.replaceAll(',', ',,');
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what can be made again is kept between sessions: ~/.cache/unikernel-tools, by the XDG Base Directory Specification. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'unikernel-tools');
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the parts of the product that are not code of ours lie on this machine. */
export interface Installation {
  readonly root: string;
  readonly toolchains: string;
  readonly templates: string;
  readonly libraryOs: string;
}

/** Finds the installation above the running file: above dist/ in the package, above src/ in a checkout. */
export function findInstallation(from = __dirname): Installation {
  const toolchains = join(from, 'toolchains');
  if (existsSync(join(toolchains, 'README.md'))) {
    return { root: from, toolchains, templates: join(from, 'templates'), libraryOs: join(from, 'libos') };
  }
  const parent = dirname(from);
  if (parent === from) throw new Error('The installation is damaged: no toolchains folder above the program.');
  return findInstallation(parent);
}

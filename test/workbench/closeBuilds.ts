import { findInstallation } from '../../src/installation';
import { openEngine } from '../../src/toolchain';
import { root } from './server';

/** Removes the places where a project of a test was built: the engine may outlive the tests. */
export async function closeBuilds(project: string): Promise<void> {
  const engine = await openEngine('auto', findInstallation(root), new AbortController().signal);
  await engine.close(project);
}

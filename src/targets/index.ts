import { aarch64Virt } from './aarch64-virt';
import type { Target } from './target';
import { x86_64Microvm } from './x86_64-microvm';
import { x86_64Q35 } from './x86_64-q35';

export type { Architecture, Machine, Target } from './target';
export { architectures } from './target';

/** Every target, the default first. */
export const targets: readonly Target[] = [x86_64Microvm, x86_64Q35, aarch64Virt];

export const defaultTarget: Target = x86_64Microvm;

/** The target of that identifier, or undefined. */
export function findTarget(id: string): Target | undefined {
  return targets.find((target) => target.id === id);
}

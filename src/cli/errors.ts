import { UnikernelError } from '../errors';
import { targets } from '../targets';

/** --target with a name that is none. */
export function unknownTarget(id: string): UnikernelError {
  const known = targets.map((target) => target.id).join(', ');
  return new UnikernelError('cli.unknownTarget', `There is no target "${id}".`, '', {
    text: `The targets are ${known}.`,
  });
}

/** unikernel.json is wrong; the problems were printed. */
export function wrongProject(problems: readonly string[]): UnikernelError {
  return new UnikernelError('cli.wrongProject', 'unikernel.json is not right.', problems.join('\n'), {
    text: 'Mend the places named.',
  });
}

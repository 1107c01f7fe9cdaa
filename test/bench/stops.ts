import type { DebugProtocol } from '@vscode/debugprotocol';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMi } from '../../src/gdb/mi/parser';
import { benchTargets } from './boot';
import { Debugging } from './debug';
import { timed, type Measurement } from './measure';
import { root, type Projects } from './projects';

const source = join(__dirname, 'stops.c');

/** The line of the program that carries the tag. */
async function lineOf(tag: string): Promise<number> {
  const lines = (await readFile(source, 'utf8')).split('\n');
  return lines.findIndex((line) => line.includes(`/* tag: ${tag} */`)) + 1;
}

/** The first hundred elements of an array of 10,000, as an editor asks for them when a person opens it. */
function arrayMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `array-${target.id}`,
    unit: 'ms',
    limit: { value: 20 },
    repetitions: 30,
    prepare: async () => {
      const debugging = await Debugging.of(await projects.get('stops', await readFile(source, 'utf8')), target);
      const session = await debugging.launch();
      return {
        value: async () => {
          const { body } = await session.request<DebugProtocol.EvaluateResponse>('evaluate', { expression: 'numbers' });
          const page = { variablesReference: body.variablesReference, filter: 'indexed', start: 0, count: 100 };
          return timed(async () => {
            const { variables } = (await session.request<DebugProtocol.VariablesResponse>('variables', page)).body;
            if (variables.length !== 100) throw new Error(`The page has ${variables.length} elements.`);
          });
        },
        end: () => session.end(),
      };
    },
  }));
}

/** A breakpoint that is set while the guest runs: the guest stands still for a part of that time. */
function editMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `edit-${target.id}`,
    unit: 'ms',
    limit: { value: 15 },
    repetitions: 30,
    prepare: async () => {
      const project = await projects.get('stops', await readFile(source, 'utf8'));
      const debugging = await Debugging.of(project, target);
      const session = await debugging.launch();
      await session.setBreakpoints(project.mainFile, []);
      await session.request('continue', { threadId: 1 });
      return {
        value: async () => {
          // The function is in the image, and not called again.
          const milliseconds = await timed(() => session.setFunctionBreakpoints([{ name: 'main' }]));
          await session.setFunctionBreakpoints([]);
          return milliseconds;
        },
        end: () => session.end(),
      };
    },
  }));
}

/** A thousand messages of a breakpoint that only logs, over the same with gdb's own dprintf. */
function logMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `log-${target.id}`,
    unit: 'ms',
    limit: { ratio: 1.2 },
    repetitions: 5,
    prepare: async () => {
      const project = await projects.get('stops', await readFile(source, 'utf8'));
      const debugging = await Debugging.of(project, target);
      const [session, bare] = [await debugging.launch(), await debugging.launchBare()];
      const [round, message] = [await lineOf('round'), await lineOf('message')];
      await session.setBreakpoints(project.mainFile, [{ line: round }, { line: message, logMessage: 'i is {i}' }]);
      await bare.command(`-break-insert main.c:${round}`);
      await bare.command(`-dprintf-insert main.c:${message} "i is %d\\n" i`);
      return {
        value: () => timed(() => session.continueToStop()),
        reference: () => timed(() => bare.continueToStop()),
        end: async () => {
          await Promise.all([session.end(), bare.end()]);
        },
      };
    },
  }));
}

/** A step back over a step that was made, in a recorded run that is replayed already. */
function backMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `back-${target.id}`,
    unit: 'ms',
    limit: { value: 50 },
    repetitions: 20,
    prepare: async () => {
      const project = await projects.get('stops', await readFile(source, 'utf8'));
      const session = await (await Debugging.of(project, target)).launch({ record: true });
      await session.step();
      await session.stepBack();
      return {
        value: async () => {
          await session.step();
          return timed(() => session.stepBack());
        },
        end: () => session.end(),
      };
    },
  }));
}

/** Reading 30 MB of what gdb has really printed. */
const parserMeasurement: Measurement = {
  name: 'mi-parser-30-MB',
  unit: 'ms',
  limit: { value: 1000 },
  repetitions: 5,
  prepare: async () => {
    const output = await readFile(join(root, 'test', 'fixtures', 'mi', 'x86_64.mi'), 'utf8');
    const lines = output.split('\n');
    const times = Math.ceil(30e6 / output.length);
    return {
      value: () =>
        timed(() => {
          for (let time = 0; time < times; time++) for (const line of lines) parseMi(line);
          return Promise.resolve();
        }),
    };
  },
};

/** What a person notices while they are at a stop, or make one. */
export function stopMeasurements(projects: Projects): Measurement[] {
  return [
    ...arrayMeasurements(projects),
    ...editMeasurements(projects),
    ...logMeasurements(projects),
    ...backMeasurements(projects),
    parserMeasurement,
  ];
}

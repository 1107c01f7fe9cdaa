import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '../folders';

/** A running gdb, seen as lines. */
export interface GdbProcess {
  /** Sends one line. */
  write(line: string): void;
  onLine(listener: (line: string) => void): void;
  /** Calls back once, when the process has ended and all its lines were handed on. */
  onExit(listener: () => void): void;
  kill(): void;
}

/** Starts gdb with its machine interface on its standard streams. It never outlives this process. */
export function startGdbProcess(path: string): GdbProcess {
  const child = spawn(path, ['-nx', '-q', '--interpreter=mi3'], { windowsHide: true, env: environment() });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  child.stdin.on('error', () => undefined);
  let unsent = '';
  return {
    write: (line) => {
      // Commands that are sent together reach gdb together: it is woken once.
      if (unsent === '') {
        process.nextTick(() => {
          child.stdin.write(unsent);
          unsent = '';
        });
      }
      unsent += `${line}\n`;
    },
    onLine: (listener) => {
      for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', listener);
    },
    onExit: (listener) => {
      let ended = false;
      const end = (): void => {
        if (!ended) listener();
        ended = true;
        process.off('exit', kill);
      };
      child.once('close', end);
      child.once('error', end);
    },
    kill,
  };
}

/**
 * gdb's own Python files come without bytecode in most distributions; kept here, they are compiled only once.
 * What gdb says is read, so it may not be translated.
 */
function environment(): NodeJS.ProcessEnv {
  const { ...inherited } = process.env;
  delete inherited['PYTHONDONTWRITEBYTECODE'];
  return { ...inherited, PYTHONPYCACHEPREFIX: join(cacheFolder(), 'gdb'), LANGUAGE: 'C' };
}

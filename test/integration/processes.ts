import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The processes that a process started, itself or through others, whose program's name begins so (Linux only). */
export async function descendants(pid: number, name: string): Promise<number[]> {
  const found: number[] = [];
  for (const child of await childrenOf(pid)) {
    // The kernel keeps 15 characters of the name: proc_pid_comm(5).
    const command = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
    if (command.startsWith(name.slice(0, 15))) found.push(child);
    found.push(...(await descendants(child, name)));
  }
  return found;
}

/** Resolves when none of the processes is left; rejects when one is still there after so many milliseconds. */
export async function waitUntilGone(pids: readonly number[], timeout = 3000): Promise<void> {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    if ((await Promise.all(pids.map(isRunning))).every((running) => !running)) return;
    await delay(20);
  }
  throw new Error(`One of the processes ${pids.join(', ')} is still there after ${timeout} ms.`);
}

/** False for one that ended, though its parent may not have asked how. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+[ZX]/m.test(status);
}

/** Children belong to the thread that started them: proc_pid_task(5). */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

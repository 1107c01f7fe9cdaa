import { workspace } from 'vscode';
import { settingsSection } from './identifiers';

/** The settings; undefined where one is left empty. */
export interface Settings {
  readonly engine: 'auto' | 'docker' | 'host';
  readonly baseImage: string | undefined;
  readonly qemuPath: string | undefined;
  readonly gdbPath: string | undefined;
  readonly breakpoints: 'auto' | 'hardware' | 'software';
}

export function readSettings(): Settings {
  const section = workspace.getConfiguration(settingsSection);
  const text = (name: string): string | undefined => {
    const value = section.get<string>(name, '').trim();
    return value === '' ? undefined : value;
  };
  return {
    engine: section.get<Settings['engine']>('engine', 'auto'),
    baseImage: text('toolchain.baseImage'),
    qemuPath: text('qemu.path'),
    gdbPath: text('gdb.path'),
    breakpoints: section.get<Settings['breakpoints']>('debug.breakpoints', 'auto'),
  };
}

import type { DebugProtocol } from '@vscode/debugprotocol';

/** launch.json's fields of a launch: build nothing, boot an artifact (or any kernel) and debug it. */
export interface LaunchArguments extends DebugProtocol.LaunchRequestArguments {
  /** The project's folder; sources inside it are shown relative to it. */
  readonly project?: string;
  /** The target's identifier; the default target when absent. */
  readonly target?: string;
  /** Path of artifact.json; overridden by the three fields that follow. */
  readonly artifact?: string;
  /** The ELF that boots. */
  readonly kernel?: string;
  /** The ELF with debug information; the kernel itself when absent. */
  readonly symbols?: string;
  readonly qemuPath?: string;
  readonly gdbPath?: string;
  /** Stop at main's first line. */
  readonly stopOnEntry?: boolean;
  /** The program's arguments, on the kernel's command line. */
  readonly args?: readonly string[];
  /** Memory as QEMU takes it, such as `64M`. */
  readonly memory?: string;
  readonly qemuArgs?: readonly string[];
  /** Folders as the debug information names them, and where they are on this machine. */
  readonly sourceMap?: Readonly<Record<string, string>>;
  /** Where the guest's output goes: the debug console, or only to those who connect to the guest's server. */
  readonly console?: 'internal' | 'terminal';
  /** Show what is said to and by gdb. */
  readonly trace?: boolean;
}

/** launch.json's fields of an attach: a guest that runs already and offers a gdb stub. */
export interface AttachArguments extends DebugProtocol.AttachRequestArguments {
  /** `host:port`, or the path of a socket. */
  readonly connect: string;
  readonly target?: string;
  readonly symbols?: string;
  readonly sourceMap?: Readonly<Record<string, string>>;
  readonly gdbPath?: string;
  readonly trace?: boolean;
}

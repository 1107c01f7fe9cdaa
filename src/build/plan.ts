import type { BuildInput } from '../toolchain';
import { imagePages } from '../project/aslr';
import type { ProjectConfiguration } from '../project/schema';
import type { Architecture } from '../targets';

/** The files of plan/, as toolchains/README.md defines them. */
export function planFiles(
  configuration: ProjectConfiguration,
  sources: readonly string[],
  programs: Readonly<Partial<Record<Architecture, string>>> = {},
): BuildInput[] {
  const { name, libc, optimize, flags, args, env, network, shares, aslr, memory } = configuration;
  const pages = imagePages(aslr, memory);
  const files: Record<string, string> = {
    name: lines([name]),
    sources: lines(sources),
    libc: lines([libc]),
    optimize: lines([optimize]),
    flags: lines(flags),
    'image-pages': lines(pages === undefined ? [] : [`${pages.first}-${pages.last}`]),
    ...Object.fromEntries(
      Object.entries(programs).map(([architecture, path]) => [`program-${architecture}`, lines([path])]),
    ),
    'arguments.S': argumentsAssembly(
      [name, ...args],
      Object.entries(env).map(([key, value]) => `${key}=${value}`),
      network,
      shares !== undefined,
    ),
  };
  return Object.entries(files).map(([file, text]) => ({
    path: `plan/${file}`,
    content: { bytes: Buffer.from(text) },
  }));
}

function lines(values: readonly string[]): string {
  return values.map((value) => `${value}\n`).join('');
}

/** The program's arguments and environment as data that the library OS reads at boot. A program may change them, as on Linux. */
export function argumentsAssembly(
  args: readonly string[],
  environment: readonly string[],
  network: ProjectConfiguration['network'],
  hasShares = false,
): string {
  return [
    '.section .data.libos_arguments, "aw"',
    ...stringTable('libos_argument_count', 'libos_arguments', args),
    ...stringTable('libos_environment_count', 'libos_environment', environment),
    ...(network?.address === undefined ? [] : staticAddress(network.address, network.gateway, network.nameServer)),
    // What shares folders is linked where the program's image names it.
    ...(hasShares ? ['.section .data.libos_arguments, "aw"', '.balign 8', '.quad libos_shares_mount'] : []),
    '.section .note.GNU-stack, "", %progbits',
    '',
  ].join('\n');
}

/** What sets a static address is linked where the program's image names it. */
function staticAddress(address: string, gateway = '', nameServer = ''): string[] {
  return [
    '.section .rodata.libos_network, "a"',
    '.balign 8',
    '.quad libos_network_set_static',
    ...string('libos_network_address', address),
    ...string('libos_network_gateway', gateway),
    ...string('libos_network_name_server', nameServer),
  ];
}

function stringTable(count: string, strings: string, values: readonly string[]): string[] {
  return [
    '.balign 8',
    `.globl ${count}`,
    `${count}: .quad ${values.length}`,
    `.globl ${strings}`,
    `${strings}:`,
    ...values.map((value) => `.asciz "${escapeBytes(value)}"`),
    // A label of its own even where there is no string.
    '.byte 0',
  ];
}

function string(name: string, value: string): string[] {
  return [`.globl ${name}`, `${name}: .asciz "${escapeBytes(value)}"`];
}

/** Each byte of the UTF-8 text as three octal digits, so that nothing in it means anything to the assembler. */
function escapeBytes(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

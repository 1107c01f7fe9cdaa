import { spawn } from 'node:child_process';

/** What the probe ends QEMU with when it worked: 42 through isa-debug-exit, which doubles and adds one. */
const worked = 2 * 42 + 1;

/** A working accelerator needs some 20 ms. */
const timeLimit = 3000;

const romSize = 0x10000;
const codeOffset = 0xff00;
const resetOffset = 0xfff0;

/**
 * From the reset vector in real mode to protected mode, where it takes an exception and ends QEMU from the handler.
 * Some hypervisors that offer /dev/kvm only interpret such a guest, and stop it at its first exception.
 * The ROM lies in the 64 KiB below 4 GiB (Intel SDM volume 3, 10.1.4 "First Instruction Executed").
 */
const code = machineCode(`
  2e 66 0f 01 16 50 ff                             lgdtl %cs:gdt_pointer
  2e 66 0f 01 1e 76 ff                             lidtl %cs:idt_pointer
  66 b8 11 00 00 00                                movl $0x11, %eax
  0f 22 c0                                         movl %eax, %cr0
  66 ea 1f ff ff ff 08 00                          ljmpl $8, $protected
                                                protected:
  b8 10 00 00 00                                   movl $16, %eax
  8e d8                                            movl %eax, %ds
  8e d0                                            movl %eax, %ss
  bc 00 70 00 00                                   movl $0x7000, %esp
  cc                                               int3
  f4                                               hlt
                                                handler:
  b0 2a                                            movb $42, %al
  e6 f4                                            outb %al, $0xf4
  f4                                               hlt
  00 00 00 00                                      .balign 8
  00 00 00 00 00 00 00 00                       gdt:
  ff ff 00 00 00 9b cf 00                          code: 32 bits, flat, accessed
  ff ff 00 00 00 93 cf 00                          data: 32 bits, flat, accessed
  17 00 38 ff ff ff                             gdt_pointer:
  00 00 00 00 00 00 00 00                       idt: only vector 3
  00 00 00 00 00 00 00 00
  00 00 00 00 00 00 00 00
  2f ff 08 00 00 8e ff ff
  1f 00 56 ff ff ff                             idt_pointer:
`);
const reset = machineCode('e9 0d ff   jmp start');

/** A firmware image that ends QEMU with its own status when the processor works. */
export function probeRom(): Buffer {
  const rom = Buffer.alloc(romSize);
  code.copy(rom, codeOffset);
  reset.copy(rom, resetOffset);
  return rom;
}

/** Runs the probe in an x86 QEMU; resolves to undefined when it worked, else to why not, in a line without a full stop. */
export function runProbe(
  path: string,
  args: readonly string[],
  rom: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-m', '16M', '-no-reboot'];
  const probe = ['-bios', rom, '-device', 'isa-debug-exit,iobase=0xf4,iosize=4'];
  return new Promise((resolve, reject) => {
    const child = spawn(path, [...args, ...bare, ...probe], {
      signal,
      killSignal: 'SIGKILL',
      timeout: timeLimit,
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let printed = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      // QEMU stands still then, to be looked at.
      if (printed.includes('internal error')) child.kill('SIGKILL');
    });
    child.once('error', (error) => {
      if (signal.aborted) reject(error);
      else resolve(error.message);
    });
    child.once('close', (status) => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (status === worked) resolve(undefined);
      else resolve(reasonOf(printed) ?? 'a guest does not run with it');
    });
  });
}

/** The line that says what was wrong: a guest that stood still is told by the first, a refusal by the last. */
function reasonOf(printed: string): string | undefined {
  const lines = printed.trim().split('\n').filter(Boolean);
  const line = lines.find((each) => each.includes('internal error')) ?? lines.at(-1);
  return line?.replace(/\.+$/, '');
}

/** The bytes at the beginning of each line, as an assembler's listing has them. */
function machineCode(listing: string): Buffer {
  const bytes = listing
    .split('\n')
    .map((line) => /^\s*((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:\s{2,}|$)/.exec(line)?.[1] ?? '');
  return Buffer.from(bytes.join('').replaceAll(' ', ''), 'hex');
}

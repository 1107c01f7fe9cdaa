import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readElf } from '../../src/image/elf';
import { parseLinkMap, partOf } from '../../src/build/link-map';
import { argumentsAssembly } from '../../src/build/plan';
import { subjectOf } from '../../src/build/subjects';
import { formatReport, makeReport, reportSchema } from '../../src/build/report';

describe('the report', () => {
  let folder: string;
  const program = (): string => join(folder, 'app.elf');

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'unikernel-report-'));
    writeFileSync(
      join(folder, 'main.c'),
      'int table[100] = {1}; char zeros[5000]; int main(void) { return zeros[table[3]]; }\n',
    );
    execFileSync('gcc', ['-g', '-static', '-Wl,-Map=link.map', '-o', 'app.elf', 'main.c'], { cwd: folder });
    copyFileSync(program(), join(folder, 'app'));
    const calls = {
      reached: [
        {
          name: 'write',
          from: ['flush', 'put', 'write'],
          path: ['main', { address: 'callback' }, 'print', { address: 'put', in: 'output' }],
        },
        { name: 'futex', from: [] },
      ],
      missing: ['futex'],
      unresolved: [{ function: 'syscall' }],
    };
    writeFileSync(join(folder, 'system-calls.json'), JSON.stringify(calls));
    writeFileSync(join(folder, 'versions.json'), '{"gcc": "1"}');
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads ELF files as nm does', async () => {
    const elf = await readElf(program());
    assert.equal(elf.machine, 'x86_64');
    const line = execFileSync('nm', ['-S', program()], { encoding: 'utf8' })
      .split('\n')
      .find((text) => text.endsWith(' table'))!;
    const [address, size] = line.split(' ');
    const table = elf.findSymbol('table')!;
    assert.equal(table.address, BigInt(`0x${address!}`));
    assert.equal(table.bytes, parseInt(size!, 16));
    assert.equal(elf.physicalAddress(table.address), table.address);
    assert.equal(elf.physicalAddress(0xffffffffffffn), undefined);
  });

  it('refuses what is no ELF file', async () => {
    await assert.rejects(readElf(join(folder, 'main.c')), { code: 'image.unreadable' });
  });

  it('adds up to the image', async () => {
    const artifact = { name: 'app', architecture: 'x86_64', image: join(folder, 'app'), symbols: program() } as const;
    const report = await makeReport(folder, artifact, { total: 1.4 });
    assert.deepEqual(reportSchema.parse(JSON.parse(JSON.stringify(report))), report);
    assert.equal(report.imageBytes, statSync(program()).size);
    assert.deepEqual(report.systemCalls, {
      reached: ['write', 'futex'],
      from: { write: ['flush', 'put', 'write'], futex: [] },
      paths: { write: ['main', { address: 'callback' }, 'print', { address: 'put', in: 'output' }], futex: [] },
      missing: ['futex'],
      unresolved: ['syscall'],
      handlersLinked: 1,
    });
    const elf = await readElf(program());
    const stored = elf.sections
      .filter((section) => section.allocated && section.stored)
      .reduce((sum, { bytes }) => sum + bytes, 0);
    const parts = report.parts.reduce((sum, { bytes }) => sum + bytes, 0);
    // The linker pads between pieces and merges equal strings.
    assert.ok(Math.abs(stored - parts) < stored * 0.1, `${parts} of ${stored}`);
    const text = formatReport(report);
    assert.match(text, /not implemented: futex/);
    const path = 'main -> callback (by address) -> print -> put (by its address in output)';
    assert.ok(text.includes(`  write: ${path}; also in flush, write\n`), text);
  });

  it('reads pieces whose names stand on lines of their own', () => {
    const map =
      '\nLinker script and memory map\n\n.text           0x1000     0x30\n .text.a_very_long_name\n                0x1000       0x10 x/objects/main.c.o\n .text          0x1010       0x20 /usr/lib/libc.a(exit.o)\n';
    assert.deepEqual(parseLinkMap(map), [
      { section: '.text', object: 'x/objects/main.c.o', bytes: 16 },
      { section: '.text', object: '/usr/lib/libc.a(exit.o)', bytes: 32 },
    ]);
  });

  it('knows what a part of the library OS is for', () => {
    const objects = ['fs/walk', 'syscalls/socket_io', 'syscalls/socketpair', 'lwip/core-tcp', 'x86_64/switch'];
    const subjects = ['files', 'network', 'pipes and readiness', 'network', 'threads'];
    assert.deepEqual(objects.map(subjectOf), subjects);
    assert.equal(subjectOf('kernel/crash'), 'start, console and the rest');
  });

  it('knows whose an object file is', () => {
    const objects = [
      '../build/x86_64/objects/src/libc.a.c.o',
      '/x/libos.a(kernel-main.c.o)',
      '/x/datagrams.a(net-lwip_datagrams.c.o)',
      '/usr/lib/libc.a(exit.o)',
      '/x/libgcc.a(a.o)',
      '/x/crt1.o',
      '/x/crtend.o',
    ];
    assert.deepEqual(objects.map(partOf), [
      'program',
      'library OS',
      'library OS',
      'libc',
      'compiler runtime',
      'libc',
      'compiler runtime',
    ]);
  });
});

describe('arguments', () => {
  it('reach the program byte by byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unikernel-arguments-'));
    try {
      const values = ['app', 'a "b" \\ \n ö $x', ''];
      writeFileSync(join(folder, 'arguments.S'), argumentsAssembly(values, [], undefined));
      writeFileSync(
        join(folder, 'main.c'),
        '#include <stdio.h>\n#include <string.h>\nextern const unsigned long libos_argument_count, libos_environment_count; extern const char libos_arguments[];\n' +
          'int main(void) { const char *at = libos_arguments; for (unsigned long i = 0; i < libos_argument_count; i++) { fwrite(at, 1, strlen(at) + 1, stdout); at += strlen(at) + 1; } return (int)libos_environment_count; }\n',
      );
      execFileSync('gcc', ['-no-pie', '-o', 'main', 'main.c', 'arguments.S'], { cwd: folder });
      assert.equal(
        execFileSync(join(folder, 'main'), { encoding: 'utf8' }),
        values.map((value) => `${value}\0`).join(''),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { guestArguments } from '../../src/qemu/commandLine';
import { parseExitRecord } from '../../src/qemu/exitStatus';
import { isSupported, parseVersion } from '../../src/qemu/find';
import { defaultTarget } from '../../src/targets';
import { aarch64Virt } from '../../src/targets/aarch64-virt';
import { x86_64Q35 } from '../../src/targets/x86_64-q35';

const base = {
  machine: defaultTarget.machine,
  accelerator: 'tcg',
  image: '/b/hello',
  memory: '64M',
  sockets: { qmp: '/t/q', serial: '/t/s' },
} as const;

describe("QEMU's command line", () => {
  it('starts the guest frozen, without devices, and pauses at its end', () => {
    const line = guestArguments(base).join(' ');
    assert.match(line, /-nodefaults -no-user-config -display none -action reboot=shutdown,shutdown=pause -S /);
    assert.match(line, /-accel tcg,thread=single -cpu max -m 64M/);
    assert.doesNotMatch(line, /gdb|-append/);
  });

  it('uses the real CPU with an accelerator, and opens gdb only where asked', () => {
    const line = guestArguments({ ...base, accelerator: 'kvm', sockets: { ...base.sockets, gdb: '/t/g' } }).join(' ');
    assert.match(line, /-cpu host/);
    assert.match(line, /socket,path=\/t\/g,server=on,wait=off,id=gdb0 -gdb chardev:gdb0/);
  });

  it('emulates several CPUs beside one another', () => {
    const line = guestArguments({ ...base, additionalArguments: ['-smp', '2'] }).join(' ');
    assert.match(line, /-accel tcg -cpu max .* -smp 2/);
  });

  it('records to a disk and a log, and on x86_64 without the patches that QEMU makes to code', () => {
    const recording = { mode: 'record', log: '/r/log', disk: '/r/disk', remove: () => Promise.resolve() } as const;
    const line = guestArguments({ ...base, snapshotDisk: '/r/disk', recording }).join(' ');
    assert.match(line, /-drive file=\/r\/disk,format=qcow2,if=none,id=snapshots /);
    assert.match(line, /-icount shift=auto,rr=record,rrfile=\/r\/log,rrsnapshot=init -global apic.vapic=off /);
    const { machine } = aarch64Virt;
    assert.doesNotMatch(guestArguments({ ...base, machine, recording }).join(' '), /vapic/);
  });

  it('hands over the archive of files as each machine takes it', () => {
    const files = { path: '/b/a,b.cpio', bytes: 5000, address: 0x43ffe000 };
    assert.match(guestArguments({ ...base, files }).join(' '), /-kernel \/b\/hello -initrd \/b\/a,b.cpio$/);
    const line = guestArguments({ ...base, files, machine: aarch64Virt.machine, kernelArguments: ['x'] }).join(' ');
    assert.match(
      line,
      /-device loader,file=\/b\/a,,b.cpio,addr=1140842496,force-raw=on -append initrdmem=1140842496,5000 x$/,
    );
  });

  it('shares folders by the device of each machine', () => {
    const share = { host: '/h,a', guest: '/data', readOnly: true };
    const folder = '-fsdev local,id=share0,path=/h,,a,security_model=none,multidevs=remap,readonly=on';
    const device = 'virtio-9p-device,fsdev=share0,mount_tag=/data';
    const line = guestArguments({ ...base, shares: [share] }).join(' ');
    assert.ok(line.includes(`-global virtio-mmio.force-legacy=false ${folder} -device ${device} `), line);
    const { machine } = x86_64Q35;
    const q35 = guestArguments({ ...base, machine, shares: [{ ...share, readOnly: false }] }).join(' ');
    assert.match(q35, /multidevs=remap -device virtio-9p-pci,disable-legacy=on,fsdev=share0,mount_tag=\/data /);
  });

  it('doubles commas in paths and quotes words of the program', () => {
    const line = guestArguments({
      ...base,
      sockets: { qmp: '/a,b/q', serial: '/t/s' },
      kernelArguments: ['one', 'two words', 'a"b'],
    });
    assert.ok(line.includes('socket,path=/a,,b/q,server=on,wait=off,id=qmp0'));
    assert.equal(line[line.indexOf('-append') + 1], 'one "two words" "a\\"b"');
  });
});

describe("QEMU's version", () => {
  it('is read and must be 6.2 or newer', () => {
    assert.equal(parseVersion('QEMU emulator version 7.2.22 (Debian 1:7.2)'), '7.2.22');
    assert.deepEqual(['6.1.0', '6.2.0', '10.0.2', '5.9'].map(isSupported), [false, true, true, false]);
  });
});

describe('the exit record', () => {
  const bytes = (...words: number[]): Buffer => Buffer.from(Uint32Array.from(words).buffer);

  it('says exited or crashed, and nothing without its magic', () => {
    assert.deepEqual(parseExitRecord(bytes(0x54495845, 1, 7)), { status: 7, reason: 'exited' });
    assert.deepEqual(parseExitRecord(bytes(0x54495845, 2, 139)), { status: 139, reason: 'crashed' });
    assert.equal(parseExitRecord(bytes(0, 1, 7)), undefined);
  });
});

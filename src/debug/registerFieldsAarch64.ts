import { fieldValue, type Field } from './registerFields';

const pstate: readonly Field[] = [
  flag('N', 31, 'Negative'),
  flag('Z', 30, 'Zero'),
  flag('C', 29, 'Carry'),
  flag('V', 28, 'Overflow'),
  flag('TCO', 25, 'Tag checks are off'),
  flag('DIT', 24, 'Data-independent timing'),
  flag('UAO', 23, 'User access override'),
  flag('PAN', 22, 'Privileged access never'),
  flag('SS', 21, 'Single step'),
  flag('IL', 20, 'Illegal execution state'),
  flag('SSBS', 12, 'Speculative store bypass safe'),
  { name: 'BTYPE', bit: 10, width: 2, meaning: 'Branch type' },
  flag('D', 9, 'Debug exceptions masked'),
  flag('A', 8, 'SErrors masked'),
  flag('I', 7, 'IRQs masked'),
  flag('F', 6, 'FIQs masked'),
  flag('nRW', 4, 'Execution state: AArch64 or AArch32'),
  {
    ...{ name: 'M', bit: 0, width: 4, meaning: 'Exception level and stack pointer' },
    words: { 0: 'EL0t', 4: 'EL1t', 5: 'EL1h', 8: 'EL2t', 9: 'EL2h', 12: 'EL3t', 13: 'EL3h' },
  },
];

const systemControl: readonly Field[] = [
  flag('M', 0, 'MMU enabled'),
  flag('A', 1, 'Alignment checks'),
  flag('C', 2, 'Data cacheable'),
  flag('SA', 3, 'Stack alignment checks at EL1'),
  flag('SA0', 4, 'Stack alignment checks at EL0'),
  flag('CP15BEN', 5, 'AArch32 barriers by CP15'),
  flag('nAA', 6, 'Unaligned accesses within 16 bytes'),
  flag('ITD', 7, 'IT instructions disabled'),
  flag('SED', 8, 'SETEND disabled'),
  flag('UMA', 9, 'EL0 may mask interrupts'),
  flag('EnRCTX', 10, 'EL0 may restrict speculation'),
  flag('EOS', 11, 'Exception return synchronizes'),
  flag('I', 12, 'Instructions cacheable'),
  flag('EnDB', 13, 'Data pointer authentication, key B'),
  flag('DZE', 14, 'EL0 may use DC ZVA'),
  flag('UCT', 15, 'EL0 may read CTR_EL0'),
  flag('nTWI', 16, 'EL0 may use WFI'),
  flag('nTWE', 18, 'EL0 may use WFE'),
  flag('WXN', 19, 'Writable is never executable'),
  flag('TSCXT', 20, 'EL0 is kept from SCXTNUM_EL0'),
  flag('IESB', 21, 'Implicit error synchronization'),
  flag('EIS', 22, 'Exception entry synchronizes'),
  flag('SPAN', 23, 'PAN stays as it is on an exception'),
  flag('E0E', 24, 'Big-endian data at EL0'),
  flag('EE', 25, 'Big-endian data at EL1'),
  flag('UCI', 26, 'EL0 may maintain caches'),
  flag('EnDA', 27, 'Data pointer authentication, key A'),
  flag('nTLSMD', 28, 'No traps of multiple accesses to device memory'),
  flag('LSMAOE', 29, 'Order of multiple accesses'),
  flag('EnIB', 30, 'Instruction pointer authentication, key B'),
  flag('EnIA', 31, 'Instruction pointer authentication, key A'),
  flag('BT0', 35, 'Branch targets of PACIASP at EL0'),
  flag('BT1', 36, 'Branch targets of PACIASP at EL1'),
  flag('ITFSB', 37, 'Tag faults synchronize on entry'),
  { name: 'TCF0', bit: 38, width: 2, meaning: 'Tag faults at EL0' },
  { name: 'TCF', bit: 40, width: 2, meaning: 'Tag faults at EL1' },
  flag('ATA0', 42, 'Tag access at EL0'),
  flag('ATA', 43, 'Tag access at EL1'),
  flag('DSSBS', 44, 'SSBS on an exception'),
];

const exceptionClass: Field = {
  ...{ name: 'EC', bit: 26, width: 6, meaning: 'Exception class' },
  words: {
    0x00: 'unknown reason',
    0x01: 'WFI or WFE',
    0x07: 'SVE, SIMD or floating point is off',
    0x0a: 'LD64B or ST64B',
    0x0d: 'branch target',
    0x0e: 'illegal execution state',
    0x11: 'SVC in AArch32',
    0x15: 'SVC (system call)',
    0x16: 'HVC',
    0x17: 'SMC',
    0x18: 'system register or instruction',
    0x19: 'SVE is off',
    0x1a: 'ERET',
    0x1c: 'pointer authentication',
    0x1d: 'SME is off',
    0x20: 'instruction abort from a lower level',
    0x21: 'instruction abort from the same level',
    0x22: 'misaligned PC',
    0x24: 'data abort from a lower level',
    0x25: 'data abort from the same level',
    0x26: 'misaligned SP',
    0x27: 'memory operation',
    0x28: 'floating-point exception in AArch32',
    0x2c: 'floating-point exception',
    0x2f: 'SError',
    0x30: 'breakpoint from a lower level',
    0x31: 'breakpoint from the same level',
    0x32: 'software step from a lower level',
    0x33: 'software step from the same level',
    0x34: 'watchpoint from a lower level',
    0x35: 'watchpoint from the same level',
    0x38: 'BKPT in AArch32',
    0x3c: 'BRK',
  },
};

/** What a memory access failed with; the three lowest levels of translation are numbered in the last two bits. */
const faultStatus: Readonly<Record<number, string>> = {
  ...levels(0x00, 'address size fault'),
  ...levels(0x04, 'translation fault'),
  ...levels(0x08, 'access flag fault'),
  ...levels(0x0c, 'permission fault'),
  0x10: 'synchronous external abort',
  0x11: 'tag check fault',
  ...levels(0x14, 'external abort on a table walk'),
  0x18: 'parity or ECC error',
  ...levels(0x1c, 'parity or ECC error on a table walk'),
  0x21: 'alignment fault',
  0x30: 'TLB conflict',
  0x31: 'unsupported atomic update',
  0x34: 'lockdown',
  0x35: 'unsupported exclusive or atomic access',
};

const abort = (name: string): Field[] => [
  flag('FnV', 10, 'FAR_EL1 is not valid'),
  flag('EA', 9, 'External abort'),
  flag('S1PTW', 7, 'In a stage 2 walk for stage 1'),
  { name, bit: 0, width: 6, meaning: 'Fault status', words: faultStatus },
];

/** What the lower bits of ESR_EL1 mean for an exception class (Arm ARM, D19.2.40, "ISS encoding"). */
function syndrome(exception: number): Field[] {
  switch (exception) {
    case 0x20:
    case 0x21:
      return abort('IFSC');
    case 0x24:
    case 0x25:
      return [
        flag('ISV', 24, 'The fields on the access are valid'),
        { ...flag('WnR', 6, 'Write or read'), words: { 0: 'read', 1: 'write' } },
        flag('CM', 8, 'Cache maintenance'),
        ...abort('DFSC'),
      ];
    case 0x11:
    case 0x15:
    case 0x16:
    case 0x17:
    case 0x3c:
      return [{ name: 'imm16', bit: 0, width: 16, meaning: "The instruction's number" }];
    default:
      return [{ name: 'ISS', bit: 0, width: 25, meaning: 'Instruction-specific syndrome' }];
  }
}

function exceptionSyndrome(value: bigint): Field[] {
  const length: Field = { ...flag('IL', 25, "The instruction's length"), words: { 0: '16 bits', 1: '32 bits' } };
  return [exceptionClass, length, ...syndrome(fieldValue(exceptionClass, value))];
}

const rounding = { 0: 'nearest', 1: 'up', 2: 'down', 3: 'toward zero' };

/**
 * The fields of aarch64's registers, by the names that QEMU gives gdb: some without their level (Arm Architecture Reference
 * Manual for A-profile, C5.2 and D19.2).
 */
export const aarch64Fields: Readonly<Record<string, readonly Field[] | ((value: bigint) => readonly Field[])>> = {
  cpsr: pstate,
  ...{ SPSR_EL1: pstate, SPSR_EL2: pstate, SPSR_EL3: pstate },
  ...{ SCTLR: systemControl, SCTLR_EL1: systemControl },
  ...{ ESR_EL1: exceptionSyndrome, ESR_EL2: exceptionSyndrome, ESR_EL3: exceptionSyndrome },
  ...{ CPACR: access(), CPACR_EL1: access() },
  fpcr: [
    flag('AHP', 26, 'Alternative half precision'),
    flag('DN', 25, 'Default NaN'),
    flag('FZ', 24, 'Flush to zero'),
    { name: 'RMode', bit: 22, width: 2, meaning: 'Rounding', words: rounding },
    flag('FZ16', 19, 'Flush half precision to zero'),
    flag('IDE', 15, 'Input denormal trapped'),
    flag('IXE', 12, 'Inexact trapped'),
    flag('UFE', 11, 'Underflow trapped'),
    flag('OFE', 10, 'Overflow trapped'),
    flag('DZE', 9, 'Division by zero trapped'),
    flag('IOE', 8, 'Invalid operation trapped'),
  ],
  fpsr: [
    flag('QC', 27, 'Saturation'),
    flag('IDC', 7, 'Input denormal'),
    flag('IXC', 4, 'Inexact'),
    flag('UFC', 3, 'Underflow'),
    flag('OFC', 2, 'Overflow'),
    flag('DZC', 1, 'Division by zero'),
    flag('IOC', 0, 'Invalid operation'),
  ],
};

function access(): Field[] {
  const words = { 0: 'trapped', 1: 'trapped at EL0', 2: 'trapped', 3: 'allowed' };
  return [
    { name: 'FPEN', bit: 20, width: 2, meaning: 'SIMD and floating point', words },
    { name: 'ZEN', bit: 16, width: 2, meaning: 'SVE', words },
  ];
}

function flag(name: string, bit: number, meaning: string): Field {
  return { name, bit, width: 1, meaning };
}

/** The same fault on each of the four levels of translation. */
function levels(first: number, fault: string): Record<number, string> {
  return Object.fromEntries([0, 1, 2, 3].map((level) => [first + level, `${fault}, level ${level}`]));
}

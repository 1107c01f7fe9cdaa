import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  describeField,
  fieldExpression,
  fieldsOf,
  fieldValue,
  summarize,
  withField,
} from '../../src/debug/registerFields';

function fieldOf(register: string, name: string, value = 0n) {
  const field = fieldsOf(register, value)?.find((each) => each.name === name);
  assert.ok(field, `${register}.${name}`);
  return field;
}

function summary(register: string, value: bigint): string {
  return summarize(fieldsOf(register, value) ?? [], value);
}

describe('fields of registers', () => {
  it('reads what a manual gives for a value', () => {
    // Intel SDM volume 3, table 9-1: EFLAGS, CR0 and MXCSR after reset; bit 1 of EFLAGS has no name.
    assert.equal(summary('eflags', 0x0000_0002n), '');
    assert.equal(summary('cr0', 0x6000_0010n), 'ET, NW, CD');
    assert.equal(summary('mxcsr', 0x1f80n), 'IM, DM, ZM, OM, UM, PM, RC=nearest');
    // Linux boots CPUs with these (head_64.S): long mode, no-execute, system calls; paging with write protection.
    assert.equal(summary('efer', 0xd01n), 'SCE, LME, LMA, NXE');
    assert.equal(summary('cr0', 0x8005_0033n), 'PE, MP, ET, NE, WP, AM, PG');
    // As its reports of a crash have it.
    const cr4 = 'PAE, MCE, PGE, OSFXSR, OSXMMEXCPT, FSGSBASE, OSXSAVE, SMEP, SMAP';
    assert.equal(summary('cr4', 0x3506e0n), cr4);
  });

  it('tells apart what an exception on aarch64 was', () => {
    // ESR_EL1 of a read through a null pointer at EL1, as Linux reports it: "ESR = 0x0000000096000004".
    assert.equal(
      summary('ESR_EL1', 0x9600_0004n),
      'EC=data abort from the same level, 32 bits, read, DFSC=translation fault, level 0',
    );
    assert.equal(
      describeField(fieldOf('ESR_EL1', 'EC', 0x9600_0004n), 0x9600_0004n),
      '0x25 data abort from the same level',
    );
    // A write to a read-only page: "ESR = 0x000000009600004f".
    assert.match(summary('ESR_EL1', 0x9600_004fn), /write, DFSC=permission fault, level 3$/);
    assert.match(
      summary('ESR_EL1', 0x8600_0005n),
      /^EC=instruction abort from the same level, .*IFSC=translation fault, level 1$/,
    );
    assert.equal(summary('ESR_EL1', 0x5600_0000n), 'EC=SVC (system call), 32 bits');
    // BRK #0x800, with which Linux traps a BUG().
    assert.equal(summary('ESR_EL1', 0xf200_0800n), 'EC=BRK, 32 bits, imm16=0x800');
    assert.equal(
      fieldsOf('ESR_EL1', 0x0200_0000n)?.some(({ name }) => name === 'DFSC'),
      false,
    );
  });

  it('reads the state of a process on aarch64', () => {
    // Arm ARM, C5.2.19: SPSR_EL1 for EL1 with its own stack and all exceptions masked.
    assert.equal(summary('cpsr', 0x3c5n), 'D, A, I, F, M=EL1h');
    assert.equal(summary('SPSR_EL1', 0x6000_0000n), 'Z, C, M=EL0t');
    // SCTLR_EL1 with the RES1 bits of Armv8.0 (11, 20, 22, 23, 28, 29) and caches and MMU on.
    assert.equal(summary('SCTLR', 0x30d0_1805n), 'M, C, EOS, I, TSCXT, EIS, SPAN, nTLSMD, LSMAOE');
  });

  it('reads and changes fields of more than one bit', () => {
    const level = fieldOf('eflags', 'IOPL');
    assert.equal(fieldValue(level, 0x3202n), 3);
    assert.equal(summary('eflags', 0x3202n), 'IF, IOPL=3');
    assert.equal(withField(level, 0x3202n, 1n), 0x1202n);
    assert.equal(withField(level, 0x0202n, 7n), 0x3202n);
    assert.equal(fieldExpression(level, '$eflags'), '(($eflags & 0x1000) != 0) + (($eflags & 0x2000) != 0) * 2');
    assert.equal(summary('cs', 0x33n), 'Index=0x6, GDT, RPL=3');
  });

  it('has no two fields in the same bits', () => {
    for (const register of 'eflags cr0 cr3 cr4 efer mxcsr cs cpsr SCTLR CPACR fpcr fpsr ESR_EL1'.split(' ')) {
      for (const value of [0n, 0x9600_0000n, 0x8600_0000n, 0x5600_0000n]) {
        let taken = 0n;
        for (const field of fieldsOf(register, value) ?? []) {
          const bits = withField(field, 0n, (1n << BigInt(field.width)) - 1n);
          assert.equal(taken & bits, 0n, `${register}.${field.name}`);
          taken |= bits;
        }
        assert.notEqual(taken, 0n, register);
      }
    }
  });
});

import type { Field } from './registerFields';

const selector: readonly Field[] = [
  { name: 'Index', bit: 3, width: 13, meaning: 'Index into the descriptor table' },
  { name: 'TI', bit: 2, width: 1, meaning: 'Table: GDT or LDT', words: { 0: 'GDT', 1: 'LDT' } },
  { name: 'RPL', bit: 0, width: 2, meaning: 'Requested privilege level' },
];

/** The fields of x86's registers, by gdb's names for them (Intel SDM volume 1, 3.4.3 and 10.2.3; volume 3, 2.2.1 and 2.5). */
export const x86Fields: Readonly<Record<string, readonly Field[]>> = {
  eflags: [
    ...flags({
      CF: [0, 'Carry'],
      PF: [2, 'Parity'],
      AF: [4, 'Auxiliary carry'],
      ZF: [6, 'Zero'],
      SF: [7, 'Sign'],
      TF: [8, 'Trap: single step'],
      IF: [9, 'Interrupts enabled'],
      DF: [10, 'Direction: strings downwards'],
    }),
    { name: 'IOPL', bit: 12, width: 2, meaning: 'I/O privilege level' },
    ...flags({
      OF: [11, 'Overflow'],
      NT: [14, 'Nested task'],
      RF: [16, 'Resume: no debug exception'],
      VM: [17, 'Virtual 8086 mode'],
      AC: [18, 'Alignment check, access control'],
      VIF: [19, 'Virtual interrupt flag'],
      VIP: [20, 'Virtual interrupt pending'],
      ID: [21, 'CPUID can be used'],
    }),
  ],
  cr0: flags({
    PE: [0, 'Protected mode'],
    MP: [1, 'Monitor coprocessor'],
    EM: [2, 'Emulate the FPU'],
    TS: [3, 'Task switched'],
    ET: [4, 'Extension type'],
    NE: [5, 'Numeric errors are exceptions'],
    WP: [16, 'Write protection in ring 0'],
    AM: [18, 'Alignment mask'],
    NW: [29, 'Not write-through'],
    CD: [30, 'Caches disabled'],
    PG: [31, 'Paging'],
  }),
  cr3: flags({ PWT: [3, 'Page-level write-through'], PCD: [4, 'Page-level cache disable'] }),
  cr4: flags({
    VME: [0, 'Virtual 8086 extensions'],
    PVI: [1, 'Protected-mode virtual interrupts'],
    TSD: [2, 'Time stamp disabled in rings above 0'],
    DE: [3, 'Debugging extensions'],
    PSE: [4, 'Large pages'],
    PAE: [5, 'Physical address extension'],
    MCE: [6, 'Machine checks enabled'],
    PGE: [7, 'Global pages'],
    PCE: [8, 'Performance counters in every ring'],
    OSFXSR: [9, 'The system saves SSE registers'],
    OSXMMEXCPT: [10, 'The system takes SSE exceptions'],
    UMIP: [11, 'User-mode instruction prevention'],
    LA57: [12, 'Five-level paging'],
    VMXE: [13, 'VMX enabled'],
    SMXE: [14, 'SMX enabled'],
    FSGSBASE: [16, 'FS and GS bases in every ring'],
    PCIDE: [17, 'Process-context identifiers'],
    OSXSAVE: [18, 'XSAVE enabled'],
    KL: [19, 'Key Locker'],
    SMEP: [20, 'No execution of user pages in ring 0'],
    SMAP: [21, 'No access to user pages in ring 0'],
    PKE: [22, 'Protection keys for user pages'],
    CET: [23, 'Control-flow enforcement'],
    PKS: [24, 'Protection keys for supervisor pages'],
  }),
  efer: flags({
    SCE: [0, 'SYSCALL enabled'],
    LME: [8, 'Long mode enabled'],
    LMA: [10, 'Long mode active'],
    NXE: [11, 'No-execute pages'],
    SVME: [12, 'AMD virtualization enabled'],
    FFXSR: [14, 'Fast FXSAVE'],
  }),
  mxcsr: [
    ...flags({
      IE: [0, 'Invalid operation'],
      DE: [1, 'Denormal'],
      ZE: [2, 'Division by zero'],
      OE: [3, 'Overflow'],
      UE: [4, 'Underflow'],
      PE: [5, 'Precision'],
      DAZ: [6, 'Denormals are zeros'],
      IM: [7, 'Invalid operation masked'],
      DM: [8, 'Denormal masked'],
      ZM: [9, 'Division by zero masked'],
      OM: [10, 'Overflow masked'],
      UM: [11, 'Underflow masked'],
      PM: [12, 'Precision masked'],
    }),
    {
      ...{ name: 'RC', bit: 13, width: 2, meaning: 'Rounding' },
      words: { 0: 'nearest', 1: 'down', 2: 'up', 3: 'toward zero' },
    },
    ...flags({ FZ: [15, 'Flush to zero'] }),
  ],
  ...{ cs: selector, ss: selector, ds: selector, es: selector, fs: selector, gs: selector },
};

function flags(named: Readonly<Record<string, readonly [bit: number, meaning: string]>>): Field[] {
  return Object.entries(named).map(([name, [bit, meaning]]) => ({ name, bit, width: 1, meaning }));
}

import type { Context } from '../gdb/gdb';
import type { SavedRegister } from './guestThreads';

/**
 * gdb unwinds the stack of a thread that no CPU runs as if the CPU's innermost function had been called by it: an unwinder
 * takes frame 0 and says that its caller's registers are the saved ones, so the thread's frames are those from 1. Nothing
 * of the guest is written. (Writing the registers and restoring them after would leave a guest that goes on elsewhere
 * when gdb ends in between; `frame view` unwinds with the CPU's own registers.)
 */
const unwinder = `
import gdb
import gdb.unwinder
class UnikernelFrame:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc
class UnikernelContext(gdb.unwinder.Unwinder):
    def __init__(self):
        super().__init__('unikernel-saved-context')
        self.registers = None
    def __call__(self, frame):
        if self.registers is None or frame.level() != 0:
            return None
        word = frame.architecture().integer_type(64, False)
        saved = [(name, gdb.Value(value).cast(word)) for name, value in self.registers]
        info = frame.create_unwind_info(UnikernelFrame(saved[1][1], gdb.Value(0).cast(word)))
        for name, value in saved:
            info.add_saved_register(name, value)
        return info
    def use(self, registers):
        self.registers = registers
        gdb.invalidate_cached_frames()
unikernel_context = UnikernelContext()
gdb.unwinder.register_unwinder(None, unikernel_context, True)
`;

/** The frames of a saved context begin with this one: frame 0 is the CPU's. */
export const innermostSaved = 1;

/** Loads the unwinder; refused by a gdb without Python. */
export const loadUnwinder = `python${unwinder}`;

/** Makes commands about a thread mean the saved registers, as seen from any CPU. */
export function savedContext(registers: readonly SavedRegister[]): Context {
  const values = registers.map(([name, value]) => `('${name}', ${value})`);
  return {
    enter: `python unikernel_context.use([${values.join(', ')}])`,
    leave: 'python unikernel_context.use(None)',
    thread: '1',
  };
}

import type { Command, Detour } from '../gdb/gdb';
import type { SavedRegister } from './guestThreads';

/**
 * gdb unwinds the stack of a thread that no CPU runs as if the CPU's innermost function had been called by it: an unwinder
 * takes frame 0 and says that its caller's registers are the saved ones, so the thread's frames are those from 1. Nothing
 * of the guest is written. (Writing the registers and restoring them after would leave a guest that goes on elsewhere
 * when gdb ends in between; `frame view` of gdb 13 knows one frame only, and goes up from the CPU's.)
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

/** Makes a command about a thread mean its saved registers, as seen from a CPU; refused by a gdb without Python. */
export class SavedContexts {
  private isLoaded = false;

  /** Words are those of a command, without the thread. */
  detour(registers: readonly SavedRegister[], words: readonly string[]): Detour {
    const values = registers.map(([name, value]) => `('${name}', ${value})`);
    const load = this.isLoaded ? [] : [python(unwinder)];
    this.isLoaded = true;
    return {
      before: [...load, python(` unikernel_context.use([${values.join(', ')}])`)],
      words: ['--thread', '1', ...words],
      after: [python(' unikernel_context.use(None)')],
    };
  }
}

function python(code: string): Command {
  return ['interpreter-exec', ['console', `python${code}`]];
}

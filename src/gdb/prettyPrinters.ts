import type { Gdb } from './gdb';

/**
 * gdb loads the C++ library's printers for programs that load the library; one that is linked into a static program is not
 * seen. Those that the compiler's package installs are imported when the first value of its types is to be shown, with what
 * evaluates `numbers[1]` without calling a function in the guest.
 */
const loadWhenNeeded = `
import gdb
def load_printers(value):
    if not (value.type.strip_typedefs().tag or '').startswith('std::'): return None
    gdb.pretty_printers.remove(load_printers)
    import glob, sys
    roots = ['/usr', '/usr/local', '/opt/homebrew', '/usr/aarch64-linux-gnu', '/usr/x86_64-linux-gnu']
    found = sorted(folder for root in roots for folder in glob.glob(root + '/share/gcc*/python'))
    sys.path[:0] = reversed(found)
    try:
        from libstdcxx.v6.printers import register_libstdcxx_printers
        from libstdcxx.v6.xmethods import register_libstdcxx_xmethods
    except ImportError:
        return None
    register_libstdcxx_printers(None)
    register_libstdcxx_xmethods(None)
    return gdb.default_visualizer(value)
gdb.pretty_printers.append(load_printers)
`;

/** Makes gdb show values of the C++ standard library as what they hold; a gdb without Python shows their insides. */
export async function usePrettyPrinters(gdb: Gdb): Promise<void> {
  const command = `python exec(${JSON.stringify(loadWhenNeeded)})`;
  await Promise.all([
    gdb.send('enable-pretty-printing'),
    gdb.send('interpreter-exec', ['console', command]).catch(() => undefined),
  ]);
}

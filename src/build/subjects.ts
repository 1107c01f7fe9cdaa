/** What a part of the library OS is for, by the names of its object files; the first that fits. */
const subjects: readonly (readonly [subject: string, names: RegExp])[] = [
  ['network', /^(?:net|lwip|drivers)\/|\/(?:pci|devices|interrupts)$|^syscalls\/(?:socket(?!pair)|message)/],
  ['shared folders', /^share\//],
  ['files', /^fs\/|^syscalls\/(?:open|names|stat|directories|attributes|content|umask|seek|sendfile|locks)$/],
  ['threads', /^kernel\/(?:scheduler|threads|stacks)$|^syscalls\/(?:futex|thread|scheduling)$|\/(?:switch|clone)$/],
  ['signals', /^kernel\/signals$|^syscalls\/signal(?!fd)|\/signal_frame$/],
  [
    'pipes and readiness',
    /(?:poll|select|eventfd|signalfd|timerfd|pipe|fifo|channel|readiness|socketpair|local(?:_\w+)?|splice|file_gone)$/,
  ],
  ['time and timers', /\/(?:clock|time|timers|pause)$/],
  ['memory', /^kernel\/(?:pages|heap|tables|areas|mapping|fault|aslr)$|^syscalls\/(?:memory|mremap|madvise)$/],
];

/** The subject of an object file such as `syscalls/open`. */
export function subjectOf(object: string): string {
  return subjects.find(([, names]) => names.test(object))?.[0] ?? 'start, console and the rest';
}

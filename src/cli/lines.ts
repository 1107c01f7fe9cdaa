/** Takes back that the library OS ends each line of its console with a carriage return as well (libos/kernel/print.c). */
export class LineEnds {
  private held = Buffer.alloc(0);

  /** A carriage return at the end is held back: what follows says whose it is. */
  push(data: Buffer): Buffer {
    const all = Buffer.concat([this.held, data]);
    const end = all.at(-1) === 0x0d ? all.length - 1 : all.length;
    this.held = all.subarray(end);
    return Buffer.from(all.toString('latin1', 0, end).replaceAll('\r\n', '\n'), 'latin1');
  }

  flush(): Buffer {
    const { held } = this;
    this.held = Buffer.alloc(0);
    return held;
  }
}

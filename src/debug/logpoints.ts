import type { Gdb } from '../gdb/gdb';
import { text } from '../gdb/mi/record';

/**
 * A function of gdb's own: it prints a message with its values and answers 0. As part of a condition it makes a breakpoint that
 * logs without stopping, at gdb's speed and in any language (gdb manual, "Functions In Python"). What it prints
 * is marked, to tell it from other output.
 */
const definition = `
import gdb, json
class UnikernelLog(gdb.Function):
    messages = {}
    def invoke(self, number):
        values = [part if index % 2 == 0 else UnikernelLog.show(part) for index, part in enumerate(UnikernelLog.messages[int(number)])]
        gdb.write("unikernel-log " + json.dumps("".join(values)) + "\\n")
        return 0
    @staticmethod
    def show(expression):
        try:
            return str(gdb.parse_and_eval(expression))
        except gdb.error as error:
            return "{" + expression + ": " + str(error) + "}"
UnikernelLog("unikernel_log")
`;

/** The messages of breakpoints that only log. */
export class Logpoints {
  private defined: Promise<boolean> | undefined;
  private last = 0;

  constructor(
    private readonly gdb: Gdb,
    onMessage: (message: string) => void,
  ) {
    gdb.on('output', (output) => {
      for (const [, message = ''] of output.matchAll(/^unikernel-log (".*")$/gm))
        onMessage(JSON.parse(message) as string);
    });
  }

  /** An expression that logs the message and is never true; undefined with a gdb that has no Python. */
  async condition(message: string): Promise<string | undefined> {
    this.defined ??= this.python(`exec(${JSON.stringify(definition)})`);
    if (!(await this.defined)) return undefined;
    const number = ++this.last;
    await this.python(`UnikernelLog.messages[${number}] = ${JSON.stringify(partsOf(message))}`);
    return `$unikernel_log(${number}) == 1`;
  }

  /** Writes the message with its values at a stop. */
  async interpolate(message: string): Promise<string> {
    const values = partsOf(message).map(async (part, index) => {
      if (index % 2 === 0) return part;
      const answer = await this.gdb.send('data-evaluate-expression', [part]).catch(() => undefined);
      return answer === undefined ? `{${part}}` : text(answer['value']);
    });
    return (await Promise.all(values)).join('');
  }

  /** Answers whether gdb could do it. */
  private python(code: string): Promise<boolean> {
    return this.gdb.send('interpreter-exec', ['console', `python ${code}`]).then(
      () => true,
      () => false,
    );
  }
}

/** The text of a message, and at the odd places the expressions in its braces. */
function partsOf(message: string): string[] {
  return message.split(/\{([^}]*)\}/);
}

import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernelOf, lineOf, type Kernel } from './kernel';

const fixtures = resolve(__dirname, '../fixtures/data');

/** A guest that stands still at the tagged line of a source, as an editor sees it. */
class Stop {
  private constructor(
    readonly adapter: DebugAdapter,
    readonly frame: DebugProtocol.StackFrame,
    private readonly kernel: Kernel,
  ) {}

  static async at(tag: string, source: string, target: string, ...words: string[]): Promise<Stop> {
    const kernel = await buildKernelOf([source, ...words], findTarget(target)!.architecture);
    const adapter = await DebugAdapter.start();
    const breakpoints = [{ line: lineOf(tag, source) }];
    const { frame } = await adapter.runToStop(() =>
      adapter.launchGuest({ target, kernel: kernel.image }, () =>
        adapter.setBreakpointsRequest({ source: { path: source }, breakpoints }),
      ),
    );
    return new Stop(adapter, frame, kernel);
  }

  async end(): Promise<void> {
    await this.adapter.stop();
    await rm(dirname(this.kernel.image), { recursive: true });
  }

  /** The reference of a scope or, by further names, of what is in it. */
  async reference(scope: string, ...path: string[]): Promise<number> {
    const { scopes } = (await this.adapter.scopesRequest({ frameId: this.frame.id })).body;
    let reference = scopes.find(({ name }) => name === scope)!.variablesReference;
    for (const name of path) reference = (await this.variable(reference, name)).variablesReference;
    return reference;
  }

  async variable(reference: number, name: string): Promise<DebugProtocol.Variable> {
    const variables = await this.adapter.variables(reference);
    const found = variables.find((variable) => variable.name === name);
    assert.ok(found, `${name} in ${variables.map((variable) => variable.name).join(', ')}`);
    return found;
  }

  /** `name = value` of each variable in a scope or in what is in it. */
  async shown(scope: string, ...path: string[]): Promise<string[]> {
    const variables = await this.adapter.variables(await this.reference(scope, ...path));
    return variables.map(({ name, value }) => `${name} = ${value}`);
  }

  evaluate(expression: string, context = 'watch'): Promise<string> {
    return this.adapter.evaluate(expression, this.frame, context);
  }

  async evaluateBody(args: Partial<DebugProtocol.EvaluateArguments> & { expression: string }) {
    return (await this.adapter.evaluateRequest({ frameId: this.frame.id, context: 'watch', ...args })).body;
  }

  async completions(text: string): Promise<string[]> {
    const args = { text, column: text.length + 1, frameId: this.frame.id };
    const { targets } = (await this.adapter.completionsRequest(args)).body;
    // What the editor makes of the text when the person takes a completion.
    return targets.map(({ label, start = 0, length = 0 }) => text.slice(0, start) + label + text.slice(start + length));
  }
}

for (const target of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`data on ${target}`, function () {
    this.timeout(60_000);
    const isX86 = target.startsWith('x86');
    let stop: Stop;

    before(async () => {
      stop = await Stop.at('data', resolve(fixtures, 'main.c'), target);
    });
    after(() => stop.end());

    it('shows arguments and locals for people', async () => {
      const shown = await stop.shown('Locals');
      const at = (name: string) => shown.find((line) => line.startsWith(`${name} = `))!;
      assert.match(at('shape'), /= 0x[0-9a-f]+$/);
      assert.match(at('how'), /= 0x[0-9a-f]+ <square>$/);
      assert.deepEqual(['access', 'byte', 'negative', 'half', 'matrix', 'nowhere', 'calls'].map(at), [
        ...['access = (READ | EXECUTE)', "byte = 65 'A'", 'negative = -1', 'half = 0.5'],
        ...['matrix = {{1, 2, 3}, {4, 5, 6}}', 'nowhere = 0x0', 'calls = 1'],
      ]);
      assert.match(at('names'), /^names = \{0x[0-9a-f]+ "one", 0x[0-9a-f]+ "two"\}$/);
      assert.match(
        at('copy'),
        /^copy = \{name = 0x[0-9a-f]+ "outer", label = "out", color = GREEN, visible = 1, depth = 2, corners = \{\{x = 5, y = 6\}/,
      );
    });

    it('cuts a preview that is too long', async () => {
      const { value } = await stop.variable(await stop.reference('Locals'), 'copy');
      assert.equal(value.length, 200);
      assert.ok(value.endsWith('…'));
    });

    it('opens structs, pointers, unions and bit fields', async () => {
      const members = await stop.shown('Locals', 'shape');
      assert.deepEqual(members.slice(1, 6), [
        'label = "out"',
        'color = GREEN',
        'visible = 1',
        'depth = 5',
        'corners = {{x = 5, y = 6}, {x = 7, y = 8}}',
      ]);
      assert.match(members[6]!, /^area = 0x[0-9a-f]+ <square>$/);
      assert.deepEqual(await stop.shown('Locals', 'shape', 'corners', '[1]'), ['x = 7', 'y = 8']);
      assert.deepEqual(await stop.shown('Locals', 'copy', '<anonymous union>', '<anonymous struct>'), [
        'low = 1',
        'high = 2',
      ]);
    });

    it('has an expression for each member that evaluates to it', async () => {
      const check = async (reference: number, depth: number): Promise<number> => {
        let checked = 0;
        for (const { evaluateName, value, variablesReference } of await stop.adapter.variables(reference)) {
          if (evaluateName !== undefined) {
            assert.equal(await stop.evaluate(evaluateName), value, evaluateName);
            checked++;
          }
          if (depth > 0 && variablesReference > 0) checked += await check(variablesReference, depth - 1);
        }
        return checked;
      };
      assert.ok((await check(await stop.reference('Locals', 'shape'), 3)) > 40);
      assert.equal(await check(await stop.reference('Locals', 'matrix'), 2), 8);
    });

    it('shows the globals and statics of the file, also one that a local hides', async () => {
      const shown = await stop.shown('Globals');
      assert.deepEqual(shown, [
        ...['counter = 30', 'answer = 42', 'origin = {x = 1, y = 2}'],
        ...[`many = {${Array.from({ length: 20 }, (_, index) => index).join(', ')}...}`, 'page = "a page"'],
      ]);
      const hidden = await stop.variable(await stop.reference('Globals'), 'counter');
      assert.equal(await stop.evaluate(hidden.evaluateName!), '30');
      assert.deepEqual(await stop.shown('Globals', 'origin'), ['x = 1', 'y = 2']);
    });

    it('pages a large array', async () => {
      const many = await stop.variable(await stop.reference('Globals'), 'many');
      assert.equal(many.indexedVariables, 10_000);
      const page = async (start: number, count: number) => {
        const args = { variablesReference: many.variablesReference, filter: 'indexed', start, count } as const;
        return (await stop.adapter.variablesRequest(args)).body.variables;
      };
      const first = await page(0, 100);
      assert.deepEqual(
        first.map(({ name, value, evaluateName }) => [name, value, evaluateName]),
        first.map((_, index) => [`[${index}]`, String(index), `many[${index}]`]),
      );
      assert.equal(first.length, 100);
      const [later] = await page(5000, 100);
      assert.deepEqual([later?.name, later?.value], ['[5000]', '5000']);
      await stop.adapter.setVariableRequest({ ...many, name: '[5000]', value: '1' });
      assert.equal(await stop.evaluate('many[5000]'), '1');
    });

    it('says where pointers point and where structs and arrays are', async () => {
      const reference = await stop.reference('Locals');
      for (const [name, address] of [
        ['shape', 'shape'],
        ['copy', '&copy'],
        ['matrix', '&matrix'],
      ] as const) {
        const { memoryReference } = await stop.variable(reference, name);
        assert.equal(await stop.evaluate(`${address} == ${memoryReference!}`), '1', name);
      }
      assert.equal((await stop.variable(reference, 'nowhere')).memoryReference, undefined);
      const { memoryReference } = await stop.evaluateBody({ expression: 'shape->corners' });
      assert.equal(await stop.evaluate(`&shape->corners == ${memoryReference!}`), '1');
    });

    it('changes variables and what expressions name', async () => {
      const set = async (name: string, value: string, ...path: string[]) => {
        const variablesReference = await stop.reference('Locals', ...path);
        await stop.adapter.variables(variablesReference);
        return (await stop.adapter.setVariableRequest({ variablesReference, name, value })).body.value;
      };
      assert.equal(await set('negative', '-5'), '-5');
      assert.equal(await set('color', 'BLUE', 'shape'), 'BLUE');
      assert.equal(await set('depth', '3', 'shape'), '3');
      assert.equal(await set('low', '9', 'copy', '<anonymous union>', '<anonymous struct>'), '9');
      assert.equal(await stop.evaluate('copy.whole'), '131081');
      const assignment = { expression: 'shape->corners[0].x,x', value: 'negative * 2', frameId: stop.frame.id };
      const answer: unknown = await stop.adapter.customRequest('setExpression', assignment);
      const { body } = answer as DebugProtocol.SetExpressionResponse;
      assert.equal(body.value, '0xfffffff6');
      assert.equal(await stop.evaluate('shape->corners[0]'), '{x = -10, y = 6}');
      await assert.rejects(set('negative', 'nothing'), /No symbol "nothing"/);
    });

    it('changes a variable of the frame it is in', async () => {
      const { stackFrames } = (await stop.adapter.stackTraceRequest({ threadId: 1 })).body;
      const { scopes } = (await stop.adapter.scopesRequest({ frameId: stackFrames[1]!.id })).body;
      const locals = scopes[0]!.variablesReference;
      const inner = await stop.variable(locals, 'inner');
      await stop.adapter.variables(inner.variablesReference);
      const { variablesReference } = inner;
      await stop.adapter.setVariableRequest({ variablesReference, name: 'depth', value: 'outer.depth + 1' });
      assert.equal(
        await stop.adapter.evaluate('inner.depth', stackFrames[1]!),
        String(Number(await stop.evaluate('shape->depth')) + 1),
      );
    });

    it('shows numbers in hexadecimal when it is asked to', async () => {
      const format = { hex: true };
      const variablesReference = await stop.reference('Locals');
      const { variables } = (await stop.adapter.variablesRequest({ variablesReference, format })).body;
      const values = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
      assert.equal(values['large'], '0x123456789abcdef');
      assert.equal(values['matrix'], '{{0x1, 0x2, 0x3}, {0x4, 0x5, 0x6}}');
      assert.equal(values['half'], '0.5');
      assert.equal((await stop.evaluateBody({ expression: 'matrix[1][0] + 250', format })).result, '0xfe');
      assert.equal((await stop.evaluateBody({ expression: 'matrix', format })).result, values['matrix']);
      assert.equal(await stop.evaluate('matrix[1][0] + 250,x'), '0xfe');
      const set = { variablesReference, name: 'negative', value: '-2', format };
      assert.equal((await stop.adapter.setVariableRequest(set)).body.value, '0xfffffffe');
      assert.equal(await stop.evaluate('negative'), '-2');
    });

    it('evaluates once what changes the guest', async () => {
      const before = Number(await stop.evaluate('calls'));
      assert.equal(await stop.evaluate('calls++', 'repl'), String(before));
      assert.equal(await stop.evaluate('calls'), String(before + 1));
      await assert.rejects(stop.evaluate('calls++', 'hover'), /could change/);
      const y = Number(await stop.evaluate('origin.y'));
      assert.equal(await stop.evaluate('corner(3)', 'repl'), `{x = 3, y = ${y}}`);
      assert.equal(await stop.evaluate('origin.y'), String(y + 1));
    });

    it('copies whole values, and leaves gdb as it was', async () => {
      const whole = await stop.evaluate('many', 'clipboard');
      assert.equal(whole.split(', ').length, 10_000);
      assert.match(await stop.evaluate('many'), /^\{0, 1, .*\.\.\.\}$/);
      assert.match(await stop.evaluate('> print many', 'repl'), /198, 199\.\.\.\}$/);
    });

    it('completes expressions and commands in the console', async () => {
      assert.deepEqual(await stop.completions('1 + shape->co'), ['1 + shape->color', '1 + shape->corners']);
      assert.ok((await stop.completions('copy.')).includes('copy.label'));
      assert.deepEqual(await stop.completions('> info regi'), ['> info registers']);
      assert.deepEqual(await stop.completions(''), []);
    });

    it('opens flags registers into their fields', async () => {
      const register = isX86 ? 'eflags' : 'cpsr';
      const flags = await stop.variable(await stop.reference('Registers', 'Flags'), register);
      const inside = await stop.adapter.variables(flags.variablesReference);
      const level = inside.find(({ name }) => name === (isX86 ? 'IOPL' : 'M'))!;
      assert.equal(level.value, isX86 ? '0' : '5 EL1h');
      for (const { name, value, evaluateName } of inside) {
        assert.equal(Number(await stop.evaluate(evaluateName!)), Number.parseInt(value), name);
      }
      const carry = { variablesReference: flags.variablesReference, name: isX86 ? 'CF' : 'C' };
      for (const value of ['1', '0']) {
        await stop.adapter.setVariableRequest({ ...carry, value });
        assert.equal((await stop.variable(carry.variablesReference, carry.name)).value, value);
      }
      const general = await stop.reference('Registers', 'General');
      const scratch = isX86 ? 'r15' : 'x15';
      await stop.adapter.variables(general);
      await stop.adapter.setVariableRequest({ variablesReference: general, name: scratch, value: '0x1234' });
      assert.equal((await stop.variable(general, scratch)).value, '0x1234');
      const control = isX86 ? ['Segment and control', 'cr0'] : ['System', 'SCTLR'];
      const { value } = await stop.variable(await stop.reference('Registers', control[0]!), control[1]!);
      if (isX86) assert.equal(value, '0x80000011 PE, ET, PG');
      else assert.match(value, /^0x[0-9a-f]+ (?!M,)/);
    });

    it('shows vector registers in lanes', async () => {
      const register = isX86 ? 'xmm1' : 'v1';
      const lanes = isX86 ? ['v4_int32'] : ['s', 'u'];
      await stop.evaluate(`$${register}.${lanes.join('.')}[2] = 7`, 'repl');
      const vector = await stop.reference('Registers', 'Vector');
      assert.match((await stop.variable(vector, register)).value, /^0x7[0-9a-f]{16}$/);
      assert.deepEqual((await stop.shown('Registers', 'Vector', register, ...lanes))[2], '[2] = 7');
    });
  });
}

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`data of the C++ standard library on ${id}`, function () {
    this.timeout(60_000);
    let stop: Stop;

    before(async () => {
      // Of the library, only the trees of its maps are linked: the rest needs an operating system.
      const words = ['-fno-exceptions', '-fno-rtti', '-lstdc++'];
      stop = await Stop.at('library', resolve(fixtures, 'main.cpp'), id, ...words);
    });
    after(() => stop.end());

    it('is shown as what it holds', async () => {
      const shown = await stop.shown('Locals');
      assert.deepEqual(shown.slice(0, 3), [
        'text = "unikernel"',
        'names = std::vector of length 2, capacity 2 = {"one", "two"}',
        'ages = std::map with 2 elements = {["ann"] = 30, ["bob"] = 40}',
      ]);
      assert.match(shown[3]!, /^owned = std::unique_ptr<int> = \{get\(\) = 0x/);
      assert.deepEqual(await stop.shown('Locals', 'names'), ['[0] = "one"', '[1] = "two"']);
      assert.deepEqual(await stop.shown('Locals', 'ages'), ['["ann"] = 30', '["bob"] = 40']);
      assert.deepEqual(await stop.shown('Locals', 'owned', 'get()'), ['*get() = 7']);
    });

    it('is shown also where it holds what has members', async () => {
      const base = '{base = 1, shared = 5}';
      assert.deepEqual(await stop.shown('Locals', 'bases'), [`[0] = ${base}`, `[1] = ${base}`]);
      assert.deepEqual(await stop.shown('Locals', 'nested'), ['[0] = {1, 2}', '[1] = {3}']);
      assert.deepEqual(await stop.shown('Locals', 'nested', '[0]'), ['[0] = 1', '[1] = 2']);
    });

    it('has expressions for its elements', async () => {
      const element = await stop.variable(await stop.reference('Locals', 'bases'), '[1]');
      assert.equal(element.evaluateName, 'bases[1]');
      assert.equal(await stop.evaluate('bases[1].shared'), '5');
      assert.equal(await stop.evaluate('*owned'), '7');
    });

    it('is shown in pages', async () => {
      const { indexedVariables, variablesReference } = await stop.variable(await stop.reference('Locals'), 'numbers');
      assert.equal(indexedVariables, 250);
      const page = { variablesReference, start: 200, count: 50 };
      const { variables } = (await stop.adapter.variablesRequest(page)).body;
      assert.deepEqual([variables.length, variables[0]?.name, variables[0]?.value], [50, '[200]', '200']);
    });

    it('reaches the members of base classes', async () => {
      assert.deepEqual(await stop.shown('Locals', 'derived'), [
        'Base = {base = 1, shared = 5}',
        ...['name = "derived"', 'secret = 2', 'shared = 6'],
      ]);
      const base = await stop.reference('Locals', 'derived', 'Base');
      const { evaluateName, value } = await stop.variable(base, 'shared');
      assert.equal(await stop.evaluate(evaluateName!), value);
      await stop.adapter.setVariableRequest({ variablesReference: base, name: 'shared', value: '50' });
      assert.equal(await stop.evaluate('derived.Base::shared'), '50');
    });

    it('lists the variables of the file', async () => {
      assert.ok((await stop.shown('Globals')).includes('total = 3'));
    });
  });
}

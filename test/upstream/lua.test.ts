import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { boot } from '../integration/unikernel';
import { checkCalls } from './calls';
import { keepUnderLoad } from './load';
import { buildProgram, removePrograms, type Built } from './program';
import { bootAtPrompt } from './prompt';

/** The program again and again in one interpreter, which the program would end. */
const again = `os.exit = function() end
function again() dofile('work.lua') collectgarbage() print('done') end
`;

describe('Lua 5.4', function () {
  this.timeout(300_000);
  let lua: Built;

  before(async function () {
    lua = await buildProgram(this, {
      name: 'lua',
      package: 'lua5.4',
      archive: 'lua5.4_5.4.4.orig.tar.gz',
      sha256: '164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61',
      sources: ['src/*.c', '!src/luac.c'],
      flags: ['-DLUA_USE_POSIX'],
      // A stack overflow in Lua is 16 MB that are made twice as large.
      project: { memory: '256M' },
      files: { 'work.lua': await readFile(join(__dirname, 'work.lua'), 'utf8'), 'again.lua': again },
    });
  });
  after(removePrograms);

  it('makes no call on Linux that discovery does not find', async function () {
    await checkCalls(this, lua.native.program, (before) => lua.runNatively(['work.lua', 'one', 'two'], before));
  });

  for (const target of targets) {
    it(`runs a program on ${target.id} as on Linux`, async () => {
      const words = ['work.lua', 'one', 'two'];
      const [{ output, status }, native] = [await boot(lua.folder, target, words), await lua.runNatively(words)];
      assert.deepEqual(output.split('\n'), native.output.split('\n'));
      assert.deepEqual([status, native.status], [3, 3]);
    });

    it(`runs it again and again on ${target.id}, and its memory stays`, async () => {
      const { output } = await lua.runNatively(['work.lua', 'one', 'two']);
      const prompt = await bootAtPrompt(lua, target, ['-i', 'again.lua', 'one', 'two'], /^> $/m);
      const round = async (): Promise<number> => {
        assert.equal(await prompt.type('again()', /^done\n> $/m), `${output}done\n> `);
        return 1;
      };
      try {
        await keepUnderLoad(`Lua on ${target.id}`, () => prompt.freePages(), round);
      } finally {
        await prompt.stop();
      }
    });
  }
});

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { root } from './server';

const screenshots = join(root, 'out', 'screenshots');

/** Starts the browser that shows workbenches. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
}

/** A workbench in a browser, driven as a person drives it. */
export class Workbench {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(url: string): Promise<Workbench> {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(40_000);
    page.setDefaultNavigationTimeout(60_000);
    await page.goto(url);
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 40_000 });
    await mkdir(screenshots, { recursive: true });
    return new Workbench(browser, page);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** Reloads the window as a person does, which lets it write down its state first. */
  async reload(): Promise<void> {
    const reloaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await reloaded;
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 40_000 });
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  /** Runs a command by its exact name in the palette. */
  async command(label: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.fill(`>${label}`);
    await this.quickPick(label).click();
  }

  /** A row of the open quick pick, by what it begins with. */
  quickPick(label: string): Locator {
    return this.page.locator(`.quick-input-widget .monaco-list-row[aria-label^="${label}"]`).first();
  }

  /** Answers the input box that asks for something. */
  async answer(question: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-widget', { hasText: question }).waitFor();
    const input = this.page.locator('.quick-input-widget input.input');
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  async openFile(name: string): Promise<void> {
    // The list is made when it opens, so one that lacks a new file is opened again.
    await waitFor(
      async () => {
        await this.page.keyboard.press('Escape');
        await this.page.keyboard.press('Control+P');
        await this.page.locator('.quick-input-widget input.input').fill(name);
        const click = this.quickPick(name).click({ timeout: 5000 });
        return click.then(
          () => true,
          () => false,
        );
      },
      30_000,
      () => Promise.resolve(`There is no ${name} to open.`),
    );
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  }

  /** Puts a breakpoint on a line that is in view. */
  async setBreakpoint(line: number): Promise<void> {
    await this.clickMargin(line);
    await this.page.locator('.glyph-margin-widgets .codicon-debug-breakpoint').first().waitFor();
  }

  /** Removes the breakpoint on a line of main.c that is in view, the only one. */
  async removeBreakpoint(line: number): Promise<void> {
    await this.clickMargin(line);
    await this.page
      .locator('.debug-breakpoints .monaco-list-row', { hasText: 'main.c' })
      .waitFor({ state: 'detached' });
  }

  private async clickMargin(line: number): Promise<void> {
    const number = this.page.locator('.margin-view-overlays .line-numbers', { hasText: new RegExp(`^${line}$`) });
    const box = await number.boundingBox();
    if (box === null) throw new Error(`Line ${line} is not in view.`);
    await this.page.mouse.click(box.x - 8, box.y + box.height / 2);
  }

  async selectTarget(id: string): Promise<void> {
    await this.statusBarItem(/x86_64|aarch64/).click();
    await this.quickPick(id).click();
    await this.statusBarItem(id).waitFor();
  }

  /** A row of the call stack. */
  callStack(name: string): Locator {
    return this.page.locator('.debug-call-stack .monaco-list-row', { hasText: name }).first();
  }

  /** Pauses the guest, which is in that function. A click before the editor has asked for the CPUs does nothing, so it is made again. */
  async pauseIn(name: string): Promise<void> {
    const button = this.page.locator('.debug-toolbar').getByRole('button', { name: 'Pause' });
    const stops = async (): Promise<boolean> => {
      await button.click({ timeout: 1000 }).catch(() => undefined);
      await this.callStack(name)
        .waitFor({ timeout: 3000 })
        .catch(() => undefined);
      return this.callStack(name).isVisible();
    };
    await waitFor(stops, 40_000, () => Promise.resolve(`The guest does not stop in ${name}.`));
  }

  /** A row of the variables, by what it holds. */
  variable(text: string | RegExp): Locator {
    return this.page.locator('.debug-variables .monaco-list-row', { hasText: text }).first();
  }

  /** Chooses from a row's context menu, which does not yet listen in its first 100 ms: a click then leaves it open. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    const entry = this.page.getByRole('menuitem', { name: item });
    await entry.waitFor();
    await waitFor(
      async () => {
        await entry.click({ timeout: 1000 }).catch(() => undefined);
        return !(await entry.isVisible());
      },
      20_000,
      () => Promise.resolve(`The menu's ${item} does not answer to a click.`),
    );
  }

  /** Rests the mouse on a word of a line of the source and waits for its value. */
  async hoverValue(line: string, word: string, value: string): Promise<void> {
    const text = this.page.locator('.view-line', { hasText: line });
    // The editor does not show a value again where the mouse was last, so it rests elsewhere in the text before.
    await text.hover({ position: { x: 2, y: 2 } });
    await text.getByText(word, { exact: true }).first().hover();
    await this.page.locator('.debug-hover-widget', { hasText: value }).waitFor();
  }

  async addWatch(expression: string): Promise<void> {
    await this.page.locator('.pane-header', { hasText: 'Watch' }).hover();
    await this.page.locator('.pane-header').getByRole('button', { name: 'Add Expression' }).click();
    await this.page.locator('.debug-watch input').fill(expression);
    await this.page.keyboard.press('Enter');
  }

  /** Closes an editor by the middle button on its tab. */
  async closeEditor(name: string): Promise<void> {
    await this.page.locator('.tab', { hasText: name }).click({ button: 'middle' });
    await this.page.locator('.tab', { hasText: name }).waitFor({ state: 'detached' });
  }

  /** The text of all visible terminals; the terminal draws spaces as U+00A0. */
  async terminalText(): Promise<string> {
    const texts = await this.page.locator('.xterm-rows').allInnerTexts();
    return texts.join('\n').replaceAll('\u00a0', ' ');
  }

  async waitForTerminal(pattern: RegExp, milliseconds: number): Promise<void> {
    await waitFor(
      async () => pattern.test(await this.terminalText()),
      milliseconds,
      async () => {
        return `The terminal shows no ${pattern}:\n${await this.terminalText()}`;
      },
    );
  }

  /** Clicks on a text in the terminal as one follows a link there: with the control key, once it says that it is one. */
  async followTerminalLink(text: string): Promise<void> {
    const piece = this.page.locator('.terminal-wrapper.active .xterm-rows span', { hasText: text }).last();
    const [box, content] = [await piece.boundingBox(), await piece.innerText()];
    if (box === null) throw new Error(`${text} is not in view.`);
    // Every character of a terminal is as wide as any other.
    const x = box.x + (box.width * (content.indexOf(text) + text.length / 2)) / content.length;
    const y = box.y + box.height / 2;
    await this.page.keyboard.down('Control');
    await this.page.mouse.move(x - 2, y);
    await this.page.mouse.move(x, y);
    await this.page.getByText('Open the source').waitFor();
    await this.page.mouse.click(x, y);
    await this.page.keyboard.up('Control');
  }

  /** Waits until the cursor is in a line of a file. */
  async waitForLine(file: string, line: number): Promise<void> {
    await this.page.locator(`.tab.active[data-resource-name="${file}"]`).waitFor();
    await this.statusBarItem(`Ln ${line}, Col`).waitFor();
  }

  /** Brings rows of the variables into view that are below. */
  async scrollVariables(): Promise<void> {
    await this.page.locator('.debug-variables').hover();
    await this.page.mouse.wheel(0, 300);
  }

  /** Opens a row of the variables and waits for one of its children. */
  async expandVariable(name: string, child: string | RegExp): Promise<void> {
    const twistie = this.variable(name).locator('.monaco-tl-twistie');
    const isShown = (): Promise<boolean> => this.variable(child).isVisible();
    const explain = async (): Promise<string> => {
      const rows = await this.page.locator('.debug-variables .monaco-list-row').allInnerTexts();
      return `${name} shows no ${String(child)}: ${JSON.stringify(rows)}`;
    };
    // The tree is drawn anew at each stop, and a click may meet another row than the one it was meant for.
    const open = async (): Promise<boolean> => {
      await twistie
        .and(this.page.locator('.collapsed'))
        .click({ timeout: 1000 })
        .catch(() => undefined);
      return isShown();
    };
    await waitFor(open, 10_000, explain).catch(async (error: unknown) => {
      console.warn(`${String(error)}; closing and opening it again.`);
      await twistie.click({ timeout: 1000 });
      await waitFor(open, 10_000, explain);
    });
  }

  /** The text of all notifications, also of those that have gone by. */
  async notifications(): Promise<string> {
    await this.page.locator('.statusbar-item[id="status.notifications"]').click();
    await this.page.waitForTimeout(500);
    return (await this.page.locator('.notification-list-item-message').allInnerTexts()).join('\n');
  }

  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview').frameLocator('#active-frame');
  }
}

/** Asks again until the answer is yes. */
export async function waitFor(
  ask: () => Promise<boolean>,
  milliseconds: number,
  explain: () => Promise<string>,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(await explain());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

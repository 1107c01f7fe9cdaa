import { StatusBarAlignment, window } from 'vscode';
import type { Disposable } from 'vscode';
import { commands } from './identifiers';
import type { TargetSelection } from './targetSelection';

/** Shows the selected target; a click asks for another. */
export class StatusBar implements Disposable {
  private readonly item = window.createStatusBarItem('unikernel.target', StatusBarAlignment.Left, 10);
  private readonly subscription: Disposable;

  constructor(private readonly selection: TargetSelection) {
    this.item.name = 'Unikernel Target';
    this.item.command = commands.selectTarget;
    this.subscription = selection.onDidChange(() => {
      this.update();
    });
    this.update();
  }

  setVisible(visible: boolean): void {
    if (visible) this.item.show();
    else this.item.hide();
  }

  private update(): void {
    const { id, description } = this.selection.current;
    this.item.text = `$(vm) ${id}`;
    this.item.tooltip = `Unikernel target: ${description}. Click to select another.`;
    this.item.accessibilityInformation = { label: `Unikernel target ${id}` };
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }
}

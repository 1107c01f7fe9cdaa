import { EventEmitter, window } from 'vscode';
import type { Disposable, Event, Memento } from 'vscode';
import type { Target } from '../targets';
import { defaultTarget, findTarget, targets } from '../targets';

const key = 'target';

/** The target that a window builds for and runs on, remembered with the workspace. */
export class TargetSelection implements Disposable {
  private readonly changed = new EventEmitter<Target>();
  readonly onDidChange: Event<Target> = this.changed.event;

  constructor(private readonly memory: Memento) {}

  get current(): Target {
    return findTarget(this.memory.get<string>(key, '')) ?? defaultTarget;
  }

  async select(target: Target): Promise<void> {
    await this.memory.update(key, target.id);
    this.changed.fire(target);
  }

  /** Asks for a target; keeps the present one when the person backs out. */
  async pick(): Promise<void> {
    const items = targets.map((target) => ({
      label: target.id,
      description: target === this.current ? `${target.architecture}, selected` : target.architecture,
      detail: target.description,
      target,
    }));
    const chosen = await window.showQuickPick(items, { title: 'Select Target', placeHolder: 'Where the image runs' });
    if (chosen !== undefined) await this.select(chosen.target);
  }

  dispose(): void {
    this.changed.dispose();
  }
}

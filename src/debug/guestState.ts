import { text, type MiTuple } from '../gdb/mi/record';

// A guest's state for a debugger. Each state has only the transitions that are possible from it, so that no other can be written:
//
//   starting --> stopped <--> unseen
//                stopped <--> running --> interrupting --> held --> running, stopped
//                                              |--> stopped
//   and from each of them --> ended, --> starting (a restart)

/** Why a guest is interrupted: to be shown to the person, or unseen, for something that gdb does only while it stands still. */
export type Purpose = 'pause' | 'edit';

/** Not connected yet; the stop that connecting makes is nobody's business. */
export class Starting {
  readonly name = 'starting';

  connected(): Stopped {
    return new Stopped();
  }
}

/** Stands still, and the person sees it. */
export class Stopped {
  readonly name = 'stopped';

  resumed(): Running {
    return new Running();
  }

  /** For a way that the person does not see, as to another place in a recorded run. */
  resumedUnseen(): Unseen {
    return new Unseen();
  }
}

/** Executes instructions; the stop after them is nobody's business but ours. */
export class Unseen {
  readonly name = 'unseen';

  stopped(): Stopped {
    return new Stopped();
  }
}

/** Executes instructions. */
export class Running {
  readonly name = 'running';

  interrupted(purpose: Purpose): Interrupting {
    return new Interrupting(purpose);
  }

  stopped(): Stopped {
    return new Stopped();
  }
}

/** Was asked to stop, and has not done so yet. */
export class Interrupting {
  readonly name = 'interrupting';

  constructor(readonly purpose: Purpose) {}

  /** For an edit the guest is only held, whatever the reason of the stop. */
  stopped(stop: MiTuple): Stopped | Held {
    return this.purpose === 'edit' ? new Held(stop) : new Stopped();
  }

  /** The person wants to see the stop, whatever it was for. */
  wanted(): Interrupting {
    return new Interrupting('pause');
  }

  /** The guest does not stop. */
  gaveUp(): Running {
    return new Running();
  }
}

/** Stands still for an edit; the person believes that it runs. */
export class Held {
  readonly name = 'held';

  constructor(readonly stop: MiTuple) {}

  /** True when our interrupt was the reason; otherwise something stopped the guest before it, which the person wants to see. */
  get isOurs(): boolean {
    return text(this.stop['signal-name']) === 'SIGINT';
  }

  released(): Running {
    return new Running();
  }

  shown(): Stopped {
    return new Stopped();
  }
}

/** Will not run again. */
export class Ended {
  readonly name = 'ended';
}

export type GuestState = Starting | Stopped | Unseen | Running | Interrupting | Held | Ended;

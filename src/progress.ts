/** One step of something long: what is being done now, and how far it is if that is known. */
export interface ProgressStep {
  readonly message: string;
  /** From 0 to 1. */
  readonly fraction?: number;
}

/** Where long work reports its steps: a notification in the editor, a line on a terminal. */
export type Progress = (step: ProgressStep) => void;

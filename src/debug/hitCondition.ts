/** So many hits that the guest will never make them. */
const never = 0x7fffffff;

/**
 * At which hits a breakpoint stops, as the person writes it: `5` or `>=5` (the fifth and all after it), `>5`, `=5` or `==5`,
 * `<5`, `<=5`, `%5` (each fifth). gdb counts the hits itself, so that those without a stop cost little: it is told how many to
 * pass over next.
 */
export class HitCondition {
  private stops = 0;

  private constructor(
    private readonly operator: string,
    private readonly count: number,
  ) {}

  /** Undefined for what is no such condition. */
  static parse(text: string): HitCondition | undefined {
    const [, operator = '', digits = ''] = /^\s*(>=?|<=?|==?|%)?\s*(\d+)\s*$/.exec(text) ?? [];
    const count = Number(digits);
    if (digits === '' || (operator === '%' && count === 0)) return undefined;
    return new HitCondition(operator, count);
  }

  /** How many hits to pass over before the first stop; the guest is at its beginning again. */
  restart(): number {
    this.stops = 0;
    if (this.operator === '>') return this.count;
    if (this.operator === '<') return this.count > 1 ? 0 : never;
    if (this.operator === '<=') return this.count > 0 ? 0 : never;
    if (this.operator.startsWith('=') && this.count === 0) return never;
    return Math.max(0, this.count - 1);
  }

  /** How many hits to pass over after the guest stopped here. */
  stopped(): number {
    this.stops++;
    if (this.operator === '%') return this.count - 1;
    if (this.operator.startsWith('=')) return never;
    if (this.operator === '<') return this.stops < this.count - 1 ? 0 : never;
    if (this.operator === '<=') return this.stops < this.count ? 0 : never;
    return 0;
  }
}

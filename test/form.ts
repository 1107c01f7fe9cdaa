/** Tests that have a longer form take it: `npm run test:long`. */
export const isLong = process.env['UNIKERNEL_LONG'] === '1';

/** Of what a test has for its short form, which `npm test` takes, and for its long one, that of the form which runs. */
export const inForm = <T>(short: T, long: T): T => (isLong ? long : short);

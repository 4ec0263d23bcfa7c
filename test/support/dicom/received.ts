/** The day on which files of tests came, when a test does not say: after every day in them. */
export const RECEIVED_ON = '2026-11-01';

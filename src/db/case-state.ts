/** Of review_case `c`: the case waits for a person. The states are spelt out, for indexes of their own cover them. */
export const CASE_WAITS = `c.state in ('open', 'in_review', 'reopened')`;

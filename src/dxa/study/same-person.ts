/** What a report says of whom it is about; null where it says nothing. */
export type Identity = {
  /** As written in the file: component groups divided by "=", components by "^" (PS3.5 6.2.1). */
  readonly name: string | null;
  readonly sex: string | null;
  readonly birthDate: string | null;
};

export type IdentityField = 'name' | 'sex' | 'birth_date';

/** Letters that Unicode does not take apart into a letter and a mark, and how they are written without them. */
const LIGATURES: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
};
/** How systems without these letters write them; "Müller" arrives as "Mueller" and as "Muller". */
const WRITTEN_OUT: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };

const replaceLetters = (text: string, letters: Readonly<Record<string, string>>): string =>
  text.replace(/./gu, (letter) => letters[letter] ?? letter);

/** A text without case, marks, punctuation and repeated blanks. */
const fold = (text: string): string =>
  replaceLetters(text, LIGATURES)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Both ways in which a text may have lost its marks. */
function foldings(text: string): readonly [string, string] {
  const composed = text.normalize('NFKC').toLowerCase();
  return [fold(composed), fold(replaceLetters(composed, WRITTEN_OUT))];
}

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

type Name = { readonly family: string; readonly given: readonly string[] };

/** Family name, and the given names with the middle ones. Prefix and suffix are titles and degrees: they do not identify a person. */
function readName(folded: readonly string[]): Name {
  const [family = '', given = '', middle = ''] = folded;
  return { family, given: [...words(given), ...words(middle)] };
}

/** A name that is left out, or only begun ("Anna M"), is not another one; the first has to be there. */
const mayBeOne = (one: readonly string[], other: readonly string[]): boolean =>
  one.every((name, place) => {
    const like = other[place] ?? name;
    const begun = place > 0 && Math.min(name.length, like.length) === 1 && name[0] === like[0];
    return name === like || begun;
  });

function sameName(a: Name, b: Name): boolean {
  // Systems that know no components write everything into the first one.
  if ((a.given.length === 0) !== (b.given.length === 0)) {
    const [whole, parts] = a.given.length === 0 ? [a, b] : [b, a];
    return whole.family === parts.family || whole.family === [parts.family, ...parts.given].join(' ');
  }
  return a.family === b.family && mayBeOne(a.given, b.given);
}

function sameGroup(a: string, b: string): boolean {
  const [one, other] = [a, b].map((group) => {
    const components = group.split('^').map(foldings);
    return [0, 1].map((way) => readName(components.map((folded) => folded[way] ?? '')));
  });
  return one?.some((left) => other?.some((right) => sameName(left, right))) ?? false;
}

/** Whether two names may be one person's: without regard to case, marks and titles, each group against its like. */
export function namesAgree(a: string, b: string): boolean {
  const [groups, others] = [a.split('='), b.split('=')];
  const both = groups.flatMap((group, place) => {
    const other = others[place] ?? '';
    return group.trim() === '' || other.trim() === '' ? [] : [[group, other] as const];
  });
  // Two names without a group in common cannot be held against each other.
  return both.length > 0 ? both.every(([group, other]) => sameGroup(group, other)) : false;
}

const SAME: Readonly<Record<IdentityField, (a: string, b: string) => boolean>> = {
  name: namesAgree,
  sex: (a, b) => a === b,
  birth_date: (a, b) => a === b,
};

const VALUES: Readonly<Record<IdentityField, (of: Identity) => string | null>> = {
  name: ({ name }) => name,
  sex: ({ sex }) => sex,
  birth_date: ({ birthDate }) => birthDate,
};

/**
 * The fields in which any report of the one side says another thing than any report of the other. What is missing says
 * nothing.
 */
export function disagreeingFields(one: readonly Identity[], other: readonly Identity[]): readonly IdentityField[] {
  return (['name', 'sex', 'birth_date'] as const).filter((field) => {
    const [left, right] = [one, other].map((side) => side.map(VALUES[field]).filter((value) => value !== null));
    return left?.some((a) => right?.some((b) => !SAME[field](a, b))) ?? false;
  });
}

import type { Random } from '../scanner/random.ts';

/** A person who does not exist. Names and ids carry a token, so that a scan of logs for them has no false hits. */
export type Person = {
  readonly patientId: string;
  readonly issuerOfPatientId: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly sex: 'F' | 'M';
  /** "YYYYMMDD". */
  readonly birthDate: string;
  /** Centimetres. */
  readonly height: number;
  /** Tenths of a kilogram at the first visit. */
  readonly weight: number;
};

type Names = readonly [string, ...string[]];
const FAMILY_NAMES: Names = [
  'Hollerbeck', 'Quillmarsh', 'Brackenvale', 'Osterfjell', 'Vandermolle', 'Tarnowitz', 'Pellegrane', 'Kirschweiler',
  'Ravensholm', 'Duvallois', 'Sommerquist', 'Abendroth', 'Castellmor', 'Winterbourne', 'Nightingaleford', 'Zubrowska',
]; // biome-ignore format: a list of names is easier to read in rows
const WOMEN: Names = ['Marlis', 'Ottilie', 'Fenja', 'Rosalind', 'Ingeborg', 'Clementine', 'Tove', 'Perpetua'];
const MEN: Names = ['Anselm', 'Balthasar', 'Corvin', 'Desmond', 'Eskil', 'Florentin', 'Gisbert', 'Hjalmar'];

/** Draws the person with this number in the cohort; about one in six is a man, as in a densitometry clinic. */
export function drawPerson(random: Random, seed: number, index: number): Person {
  const sex = random.uniform() < 1 / 6 ? 'M' : 'F';
  const token = `Zq${seed.toString(36)}x${index.toString(36)}`;
  const year = random.integer(1936, 1962);
  return {
    patientId: `QX${seed}-${String(index).padStart(5, '0')}`,
    issuerOfPatientId: 'EXAMPLE-MPI',
    familyName: `${random.pick(FAMILY_NAMES)}-${token}`,
    givenName: random.pick(sex === 'F' ? WOMEN : MEN),
    sex,
    birthDate: `${year}${two(random.integer(1, 12))}${two(random.integer(1, 28))}`,
    height: Math.round(random.normal(sex === 'F' ? 161 : 174, 6)),
    weight: Math.round(10 * Math.max(42, random.normal(sex === 'F' ? 66 : 79, 11))),
  };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

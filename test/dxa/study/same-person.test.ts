import { describe, expect, it } from 'vitest';
import { disagreeingFields, type Identity, namesAgree } from '../../../src/dxa/study/same-person.ts';

describe('two names', () => {
  it.each([
    ['Müller^Jörg', 'MUELLER^JOERG'],
    ['Müller^Jörg', 'muller^jorg'],
    ['Ångström^Siv', 'ANGSTROM^SIV'],
    ['Ångström^Siv', 'AANGSTROEM^SIV'],
    ['Weiß^Ina', 'WEISS^INA'],
    ['Łukasz^Jan', 'LUKASZ^JAN'],
    ["O'Brien^Mary", 'O BRIEN^MARY'],
    ['Smith-Jones^Ann', 'SMITH JONES^ANN'],
    ['Meier^Anna^Maria', 'Meier^Anna'],
    ['Meier^Anna^Maria', 'Meier^Anna Maria'],
    ['Meier^Anna^M', 'Meier^Anna^Maria'],
    ['Meier^Anna^^Dr.^PhD', 'Meier^Anna'],
    ['MEIER ANNA', 'Meier^Anna'],
    ['Meier, Anna', 'Meier^Anna'],
    ['Meier', 'Meier^Anna'],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', 'YAMADA^TAROU'],
    ['Yamada^Tarou=山田^太郎', '=山田^太郎'],
    ['ＹＡＭＡＤＡ^ＴＡＲＯＵ', 'Yamada^Tarou'],
    ['Meier^Anna ', ' Meier^Anna'],
  ])('%s and %s may be one person, whichever comes first', (a, b) => {
    expect(namesAgree(a, b)).toBe(true);
    expect(namesAgree(b, a)).toBe(true);
  });

  it.each([
    ['Meier^Anna', 'Schulz^Anna'],
    ['Meier^Anna', 'Meier-Schulz^Anna'],
    ['Meier^Anna', 'Meier^Maria'],
    ['Meier^Anna', 'Anna^Meier'],
    ['Meier^Anna^Maria', 'Meier^Anna^Berta'],
    ['Meier^A', 'Meier^Anna'],
    ['Yamada^Tarou=山田^太郎', 'Yamada^Tarou=山田^花子'],
    ['Yamada^Tarou', '=山田^太郎'],
  ])('%s and %s are not taken for one without a reason', (a, b) => {
    expect(namesAgree(a, b)).toBe(false);
    expect(namesAgree(b, a)).toBe(false);
  });
});

describe('two sides of a merge', () => {
  const identity = (given: Partial<Identity>): Identity => ({ name: null, sex: null, birthDate: null, ...given });

  it('disagree in a field when any report of the one says another thing than any of the other', () => {
    const one = [identity({ sex: 'F', birthDate: '1939-01-01' }), identity({ birthDate: '1939-01-10' })];
    const other = [identity({ sex: 'F', birthDate: '1939-01-01', name: 'Meier^Anna' })];
    expect(disagreeingFields(one, other)).toEqual(['birth_date']);
    expect(disagreeingFields(other, one)).toEqual(['birth_date']);
    const man = identity({ name: 'Schulz^Karl', sex: 'M', birthDate: '1941-01-01' });
    expect(disagreeingFields(other, [man])).toEqual(['name', 'sex', 'birth_date']);
  });

  it('do not disagree in what one of them does not say, nor in what only one of them contradicts', () => {
    expect(disagreeingFields([identity({})], [identity({ sex: 'F', name: 'A^B' })])).toEqual([]);
    expect(disagreeingFields([identity({ sex: 'F' }), identity({ sex: 'M' })], [identity({ name: 'A^B' })])).toEqual(
      [],
    );
    expect(disagreeingFields([], [identity({ sex: 'F' })])).toEqual([]);
  });
});

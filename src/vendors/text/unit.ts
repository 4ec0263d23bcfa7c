import type { CodedConcept } from '../../dicom/document/sr-document.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';

const RATIO = ['1', 'nounits', '{nounits}', '{score}', '{ratio}'];

/**
 * Spellings of a unit that mean the same. UCUM since enCORE 11.1, free text before (GE Direction 40472); "g/cm-2" is in
 * HL7's own DXA example. mg/cm2 (standardised BMD), mg/cm3 (QCT) and m/s (ultrasound) are other quantities and are not
 * converted.
 */
export const UNIT_SPELLINGS: Readonly<Record<Quantity, readonly string[]>> = {
  bmd: ['g/cm2', 'g/cm-2', 'g.cm-2', 'gcm-2'],
  bmc: ['g'],
  area: ['cm2'],
  t_score: [...RATIO, '{t-score}', '{tscore}'],
  z_score: [...RATIO, '{z-score}', '{zscore}'],
  percent_young_adult: [...RATIO, '%', 'percent'],
  percent_age_matched: [...RATIO, '%', 'percent'],
};

/** Whether what was typed behind a number is short and of the signs that units are written with. */
export function looksLikeUnit(text: string): boolean {
  const short = text.trim();
  if (short.length > 24 || /\d{3}|[,;^]\s|\p{Lu}\p{Ll}{3}/u.test(short)) return false;
  return /^[\p{L}\p{M}\p{No}\d\s%°µ/.·⋅∙•*^'"()[\]{}_+−-]+$/u.test(short);
}

export type UnitVerdict = 'ok' | 'absent' | 'other';

/** A centimetre squared in words and signs, and a gram. */
const REWRITTEN: readonly (readonly [RegExp, string])[] = [
  [/[−‐-―]/g, '-'],
  [/[·⋅∙•]/g, '.'],
  [/(?:\^|\*\*)(?=-?\d)/g, ''],
  [/(?:sq(?:uare)?\.?)(?:cm|centimet(?:er|re)s?)|(?:cm|centimet(?:er|re)s?)sq(?:uared?)?\.?/g, 'cm2'],
  [/(?<=[a-z])per(?=[a-z])/g, '/'],
  [/^(?:gms?|grams?|grammes?)(?=$|[/.])/g, 'g'],
];

/** Compares units without white space and case; "cm²", "cm^2", "sq. cm" and "cm2" are one spelling. */
export function normaliseUnit(text: string): string {
  const plain = text.normalize('NFKC').replace(/\s+/g, '').toLowerCase();
  return REWRITTEN.reduce((unit, [written, meant]) => unit.replace(written, meant), plain);
}

/** Whether a unit written as text is the unit of the quantity. */
export function judgeUnitText(quantity: Quantity, text: string | null): UnitVerdict {
  const unit = normaliseUnit(text ?? '');
  if (unit === '') return 'absent';
  return UNIT_SPELLINGS[quantity].includes(unit) ? 'ok' : 'other';
}

/**
 * Whether a coded unit is the unit of the quantity. The code value decides; the meaning is looked at when the value is
 * no spelling of any unit (before UCUM, vendors numbered their units).
 */
export function judgeUnit(quantity: Quantity, unit: CodedConcept | null): UnitVerdict {
  if (unit === null) return 'absent';
  const byValue = judgeUnitText(quantity, unit.value);
  if (byValue === 'ok' || unit.scheme === 'UCUM') return byValue;
  const byMeaning = judgeUnitText(quantity, unit.meaning);
  return byMeaning === 'absent' ? byValue : byMeaning;
}

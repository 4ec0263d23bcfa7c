/**
 * SNOMED RT codes and the SNOMED CT concepts they became (PS3.16 annex O), for the terms that bone densitometry uses.
 * Only pairs that were verified; an old code without a partner keeps its own key.
 */
export const SNOMED_PAIRS: ReadonlyMap<string, string> = new Map([
  ['T-11910', '66794005'], // L1 vertebra
  ['T-11920', '14293000'], // L2 vertebra
  ['T-11930', '36470004'], // L3 vertebra
  ['T-11940', '11994002'], // L4 vertebra
  ['T-117C0', '23215003'], // T12 vertebra
  ['T-11503', '122496007'], // Lumbar spine
  ['T-12710', '71341001'], // Femur
  ['T-D078C', '310651003'], // Proximal femur
  ['T-D2500', '29836001'], // Hip region
  ['T-12420', '62413002'], // Radius
  ['T-12403', '110535000'], // Radius and ulna
  ['T-D8500', '14975008'], // Forearm
  ['T-D0010', '38266002'], // Entire body
  ['G-A100', '24028007'], // Right
  ['G-A101', '7771000'], // Left
  ['G-A102', '51440002'], // Right and left
  ['G-C171', '272741003'], // Laterality
  ['P5-00027', '241686001'], // Dual energy X-ray absorptiometry
]);

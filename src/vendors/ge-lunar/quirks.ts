import type { Quirk } from '../report/quirk.ts';
import type { MappingUse } from '../report/site-mapping.ts';

const PARSERS = 'public parsers tsaiid/vghks-dicom-sr, ibh-daai/bone-mineral-density, FacuFarias/dicom-receiver';

export const GE_QUIRKS = {
  'trend-is-history': {
    why: 'A "Trend ..." container holds past BMDs and differences, all of them called "BMD".',
    source: PARSERS,
    grade: 'attested',
    models: 'all',
    versions: '8.0 and later',
    fixture: 'ge-lunar/encore-13/trend',
  },
  'mean-is-not-a-side': {
    why: 'DualFemur has a "Mean" row beside Left and Right; it is the mean of both hips, not a third scan.',
    source: PARSERS,
    grade: 'attested',
    models: 'all with DualFemur',
    versions: 'all',
    fixture: 'ge-lunar/encore-16/dual-femur',
  },
  'difference-row': {
    why: 'The "Diff." row of DualFemur holds left minus right under the name BMD.',
    source: PARSERS,
    grade: 'attested',
    models: 'all with DualFemur',
    versions: 'all',
    fixture: 'ge-lunar/encore-16/dual-femur',
  },
  'excluded-vertebra': {
    why: '"L1-L4 (L2)" is L1 to L4 without L2.',
    source: 'ibh-daai/bone-mineral-density, whose regular expression takes it for the full range',
    grade: 'attested',
    models: 'all',
    versions: 'all',
    fixture: 'ge-lunar/encore-16/excluded-vertebra',
  },
  'hips-repeated': {
    why: 'DualFemur can stand beside Left Femur and Right Femur with the same numbers.',
    source: PARSERS,
    grade: 'attested',
    models: 'all with DualFemur',
    versions: 'all',
    fixture: 'ge-lunar/encore-16/dual-femur-and-sides',
  },
  'score-as-text': {
    why: 'T- and Z-scores and percentages are TEXT items, percentages with a percent sign.',
    source: PARSERS,
    grade: 'attested',
    models: 'all',
    versions: 'all',
    fixture: 'ge-lunar/encore-16/spine',
  },
  'second-t-score': {
    why: 'Reports of men can hold two T-scores a region, against a male and a female reference that are not named.',
    source: 'ibh-daai/bone-mineral-density',
    grade: 'attested',
    models: 'all',
    versions: 'unknown',
    fixture: 'ge-lunar/encore-16/man-two-t-scores',
  },
  'body-composition-bmc': {
    why: 'Code 31 is the BMC of body composition: the label is that of bone densitometry, the region is not.',
    source: PARSERS,
    grade: 'attested',
    models: 'all with total body',
    versions: 'all',
    fixture: 'ge-lunar/encore-16/whole-body',
  },
  'xml-in-image-comments': {
    why: 'Image Comments (0020,4000) repeats the results as XML; a nearly empty tree has them only there.',
    source: 'FacuFarias/dicom-receiver',
    grade: 'attested',
    models: 'all',
    versions: 'unknown',
    fixture: 'ge-lunar/encore-17/xml-only',
  },
  'older-xml': {
    why: 'An older generation of that XML lists exams oldest first and calls T- and Z-score YAT and AMZ.',
    source: 'FacuFarias/dicom-receiver',
    grade: 'attested',
    models: 'all',
    versions: 'unknown',
    fixture: 'ge-lunar/encore-11/older-xml',
  },
  'tree-more-precise': {
    why: 'The tree has more decimals than the XML: they agree if they do so at the last place that both print.',
    source: 'a public reader that takes BMD from the tree, T- and Z-score from the XML',
    grade: 'attested',
    models: 'all',
    versions: 'unknown',
    fixture: 'ge-lunar/encore-17/tree-more-precise',
  },
  'xml-anywhere': {
    why: 'Systems on the way put a byte order mark or a remark before the XML, change its case or escape its tags.',
    source: 'what people reported of exports; no file was published',
    grade: 'attested',
    models: 'all',
    versions: 'all',
    fixture: 'ge-lunar/encore-17/xml-behind-mark',
  },
  'side-in-header': {
    why: 'A scan that is called "Femur" may have its side in Laterality (0020,0060) or Image Laterality (0020,0062) only.',
    source: 'seen in files of Hologic; of GE Lunar by analogy',
    grade: 'inferred',
    models: 'all',
    versions: 'unknown',
    fixture: 'ge-lunar/encore-17/side-in-header',
  },
} as const satisfies Record<string, Quirk>;

export type GeQuirk = keyof typeof GE_QUIRKS;

/** What decides how a report is read: the vendor's habits and what the site says about unknown codes and labels. */
export type GeRules = {
  readonly quirks: ReadonlySet<GeQuirk>;
  readonly mapping: MappingUse;
  /** The side that the header names, for a scan that names none. */
  readonly headerSide: 'left' | 'right' | null;
};

export const ALL_GE_QUIRKS: ReadonlySet<GeQuirk> = new Set(Object.keys(GE_QUIRKS) as GeQuirk[]);

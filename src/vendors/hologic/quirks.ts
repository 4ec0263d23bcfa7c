import type { Quirk } from '../report/quirk.ts';

const PARSERS = 'public parsers of the private element of Hologic images, e.g. FacuFarias/dicom-receiver';

export const HOLOGIC_QUIRKS = {
  'exclusion-by-comma': {
    why: 'A set of vertebrae without one of them is written with a comma: "L1,L3-L4".',
    source: PARSERS,
    grade: 'attested',
    models: 'QDR, Delphi, Discovery, Horizon',
    versions: 'all',
    fixture: 'hologic/apex-13/spine-exclusion',
  },
  'total-of-included': {
    why: '"Total" of a spine is the total of the vertebrae that the table lists, not always L1-L4.',
    source: PARSERS,
    grade: 'attested',
    models: 'QDR, Delphi, Discovery, Horizon',
    versions: 'all',
    fixture: 'hologic/apex-13/spine-three-vertebrae',
  },
  'section-rows': {
    why: 'A dual hip table has a row with the region alone, then Left, Right, Mean and |Diff.|.',
    source: PARSERS,
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: 'APEX',
    fixture: 'hologic/apex-5/dual-hip',
  },
  'fat-scores': {
    why: 'The T- and Z-scores of a body composition table are scores of %Fat.',
    source: PARSERS,
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: 'APEX',
    fixture: 'hologic/apex-5/whole-body-with-fat',
  },
  'serial-in-model-name': {
    why: 'The model name can hold the serial number: "Horizon A (S/N 200123M)".',
    source: PARSERS,
    grade: 'attested',
    models: 'Horizon',
    versions: 'APEX',
    fixture: 'hologic/apex-5/dual-hip',
  },
  'any-brackets': {
    why: 'Header cells write the unit in brackets of any kind, one inside the other: "Area[cm<sup><small>2</small></sup>]", "BMC[(g)]".',
    source: 'code that parses Discovery W 13.2 files; a public test after Horizon W 13.6; readers of APEX pages',
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: '13.2 and later',
    fixture: 'hologic/apex-13/square-brackets',
  },
  'explained-percentages': {
    why: 'The brackets of a percentage hold its name in full: "PR (Peak Reference)", "AM (Age Matched)".',
    source: 'readers of APEX pages',
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: 'APEX',
    fixture: 'hologic/apex-13/square-brackets',
  },
  'second-scan-mode': {
    why: 'A dual hip has one side in ScanMode and the other in ScanMode2; its rows name the sides.',
    source: 'seen in files',
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: 'APEX',
    fixture: 'hologic/apex-13/dual-hip-two-modes',
  },
  'short-sides': {
    why: 'The side is abbreviated: "a R.Forearm".',
    source: 'seen in files',
    grade: 'attested',
    models: 'QDR, Delphi, Discovery, Horizon',
    versions: 'all',
    fixture: 'hologic/apex-13/short-side',
  },
  'side-in-header': {
    why: 'The side may stand only in Laterality (0020,0060) or Image Laterality (0020,0062).',
    source: 'seen in files',
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: 'all',
    fixture: 'hologic/apex-13/side-in-header',
  },
  'calibration-factors': {
    why: 'ACF and BCF, the calibration factors of the scanner, stand beside the results.',
    source: 'two public readers; the footnote of Discovery printouts',
    grade: 'attested',
    models: 'Discovery, Horizon',
    versions: 'all',
    fixture: 'hologic/apex-13/spine',
  },
} as const satisfies Record<string, Quirk>;

export type HologicQuirk = keyof typeof HOLOGIC_QUIRKS;

export const ALL_HOLOGIC_QUIRKS: ReadonlySet<HologicQuirk> = new Set(Object.keys(HOLOGIC_QUIRKS) as HologicQuirk[]);

import type { Quirk } from '../quirk.ts';

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
    fixture: 'hologic/apex-5/whole-body-composition',
  },
  'serial-in-model-name': {
    why: 'The model name can hold the serial number: "Horizon A (S/N 200123M)".',
    source: PARSERS,
    grade: 'attested',
    models: 'Horizon',
    versions: 'APEX',
    fixture: 'hologic/apex-5/dual-hip',
  },
} as const satisfies Record<string, Quirk>;

export type HologicQuirk = keyof typeof HOLOGIC_QUIRKS;

export const ALL_HOLOGIC_QUIRKS: ReadonlySet<HologicQuirk> = new Set(Object.keys(HOLOGIC_QUIRKS) as HologicQuirk[]);

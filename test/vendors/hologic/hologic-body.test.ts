import { describe, expect, it } from 'vitest';
import { adaptText } from '../../support/dicom/adapt-hologic-text.ts';

describe('height and weight among the private results', () => {
  it('are absent, with a finding each, where a zero means that no value was entered', () => {
    const { body, findings } = adaptText('Height = "0.0 cm";\nWeight = "0.0 kg";');
    expect([body.heightM, body.weightKg]).toEqual([null, null]);
    expect(findings).toEqual(
      expect.arrayContaining([
        'HEADER_VALUE_UNREADABLE (0019,1000)/Height',
        'HEADER_VALUE_UNREADABLE (0019,1000)/Weight',
      ]),
    );
  });

  it('are read within what a person can measure', () => {
    const { body, findings } = adaptText('Height = "165.0 cm";\nWeight = "69.0  kg";');
    expect([body.heightM, body.weightKg]).toEqual([1_650_000, 69_000_000]);
    expect(findings.filter((text) => text.startsWith('HEADER'))).toEqual([]);
  });
});

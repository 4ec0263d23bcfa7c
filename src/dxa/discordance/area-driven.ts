import { areaChange } from '../scan/area.ts';
import type { Region } from '../values/region.ts';
import { describeChange, sentence, siteKey } from '../values/wording.ts';
import type { DiscordanceRule } from './rule.ts';

/** The regions whose change a report speaks of; smaller ones would only add noise. */
const REGIONS_OF_REPORT: readonly Region[] = ['spine', 'total_hip', 'femoral_neck', 'radius_33'];

/**
 * D7: a significant change that comes more from bone area than from mineral. True losses and gains at the neck were of
 * BMC and not of area (Watts 2009, VERIFIED), so such a change is suspect.
 */
export const areaDriven: DiscordanceRule = {
  code: 'D7_AREA_DRIVEN',
  tier: 'check',
  topic: 'technical',
  casePerRegion: true,
  needs: 'a significant change of a region with BMC and area in both scans',
  says: 'More than half of a significant change is explained by the change of bone area.',
  source: 'clinical-rules 4.1 D7, R2.4',
  reads: [],
  evaluate: ({ previous, settings }) =>
    previous.flatMap((comparison) => {
      if (comparison.verdict !== 'up' && comparison.verdict !== 'down') return [];
      if (!REGIONS_OF_REPORT.includes(comparison.roi.region)) return [];
      const { reference, followUp } = comparison;
      const change = areaChange(
        { ...reference, bmd: comparison.referenceConverted ?? reference.bmd },
        followUp,
        settings.areaPerBmcSlope,
      );
      if (change === null || change.areaShare === null || change.areaShare <= settings.areaDrivenShare) return [];
      const percent = `${Math.abs(100 * change.relative).toFixed(1)} %`;
      const area = `bone area ${change.relative > 0 ? 'rose' : 'fell'} by ${percent}`;
      return [
        {
          regionPair: siteKey(comparison),
          strength: comparison.strength ?? 0,
          comparisons: [comparison],
          statement: `${sentence(describeChange(comparison))}, and its ${area}, which explains more than half of the change; the regions of both scans should be compared.`,
        },
      ];
    }),
};

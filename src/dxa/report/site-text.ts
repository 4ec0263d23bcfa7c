import { type Laterality, parseVertebraeKey, type Region, type RegionOfInterest } from '../values/region.ts';
import { siteName } from '../values/wording.ts';

export type Site = { readonly roi: RegionOfInterest; readonly laterality: Laterality };

/** A site as a report names it: "lumbar spine L1-L4", "left total hip", "left 33 % radius". */
export function siteText(site: Site): string {
  const name = siteName(site);
  return site.roi.region === 'spine' ? `lumbar ${name}` : name.replace('radius 33', '33 % radius');
}

/** The sites of keys as `siteKey` writes them: "total_hip::left|spine:L1,L2:none". */
export function sitesOfKeys(keys: string): readonly string[] {
  return keys.split('|').map((key) => {
    const [region = '', vertebrae = '', laterality = ''] = key.split(':');
    const roi = { region: region as Region, vertebrae: parseVertebraeKey(vertebrae) };
    return siteText({ roi, laterality: laterality as Laterality });
  });
}

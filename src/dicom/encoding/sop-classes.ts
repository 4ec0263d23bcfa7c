import { uidOrNull } from '../document/refused.ts';

const STORAGE = '1.2.840.10008.5.1.4.1.1.';

/** SR storage classes (PS3.4 B.5) share this prefix; the arc holds nothing else. */
const STRUCTURED_REPORT = `${STORAGE}88.`;

export const KEY_OBJECT_SELECTION = `${STORAGE}88.59`;

/** Names of PS3.6 for what is most likely to be sent to a folder that wants reports. */
const NAMES: ReadonlyMap<string, string> = new Map([
  [`${STORAGE}88.1`, 'Text SR Storage - Trial (retired)'],
  [`${STORAGE}88.2`, 'Audio SR Storage - Trial (retired)'],
  [`${STORAGE}88.3`, 'Detail SR Storage - Trial (retired)'],
  [`${STORAGE}88.4`, 'Comprehensive SR Storage - Trial (retired)'],
  [`${STORAGE}88.11`, 'Basic Text SR Storage'],
  [`${STORAGE}88.22`, 'Enhanced SR Storage'],
  [`${STORAGE}88.33`, 'Comprehensive SR Storage'],
  [`${STORAGE}88.34`, 'Comprehensive 3D SR Storage'],
  [`${STORAGE}88.35`, 'Extensible SR Storage'],
  [`${STORAGE}88.40`, 'Procedure Log Storage'],
  [`${STORAGE}88.50`, 'Mammography CAD SR Storage'],
  [KEY_OBJECT_SELECTION, 'Key Object Selection Document Storage'],
  [`${STORAGE}88.65`, 'Chest CAD SR Storage'],
  [`${STORAGE}88.67`, 'X-Ray Radiation Dose SR Storage'],
  [`${STORAGE}88.68`, 'Radiopharmaceutical Radiation Dose SR Storage'],
  [`${STORAGE}88.69`, 'Colon CAD SR Storage'],
  [`${STORAGE}88.70`, 'Implantation Plan SR Storage'],
  [`${STORAGE}88.71`, 'Acquisition Context SR Storage'],
  [`${STORAGE}88.72`, 'Simplified Adult Echo SR Storage'],
  [`${STORAGE}88.73`, 'Patient Radiation Dose SR Storage'],
  [`${STORAGE}88.74`, 'Planned Imaging Agent Administration SR Storage'],
  [`${STORAGE}88.75`, 'Performed Imaging Agent Administration SR Storage'],
  [`${STORAGE}88.76`, 'Enhanced X-Ray Radiation Dose SR Storage'],
  [`${STORAGE}88.77`, 'Waveform Annotation SR Storage'],
  ['1.2.840.10008.1.3.10', 'Media Storage Directory Storage (DICOMDIR)'],
  [`${STORAGE}1`, 'Computed Radiography Image Storage'],
  [`${STORAGE}1.1`, 'Digital X-Ray Image Storage - For Presentation'],
  [`${STORAGE}1.1.1`, 'Digital X-Ray Image Storage - For Processing'],
  [`${STORAGE}1.2`, 'Digital Mammography X-Ray Image Storage - For Presentation'],
  [`${STORAGE}1.2.1`, 'Digital Mammography X-Ray Image Storage - For Processing'],
  [`${STORAGE}2`, 'CT Image Storage'],
  [`${STORAGE}2.1`, 'Enhanced CT Image Storage'],
  [`${STORAGE}3.1`, 'Ultrasound Multi-frame Image Storage'],
  [`${STORAGE}4`, 'MR Image Storage'],
  [`${STORAGE}4.1`, 'Enhanced MR Image Storage'],
  [`${STORAGE}6.1`, 'Ultrasound Image Storage'],
  [`${STORAGE}7`, 'Secondary Capture Image Storage'],
  [`${STORAGE}7.1`, 'Multi-frame Single Bit Secondary Capture Image Storage'],
  [`${STORAGE}7.2`, 'Multi-frame Grayscale Byte Secondary Capture Image Storage'],
  [`${STORAGE}7.3`, 'Multi-frame Grayscale Word Secondary Capture Image Storage'],
  [`${STORAGE}7.4`, 'Multi-frame True Color Secondary Capture Image Storage'],
  [`${STORAGE}9.1.1`, '12-lead ECG Waveform Storage'],
  [`${STORAGE}11.1`, 'Grayscale Softcopy Presentation State Storage'],
  [`${STORAGE}12.1`, 'X-Ray Angiographic Image Storage'],
  [`${STORAGE}12.2`, 'X-Ray Radiofluoroscopic Image Storage'],
  [`${STORAGE}13.1.3`, 'Breast Tomosynthesis Image Storage'],
  [`${STORAGE}20`, 'Nuclear Medicine Image Storage'],
  [`${STORAGE}66`, 'Raw Data Storage'],
  [`${STORAGE}66.4`, 'Segmentation Storage'],
  [`${STORAGE}77.1.4`, 'VL Photographic Image Storage'],
  [`${STORAGE}104.1`, 'Encapsulated PDF Storage'],
  [`${STORAGE}104.2`, 'Encapsulated CDA Storage'],
  [`${STORAGE}128`, 'Positron Emission Tomography Image Storage'],
  [`${STORAGE}481.1`, 'RT Image Storage'],
  [`${STORAGE}481.2`, 'RT Dose Storage'],
  [`${STORAGE}481.3`, 'RT Structure Set Storage'],
  [`${STORAGE}481.5`, 'RT Plan Storage'],
]);

export function isStructuredReport(sopClassUid: string): boolean {
  return sopClassUid.startsWith(STRUCTURED_REPORT);
}

/** The PS3.6 name of a SOP class, null for a class (or private class) that is not in our list. */
export function sopClassName(sopClassUid: string): string | null {
  return NAMES.get(sopClassUid) ?? null;
}

/** Facts for a refusal. A UID may travel in it only if it looks like one. */
export function sopClassFacts(sopClassUid: string | null) {
  const uid = uidOrNull(sopClassUid);
  return { sopClassUid: uid, sopClassName: uid === null ? null : sopClassName(uid) };
}

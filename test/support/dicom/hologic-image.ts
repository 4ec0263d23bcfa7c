import { hologicScript, writeHologicImage } from '../../../src/simulate/writers/hologic-image.ts';

export type HologicImage = {
  readonly patientId: string;
  readonly day?: string;
  readonly model?: string;
  readonly scanMode?: string;
  readonly column?: string;
  readonly row?: string;
};

/** The private text of one hip with one value; what is not given is in Hologic's own words. */
function hologicText({ scanMode = 'a Left Hip', column = 'BMD (g/cm2)', row = 'Neck' }: HologicImage): string {
  return hologicScript(
    { ScanMode: scanMode },
    {
      ResultsTable1: [
        ['Region', column],
        [row, '0.812'],
      ],
    },
  );
}

/** An image that a Hologic densitometer might send. */
export function hologicImage(given: HologicImage, text = hologicText(given)): Uint8Array {
  const { patientId, day = '20240305', model = 'Horizon A' } = given;
  const place = [...patientId].map((letter) => letter.charCodeAt(0)).join('');
  return writeHologicImage(
    {
      sopClassUid: '1.2.840.10008.5.1.4.1.1.7',
      sopInstanceUid: `2.25.1${place}`,
      studyInstanceUid: `2.25.2${place}`,
      seriesInstanceUid: `2.25.3${place}`,
      studyDate: day,
      studyTime: '101010',
      contentTime: '101510',
      accessionNumber: 'A1',
      studyDescription: 'DXA',
      instanceNumber: 1,
      manufacturer: 'Hologic',
      // As Hologic writes it; what is stored, listed and mapped is the model alone.
      modelName: `${model} (S/N 8${patientId.length}001)`,
      deviceSerialNumber: '',
      stationName: 'DXA1',
      institutionName: 'Test',
      softwareVersion: '13.6',
      patientName: 'Example^Person',
      patientId,
      issuerOfPatientId: null,
      birthDate: '19500101',
      sex: 'F',
      age: '074Y',
      height: '1.65',
      weight: '70',
      ethnicGroup: null,
      imageComments: null,
    },
    'OT',
    { group: '0019', element: '1000' },
    text,
  );
}

import { GE_ROOT, GE_SCANS } from '../../../src/simulate/writers/ge-vocabulary.ts';
import { imageDataset, SECONDARY_CAPTURE } from '../../../src/simulate/writers/image-dataset.ts';
import { uidOf, writePart10 } from '../../../src/simulate/writers/part10.ts';
import { type KeyObject, writeKeyObject } from '../../../src/simulate/writers/rejection-note.ts';
import { ENHANCED_SR, type SrHeader } from '../../../src/simulate/writers/sr-dataset.ts';
import { containerItem } from '../../../src/simulate/writers/sr-elements.ts';
import { fixtureHeader, writeFixture } from '../../fixtures/definitions/fixture.ts';
import { regions } from '../../fixtures/definitions/ge-builder.ts';

export type GivenReport = {
  /** Names the instance: its UID is made of it. */
  readonly what: string;
  readonly patient?: string;
  readonly issuer?: string | null;
  /** "2020-01-10"; of one day and patient is one study, unless it is named. */
  readonly day: string;
  readonly study?: string;
  readonly contentTime?: string;
  /** g/cm². */
  readonly spine?: string;
  readonly hip?: string;
  readonly name?: string;
};

export const uid = (what: string): string => uidOf(`rejected/${what}`);
export const studyUid = ({
  patient = 'P1',
  day,
  study = `${patient}/${day}`,
}: Pick<GivenReport, 'patient' | 'day' | 'study'>) => uid(`study ${study}`);

function headerOf(given: GivenReport): SrHeader {
  const { what, patient = 'P1', issuer = '', day, contentTime = '102030', name = 'Fixture^Anna' } = given;
  return fixtureHeader(what, {
    ...{
      sopInstanceUid: uid(what),
      studyInstanceUid: studyUid(given),
      seriesInstanceUid: uid(`series ${patient}/${day}`),
    },
    ...{ studyDate: day.replaceAll('-', ''), studyTime: '101500', contentTime, deviceSerialNumber: 'A1' },
    ...{ patientId: patient, issuerOfPatientId: issuer === '' ? null : issuer, patientName: name },
  });
}

/** The bytes of a report of GE Lunar with spine L1-L4 and the left total hip. */
export function reportFile(given: GivenReport): Uint8Array {
  const { spine, hip } = given;
  return writeFixture(headerOf(given), GE_ROOT, [
    ...(spine === undefined ? [] : [containerItem(GE_SCANS.spine, regions({ 'L1-L4': { bmd: spine } }))]),
    ...(hip === undefined ? [] : [containerItem(GE_SCANS.leftFemur, regions({ Total: { bmd: hip } }))]),
  ]);
}

/** The bytes of an image without results. */
export function imageFile(given: GivenReport): Uint8Array {
  const header = { ...headerOf(given), sopClassUid: SECONDARY_CAPTURE };
  return writePart10(SECONDARY_CAPTURE, header.sopInstanceUid, imageDataset(header, 'OT', {}));
}

export type GivenNote = {
  readonly what: string;
  readonly title: KeyObject['title'];
  /** What it names, by the names of reports, images and notes. */
  readonly names: readonly string[];
  readonly patient?: string;
  readonly issuer?: string | null;
  /** "2024-05-01 08:00:00". */
  readonly at?: string;
} & Pick<Partial<KeyObject>, 'reason' | 'description' | 'transferSyntax'>;

/** The bytes of a rejection note, or of another key object. */
export function noteFile(given: GivenNote): Uint8Array {
  const { what, title, names, patient = 'P1', issuer = null, at = '2024-05-01 08:00:00', ...rest } = given;
  const [date = '', time = ''] = at.split(' ');
  return writeKeyObject({
    ...rest,
    ...{ title, sopInstanceUid: uid(what), studyInstanceUid: uid(`study of ${what}`) },
    seriesInstanceUid: uid(`series of ${what}`),
    patient: { name: 'Fixture^Anna', id: patient, issuer, birthDate: '19500301', sex: 'F' },
    ...{ contentDate: date.replaceAll('-', ''), contentTime: time.replaceAll(':', '') },
    names: names.map((name) => ({
      studyInstanceUid: uid(`study of ${name}`),
      seriesInstanceUid: uid(`series of ${name}`),
      sopClassUid: ENHANCED_SR,
      sopInstanceUid: uid(name),
    })),
  });
}

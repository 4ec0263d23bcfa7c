import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import type { SimulatedFile } from '../../../src/simulate/cohort/simulate-cohort.ts';

/** Replaces a text in a file by one of the same length, wherever it stands; the file must hold it. */
function replaceText(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const [old, fresh] = [Buffer.from(from, 'latin1'), Buffer.alloc(from.length)];
  fresh.write(to, 'latin1');
  const copy = Buffer.from(bytes);
  let at = copy.indexOf(old);
  if (at < 0) throw new Error('the file does not hold the text');
  for (; at >= 0; at = copy.indexOf(old, at + old.length)) fresh.copy(copy, at);
  return copy;
}

export function place(dropDir: string, name: string, bytes: Uint8Array): void {
  const path = join(dropDir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}

/** Puts a folder where the archive would put these bytes: taking them fails with an error that quotes the file's name. */
export function obstructArchive(archiveDir: string, bytes: Uint8Array): void {
  const target = join(archiveDir, archivePathOf(createHash('sha256').update(bytes).digest('hex')));
  mkdirSync(join(target, 'in-the-way'), { recursive: true });
}

/** Bytes that differ from the report's in one letter of its name: the same SOP Instance UID, another file. */
const renamed = (bytes: Uint8Array, name: string) => replaceText(bytes, name, `${name.slice(0, -1)}X`);

const changeEnd = (text: string) => `${text.slice(0, -1)}${text.endsWith('7') ? '8' : '7'}`;

/** A new report in the study of a patient who is not its own. */
function ofAnotherPatient(bytes: Uint8Array, { patient_id, sop_instance_uid }: SimulatedFile['truth']): Uint8Array {
  const fresh = replaceText(bytes, sop_instance_uid, changeEnd(sop_instance_uid));
  return replaceText(fresh, patient_id, `${patient_id.slice(0, -1)}X`);
}

export type BadFile = { readonly name: string; readonly bytes: Uint8Array };

/** What reports of `names` ("Family^Given") turn into when they are refused or conflict, with patient values in contents and names. */
export function badFiles(reports: readonly SimulatedFile[], names: readonly string[]): readonly BadFile[] {
  const plain = reports.flatMap(({ bytes, truth }) => {
    const name = names.find((each) => Buffer.from(bytes).includes(each));
    return name === undefined ? [] : [{ bytes, truth, name }];
  });
  return plain.slice(0, 6).flatMap(({ bytes, truth, name }, index) => {
    const folder = `${truth.patient_id}/${index}`;
    const cut = [0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((part) => ({
      name: `${folder}/cut ${part} ${name}.dcm`,
      bytes: bytes.slice(0, Math.floor(bytes.length * part)),
    }));
    const flipped = Array.from({ length: 12 }, (_, flip) => {
      const copy = Buffer.from(bytes);
      for (let at = 140 + 13 * flip; at < copy.length; at += 997) copy[at] = (copy[at] ?? 0) ^ (1 << (flip % 8));
      return { name: `${folder}/flipped ${flip}.dcm`, bytes: copy };
    });
    return [
      ...cut,
      ...flipped,
      { name: `${folder}/text.txt`, bytes: Buffer.from(`PID|||${truth.patient_id}||${name}\r\n`.repeat(20 + index)) },
      { name: `${folder}/renamed.dcm`, bytes: renamed(bytes, name) },
      { name: `${folder}/other patient.dcm`, bytes: ofAnotherPatient(bytes, truth) },
      { name: `${folder}/uid.dcm`, bytes: replaceText(bytes, truth.study_instance_uid, truth.patient_id) },
    ];
  });
}

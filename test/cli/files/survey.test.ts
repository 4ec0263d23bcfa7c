import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { dicomFile, type Item } from '../../support/dicom/dicom-bytes.ts';
import { BMD, container, item, num, report } from '../../support/dicom/dicom-report.ts';
import { hologicImage } from '../../support/dicom/hologic-image.ts';
import { recordErrors } from '../../support/recorded-log.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

describe('dxaflow survey', { timeout: 120_000 }, () => {
  let folder: string;
  let archive: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-survey-'));
    archive = join(folder, 'archive');
    mkdirSync(join(archive, 'Zqfolder Miller', 'Zqinner 19550317'), { recursive: true });
    const { files, truth } = simulateCohort({ patients: 15, seed: 3, variety: 'every' });
    const [secret = 'Zqnone'] = truth.planted_values;
    for (const { name, bytes } of files) {
      writeFileSync(
        join(archive, 'Zqfolder Miller', 'Zqinner 19550317', `${secret.replace(/\W/g, '_')}-${name}`),
        bytes,
      );
    }
    writeFileSync(join(archive, 'Zqmiller^Zqanna 19550317.dcm'), 'no DICOM');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const survey = async (...given: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
    const env = { PATH: process.env['PATH'] ?? '', ARCHIVE_DIR: archive, DXAFLOW_HOME: folder };
    return await new Promise((resolve) => {
      execFile(process.execPath, [CLI, 'survey', ...given], { env, maxBuffer: 1 << 26 }, (error, out, err) => {
        recordErrors('cli', err);
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  };

  it('writes one file of the archive, without a value of a patient or the name of a file in it', async () => {
    const path = join(folder, 'survey.json');
    expect(await survey('--out', path)).toEqual({ code: 0, out: '', err: '' });
    const text = readFileSync(path, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ format: 'dxaflow survey 2', outcomes: { NOT_DICOM: 1 } });
    const { truth } = simulateCohort({ patients: 15, seed: 3, variety: 'every' });
    for (const value of truth.planted_values) expect(text).not.toContain(value);
    expect(text).not.toMatch(/zq|miller|19550317|dxaflow-survey/i);
    expect(text.length).toBeLessThan(150_000);
    const checked = await survey('--check', path);
    expect(checked).toEqual({
      code: 0,
      out: expect.stringMatching(/^Everything in the survey of \d+ files is read by this release\.\n$/),
      err: '',
    });
  });

  it('checks one with what is not read: in counts, with what would help, and ends with 1', async () => {
    const images = join(folder, 'images');
    mkdirSync(images);
    for (let index = 0; index < 12; index += 1) {
      const bytes = hologicImage({ patientId: `ID${'x'.repeat(index)}`, column: 'Dichte[g/cm2]' });
      writeFileSync(join(images, `${index}.dcm`), bytes);
    }
    writeFileSync(join(images, 'mode.dcm'), hologicImage({ patientId: 'M', scanMode: 'a Thoracic Spine' }));
    const path = join(folder, 'images.json');
    writeFileSync(path, (await survey(images)).out);
    // Twelve files of one name and birth date are of one patient: what they say is counted and not shown.
    const { code, out } = await survey('--check', path);
    expect(code).toBe(1);
    expect(out.split('\n')[0]).toBe('Not read by this release, in a survey of 13 files:');
    expect(out).toMatch(/measure +hologic +<1 word> +12 +12 +look/);
    expect(out).toMatch(/scan +hologic +<3 words or more> +1 +1 +look/);
    expect(out).toMatch(/^look: .*dxaflow map unmapped/m);
    expect(out).not.toMatch(/^map:/m);
  });

  it('shows nothing but known words when it is asked to', async () => {
    const { out } = await survey('--known-only', archive);
    const { forms } = JSON.parse(out) as { forms: { software: Record<string, number> }[] };
    expect(forms.flatMap(({ software }) => Object.keys(software)).every((version) => version === '<version>')).toBe(
      true,
    );
  });

  it('keeps back what twelve patients share unless their words are those of things, or a person looks through them', async () => {
    const reports = join(folder, 'reports');
    mkdirSync(reports);
    for (let index = 0; index < 12; index += 1) {
      const attributes: Item = [
        [0x00100010, 'PN', `Family${index}^Given${index}`],
        [0x00100020, 'LO', `ID-${index}`],
        [0x00100030, 'DA', `19${50 + index}0101`],
      ];
      const of = (label: string) => item('CONTAINER', ['1', 'GELUNAR', label], []);
      const children = [container('AP Spine', [num(BMD, '1')]), of('Schenkelhals'), of('Hals Kowalczyk')];
      writeFileSync(join(reports, `${index}.dcm`), dicomFile(report(children, { attributes })));
    }
    const usual = await survey(reports);
    expect([usual.out.includes('Schenkelhals'), usual.out.includes('Kowalczyk'), usual.err]).toEqual([true, false, '']);
    const shared = await survey('--shared-labels', reports);
    expect([shared.code, shared.out.includes('Hals Kowalczyk')]).toEqual([0, true]);
    expect(shared.err).toMatch(/^Look through these texts .*\n {2}Hals Kowalczyk\n$/);
    expect((await survey('--shared-labels', '--known-only', reports)).code).toBe(2);
  });

  it('refuses to check what is no survey, and a file that is not there', async () => {
    const path = join(folder, 'other.json');
    for (const text of ['', '{}', '[]', 'null', '{"format":"dxaflow survey 1"}', '{'.repeat(100_000)]) {
      writeFileSync(path, text);
      expect(await survey('--check', path)).toMatchObject({ code: 2, err: expect.stringContaining('SURVEY_INVALID') });
    }
    expect(await survey('--check', join(folder, 'nowhere'))).toMatchObject({ code: 2 });
    expect(await survey(join(folder, 'nowhere'))).toMatchObject({ code: 2 });
  });
});

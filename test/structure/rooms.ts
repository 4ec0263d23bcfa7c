/**
 * Floors of a folder, lowest first: a room may import of the floors below it, and nothing of its own floor or above.
 * '.' are the files that stand beside the rooms.
 */
export type Floors = readonly (readonly string[])[];

/** Every folder of src, and what it may import of the others; lowest first, so that no arrow runs back. */
export const FOLDERS: Readonly<Record<string, { readonly imports: readonly string[]; readonly floors?: Floors }>> = {
  dxa: {
    imports: [],
    floors: [
      ['values'],
      ['study'],
      ['scan'],
      ['precision'],
      ['comparability'],
      ['change'],
      ['metadata'],
      ['discordance'],
      ['explanations', 'cases', 'report'],
      ['.'],
    ],
  },
  errors: { imports: [] },
  credentials: { imports: [] },
  health: { imports: ['dxa', 'errors'] },
  dicom: {
    imports: ['dxa'],
    floors: [['document'], ['encoding'], ['text'], ['tree'], ['.']],
  },
  vendors: {
    imports: ['dxa', 'dicom'],
    floors: [['text'], ['report'], ['ge-lunar', 'hologic', 'generic'], ['.']],
  },
  survey: { imports: ['dxa', 'dicom', 'vendors'] },
  simulate: {
    imports: ['dxa'],
    floors: [['scanner'], ['writers'], ['visit'], ['cohort']],
  },
  embedded: { imports: ['dxa', 'errors'] },
  db: {
    imports: ['dxa', 'errors', 'health'],
    floors: [
      ['.'],
      ['schema', 'access', 'files', 'registry', 'rejection'],
      ['health', 'records', 'night'],
      ['cases'],
      ['judgement', 'qa-list'],
    ],
  },
  queue: { imports: ['errors', 'health', 'db'] },
  jobs: {
    imports: ['dxa', 'errors', 'health', 'dicom', 'vendors', 'db', 'queue'],
    floors: [
      ['.'],
      ['archive', 'registry', 'rejection', 'assess'],
      ['intake', 'ingest', 'cases', 'merge', 'preview', 'settings'],
      ['work', 'moves'],
      ['nightly'],
    ],
  },
  codes: { imports: ['dxa', 'health', 'dicom', 'vendors', 'embedded', 'db', 'jobs'] },
  http: {
    imports: ['dxa', 'errors', 'credentials', 'health', 'dicom', 'db', 'queue', 'jobs', 'codes'],
    floors: [['answer', 'assets'], ['access'], ['view'], ['chart'], ['pages', 'registry'], ['routes'], ['api'], ['.']],
  },
  runtime: { imports: ['errors', 'health', 'dicom', 'embedded', 'db', 'queue', 'jobs', 'http'] },
  processes: { imports: ['dxa', 'errors', 'credentials', 'db', 'queue', 'jobs', 'http', 'runtime'] },
  cli: {
    imports: [
      'dxa',
      'errors',
      'credentials',
      'dicom',
      'vendors',
      'survey',
      'simulate',
      'embedded',
      'db',
      'queue',
      'jobs',
      'codes',
      'runtime',
      'processes',
    ],
    floors: [['terminal'], ['cases', 'files', 'registry', 'people'], ['run'], ['.']],
  },
};

/** What folders that are functions of their arguments may use besides: no I/O, no clock, no environment. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  dxa: ['jstat', 'node:crypto'], // hashes, no randomness
  dicom: ['iconv-lite', 'node:zlib', 'node:buffer'],
  vendors: ['saxes'],
  survey: ['zod'],
  codes: [],
};

/** Packages that one place of src stands for. */
export const ONLY_IN: Readonly<Record<string, { readonly place: string; readonly because: string }>> = {
  ghtml: { place: 'src/http/answer/html.ts', because: 'it writes out what cannot be seen as well' },
  dcmjs: { place: 'src/simulate/', because: 'it writes what is simulated, and reads in tests only' },
  'pure-rand': { place: 'src/simulate/', because: 'chance is for what is simulated' },
  fastify: { place: 'src/http/', because: 'nothing below answers requests' },
  commander: { place: 'src/cli/', because: 'nothing below has a command line' },
  bullmq: { place: 'src/queue/', because: 'jobs know a queue, not whose it is' },
};

/** More modules than this in one folder cannot be seen at a glance. */
export const MOST_IN_A_FOLDER = 20;

import { z } from 'zod';
import { lockRegistry } from '../../db/audit.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { MARKER_UNITS } from '../../db/records/context.ts';
import {
  type MarkerRow,
  type Recorded,
  type RiskRow,
  type TherapyRow,
  touchPatientsNamed,
  writeMarkers,
  writeRisks,
  writeTherapies,
} from '../../db/records/context-writing.ts';
import { AGENTS, MARKERS } from '../../dxa/study/context.ts';
import { day, optional, parseCsvRows, text } from './csv-rows.ts';

export const CONTEXT_KINDS = ['therapy', 'markers', 'risks'] as const;
export type ContextKind = (typeof CONTEXT_KINDS)[number];

const CODE = 'CONTEXT_INVALID';

const RECORDED = {
  patient_id: text('the patient'),
  issuer_of_patient_id: z.string().default(''),
  note: z.string().max(2000, { error: 'must be shorter' }).default(''),
  source: text('source of the information'),
  recorded_by: text('who is responsible for it'),
};

const recorded = (row: z.infer<z.ZodObject<typeof RECORDED>>): Recorded => ({
  patientId: row.patient_id,
  issuerOfPatientId: row.issuer_of_patient_id,
  note: row.note,
  source: row.source,
  recordedBy: row.recorded_by,
});

/** Finds a line that says the same fact as one above it: which of the two is valid cannot be decided. */
function onlyOnce() {
  const lines = new Map<string, number>();
  return (line: number, ...fact: readonly string[]): string | null => {
    const key = JSON.stringify(fact);
    const before = lines.get(key);
    lines.set(key, line);
    return before === undefined ? null : `says the same fact as line ${before}`;
  };
}

const THERAPY = z.object({
  ...RECORDED,
  agent: z.enum([...AGENTS, 'none'], { error: `must be one of ${AGENTS.join(', ')}, or none` }),
  started_on: day,
  ended_on: optional(day),
});

function parseTherapies(csv: string): readonly TherapyRow[] {
  const repeated = onlyOnce();
  return parseCsvRows(csv, CODE, THERAPY, (row, line) => {
    if (row.ended_on !== null && row.ended_on < row.started_on) return 'ended_on must not be before started_on';
    const fact = recorded(row);
    return (
      repeated(line, fact.issuerOfPatientId, fact.patientId, row.agent, row.started_on) ?? {
        ...fact,
        agent: row.agent,
        startedOn: row.started_on,
        endedOn: row.ended_on,
      }
    );
  });
}

const MARKER = z.object({
  ...RECORDED,
  marker: z.enum(MARKERS, { error: `must be one of ${MARKERS.join(', ')}` }),
  taken_on: day,
  value: z
    .string()
    .regex(/^(?=.*[1-9])\d{1,8}(\.\d{1,6})?$/, { error: 'must be a number above 0 with a decimal point' }),
  unit: text('the unit'),
});

function parseMarkers(csv: string): readonly MarkerRow[] {
  const repeated = onlyOnce();
  return parseCsvRows(csv, CODE, MARKER, (row, line) => {
    const units = Object.keys(MARKER_UNITS[row.marker]);
    if (!units.includes(row.unit)) return `unit of ${row.marker} must be one of ${units.join(', ')}`;
    const fact = recorded(row);
    return (
      repeated(line, fact.issuerOfPatientId, fact.patientId, row.marker, row.taken_on) ?? {
        ...fact,
        marker: row.marker,
        takenOn: row.taken_on,
        value: row.value,
        unit: row.unit,
      }
    );
  });
}

/** What each factor may say; the database holds the same. */
const FACTORS = {
  adherence: { values: /^(taken|partly_taken|not_taken)$/, says: 'taken, partly_taken or not_taken' },
  secondary_cause: { values: /^.{1,200}$/, says: 'a cause in a few words, or none' },
  falls_in_last_year: { values: /^\d{1,3}$/, says: 'a whole number' },
  vertebral_fracture_assessment: { values: /^(done|not_done)$/, says: 'done or not_done' },
} as const;

const FACTOR_NAMES = Object.keys(FACTORS) as (keyof typeof FACTORS)[];

const RISK = z.object({
  ...RECORDED,
  factor: z.enum(FACTOR_NAMES, { error: `must be one of ${FACTOR_NAMES.join(', ')}` }),
  value: text('the value'),
  noted_on: day,
});

function parseRisks(csv: string): readonly RiskRow[] {
  const repeated = onlyOnce();
  return parseCsvRows(csv, CODE, RISK, (row, line) => {
    const { values, says } = FACTORS[row.factor];
    if (!values.test(row.value)) return `value of ${row.factor} must be ${says}`;
    const fact = recorded(row);
    return (
      repeated(line, fact.issuerOfPatientId, fact.patientId, row.factor, row.value, row.noted_on) ?? {
        ...fact,
        factor: row.factor,
        value: row.value,
        notedOn: row.noted_on,
      }
    );
  });
}

export type ContextImport = {
  readonly lines: number;
  readonly changed: number;
  readonly patientsToAssess: number;
  /** Identifiers of which no scan has come yet; what was said of them is used once one does. */
  readonly notSeenYet: number;
};

type Parsed = { readonly rows: readonly Recorded[]; readonly write: (database: Queryable) => Promise<number> };

/** Reads a context CSV; CONTEXT_INVALID names every line that breaks a rule, and then nothing at all is imported. */
function parseContext(kind: ContextKind, csv: string): Parsed {
  switch (kind) {
    case 'therapy': {
      const rows = parseTherapies(csv);
      return { rows, write: (database) => writeTherapies(database, rows) };
    }
    case 'markers': {
      const rows = parseMarkers(csv);
      return { rows, write: (database) => writeMarkers(database, rows) };
    }
    case 'risks': {
      const rows = parseRisks(csv);
      return { rows, write: (database) => writeRisks(database, rows) };
    }
    default:
      return kind satisfies never;
  }
}

/** Puts context on file, all lines or none, and marks its patients for a new judgement; the sweep sees to it. */
export async function importContext(pool: Pool, kind: ContextKind, csv: string): Promise<ContextImport> {
  const { rows, write } = parseContext(kind, csv);
  return await inTransaction(pool, async (transaction) => {
    // Patients being assessed at this moment have not seen it and are marked below; imports run one after the other.
    await lockRegistry(transaction);
    const changed = await write(transaction);
    const touched =
      changed === 0 ? { patientsToAssess: 0, notSeenYet: 0 } : await touchPatientsNamed(transaction, rows);
    return { lines: rows.length, changed, ...touched };
  });
}

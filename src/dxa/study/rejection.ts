import type { IsoDate, LocalDateTime } from '../values/report.ts';

/** Titles of PS3.16 CID 7010 that IHE gives to rejection notes (RAD TF-3 4.66), and dcm4chee's own that takes one back. */
export const REJECTION_TITLES = [
  'quality',
  'patient_safety',
  'wrong_worklist_entry',
  'retention_expired',
  'restore',
] as const;
export type RejectionTitle = (typeof REJECTION_TITLES)[number];

/** That an archive lets go of an instance says nothing of what it holds; and what was taken out a person puts back. */
const takesOut = (title: RejectionTitle): boolean => title !== 'retention_expired' && title !== 'restore';

export type PersonId = { readonly issuerOfPatientId: string; readonly patientId: string };

/** An instance that a note names, as far as the note says where it is filed. */
export type NamedInstance = {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string | null;
  readonly studyInstanceUid: string | null;
  readonly seriesInstanceUid: string | null;
};

export type RejectionNote = {
  readonly sopInstanceUid: string;
  /** Empty where the note gives no date that can be believed: it then comes before every other. */
  readonly contentAt: IsoDate | LocalDateTime | '';
  readonly title: RejectionTitle;
  readonly patient: PersonId | null;
  readonly studyInstanceUid: string | null;
  /** What the sender says beside the title. */
  readonly reasons: readonly string[];
  readonly description: string | null;
  readonly names: readonly NamedInstance[];
};

/**
 * What became of an instance that a note names. waiting: nothing of it is on record. no_values: its file is, without
 * values. applied: out of use by this note. other_patient: on record under another patient, left as it is. overruled: a
 * person put it back in use. confirmed: a person took it out, with this note before them. note_rejected: a later note
 * rejects this one. no_effect: the title takes nothing out.
 */
export const TARGET_STATUSES = [
  'waiting',
  'no_values',
  'applied',
  'other_patient',
  'overruled',
  'confirmed',
  'note_rejected',
  'no_effect',
] as const;
export type TargetStatus = (typeof TARGET_STATUSES)[number];

/** A note on record with those of its instances that are asked about. */
export type NoteOnRecord = Pick<RejectionNote, 'sopInstanceUid' | 'contentAt' | 'title' | 'patient'> & {
  readonly names: readonly string[];
};

/** What is on record under a SOP Instance UID. */
export type Subject = {
  readonly sopInstanceUid: string;
  readonly kind: 'report' | 'note' | 'file without values';
  /** Every id of whom it is about, those found to be one person included; none where it names no patient. */
  readonly ids: readonly PersonId[];
};

/** What a person said of an instance last, and which notes they had before them. */
export type InstanceDecision = {
  readonly sopInstanceUid: string;
  readonly decision: 'in_use' | 'out_of_use';
  readonly answers: readonly string[];
};

export type JudgedRejections = {
  /** Status by note and instance. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<string, TargetStatus>>;
  readonly outOfUse: ReadonlySet<string>;
};

/** Ids agree unless they differ; an issuer that one does not name is no difference. */
const isSameId = (a: PersonId, b: PersonId): boolean =>
  a.patientId === b.patientId &&
  (a.issuerOfPatientId === b.issuerOfPatientId || a.issuerOfPatientId === '' || b.issuerOfPatientId === '');

const isAbout = ({ patient }: NoteOnRecord, { ids }: Subject): boolean =>
  patient === null || ids.length === 0 || ids.some((id) => isSameId(id, patient));

const isLater = (a: NoteOnRecord, b: NoteOnRecord): boolean =>
  a.contentAt === b.contentAt ? a.sopInstanceUid > b.sopInstanceUid : a.contentAt > b.contentAt;

/**
 * Which instances are out of use. A note takes out what it names if it is about the same patient and is not itself rejected
 * by a later one; a person's decision goes before the notes that it answers, and no other. A function of the set: in which
 * order notes and reports came means nothing. `notes` must hold every note that names an instance asked about, or a note
 * among them, and so on.
 */
export function judgeRejections(
  notes: readonly NoteOnRecord[],
  subjects: readonly Subject[],
  decisions: readonly InstanceDecision[],
): JudgedRejections {
  const onRecord = new Map(subjects.map((subject) => [subject.sopInstanceUid, subject]));
  const decided = new Map(decisions.map((decision) => [decision.sopInstanceUid, decision]));
  const byUid = new Map(notes.map((note) => [note.sopInstanceUid, note]));
  const statuses = new Map<string, ReadonlyMap<string, TargetStatus>>();
  const outOfUse = new Set<string>();
  for (const { sopInstanceUid, decision } of decisions) if (decision === 'out_of_use') outOfUse.add(sopInstanceUid);

  const statusOf = (note: NoteOnRecord, uid: string): TargetStatus => {
    const decision = decided.get(uid);
    const answer = decision?.answers.includes(note.sopInstanceUid) === true ? decision.decision : null;
    if (answer !== null) return answer === 'in_use' ? 'overruled' : 'confirmed';
    const named = byUid.get(uid);
    if (!takesOut(note.title) || (named !== undefined && !isLater(note, named))) return 'no_effect';
    if (outOfUse.has(note.sopInstanceUid)) return 'note_rejected';
    const subject = onRecord.get(uid);
    if (subject === undefined) return 'waiting';
    if (!isAbout(note, subject)) return 'other_patient';
    return subject.kind === 'file without values' ? 'no_values' : 'applied';
  };
  // The latest first: whether a note holds is settled before what it names is.
  for (const note of notes.toSorted((a, b) => (isLater(a, b) ? -1 : 1))) {
    const of = new Map(note.names.map((uid) => [uid, statusOf(note, uid)]));
    statuses.set(note.sopInstanceUid, of);
    for (const [uid, status] of of) if (status === 'applied') outOfUse.add(uid);
  }
  return { statuses, outOfUse };
}

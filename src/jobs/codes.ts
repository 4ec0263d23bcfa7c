import type { CodeEntry } from '../dxa/finding.ts';

/** Outcomes that belong to the way of a file rather than to its contents. */
export const JOB_CODES = {
  READER_TIMEOUT: {
    text: 'Reading the file took longer than the deadline and was given up.',
    remedy: 'Keep the file and report it; dxaflow inspect shows how far reading gets. Other files are not affected.',
    permanence: 'permanent',
  },
  READER_CRASHED: {
    text: 'The file broke its reader, which was replaced.',
    remedy: 'Keep the file and report it; it is quarantined. Other files are not affected.',
    permanence: 'permanent',
  },
  SOP_INSTANCE_CONFLICT: {
    text: 'Another file with other contents has the same SOP Instance UID and came first. Both are kept; the values of the first stand.',
    remedy: 'Ask which of the two the sender means. One of the two was changed after it was sent.',
    permanence: 'permanent',
  },
  STUDY_OF_ANOTHER_PATIENT: {
    text: 'The Study Instance UID already belongs to a study of another patient. Nothing of this file was stored.',
    remedy: 'Correct the patient at the scanner or in the archive and send the study again.',
    permanence: 'permanent',
  },
  ARCHIVE_MISSING: {
    text: 'The archived bytes of the file are gone.',
    remedy: 'Restore the archive folder from the backup; processing goes on by itself.',
    permanence: 'transient',
  },
  ARCHIVE_DAMAGED: {
    text: 'The archived bytes are not those that were received.',
    remedy: 'Restore the file from the backup and check the disk.',
    permanence: 'transient',
  },
  PROCESSING_FAILED: {
    text: 'Processing failed at every attempt for a reason that lies outside the file.',
    remedy: 'Look up the file id in the log of the ingest process, cure the cause, and ingest the file again.',
    permanence: 'transient',
  },
} as const satisfies Record<string, CodeEntry>;

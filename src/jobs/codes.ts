import type { CodeEntry } from '../dxa/values/finding.ts';

/** Outcomes that belong to the way of a file rather than to its contents. */
export const JOB_CODES = {
  READER_TIMEOUT: {
    text: 'Reading the file exceeded the time limit and was aborted.',
    remedy:
      'Every nightly run retries it; values stored earlier are kept. If it happens again, keep the file and report it; dxaflow inspect shows how far reading gets. Other files are not affected.',
    permanence: 'permanent',
  },
  READER_CRASHED: {
    text: 'The file crashed its reader, which was restarted.',
    remedy:
      'Every nightly run retries it; values stored earlier are kept. If it happens again, keep the file and report it. Other files are not affected.',
    permanence: 'permanent',
  },
  SOP_INSTANCE_CONFLICT: {
    text: 'Another file with other content has the same SOP Instance UID. Both are kept; the values of the later analysis are used.',
    remedy:
      'Ask the sender which of the two is valid: one was changed after it was sent. If the other is withdrawn, this one is reprocessed automatically.',
    permanence: 'permanent',
  },
  MAPPINGS_CHANGED: {
    text: 'The site mappings changed while the file was read; nothing was stored.',
    remedy: 'Nothing to do: it is reprocessed immediately with the current mappings.',
    permanence: 'transient',
  },
  STUDY_OF_TWO_PATIENTS: {
    text: 'Reports under one Study Instance UID name two patients. Their values are stored, but the study is assessed for neither.',
    remedy:
      'If both IDs are the same person, merge them (dxaflow patient merge). Otherwise correct the patient in the PACS and send the report again.',
    permanence: 'permanent',
  },
  REPORTS_CONTRADICT: {
    text: 'Reports of one study give different BMDs for one region, and the analysis time does not show which is later.',
    remedy: 'Compare with the printout. Until then the report with the greater SOP Instance UID is used.',
    permanence: 'permanent',
  },
  ANALYSED_AGAIN: {
    text: 'A region of the study was reanalysed with a different BMD; the later analysis is used, the earlier one is kept.',
    remedy: 'Nothing to do if the analysis was meant to be corrected.',
    permanence: 'permanent',
  },
  SAME_CONTENT_AGAIN: {
    text: 'Reports of the study contain the same results under different SOP Instance UIDs; they are used once.',
    remedy: 'Nothing to do; look at the send rules of the densitometer if it happens often.',
    permanence: 'permanent',
  },
  STUDY_DATES_DIFFER: {
    text: 'Reports of one study give different scan dates; the earliest is used.',
    remedy: 'Check Study Date and acquisition times in the PACS.',
    permanence: 'permanent',
  },
  STUDY_DEMOGRAPHICS_DIFFER: {
    text: 'Reports of one study differ in sex, birth date or ethnic group; those of the latest analysis are used.',
    remedy: 'Correct the demographics at the densitometer or in the PACS.',
    permanence: 'permanent',
  },
  STUDY_SCANNERS_DIFFER: {
    text: 'Reports of one study come from different scanners.',
    remedy: 'Check whether two examinations were filed under one study.',
    permanence: 'permanent',
  },
  VENDOR_PRIOR_DIFFERS: {
    text: 'A later report shows a BMD for this scan that differs from every stored report of it.',
    remedy: 'The scan was probably reanalysed: ask for its report to be sent again.',
    permanence: 'permanent',
  },
  VENDOR_CHANGE_DIFFERS: {
    text: 'The change printed by the vendor differs from the change between the stored scans.',
    remedy: 'The vendor used another scan, side or region, or a scan has not been received. Compare both reports.',
    permanence: 'permanent',
  },
  REJECTION_WAITING: {
    text: 'A rejection note names an instance that has not been received. It is pending: when the report arrives, it is out of use from the start.',
    remedy:
      'Nothing to do for images and for reports that are not sent here. If the report should have been received, check the refused and failed files.',
    permanence: 'permanent',
  },
  REJECTION_NO_VALUES: {
    text: 'A rejection note names an instance whose file was received and contains no values.',
    remedy: 'Nothing to do.',
    permanence: 'permanent',
  },
  REJECTION_APPLIED: {
    text: 'A rejection note took the report out of use: its values are kept but not used.',
    remedy:
      'Nothing to do if that was intended. Otherwise put it back in use: the page of its file, or dxaflow rejection restore.',
    permanence: 'permanent',
  },
  REJECTION_OTHER_PATIENT: {
    text: 'A rejection note names a report that is on record under another patient. The report stays in use until it has been reviewed.',
    remedy:
      'Compare both patients. If they are the same person, merge them, and the note takes effect. Otherwise take the report out of use or keep it (page of the file, dxaflow rejection take-out or restore).',
    permanence: 'permanent',
  },
  REJECTION_OVERRULED: {
    text: 'A person put the report back in use after this rejection note named it.',
    remedy: 'Nothing to do: the note is not applied again. A later note is.',
    permanence: 'permanent',
  },
  REJECTION_CONFIRMED: {
    text: 'A person took the report out of use, having seen this rejection note.',
    remedy: 'Nothing to do; dxaflow rejection restore undoes it.',
    permanence: 'permanent',
  },
  REJECTION_NOTE_REJECTED: {
    text: 'The rejection note was itself rejected, by a later note or a person. It has no effect.',
    remedy: 'Nothing to do.',
    permanence: 'permanent',
  },
  REJECTION_NO_EFFECT: {
    text: 'The note takes nothing out of use: it reports an expired retention period, or a rejection that the archive has revoked.',
    remedy:
      'Nothing to do after a retention period. Some archives use this title for rejected instances: if so, take the report out of use on the page of its file. When an archive revokes a rejection, a person has to put the report back in use.',
    permanence: 'permanent',
  },
  PINNED_BASELINE_OUT_OF_USE: {
    text: 'The scan that a person pinned as the baseline of a region is out of use. The first comparable scan is used instead.',
    remedy: 'Pin another scan (dxaflow baseline pin), or put this one back in use.',
    permanence: 'permanent',
  },
  INSTANCE_UNKNOWN: {
    text: 'Nothing was changed: no stored report or rejection note refers to this file or instance.',
    remedy:
      'Name the file of a report or of a rejection note, or a SOP Instance UID that dxaflow rejection list shows.',
    permanence: 'permanent',
  },
  CHANGED_AFTER_READING: {
    text: 'The sender kept writing after these bytes were read. The later version of the file replaces them.',
    remedy:
      'Nothing to do for this one; look at the file that followed it. If it happens often, raise DROP_STABLE_MS or have the sender write under a temporary name.',
    permanence: 'permanent',
  },
  PATIENT_MERGE_DISAGREES: {
    text: 'Two patients were not merged: their reports disagree in name, sex or birth date.',
    remedy:
      'Compare both side by side (dxaflow patient merge --preview, or the page of the patient). If they are the same person nevertheless, say why; the reason is recorded in the audit log.',
    permanence: 'permanent',
  },
  PATIENT_MERGE_PHANTOM: {
    text: 'Two patients were not merged: one of them is a phantom or test patient.',
    remedy:
      'Nothing to do if it is one. If it is a person, retire the pattern that matches it (dxaflow patient phantom list), then merge.',
    permanence: 'permanent',
  },
  PATIENT_MERGE_CIRCLE: {
    text: 'Two patients were not merged: they are already merged, or the second was merged into the first.',
    remedy: 'Look at the merges in force with dxaflow patient list-merges.',
    permanence: 'permanent',
  },
  PATIENT_MERGED_ALREADY: {
    text: 'Two patients were not merged: the first is merged into another.',
    remedy: 'Undo that merge first (dxaflow patient unmerge).',
    permanence: 'permanent',
  },
  PATIENT_NOT_MERGED: {
    text: 'There is no merge of this patient to undo.',
    remedy: 'Look at the merges in force with dxaflow patient list-merges.',
    permanence: 'permanent',
  },
  PATIENT_UNKNOWN: {
    text: 'No stored report names this patient.',
    remedy: 'Give the ID as written in the reports, with its issuer if it has one: ID^^^ISSUER.',
    permanence: 'permanent',
  },
  PATIENT_AMBIGUOUS: {
    text: 'This patient ID exists under several issuers.',
    remedy: 'Give it with its issuer: ID^^^ISSUER.',
    permanence: 'permanent',
  },
  SETTING_UNKNOWN: {
    text: 'There is no setting of this name.',
    remedy: 'Choose one of the names that the message lists (dxaflow settings list).',
    permanence: 'permanent',
  },
  SETTING_INVALID: {
    text: 'The setting does not take this value; nothing was changed.',
    remedy: 'The message says what it takes (dxaflow settings show NAME).',
    permanence: 'permanent',
  },
  SETTING_CONTRADICTS: {
    text: 'The value contradicts another setting; nothing was changed.',
    remedy: 'Change the other setting first, or choose another value.',
    permanence: 'permanent',
  },
  REASON_EMPTY: {
    text: 'The change was not made: no reason was given.',
    remedy: 'Say why; the reason is kept with the change.',
    permanence: 'permanent',
  },
  ASSIGNEE_UNKNOWN: {
    text: 'The case was not assigned: there is no active reviewer of this name.',
    remedy:
      'Choose one of the names that the message lists, or add the person with dxaflow user add NAME --role reviewer.',
    permanence: 'permanent',
  },
  ARCHIVE_MISSING: {
    text: 'The archived bytes of the file are gone.',
    remedy:
      'Send the report again, or restore the archive folder from the backup; processing goes on by itself. The file stays listed until then.',
    permanence: 'transient',
  },
  ARCHIVE_DAMAGED: {
    text: 'The archived bytes are not those that were received.',
    remedy:
      'Check the disk. Send the report again, or restore the file from the backup; the file stays listed until then.',
    permanence: 'transient',
  },
  NIGHT_RUNNING: {
    text: 'A nightly or manual run is in progress, or a waiting nightly run is about to start.',
    remedy: 'Wait until it ends (see Nights or dxaflow night list), then try again.',
    permanence: 'transient',
  },
  NIGHT_NOT_BEGUN: {
    text: 'The process stopped while a nightly run was waiting for the current run.',
    remedy: 'Nothing to do: the nightly run starts once a nightly process is up and the current run has ended.',
    permanence: 'transient',
  },
  PROCESSING_FAILED: {
    text: 'Processing failed at every attempt for a reason outside the file.',
    remedy:
      'Look up the number of the file or patient in the log of the ingest or assess process and fix the cause; then retry it from the page Failed or with dxaflow failed requeue.',
    permanence: 'transient',
  },
  WORKER_CRASHED: {
    text: 'Processes repeatedly crashed or hung on it; it was set aside so that it blocks nothing else.',
    remedy:
      'It is not retried automatically, not even by the nightly run. Check why the process ended (memory, disk), then retry it from the page Failed or with dxaflow failed requeue. If it happens again, keep the file and report it.',
    permanence: 'transient',
  },
} as const satisfies Record<string, CodeEntry>;

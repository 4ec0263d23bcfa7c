import type { CodeEntry } from '../dxa/values/finding.ts';

/** Outcomes that belong to the way of a file rather than to its contents. */
export const JOB_CODES = {
  READER_TIMEOUT: {
    text: 'Reading the file took longer than the deadline and was given up.',
    remedy:
      'Every night tries it again; what an earlier reading stored stays. If it comes back, keep the file and report it; dxaflow inspect shows how far reading gets. Other files are not affected.',
    permanence: 'permanent',
  },
  READER_CRASHED: {
    text: 'The file broke its reader, which was replaced.',
    remedy:
      'Every night tries it again; what an earlier reading stored stays. If it comes back, keep the file and report it. Other files are not affected.',
    permanence: 'permanent',
  },
  SOP_INSTANCE_CONFLICT: {
    text: 'Another file with other content has the same SOP Instance UID. Both are kept; the values of the later analysis stand.',
    remedy:
      'Ask which of the two the sender means. One of the two was changed after it was sent. Should the other be taken back, this one is read again by itself.',
    permanence: 'permanent',
  },
  MAPPINGS_CHANGED: {
    text: 'The site mappings changed while the file was read; nothing was stored.',
    remedy: 'Nothing to do: it is read again at once with the mappings in force.',
    permanence: 'transient',
  },
  STUDY_OF_TWO_PATIENTS: {
    text: 'Reports under one Study Instance UID name two patients. Their values are stored, and the study is judged for neither.',
    remedy:
      'If both ids are the same person, merge them (dxaflow patient merge). Otherwise correct the patient in the PACS and send the report again.',
    permanence: 'permanent',
  },
  REPORTS_CONTRADICT: {
    text: 'Reports of one study give different BMDs for one region, and the time of analysis does not say which is the later.',
    remedy: 'Compare with the printout. The report with the greater SOP Instance UID stands meanwhile.',
    permanence: 'permanent',
  },
  ANALYSED_AGAIN: {
    text: 'A region of the study was analysed again with another BMD; the later analysis stands, the earlier one is kept.',
    remedy: 'Nothing to do if the analysis was meant to be corrected.',
    permanence: 'permanent',
  },
  SAME_CONTENT_AGAIN: {
    text: 'Reports of the study hold the same results under different SOP Instance UIDs; they count once.',
    remedy: 'Nothing to do; look at the send rules of the densitometer if it happens often.',
    permanence: 'permanent',
  },
  STUDY_DATES_DIFFER: {
    text: 'Reports of one study give different days of the scan; the earliest stands.',
    remedy: 'Check Study Date and acquisition times in the PACS.',
    permanence: 'permanent',
  },
  STUDY_DEMOGRAPHICS_DIFFER: {
    text: 'Reports of one study differ in sex, birth date or ethnic group; those of the latest analysis stand.',
    remedy: 'Correct the demographics at the densitometer or in the PACS.',
    permanence: 'permanent',
  },
  STUDY_SCANNERS_DIFFER: {
    text: 'Reports of one study come from different scanners.',
    remedy: 'Check whether two examinations were filed under one study.',
    permanence: 'permanent',
  },
  VENDOR_PRIOR_DIFFERS: {
    text: 'A later report shows another BMD for this scan than any report of it that is here.',
    remedy: 'The scan was probably analysed again: ask for its report to be sent once more.',
    permanence: 'permanent',
  },
  VENDOR_CHANGE_DIFFERS: {
    text: "The vendor's printed change is not the one between the scans on record.",
    remedy: 'The vendor compared with another scan, side or region, or a scan is missing here. Compare both reports.',
    permanence: 'permanent',
  },
  REJECTION_WAITING: {
    text: 'A rejection note names an instance of which no report has come. It waits: a report that comes is out of use from the start.',
    remedy:
      'Nothing to do for images and for reports that are not sent here. If the report should be here, look for it among the refused and failed files.',
    permanence: 'permanent',
  },
  REJECTION_NO_VALUES: {
    text: 'A rejection note names an instance whose file is here and holds no values.',
    remedy: 'Nothing to do.',
    permanence: 'permanent',
  },
  REJECTION_APPLIED: {
    text: 'A rejection note took the report out of use: its values are kept and count nowhere.',
    remedy:
      'Nothing to do if the archive meant it. Otherwise put it back in use: the page of its file, or dxaflow rejection restore.',
    permanence: 'permanent',
  },
  REJECTION_OTHER_PATIENT: {
    text: 'A rejection note names a report that is on record under another patient. The report still counts until a person has looked.',
    remedy:
      'Compare both patients. If they are one person, merge them, and the note holds. Otherwise take the report out of use or keep it (page of the file, dxaflow rejection take-out or restore).',
    permanence: 'permanent',
  },
  REJECTION_OVERRULED: {
    text: 'A person put the report back in use after this rejection note named it.',
    remedy: 'Nothing to do: the note is not applied again. A note that comes later is.',
    permanence: 'permanent',
  },
  REJECTION_CONFIRMED: {
    text: 'A person took the report out of use with this rejection note before them.',
    remedy: 'Nothing to do; dxaflow rejection restore takes it back.',
    permanence: 'permanent',
  },
  REJECTION_NOTE_REJECTED: {
    text: 'The rejection note was itself rejected, by a later note or a person. It has no effect.',
    remedy: 'Nothing to do.',
    permanence: 'permanent',
  },
  REJECTION_NO_EFFECT: {
    text: 'The note takes nothing out of use: it says that the archive need not keep the instance any longer, or that it took a rejection back.',
    remedy:
      'Nothing to do after a retention period. Some archives delete under this title what somebody meant to reject: if so, take the report out of use on the page of its file. What an archive gives back, a person puts back in use.',
    permanence: 'permanent',
  },
  PINNED_BASELINE_OUT_OF_USE: {
    text: 'The scan that a person pinned as the baseline of a region is out of use. The first comparable scan stands in for it.',
    remedy: 'Pin another scan (dxaflow baseline pin), or put this one back in use.',
    permanence: 'permanent',
  },
  INSTANCE_UNKNOWN: {
    text: 'Nothing was decided: no stored report and no rejection note is about this file or instance.',
    remedy:
      'Name the file of a report or of a rejection note, or a SOP Instance UID that dxaflow rejection list shows.',
    permanence: 'permanent',
  },
  CHANGED_AFTER_READING: {
    text: 'The sender went on writing after these bytes were read. What its file became later stands in their place.',
    remedy:
      'Nothing to do for this one; look at the file that followed it. If it happens often, raise DROP_STABLE_MS or have the sender write under a temporary name.',
    permanence: 'permanent',
  },
  PATIENT_MERGE_DISAGREES: {
    text: 'Two patients were not merged: their reports disagree in name, sex or birth date.',
    remedy:
      'Look at both beside each other (dxaflow patient merge --preview, or the page of the patient). If they are one person all the same, say why; the reason is kept in the audit.',
    permanence: 'permanent',
  },
  PATIENT_MERGE_PHANTOM: {
    text: 'Two patients were not merged: one of them is a phantom or test patient.',
    remedy:
      'Nothing to do if it is one. If it is a person, retire the pattern that takes it for a phantom (dxaflow patient phantom list), then merge.',
    permanence: 'permanent',
  },
  PATIENT_MERGE_CIRCLE: {
    text: 'Two patients were not merged: they are one already, or the second was merged into the first.',
    remedy: 'Look at the merges in force with dxaflow patient list-merges.',
    permanence: 'permanent',
  },
  PATIENT_MERGED_ALREADY: {
    text: 'Two patients were not merged: the first is merged into another.',
    remedy: 'Take that merge back first (dxaflow patient unmerge).',
    permanence: 'permanent',
  },
  PATIENT_NOT_MERGED: {
    text: 'There is no merge of this patient to be taken back.',
    remedy: 'Look at the merges in force with dxaflow patient list-merges.',
    permanence: 'permanent',
  },
  PATIENT_UNKNOWN: {
    text: 'No stored report names this patient.',
    remedy: 'Write the ID as the reports do, with its issuer where it has one: ID^^^ISSUER.',
    permanence: 'permanent',
  },
  PATIENT_AMBIGUOUS: {
    text: 'Several issuers gave out this patient ID.',
    remedy: 'Write it with its issuer: ID^^^ISSUER.',
    permanence: 'permanent',
  },
  ASSIGNEE_UNKNOWN: {
    text: 'The case was not assigned: nobody of this name is active and may decide cases.',
    remedy:
      'Choose one of the names that the message lists, or add the person with dxaflow user add NAME --role reviewer.',
    permanence: 'permanent',
  },
  ARCHIVE_MISSING: {
    text: 'The archived bytes of the file are gone.',
    remedy:
      'Send the report again, or restore the archive folder from the backup; processing goes on by itself. The file stands in the lists until then.',
    permanence: 'transient',
  },
  ARCHIVE_DAMAGED: {
    text: 'The archived bytes are not those that were received.',
    remedy:
      'Check the disk. Send the report again, or restore the file from the backup; the file stands in the lists until then.',
    permanence: 'transient',
  },
  NIGHT_RUNNING: {
    text: 'A night or a run by hand is at work, or a night has waited for one and is about to begin.',
    remedy: 'Wait for its end, which Nights and dxaflow night list show, then start again.',
    permanence: 'transient',
  },
  NIGHT_NOT_BEGUN: {
    text: 'The process stopped while a night waited for the run at work.',
    remedy: 'Nothing to do: the night begins when a nightly process is up and the run has ended.',
    permanence: 'transient',
  },
  PROCESSING_FAILED: {
    text: 'Processing failed at every attempt for a reason that lies outside the file.',
    remedy:
      'Look up the number of the file or patient in the log of the ingest or assess process and cure the cause; then try it again from the page Failed or with dxaflow failed requeue.',
    permanence: 'transient',
  },
  WORKER_CRASHED: {
    text: 'Processes died or hung over it again and again; it was set aside so that nothing else waits for it.',
    remedy:
      'Nothing but a person tries it again, the night neither. Look at what the process says of its end (memory, disk), then try it again from the page Failed or with dxaflow failed requeue. If it comes back, keep the file and report it.',
    permanence: 'transient',
  },
} as const satisfies Record<string, CodeEntry>;

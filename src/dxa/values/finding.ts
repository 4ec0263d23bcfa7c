/** Whether trying again can help: a permanent outcome stays until the file, an adapter or a mapping changes. */
export type Permanence = 'permanent' | 'transient';

/** One row of a code table. `remedy` is worded for a PACS administrator; neither text ever holds a patient value. */
export type CodeEntry = {
  readonly text: string;
  readonly remedy: string;
  readonly permanence: Permanence;
};

/**
 * Something a person should see: a stable code and where it is. `path` is an SR tree path ("1.4.2"), an attribute
 * ("(0010,1030)") or null for the whole document. `facts` holds lengths, counts, tags or public codes, never a value
 * that came from the patient.
 */
export type Finding = {
  readonly code: string;
  readonly path: string | null;
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
};

/** A finding about a study; `subject` is a region or a header field, never a value. */
export type StudyFinding = Omit<Finding, 'path'> & { readonly subject: string };

import type { CodeEntry } from '../../dxa/values/finding.ts';

const permanent = 'permanent' as const;

/** A limit is a variable of its name; the remedy says what happens to the file once it is changed. */
const overLimit = (variable: `LIMIT_${string}`, first: string): string =>
  `${first} If it is wanted, set ${variable} higher for all processes (dxaflow config shows it): the next nightly run reads the file again, or do it at once with dxaflow reprocess --code ${variable}.`;

/**
 * Every code the reader can give. All are permanent: the same bytes will be read the same way again under the same limits. Entries whose text
 * starts with "Refused:" end the reading; the others are findings on a document that was read whole.
 */
export const READER_CODES = {
  NOT_DICOM: {
    text: 'Refused: the file is not a DICOM file.',
    remedy: 'Remove it from the drop folder, and check what else writes there. Compressed archives must be unpacked.',
    permanence: permanent,
  },
  TRUNCATED: {
    text: 'Refused: the file ends in the middle of its data.',
    remedy: 'Send the report again from the PACS or the scanner; the copy in the drop folder is not complete.',
    permanence: permanent,
  },
  BROKEN_STRUCTURE: {
    text: 'Refused: the lengths or markers inside the file contradict each other.',
    remedy: 'Send the report again; if it comes out the same, report the file to the maker of the sending system.',
    permanence: permanent,
  },
  TRAILING_BYTES: {
    text: 'Refused: bytes that belong to no element follow the data set.',
    remedy: 'Send the report again; something was appended to the file in transit.',
    permanence: permanent,
  },
  TWO_FILES_IN_ONE: {
    text: 'Refused: a second DICOM file follows the first one in the same file.',
    remedy: 'Send both reports again as separate files; check the program that writes into the drop folder.',
    permanence: permanent,
  },
  DUPLICATE_ELEMENT: {
    text: 'Refused: one attribute occurs twice in the same data set with different values.',
    remedy: 'Report the file to the maker of the sending system; there is no way to tell which value is correct.',
    permanence: permanent,
  },
  NOT_STRUCTURED_REPORT: {
    text: 'Refused: the file is a DICOM object of another kind, not a structured report.',
    remedy: 'Nothing is wrong with the file. Route only structured reports to the drop folder if it happens often.',
    permanence: permanent,
  },
  UNSUPPORTED_TRANSFER_SYNTAX: {
    text: 'Refused: the transfer syntax of the file is not known.',
    remedy: 'Have the PACS send structured reports as Explicit or Implicit VR Little Endian.',
    permanence: permanent,
  },
  DEFLATE_CORRUPT: {
    text: 'Refused: the deflated data set cannot be inflated.',
    remedy: 'Send the report again; the copy in the drop folder is damaged. Or have the PACS send it uncompressed.',
    permanence: permanent,
  },
  NO_CONTENT: {
    text: 'Refused: the report has no content items (no Content Sequence).',
    remedy: 'Send the report again; if it comes out the same, the scanner or the PACS stored an empty report.',
    permanence: permanent,
  },
  ROOT_NOT_CONTAINER: {
    text: 'Refused: the content tree does not start with a container.',
    remedy: 'Report the file to the maker of the sending system (PS3.3 C.17.3 asks for Value Type CONTAINER).',
    permanence: permanent,
  },
  SOP_INSTANCE_UID_MISSING: {
    text: 'Refused: the file has no SOP Instance UID.',
    remedy: 'Send the report again from the PACS; without this UID it cannot be distinguished from other reports.',
    permanence: permanent,
  },
  LIMIT_BYTES: {
    text: 'Refused: the file is larger than the reader accepts.',
    remedy: overLimit(
      'LIMIT_BYTES',
      'A structured report this large is unusual: check what it is. It was not read: its location is given with the reason, or it is still in the drop folder. A file that was moved aside must be dropped again once the limit is raised.',
    ),
    permanence: permanent,
  },
  LIMIT_INFLATED_BYTES: {
    text: 'Refused: the deflated data set grows beyond what the reader accepts.',
    remedy: overLimit('LIMIT_INFLATED_BYTES', 'Check where the file comes from.'),
    permanence: permanent,
  },
  LIMIT_ELEMENTS: {
    text: 'Refused: the file has more data elements than the reader accepts.',
    remedy: overLimit('LIMIT_ELEMENTS', 'Check where the file comes from.'),
    permanence: permanent,
  },
  LIMIT_ITEMS: {
    text: 'Refused: the file has more sequence items than the reader accepts.',
    remedy: overLimit('LIMIT_ITEMS', 'Check where the file comes from.'),
    permanence: permanent,
  },
  LIMIT_DEPTH: {
    text: 'Refused: sequences are nested deeper than the reader accepts.',
    remedy: overLimit('LIMIT_DEPTH', 'Check where the file comes from; no scanner nests this deeply.'),
    permanence: permanent,
  },
  LIMIT_TEXT: {
    text: 'Refused: a text value is longer than the reader accepts.',
    remedy: overLimit('LIMIT_TEXT', 'Check where the file comes from.'),
    permanence: permanent,
  },
  META_MISSING: {
    text: 'The file has no DICOM file header; the encoding was inferred from the data.',
    remedy: 'None needed. The program that writes into the drop folder stores bare data sets.',
    permanence: permanent,
  },
  META_GROUP_LENGTH: {
    text: 'The length in the DICOM file header is wrong.',
    remedy: 'None needed. Report it to the maker of the program that wrote the file.',
    permanence: permanent,
  },
  TRANSFER_SYNTAX_MISSING: {
    text: 'The DICOM file header does not name the transfer syntax; the encoding was inferred from the data.',
    remedy: 'None needed. Report it to the maker of the program that wrote the file.',
    permanence: permanent,
  },
  TRANSFER_SYNTAX_MISMATCH: {
    text: 'The data set is not encoded as the file header says; it was read by its actual encoding.',
    remedy: 'Report it to the maker of the program that wrote the file; other systems will refuse it.',
    permanence: permanent,
  },
  DEFLATE_ZLIB_HEADER: {
    text: 'The deflated data set has a zlib header, which DICOM does not allow.',
    remedy: 'None needed. Report it to the maker of the program that wrote the file.',
    permanence: permanent,
  },
  SOP_INSTANCE_MISMATCH: {
    text: 'The SOP Instance UID in the file header differs from the one in the report; the report counts.',
    remedy: 'Check whether the PACS or a router changes UIDs in transit without updating the file header.',
    permanence: permanent,
  },
  SOP_CLASS_MISMATCH: {
    text: 'The SOP Class in the file header differs from the one in the report; the report counts.',
    remedy: 'Check whether the PACS or a router changes reports in transit.',
    permanence: permanent,
  },
  TRAILING_ZEROS: {
    text: 'Zero bytes follow the data set.',
    remedy: 'None needed. Some disk and tape systems fill files up to a block.',
    permanence: permanent,
  },
  ODD_LENGTH: {
    text: 'A value has an odd number of bytes, which DICOM does not allow.',
    remedy: 'None needed. Report it to the maker of the sending system.',
    permanence: permanent,
  },
  ELEMENT_REPEATED: {
    text: 'One attribute occurs twice in the same data set, with the same value or without effect on the results.',
    remedy: 'None needed. Report it to the maker of the sending system.',
    permanence: permanent,
  },
  ELEMENTS_OUT_OF_ORDER: {
    text: 'Attributes are not in ascending order.',
    remedy: 'None needed. Report it to the maker of the sending system.',
    permanence: permanent,
  },
  CHARSET_UNKNOWN: {
    text: 'The report names a character set that is not known; letters beyond ASCII may be unreadable. Numbers are safe.',
    remedy: 'Set a defined Specific Character Set (for example ISO_IR 100 or ISO_IR 192) at the sending system.',
    permanence: permanent,
  },
  CHARSET_MISSPELLED: {
    text: 'The report misspells its character set; it was recognised anyway.',
    remedy: 'None needed. Report it to the maker of the sending system.',
    permanence: permanent,
  },
  CHARSET_UNDECLARED: {
    text: 'The report holds letters beyond ASCII but names no character set; they were read as UTF-8 or Latin-1.',
    remedy: 'Set Specific Character Set at the sending system, and check the names in this report.',
    permanence: permanent,
  },
  TEXT_UNREADABLE: {
    text: 'A text holds bytes that its character set does not define; each is shown as a replacement character.',
    remedy: 'Check the Specific Character Set of the sending system; the text is damaged, numbers are not.',
    permanence: permanent,
  },
  NUL_IN_TEXT: {
    text: 'A value holds NUL characters; each is shown as a replacement character.',
    remedy: 'Check the value at the sending system; a number containing NUL is not used.',
    permanence: permanent,
  },
  VALUE_UNREADABLE: {
    text: 'A value is not a valid date, time, name, UID, reference or number.',
    remedy: 'Look at the value with "dxaflow inspect" and correct it at the sending system.',
    permanence: permanent,
  },
  ROOT_VALUE_TYPE_MISSING: {
    text: 'The report does not say that its root is a container; it was taken as one.',
    remedy: 'Report it to the maker of the sending system; other systems will refuse the report.',
    permanence: permanent,
  },
  VALUE_TYPE_UNKNOWN: {
    text: 'A content item has no value type, or one that DICOM does not define.',
    remedy: 'Report it to the maker of the sending system; the item is kept but its value is not used.',
    permanence: permanent,
  },
  EXTRA_ITEMS: {
    text: 'A sequence that must hold one item holds more; the first was taken.',
    remedy: 'Check the item with "dxaflow inspect" and report it to the maker of the sending system.',
    permanence: permanent,
  },
  EXTRA_VALUES: {
    text: 'An attribute that must hold one value holds several; the first was taken.',
    remedy: 'Look at it with "dxaflow inspect" and report it to the maker of the sending system.',
    permanence: permanent,
  },
  REFERENCE_DANGLING: {
    text: 'A content item refers to another one that does not exist.',
    remedy: 'Report it to the maker of the sending system.',
    permanence: permanent,
  },
  MORE_FINDINGS: {
    text: 'A finding occurs more often than is listed; the rest are counted here.',
    remedy: 'See the findings with the same code.',
    permanence: permanent,
  },
} as const satisfies Record<string, CodeEntry>;

export type ReaderCode = keyof typeof READER_CODES;

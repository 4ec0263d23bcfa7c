import type { DicomElement } from 'dcmjs';
import { codeSequence, element, elements } from './sr-elements.ts';

/** People at the scanner, who do not exist. Files name them, and nothing here reads or stores them. */
export const STAFF = {
  operator: 'Qvistlund^Olle',
  operatorId: 'OP-77123',
  performing: 'Vandersloot^Pia',
  reading: 'Ximenes^Rosa',
  ofRecord: 'Yttergren^Sven',
} as const;

/** Attributes that name the staff (PS3.3 C.7.2.1 and C.7.3.1). */
export function staffElements(): Readonly<Record<string, DicomElement>> {
  return {
    '00081048': element('PN', STAFF.ofRecord),
    '00081050': element('PN', STAFF.performing),
    '00081060': element('PN', STAFF.reading),
    '00081070': element('PN', STAFF.operator),
    '00081072': element(
      'SQ',
      elements({
        '00080080': element('LO', 'Example Hospital'),
        '00401101': codeSequence([STAFF.operatorId, 'L', 'Operator']),
      }),
    ),
  };
}

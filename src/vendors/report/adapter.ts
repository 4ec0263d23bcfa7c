import type { SrDocument } from '../../dicom/document/sr-document.ts';
import type { IsoDate, NormalisedReport } from '../../dxa/values/report.ts';
import type { RefusalCode } from './codes.ts';
import type { MappingUse } from './site-mapping.ts';

/** Why a report was not adapted: root concept, schemes, counts; never a patient value. */
export type AdapterRefusal = {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  readonly path: string | null;
};

export type AdaptResult = { readonly ok: true; readonly report: NormalisedReport } | AdapterRefusal;

/** One vendor's way of writing DXA results. A pure function of the document. */
export type VendorAdapter = {
  readonly vendor: string;
  /** Raised with every change that can alter a result, so that a nightly run knows which reports to read again. */
  readonly version: string;
  /** How sure the adapter is, from 0 to 1, that it wrote this content; manufacturer and SOP class are hints only. */
  readonly recognise: (document: SrDocument) => number;
  /** `receivedOn` bounds what dates are believed; `mapping` speaks where the adapter does not know a code or label. */
  readonly adapt: (document: SrDocument, receivedOn: IsoDate, mapping: MappingUse) => NormalisedReport | AdapterRefusal;
};

export function isRefusal(result: object): result is AdapterRefusal {
  return 'ok' in result && result.ok === false;
}

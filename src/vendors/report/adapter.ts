import type { DocumentHeader, SrDocument } from '../../dicom/document/sr-document.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import type { IsoDate, NormalisedReport, ReportEquipment } from '../../dxa/values/report.ts';
import type { RefusalCode } from './codes.ts';
import type { OpenImage } from './open-image.ts';
import type { MappingUse } from './site-mapping.ts';

/** Why a report was not adapted: root concept, schemes, counts; never a patient value. */
export type AdapterRefusal = {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  readonly path: string | null;
};

export type AdaptResult = { readonly ok: true; readonly report: NormalisedReport } | AdapterRefusal;

/** Results that stand as text in a private element of an image. */
export type PrivateResults = {
  readonly header: DocumentHeader;
  readonly text: string;
  /** Of the element that holds the text, "(0019,1000)". */
  readonly path: string;
  readonly findings: readonly Finding[];
};

/** What adapters read: a structured report, or what an image carries beside its pixels. */
export type Content = SrDocument | PrivateResults;

/** Content without the findings of its reader, which are known when the whole file is read. */
export type Found = Omit<SrDocument, 'findings'> | Omit<PrivateResults, 'findings'>;

export const isDocument = (content: Content): content is SrDocument => 'root' in content;

/** One vendor's way of writing DXA results. Pure functions of what a file holds; nothing else knows a vendor by name. */
export type VendorAdapter = {
  readonly vendor: string;
  /** Raised with every change that can alter a result, so that a nightly run knows which reports to read again. */
  readonly version: string;
  /** What of an image holds results of this vendor, found by its content; null for nothing. Absent: it reads reports only. */
  readonly findInImage?: (image: OpenImage, limits: ReadLimits) => Found | null;
  /** How sure the adapter is, from 0 to 1, that it wrote this content; manufacturer and SOP class are hints only. */
  readonly recognise: (content: Content) => number;
  /** `receivedOn` bounds what dates are believed; `mapping` speaks where the adapter does not know a code or label. */
  readonly adapt: (content: Content, receivedOn: IsoDate, mapping: MappingUse) => NormalisedReport | AdapterRefusal;
  /** The equipment as it is stored, where the header does not say it plainly. */
  readonly equipmentOf?: (equipment: ReportEquipment) => ReportEquipment;
  /** Its items have codes, which a site's mapping can name; otherwise they have labels alone. */
  readonly hasCodes: boolean;
  /** It reads a vocabulary that no adapter recognises, by what the site says of it. */
  readonly readsWhatIsMapped?: true;
};

/** For an adapter that is given what it would not recognise. */
export const NOT_ITS_CONTENT: AdapterRefusal = { ok: false, code: 'UNSUPPORTED_VENDOR', facts: {}, path: null };

export function isRefusal(result: object): result is AdapterRefusal {
  return 'ok' in result && result.ok === false;
}

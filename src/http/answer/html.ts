import { html as escapedHtml } from 'ghtml';
import { printable, printableLines } from '../../dicom/text/printable.ts';

const shown = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(shown) : typeof value === 'string' ? printable(value) : value;

/**
 * Markup in which every value is escaped, and what cannot be seen in it is written out: names, labels and texts come
 * from files and from people. "!${…}" puts in what is markup already.
 */
export const html = (literals: TemplateStringsArray, ...values: readonly unknown[]): string =>
  escapedHtml(
    literals,
    ...values.map((value, index) => (literals.raw[index]?.endsWith('!') === true ? value : shown(value))),
  );

/** Markup of a text of several lines, whose line ends stay. */
export const lines = (text: string): string => escapedHtml`${printableLines(text)}`;

/** Markup of a text that a form sends back as it is; what cannot be seen stands in it as a character reference. */
export const exact = (text: string): string =>
  // A reference to U+0080 to U+009F would be read as one of Windows-1252 (HTML, 13.2.5.80).
  escapedHtml`${text}`.replace(
    /[^\P{C}\u0080-\u009f]|[\p{Zl}\p{Zp}]/gu,
    (one) => `&#x${one.codePointAt(0)?.toString(16)};`,
  );

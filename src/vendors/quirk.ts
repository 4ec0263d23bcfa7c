/** A habit of one vendor's software that a plain reading gets wrong. */
export type Quirk = {
  readonly why: string;
  readonly source: string;
  readonly models: string;
  readonly versions: string;
  /** Folder under test/fixtures/ whose expected result needs the quirk. */
  readonly fixture: string;
};

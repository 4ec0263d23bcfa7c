-- worked with from: 0017
-- Comments inside earlier migrations name source files by where they were then; migrations never change. What the database
-- says of its objects names the files of this release; test/db/schema/comments.test.ts holds them to it.
comment on view current_measurement is
  'The values that hold for each study: of every region those of its latest analysis, completed by reports that agree with it on the BMD. The same rule in code: src/dxa/study/assembly.ts.';
comment on function is_same_bmd(numeric, numeric) is
  'Whether two printed BMDs can be one measurement: equal, or printed with different numbers of places and no more than half of the last place of the coarser print apart. The same rule in code: src/dxa/study/assembly.ts.';
comment on column app_user.password_hash is
  'scrypt with its parameters and salt: src/credentials/password.ts.';
comment on column source_file.content_identity is
  'SHA-256 of the data set without what encoding does to it (src/dicom/encoding/canonical-content.ts); null for a file that is no report, and for one that an earlier release read and src/jobs/moves/content-identity.ts has not yet reached.';
comment on column stored_report.out_of_use is
  'Taken out of use by a rejection note or a person (src/dxa/study/rejection.ts); written by src/db/rejection/settle.ts.';
comment on column rejection_target.status is
  'What became of the note at this instance: a function of notes, reports, merges and decisions (src/dxa/study/rejection.ts), computed again whenever one of them changes.';
comment on view measured_value is
  'report_values with one row a value: docs/decisions/0007-values-of-a-report-in-one-row.md.';

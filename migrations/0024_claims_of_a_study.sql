-- What a report says of its study beside the values. A scan whose every date is impossible is stored and compared with
-- nothing. ACF and BCF are Hologic's calibration factors of the scanner.
alter table report
  add column scan_date_doubted boolean not null default false,
  add column performed_procedure_id text,
  add column performed_procedure text,
  add column performed_procedure_codes jsonb not null default '[]',
  add column acf numeric(9,6),
  add column bcf numeric(9,6);

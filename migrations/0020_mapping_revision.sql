-- Every change of the site mappings has a number. Changes are made one after the other (the registry's lock), so that what
-- was read with revision n has seen every change up to n and none after it, whatever the clocks say.
create sequence site_mapping_revision;
alter table site_mapping
  add column added_revision   bigint not null default nextval('site_mapping_revision'),
  add column retired_revision bigint;
update site_mapping set retired_revision = nextval('site_mapping_revision') where retired_at is not null;

create function number_mapping_retirement() returns trigger language plpgsql as $$
begin
  new.retired_revision := nextval('site_mapping_revision');
  return new;
end $$;
create trigger site_mapping_retired before update of retired_at on site_mapping
  for each row when (old.retired_at is null and new.retired_at is not null) execute function number_mapping_retirement();

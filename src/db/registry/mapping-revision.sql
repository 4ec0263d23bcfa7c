-- The number of the latest change of the site mappings; 0 while there was none.
select coalesce(max(greatest(added_revision, retired_revision)), 0) from site_mapping_change

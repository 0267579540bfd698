-- Of which Temporal namespace the jobs are: its id and its name. The first process writes its own, the others must work with the same.
ALTER TABLE registry ADD COLUMN temporal_id text CHECK (temporal_id <> ''), ADD COLUMN temporal_name text;
ALTER TABLE registry ADD CONSTRAINT registry_temporal_whole CHECK (num_nulls(temporal_id, temporal_name) IN (0, 2));

-- Which registry this is: the Temporal namespace of its jobs bears it, so that no second one takes a share of them.
ALTER TABLE registry ADD COLUMN id text NOT NULL DEFAULT gen_random_uuid()::text CHECK (id <> '');

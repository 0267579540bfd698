-- What all processes of the database go by: the options of each pool as texts, by name. The first process writes its own, the others must have the same.
CREATE TABLE pool (
    pool text COLLATE "C" PRIMARY KEY CHECK (pool <> ''),
    options jsonb NOT NULL CHECK (jsonb_typeof(options) = 'object')
);

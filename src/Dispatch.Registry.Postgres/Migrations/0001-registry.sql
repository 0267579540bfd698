-- One job's life: job (who may ask) 1-n attempt (the conversation's present attempt, narrow and updated in place), with what is written once beside it.
-- Nothing is in the queue or holds room by a state column: being in table queue, and having a holder in table lease, is what says so.

CREATE SEQUENCE row_number;
CREATE SEQUENCE spent_number;

CREATE TABLE registry (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fence_floor bigint NOT NULL DEFAULT 0 CHECK (fence_floor >= 0)
);
INSERT INTO registry DEFAULT VALUES;

CREATE TABLE worker (
    worker text COLLATE "C" PRIMARY KEY CHECK (worker <> ''),
    version bigint NOT NULL CHECK (version > 0),
    pool text COLLATE "C" NOT NULL,
    incarnation bigint NOT NULL CHECK (incarnation > 0),
    call bigint NOT NULL,
    counter bigint NOT NULL,
    reported text NOT NULL CHECK (reported IN ('Starting', 'Ready', 'NotReady', 'Draining', 'Stopped', 'Quarantined', 'Lost')),
    unmet jsonb NOT NULL CHECK (jsonb_typeof(unmet) = 'array'),
    named jsonb NOT NULL CHECK (jsonb_typeof(named) = 'array'),
    stated boolean NOT NULL,
    silent boolean NOT NULL,
    lost boolean NOT NULL,
    wish text NOT NULL CHECK (wish IN ('None', 'Drain', 'Quarantine')),
    wished_by text,
    wish_reason text,
    undraining boolean NOT NULL,
    registered_at timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL,
    CHECK (silent OR NOT lost),
    CHECK (NOT (lost AND stated))
) WITH (fillfactor = 50);

-- What a worker says once, when it starts.
CREATE TABLE worker_start (
    worker text COLLATE "C" PRIMARY KEY REFERENCES worker ON DELETE CASCADE,
    start_id text NOT NULL,
    software text NOT NULL,
    host jsonb NOT NULL CHECK (jsonb_typeof(host) = 'object'),
    capacity jsonb NOT NULL CHECK (jsonb_typeof(capacity) = 'object'),
    labels jsonb NOT NULL CHECK (jsonb_typeof(labels) = 'object'),
    images jsonb NOT NULL CHECK (jsonb_typeof(images) = 'array'),
    runtimes jsonb NOT NULL CHECK (jsonb_typeof(runtimes) = 'array')
);

CREATE TABLE job (
    job text COLLATE "C" PRIMARY KEY CHECK (job <> ''),
    version bigint NOT NULL CHECK (version > 0),
    run_id text NOT NULL,
    older_runs jsonb NOT NULL CHECK (jsonb_typeof(older_runs) = 'array'),
    fence bigint NOT NULL CHECK (fence >= 0)
) WITH (fillfactor = 60);

-- What an ask says of its conversation; written again only where a later ask says otherwise.
CREATE TABLE conversation (
    job text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE,
    conversation text COLLATE "C" NOT NULL,
    facts jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
    shape text COLLATE "C" NOT NULL,
    spec_json text NOT NULL,
    spec_digest text NOT NULL,
    PRIMARY KEY (job, conversation)
);

CREATE TABLE attempt (
    job text COLLATE "C" NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    run_id text NOT NULL,
    ask integer NOT NULL,
    revision integer NOT NULL,
    priority integer NOT NULL,
    queued_at timestamptz NOT NULL,
    excluded jsonb NOT NULL CHECK (jsonb_typeof(excluded) = 'array'),
    paused boolean NOT NULL,
    blocked_by text COLLATE "C",
    attempt integer NOT NULL CHECK (attempt > 0),
    state text NOT NULL CHECK (state IN ('Waiting', 'Offered', 'Held', 'Returned', 'Expired')),
    lease text COLLATE "C",
    worker text COLLATE "C",
    incarnation bigint,
    fence bigint,
    offered_at timestamptz,
    held_at timestamptz,
    ended boolean NOT NULL,
    expiries integer NOT NULL CHECK (expiries >= 0),
    nudge_wanted boolean NOT NULL,
    nudge_due boolean NOT NULL,
    activity text CHECK (activity IN ('Received', 'Pulling', 'Initializing', 'Running', 'Ready', 'Stopping', 'Ended')),
    message text,
    started_at timestamptz,
    ended_at timestamptz,
    waiting_since timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    settled_at timestamptz,
    reason text,
    closed_by text,
    nudged_revision integer,
    PRIMARY KEY (job, conversation),
    FOREIGN KEY (job, conversation) REFERENCES conversation ON DELETE CASCADE,
    CONSTRAINT attempt_lease_whole CHECK (num_nulls(lease, worker, incarnation, fence, offered_at) IN (0, 5)),
    CONSTRAINT attempt_lease_by_state CHECK (CASE state WHEN 'Waiting' THEN lease IS NULL WHEN 'Returned' THEN true ELSE lease IS NOT NULL END),
    CONSTRAINT attempt_held_since CHECK (CASE state WHEN 'Waiting' THEN held_at IS NULL WHEN 'Offered' THEN held_at IS NULL WHEN 'Returned' THEN true ELSE held_at IS NOT NULL END),
    CONSTRAINT attempt_over_since CHECK ((state IN ('Returned', 'Expired')) = (ended_at IS NOT NULL)),
    CONSTRAINT attempt_ended_is_over CHECK (NOT ended OR state IN ('Returned', 'Expired')),
    CONSTRAINT attempt_blocked_waits CHECK (blocked_by IS NULL OR state = 'Waiting' OR (state <> 'Returned' AND blocked_by = lease)),
    CONSTRAINT attempt_settled_wants_nothing CHECK (settled_at IS NULL OR NOT nudge_wanted)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX attempt_number ON attempt (number);
CREATE INDEX attempt_open ON attempt (number) WHERE settled_at IS NULL;
CREATE INDEX attempt_settled ON attempt (settled_at, number) WHERE settled_at IS NOT NULL;
CREATE INDEX attempt_blocked ON attempt (job) WHERE blocked_by IS NOT NULL;

-- What is written once when a worker is offered; of the attempt only where the lease is the same.
CREATE TABLE offer (
    job text COLLATE "C" NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    lease text COLLATE "C" NOT NULL,
    router text NOT NULL,
    host jsonb NOT NULL CHECK (jsonb_typeof(host) = 'object'),
    needs jsonb NOT NULL CHECK (jsonb_typeof(needs) = 'object'),
    profile jsonb NOT NULL CHECK (jsonb_typeof(profile) = 'object'),
    explanation jsonb,
    PRIMARY KEY (job, conversation),
    FOREIGN KEY (job, conversation) REFERENCES attempt ON DELETE CASCADE
);

-- What came of an attempt; of the present one only where the lease is the same.
CREATE TABLE outcome (
    job text COLLATE "C" NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    lease text COLLATE "C" NOT NULL,
    outcome jsonb,
    failure jsonb,
    PRIMARY KEY (job, conversation),
    FOREIGN KEY (job, conversation) REFERENCES attempt ON DELETE CASCADE,
    CHECK (num_nonnulls(outcome, failure) > 0)
);

CREATE TABLE queue (
    job text COLLATE "C" NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    pool text COLLATE "C" NOT NULL,
    shape_key text COLLATE "C" NOT NULL,
    priority integer NOT NULL,
    queued_at timestamptz NOT NULL,
    PRIMARY KEY (job, conversation),
    FOREIGN KEY (job, conversation) REFERENCES attempt ON DELETE CASCADE
);
CREATE INDEX queue_rank ON queue (pool, shape_key, priority DESC, queued_at, job, conversation);

-- Every lease that may still be named. One with a holder takes that worker's room, or may come to life on it again; a job has at most one such.
CREATE TABLE lease (
    lease text COLLATE "C" PRIMARY KEY CHECK (lease <> ''),
    job text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    needs jsonb NOT NULL CHECK (jsonb_typeof(needs) = 'object'),
    holder text COLLATE "C" CHECK (holder = worker),
    spent bigint,
    CHECK (holder IS NULL OR spent IS NULL)
) WITH (fillfactor = 70);
CREATE INDEX lease_holder ON lease (holder) WHERE holder IS NOT NULL;
CREATE UNIQUE INDEX lease_one_a_job ON lease (job) WHERE holder IS NOT NULL;
CREATE INDEX lease_spent ON lease (spent) WHERE spent IS NOT NULL;

-- Ends a transaction whose rows were changed by somebody else between its reading and its writing.
CREATE FUNCTION expect_rows(met bigint, wanted bigint) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    IF met <> wanted THEN
        RAISE EXCEPTION '% of % rows were as they had been read', met, wanted USING ERRCODE = 'serialization_failure';
    END IF;
END
$function$;

-- Whoever changes a row by hand raises the version that the programs compare, so that none goes on with what it remembers.
CREATE FUNCTION note_hand() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
    edited record;
BEGIN
    IF TG_OP = 'DELETE' THEN edited := OLD; ELSE edited := NEW; END IF;
    IF TG_TABLE_NAME IN ('worker', 'worker_start', 'lease') AND pg_trigger_depth() = 1 THEN
        UPDATE worker SET version = version + 1 WHERE worker.worker = edited.worker;
    END IF;
    IF TG_TABLE_NAME NOT IN ('worker', 'worker_start') THEN
        UPDATE job SET version = version + 1 WHERE job.job = edited.job;
    END IF;
    RETURN NULL;
END
$function$;

-- A job that is deleted by hand takes its leases along: what a worker holds of it is over.
CREATE FUNCTION note_gone() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
BEGIN
    UPDATE worker SET version = version + 1 WHERE worker IN (SELECT holder FROM lease WHERE job = OLD.job);
    UPDATE lease SET holder = NULL, spent = nextval('spent_number') WHERE job = OLD.job AND spent IS NULL;
    RETURN NULL;
END
$function$;

CREATE TRIGGER hand AFTER UPDATE ON worker FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON worker_start FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON conversation FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON attempt FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON offer FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON outcome FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON queue FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER hand AFTER INSERT OR UPDATE OR DELETE ON lease FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_hand();
CREATE TRIGGER gone AFTER DELETE ON job FOR EACH ROW WHEN (current_setting('dispatch.writer', true) IS DISTINCT FROM 'registry') EXECUTE FUNCTION note_gone();

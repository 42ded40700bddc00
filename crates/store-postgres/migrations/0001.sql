-- Sessions, each with its key: one row is one slot. The tag tells one content from another; the
-- digest, SHA-256 over record and tag, whether they are what was saved. Nothing here is checked by
-- a constraint that could fail on a row: the server would write the row into its log.
CREATE TABLE {schema}.sessions (
    issuer     text COLLATE "C" NOT NULL,
    profile    text COLLATE "C" NOT NULL,
    record     bytea,
    tag        bytea,
    digest     bytea,
    expires_at numeric,
    PRIMARY KEY (issuer, profile)
);
CREATE INDEX sessions_expires_at ON {schema}.sessions (expires_at);

-- The seal, where records are sealed: no row or one, whose place is 1. It is no secret.
CREATE TABLE {schema}.seal (
    place int PRIMARY KEY,
    seal  bytea NOT NULL
);
-- Puts a seal in the place of the one that is expected, if it is; answers whether it was. Whoever
-- saves a session meanwhile has ended before or sees the seal.
CREATE FUNCTION {schema}.replace_seal(new bytea, expected bytea) RETURNS boolean
LANGUAGE plpgsql AS $replace$
DECLARE
    done int;
BEGIN
    LOCK TABLE {schema}.sessions IN SHARE ROW EXCLUSIVE MODE;
    IF expected IS NULL THEN
        INSERT INTO {schema}.seal (place, seal) VALUES (1, new) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE {schema}.seal SET seal = new WHERE place = 1 AND seal = expected;
    END IF;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done = 1;
END
$replace$;

-- Who may ask the wallet for a slot, until when by this server's clock.
CREATE TABLE {schema}.prompt_leases (
    issuer  text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    holder  text NOT NULL,
    until   timestamptz NOT NULL,
    PRIMARY KEY (issuer, profile)
);

-- What was revoked. The account is the SHA-256 of issuer and domain; an empty identity stands for
-- all that was signed until all_before. Times are nanoseconds since 1970.
CREATE TABLE {schema}.revocations (
    account    bytea NOT NULL,
    identity   bytea NOT NULL,
    issuer     text NOT NULL,
    domain     text NOT NULL,
    all_before numeric,
    keep_until numeric,
    PRIMARY KEY (account, identity)
);
CREATE INDEX revocations_keep_until ON {schema}.revocations (keep_until);

-- What ends before this second may have been forgotten.
CREATE TABLE {schema}.horizons (
    name      text COLLATE "C" PRIMARY KEY,
    forgotten bigint NOT NULL
);
INSERT INTO {schema}.horizons (name, forgotten) VALUES ('proofs', 0), ('challenges', 0);

-- Proofs that were used, until the second from which on they are refused anyway.
CREATE TABLE {schema}.proofs (
    proof bytea PRIMARY KEY,
    until bigint NOT NULL
);
CREATE INDEX proofs_until ON {schema}.proofs (until);

-- Challenges that were used up, and by which capability.
CREATE TABLE {schema}.challenges (
    challenge bytea PRIMARY KEY,
    identity  bytea NOT NULL,
    until     bigint NOT NULL,
    repeats   bigint NOT NULL
);
CREATE INDEX challenges_until ON {schema}.challenges (until);

-- Capabilities that clients registered.
CREATE TABLE {schema}.capabilities (
    cid   bytea PRIMARY KEY,
    block bytea NOT NULL,
    until bigint NOT NULL
);
CREATE INDEX capabilities_until ON {schema}.capabilities (until);

-- Sessions that logged in. Times are nanoseconds since 1970; the login counts up.
CREATE SEQUENCE {schema}.logins;
CREATE TABLE {schema}.devices (
    issuer     text COLLATE "C" NOT NULL,
    identity   bytea NOT NULL,
    domain     text NOT NULL,
    key        text NOT NULL,
    issued_at  numeric NOT NULL,
    expires_at numeric,
    seen_at    numeric NOT NULL,
    login      bigint NOT NULL,
    PRIMARY KEY (issuer, identity)
);
CREATE INDEX devices_expires_at ON {schema}.devices (expires_at);

-- Whoever listens is told which slot changed, and whose sessions were revoked.
CREATE FUNCTION {schema}.tell_slot() RETURNS trigger LANGUAGE plpgsql AS $tell$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('{schema}_changes', 'slot ' || OLD.issuer || ' ' || OLD.profile);
    ELSE
        PERFORM pg_notify('{schema}_changes', 'slot ' || NEW.issuer || ' ' || NEW.profile);
    END IF;
    RETURN NULL;
END
$tell$;
CREATE TRIGGER tell_slot AFTER INSERT OR UPDATE OR DELETE ON {schema}.sessions
    FOR EACH ROW EXECUTE FUNCTION {schema}.tell_slot();

CREATE FUNCTION {schema}.tell_revoked() RETURNS trigger LANGUAGE plpgsql AS $tell$
BEGIN
    PERFORM pg_notify('{schema}_changes', 'revoked ' || NEW.issuer);
    RETURN NULL;
END
$tell$;
CREATE TRIGGER tell_revoked AFTER INSERT OR UPDATE ON {schema}.revocations
    FOR EACH ROW EXECUTE FUNCTION {schema}.tell_revoked();

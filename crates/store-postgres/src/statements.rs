//! The statements of a store of sessions.

use crate::database::{IN_TIME, Postgres};
use std::sync::Arc;

/// The statements of a store, in its schema.
pub(crate) struct Statements {
    pub(crate) load_seal: Arc<str>,
    pub(crate) replace_seal: Arc<str>,
    pub(crate) save_anything: Arc<str>,
    pub(crate) save_absent: Arc<str>,
    pub(crate) save_tag: Arc<str>,
    pub(crate) remove_anything: Arc<str>,
    pub(crate) remove_absent: Arc<str>,
    pub(crate) remove_tag: Arc<str>,
    pub(crate) remove_issuer: Arc<str>,
    pub(crate) profiles: Arc<str>,
    pub(crate) list: Arc<str>,
    pub(crate) list_page: Arc<str>,
}

/// Whether a row is as it is expected: the tag is that of the record, and neither was touched by
/// anybody else; or it is what could not be read.
const MATCHES: &str = "((tag = $T AND digest = sha256(record || tag)) OR \
     sha256('unreadable'::bytea || '\\x00'::bytea || coalesce(record, ''::bytea)) = $T)";

/// Whether a row holds a sealed record that is whole.
const IS_SEALED: &str = "coalesce(substring($R.record for 19) = 'did-session sealed '::bytea AND \
     $R.digest = sha256($R.record || $R.tag), false)";

impl Postgres {
    pub(crate) fn session_statements(&self) -> Statements {
        let insert = "INSERT INTO {schema}.sessions AS kept \
             (issuer, profile, record, tag, digest, expires_at) \
             SELECT $2, $3, $4::bytea, $5::bytea, sha256($4::bytea || $5::bytea), \
             $6::text::numeric FROM asked WHERE asked.ok AND NOT asked.refused";
        let set = "record = $4::bytea, tag = $5::bytea, digest = sha256($4::bytea || $5::bytea), \
             expires_at = $6::text::numeric";
        let told = "SELECT ok, EXISTS (SELECT FROM done)";
        let change = |change: String| {
            self.sql(&format!(
                "WITH asked AS MATERIALIZED ({IN_TIME}), done AS ({change} RETURNING 1) \
                 {told} FROM asked"
            ))
        };
        let is_sealed = IS_SEALED.replace("$R", "kept");
        // a record that is not sealed is refused by a store that is, and in the place of one that is
        let save = |save: String| {
            self.sql(&format!(
                "WITH asked AS MATERIALIZED ({IN_TIME}, \
                 NOT $7::boolean AND (EXISTS (SELECT FROM {{schema}}.seal) OR EXISTS (SELECT FROM \
                 {{schema}}.sessions AS kept WHERE issuer = $2 AND profile = $3 AND {is_sealed})) \
                 AS refused), done AS ({save} RETURNING 1) {told}, refused FROM asked"
            ))
        };
        let here = "asked.ok AND issuer = $2 AND profile = $3";
        let update = "UPDATE {schema}.sessions SET";
        let delete = "DELETE FROM {schema}.sessions USING asked WHERE";
        Statements {
            load_seal: self.sql("SELECT seal FROM {schema}.seal"),
            replace_seal: self.sql(&format!(
                "WITH asked AS MATERIALIZED ({IN_TIME}) SELECT ok, \
                 CASE WHEN ok THEN {{schema}}.replace_seal($2, $3) END FROM asked"
            )),
            save_anything: save(format!(
                "{insert} ON CONFLICT (issuer, profile) DO UPDATE SET record = excluded.record, \
                 tag = excluded.tag, digest = excluded.digest, expires_at = excluded.expires_at \
                 WHERE $7::boolean OR NOT {is_sealed}"
            )),
            save_absent: save(format!("{insert} ON CONFLICT DO NOTHING")),
            save_tag: save(format!(
                "{update} {set} FROM asked WHERE {here} AND NOT asked.refused AND {}",
                MATCHES.replace("$T", "$8::bytea")
            )),
            remove_anything: change(format!("{delete} {here}")),
            // nothing is removed: whether something is there
            remove_absent: self.sql(&format!(
                "WITH asked AS MATERIALIZED ({IN_TIME}) SELECT ok, EXISTS (SELECT FROM \
                 {{schema}}.sessions WHERE issuer = $2 AND profile = $3) FROM asked"
            )),
            remove_tag: change(format!(
                "{delete} {here} AND {}",
                MATCHES.replace("$T", "$4::bytea")
            )),
            remove_issuer: self.sql(&format!(
                "WITH asked AS MATERIALIZED ({IN_TIME}), done AS (DELETE FROM {{schema}}.sessions \
                 USING asked WHERE asked.ok AND issuer = $2 RETURNING profile) \
                 SELECT ok, ARRAY(SELECT profile FROM done ORDER BY profile) FROM asked"
            )),
            profiles: self.sql("SELECT profile FROM {schema}.sessions WHERE issuer = $1"),
            list: self.sql("SELECT issuer, profile FROM {schema}.sessions"),
            list_page: self.sql(
                "SELECT issuer, profile FROM {schema}.sessions \
                 WHERE (issuer, profile) > ($1::text, $2::text) \
                 ORDER BY issuer, profile LIMIT $3",
            ),
        }
    }
}

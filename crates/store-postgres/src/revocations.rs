//! What was revoked.

use crate::batch::{Ask, Batches};
use crate::database::{Postgres, Values, nanos};
use crate::error::Error;
use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use session_core::StoreError;
use session_core::revoke::{AcceptedRevocation, RevocationLedger, Revocations, Revoked};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Revocations that every process shares that uses the database. Clones share them.
///
/// Capabilities that are asked about while a statement is under way go with the next one.
#[derive(Clone, Debug)]
pub struct PostgresRevocations {
    known: Batches<Known>,
    record: Arc<str>,
    count: Arc<str>,
}

struct Known {
    database: Postgres,
    statement: Arc<str>,
}

/// Account, identity and time of a capability.
type Asked = (Vec<u8>, Vec<u8>, String);

impl Postgres {
    /// The revocations in this database.
    #[must_use]
    pub fn revocations(&self) -> PostgresRevocations {
        let statement = self.sql(
            "SELECT EXISTS (SELECT FROM {schema}.revocations AS one \
             WHERE one.account = asked.account AND one.identity = asked.identity) \
             OR EXISTS (SELECT FROM {schema}.revocations AS all_of \
             WHERE all_of.account = asked.account AND all_of.identity = ''::bytea \
             AND all_of.all_before >= asked.issued_at::numeric) \
             FROM unnest($1::bytea[], $2::bytea[], $3::text[]) WITH ORDINALITY \
             AS asked (account, identity, issued_at, place) ORDER BY place",
        );
        // what is there becomes neither smaller nor shorter; without an end is the longest
        let record = self.change_sql(
            "done AS (INSERT INTO {schema}.revocations AS known \
             (account, identity, issuer, domain, all_before, keep_until) \
             SELECT account, identity, issuer, domain, all_before::numeric, keep_until::numeric \
             FROM unnest($2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[]) \
             AS new (account, identity, issuer, domain, all_before, keep_until) \
             WHERE (SELECT ok FROM asked) ORDER BY account, identity \
             ON CONFLICT (account, identity) DO UPDATE SET \
             all_before = greatest(known.all_before, excluded.all_before), \
             keep_until = CASE WHEN known.keep_until IS NULL OR excluded.keep_until IS NULL \
             THEN NULL ELSE greatest(known.keep_until, excluded.keep_until) END)",
            "true",
        );
        PostgresRevocations {
            known: Batches::new(
                Known {
                    database: self.clone(),
                    statement,
                },
                self.max_wait() * 2,
            ),
            record,
            count: self.sql("SELECT count(*) FROM {schema}.revocations WHERE account = $1"),
        }
    }
}

/// Stands for an issuer and a domain, whatever their lengths.
fn account(issuer: &Issuer, domain: &str) -> Vec<u8> {
    let issuer = issuer.normalized().did();
    // a DID has no white space, so that the two cannot run into each other
    let hash = Sha256::new_with_prefix(issuer).chain_update(b" ");
    hash.chain_update(domain).finalize().to_vec()
}

#[async_trait]
impl Ask for Known {
    type Question = Asked;
    type Answer = bool;

    async fn ask(&self, asked: Vec<Asked>) -> Result<Vec<bool>, Error> {
        let mut accounts = Vec::with_capacity(asked.len());
        let mut identities = Vec::with_capacity(asked.len());
        let mut times = Vec::with_capacity(asked.len());
        for (account, identity, time) in asked {
            accounts.push(account);
            identities.push(identity);
            times.push(time);
        }
        let values: Values<'_> = &[&accounts, &identities, &times];
        let rows = self.database.read(&self.statement, values).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

#[async_trait]
impl Revocations for PostgresRevocations {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        let payload = capability.payload();
        let account = account(payload.issuer(), payload.domain());
        let identity = capability.identity().to_bytes();
        let issued_at = nanos(payload.issued_at().unix_time());
        let revoked = self.known.ask((account, identity, issued_at)).await;
        revoked.map_err(|error| error.at("cannot ask what was revoked"))
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        // each once
        let mut ledger = RevocationLedger::default();
        ledger.record(revocation);
        let (mut accounts, mut identities) = (Vec::new(), Vec::new());
        let (mut issuers, mut domains) = (Vec::new(), Vec::new());
        let (mut times, mut untils) = (Vec::new(), Vec::new());
        for entry in ledger.entries() {
            accounts.push(account(entry.issuer(), entry.domain()));
            let (identity, all_before) = match entry.revoked() {
                Revoked::Identity(identity) => (identity.to_bytes(), None),
                Revoked::AllBefore(time) => (Vec::new(), Some(nanos(time))),
            };
            identities.push(identity);
            times.push(all_before);
            issuers.push(entry.issuer().did());
            domains.push(entry.domain().to_owned());
            untils.push(entry.keep_until().map(nanos));
        }
        let database = &self.known.asker().database;
        let values: Values<'_> = &[&accounts, &identities, &issuers, &domains, &times, &untils];
        let recorded = database.change(&self.record, values).await;
        recorded.map_err(|failure| failure.error.at("cannot record a revocation"))?;
        Ok(())
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        let failed = |error: Error| error.at("cannot count revocations");
        let Known { database, .. } = self.known.asker();
        let account = account(issuer, domain);
        let rows = database.read(&self.count, &[&account]).await;
        let rows = rows.map_err(failed)?;
        let row = rows.first().ok_or_else(|| Error::answer("it has no row"));
        let count: i64 = row.and_then(|row| Ok(row.try_get(0)?)).map_err(failed)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        let database = &self.known.asker().database;
        let ended = "ended AS (SELECT account, identity FROM {schema}.revocations \
             WHERE (SELECT ok FROM asked) AND keep_until < $2::text::numeric \
             LIMIT 5000 FOR UPDATE SKIP LOCKED), \
             gone AS (DELETE FROM {schema}.revocations AS known USING ended \
             WHERE (known.account, known.identity) = (ended.account, ended.identity) RETURNING 1)";
        let purged = database.delete_all(ended, &[&nanos(now)]).await;
        let purged = purged.map_err(|error| error.at("cannot purge revocations"))?;
        Ok(usize::try_from(purged).unwrap_or(usize::MAX))
    }
}
